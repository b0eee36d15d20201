"""i2b2 2014 de-identification: the XML with the text in it, an element for each mention (also MEDDOCAN's XML).

Line ends and un-escaped `&`: see `markup`.
"""

import re
from collections import Counter
from typing import Dict, Iterator, Tuple

from .markup import ELEMENT_NAME, count_attributes, parse_offsets, parse_tagged, write_tagged
from .mentions import check_offsets, identifiers, wording
from .records import Annotation, FormatError, Note

ROOT = "deIdi2b2"
KNOWN = ("id", "start", "end", "text", "type", "comment")
IDENTIFIER = re.compile(r".+", re.DOTALL)
TYPES = {
    "NAME": ("PATIENT", "DOCTOR", "USERNAME"),
    "PROFESSION": ("PROFESSION",),
    "LOCATION": (
        *("ROOM", "DEPARTMENT", "HOSPITAL", "ORGANIZATION", "STREET", "CITY", "STATE", "COUNTRY", "ZIP"),
        "LOCATION-OTHER",
    ),
    "AGE": ("AGE",),
    "DATE": ("DATE",),
    "CONTACT": ("PHONE", "FAX", "EMAIL", "URL", "IPADDR"),
    "ID": ("SSN", "MEDICALRECORD", "HEALTHPLAN", "ACCOUNT", "LICENSE", "VEHICLE", "DEVICE", "BIOID", "IDNUM"),
    "OTHER": ("OTHER",),
}
CATEGORIES = {label: category for category, labels in TYPES.items() for label in labels}


def parse(xml: str, *, doc_id: str, name: str) -> Note:
    """Read the mentions of a note: label is TYPE, attributes are category (the element's name) and comment.

    Further attributes are counted in `Note.ignored`.

    RAISES: FormatError naming the line of what is malformed or repeats an identifier.
    """
    text, elements = parse_tagged(xml, name=name)
    annotations: Dict[str, Annotation] = {}
    for element in elements:
        stated = element.attributes
        span = parse_offsets(element, name=name)
        id_ = stated.get("id", "")
        if not id_ or id_ in annotations:
            raise FormatError(f"{name}, line {element.line}: expected an id of its own in each element. Renumber them.")
        attributes = {"category": element.tag, "comment": stated.get("comment", "")}
        annotations[id_] = Annotation(id_, stated.get("type", ""), (span,), stated.get("text", ""), attributes)
    ignored: Counter = count_attributes(elements, known=KNOWN)
    return Note(doc_id, text, tuple(annotations.values()), ignored=dict(ignored))


def write(note: Note) -> str:
    """Write the XML of a note; fragments are joined to one span from first to last.

    The element's name is the attribute `category`, else the category that the challenge gives the type, else OTHER.

    RAISES: FormatError naming the document and offset of what XML cannot hold, or of a span off the text.
    """
    return write_tagged(note, _elements(note), root=ROOT)


def _elements(note: Note) -> Iterator[Tuple[str, Dict[str, str]]]:
    for id_, annotation in zip(identifiers(note, prefix="P", expected=IDENTIFIER, first=0), note.annotations):
        check_offsets(note, annotation)
        category = str(annotation.attributes.get("category") or CATEGORIES.get(annotation.label, "OTHER"))
        if not ELEMENT_NAME.fullmatch(category):
            raise FormatError(
                f"{note.id}, annotation at {annotation.start}: expected a category that can be the name of an element, "
                "got another. Rename it."
            )
        fields = {"id": id_, "start": str(annotation.start), "end": str(annotation.end)}
        comment = str(annotation.attributes.get("comment") or "")
        yield category, {**fields, "text": wording(note, annotation), "TYPE": annotation.label, "comment": comment}
