"""Marked-up text to notes: `She has [DISO pain in the [ANAT arm]] .` becomes a text and two annotations.

    [LABEL text]         an annotation; annotations may nest
    [LABEL=value text]   with a value, kept as attributes["value"]
    [LABEL#key text]     with a key, ...
    [+LABEL#key text]    ... by which a further fragment joins it
    [LABEL1,LABEL2 text] one annotation a label

Square brackets cannot be part of the text.
"""

import re
from typing import Dict, List, Optional, Tuple

from ..formats.records import Annotation, Note

OPENING = re.compile(r"\[(?P<more>\+?)(?P<labels>[\w,-]+)(?:#(?P<key>\w+))?(?:=(?P<value>\S+))? ")
PIECE = re.compile(rf"{OPENING.pattern}|\]|[^\[\]]+")


def annotate(markup: str, *, doc_id: str, prefix: str = "T", first: int = 1, subset: str = "") -> Note:
    """Take the brackets out of a marked-up text.

    RETURNS: The note, its annotations in text order (the outer before the inner), identifiers counted from
        `first` behind `prefix`.
    RAISES: ValueError if brackets do not match.
    """
    text = ""
    found: List[Dict] = []
    stack: List[Tuple[Dict, int]] = []
    position = 0
    while position < len(markup):
        match = PIECE.match(markup, position)
        if match is None or (match.group() == "]" and not stack):
            raise ValueError(f"{doc_id}: expected matching brackets, got a stray one at character {position}.")
        if match.group() == "]":
            record, start = stack.pop()
            record["fragments"].append((start, len(text)))
        elif match.group("labels"):
            stack.append((_record(match, found), len(text)))
        else:
            text += match.group()
        position = match.end()
    if stack:
        raise ValueError(f"{doc_id}: expected matching brackets, got {len(stack)} unclosed.")
    found.sort(key=lambda record: (record["fragments"][0][0], -record["fragments"][-1][1]))
    flat = [(label, record) for record in found for label in record["labels"]]
    annotations = tuple(
        Annotation(
            id=f"{prefix}{number}",
            label=label,
            fragments=tuple(record["fragments"]),
            text=" ".join(text[start:end] for start, end in record["fragments"]),
            attributes={"value": record["value"]} if record["value"] else {},
        )
        for number, (label, record) in enumerate(flat, first)
    )
    return Note(doc_id, text, annotations, subset=subset)


def _record(match: "re.Match[str]", found: List[Dict]) -> Dict:
    labels = match.group("labels").split(",")
    key: Optional[str] = match.group("key")
    if match.group("more"):
        return next(r for r in reversed(found) if r["labels"] == labels and r["key"] == key)
    record = {"labels": labels, "key": key, "value": match.group("value"), "fragments": []}
    found.append(record)
    return record
