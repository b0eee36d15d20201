"""BC5CDR: chemicals and diseases in PubMed abstracts."""

from pathlib import Path
from typing import Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .pubtator import read as read_pubtator

TASK = "bc5cdr"
KIND = "entities"
LABELS = ("Chemical", "Disease")
DESCRIPTION = "BC5CDR (PubTator: CDR_TrainingSet.PubTator.txt and so on)"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the abstracts of a split; relations between chemicals and diseases are counted, not converted."""
    return read_pubtator(path, split=split, report=report)
