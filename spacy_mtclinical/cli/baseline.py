"""The verb `baseline`: a single-task model a task, its learning rate chosen on dev."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

import typer
from thinc.api import Config

from ..experiments.drawing import Size
from ..experiments.recipes import read_recipes
from ..experiments.running import run_trials
from ..experiments.search import Entry, search
from ..experiments.trials import MODEL, Suite, Trial, make_suite
from ..outputs import write_json

TABLE = "baseline.json"
DRAW_SEED = 0


def baseline(
    config: Annotated[Path, typer.Argument(help="Configuration to start from.", exists=True, dir_okay=False)],
    corpus: Annotated[Path, typer.Argument(help="Folder with a folder a task, as convert writes them.")],
    out: Annotated[Path, typer.Argument(help="Folder for the runs; what is finished there is read.")],
    recipes: Annotated[
        Optional[Path],
        typer.Option(
            help="Reads [every] and [single_task] of it. [default: recipes/compare.cfg beside CONFIG]",
            exists=True,
            show_default=False,
        ),
    ] = None,
    tasks: Annotated[
        Optional[List[str]], typer.Option("--tasks", "--task", help="Take this task only. Repeatable.")
    ] = None,
    size: Annotated[float, typer.Option(help="Share of the training documents of each task, drawn once.")] = 1.0,
    dev: Annotated[Optional[int], typer.Option(min=1, help="Dev documents a task at most. [default: all]")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds, the first of which chooses the learning rate.")] = 1,
    epochs: Annotated[
        Optional[float], typer.Option(help="Epochs of round robin. [default: as the recipes say]")
    ] = None,
    encoder: Annotated[str, typer.Option(help="Name or folder of the checkpoint.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Train one model a task, as much on its text as a multitask row, with the learning rate that is best on dev.

    What is trained serves `compare` with the same OUT. Exit status: 1 if a run failed; the table holds the others.
    """
    suite = read_suite(
        config, corpus, out, recipes=recipes, tasks=tasks, size=size, dev=dev, epochs=epochs, encoder=encoder
    )
    failed: List[Trial] = []

    def run(trials: List[Trial]) -> None:
        failed.extend(run_trials(trials, gpu_id=gpu_id, jobs=jobs, notify=tell))

    entries = run_single(suite, seeds=seeds, run=run)
    found = {str(entry.task): describe(entry) for entry in entries}
    write_json(out / TABLE, {"tasks": found, "size": size, "dev": dev, "epochs": suite.recipes.epochs})
    for task, about in found.items():
        tried = ", ".join(f"{rate}: {score:.4f}" for rate, score in about["rates"].items())
        scores = ", ".join("-" if score is None else f"{score:.4f}" for score in about["scores"])
        typer.echo(f"{task}: {about['metric']} {scores} ({tried or 'one learning rate'}) in {about['model']}")
    typer.echo(f"written to {out / TABLE}", err=True)
    if failed:
        raise typer.Exit(1)


def read_suite(
    config: Path,
    corpus: Path,
    out: Path,
    *,
    recipes: Optional[Path],
    tasks: Optional[List[str]],
    size: float,
    dev: Optional[int],
    epochs: Optional[float],
    encoder: str,
) -> Suite:
    """Read configuration and recipes, and draw the corpora."""
    rows = read_recipes(recipes or config.parent / "recipes" / "compare.cfg")
    start = Config().from_disk(config, interpolate=False)
    if encoder:
        start["paths"]["encoder"] = encoder
    if epochs is not None:
        rows = rows._replace(epochs=epochs)
    return make_suite(
        start, corpus, out, recipes=rows, size=Size(size, dev, DRAW_SEED), tasks=split_names(tasks), notify=tell
    )


def run_single(suite: Suite, *, seeds: int, run: Any) -> List[Entry]:
    """Run or read the single-task model of each task."""
    row = suite.recipes.single
    return search(suite, [(row, task) for task in suite.tasks], seeds=seeds, run=run, notify=tell)


def describe(entry: Entry) -> Dict[str, Any]:
    """One task's models, as JSON values."""
    task = str(entry.task)
    results = [trial.result for trial in entry.trials]
    return {
        "metric": results[0]["scores"][task]["metric"],
        "scores": [result["scores"][task]["score"] for result in results],
        "seeds": [trial.seed for trial in entry.trials],
        "rate": entry.rate,
        "rates": entry.tried,
        "seconds": [result["seconds"]["training"] for result in results],
        "parameters": results[0]["parameters"],
        "model": str(entry.trials[0].folder / MODEL),
    }


def split_names(names: Optional[List[str]]) -> Optional[List[str]]:
    """Names given one by one or with commas."""
    found = [name.strip() for given in names or () for name in given.split(",") if name.strip()]
    return found or None


def tell(message: str) -> None:
    """Say how far it is, on stderr."""
    typer.echo(message, err=True)
