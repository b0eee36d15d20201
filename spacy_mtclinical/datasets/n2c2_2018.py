"""n2c2 2018 track 2: drugs, their attributes and adverse drug events in discharge summaries."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes
from .patients import find_patient
from .writing import Writing, Written, write_brat_notes

TASK = "n2c2_2018"
KIND = "entities"
LABELS = ("ADE", "Dosage", "Drug", "Duration", "Form", "Frequency", "Reason", "Route", "Strength")
DESCRIPTION = "n2c2 2018 track 2 (brat); dev is cut from train by patient"
SPLITS = ("train", "dev", "test")
READABLE = 3  # fragments of a mention that the official scorer can read


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split from training_20180910.zip, gold-standard-test-data.zip, or their folders.

    A patient is who was born on the same day with the same sex, as the notes' headers have it; the names of the files
    do not tell.
    """
    return read_brat_notes(path, split=split, group=find_patient, report=report)


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write .ann files, with all fragments, and .txt files beside them."""
    return write_brat_notes(notes, writing, readable=READABLE)
