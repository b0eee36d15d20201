"""i2b2 2010 concepts: a text and its `.con`, one concept a line by `line:token` positions."""

import re
from typing import List, Tuple

from .line_tokens import TOKEN, Grid, make_grid, to_offsets, touched
from .mentions import check_offsets
from .records import Annotation, FormatError, Note
from .text import read_lines

# The quoted text may hold quotes, so it is read greedily.
CONCEPT = re.compile(r'c="(.*)" ([0-9]{1,9}):([0-9]{1,9}) ([0-9]{1,9}):([0-9]{1,9})\|\|t="([^"]*)"\s*', re.DOTALL)


def parse(text: str, con: str, *, doc_id: str, name: str) -> Note:
    """Read the concepts of a text. Repeated lines are kept; identifiers are C1, C2, ... in the order of the file.

    con: What the `.con` file holds; its text is kept as stated (lower-cased) and not compared.
    name: The file's name, for messages.
    RAISES: FormatError naming the line that is no concept, or points to where the text has no token.
    """
    grid = make_grid(text)
    annotations: List[Annotation] = []
    for number, line in read_lines(con):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        concept = CONCEPT.fullmatch(line)
        if not concept:
            raise FormatError(f'{where}: expected c="..." line:token line:token||t="...", got another line.')
        stated, *digits, label = concept.groups()
        first_line, first, last_line, last = map(int, digits)
        span = to_offsets(grid, (first_line, first), (last_line, last), where=where)
        annotations.append(Annotation(f"C{len(annotations) + 1}", label, (span,), stated))
    return Note(doc_id, text, tuple(annotations))


def write(note: Note) -> str:
    """Write the `.con` of a note.

    A concept is whole tokens: a span that begins or ends within a token is widened to the tokens it touches, and one in
    fragments to all tokens from its first to its last (`widened` counts both). The text is lower-cased and its white
    space normalised. Attributes are not written, the format has none.

    RAISES: FormatError naming the document and offset of a span that touches no token, or has a label with a quote.
    """
    grid = make_grid(note.text)
    lines = []
    for annotation in note.annotations:
        first, last = _find_tokens(note, annotation, grid)
        start, end = grid.tokens[first][0], grid.tokens[last][1]
        if '"' in annotation.label or "\n" in annotation.label:
            raise FormatError(f"{note.id}, annotation at {start}: expected a label without quote or line end.")
        exact = annotation.fragments == ((start, end),)
        stated = exact and annotation.text or note.text[start:end]
        words = " ".join(TOKEN.findall(stated)).lower()
        begin, stop = ("{}:{}".format(*grid.tokens[index][2:]) for index in (first, last))
        lines.append(f'c="{words}" {begin} {stop}||t="{annotation.label}"\n')
    return "".join(lines)


def widened(note: Note) -> int:
    """Count the annotations that `write` widens: those whose tokens have characters that they do not cover."""
    grid = make_grid(note.text)
    count = 0
    for annotation in note.annotations:
        first, last = _find_tokens(note, annotation, grid)
        covered = {at for start, end in annotation.fragments for at in range(start, end)}
        tokens = grid.tokens[first : last + 1]
        count += any(at not in covered for start, end, *_ in tokens for at in range(start, end))
    return count


def _find_tokens(note: Note, annotation: Annotation, grid: Grid) -> Tuple[int, int]:
    check_offsets(note, annotation)
    found = touched(grid, annotation.start, annotation.end)
    if found is None:
        raise FormatError(
            f"{note.id}: expected an annotation that touches a token, got white space or nothing at "
            f"{annotation.start} to {annotation.end}. Leave it out."
        )
    return found
