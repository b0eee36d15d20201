"""Rows of .jsonl, .csv and .tsv files of any length, read one by one; what is wrong with a row stays with that row."""

import csv
import json
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..formats.records import FormatError

TABLES = (".jsonl", ".csv", ".tsv")
Row = Tuple[int, int, Optional[List[str]]]  # its first line and its last, counted from 1, and its cells
BOM = b"\xef\xbb\xbf"
LONGEST_CELL = min(sys.maxsize, 2**31 - 1)  # characters; Python's own limit of 131,072 is shorter than some notes


class Record(NamedTuple):
    """A row: the number of its line, counted from 1, and its cells by name, or None and what is wrong with it."""

    number: int
    cells: Optional[Dict[str, Any]]
    error: str = ""


def read_table(path: Path, *, kind: str, required: Sequence[str]) -> Iterator[Record]:
    """Read the rows of a file; blank lines are none.

    Bytes that are not UTF-8 arrive as lone surrogates in the cells of .csv and .tsv, and as an error in .jsonl.

    kind: ".jsonl" (an object a line), ".csv" (with a header and quotes) or ".tsv" (with a header, without quotes).
    required: Columns that a header has to have; a row of .jsonl may lack them.
    RAISES: FormatError for a header without them, or with one of them twice; for a .csv whose quotes are not in order.
    """
    if kind == ".jsonl":
        return read_jsonl(path)
    if kind == ".csv":
        return name_cells(read_csv(path), path=path, required=required)
    return map(check_quotes, name_cells(read_tsv(path), path=path, required=required))


def read_jsonl(path: Path) -> Iterator[Record]:
    """Read one JSON object a line. Lines end at LF or CRLF and nowhere else."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            line = line[len(BOM) :] if number == 1 and line.startswith(BOM) else line
            if not line.strip():
                continue
            try:
                row = json.loads(line.decode("utf8"), object_pairs_hook=_make_object)
            except _KeyTwice:
                yield _fault(number, "expected each key once, got one more often")
                continue
            except UnicodeDecodeError as error:
                yield _fault(number, f"expected UTF-8, got something else at byte {error.start}")
                continue
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                yield Record(number, row)
            else:
                yield _fault(number, "expected one JSON object, got something else")


class _KeyTwice(ValueError):
    """An object has a key twice, so that one of its values would be lost."""


def _make_object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwice
    return found


def read_csv(path: Path) -> Iterator[Row]:
    """Read the cells of each row, None where the quotes are not in order: it is the last, since nothing tells where the
    next row begins. What follows may be the rest of a note, its first words an identifier.
    """
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file, strict=True)
        while True:
            number = reader.line_num + 1
            try:
                row = _read_row(reader)
            except csv.Error:
                yield number, reader.line_num, None
                return
            if reader.line_num < number:
                return
            if row:
                yield number, reader.line_num, row


def _read_row(reader: Any) -> List[str]:
    limit = csv.field_size_limit(LONGEST_CELL)  # everybody's: no longer than it has to be
    try:
        return next(reader, [""])
    finally:
        csv.field_size_limit(limit)


def read_tsv(path: Path) -> Iterator[Row]:
    """Read the cells of each line."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            line = line[:-1] if line.endswith("\n") else line
            line = line[:-1] if line.endswith("\r") else line
            if line:
                yield number, number, line.split("\t")


def check_quotes(record: Record) -> Record:
    """Refuse a row of .tsv with a cell that begins with a quote and goes on in the next line, as others write them."""
    for cell in (record.cells or {}).values():
        if cell.startswith('"') and cell.count('"') % 2:
            told = "got a quote that is not closed: .tsv is read without quotes, a row a line"
            return _fault(record.number, f"{told}. Convert the table to .csv, .jsonl or .parquet")
    return record


def name_cells(rows: Iterator[Row], *, path: Path, required: Sequence[str]) -> Iterator[Record]:
    """Name the cells of each row by the header, which is the first row."""
    number, _, header = next(rows, (1, 1, []))
    for column in required:
        found = (header or []).count(column)
        if found != 1:  # the header is not quoted: it may be the first text of a file without one
            raise FormatError(f"{path}, line {number}: expected a header with one column '{column}', got {found}.")
    names = header or []
    for number, last, cells in rows:
        if cells is None:
            lines = f"line {number:,}" if last == number else f"lines {number:,} to {last:,}"
            raise FormatError(
                f"{path}, {lines}: expected csv, got a quote out of place, or one that is not closed, so that nothing "
                "tells where the next row begins. Mend the quotes, or convert the table to .jsonl or .parquet."
            )
        if len(cells) != len(names):
            yield _fault(number, f"expected {len(names)} columns, got {len(cells)}")
        else:
            yield Record(number, dict(zip(names, cells)))


def read_header(path: Path, *, kind: str) -> List[str]:
    """Read the names of the columns of a .csv or .tsv file."""
    rows = read_csv(path) if kind == ".csv" else read_tsv(path)
    _, _, header = next(rows, (1, 1, None))
    return header or []


def _fault(number: int, what: str) -> Record:
    return Record(number, None, f"Line {number}: {what}.")
