"""What is told of an error that nobody expected: where it happened, but not its message, which may quote a note."""

from traceback import extract_tb

import typer


def tell_unexpected(error: Exception, *, what: str = "") -> None:
    """Write to stderr where an error came from and of what type it is.

    what: What failed, to begin the last line with.
    """
    for frame in extract_tb(error.__traceback__):
        typer.echo(f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}', err=True)
    start = f"{what}: " if what else ""
    typer.echo(f"{start}unexpected {type(error).__name__} (its message is kept back)", err=True)
