"""brat standoff: a text and its `.ann` (QUAERO, n2c2 2018, MACCROBAT, PHEE, MEDDOCAN).

Read are the mentions (T), their attributes (A, M) and their notes (#, AnnotatorNotes). Relations, events, equivalences,
normalizations, and what is said of these, are counted in `Note.ignored`.
"""

import math
import re
from collections import Counter
from typing import Any, Dict, Iterator, List, Tuple

from .mentions import check_offsets, identifiers, wording
from .records import Annotation, FormatError, Fragment, Note
from .text import read_lines

MENTION = re.compile(r"(T\S+)\t(\S+) (SPAN(?:;SPAN)*)\t(.*)".replace("SPAN", "[0-9]{1,9} [0-9]{1,9}"), re.DOTALL)
ATTRIBUTE = re.compile(r"[AM]\S*\t(\S+) (\S+)(?: (.*))?", re.DOTALL)
COMMENT = re.compile(r"#\S*\t(\S+) (\S+)(?:\t(.*))?", re.DOTALL)
OTHER = re.compile(r"([REN*])\S*\t\S.*", re.DOTALL)
KINDS = {"R": "relation", "E": "event", "*": "equivalence", "N": "normalization"}
IDENTIFIER = re.compile(r"T\S+")
LINE = re.compile(r"[^\r\n]+")
# fragments that a dataset's scorer takes for the span from the first to the last; others read one, or compare each
JOINED: Dict[str, float] = {"brat": math.inf, "maccrobat": math.inf, "n2c2_2018": 3, "phee": math.inf}
NOTES = "notes"


def parse(text: str, ann: str, *, doc_id: str, name: str) -> Note:
    """Read the annotations of a text. Offsets are kept as stated, fragments in the order of the file.

    An attribute without a value is True, one that is said twice of a mention is a list; `attributes["notes"]` is the
    list of the annotators' notes.

    ann: What the `.ann` file holds; "" is a note without annotations.
    name: The file's name, for messages.
    RAISES: FormatError naming the line that is not brat's, or that repeats an identifier.
    """
    mentions: Dict[str, Tuple[str, Tuple[Tuple[int, int], ...], str]] = {}
    attributes: Dict[str, Dict[str, Any]] = {}
    said: List[Tuple[str, str, str, Any]] = []  # lines may come before the mention they are about
    ignored: Counter = Counter()
    for number, line in read_lines(ann):
        where = f"{name}, line {number}"
        mention, attribute = MENTION.fullmatch(line), ATTRIBUTE.fullmatch(line)
        comment, other = COMMENT.fullmatch(line), OTHER.fullmatch(line)
        if mention:
            id_, label, offsets, stated = mention.groups()
            if id_ in mentions:
                raise FormatError(f"{where}: expected an identifier used once, got one used before. Renumber the file.")
            mentions[id_] = (label, _parse_fragments(offsets, where=where), stated)
            attributes[id_] = {}
        elif attribute:
            key, target, value = attribute.groups()
            said.append(("attribute", key, target, True if not value else value))
        elif comment:
            said.append(("note", comment[1], comment[2], comment[3] or ""))
        elif other:
            ignored[KINDS[other[1]]] += 1
        elif line.strip(" \t"):
            raise FormatError(f"{where}: expected a line of brat (T, A, M, R, E, N, #, *), got another. Correct it.")
    for kind, key, target, value in said:
        if target not in mentions or key == NOTES or (kind == "note" and key != "AnnotatorNotes"):
            ignored[kind] += 1
        elif kind == "note":
            attributes[target].setdefault(NOTES, []).append(value)
        elif key in attributes[target]:
            before = attributes[target][key]
            attributes[target][key] = [*(before if isinstance(before, list) else [before]), value]
        else:
            attributes[target][key] = value
    annotations = (Annotation(id_, *mention, attributes[id_]) for id_, mention in mentions.items())
    return Note(doc_id, text, tuple(annotations), ignored=dict(ignored))


def _parse_fragments(offsets: str, *, where: str) -> Tuple[Tuple[int, int], ...]:
    fragments = []
    for fragment in offsets.split(";"):
        start, end = fragment.split(" ")
        fragments.append((int(start), int(end)))
        if int(start) > int(end):
            raise FormatError(f"{where}: expected an end at or after the start, got {start} to {end}. Correct it.")
    return tuple(fragments)


def write(note: Note) -> str:
    """Write the `.ann` of a note: each mention, then its attributes and notes.

    Identifiers are kept if brat can have them (T..., each once), otherwise numbered anew. Of attributes, text, True and
    lists of these are written; False, None and "" are not, for brat has them by absence.

    RAISES: FormatError naming the document and the offset of what brat cannot hold.
    """
    counts: Counter = Counter()
    lines = []
    for id_, annotation in zip(identifiers(note, prefix="T", expected=IDENTIFIER, first=1), note.annotations):
        check_offsets(note, annotation)
        where = f"{note.id}, annotation at {annotation.start}"
        _check_word(annotation.label, where=where, what="a label")
        offsets = ";".join(f"{start} {end}" for start, end in annotation.fragments)
        stated = re.sub(r"\r?\n|\r$", " ", wording(note, annotation))
        lines.append(f"{id_}\t{annotation.label} {offsets}\t{stated}\n")
        for kind, body in _write_attributes(annotation, id_, where=where):
            counts[kind] += 1
            if "\n" in body or body.endswith("\r"):
                raise FormatError(f"{where}: expected attributes and notes on one line, got a line end. Replace it.")
            lines.append(f"{kind}{counts[kind]}\t{body}\n")
    return "".join(lines)


def split_lines(text: str, fragment: Fragment) -> Tuple[Fragment, ...]:
    """Cut a fragment at line ends, which brat refuses within one; lines of white space are left out.

    RETURNS: The fragment alone where the first cut would not begin, or the last not end, where it does.
    """
    start, end = fragment
    lines = (match.span() for match in LINE.finditer(text, start, end))
    found = tuple(line for line in lines if text[slice(*line)].strip())
    return found if found and (found[0][0], found[-1][1]) == fragment else (fragment,)


def _write_attributes(annotation: Annotation, id_: str, *, where: str) -> Iterator[Tuple[str, str]]:
    for key, held in annotation.attributes.items():
        values = held if isinstance(held, list) else [held]
        for value in values:
            if not isinstance(value, (str, bool, int, float, type(None))):
                raise FormatError(f"{where}: expected attributes of text, number or truth, got {type(value).__name__}.")
            if key == NOTES:
                yield "#", f"AnnotatorNotes {id_}\t{value}"
            elif value is True:
                yield "A", f"{_check_word(key, where=where, what='an attribute name')} {id_}"
            elif value is not False and value is not None and value != "":
                yield "A", f"{_check_word(key, where=where, what='an attribute name')} {id_} {value}"


def _check_word(word: str, *, where: str, what: str) -> str:
    if not re.fullmatch(r"\S+", word):
        raise FormatError(f"{where}: expected {what} without white space, got an empty one or one with. Rename it.")
    return word
