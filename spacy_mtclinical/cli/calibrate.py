"""The verb `calibrate`: a copy of a pipeline whose scores can be believed."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

import typer

from ..calibration import calibrate_task, set_temperatures
from ..corpus import find_tasks
from ..evaluation import read_examples
from ..loading import find_component, load_pipeline
from ..outputs import write_json


def calibrate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The pipeline: an installed package or a folder.")],
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Folder with a folder a task, as convert writes them.")
    ],
    output: Annotated[Path, typer.Argument(metavar="OUTPUT", help="Folder for the calibrated pipeline.")],
    split: Annotated[str, typer.Option(help="The split to fit on; never the test split.")] = "dev",
    task: Annotated[
        Optional[List[str]], typer.Option(help="Calibrate this task only. Repeatable.", show_default=False)
    ] = None,
    report: Annotated[
        Optional[Path], typer.Option(help="A file for all figures as JSON.", dir_okay=False, show_default=False)
    ] = None,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Fit a temperature for each head, so that of answers with a score of .8, about 80 % are right.

    Fitted on one half of the documents; the expected calibration errors printed are those of the other half. Exit
    status: 1 if a task could not be calibrated, 2 on wrong use.
    """
    if output.exists() and any(output.iterdir()):
        raise typer.BadParameter(f"Expected no folder, or an empty one, got {output}.", param_hint="OUTPUT")
    if split == "test":
        raise typer.BadParameter("Expected a split to fit on, such as dev: test is for the end.", param_hint="--split")
    tasks = find_tasks(corpus, split, task)
    nlp = load_pipeline(model, gpu_id=gpu_id)
    component = find_component(nlp)
    unknown = [name for name in task or () if name not in component.tasks]
    if unknown:
        raise ValueError(f"{model} has heads for {', '.join(component.tasks)}, none for {', '.join(unknown)}.")
    found: Dict[str, Any] = {}
    for name in tasks:
        if name not in component.tasks:
            typer.echo(f"note: {name}: the pipeline has no head for it", err=True)
            continue
        if not component.label_data.get(name):
            typer.echo(f"note: {name}: numbers have no probability to calibrate", err=True)
            continue
        examples = read_examples(nlp, corpus, task=name, split=split, limit=None)
        fitted = calibrate_task(component, name, examples)
        found[name] = fitted._asdict()
        before, after = (f"{error:.3f}" if error is not None else "-" for error in (fitted.before, fitted.after))
        typer.echo(f"{name}: temperature {fitted.temperature:.2f}, expected calibration error {before}, now {after}")
    if not found:
        raise ValueError(f"{model} has no head for entities or classes that could be calibrated on {corpus}.")
    for name, fitted in found.items():
        if (fitted["after"] or 0.0) > (fitted["before"] or 0.0):
            typer.echo(f"note: {name}: the documents that were not fitted on say that it became worse", err=True)
    set_temperatures(component, {name: fitted["temperature"] for name, fitted in found.items()})
    nlp.to_disk(output)
    if report is not None:
        write_json(report, found)
    typer.echo(f"written to {output}", err=True)
