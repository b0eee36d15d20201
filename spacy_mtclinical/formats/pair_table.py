"""A user's own pairs: a table with a header (tsv without quoting, csv with) or one JSON object a line."""

import csv
import io
import json
import sys
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, Union

from .nli_jsonl import parse_objects
from .records import FormatError, Pair
from .text import BOM, check_encodable, read_lines, write_line

KINDS = ("tsv", "csv", "jsonl")
MAXIMUM = sys.float_info.max
COLUMNS = ("first", "second", "answer")


def parse(data: str, *, name: str, kind: str, first: str, second: str, answer: Optional[str]) -> Iterator[Pair]:
    """Read the pairs, numbered from 1.

    An answer is text, save that a number in JSON is a float; an empty cell or null is no answer (None).

    kind: "tsv", "csv" or "jsonl".
    first, second, answer: The columns or keys; answer None where the file has no gold.
    RAISES: FormatError naming the line without these columns or keys; ValueError for another kind.
    """
    keys = [first, second] if answer is None else [first, second, answer]
    if kind == "jsonl":
        rows: Iterator[Tuple[int, Dict[str, Any]]] = parse_objects(data, name=name)
    elif kind in KINDS:
        table = _read_csv(data, name=name) if kind == "csv" else _read_tsv(data)
        rows = _name_cells(table, name=name, keys=keys)
    else:
        raise ValueError(f"Expected a kind of {', '.join(KINDS)}, got {kind!r}.")
    for count, (number, row) in enumerate(rows, start=1):
        where = f"{name}, line {number}"
        texts = [row.get(key) for key in keys[:2]]
        if not all(isinstance(text, str) for text in texts):
            raise FormatError(f"{where}: expected texts for '{first}' and '{second}', got something else. Correct it.")
        if answer is not None and answer not in row:
            raise FormatError(f"{where}: expected an answer for '{answer}', got none. Correct the line.")
        gold = None if answer is None else _read_answer(row[answer], where=where)
        sides = [check_encodable(str(text), where=where) for text in texts]
        yield Pair(str(count), sides[0], sides[1], gold)


def _read_answer(value: object, *, where: str) -> Optional[Union[str, float]]:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return check_encodable(value, where=where)
    if isinstance(value, (int, float)) and -MAXIMUM <= value <= MAXIMUM:
        return float(value)
    raise FormatError(f"{where}: expected a label or a number, got {type(value).__name__}. Correct the line.")


def _read_tsv(data: str) -> Iterator[Tuple[int, List[str]]]:
    return ((number, line.split("\t")) for number, line in read_lines(data) if line)


def _read_csv(data: str, *, name: str) -> Iterator[Tuple[int, List[str]]]:
    reader = csv.reader(io.StringIO(data[1:] if data.startswith(BOM) else data, newline=""), strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise FormatError(
                f"{name}, line {reader.line_num}: expected csv, got a quote out of place or unclosed, a NUL, or a "
                f"value over {csv.field_size_limit()} characters. Correct the line, or use jsonl."
            ) from None
        if row is None:
            return
        if row:
            yield reader.line_num, row


def _name_cells(
    table: Iterator[Tuple[int, List[str]]], *, name: str, keys: List[str]
) -> Iterator[Tuple[int, Dict[str, Any]]]:
    header: Optional[List[str]] = None
    for number, cells in table:
        if header is None:
            header = cells
            for key in keys:
                if header.count(key) != 1:  # the header is not quoted: it may be the first text of a file without one
                    raise FormatError(f"{name}, line {number}: expected one column '{key}', got {header.count(key)}.")
        elif len(cells) != len(header):
            raise FormatError(f"{name}, line {number}: expected {len(header)} columns, got {len(cells)}.")
        else:
            yield number, dict(zip(header, cells))
    if header is None:
        raise FormatError(f"{name}: expected a header line, got an empty file.")


def write(pairs: Iterable[Pair], *, kind: str) -> str:
    """Write the columns or keys "first", "second" and "answer" (empty or null where there is none).

    RAISES: FormatError naming the pair with a tab or line end in a tsv; ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"Expected a kind of {', '.join(KINDS)}, got {kind!r}.")
    if kind == "jsonl":
        rows = (dict(zip(COLUMNS, (pair.first, pair.second, pair.answer))) for pair in pairs)
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    table = [list(COLUMNS)]
    names = ["header"]
    for number, pair in enumerate(pairs, start=1):
        table.append([pair.first, pair.second, "" if pair.answer is None else str(pair.answer)])
        names.append(f"pair {pair.id or number}")
    if kind == "tsv":
        return "".join(write_line(row, separator="\t", where=name) for row, name in zip(table, names))
    held = io.StringIO(newline="")
    csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    return held.getvalue()
