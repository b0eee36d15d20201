"""Answers as brat files: a .txt and an .ann a note, under a name that stays inside its folder."""

import hashlib
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, List, Set

from ..formats import brat
from ..formats.records import Annotation, Note
from ..outputs import format_line
from .results import list_rows
from .rows import Row
from .schema import ENTITIES_OF, ERROR, ID, TEXT

INDEX = "_index.jsonl"
LONGEST_PART = 100  # bytes of a part of a path
LONGEST_PATH = 400
UNSAFE = re.compile(r"[^\w.\- ]")
SPACE = re.compile(r"\s+")


@contextmanager
def write_brat(folder: Path, schema: Any) -> Iterator[Callable[[Any], None]]:
    """Open a folder for the notes of batches of answers.

    `_index.jsonl` has a row for each note and pair, in order: all but text and entities, and the path of the `.txt` in
    `file`, null where there is none. Of several tasks, each entity's is its attribute `task`; its score is the
    attribute `score`. White space in labels becomes "_"; an entity over a line end has a fragment a line.

    RAISES: OSError if something cannot be written.
    """
    folder.mkdir()
    taken: Set[str] = set()
    with (folder / INDEX).open("w", encoding="utf8", newline="\n") as index:

        def write(batch: Any) -> None:
            for row in list_rows(batch):
                file = None
                if row[ERROR] is None and TEXT in row:
                    name = choose_name(row[ID], taken)
                    file = f"{name}.txt"
                    path = folder / file
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(row[TEXT].encode("utf8"))
                    path.with_name(f"{path.name[:-4]}.ann").write_bytes(brat.write(make_note(row)).encode("utf8"))
                kept = {key: value for key, value in row.items() if key not in (TEXT, ENTITIES_OF)}
                index.write(format_line({**kept, "file": file}))

        yield write


def make_note(row: Row) -> Note:
    """Make the annotated note of a row."""
    several = len(row[ENTITIES_OF]) > 1
    found: List[Annotation] = []
    for task, entities in row[ENTITIES_OF].items():
        for entity in entities:
            attributes = {**({"task": task} if several else {}), "score": entity["score"]}
            label = SPACE.sub("_", entity["label"]) or "_"
            fragments = brat.split_lines(row[TEXT], (entity["start"], entity["end"]))
            found.append(Annotation(f"T{len(found) + 1}", label, fragments, attributes=attributes))
    return Note(row[ID], row[TEXT], tuple(found))


def choose_name(id: str, taken: Set[str]) -> str:
    """A path without suffix for a note: readable, inside its folder, and no other note's of the same folder."""
    parts = [clean_part(part) for part in re.split(r"[/\\]", re.sub(r"\.txt$", "", id, flags=re.IGNORECASE))]
    parts = [part for part in parts if part]
    # a folder has neither the name of a file of another note nor that of the index
    folders = [re.sub(r"(\.(txt|ann|jsonl))$", r"\1_", part, flags=re.IGNORECASE) for part in parts[:-1]]
    name = "/".join([*folders, *parts[-1:]]) or "note"
    if len(name.encode("utf8")) > LONGEST_PATH:
        name = f"note-{hashlib.sha256(id.encode('utf8')).hexdigest()[:32]}"
    chosen, number = name, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{name}-{number}"
    taken.add(chosen.casefold())
    return chosen


def clean_part(part: str) -> str:
    """A part of a path without what a file system or a shell may take for something else; "" for "." and ".."."""
    clean = UNSAFE.sub("_", part).strip(". ").lstrip("-")
    if len(clean.encode("utf8")) <= LONGEST_PART:
        return clean
    digest = hashlib.sha256(part.encode("utf8")).hexdigest()[:16]
    return f"{clean.encode('utf8')[: LONGEST_PART - 20].decode('utf8', 'ignore')}-{digest}"
