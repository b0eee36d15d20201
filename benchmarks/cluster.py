"""Spark and Ray: two workers against one, the engine against the annotation command, and the memory of a worker.

    python -m benchmarks.cluster MODEL [--notes 600] [--rounds 3] [--engines spark ray] [--quick]

Notes of `mtsamples` (as `annotate.py` finds them) in Parquet files, to Parquet files, by one thread a worker: by the
command in this process, and by one and by two workers of each engine, all on this machine. Start-up is taken out and
stated. Spark keeps its Python workers: a job on a few words goes before, and its seconds count as
start-up. Ray starts its actors with each job: the seconds of such a job count as start-up, and are taken off. Memory is
the resident memory of the processes that hold a pipeline, once a second: after a quarter of a job and at its end.
What the machine itself gives is the command in two processes at once, half the notes each, against one.
Medians of the rounds; with two cores and nothing else running, or two workers have less than two cores.
Writes `metrics/cluster.json`.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from benchmarks.annotate import PAGE, ROOT, say, write_notes
from spacy_mtclinical.bulk.jobs import annotate_files
from spacy_mtclinical.bulk.pipelines import get_pipeline
from spacy_mtclinical.outputs import write_json

FILES = 16  # of notes: partitions of Spark, blocks of Ray
HOLDS = 100 * 2**20  # bytes: a worker with less has no pipeline yet
MARKS = {"spark": (b"pyspark.daemon",), "ray": (b"ray::", b"Annotator")}


class Engine(NamedTuple):
    """An engine with so many workers that is up.

    run: Annotates a folder of Parquet files to another.
    per_job: Whether a job starts the workers anew.
    """

    run: Callable[[Path, Path], None]
    per_job: bool
    start_s: float


def write_tables(texts: List[str], folder: Path, *, files: int) -> Path:
    """Write notes, in an order of their own, as files of about the same number of characters."""
    folder.mkdir()
    order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
    for number in range(min(files, len(texts))):
        rows = order[number::files]
        random.Random(number).shuffle(rows)
        table = pa.table({"id": [str(row) for row in rows], "text": [texts[row] for row in rows]})
        pq.write_table(table, folder / f"{number:02}.parquet")
    return folder


def start_spark(model: str, workers: int, scratch: Path) -> Iterator[Engine]:
    from pyspark.sql import SparkSession

    from spacy_mtclinical.spark import annotate

    os.environ.update(PYSPARK_PYTHON=sys.executable)
    begun = time.perf_counter()
    settings: Dict[str, Any] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "localhost",
        "spark.log.level": "ERROR",
        "spark.executor.memory": "1g",
        "spark.sql.files.openCostInBytes": "134217728",  # a partition a file
        "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
        "spark.local.dir": str(scratch / "local"),
    }
    builder = SparkSession.builder.master(f"local-cluster[{workers},1,1024]").config(map=settings)
    spark = builder.getOrCreate()

    def run(notes: Path, out: Path) -> None:
        annotate(spark.read.parquet(str(notes)), model=model).write.parquet(str(out))

    yield Engine(run, False, time.perf_counter() - begun)
    spark.stop()


def start_ray(model: str, workers: int, scratch: Path) -> Iterator[Engine]:
    import ray.data

    from spacy_mtclinical.ray import annotate

    os.environ.update(RAY_USAGE_STATS_ENABLED="0")
    begun = time.perf_counter()
    ray.init(num_cpus=workers + 2, object_store_memory=2 * 10**8, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False

    def run(notes: Path, out: Path) -> None:
        rows = max(1, sum(pq.read_metadata(file).num_rows for file in notes.iterdir()) // FILES)
        dataset = ray.data.read_parquet(str(notes))
        annotate(dataset, model=model, concurrency=workers, rows=rows).write_parquet(str(out))

    yield Engine(run, True, time.perf_counter() - begun)
    ray.shutdown()


def measure_engine(name: str, model: str, workers: int, notes: Path, scratch: Path, *, rounds: int) -> Dict[str, Any]:
    """Measure an engine with so many workers."""
    total = sum(pq.read_metadata(file).num_rows for file in notes.iterdir())
    few = scratch / "few"
    if not few.exists():
        write_tables(["no fever"] * FILES, few, files=FILES)
    stream = {"spark": start_spark, "ray": start_ray}[name](model, workers, scratch)
    engine = next(stream)
    seconds, starts, memory = [], [], []
    for number in range(rounds):
        if engine.per_job or not number:
            starts.append(time_job(engine, few, scratch))
        with Watch(MARKS[name]) as watch:
            seconds.append(time_job(engine, notes, scratch) - (starts[-1] if engine.per_job else 0.0))
        memory.append(watch.describe())
        say(f"{name}, {workers} workers: {total / seconds[-1]:.2f} notes a second, {memory[-1]}")
    next(stream, None)
    return {
        "per_s": [round(total / taken, 3) for taken in seconds],
        "rate": round(total / median(seconds), 3),
        "engine_start_s": round(engine.start_s, 2),
        "workers_start_s": round(median(starts), 2),
        "memory": memory,
    }


def time_job(engine: Engine, notes: Path, scratch: Path) -> float:
    out = scratch / "out"
    begun = time.perf_counter()
    engine.run(notes, out)
    seconds = time.perf_counter() - begun
    wanted = sum(pq.read_metadata(file).num_rows for file in notes.iterdir())
    table = pq.read_table(out, columns=["id", "error"])
    if sorted(table["id"].to_pylist()) != sorted(pq.read_table(notes)["id"].to_pylist()) or table.num_rows != wanted:
        raise SystemExit("Rows were lost, or are there twice.")
    shutil.rmtree(out)
    return seconds


class Watch:
    """Resident memory of the processes whose command line has some words, once a second."""

    def __init__(self, marks: Any) -> None:
        self.marks, self.found, self.over = marks, {}, threading.Event()  # type: ignore[var-annotated]
        self.thread = threading.Thread(target=self.look, daemon=True)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.over.set()
        self.thread.join()

    def look(self) -> None:
        while not self.over.wait(1.0):
            for entry in Path("/proc").iterdir():
                try:
                    if entry.name.isdigit() and all(m in (entry / "cmdline").read_bytes() for m in self.marks):
                        held = int((entry / "statm").read_text().split()[1]) * PAGE
                        if held > HOLDS:
                            self.found.setdefault(int(entry.name), []).append(held)
                except OSError:  # it has ended
                    continue

    def describe(self) -> List[Dict[str, float]]:
        """MB of each worker after a quarter, at the end and at most; and the end by the quarter."""
        made = []
        for held in self.found.values():
            quarter, end = held[len(held) // 4], held[-1]
            sizes = {"quarter_mb": quarter, "end_mb": end, "most_mb": max(held)}
            made.append({**{k: round(v / 2**20, 1) for k, v in sizes.items()}, "growth": round(end / quarter, 3)})
        return made


def measure_command(model: str, notes: Path, scratch: Path, *, rounds: int) -> Dict[str, Any]:
    """Measure the command's own function in this process, from one Parquet file of the same notes in the same order."""
    whole = scratch / "whole.parquet"
    pq.write_table(pq.read_table(notes), whole)
    torch.set_num_threads(1)
    nlp = get_pipeline(model)
    for _ in nlp.pipe(pq.read_table(whole)["text"].to_pylist()[:16]):
        pass
    rates = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = annotate_files(model, whole, scratch / "command", force=True)
        rates.append(found.counts["inputs"] / (time.perf_counter() - begun))
        say(f"command: {rates[-1]:.2f} notes a second")
    return {"per_s": [round(rate, 3) for rate in rates], "rate": round(median(rates), 3)}


def measure_halves(model: str, notes: Path, scratch: Path, *, rounds: int) -> float:
    """Measure two processes of the command at once, a half of the notes each: notes a second."""
    files = sorted(notes.iterdir())
    halves = [scratch / f"half_{number}.parquet" for number in (0, 1)]
    for number, half in enumerate(halves):
        pq.write_table(pa.concat_tables([pq.read_table(file) for file in files[number::2]]), half)
    total = sum(pq.read_metadata(half).num_rows for half in halves)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    with context.Pool(2, initializer=keep, initargs=(barrier,)) as pool:
        work = [(model, half, half.with_suffix(""), rounds) for half in halves]
        spans = pool.starmap(annotate_half, work, chunksize=1)
    taken = [max(end for _, end in both) - min(begun for begun, _ in both) for both in zip(*spans)]
    return total / median(taken)


def keep(barrier: Any) -> None:
    global together
    together = barrier


def annotate_half(model: str, notes: Path, out: Path, rounds: int) -> List[Tuple[float, float]]:
    """Annotate a file, when the other process does: begin and end of each round."""
    torch.set_num_threads(1)
    for _ in get_pipeline(model).pipe(pq.read_table(notes)["text"].to_pylist()[:16]):
        pass
    found = []
    for _ in range(rounds):
        together.wait()
        begun = time.time()
        annotate_files(model, notes, out, force=True)
        found.append((begun, time.time()))
    return found


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a trained pipeline, package or folder")
    parser.add_argument("--notes", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engines", nargs="+", default=["spark", "ray"], choices=["spark", "ray"])
    parser.add_argument("--quick", action="store_true", help="60 notes, one round: to see that it runs")
    parser.add_argument("--output", type=Path, default=ROOT / "metrics" / "cluster.json")
    options = parser.parse_args(arguments)
    number, rounds = (60, 1) if options.quick else (options.notes, options.rounds)
    os.environ.update(OMP_NUM_THREADS="1", RAYON_NUM_THREADS="1")
    model = str(Path(options.model).resolve()) if Path(options.model).exists() else options.model
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        corpus = write_notes(scratch / "files", number)
        texts = [file.read_bytes().decode("utf8") for file in sorted((scratch / "files").iterdir())]
        notes = write_tables(texts, scratch / "notes", files=FILES)
        found: Dict[str, Any] = {
            "corpus": corpus,
            "characters_a_note": round(sum(map(len, texts)) / len(texts)),
            "model": get_pipeline(model).meta["name"],
            "threads_a_worker": 1,
            "quick": options.quick,
            "command": measure_command(model, notes, scratch, rounds=rounds),
        }
        found["command"]["two_processes_rate"] = measure_halves(model, notes, scratch, rounds=rounds)
        found["command"]["two_against_one"] = found["command"]["two_processes_rate"] / found["command"]["rate"]
        say(f"command: two processes against one {found['command']['two_against_one']:.2f}")
        for name in options.engines:
            one, two = (measure_engine(name, model, n, notes, scratch, rounds=rounds) for n in (1, 2))
            scaling, overhead = two["rate"] / one["rate"], one["rate"] / found["command"]["rate"]
            found[name] = {
                "two_against_one": round(scaling, 3),
                "one_against_command": round(overhead, 3),
                "workers": {"1": one, "2": two},
            }
            say(f"{name}: two against one {scaling:.2f}, one against the command {overhead:.2f}")
    options.output.parent.mkdir(exist_ok=True)
    before = json.loads(options.output.read_text()) if options.output.exists() else {}
    write_json(options.output, {**before, **found})


if __name__ == "__main__":
    main()
