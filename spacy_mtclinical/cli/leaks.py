"""The verb `leaks`: what de-identification leaves of a corpus with gold, at several thresholds."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional, Sequence

import typer

from ..deidentification.kinds import make_kinds
from ..deidentification.leaks import Case, measure_leaks, read_gold
from ..deidentification.mentions import ask_candidates, candidates, compute_exactly, find_mentions
from ..deidentification.policies import check_threshold
from ..evaluation import predict, read_examples
from ..loading import find_component, load_pipeline, read_kinds
from ..outputs import write_json
from ..progress import track
from ..scoring.tally import ENTITIES

THRESHOLDS = ".5,.1,.01"


def leaks(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The pipeline: an installed package or a folder.")],
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Folder with a folder a task, as convert writes them.")
    ],
    task: Annotated[str, typer.Option(help="The task whose spans identify a patient.")],
    split: Annotated[str, typer.Option(help="The split to measure.")] = "dev",
    thresholds: Annotated[str, typer.Option(help="Probabilities, with commas or spaces between.")] = THRESHOLDS,
    repeat: Annotated[
        bool, typer.Option(help="Replace also what is written like a name or identifier that was found.")
    ] = True,
    output: Annotated[
        Optional[Path], typer.Option(help="A file for all figures as JSON.", dir_okay=False, show_default=False)
    ] = None,
    limit: Annotated[
        Optional[int], typer.Option(min=1, help="Documents, for a quick look. [default: all]", show_default=False)
    ] = None,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
) -> None:
    """Measure what de-identification leaves: characters, mentions and notes, by type, and what it takes besides.

    A mention counts as left if a letter or digit of it is. All gold counts, as it was annotated. Exit status: 1 if
    something could not be measured, 2 on wrong use.
    """
    wanted = parse_thresholds(thresholds)
    nlp = load_pipeline(model, gpu_id=gpu_id)
    component = find_component(nlp)
    entities = [name for name, gives in read_kinds(component).items() if gives == ENTITIES]
    if task not in entities:
        raise ValueError(f"Expected a task of entities among {', '.join(entities)}, got '{task}'.")
    compute_exactly(component)
    has_candidates = ask_candidates(component, task, min(wanted))
    if not has_candidates:
        typer.echo("note: the pipeline gives only its own spans, so that no threshold finds more", err=True)
    examples = read_examples(nlp, corpus, task=task, split=split, limit=limit)
    predict(nlp, task, examples, track=track)
    cases = [
        Case(eg.reference.text, read_gold(eg.reference, task), find_mentions(eg.predicted, task), units)
        for eg in examples
        for units in [list(candidates(eg.predicted, task))]
    ]
    result = {
        "model": {"name": f"{nlp.meta['lang']}_{nlp.meta['name']}", "version": nlp.meta["version"]},
        "corpus": corpus.resolve().name,
        "task": task,
        "split": split,
        "limit": limit,
        "documents": len(examples),
        "candidates": has_candidates,
        "repeat": repeat,
        "thresholds": measure_leaks(cases, wanted, kinds=make_kinds({}), repeat=repeat),
    }
    for line in format_leaks(result):
        typer.echo(line)
    if output is not None:
        write_json(output, result)
        typer.echo(f"written to {output}", err=True)


def parse_thresholds(text: str) -> List[float]:
    """Read probabilities, highest first. RAISES: typer.BadParameter for what is none."""
    try:
        found = sorted({float(part) for part in text.replace(",", " ").split()}, reverse=True)
        for threshold in found:
            check_threshold(threshold)
        if not found:
            raise ValueError("Expected probabilities, got none.")
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--thresholds") from None
    return found


def format_leaks(result: Dict[str, Any]) -> List[str]:
    """Lay out what is left at each threshold, and of each type."""
    model, found = result["model"], result["thresholds"]
    lines = [
        f"{model['name']} {model['version']} on {result['task']} of {result['corpus']}, split {result['split']}: "
        f"{result['documents']:,} documents",
        "",
    ]
    rows: List[Sequence[str]] = [
        ("threshold", "characters left", "mentions left", "left whole", "notes left", "others replaced")
    ]
    for own in found:
        whole = own["mentions"]["whole"]
        rows.append(
            (
                f"{own['threshold']:g}",
                format_share(own["characters"]),
                format_share(own["mentions"]),
                f"{whole:,}",
                format_share(own["notes"]),
                format_share(own["others"], what="replaced"),
            )
        )
    lines += align(rows)
    types = found[0]["types"]
    rows = [("mentions left, by type", "gold", *(f"at {own['threshold']:g}" for own in found))]
    for label, figures in types.items():
        left = [format_share(own["types"][label]["mentions"]) for own in found]
        rows.append((label, f"{figures['mentions']['total']:,}", *left))
    return [*lines, "", *align(rows)]


def format_share(figures: Dict[str, Any], *, what: str = "left") -> str:
    """A count with its percentage, "-" where there is nothing to count."""
    return "-" if figures["share"] is None else f"{figures[what]:,} ({100 * figures['share']:.2f} %)"


def align(rows: Sequence[Sequence[str]]) -> List[str]:
    """Lay out rows in columns, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in rows
    ]
