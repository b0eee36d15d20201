"""n2c2 2018 track 2: drugs, their attributes and adverse drug events in discharge summaries."""

from pathlib import Path
from typing import Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes

TASK = "n2c2_2018"
KIND = "entities"
LABELS = ("ADE", "Dosage", "Drug", "Duration", "Form", "Frequency", "Reason", "Route", "Strength")
DESCRIPTION = "n2c2 2018 track 2 (brat); dev is cut from train by document"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split from training_20180910.zip, gold-standard-test-data.zip, or their folders."""
    return read_brat_notes(path, split=split, cut=True, report=report)
