"""The verb `view`: what `annotate` wrote, as a page to look at."""

from pathlib import Path
from typing import Annotated

import typer

from ..outputs import check_output
from ..pages.results import KINDS, find_missing, read_results
from ..pages.view import write_view


def view(
    results: Annotated[
        Path,
        typer.Argument(metavar="RESULTS", help=f"What annotate --with-text wrote: {', '.join(KINDS)}, or a folder."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The .html file to write, TEXT INCLUDED.", show_default=False)],
    limit: Annotated[int, typer.Option(min=1, help="Rows at most, from the first.")] = 1000,
    force: Annotated[bool, typer.Option("--force", help="Replace the page if it is there.")] = False,
) -> None:
    """Make a page of annotated notes and pairs: mentions in their text, a switch a task, filters and counts.

    The page is one file that holds the texts, needs no network and sends nothing. A .spacy file shows its span groups
    and answers, predicted or gold. Exit status: 1 if the results cannot be read, 2 on wrong use.
    """
    if out.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"Expected a name that ends in .html, got {out}.", param_hint="--out")
    try:
        check_output(out, source=results, force=force)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--out") from None
    missing = find_missing(results)
    if missing:
        typer.echo(f"note: {missing}", err=True)
    notice = f"Beware: {missing}." if missing else ""
    written = write_view(read_results(results), out, name=results.resolve().name, limit=limit, notice=notice)
    more = f", the first of more (--limit {limit})" if written.more else ""
    failed = f", {written.failed:,} of them not annotated" if written.failed else ""
    rows = "row" if written.rows == 1 else "rows"
    typer.echo(f"{written.rows:,} {rows}{more}{failed}, written to {out}", err=True)
