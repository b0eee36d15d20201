"""One trial in a process of its own: train by the configuration in a folder, score on dev, write the result there.
What a killed one has learnt is gone on with.

    python -m spacy_mtclinical.experiments.trial FOLDER --gpu-id -1

Ends at once when its standard input ends, so that it does not outlive who started it.
"""

import argparse
import logging
import os
import platform
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

import spacy
import torch
import typer
from spacy.cli._util import setup_gpu
from spacy.language import Language
from spacy.util import load_config, logger
from thinc.api import Config

from .. import __version__
from ..averaging import average_pipelines
from ..checkpoints import FINISHED, FOLDER, go_on, remove
from ..evaluation import evaluate_task, find_metric, read_examples
from ..failures import tell_unexpected
from ..loading import find_component, load_pipeline
from ..outputs import read_json, write_json
from ..training import identify, train
from .intervals import Resampled, resample_task, write_resampled
from .trials import AVERAGE, CONFIG, MODEL, RESAMPLED, RESULT, SETTINGS, TRAINING

ORDERS = 1000  # between the seeds of the order of two runs that are averaged; seeds of trials are fewer


def run_trial(folder: Path, *, gpu_id: int = -1) -> Dict[str, Any]:
    """Train, score on dev, and write what came of it: weights, scores of other draws of dev, and last the result."""
    raw, settings = load_config(folder / CONFIG, interpolate=False), read_json(folder / SETTINGS)
    config = raw.interpolate()
    setup_gpu(gpu_id)
    identity = {**identify(raw), "version": __version__}
    numbers = range(settings["inputs"].get(AVERAGE, 1))
    trained = [train_once(folder, number, config=raw, identity=identity, gpu_id=gpu_id) for number in numbers]
    best = [output / "model-best" for output in trained]
    begun = time.perf_counter()
    corpus, tasks = Path(config["paths"]["corpus"]), config["corpora"]["dev"]["tasks"]
    runs = []
    for model in best if len(best) > 1 else ():
        alone, _ = score(load_pipeline(str(model), gpu_id=gpu_id), corpus, tasks)
        runs.append({task: found["score"] for task, found in alone.items()})
    pipelines = (load_pipeline(str(model), gpu_id=gpu_id) for model in best)
    nlp = average_pipelines(pipelines) if runs else next(pipelines)
    scores, resampled = score(nlp, corpus, tasks)
    known = [found["score"] for found in scores.values() if found["score"] is not None]
    result = {
        "scores": scores,
        "runs": runs,
        "mean": statistics.fmean(known) if known else 0.0,
        "parameters": count_parameters(nlp),
        "seconds": {
            "training": sum(read_json(output / FOLDER / FINISHED)["seconds"] for output in trained),
            "evaluating": time.perf_counter() - begun,
        },
        "course": settings.get("course", {}),
        "hardware": describe_hardware(gpu_id),
        "versions": {"spacy_mtclinical": __version__, "spacy": spacy.__version__, "torch": torch.__version__},
    }
    remove(folder / MODEL)
    if len(best) == 1:
        shutil.copytree(best[0], folder / MODEL)
    else:
        nlp.to_disk(folder / MODEL)
    write_resampled(folder / RESAMPLED, resampled)
    write_json(folder / RESULT, result)
    shutil.rmtree(folder / TRAINING, ignore_errors=True)  # if not now, then when this run is next asked for
    return result


def train_once(folder: Path, number: int, *, config: Config, identity: Dict[str, Any], gpu_id: int) -> Path:
    """Train by the configuration of a trial, the batches in another order for each number, or go on with that.

    identity: What the trial is, see `training.identify`.
    RETURNS: The folder of the run, with its best model.
    """
    seed = config["corpora"]["train"]["seed"] + ORDERS * number
    config = config.copy()
    config["corpora"]["train"]["seed"] = seed
    identity = {**identity, "corpora.train.seed": seed}
    output = folder / TRAINING / str(number)
    try:
        start, ended = go_on(output, identity, notify=typer.echo)
    except ValueError as error:
        typer.echo(f"begun anew: {error}")
        remove(output)
        start, ended = None, False
    if not ended:
        typer.echo(f"going on after {start.position} steps" if start else "beginning")
        train(config, output, identity=identity, start=start, use_gpu=gpu_id)
    return output


def score(nlp: Language, corpus: Path, tasks: List[str]) -> Any:
    """Score a pipeline on dev.

    RETURNS: Task to metric and score (None where its gold allows none), and task to its score for other draws of the
        documents.
    """
    component = find_component(nlp)
    scores = {}
    resampled: Dict[str, Optional[Resampled]] = {}
    for task in tasks:
        examples = read_examples(nlp, corpus, task=task, split="dev", limit=None)
        found = evaluate_task(nlp, component, task, examples)
        scores[task] = {name: found[name] for name in ("metric", "score", "documents")}
        metric = find_metric(component, task, kind=found["kind"])
        resampled[task] = resample_task(metric, examples, task)
    return scores, resampled


def count_parameters(nlp: Language) -> int:
    """The numbers that a pipeline has learnt: of the heads, and of the encoder."""
    total = 0
    for node in find_component(nlp).model.walk():
        total += sum(node.get_param(name).size for name in node.param_names if node.has_param(name))
        for shim in node.shims:
            total += sum(parameter.numel() for parameter in shim._model.parameters())
    return total


def describe_hardware(gpu_id: int) -> Dict[str, Any]:
    """What it ran on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(gpu_id) if gpu_id >= 0 else None,
    }


def end_with_input() -> None:
    """Wait for the end of standard input, then end this process."""
    while os.read(0, 1):  # not sys.stdin, whose lock would be in the way of an orderly end
        pass
    os._exit(3)


def run_guarded(folder: Path, *, gpu_id: int) -> int:
    """Run a trial; of an error that is a bug, tell where it happened, but not its message, which may quote a note.

    RETURNS: The exit status.
    RAISES: ValueError and OSError, whose messages quote no text.
    """
    try:
        run_trial(folder, gpu_id=gpu_id)
    except (ValueError, OSError):
        raise
    except Exception as error:  # noqa: BLE001  (a traceback would print the message, and the log is kept)
        tell_unexpected(error)
        return 1
    return 0


def main(arguments: Optional[List[str]] = None) -> int:
    """Run the trial that a folder holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gpu-id", type=int, default=-1)
    found = parser.parse_args(arguments)
    logger.setLevel(logging.INFO)
    threading.Thread(target=end_with_input, daemon=True).start()
    return run_guarded(found.folder, gpu_id=found.gpu_id)


if __name__ == "__main__":
    sys.exit(main())
