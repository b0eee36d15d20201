"""The verb `fetch`: the freely distributed corpora, from a folder or from their public repositories."""

from pathlib import Path
from typing import Annotated, List, Optional, Sequence

import typer

from ..datasets.public import PUBLIC
from ..datasets.retrieval import GITHUB, bring

NAMES = ", ".join(PUBLIC)
DEFAULT = tuple(name for name, corpus in PUBLIC.items() if not corpus.on_request)
COLUMNS = ("corpus", "stands for", "licence", "repository", "commit", "archive", "from")


def show_list(wanted: bool) -> None:
    """Print the table of corpora and leave, if wanted."""
    if wanted:
        typer.echo(to_table())
        raise typer.Exit()


def fetch(
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="The folder for <dataset>/.", file_okay=False)],
    source: Annotated[
        Optional[Path],
        typer.Option(
            metavar="DIR",
            file_okay=False,
            show_default=False,
            help="A folder that holds the archives (see --list); where it does not exist, the repositories are asked.",
        ),
    ] = None,
    corpus: Annotated[
        Optional[List[str]],
        typer.Option(metavar="NAME", show_default=False, help=f"Only this one: {NAMES}. Repeatable."),
    ] = None,
    list_: Annotated[
        bool,
        typer.Option("--list", callback=show_list, is_eager=True, help="Print where each comes from, and leave."),
    ] = False,
) -> None:
    """Bring the freely distributed corpora here, and verify each by its SHA-256.

    They are taken from local archives if --source names a folder with them. Otherwise this downloads each from a
    public repository at a fixed commit. A corpus that is there is verified and left alone. What cannot be
    brought is named, and the others are brought all the same. Exit status 1 if a corpus named by --corpus could not
    be brought, or none at all. mtsamples comes on request only.
    """
    unknown = [name for name in corpus or () if name not in PUBLIC]
    if unknown:
        raise typer.BadParameter(f"Expected one of {NAMES}, got {unknown[0]!r}.", param_hint="--corpus")
    if source is not None and not source.exists():
        typer.echo(f"{source} does not exist: asking the public repositories", err=True)
        source = None
    names = tuple(dict.fromkeys(corpus or DEFAULT))
    failed = fetch_corpora(names, output, source=source, base=GITHUB)
    if failed:
        typer.echo(f"left out: {', '.join(failed)}", err=True)
    if failed and (corpus or len(failed) == len(names)):
        raise typer.Exit(1)


def fetch_corpora(names: Sequence[str], output: Path, *, source: Optional[Path], base: str) -> List[str]:
    """Bring corpora, one line each; without a connection the rest is not tried. RETURNS: Those that failed."""
    failed: List[str] = []
    for position, name in enumerate(names):
        try:
            typer.echo(bring(PUBLIC[name], output, source=source, base=base, progress=_say))
        except ConnectionError as error:
            _say(str(error))
            return [*failed, *names[position:]]
        except (ValueError, OSError) as error:
            _say(str(error))
            failed.append(name)
    return failed


def to_table() -> str:
    """The corpora as lines of plain text."""
    rows = [COLUMNS]
    for name, corpus in PUBLIC.items():
        way = "archive or repository" if corpus.place else "archive only"
        about = (corpus.stands_for, corpus.licence, corpus.repository, corpus.commit, f"{corpus.name}.tar.xz", way)
        rows.append((name, *about))
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def _say(message: str) -> None:
    typer.echo(message, err=True)
