"""The verb `evaluate`: what a pipeline scores on converted corpora, as tables and as JSON."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional, Sequence

import typer

from ..corpus import find_tasks
from ..evaluation import evaluate_corpus
from ..loading import load_pipeline
from ..outputs import write_json
from ..progress import track

COLUMNS = ("type", "p", "r", "f", "support", "predicted")


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The pipeline: an installed package or a folder.")],
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Folder with a folder a task, as convert writes them.")
    ],
    split: Annotated[str, typer.Option(help="The split to score.")] = "dev",
    task: Annotated[
        Optional[List[str]], typer.Option(help="Score this task only. Repeatable.", show_default=False)
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option(help="A file for all figures as JSON.", dir_okay=False, show_default=False)
    ] = None,
    limit: Annotated[
        Optional[int], typer.Option(min=1, help="Documents a task, for a quick look. [default: all]")
    ] = None,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Score a pipeline on one split of each corpus; print a table a task.

    All gold counts, as it was annotated: also what no span of tokens can express, labels that the pipeline does not
    know, and tasks that it has no head for. Exit status: 1 if something could not be scored, 2 on wrong use.
    """
    find_tasks(corpus, split, task)
    nlp = load_pipeline(model, gpu_id=gpu_id)
    result = evaluate_corpus(
        nlp,
        corpus,
        split=split,
        tasks=task,
        limit=limit,
        notify=lambda message: typer.echo(f"note: {message}", err=True),
        track=track,
    )
    for line in format_result(result):
        typer.echo(line)
    if output is not None:
        write_json(output, result)
        typer.echo(f"written to {output}", err=True)


def format_result(result: Dict[str, Any]) -> List[str]:
    """Lay out all tasks for a person."""
    model, seconds = result["model"], result["seconds"]
    drawn = f", at most {result['limit']:,} documents a task" if result["limit"] else ""
    lines = [f"{model['name']} {model['version']} on {result['corpus']}, split {result['split']}{drawn}"]
    for task, found in result["tasks"].items():
        lines += ["", *format_task(task, found)]
    tasks = len(result["tasks"])
    lines += ["", f"mean of {tasks} task{'s' if tasks > 1 else ''}: {format_figure(result['score'])}"]
    speed = result["words_per_second"]
    rate = f", {speed:,.0f} words a second" if speed else ""
    return [*lines, f"{seconds['total']:.1f} s, of these {seconds['predicting']:.1f} s predicting{rate}"]


def format_task(task: str, found: Dict[str, Any]) -> List[str]:
    """Lay out one task: its figures, what could not be expressed, subsets and types."""
    lines = [f"{task}: {format_figures(found)}"]
    if not found["has_head"]:
        lines.append("  the pipeline has no head for it")
    lost = found["not_expressed"]
    if lost and lost["percent"] is None:
        lines.append("  the gold does not say how it was annotated: its spans were scored")
    elif lost:
        lines.append(f"  {lost['percent']:.2f} % of gold ({lost['count']:,}) could not become spans")
    lines += [f"  {subset}: {format_figures(part)}" for subset, part in found["subsets"].items()]
    if found["types"]:
        rows: List[Sequence[str]] = [COLUMNS]
        for label, figures in found["types"].items():
            known = "" if label not in found["unknown_labels"] else " (unknown to the pipeline)"
            ratios = [format_figure(figures[name]) for name in "prf"]
            rows.append([label + known, *ratios, f"{figures['support']:,}", f"{figures['predicted']:,}"])
        widths = [max(map(len, column)) for column in zip(*rows)]
        for first, *rest in rows:
            cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]
            lines.append("  " + "  ".join(cells))
    return lines


def format_figures(found: Dict[str, Any]) -> str:
    """The figures of some documents on one line, the one that counts first."""
    figures = ", ".join(
        f"{name} {format_figure(value)}"
        for name, value in found["scores"].items()
        if value is None or isinstance(value, (int, float))
    )
    return f"{figures} ({found['documents']:,} documents, {found['gold']:,} gold, {found['predicted']:,} predicted)"


def format_figure(value: Optional[float]) -> str:
    """A figure with four decimals, "-" where there is none."""
    return "-" if value is None else f"{value:.4f}"
