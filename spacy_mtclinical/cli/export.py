"""The verb `export`: predictions, or gold, to the native format of a dataset, for its official scorer."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..datasets import DATASETS, GENERIC
from ..export.corpus import export_corpus

NAMES = ", ".join(name for name in DATASETS if name not in ("iob", "text"))


def export(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help=f"Whose format: {NAMES}.")],
    predicted: Annotated[
        Path,
        typer.Argument(metavar="PREDICTED", help="The .spacy file with the documents.", exists=True, dir_okay=False),
    ],
    output: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write: new or empty.")],
    task: Annotated[
        Optional[str],
        typer.Option(help="The task whose answers are written. [default: the dataset's own]", show_default=False),
    ] = None,
    gold: Annotated[
        bool, typer.Option("--gold", help="Write gold as it was annotated (fragments, ids, attributes), not the spans.")
    ] = False,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Leave out files that hold texts, where annotations have their own.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write into a folder that holds files, replacing those of the same names."),
    ] = False,
) -> None:
    """Write the documents of a .spacy file as the official scorer of a dataset reads them.

    The spans of each document are written, or for pairs the most probable label or the number; with --gold, the
    annotations as they were in the files. Files are named by the documents' identifiers, those that hold many
    records by PREDICTED. What the format cannot hold as it is, is counted on stderr. Either all files are written or
    none. Exit status: 1 if they could not be written, 2 on wrong use.
    """
    if dataset not in DATASETS:
        raise typer.BadParameter(f"Expected one of {NAMES}, got {dataset!r}.", param_hint="DATASET")
    if dataset in GENERIC and not task:
        raise typer.BadParameter(f"Expected the name of your task, since {dataset} has none.", param_hint="--task")
    lines = export_corpus(
        dataset,
        predicted,
        output,
        task=task,
        is_gold=gold,
        with_text=not no_text,
        force=force,
        progress=lambda message: typer.echo(message, err=True),
    )
    for line in lines:
        typer.echo(line, err=True)
