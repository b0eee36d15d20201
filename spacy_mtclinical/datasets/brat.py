"""A user's own notes in brat: a .txt and an .ann file each, in one folder or a folder a split."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes
from .writing import Writing, Written, write_brat_notes

TASK = None
KIND = "entities"
LABELS = None
DESCRIPTION = "your own notes: .txt files with .ann files of brat"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split."""
    return read_brat_notes(path, split=split, report=report)


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write .ann files, with all fragments, and .txt files beside them."""
    return write_brat_notes(notes, writing)
