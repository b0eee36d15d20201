"""Similarity pairs between tabs, without header and quoting, and the gold of a test set, a score a line."""

from typing import Iterable, Iterator, List, Optional

from .records import FormatError, Pair
from .text import guard_bom, parse_number, read_lines, write_line


def parse(data: str, *, name: str, first: int = 0, second: int = 1, score: Optional[int] = 2) -> Iterator[Pair]:
    """Read the pairs; further columns are left aside. The identifier is the line's number.

    first, second, score: The columns, from 0; score None where the file has no gold.
    RAISES: FormatError naming the line with too few columns, or with a score that is no number.
    """
    needed = max(first, second, first if score is None else score) + 1
    for number, line in read_lines(data):
        if not line:
            continue
        where = f"{name}, line {number}"
        cells = line.split("\t")
        if len(cells) < needed:
            raise FormatError(f"{where}: expected {needed} columns between tabs or more, got {len(cells)}.")
        answer = None if score is None else parse_number(cells[score], where=where)
        yield Pair(str(number), cells[first], cells[second], answer)


def write(pairs: Iterable[Pair], *, first: int = 0, second: int = 1, score: int = 2) -> str:
    """Write first text, second text and, where the pair has one, its score.

    first, second, score: Their columns, from 0; columns before and between them are left empty.
    RAISES: FormatError naming the pair with a tab or line end in a text, or whose answer is no number.
    """
    lines = []
    for number, pair in enumerate(pairs, start=1):
        held = {first: pair.first, second: pair.second}
        if pair.answer is not None:
            held[score] = _write_score(pair, number)
        cells = [held.get(column, "") for column in range(max(held) + 1)]
        lines.append(write_line(cells, separator="\t", where=f"pair {pair.id or number}"))
    return guard_bom("".join(lines))


def parse_scores(data: str, *, name: str) -> List[float]:
    """Read one score a line. RAISES: FormatError naming the line that holds none, but for blank ones at the end."""
    lines = list(read_lines(data))
    while lines and not lines[-1][1].strip():
        lines.pop()
    return [parse_number(line, where=f"{name}, line {number}") for number, line in lines]


def write_scores(pairs: Iterable[Pair]) -> str:
    """Write the score of each pair on a line. RAISES: FormatError naming the pair without one."""
    return "".join(_write_score(pair, number) + "\n" for number, pair in enumerate(pairs, start=1))


def _write_score(pair: Pair, number: int) -> str:
    if isinstance(pair.answer, (str, type(None))):
        raise FormatError(f"pair {pair.id or number}: expected a score (a number), got {type(pair.answer).__name__}.")
    return repr(float(pair.answer))
