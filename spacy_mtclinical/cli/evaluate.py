"""The verb `evaluate`: what a pipeline scores on converted corpora, as tables and as JSON."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional, Sequence

import typer

from ..corpus import find_tasks
from ..evaluation import count_scored, evaluate_corpus, tell_beyond
from ..loading import load_pipeline
from ..outputs import write_json
from ..progress import track
from ..scoring.intervals import CONFIDENCE, DRAWS

INTERVAL = f"{CONFIDENCE:g} % interval"
FIGURES = ("figure", "score", INTERVAL, "p", "r")
TYPES = ("type", "f", INTERVAL, "p", "r", "support", "predicted")


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
    page: Annotated[
        Optional[Path], typer.Option(help="A file for a page of plots (HTML).", dir_okay=False, show_default=False)
    ] = None,
    limit: Annotated[
        Optional[int], typer.Option(min=1, help="Documents a task, for a quick look. [default: all]")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, help="How often documents are drawn anew for the intervals; 0: no intervals.")
    ] = DRAWS,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Score a pipeline on one split of each corpus; print a table a task, the official figure first.

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
        draws=draws,
        notify=lambda message: typer.echo(f"note: {message}", err=True),
        track=track,
    )
    for line in format_result(result):
        typer.echo(line)
    if output is not None:
        write_json(output, result)
        typer.echo(f"written to {output}", err=True)
    if page is not None:
        from ..pages.evaluation import write_evaluation

        write_evaluation(result, page)
        typer.echo(f"written to {page}", err=True)


def format_result(result: Dict[str, Any]) -> List[str]:
    """Lay out all tasks for a person."""
    model, seconds = result["model"], result["seconds"]
    drawn = f", at most {result['limit']:,} documents a task" if result["limit"] else ""
    lines = [f"{model['name']} {model['version']} on {result['corpus']}, split {result['split']}{drawn}"]
    for task, found in result["tasks"].items():
        lines += ["", *format_task(task, found)]
    tasks = count_scored(result)
    lines += ["", f"mean of {tasks} task{'s' if tasks != 1 else ''}: {format_figure(result['score'])}"]
    speed = result["words_per_second"]
    rate = f", {speed:,.0f} words a second" if speed else ""
    return [*lines, f"{seconds['total']:.1f} s, of these {seconds['predicting']:.1f} s predicting{rate}"]


def format_task(task: str, found: Dict[str, Any]) -> List[str]:
    """Lay out one task: the figure that counts, what could not be expressed, subsets, further figures, types."""
    lines = [f"{task}: {format_main(found)}"]
    if found["metric"] in found["definitions"]:
        lines.append(f"  {found['metric']}: {found['definitions'][found['metric']]}")
    if not found["has_head"]:
        lines.append("  the pipeline has no head for it")
    lost = found["not_expressed"]
    if lost and lost["percent"] is None:
        lines.append("  the gold does not say how it was annotated: its spans were scored")
    elif lost:
        lines.append(f"  {lost['percent']:.2f} % of gold ({lost['count']:,}) could not become spans")
    lines += [f"  {told}" for told in tell_beyond(found["beyond_head"])]
    lines += [f"  {subset}: {format_main(part)}" for subset, part in found["subsets"].items()]
    return lines + format_figures(found) + format_types(found)


def format_main(found: Dict[str, Any]) -> str:
    """The figure that counts of some documents, and how many they are."""
    counts = f"({found['documents']:,} documents, {found['gold']:,} gold, {found['predicted']:,} predicted)"
    interval = f" {format_interval(found['interval'])}" if found["interval"] else ""
    return f"{found['metric']} {format_figure(found['score'])}{interval} {counts}"


def format_figures(found: Dict[str, Any]) -> List[str]:
    """A table of all figures of a task, precision and recall beside F1; nothing where there is one only."""
    scores = found["scores"]
    if len(scores) == 1:
        return []
    rows = [FIGURES]
    for name, value in scores.items():
        stem = name[:-1]
        if name.endswith(("p", "r")) and f"{stem}f" in scores:
            continue
        if value is not None and not isinstance(value, (int, float)):
            continue  # of a metric of the user's own
        interval = format_interval(found["intervals"].get(name))
        has_parts = name.endswith("f") and f"{stem}p" in scores
        parts = [format_figure(scores.get(f"{stem}{letter}")) if has_parts else "" for letter in "pr"]
        rows.append((name, format_figure(value), interval, *parts))
    return lay_out(rows)


def format_types(found: Dict[str, Any]) -> List[str]:
    """A table of all labels of a task."""
    rows = [TYPES]
    for label, figures in found["types"].items():
        known = "" if label not in found["unknown_labels"] else " (unknown to the pipeline)"
        f, p, r = (format_figure(figures[name]) for name in "fpr")
        counts = f"{figures['support']:,}", f"{figures['predicted']:,}"
        rows.append(((label or "(none)") + known, f, format_interval(figures["interval"]), p, r, *counts))
    return lay_out(rows) if found["types"] else []


def lay_out(rows: Sequence[Sequence[str]]) -> List[str]:
    """A table as lines: names to the left, figures to the right; a column that is empty is left out."""
    columns = [column for column in zip(*rows) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    lines = []
    for first, *rest in zip(*columns):
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def format_interval(interval: Optional[Sequence[float]]) -> str:
    """An interval with four decimals, nothing where there is none."""
    return "" if interval is None else "[{:.4f}, {:.4f}]".format(*interval)


def format_figure(value: Optional[float]) -> str:
    """A figure with four decimals, "-" where there is none."""
    return "-" if value is None else f"{value:.4f}"
