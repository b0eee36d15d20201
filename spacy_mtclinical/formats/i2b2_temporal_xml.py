"""i2b2 2012 events: the XML with the text in it, and the `.extent` lines that go with a text.

Line ends and un-escaped `&`: see `markup`. Offsets are given as stated; whether they count from 0 or 1 is for
verification.
"""

import re
from collections import Counter
from typing import Dict, Iterator, List, Tuple

from .line_tokens import make_grid, to_offsets
from .markup import Verbatim, count_attributes, parse_offsets, parse_tagged, write_tagged
from .mentions import check_offsets, wording
from .records import Annotation, FormatError, Note
from .text import read_lines

ROOT = "ClinicalNarrativeTemporalAnnotation"
EVENT = "EVENT"
ATTRIBUTES = ("modality", "polarity")
KNOWN = ("id", "start", "end", "text", "type", *ATTRIBUTES)
EXTENT = re.compile(
    r'(\w+)="(.*)" ([0-9]{1,9}):([0-9]{1,9}) ([0-9]{1,9}):([0-9]{1,9})((?:\|\|\w+="[^"]*")*)\s*', re.ASCII | re.DOTALL
)
FIELD = re.compile(r'\|\|(\w+)="([^"]*)"', re.ASCII)


def parse(xml: str, *, doc_id: str, name: str) -> Note:
    """Read the events of a note: label is the type (may be ""), attributes modality and polarity ("" if not stated).

    TIMEX3, SECTIME and TLINK are counted in `Note.ignored`, and so are further attributes. Repeated identifiers are
    kept, the released files have some.

    RAISES: FormatError naming the line of what is malformed.
    """
    text, elements = parse_tagged(xml, name=name)
    annotations: List[Annotation] = []
    for element in elements:
        if element.tag.upper() == EVENT:
            span = parse_offsets(element, name=name)
            stated = element.attributes
            attributes = {key: stated.get(key, "") for key in ATTRIBUTES}
            id_ = stated.get("id", "")
            annotations.append(Annotation(id_, stated.get("type", ""), (span,), stated.get("text", ""), attributes))
    ignored = Counter(element.tag.upper() for element in elements if element.tag.upper() != EVENT)
    ignored += count_attributes((e for e in elements if e.tag.upper() == EVENT), known=KNOWN)
    return Note(doc_id, text, tuple(annotations), ignored=dict(ignored))


def parse_extent(text: str, extent: str, *, doc_id: str, name: str) -> Note:
    """Read the events of a text from its `.extent` lines, whose positions are those of the 2010 concepts.

    Identifiers are E0, E1, ... in the order of the file; other lines and further fields are counted as in `parse`.

    RAISES: FormatError naming the line that is no extent, or points to where the text has no token.
    """
    grid = make_grid(text)
    annotations: List[Annotation] = []
    ignored: Counter = Counter()
    for number, line in read_lines(extent):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        match = EXTENT.fullmatch(line)
        if not match:
            raise FormatError(f'{where}: expected KIND="..." line:token line:token||key="...", got another line.')
        kind, stated, *digits, rest = match.groups()
        if kind.upper() != EVENT:
            ignored[kind.upper()] += 1
            continue
        fields = {key.lower(): value for key, value in FIELD.findall(rest)}
        first_line, first, last_line, last = map(int, digits)
        span = to_offsets(grid, (first_line, first), (last_line, last), where=where)
        attributes = {key: fields.get(key, "") for key in ATTRIBUTES}
        ignored["attribute"] += len(set(fields) - {"type", *ATTRIBUTES})
        annotations.append(Annotation(f"E{len(annotations)}", fields.get("type", ""), (span,), stated, attributes))
    return Note(doc_id, text, tuple(annotations), ignored=dict(+ignored))


def write(note: Note) -> str:
    """Write the XML of a note, an EVENT for each annotation; fragments are joined to one span from first to last.

    RAISES: FormatError naming the document and offset of a character that XML cannot hold, or of a span off the text.
    """
    return write_tagged(note, _elements(note), root=ROOT)


def _elements(note: Note) -> Iterator[Tuple[str, Dict[str, str]]]:
    for annotation in note.annotations:
        check_offsets(note, annotation)
        fields = {"id": annotation.id, "start": str(annotation.start), "end": str(annotation.end)}
        # The scorer compares words as they stand in the file, where gold has the entities of the text (&apos;).
        fields["text"] = annotation.text or Verbatim(wording(note, annotation))
        for key in ATTRIBUTES:
            fields[key] = str(annotation.attributes.get(key, ""))
        yield EVENT, {**fields, "type": annotation.label}
