"""The verb `estimate`: the hours that millions of notes take, from the rate of one worker."""

import tempfile
import time
from pathlib import Path
from typing import Annotated, List, NamedTuple, Optional, Sequence

import typer

from ..bulk.batches import Plan
from ..bulk.engines import make_worker_annotator
from ..bulk.runs import ROWS, count_answers
from ..bulk.schema import OWN
from ..bulk.sources import FAULT, FIRST, ID, SECOND, TEXT, open_source

PARTS = 8  # places of the input that a sample is taken from
WORKERS = (1, 8, 64, 512)
NOTES = (10**6, 10**8, 10**9)
KEPT = 0.9


class Rate(NamedTuple):
    """What one worker annotates in a second, and what that is known from."""

    notes: float
    basis: str


def estimate(
    model: Annotated[
        Optional[str], typer.Argument(metavar="[MODEL", help="The pipeline: an installed package or a folder.")
    ] = None,
    input_path: Annotated[
        Optional[Path], typer.Argument(metavar="INPUT]", help="Notes like those to come, as annotate takes them.")
    ] = None,
    rate: Annotated[
        Optional[float], typer.Option(min=1e-6, help="Notes a second of a worker, known already.", show_default=False)
    ] = None,
    workers: Annotated[
        Optional[List[int]],
        typer.Option(min=1, help=f"Cores or GPUs. Repeatable. [default: {', '.join(map(str, WORKERS))}]"),
    ] = None,
    notes: Annotated[
        Optional[List[int]],
        typer.Option(min=1, help="Notes to come. Repeatable. [default: 10^6, 10^8, 10^9]", show_default=False),
    ] = None,
    kept: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="What a worker keeps of its rate beside others, on an engine.")
    ] = KEPT,
    price: Annotated[Optional[float], typer.Option(min=0.0, help="Of a worker, an hour.", show_default=False)] = None,
    sample: Annotated[int, typer.Option(min=1, help="Notes of INPUT that are measured.")] = 256,
    text_field: Annotated[str, typer.Option(help="Column or key of a note's text.")] = "text",
    threads: Annotated[int, typer.Option(min=1, help="Threads of a worker.")] = 1,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Tell how many hours notes take on how many cores or GPUs.

    Measures one worker on some of the notes in INPUT, by what the command, Spark and Ray all call, or takes --rate.
    Says what it assumes. Nothing is written.
    """
    if (rate is None) == (input_path is None) or (rate is not None and model is not None):
        raise typer.BadParameter("Expected MODEL and INPUT to measure, or a rate.", param_hint="--rate")
    found = Rate(rate or 0.0, "as given")
    if rate is None and input_path is not None:
        found = measure(str(model), input_path, sample=sample, text=text_field, threads=threads, gpu_id=gpu_id)
    for line in describe(found, workers=workers or WORKERS, notes=notes or NOTES, kept=kept, price=price):
        typer.echo(line)


def measure(model: str, path: Path, *, sample: int, text: str, threads: int, gpu_id: int) -> Rate:
    """Measure one worker on notes from several places of an input, after a first batch that is not counted.

    RAISES: ValueError or OSError for an input or a pipeline that cannot be used.
    """
    with tempfile.TemporaryDirectory() as scratch:
        source = open_source(path, listing=Path(scratch) / "listing", text=text)
        batches = [piece.batch for piece in source.read(choose_ranges(source.total, sample), ROWS)]
    if not batches:
        raise ValueError(f"Expected notes to measure in {path}, found none.")
    plan = Plan(
        model,
        text=TEXT if source.notes else None,
        pair=(FIRST, SECOND) if source.pairs else None,
        id=ID,
        fault=FAULT,
        drop=tuple(field.name for field in source.others if field.name in OWN),
        gpu_id=gpu_id,
    )
    annotate = make_worker_annotator(plan, threads=threads)
    annotate(batches[0])
    begun = time.perf_counter()
    counts = [count_answers(annotate(batch)) for batch in batches]
    seconds = time.perf_counter() - begun
    rows, failed = (sum(count[what] for count in counts) for what in ("inputs", "failed"))
    if rows == failed:
        raise ValueError(f"Expected notes that can be annotated in {path}, got none among {rows:,}.")
    names = [name for name in (TEXT, FIRST, SECOND) if name in batches[0].schema.names]
    length = sum(len(cell or "") for batch in batches for name in names for cell in batch.column(name).to_pylist())
    device = f"GPU {gpu_id}" if gpu_id >= 0 else f"{threads} thread{'s' * (threads > 1)}"
    good = rows - failed
    told = f", {failed:,} more that cannot be annotated left out" if failed else ""
    basis = f"{device}, {good:,} of {source.total:,} in {path}, {length / good:,.0f} characters each{told}"
    return Rate(good / seconds, basis)


def choose_ranges(total: int, sample: int) -> List[range]:
    """Choose positions in several places, evenly, and all where there are no more than wanted."""
    if total <= sample:
        return [range(total)]
    parts = min(PARTS, sample)
    starts = [sample * part // parts for part in range(parts + 1)]
    skips = [(total - sample) * part // parts for part in range(parts)]
    return [range(start + skip, end + skip) for start, end, skip in zip(starts, starts[1:], skips)]


def describe(
    rate: Rate, *, workers: Sequence[int], notes: Sequence[int], kept: float, price: Optional[float]
) -> List[str]:
    """Describe a rate in lines: a table of hours, and what it assumes."""
    rows = [["workers", *(f"{number:,}" for number in notes)]]
    for count in workers:
        hours = [count_hours(number, rate=rate.notes, workers=count, kept=kept) for number in notes]
        rows.append([f"{count:,}", *(f"{taken:,.1f} h" for taken in hours)])
        if price is not None:
            rows.append(["", *(f"{taken * count * price:,.2f}" for taken in hours)])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        f"A worker annotates {rate.notes:,.2f} a second ({rate.basis}).",
        "",
        *("  ".join(cell.rjust(width) for cell, width in zip(row, widths)) for row in rows),
        "",
        "Assumed: the notes to come are as long as these, and every worker has a core (or GPU) as fast as this one,",
        f"keeps {kept:g} of its rate among others (two or more), and always has something to do. Not counted: starting",
        "the engine and loading the pipeline once a worker, reading and writing, and what is done again after a fault.",
        *([f"Under the hours, the price: each worker costs {price:g} an hour."] if price is not None else []),
    ]


def count_hours(notes: int, *, rate: float, workers: int, kept: float) -> float:
    """Count the hours of a job. A worker alone keeps all of its rate."""
    return notes / (rate * workers * (1.0 if workers == 1 else kept)) / 3600
