"""QUAERO FrenchMed: ten UMLS semantic groups in French drug leaflets (EMEA) and titles (MEDLINE), nested."""

import re
from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats.records import Note
from ..report import Report
from .notes import read_brat_notes
from .sources import File
from .writing import Writing, Written, write_brat_notes

TASK = "quaero_2014"
KIND = "entities"
LABELS = ("ANAT", "CHEM", "DEVI", "DISO", "GEOG", "LIVB", "OBJC", "PHEN", "PHYS", "PROC")
DESCRIPTION = "QUAERO FrenchMed (brat, train/dev/test with EMEA and MEDLINE)"
SPLITS = ("train", "dev", "test")
SUBSETS = ("EMEA", "MEDLINE")
LONGEST_TITLE = 1200  # characters; every EMEA document is longer


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split, each with its subset."""
    root = Path(path).resolve().name

    def subset(file: File, text: str) -> str:
        """By folder; in copies without such folders, EMEA by the name of a part (25_3) or the length."""
        for part in (*reversed(file.folder), root):
            if part.upper() in SUBSETS:
                return part.upper()
        if report is not None:
            report.say("no folder EMEA or MEDLINE: subsets are told apart by file name and length of text")
        return "EMEA" if re.fullmatch(r"\d+_\d+", file.stem) or len(text) > LONGEST_TITLE else "MEDLINE"

    return read_brat_notes(path, split=split, subset=subset, report=report)


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write .ann files, with all fragments, and .txt files beside them, EMEA and MEDLINE in folders of their own."""
    return write_brat_notes(notes, writing)
