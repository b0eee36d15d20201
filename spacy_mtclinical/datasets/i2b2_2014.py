"""i2b2 2014: protected health information in notes of patients followed over time."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats import i2b2_phi_xml
from ..formats.records import Note
from ..report import Report
from .notes import read_xml_notes
from .writing import Writing, Written, write_xml_notes

TASK = "i2b2_2014"
KIND = "entities"
LABELS = (
    "ACCOUNT",
    "AGE",
    "BIOID",
    "CITY",
    "COUNTRY",
    "DATE",
    "DEPARTMENT",
    "DEVICE",
    "DOCTOR",
    "EMAIL",
    "FAX",
    "HEALTHPLAN",
    "HOSPITAL",
    "IDNUM",
    "IPADDR",
    "LICENSE",
    "LOCATION-OTHER",
    "MEDICALRECORD",
    "ORGANIZATION",
    "OTHER",
    "PATIENT",
    "PHONE",
    "PROFESSION",
    "ROOM",
    "SSN",
    "STATE",
    "STREET",
    "URL",
    "USERNAME",
    "VEHICLE",
    "ZIP",
)
DESCRIPTION = "i2b2 2014 de-identification (XML); dev is cut from train by patient"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split from the PHI-Gold archives, or their folders."""
    return read_xml_notes(path, i2b2_phi_xml.parse, split=split, group=patient, report=report)


def patient(doc_id: str) -> str:
    """The patient of a document: what precedes the hyphen of "123-04"."""
    return doc_id.rpartition("/")[2].partition("-")[0]


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write an XML file a note; a type that states no category gets the one that the challenge gives it."""
    return write_xml_notes(notes, writing, i2b2_phi_xml.write, i2b2_phi_xml.parse)
