"""MACCROBAT 2020: clinical events in published case reports; the seven event-like types of its 41."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes
from .writing import Writing, Written, write_brat_notes

TASK = "maccrobat"
KIND = "entities"
LABELS = (
    "Clinical_event",
    "Diagnostic_procedure",
    "Disease_disorder",
    "Medication",
    "Nonbiological_location",
    "Sign_symptom",
    "Therapeutic_procedure",
)
DESCRIPTION = "MACCROBAT 2020 (brat), seven event-like types"
SPLITS = ("train", "dev", "test")
PARTIAL = True


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split, with annotations of all types."""
    return read_brat_notes(path, split=split, report=report)


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write .ann files, with all fragments, and .txt files beside them."""
    return write_brat_notes(notes, writing)
