"""The verb `few_shot`: what the shared encoder is worth to a new task that has little data."""

import sys
from pathlib import Path
from typing import Annotated, List, Optional

import typer
from thinc.api import Config

from ..experiments.curves import draw_curves
from ..experiments.few_shot import MOST_DRAWS, SHARES, Study, format_curves, list_curves, study_tasks, tabulate
from ..experiments.running import run_trials
from ..experiments.trials import Trial
from ..outputs import open_aside, write_json
from .baseline import split_names, tell

TABLE = "few-shot.json"


def few_shot(
    config: Annotated[Path, typer.Argument(help="Configuration of all tasks.", exists=True, dir_okay=False)],
    corpus: Annotated[Path, typer.Argument(help="Folder with a folder a task, as convert writes them.")],
    out: Annotated[Path, typer.Argument(help="Folder for the runs and the table; what is finished there is read.")],
    tasks: Annotated[List[str], typer.Option("--tasks", "--task", help="A task to hold back. Repeatable.")],
    shares: Annotated[
        Optional[List[float]],
        typer.Option("--share", help="A share of its training documents. Repeatable. [default: .01 .05 .1 .25 1]"),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="Draws of each share.")] = 3,
    size: Annotated[float, typer.Option(help="Share of the other tasks' training documents.")] = 1.0,
    dev: Annotated[Optional[int], typer.Option(min=1, help="Dev documents a task at most. [default: all]")] = None,
    epochs: Annotated[float, typer.Option(min=0.01, help="Epochs of every run.")] = 3.0,
    steps: Annotated[int, typer.Option(min=1, help="Steps of a run on a share, at least.")] = 200,
    encoder: Annotated[str, typer.Option(help="Name or folder of the checkpoint.")] = "",
    output: Annotated[
        Optional[Path], typer.Option(help="The table as JSON; plots go beside it. [default: OUT/few-shot.json]")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Train a task on shares of its data, from the plain encoder and from the one that learnt all other tasks.

    A table and a plot a task, with intervals over draws of the documents. A run that was killed goes on, a finished one
    is read. Exit status: 1 if a run failed; the table holds the others.
    """
    start = Config().from_disk(config, interpolate=False)
    if encoder:
        start["paths"]["encoder"] = encoder
    study = Study(
        start,
        corpus,
        out,
        split_names(tasks) or [],
        sorted(set(shares or SHARES)),
        draws,
        size=size,
        dev=dev,
        epochs=epochs,
        steps=steps,
    )
    failed: List[Trial] = []

    def run(trials: List[Trial]) -> None:
        failed.extend(run_trials(trials, gpu_id=gpu_id, jobs=jobs, notify=tell))

    table = tabulate(study_tasks(study, run=run, notify=tell))
    path = output or out / TABLE
    asked = {"size": size, "dev": dev, "epochs": epochs, "steps": steps, "draws": draws}
    write_json(path, {"tasks": table, **asked, "command": " ".join(["python -m spacy", *sys.argv[1:]])})
    for task, found in table.items():
        with open_aside(path.with_name(f"{path.stem}-{task}.svg")) as file:
            file.write(draw_curves(f"{task} ({found['metric']})", list_curves(found)))
    for line in format_curves(table):
        typer.echo(line)
    typer.echo(f"written to {path}", err=True)
    if failed:
        raise typer.Exit(1)
