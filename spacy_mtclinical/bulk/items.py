"""What is to be annotated: a note or a pair, or what is wrong with it, from a file, a row or a document."""

import os
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.vocab import Vocab

from ..docbins import read_docs
from ..documents import DOC_ID, PAIR, check_text
from .fields import DEEPEST, is_encodable
from .tables import Record

REASON = "mtclinical_error"  # key in Doc.user_data: why a document has no answers
LONGEST_BYTES = 2**31 - 2**16  # of a text: what a column of Arrow's strings can hold
BYTES = 4  # at most, a character in UTF-8


class Item(NamedTuple):
    """A note (one text), a pair (two texts), or what is wrong with it (no text).

    id: The file's path in the folder, the row's identifier, or the row's number.
    error: Why there is no text; never a part of it.
    others: The other cells of its row.
    unread: Whether the error is of the moment (a file that is gone) and not of the note.
    """

    id: str
    texts: Tuple[str, ...] = ()
    error: str = ""
    others: Optional[Mapping[str, Any]] = None
    unread: bool = False


def is_note(name: str) -> bool:
    """Whether a file of this name is read as a note."""
    return name.lower().endswith(".txt")


def name_file(name: str) -> str:
    """A file's name as text that can be written, also where its bytes are not UTF-8."""
    return name.encode("utf8", "backslashreplace").decode("utf8")


def read_note(file: Path, *, id: str, size: Optional[int] = None, limit: Optional[int] = None) -> Item:
    """Read a note as it is: no character is changed, neither line ends nor a byte order mark.

    size: The bytes that it has to have, where it was listed before; None where it was no file then.
    limit: Characters that are wanted at most; a file that must hold more is not read.
    """
    try:
        if not file.is_file():
            return Item(id, error="Expected a file, found something else or nothing.", unread=size is not None)
        most = LONGEST_BYTES if limit is None else min(LONGEST_BYTES, BYTES * limit)
        found = os.stat(file).st_size
        if found > most:
            return Item(id, error=f"Expected at most {most:,} bytes, got {found:,}.")
        data = file.read_bytes()
    except OSError as error:
        return Item(id, error=f"The file could not be read ({error.strerror}).", unread=size is not None)
    if size is not None and len(data) != size:
        reason = (
            f"Expected {size:,} bytes, as when the run began, got {len(data):,}. Put the file back, and start again."
        )
        return Item(id, error=reason, unread=True)
    try:
        return Item(id, (data.decode("utf8"),))
    except UnicodeDecodeError as error:
        return Item(id, error=f"Expected UTF-8, got something else at byte {error.start}. Convert the file to UTF-8.")


def read_gold(path: Path) -> Iterator[Item]:
    """Read the texts of a .spacy file, and nothing else of its documents.

    RAISES: ValueError naming a file that is damaged.
    """
    for number, doc in enumerate(read_docs(path, Vocab()), start=1):
        id = make_name(doc.user_data.get(DOC_ID)) or str(number)
        if REASON in doc.user_data:  # of a run before this one
            yield Item(id, error=str(doc.user_data[REASON]))
        elif PAIR not in doc.spans:
            yield Item(id, (doc.text,))
        elif len(doc.spans[PAIR]) == 2:
            first, second = (span.text for span in doc.spans[PAIR])
            yield Item(id, (first, second))
        else:
            yield Item(id, error=f"Expected a pair of two segments, got {len(doc.spans[PAIR])}.")


def read_record(
    record: Record, *, columns: Sequence[str], id: Optional[str], has_id: bool = False, others: Sequence[str] = ()
) -> Item:
    """Make an item of a row of a table.

    columns: That of a note's text, or the two of a pair's.
    id: That of the identifier. None: "id" where there is one, else the row's number.
    has_id: Whether other rows have an identifier, from which the number of this one's line has to be told.
    others: Those that pass through; one that the row lacks is None.
    """
    number = str(record.number)
    spare = f"line {number}" if has_id else number
    if record.cells is None:
        return Item(spare, error=record.error)
    cells = record.cells
    name = make_name(cells.get("id" if id is None else id))
    faults = []
    if id is not None and name is None:
        faults.append(f"Line {number}: expected an identifier (text or a number) in '{id}', got none.")
    for column in columns:
        reason = _find_fault(cells, column)
        faults += [f"Line {number}, '{column}': {reason}"] if reason else []
    kept: Dict[str, Any] = {}
    for column in others:
        cell = cells.get(column)
        kept[column] = cell if is_encodable(cell) else None
        if kept[column] is not cell:
            wanted = "UTF-8" if isinstance(cell, str) else f"UTF-8, at most {DEEPEST} levels deep"
            faults.append(f"Line {number}, '{column}': expected {wanted}, got something else.")
    texts = () if faults else tuple(cells[column] for column in columns)
    return Item(spare if name is None else name, texts, faults[0] if faults else "", kept)


def _find_fault(cells: Dict[str, Any], column: str) -> str:
    if column not in cells:
        return "expected a text, found no such field."
    try:
        check_text(cells[column])
    except (TypeError, ValueError) as error:
        return str(error)
    if len(cells[column]) * BYTES > LONGEST_BYTES and len(cells[column].encode("utf8")) > LONGEST_BYTES:
        return f"expected at most {LONGEST_BYTES:,} bytes, got more."
    return ""


def make_name(value: Any) -> Optional[str]:
    """An identifier as text; None for what is none."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
        return name_file(str(value))
    return None
