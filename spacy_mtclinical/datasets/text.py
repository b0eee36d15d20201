"""Notes without annotations: .txt files, in one folder or a folder a split. For a head that learns from text alone."""

from pathlib import Path
from typing import Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .sources import choose, open_source, read_files

TASK = None
KIND = "text"
LABELS = None
DESCRIPTION = "notes without annotations: .txt files"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split."""
    with open_source(path, suffixes=(".txt",)) as source:
        chosen = choose(source, source.with_suffix(".txt"), split=split, expected=".txt files")
        for doc_id, _, text in read_files(chosen, report=report):
            yield Note(doc_id, text)
