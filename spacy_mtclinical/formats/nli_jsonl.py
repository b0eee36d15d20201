"""Inference pairs, one JSON object a line: MedNLI's and SNLI's layout, and the plain premise-hypothesis-label one."""

import json
from typing import Any, Dict, Iterable, Iterator, Tuple

from .records import FormatError, Pair
from .text import check_encodable, read_lines

NATIVE = ("sentence1", "sentence2", "gold_label")
PLAIN = ("premise", "hypothesis", "label")
NO_LABEL = "-"  # the annotators did not agree
UNLABELLED = "unlabelled"


def parse(data: str, *, name: str) -> Iterator[Pair]:
    """Read the pairs of a file; the layout may change from line to line. Parses of the sentences are left aside.

    The label "-" gives the answer None and attributes {"unlabelled": True}. The identifier is the pairID, else the
    line's number.

    RAISES: FormatError naming the line that is no such object.
    """
    for number, row in parse_objects(data, name=name):
        where = f"{name}, line {number}"
        first, second, answer = _read_layout(row, where=where)
        id_ = row.get("pairID", number)
        if not isinstance(id_, (str, int)):
            raise FormatError(f"{where}: expected a pairID of text, got {type(id_).__name__}. Correct the line.")
        id_ = check_encodable(str(id_), where=where)
        if answer == NO_LABEL:
            yield Pair(id_, first, second, None, {UNLABELLED: True})
        else:
            yield Pair(id_, first, second, answer)


def _read_layout(row: Dict[str, Any], *, where: str) -> Tuple[str, str, str]:
    for keys in (NATIVE, PLAIN):
        if all(isinstance(row.get(key), str) for key in keys):
            first, second, answer = (check_encodable(row[key], where=where) for key in keys)
            return first, second, answer
    raise FormatError(f"{where}: expected texts for {', '.join(NATIVE)} or for {', '.join(PLAIN)}. Correct the line.")


def parse_objects(data: str, *, name: str) -> Iterator[Tuple[int, Dict[str, Any]]]:
    """Read one JSON object a line and give it with the line's number; blank lines are passed over.

    RAISES: FormatError naming the line that is none.
    """
    for number, line in read_lines(data):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise FormatError(f"{name}, line {number}: expected one JSON object, got something else. Correct the line.")
        yield number, row


def write(pairs: Iterable[Pair]) -> str:
    """Write pairs in MedNLI's layout, "-" where there is no answer.

    RAISES: FormatError naming the pair whose answer is not a text.
    """
    lines = []
    for number, pair in enumerate(pairs, start=1):
        if not isinstance(pair.answer, (str, type(None))):
            kind = type(pair.answer).__name__
            raise FormatError(f"pair {pair.id or number}: expected a label (text) or None, got {kind}.")
        label = NO_LABEL if pair.answer is None else pair.answer
        row = {"gold_label": label, "pairID": pair.id, "sentence1": pair.first, "sentence2": pair.second}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)
