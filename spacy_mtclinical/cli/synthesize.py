"""The verb `synthesize`: small invented corpora, laid out as the real ones are distributed."""

from pathlib import Path
from typing import Annotated

import typer

from ..synthetic.corpora import write_corpora

SIZES = {"small": 1.0}


def synthesize(
    output: Annotated[Path, typer.Argument(help="The folder to write: new, empty, or written by this command before.")],
    size: Annotated[str, typer.Option(help="small, or a number of times that.", metavar="small|N")] = "small",
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
) -> None:
    """Write invented corpora of all eight datasets in their native formats.

    No text or name in them is real. Each is a folder in OUTPUT, to be given to `convert`.
    """
    typer.echo(f"Writing invented corpora to {output}", err=True)
    counts = write_corpora(output, size=parse_size(size), seed=seed)
    typer.echo("\n".join(f"{name}\t{count}" for name, count in counts.items()))


def parse_size(size: str) -> float:
    """Read a size. RAISES: typer.BadParameter if it is neither "small" nor a number above 0."""
    try:
        number = SIZES[size] if size in SIZES else float(size)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise typer.BadParameter(f"Expected {', '.join(SIZES)} or a number above 0, got {size!r}.", param_hint="--size")
    return number
