"""The verb `annotate`: a folder or file of notes, or of pairs, to a row of answers each."""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import IO, Annotated, Any, Callable, Dict, Iterator, List, Optional, Tuple

import typer
from tqdm import tqdm

from ..annotation import Row, annotate_items
from ..display import format_item
from ..inputs import KINDS, Item, Source, open_source
from ..loading import load_pipeline
from ..outputs import check_output, format_line, open_aside
from ..progress import track

FAILED = "failed"


def annotate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The pipeline: an installed package or a folder.")],
    input_path: Annotated[
        Path, typer.Argument(metavar="INPUT", help=f"A folder of .txt files, or a file: {', '.join(KINDS)}.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The .jsonl file to write, a row an input.")],
    text_field: Annotated[str, typer.Option(help="Column or key of a note's text.")] = "text",
    id_field: Annotated[
        Optional[str], typer.Option(help="That of its identifier. [default: id, else the line's number]")
    ] = None,
    first: Annotated[Optional[str], typer.Option(help="Column or key of a pair's first text.")] = None,
    second: Annotated[Optional[str], typer.Option(help="That of its second text.")] = None,
    task: Annotated[
        Optional[List[str]], typer.Option(help="Keep this task's answers only. Repeatable.", show_default=False)
    ] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Write texts and mentions into the rows.")] = False,
    batch_size: Annotated[
        Optional[int], typer.Option(min=1, help="Notes a batch. [default: the pipeline's]", show_default=False)
    ] = None,
    n_process: Annotated[int, typer.Option(min=1, help="Processes that annotate, on CPU.")] = 1,
    show: Annotated[int, typer.Option(min=0, help="Print the first N notes, TEXT INCLUDED, on stdout.")] = 0,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
    force: Annotated[bool, typer.Option("--force", help="Replace OUTPUT if it is there.")] = False,
) -> None:
    """Annotate notes or pairs: one row of JSON each, in their order, whatever happens.

    A note that cannot be read or annotated gets a row with its id and the reason in "error", and the run goes on.
    Offsets count the characters of the text as it is in the file; each .txt file has to be UTF-8. OUTPUT gets its
    name when it is whole; until then it is OUTPUT.part. No text goes anywhere unless --with-text or --show asks for
    it. Exit status: 1 if a note failed or nothing could be done, 2 on wrong use.
    """
    if (first is None) != (second is None):
        raise typer.BadParameter("Expected --first and --second together.", param_hint="--first")
    if n_process > 1 and gpu_id >= 0:
        raise typer.BadParameter("Expected one process on a GPU.", param_hint="--n-process")
    if output.suffix.lower() != ".jsonl":
        raise typer.BadParameter(f"Expected a name that ends in .jsonl, got {output}.", param_hint="OUTPUT")
    try:
        check_output(output, source=input_path, force=force)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="OUTPUT") from None
    pair = (first, second) if first is not None and second is not None else None
    source = open_source(input_path, text=text_field, id=id_field, pair=pair)
    for notice in source.notices:
        typer.echo(f"note: {notice}", err=True)
    nlp = load_pipeline(model, gpu_id=gpu_id)
    begun = time.monotonic()

    def run(items: Iterator[Item]) -> Iterator[Tuple[Item, Row]]:
        return annotate_items(nlp, items, batch_size=batch_size, n_process=n_process, with_text=with_text, only=task)

    with open_aside(output) as file:
        counts = write_rows(source, run, file=file, show=show)
    for line in summarise(counts, seconds=time.monotonic() - begun):
        typer.echo(line, err=True)
    if counts[FAILED]:
        raise typer.Exit(1)


def write_rows(
    source: Source, run: Callable[[Iterator[Item]], Iterator[Tuple[Item, Row]]], *, file: IO[str], show: int
) -> Dict[str, Any]:
    """Write a row an item, print the first few, and count."""
    counts: Counter = Counter()
    for item, row in track(run(source.items), title="inputs", total=source.total):
        if counts["inputs"] < show:
            print_item(item, row)
        file.write(format_line(row))
        counts["inputs"] += 1
        counts[FAILED] += row["error"] is not None
        counts["pairs shortened"] += any(row.get("shortened", ()))
        for task, entities in row["entities"].items():
            counts[f"entities of {task}"] += len(entities)
        for task in row["pairs"]:
            counts[f"answers of {task}"] += 1
    return counts


def print_item(item: Item, row: Row) -> None:
    """Print an item with its text on stdout, whatever characters that can show."""
    encoding = sys.stdout.encoding or "utf8"
    shown = format_item(item, row).encode(encoding, "backslashreplace").decode(encoding)
    with tqdm.external_write_mode(sys.stdout):
        typer.echo(shown)


def summarise(counts: Dict[str, Any], *, seconds: float) -> List[str]:
    """Say what was done, and last what failed."""
    inputs, failed = counts["inputs"], counts[FAILED]
    rate = inputs / seconds if seconds > 0 else 0.0
    lines = [f"{inputs:,} inputs in {seconds:.1f} s ({rate:,.1f} a second)"]
    lines += [f"  {what}: {n:,}" for what, n in sorted(counts.items()) if n and what not in ("inputs", FAILED)]
    if failed:
        lines.append(f'{failed:,} of {inputs:,} failed; their rows say why ("error")')
    return lines
