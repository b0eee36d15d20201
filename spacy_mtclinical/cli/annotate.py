"""The verb `annotate`: notes or pairs of any number to a row of answers each."""

import sys
from pathlib import Path
from typing import Annotated, Any, Callable, List, Optional

import typer
from tqdm import tqdm

from ..bulk.batches import Plan, read_items
from ..bulk.display import format_item
from ..bulk.jobs import Outcome, annotate_files
from ..bulk.results import list_rows
from ..bulk.runs import check_target, choose_target, describe_counts
from ..bulk.shards import FORMATS
from ..bulk.sources import KINDS, Piece
from ..outputs import check_apart


def annotate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The pipeline: an installed package or a folder.")],
    input_path: Annotated[
        Path, typer.Argument(metavar="INPUT", help=f"A folder of .txt files, or a file: {', '.join(KINDS)}.")
    ],
    output: Annotated[
        Path, typer.Argument(metavar="OUTPUT", help="A folder, or a file: .parquet, .jsonl, .spacy. A row an input.")
    ],
    format: Annotated[
        Optional[str],
        typer.Option(help=f"{', '.join(FORMATS)}. [default: the file's, parquet for a folder]", show_default=False),
    ] = None,
    text_field: Annotated[str, typer.Option(help="Column or key of a note's text.")] = "text",
    id_field: Annotated[
        Optional[str], typer.Option(help="That of its identifier. [default: id, else the line's number]")
    ] = None,
    first: Annotated[Optional[str], typer.Option(help="Column or key of a pair's first text.")] = None,
    second: Annotated[Optional[str], typer.Option(help="That of its second text.")] = None,
    drop: Annotated[
        Optional[List[str]],
        typer.Option(help="Leave out this column, which would pass through. Repeatable.", show_default=False),
    ] = None,
    task: Annotated[
        Optional[List[str]], typer.Option(help="Keep this task's answers only. Repeatable.", show_default=False)
    ] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Write texts and mentions into the rows.")] = False,
    max_characters: Annotated[
        Optional[int], typer.Option(min=1, help="Do not annotate longer texts. [default: no limit]", show_default=False)
    ] = None,
    batch_size: Annotated[
        Optional[int], typer.Option(min=1, help="Notes a batch. [default: the pipeline's]", show_default=False)
    ] = None,
    shard_notes: Annotated[
        Optional[int],
        typer.Option(
            min=1,
            help="Notes a shard: what a stop costs at most. [default: 4096, brat and spacy 1024]",
            show_default=False,
        ),
    ] = None,
    n_process: Annotated[int, typer.Option(min=1, help="Processes that annotate, on CPU.")] = 1,
    gpus: Annotated[
        Optional[str], typer.Option(help="One process a GPU: all, or numbers like 0,1.", show_default=False)
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="Print the first N notes, TEXT INCLUDED, on stdout.")] = 0,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
    force: Annotated[bool, typer.Option("--force", help="Discard what is there, and begin anew.")] = False,
) -> None:
    """Annotate notes or pairs: one row each, in their order, whatever happens.

    A note that cannot be read or annotated gets a row with its id and the reason in "error", and the run goes on.
    Results are written in shards; stopped at any moment and started again with the same arguments, the run goes on, and
    reads again what could not be read. Other columns of a table pass through. Offsets count the characters of the text
    as it is in the file; text has to be UTF-8. No text goes anywhere unless --with-text, --show or the format (brat,
    spacy) asks for it. Exit status: 1 if a note failed or nothing could be done, 2 on wrong use.
    """
    if (first is None) != (second is None):
        raise typer.BadParameter("Expected --first and --second together.", param_hint="--first")
    devices = choose_gpus(gpus)
    if n_process > 1 and (gpu_id >= 0 or devices):
        reason = "Expected one process a GPU: each would hold its own model there, and wait for the others."
        raise typer.BadParameter(f"{reason} Several GPUs: --gpus all.", param_hint="--n-process")
    try:
        check_apart(output, source=input_path)
        check_target(choose_target(output, format), source=input_path, force=force)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="OUTPUT") from None
    found = annotate_files(
        model,
        input_path,
        output,
        format=format,
        text=text_field,
        id=id_field,
        pair=None if first is None or second is None else (first, second),
        drop=drop or (),
        tasks=task,
        with_text=with_text,
        max_characters=max_characters,
        batch_size=batch_size,
        shard_notes=shard_notes,
        n_process=n_process,
        gpus=devices,
        gpu_id=gpu_id,
        force=force,
        tell=lambda line: typer.echo(f"note: {line}", err=True),
        look=make_look(show),
    )
    for line in summarise(found):
        typer.echo(line, err=True)
    if found.counts["failed"]:
        raise typer.Exit(1)


def choose_gpus(gpus: Optional[str]) -> Optional[List[int]]:
    """The numbers of GPUs that are named. RAISES: BadParameter for what names none."""
    if gpus is None:
        return None
    if gpus == "all":
        import torch

        found = list(range(torch.cuda.device_count()))
    else:
        found = [int(number) for number in gpus.split(",") if number.strip().isdigit()]
    if not found or (gpus != "all" and len(found) != len(gpus.split(","))):
        raise typer.BadParameter("Expected all, or numbers like 0,1, and a GPU for each.", param_hint="--gpus")
    return found


def make_look(show: int) -> Callable[[Plan, Piece, Any], None]:
    """Make the function that prints the first notes with their texts on stdout, whatever characters that can show."""
    left = show

    def look(plan: Plan, piece: Piece, batch: Any) -> None:
        nonlocal left
        count = min(left, batch.num_rows)
        left -= count
        if not count:
            return
        encoding = sys.stdout.encoding or "utf8"
        for item, row in zip(read_items(piece.batch.slice(0, count), plan), list_rows(batch.slice(0, count))):
            with tqdm.external_write_mode(sys.stdout):
                typer.echo(format_item(item, row).encode(encoding, "backslashreplace").decode(encoding))

    return look


def summarise(found: Outcome) -> List[str]:
    """Say what was done, and last what failed."""
    counts, inputs = found.counts, found.counts["inputs"]
    rate = (inputs - found.before) / found.seconds if found.seconds > 0 else 0.0
    took = f"{found.seconds:.1f} s ({rate:,.1f} a second)"
    lines = [f"{inputs:,} inputs in {took}"]
    if found.before:
        lines = [f"{inputs:,} inputs, {found.before:,} of them before; the others in {took}"]
    lines += describe_counts(counts)
    if counts["unread"]:
        lines.append(f"{counts['unread']:,} could not be read; started again, they are read again")
    if counts["failed"]:
        lines.append(f'{counts["failed"]:,} of {inputs:,} failed; their rows say why ("error")')
    return lines
