"""PubTator: titles and abstracts with their mentions, many documents in a file (BC5CDR)."""

import re
from collections import Counter
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from .mentions import check_offsets, wording
from .records import Annotation, FormatError, Note
from .text import guard_bom, read_lines, write_line

PASSAGE = re.compile(r"([^|\t]+)\|([ta])\|(.*)", re.DOTALL)
OFFSET = re.compile(r"[0-9]{1,9}")
RELATION = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
IDENTIFIER = re.compile(r"[^|\t\r\n]+")


def parse(data: str, *, name: str) -> Iterator[Note]:
    """Read the documents of a file. The text is title, one space, abstract (the title alone if there is no abstract).

    Mentions are T1, T2, ... in the order of the file; the columns after the type are attributes "identifier" (CUIs) and
    "columns" (a list of any others). Relations are counted in `Note.ignored` by kind.

    RAISES: FormatError naming the line of what is malformed.
    """
    doc_id: Optional[str] = None
    passages: Dict[str, str] = {}
    annotations: List[Annotation] = []
    ignored: Counter = Counter()
    for number, line in read_lines(data):
        where = f"{name}, line {number}"
        passage = PASSAGE.fullmatch(line)
        if passage and passage[2] == "t":
            if doc_id is not None:
                yield _make_note(doc_id, passages, annotations, ignored)
            doc_id, passages, annotations, ignored = passage[1], {"t": passage[3]}, [], Counter()
        elif passage:
            if passage[1] != doc_id or "a" in passages or annotations:
                raise FormatError(f"{where}: expected an abstract once, after the title of its document. Correct it.")
            passages["a"] = passage[3]
        elif line.strip():
            cells = line.split("\t")
            if doc_id is None or cells[0] != doc_id:
                raise FormatError(f"{where}: expected a line of the document above (ID|t|, ID|a|, ID<tab>).")
            if len(cells) >= 4 and RELATION.fullmatch(cells[1]) and not OFFSET.fullmatch(cells[2]):
                ignored[cells[1]] += 1
            else:
                annotations.append(_parse_mention(cells, f"T{len(annotations) + 1}", where=where))
    if doc_id is not None:
        yield _make_note(doc_id, passages, annotations, ignored)


def _make_note(doc_id: str, passages: Dict[str, str], annotations: List[Annotation], ignored: Counter) -> Note:
    text = " ".join(passages[key] for key in ("t", "a") if key in passages)
    return Note(doc_id, text, tuple(annotations), ignored=dict(ignored))


def _parse_mention(cells: List[str], id_: str, *, where: str) -> Annotation:
    if len(cells) < 5 or not (OFFSET.fullmatch(cells[1]) and OFFSET.fullmatch(cells[2])):
        raise FormatError(f"{where}: expected ID, start, end, text, type between tabs, got another line. Correct it.")
    start, end = int(cells[1]), int(cells[2])
    if start > end:
        raise FormatError(f"{where}: expected an end at or after the start, got {start} to {end}. Correct the line.")
    attributes: Dict[str, Any] = {}
    if len(cells) > 5:
        attributes["identifier"] = cells[5]
    if len(cells) > 6:
        attributes["columns"] = cells[6:]
    return Annotation(id_, cells[4], ((start, end),), cells[3], attributes)


def write(notes: Iterable[Note]) -> str:
    """Write documents. The title ends at the first end of a sentence, else at the first space; read back, the text
    is the same wherever that is. Fragments are joined to one span from first to last.

    RAISES: FormatError naming the document with a line end in its text, an identifier or a label that does not fit.
    """
    return guard_bom("\n".join("".join(_write_lines(note)) for note in notes))


def _write_lines(note: Note) -> Iterator[str]:
    if not IDENTIFIER.fullmatch(note.id):
        raise FormatError("expected document identifiers without bar, tab or line end, got another. Rename it.")
    line_end = re.search(r"\n|\r\Z", note.text)
    if line_end:
        raise FormatError(
            f"{note.id}: expected a text on one line, got a line end at offset {line_end.start()}. PubTator "
            "cannot hold it: write brat, or replace it by a space (offsets stay)."
        )
    for kind, passage in zip("ta", _split_title(note.text)):
        yield f"{note.id}|{kind}|{passage}\n"
    for annotation in note.annotations:
        check_offsets(note, annotation)
        where = f"{note.id}, annotation at {annotation.start}"
        span = [str(annotation.start), str(annotation.end)]
        stated = wording(note, annotation).replace("\t", " ").replace("\n", " ")
        cells = [note.id, *span, stated, annotation.label]
        if "identifier" in annotation.attributes:
            cells += [str(annotation.attributes["identifier"]), *map(str, annotation.attributes.get("columns", ()))]
        yield write_line(cells, separator="\t", where=where)


def _split_title(text: str) -> Tuple[str, ...]:
    for end in (re.compile(r"(?<=[.?!\]]) "), re.compile(r" ")):
        found = end.search(text)
        if found and text[found.start() - 1 : found.start()] != "\r":
            return text[: found.start()], text[found.end() :]
    return (text,)
