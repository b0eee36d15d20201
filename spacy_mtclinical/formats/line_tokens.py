"""Positions `line:token` of the i2b2 line formats, to character offsets and back.

Lines count from 1, tokens from 0. Tokens are what white space separates, and a line that begins with white space has
an empty token 0, as the tool that made the files had it (Java's `split("\\s+")`, which knows ASCII white space only).
"""

import re
from bisect import bisect_left
from typing import List, NamedTuple, Optional, Tuple

from .records import FormatError, Fragment
from .text import LINE_END

TOKEN = re.compile(r"\S+", re.ASCII)
Position = Tuple[int, int]  # line from 1, token from 0


class Grid(NamedTuple):
    """Where the tokens of a text are.

    lines: The character offsets of each token of each line, with the empty ones.
    tokens: Start, end, line, number of each token that is not empty, in text order.
    """

    lines: List[List[Fragment]]
    tokens: List[Tuple[int, int, int, int]]


def make_grid(text: str) -> Grid:
    """Find the tokens of a text, by its own offsets."""
    lines: List[List[Fragment]] = []
    tokens: List[Tuple[int, int, int, int]] = []
    bounds = [0, *(at for match in LINE_END.finditer(text) for at in match.span()), len(text)]
    for start, end in zip(bounds[::2], bounds[1::2]):
        spans = [match.span() for match in TOKEN.finditer(text, start, end)]
        if text[start:end] != text[start:end].lstrip(" \t\n\r\f\v"):
            at = spans[0][0] if spans else start
            spans.insert(0, (at, at))
        lines.append(spans)
        tokens.extend((*span, len(lines), number) for number, span in enumerate(spans) if span[0] < span[1])
    return Grid(lines, tokens)


def to_offsets(grid: Grid, first: Position, last: Position, *, where: str) -> Fragment:
    """Return the characters from the first token to the last one inclusive.

    RAISES: FormatError if there is no such line or token, or the last comes before the first.
    """
    for line, token in (first, last):
        if not 1 <= line <= len(grid.lines):
            raise FormatError(f"{where}: expected a line from 1 to {len(grid.lines)}, got {line}. Check the text.")
        if token >= len(grid.lines[line - 1]):
            count = len(grid.lines[line - 1])
            raise FormatError(
                f"{where}: expected a token below {count} in line {line} of the text, got {token}. Check the text."
            )
    if last < first:
        raise FormatError(f"{where}: expected an end at or after the start, got one before it. Correct the line.")
    return grid.lines[first[0] - 1][first[1]][0], grid.lines[last[0] - 1][last[1]][1]


def touched(grid: Grid, start: int, end: int) -> Optional[Tuple[int, int]]:
    """Return the first and last (inclusive) of `grid.tokens` that share a character with the span, or None."""
    last = bisect_left(grid.tokens, (end,)) - 1  # the last that begins before the end
    first = bisect_left(grid.tokens, (start,))
    if first and grid.tokens[first - 1][1] > start:
        first -= 1
    return (first, last) if start < end and first <= last else None
