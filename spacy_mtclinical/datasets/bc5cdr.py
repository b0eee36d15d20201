"""BC5CDR: chemicals and diseases in PubMed abstracts."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .pubtator import read as read_pubtator
from .pubtator import write as write_pubtator
from .writing import Writing, Written

TASK = "bc5cdr"
KIND = "entities"
LABELS = ("Chemical", "Disease")
DESCRIPTION = "BC5CDR (PubTator: CDR_TrainingSet.PubTator.txt and so on)"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the abstracts of a split; relations between chemicals and diseases are counted, not converted.

    Beside the files that people annotated, CDR_..., the distribution has the same abstracts as programs annotate them.
    """
    return read_pubtator(path, split=split, report=report, preferred="cdr_")


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write the abstracts to one file; predictions get the identifier that gold has where there is none, -1."""
    return write_pubtator(notes, writing, identifier=("-1", "no identifier"))
