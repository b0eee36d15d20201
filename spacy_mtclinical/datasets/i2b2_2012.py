"""i2b2 2012: clinical events in discharge summaries; time expressions and links are counted, not converted."""

from dataclasses import replace
from pathlib import Path
from typing import Iterator, Optional

from ..formats import i2b2_temporal_xml
from ..formats.records import Note
from ..report import Report
from .notes import find_text
from .sources import Chosen, choose, open_source, read_files
from .sources import read as read_file

TASK = "i2b2_2012"
KIND = "entities"
LABELS = ("CLINICAL_DEPT", "EVIDENTIAL", "OCCURRENCE", "PROBLEM", "TEST", "TREATMENT")
DESCRIPTION = "i2b2 2012 events (XML, or .extent with .txt); dev is cut from train by document"
SPLITS = ("train", "dev", "test")
HINTS = {"ground_?truth": "test", "original-annotation": "train"}


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split from XML files, or from .extent files and their texts where there is no XML.

    Of several folders of XML for the same split, as in the test archive, merged_xml is read.
    """
    with open_source(path, suffixes=(".xml", ".extent")) as source:
        candidates = source.with_suffix(".xml") or source.with_suffix(".extent")
        chosen = choose(source, candidates, split=split, expected=".xml files", cut=True, hints=HINTS)
        merged = tuple(file for file in chosen.files if "merged_xml" in (source.name, *file.folder))
        chosen = Chosen(merged or chosen.files, chosen.side)
        for doc_id, file, data in read_files(chosen, report=report):
            doc_id = doc_id[: -len(".xml")] if doc_id.endswith(".xml") else doc_id
            if not chosen.keeps(doc_id):
                continue
            if file.name.lower().endswith(".extent"):
                text = read_file(find_text(source, file), report=report)
                note = i2b2_temporal_xml.parse_extent(text, data, doc_id=doc_id, name=str(file))
            else:
                note = i2b2_temporal_xml.parse(data, doc_id=doc_id, name=str(file))
            yield replace(note, annotations=tuple(replace(a, label=a.label.upper()) for a in note.annotations))
