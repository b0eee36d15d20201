"""i2b2 2012: clinical events in discharge summaries; time expressions and links are counted, not converted."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Tuple

from ..formats import i2b2_temporal_xml
from ..formats.records import Note
from ..report import Report
from .notes import find_text
from .patients import find_patient
from .sources import Chosen, File, Source, choose, open_source, read_files, tell_lone
from .sources import read as read_file
from .writing import Writing, Written, write_xml_notes

TASK = "i2b2_2012"
KIND = "entities"
LABELS = ("CLINICAL_DEPT", "EVIDENTIAL", "OCCURRENCE", "PROBLEM", "TEST", "TREATMENT")
DESCRIPTION = "i2b2 2012 events (XML, or .extent with .txt); dev is cut from train by patient"
SPLITS = ("train", "dev", "test")
REQUIRED = {"polarity": ("POS", "no polarity"), "modality": ("FACTUAL", "no modality")}
HINTS = {"ground_?truth": "test", "original-annotation": "train"}


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split from XML files, or from .extent files and their texts where it has no XML.

    Of several folders of XML for the same split, as in the test archive, merged_xml is read. The headers of some notes
    tell the patient; of the others, each is a patient of its own.
    """
    with open_source(path, suffixes=(".xml", ".extent")) as source:
        settings: Any = {"split": split, "expected": ".xml or .extent files", "cut": True, "hints": HINTS}
        try:
            chosen = choose(source, source.with_suffix(".xml"), **settings)
        except FileNotFoundError:
            chosen = choose(source, source.with_suffix(".extent"), **settings)
        merged = tuple(file for file in chosen.files if "merged_xml" in (source.name, *file.folder))
        chosen = replace(chosen, files=merged or chosen.files)
        _count_lone_extents(source, chosen, report=report)
        for doc_id, file, data in read_files(chosen, report=report):
            doc_id = doc_id[: -len(".xml")] if doc_id.endswith(".xml") else doc_id
            if file.name.lower().endswith(".extent"):
                text = read_file(find_text(source, file), report=report)
                note = i2b2_temporal_xml.parse_extent(text, data, doc_id=doc_id, name=str(file))
            else:
                note = i2b2_temporal_xml.parse(data, doc_id=doc_id, name=str(file))
            if chosen.keeps(find_patient(note.text, doc_id=doc_id)):
                yield replace(note, annotations=tuple(replace(a, label=a.label.upper()) for a in note.annotations))


def _count_lone_extents(source: Source, chosen: Chosen, *, report: Optional[Report]) -> None:
    known = {_find_place(file) for file in chosen.files}
    folders = {folder for folder, _ in known}
    extents = [file for file in source.with_suffix(".extent") if file.folder in folders]
    lone = [file for file in extents if _find_place(file) not in known]
    tell_lone(lone, ".extent files have no .xml file beside them", report=report)


def _find_place(file: File) -> Tuple[Tuple[str, ...], str]:
    """The folder of a document, and its name without .xml or .xml.extent."""
    return file.folder, re.sub(r"(\.xml)?(\.extent)?$", "", file.name, flags=re.IGNORECASE)


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write an XML file a note, of events alone; predictions get the polarity and modality that most events have."""
    numbered = notes if writing.is_gold else map(_number, notes)
    return write_xml_notes(numbered, writing, i2b2_temporal_xml.write, i2b2_temporal_xml.parse, **REQUIRED)


def _number(note: Note) -> Note:
    """Give each event an identifier of its own: of those that repeat one, the scorer reads the first."""
    return replace(note, annotations=tuple(replace(a, id=f"E{i}") for i, a in enumerate(note.annotations)))
