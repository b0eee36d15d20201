"""Notes to be de-identified, row by row of a batch: text, name, what tells the patient, and columns that are kept."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..bulk.batches import Plan, read_items
from ..bulk.fields import is_json
from ..bulk.items import Item
from ..bulk.results import find_json_type, list_cells
from ..bulk.sources import FAULT, FIRST, ID, TEXT, Source, open_source

OWN = ("id", "text", "patient", "error")  # columns that are written whatever is kept
PLAN = Plan("", text=TEXT, id=ID, fault=FAULT)


class Note(NamedTuple):
    """A note, or what is wrong with it; what its row says of the patient; and the cells that are kept."""

    item: Item
    named: Any = None
    kept: Mapping[str, Any] = MappingProxyType({})


class Columns(NamedTuple):
    """Which columns of an input are read.

    keep: Those that are written as they are.
    patient: That which tells the patient; "" where it is the identifier.
    """

    keep: Tuple[str, ...] = ()
    patient: Optional[str] = None


class Notes(NamedTuple):
    """An input, the columns that are read, Arrow fields of those that are kept, and how many are left out."""

    source: Source
    columns: Columns
    fields: Tuple[Any, ...]
    dropped: int


def open_notes(
    path: Path,
    *,
    listing: Path,
    renew: bool = True,
    text: str = "text",
    id: Optional[str] = None,
    patient: Optional[str] = None,
    keep: Sequence[str] = (),
) -> Notes:
    """Open a folder or file of notes, see `bulk.sources.open_source`.

    patient: The column or key that tells the patient.
    keep: Those that are written as they are.
    RAISES: ValueError or OSError for what holds no notes, or lacks a column.
    """
    taken = sorted(set(keep) & set(OWN))
    if taken:
        raise ValueError(f"Expected columns to keep other than {', '.join(OWN)}, got {', '.join(taken)}.")
    source = open_source(path, listing=listing, renew=renew, text=text, id=id)
    fields = {field.name: field for field in source.others}
    is_id = patient is not None and patient == (id or "id") and patient not in fields
    for column in (*keep, *([patient] if patient and not is_id else [])):
        if column not in fields:
            raise ValueError(f"{path}: expected a column '{column}', found none.")
    kept = tuple(make_plain_field(fields[column]) for column in keep)
    columns = Columns(tuple(keep), "" if is_id else patient)
    return Notes(source, columns, kept, len(set(fields) - {*keep, patient}))


def read_notes(batch: Any, columns: Columns) -> List[Note]:
    """Read the notes of a batch of an input."""
    names = {*columns.keep, *([columns.patient] if columns.patient else [])}
    fields = {name: batch.schema.field(name) for name in names}
    cells = {name: list_cells(batch.column(name), field) for name, field in fields.items()}
    pairs = batch.column(FIRST).is_valid().to_pylist() if FIRST in batch.schema.names else []
    is_pair = pairs or [False] * batch.num_rows
    notes = []
    for row, item in enumerate(read_items(batch, PLAN)):
        named = item.id if columns.patient == "" else cells[columns.patient][row] if columns.patient else None
        if is_pair[row]:
            item = item._replace(error="Expected a note, got a pair.")
        kept = {column: _make_plain(cells[column][row], fields[column]) for column in columns.keep}
        notes.append(Note(item, named, kept))
    return notes


def make_plain_field(field: Any) -> Any:
    """The Arrow field of a column whose cells are written as `list_cells` gives them, JSON as text."""
    import pyarrow as pa

    return pa.field(field.name, pa.string() if is_json(field) else find_json_type(field))


def _make_plain(cell: Any, field: Any) -> Any:
    return json.dumps(cell, ensure_ascii=False) if is_json(field) and cell is not None else cell
