"""A note or pair with its answers as lines for a terminal."""

import re
from typing import Any, Dict, List, Sequence

from .items import Item

LONGEST = 3000  # characters of a text that are shown
MENTION = 40  # characters of a mention that are shown
MENTIONS = 8  # mentions of a label that are shown
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]")


def format_item(item: Item, row: Dict[str, Any]) -> str:
    """Write the texts of an item, and a line a task and label with its mentions, or an answer; of a failure the reason.

    Characters that a terminal would obey are written as escapes.
    row: As `results.list_rows` makes it.
    """
    lines = [f"=== {escape(item.id)}"]
    if row["error"] is not None:
        return "\n".join([*lines, f"failed: {row['error']}", ""])
    for text in item.texts:
        lines.append(escape(text[:LONGEST].replace("\r\n", "\n").rstrip("\n")))
        if len(text) > LONGEST:
            lines.append(f"[{len(text) - LONGEST:,} more characters]")
        lines.append("---")
    cells = []
    for task, entities in row["entities"].items():
        labels: Dict[str, List[str]] = {}
        for entity in entities:
            mention = format_mention(item.texts[0][entity["start"] : entity["end"]])
            labels.setdefault(entity["label"], []).append(f"{mention} {format_score(entity['score'])}")
        cells += [[task, label, format_list(labels[label])] for label in sorted(labels)]
    cells += [[task, format_answer(answer)] for task, answer in row["pairs"].items()]
    return "\n".join([*lines, *align(cells), ""])


def escape(text: str) -> str:
    """Write control characters, save line feeds and tabs, and those that change direction as escapes."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def format_mention(text: str) -> str:
    """A mention on one line."""
    line = escape(" ".join(text.split()))
    return line if len(line) <= MENTION else line[: MENTION - 1] + "…"


def format_list(mentions: Sequence[str]) -> str:
    """The first few mentions of a label."""
    more = [f"and {len(mentions) - MENTIONS:,} more"] if len(mentions) > MENTIONS else []
    return " | ".join([*mentions[:MENTIONS], *more])


def format_score(score: Any) -> str:
    """A number with two decimals, "-" where there is none."""
    return "-" if score is None else f"{score:.2f}"


def format_answer(answer: Any) -> str:
    """The answer of a pair task, the most probable label first."""
    if not isinstance(answer, dict):
        return format_score(answer)
    ranked = sorted(answer.items(), key=lambda found: -(found[1] or 0.0))
    return ", ".join(f"{label} {format_score(score)}" for label, score in ranked)


def align(rows: Sequence[Sequence[str]]) -> List[str]:
    """Lines of columns, each as wide as its widest cell; a last cell takes the room it needs."""
    widths: Dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(row[:-1]):
            widths[column] = max(widths.get(column, 0), len(cell))
    return ["  ".join([*(cell.ljust(widths[i]) for i, cell in enumerate(row[:-1])), row[-1]]) for row in rows]
