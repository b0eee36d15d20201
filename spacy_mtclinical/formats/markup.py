"""XML as the corpora have it: read without document types and entities, un-escaped `&` repaired, text written to be
read back unchanged.

A reader of XML turns each CRLF, and each CR alone, into LF (XML 1.0, section 2.11), so offsets in these formats count a
line end as one character. Written CRs become character references, which readers keep.
"""

import re
from collections import Counter
from typing import Dict, Iterable, List, Mapping, NamedTuple, Tuple
from xml.parsers import expat

from .records import FormatError, Note
from .text import BOM

CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENT_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
BARE = re.compile("&(?!(?:lt|gt|quot|apos);|amp;(?!(?:amp|lt|gt|quot|apos);))")  # what is no entity of a text
ATTRIBUTE_ESCAPES = {**TEXT_ESCAPES, ord('"'): "&quot;", ord("\n"): "&#10;", ord("\t"): "&#9;"}
OFFSET = re.compile(r"[0-9]{1,9}")


class Verbatim(str):
    """A value as the text of a note has it: entities that it names (&apos;) are written as they are."""


class Element(NamedTuple):
    """An element: its name, its attributes by lower-cased name, its line in the file, what it holds."""

    tag: str
    attributes: Dict[str, str]
    line: int
    children: List["Element"]
    pieces: List[str]

    @property
    def text(self) -> str:
        """The characters directly in the element."""
        return "".join(self.pieces)


def parse_markup(xml: str, *, name: str) -> Element:
    """Read a document to its root element. An `&` that begins no reference is taken for itself outside CDATA.

    RAISES: FormatError naming the line of what is not well-formed, and for a document type or entity declaration.
    """
    parts = CDATA.split(xml[1:] if xml.startswith(BOM) else xml)
    repaired = "".join(part if part.startswith("<![CDATA[") else BARE_AMPERSAND.sub("&amp;", part) for part in parts)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Element("", {}, 0, [], [])
    stack = [top]

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        line = parser.CurrentLineNumber
        lowered = {key.lower(): value for key, value in attributes.items()}
        if len(lowered) < len(attributes):
            raise FormatError(f"{name}, line {line}: expected each attribute once, got one twice. Correct the element.")
        stack.append(Element(tag, lowered, line, [], []))
        stack[-2].children.append(stack[-1])

    def refuse(*_: object) -> None:
        line = parser.CurrentLineNumber
        raise FormatError(f"{name}, line {line}: expected no document type or entity, got one. Remove the declaration.")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop()
    parser.CharacterDataHandler = lambda data: stack[-1].pieces.append(data)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(repaired, True)
    except expat.ExpatError as error:
        reason = expat.errors.messages[error.code] if error.code in expat.errors.messages else "unknown error"
        raise FormatError(
            f"{name}, line {error.lineno}: expected well-formed XML, got '{reason}' at column {error.offset}. "
            "Correct the file, or get a complete copy."
        ) from None
    except UnicodeEncodeError:
        raise FormatError(f"{name}: expected text that UTF-8 can hold, got a lone surrogate. Decode it anew.") from None
    return top.children[0]


def parse_tagged(xml: str, *, name: str) -> Tuple[str, List[Element]]:
    """Read a note of the i2b2 challenges: what TEXT holds and the elements of TAGS. The root may have any name.

    RAISES: FormatError if it is no XML, has not one TEXT and one TAGS, or elements within TEXT.
    """
    root = parse_markup(xml, name=name)
    found = {}
    for tag in ("TEXT", "TAGS"):
        parts = [child for child in root.children if child.tag.upper() == tag]
        if len(parts) != 1:
            raise FormatError(f"{name}: expected one {tag} element below the root, got {len(parts)}. Is it i2b2 XML?")
        found[tag] = parts[0]
    return read_text(found["TEXT"], name=name), found["TAGS"].children


def read_text(element: Element, *, name: str) -> str:
    """Read an element that holds text alone. RAISES: FormatError for elements in it, whose text would be lost."""
    if element.children:
        raise FormatError(
            f"{name}, line {element.children[0].line}: expected text alone in {element.tag}, got an element. Write "
            "each < of the text as &lt;, or take the markup out."
        )
    return element.text


def parse_offsets(element: Element, *, name: str) -> Tuple[int, int]:
    """Return the attributes `start` and `end` of an element. RAISES: FormatError if they are no offsets."""
    stated = [element.attributes.get(key, "").strip() for key in ("start", "end")]
    if not all(OFFSET.fullmatch(value) for value in stated):
        raise FormatError(f"{name}, line {element.line}: expected whole numbers in start and end. Correct the element.")
    start, end = map(int, stated)
    if start > end:
        raise FormatError(f"{name}, line {element.line}: expected an end at or after the start, got {start} to {end}.")
    return start, end


def count_attributes(elements: Iterable[Element], *, known: Iterable[str]) -> Counter:
    """Count what the elements hold besides the known attributes: other attributes, elements below them."""
    expected = set(known)
    counts: Counter = Counter()
    for element in elements:
        counts["attribute"] += len(set(element.attributes) - expected)
        counts["element"] += len(element.children)
    return +counts


def write_tagged(note: Note, elements: Iterable[Tuple[str, Mapping[str, str]]], *, root: str) -> str:
    """Write a note of the i2b2 challenges: its text as CDATA, then an element a row of name and attributes.

    RAISES: FormatError naming the document and offset of a character that XML cannot hold.
    """
    text = check_characters(note.text, where=note.id)
    text = text.replace("]]>", "]]]]><![CDATA[>").replace("\r", "]]>&#13;<![CDATA[")
    lines = ['<?xml version="1.0" encoding="UTF-8" ?>', f"<{root}>", f"<TEXT><![CDATA[{text}]]></TEXT>", "<TAGS>"]
    for tag, attributes in elements:
        where = f"{note.id}, annotation at {attributes['start']}"
        lines.append(f"<{tag} {write_attributes(attributes, where=where)} />")
    return "\n".join([*lines, "</TAGS>", f"</{root}>", ""])


def write_attributes(attributes: Mapping[str, str], *, where: str) -> str:
    """Write attributes so that every character is read back. RAISES: FormatError for one that XML cannot hold."""
    checked = {key: check_characters(value, where=where) for key, value in attributes.items()}
    return " ".join(f'{key}="{_escape(value)}"' for key, value in checked.items())


def _escape(value: str) -> str:
    if isinstance(value, Verbatim):
        return BARE.sub("&amp;", value).translate({**ATTRIBUTE_ESCAPES, ord("&"): "&"})
    return value.translate(ATTRIBUTE_ESCAPES)


def write_text(text: str, *, where: str) -> str:
    """Write character data so that it is read back. RAISES: FormatError for a character that XML cannot hold."""
    return check_characters(text, where=where).translate(TEXT_ESCAPES)


def check_characters(text: str, *, where: str) -> str:
    """Return the text. RAISES: FormatError naming the offset of a character that XML 1.0 cannot hold."""
    found = NOT_XML.search(text)
    if found:
        raise FormatError(
            f"{where}: expected characters that XML 1.0 can hold, got U+{ord(found[0]):04X} at offset {found.start()}. "
            "Write another format, or replace the character by a space (offsets stay)."
        )
    return text
