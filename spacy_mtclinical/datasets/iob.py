"""A user's own notes in IOB: a token and its tag a line, blank lines between sentences."""

from dataclasses import replace
from pathlib import Path
from typing import Iterator, Optional

from ..formats import iob
from ..formats.records import Note
from ..report import Report
from .sources import choose, open_source, read_files

TASK = None
KIND = "entities"
LABELS = None
DESCRIPTION = "your own notes: IOB (CoNLL) files, the token first, the tag last"
SPLITS = ("train", "dev", "test")
SUFFIXES = (".iob", ".iob2", ".bio", ".conll", ".tsv", ".txt")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the documents of a split; their identifiers are file and number."""
    with open_source(path, suffixes=SUFFIXES) as source:
        candidates = source.with_suffix(*SUFFIXES)
        chosen = choose(source, candidates, split=split, expected="an IOB file", by_name=True)
        for doc_id, file, data in read_files(chosen, report=report):
            for note in iob.parse(data, name=str(file)):
                yield replace(note, id=f"{doc_id}/{note.id}")
