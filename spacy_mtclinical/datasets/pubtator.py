"""A user's own notes in PubTator: title, abstract and mentions, many documents in a file."""

import re
from pathlib import Path
from typing import Iterator, Optional

from ..formats import pubtator
from ..formats.records import Note
from ..report import Report
from .sources import File, choose, open_source, read_files

TASK = None
KIND = "entities"
LABELS = None
DESCRIPTION = "your own notes: PubTator files"
SPLITS = ("train", "dev", "test")
SUFFIXES = (".txt", ".pubtator")
FIRST_LINE = re.compile(rb"(\xef\xbb\xbf)?\s*[^|\s]+\|t\|")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the documents of a split from every file that begins with a PubTator title."""
    with open_source(path, suffixes=SUFFIXES) as source:
        candidates = [file for file in source.with_suffix(*SUFFIXES) if source.single or _is_pubtator(file)]
        chosen = choose(source, candidates, split=split, expected="a PubTator file", by_name=True)
        for _, file, data in read_files(chosen, report=report):
            yield from pubtator.parse(data, name=str(file))


def _is_pubtator(file: File) -> bool:
    with file.path.open("rb") as stream:
        return bool(FIRST_LINE.match(stream.read(1000)))
