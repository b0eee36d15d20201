"""IOB: a token and its tag a line, sentences apart by a blank line (the conll files of BC5CDR)."""

import re
from typing import Iterable, Iterator, List, Optional, Tuple

from .mentions import check_offsets
from .records import Annotation, FormatError, Note
from .text import guard_bom, read_lines, write_line

DOCUMENT = "-DOCSTART-"
WORD = re.compile(r"[^ \t]+")
TAG = re.compile(r"([BIESLU])(?:-(.*))?", re.DOTALL)
OUTSIDE = "O"
Tagged = Tuple[str, str]  # token, tag


def parse(data: str, *, name: str) -> Iterator[Note]:
    """Read the documents of a file: a new one at each -DOCSTART-, numbered from 1.

    The text is rebuilt, tokens joined by a space and sentences by LF. Columns are parted by tabs, or by spaces where
    the line has no tab; the first is the token, the last its tag. IOB1, IOB2, IOBES and BILOU are read alike: a mention
    goes on while the type does, and ends before B, S, U and after E, L, S, U.

    RAISES: FormatError naming the line without token or tag.
    """
    sentences: List[List[Tagged]] = [[]]
    count = 0
    started = False
    for number, line in read_lines(data):
        where = f"{name}, line {number}"
        cells = line.split("\t") if "\t" in line else WORD.findall(line)
        words = WORD.findall(cells[0]) if cells else []
        if words[:1] == [DOCUMENT]:
            if started or sentences != [[]]:
                count += 1
                yield _make_note(str(count), sentences)
            sentences, started = [[]], True
        elif not line.strip(" \t"):
            if sentences[-1]:
                sentences.append([])
        elif not words or len(cells) < 2:
            raise FormatError(f"{where}: expected a token and its tag, got one column or an empty token.")
        else:
            tag = cells[-1].strip(" ")
            if tag != OUTSIDE and not TAG.fullmatch(tag):
                raise FormatError(f"{where}: expected the tag O, or one of B I E S L U with a type.")
            sentences[-1].append((" ".join(words), tag))
    if started or sentences != [[]]:
        yield _make_note(str(count + 1), sentences)


def _make_note(doc_id: str, sentences: List[List[Tagged]]) -> Note:
    lines = []
    spans: List[Tuple[str, int, int]] = []
    at = 0
    for sentence in filter(None, sentences):
        lines.append(" ".join(token for token, _ in sentence))
        open_label: Optional[str] = None
        for token, tag in sentence:
            match = TAG.fullmatch(tag)
            label = None if match is None else match[2] or ""
            if match is not None and label is not None:
                if open_label != label or match[1] in "BSU":
                    spans.append((label, at, at))
                spans[-1] = (label, spans[-1][1], at + len(token))
            open_label = None if match is None or match[1] in "ESLU" else label
            at += len(token) + 1
    annotations = (Annotation(f"T{i}", label, ((s, e),)) for i, (label, s, e) in enumerate(spans, start=1))
    return Note(doc_id, "\n".join(lines), tuple(annotations))


def write(notes: Iterable[Note]) -> str:
    """Write documents as IOB2, each after -DOCSTART-. Tokens are what white space parts, sentences are lines.

    A mention is widened to the whole tokens it touches, one in fragments to all from its first to its last.

    RAISES: FormatError naming the document and offset of what the format cannot hold: mentions that overlap, go
    over a line end, or touch no token.
    """
    return guard_bom("".join("".join(_write_lines(note)) for note in notes))


def _write_lines(note: Note) -> Iterator[str]:
    yield f"{DOCUMENT}\t{OUTSIDE}\n\n"
    for annotation in note.annotations:
        check_offsets(note, annotation)
    waiting = sorted(note.annotations, key=lambda annotation: (annotation.start, annotation.end))
    written = 0
    for line in re.finditer(r"[^\n]+", note.text):
        tokens = list(WORD.finditer(note.text, line.start(), line.end() - (line[0][-1] == "\r")))
        reach = -1  # the token up to which the line is tagged
        tags = [OUTSIDE] * len(tokens)
        while written < len(waiting) and waiting[written].start < line.end():
            mention = waiting[written]
            inside = [i for i, t in enumerate(tokens) if t.start() < mention.end and t.end() > mention.start]
            if mention.start == mention.end or not inside or inside[0] <= reach or mention.end > line.end():
                raise _refuse(note, mention)
            reach = inside[-1]
            tags[inside[0] : reach + 1] = [f"B-{mention.label}", *[f"I-{mention.label}"] * (len(inside) - 1)]
            written += 1
        for token, tag in zip(tokens, tags):
            if token[0] == DOCUMENT:
                raise FormatError(f"{note.id}: expected no {DOCUMENT} in a text, got one at offset {token.start()}.")
            yield write_line([token[0], tag], separator="\t", where=f"{note.id}, token at {token.start()}")
        if tokens:
            yield "\n"
    if written < len(waiting):
        raise _refuse(note, waiting[written])


def _refuse(note: Note, mention: Annotation) -> FormatError:
    return FormatError(
        f"{note.id}: expected mentions apart, each of tokens of one line, got another at offset {mention.start}. "
        "IOB cannot hold it: write brat."
    )
