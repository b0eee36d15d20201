"""The verb `compare`: multitask recipes against single-task models, on dev, as a table and as JSON."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

import typer

from ..experiments.recipes import Row, pick_rows
from ..experiments.running import run_trials
from ..experiments.search import Entry, find_teachers, only_read, search
from ..experiments.table import format_table, make_table
from ..experiments.trials import Suite, Trial
from ..outputs import write_json
from ..scoring.intervals import load_normal
from .baseline import read_suite, run_single, split_names, tell

TABLE = "compare.json"


def compare(
    config: Annotated[Path, typer.Argument(help="Configuration that every row changes.", exists=True, dir_okay=False)],
    corpus: Annotated[Path, typer.Argument(help="Folder with a folder a task, as convert writes them.")],
    out: Annotated[Path, typer.Argument(help="Folder for the runs and the table; what is finished there is read.")],
    recipes: Annotated[
        Optional[Path],
        typer.Option(help="The rows. [default: recipes/compare.cfg beside CONFIG]", exists=True, show_default=False),
    ] = None,
    rows: Annotated[
        Optional[List[str]],
        typer.Option("--rows", "--row", help="Run this row only; finished ones stay in the table. Repeatable."),
    ] = None,
    tasks: Annotated[
        Optional[List[str]], typer.Option("--tasks", "--task", help="Take this task only. Repeatable.")
    ] = None,
    size: Annotated[float, typer.Option(help="Share of the training documents of each task, drawn once.")] = 1.0,
    dev: Annotated[Optional[int], typer.Option(min=1, help="Dev documents a task at most. [default: all]")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each row, and of the single-task models.")] = 1,
    epochs: Annotated[
        Optional[float], typer.Option(help="Epochs of round robin. [default: as the recipes say]")
    ] = None,
    encoder: Annotated[str, typer.Option(help="Name or folder of the checkpoint.")] = "",
    output: Annotated[
        Optional[Path], typer.Option(help="The table as JSON. [default: OUT/compare.json]", dir_okay=False)
    ] = None,
    page: Annotated[Optional[Path], typer.Option(help="The table as an HTML page.", dir_okay=False)] = None,
    only_read_finished: Annotated[
        bool, typer.Option("--read", help="Run nothing; the table of what is finished.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Train multitask recipes and single-task models on the same text, and compare them on dev.

    Each run has a folder of its own under OUT/runs; a run that was killed goes on, a finished one is read. One that was
    finished with other settings is named and refused. Test splits are never read. Exit status: 1 if a run failed; the
    table holds the others.
    """
    load_normal()
    suite = read_suite(
        config, corpus, out, recipes=recipes, tasks=tasks, size=size, dev=dev, epochs=epochs, encoder=encoder
    )
    asked = pick_rows(suite.recipes, split_names(rows))
    failed: List[Trial] = []

    def run(trials: List[Trial]) -> None:
        failed.extend(run_trials(trials, gpu_id=gpu_id, jobs=jobs, notify=tell))

    single = run_single(suite, seeds=seeds, run=only_read if only_read_finished else run)
    found = search_rows(suite, asked, single, seeds=seeds, run=only_read if only_read_finished else run)
    table: Dict[str, Any] = make_table(suite, single, found, epochs=suite.recipes.epochs)
    table.update(size=size, dev=dev, command=" ".join(["python -m spacy", *sys.argv[1:]]))
    write_json(output or out / TABLE, table)
    for line in format_table(table) + [f"note: {note}" for note in table["notes"]]:
        typer.echo(line)
    typer.echo(f"written to {output or out / TABLE}", err=True)
    if page is not None:
        import_module("..pages.comparison", __package__).write_comparison(table, page)
    if failed:
        raise typer.Exit(1)


def search_rows(suite: Suite, asked: List[Row], single: List[Entry], *, seeds: int, run: Any) -> List[Entry]:
    """Run the rows that are asked for, and read the others, in the order of the recipes."""
    teachers = find_teachers(single)
    entries: Dict[str, Entry] = {}
    for row in suite.recipes.rows.values():
        is_asked = row in asked
        if row.teachers and set(teachers) != set(suite.tasks):
            if is_asked:
                tell(f"left out: {row.name}, which needs the single-task model of every task as its teacher")
        elif is_asked or (suite.out / "runs" / row.name).exists():
            found = search(
                suite,
                [(row, None)],
                seeds=seeds if is_asked else 1,
                run=run if is_asked else only_read,
                teachers=teachers,
                notify=tell,
            )
            entries.update({entry.row.name: entry for entry in found})
    return list(entries.values())
