"""The verb `average`: one pipeline of several, by the mean of their weights."""

import shutil
from pathlib import Path
from typing import Annotated, List

import typer

from ..averaging import average_pipelines
from ..loading import load_pipeline


def average(
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder for the pipeline.")],
    models: Annotated[
        List[str], typer.Argument(metavar="MODEL MODEL ...", help="The pipelines: installed packages or folders.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a pipeline that is there.")] = False,
) -> None:
    """Average the weights of pipelines that one configuration trained from one encoder, batches in another order each.

    The mean answers as quickly as one of them, and mostly better. Score it on dev before it is taken: `evaluate`. Exit
    status: 1 if they were not trained alike, 2 on wrong use.
    """
    replaced = force and (output / "meta.json").exists()
    if output.exists() and not replaced and (not output.is_dir() or any(output.iterdir())):
        raise typer.BadParameter(f"Expected no folder, or an empty one, got {output}.", param_hint="OUTPUT")
    nlp = average_pipelines(load_pipeline(model) for model in models)
    nlp.meta.pop("performance", None)  # of the first one
    if replaced:
        shutil.rmtree(output)
    nlp.to_disk(output)
    typer.echo(f"the mean of {len(models)} pipelines, written to {output}", err=True)
