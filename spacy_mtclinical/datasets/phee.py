"""PHEE: drugs, adverse effects and their circumstances in sentences of case reports; eight types of its 21."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes
from .writing import Writing, Written, write_brat_notes

TASK = "phee"
KIND = "entities"
LABELS = ("Dosage", "Drug", "Duration", "Effect", "Freq", "Route", "Time_elapsed", "Treat-Disorder")
DESCRIPTION = "PHEE (brat), eight types that resemble those of n2c2 2018"
SPLITS = ("train", "dev", "test")
PARTIAL = True


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split, with annotations of all types."""
    return read_brat_notes(path, split=split, report=report)


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write .ann files, with all fragments, and .txt files beside them."""
    return write_brat_notes(notes, writing)
