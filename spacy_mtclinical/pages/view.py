"""The page of annotated notes and pairs: every task's mentions in their text, switches, filters and counts."""

from collections import Counter
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from .colors import find_colors
from .elements import element
from .page import format_header, read_asset, write_page
from .results import Result

SCRIPTS = ("view_text.js", "view_rows.js", "view_panel.js")
DIGITS = 4  # of scores


class Written(NamedTuple):
    """How many rows a page shows, how many of them had failed, and whether there were more."""

    rows: int
    failed: int
    more: bool


def write_view(results: Iterable[Result], path: Path, *, name: str, limit: int, notice: str = "") -> Written:
    """Write a page of the first results, texts included.

    name: What they are results of, for the title.
    limit: Rows at most; no more than one beyond is read.
    notice: What the reader has to know of them.
    RAISES: OSError if it cannot be written, and what `results` raises.
    """
    stream = iter(results)
    shown = list(islice(stream, limit))
    written = Written(len(shown), sum(bool(result.error) for result in shown), next(stream, None) is not None)
    told = f"The first {written.rows:,} of more rows." if written.more else None
    data = collect(shown)
    write_page(
        path,
        title=f"{name}: annotated",
        body=[
            format_header(name, told, notice),
            element("noscript", element("p", "This page needs scripts to show anything; it runs its own only.")),
            element(
                "div",
                element("aside", id="panel", aria_label="Tasks, labels and filters"),
                element("main", id="rows"),
                class_="columns",
            ),
            element("div", id="tip", role="status", hidden=True),
        ],
        styles=[read_asset("page.css"), read_asset("view.css"), format_colors(data["tasks"])],
        scripts=[read_asset(name) for name in SCRIPTS],
        data=data,
    )
    return written


def collect(results: Sequence[Result]) -> Dict[str, Any]:
    """What the page's program reads.

    RETURNS: tasks, each with name, colors and labels; answers, each with name and, for numbers, the scale (lowest and
        highest); rows, see `format_row`.
    """
    labels: Dict[str, Counter] = {}
    scales: Dict[str, List[float]] = {}
    for result in results:
        for task, mentions in result.mentions.items():
            labels.setdefault(task, Counter()).update(mention.label for mention in mentions)
        for task, answer in result.answers.items():
            low, high = scales.setdefault(task, [0.0, 1.0])
            if not isinstance(answer, dict):
                scales[task] = [min(low, answer), max(high, ceil(answer))]
    tasks = {task: sorted(found, key=lambda label: (-found[label], label)) for task, found in sorted(labels.items())}
    return {
        "tasks": [{"name": task, "labels": found, "colors": find_colors(task)} for task, found in tasks.items()],
        "answers": [{"name": task, "scale": scale} for task, scale in sorted(scales.items())],
        "rows": [format_row(result, tasks=tasks, answers=sorted(scales)) for result in results],
    }


def format_row(result: Result, *, tasks: Mapping[str, Sequence[str]], answers: Sequence[str]) -> Dict[str, Any]:
    """A row for the page's program.

    tasks, answers: What tasks, labels and pair tasks are numbered by.
    RETURNS: id, and error; or text and mentions (task, label, start, end, score) by start, the longest first; or texts
        and answers (pair task, and a number or pairs of label and probability, the highest first).
    """
    if result.error:
        return {"id": result.id, "error": result.error}
    if len(result.texts) == 1:
        found = [
            (number, labels.index(mention.label), mention.start, mention.end, shorten(mention.score))
            for number, (task, labels) in enumerate(tasks.items())
            for mention in result.mentions.get(task, ())
        ]
        found.sort(key=lambda mention: (mention[2], -mention[3]))
        return {"id": result.id, "text": result.texts[0], "mentions": found}
    ranked = {
        task: sorted(answer.items(), key=lambda found: -found[1]) if isinstance(answer, dict) else answer
        for task, answer in result.answers.items()
    }
    given = [(number, ranked[task]) for number, task in enumerate(answers) if task in ranked]
    return {"id": result.id, "texts": result.texts, "answers": given}


def shorten(score: Optional[float]) -> Optional[float]:
    """A score with as many digits as the page may show."""
    return None if score is None else round(score, DIGITS)


def format_colors(tasks: Sequence[Mapping[str, Any]]) -> str:
    """A style sheet that knows the color of each task by its number."""
    light, dark = (
        "".join(f"--task-{number}:{task['colors'][ground]};" for number, task in enumerate(tasks)) for ground in (0, 1)
    )
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
