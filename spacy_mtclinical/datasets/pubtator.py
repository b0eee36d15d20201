"""A user's own notes in PubTator: title, abstract and mentions, many documents in a file."""

import re
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Tuple

from ..formats import pubtator
from ..formats.records import FormatError, Note
from ..report import Report
from .sources import File, choose, open_source, prefer, read_files
from .writing import Writing, Written

TASK = None
KIND = "entities"
LABELS = None
DESCRIPTION = "your own notes: PubTator files"
SPLITS = ("train", "dev", "test")
SUFFIXES = (".txt", ".pubtator")
FIRST_LINE = re.compile(rb"(\xef\xbb\xbf)?\s*[^|\t\r\n]+\|t\|")


def read(path: Path, *, split: str, report: Optional[Report] = None, preferred: str = "") -> Iterator[Note]:
    """Read the documents of a split from every file that begins with a PubTator title.

    preferred: How the names of files begin, without regard to case, that pass over all others where there are such.
    """
    with open_source(path, suffixes=SUFFIXES) as source:
        candidates = [file for file in source.with_suffix(*SUFFIXES) if source.single or _is_pubtator(file)]
        chosen = choose(source, candidates, split=split, expected="a PubTator file", by_name=True)
        chosen = prefer(chosen, [file for file in chosen.files if file.name.lower().startswith(preferred)])
        for _, file, data in read_files(chosen, report=report):
            yield from pubtator.parse(data, name=str(file))


def _is_pubtator(file: File) -> bool:
    with file.path.open("rb") as stream:
        return bool(FIRST_LINE.match(stream.read(1000)))


def write(notes: Iterable[Note], writing: Writing, **required: Tuple[Any, str]) -> Iterator[Written]:
    """Write all documents to one file.

    required: See `Writing.prepare`.
    RAISES: FormatError naming the document whose identifier the format cannot hold.
    """
    writing.check_text_wanted("PubTator")
    held = [writing.prepare(note, **required) for note in notes]
    for note in held:
        if not pubtator.IDENTIFIER.fullmatch(note.id):
            raise FormatError(f"Expected identifiers without bar, tab or line end, got {note.id!r}. Rename it.")
    data = pubtator.write(held)
    for note, again in zip(held, pubtator.parse(data, name=writing.name)):
        writing.compare(note, again, has_ids=False)
    yield Written((f"{writing.name}.PubTator.txt",), data)
