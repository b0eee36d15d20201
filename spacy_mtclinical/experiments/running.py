"""Trials run one after the other or side by side, each in a process of its own; finished ones are left alone.
Those that were killed go on."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, List

from tqdm import tqdm

from ..bulk.locks import lock_folder
from ..outputs import write_json
from .trials import CONFIG, LOG, SETTINGS, TRAINING, Trial, check_same, find_differences

Start = Callable[..., int]
Notify = Callable[[str], None]
THREADS = "OMP_NUM_THREADS"


def spawn(folder: Path, *, gpu_id: int, jobs: int) -> int:
    """Run the trial of a folder in a process that ends with this one. RETURNS: Its exit status."""
    environment = dict(os.environ)
    if jobs > 1 and gpu_id < 0:
        environment.setdefault(THREADS, str(max(1, (os.cpu_count() or 1) // jobs)))
    command = [sys.executable, "-m", "spacy_mtclinical.experiments.trial", str(folder), "--gpu-id", str(gpu_id)]
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=environment
        )
        try:
            return process.wait()
        finally:
            if process.stdin:
                process.stdin.close()
            if process.poll() is None:
                process.kill()
                process.wait()


def run_trials(
    trials: List[Trial],
    *,
    gpu_id: int = -1,
    jobs: int = 1,
    notify: Notify = lambda message: None,
    start: Start = spawn,
) -> List[Trial]:
    """Run the trials that are not finished.

    jobs: How many at once.
    notify: Told how far it is after each.
    start: Runs the trial of a folder; returns its exit status.
    RETURNS: Those that failed; the others are finished.
    RAISES: ValueError, before anything is run, for a finished trial with other settings; for one that another process
        is running.
    """
    check_same(trials)
    waiting = [trial for trial in trials if not trial.is_finished]
    for trial in trials:
        if trial.is_finished:
            shutil.rmtree(trial.folder / TRAINING, ignore_errors=True)
    work = sum(trial.course.subwords for trial in waiting)
    failed: List[Trial] = []
    begun = time.monotonic()
    done: List[Trial] = []

    def run(trial: Trial) -> None:
        with lock_folder(trial.folder.with_name(f"{trial.folder.name}.running")):
            prepare(trial)
            status = start(trial.folder, gpu_id=gpu_id, jobs=jobs)
        done.append(trial)
        if status or not trial.is_finished:
            failed.append(trial)
            notify(f"failed: {trial.name} with status {status}, see {trial.folder / LOG}")
            return
        elapsed = time.monotonic() - begun
        read = sum(trial.course.subwords for trial in done)
        left = tqdm.format_interval(elapsed * (work - read) / read) if read < work else "none"
        notify(
            f"{len(done)} of {len(waiting)}: {trial.name}, mean {trial.result['mean']:.4f} "
            f"in {tqdm.format_interval(trial.result['seconds']['training'])}; {left} left"
        )

    if jobs == 1:
        for trial in waiting:
            run(trial)
        return failed
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        list(pool.map(run, waiting))
    finally:
        pool.shutdown(cancel_futures=True)
    return failed


def prepare(trial: Trial) -> None:
    """Make the folder of a trial; what a killed one with the same settings left in it stays."""
    if trial.folder.exists() and (not (trial.folder / SETTINGS).exists() or find_differences(trial)):
        shutil.rmtree(trial.folder)
    trial.folder.mkdir(parents=True, exist_ok=True)
    trial.config.to_disk(trial.folder / CONFIG, interpolate=False)
    write_json(trial.folder / SETTINGS, {**trial.settings, "course": trial.course._asdict()})
