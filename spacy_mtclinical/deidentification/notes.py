"""Files of notes to be de-identified: text, name, what tells the patient, and columns that are kept as they are."""

import json
from pathlib import Path
from types import MappingProxyType
from typing import Any, Callable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..bulk.batches import Plan, read_items
from ..bulk.fields import is_json
from ..bulk.items import Item
from ..bulk.results import find_json_type, list_cells
from ..bulk.sources import FAULT, ID, TEXT, open_source

OWN = ("id", "text", "patient", "error")  # columns that are written whatever is kept


class Note(NamedTuple):
    """A note, or what is wrong with it; what its row says of the patient; and the cells that are kept."""

    item: Item
    named: Any = None
    kept: Mapping[str, Any] = MappingProxyType({})


class Notes(NamedTuple):
    """An input.

    total: Notes.
    notices: What the user should know of what is not read.
    fields: Arrow fields of the columns that are kept.
    dropped: How many columns are not.
    read: Batches of at most so many notes.
    """

    total: int
    notices: Tuple[str, ...]
    fields: Tuple[Any, ...]
    dropped: int
    read: Callable[[int], Iterator[List[Note]]]


def open_notes(
    path: Path,
    *,
    listing: Path,
    text: str = "text",
    id: Optional[str] = None,
    patient: Optional[str] = None,
    keep: Sequence[str] = (),
) -> Notes:
    """Open a folder or file of notes, see `bulk.sources.open_source`.

    listing: A file to be made, for the names of a folder's notes.
    patient: The column or key that tells the patient.
    keep: Those that are written as they are.
    RAISES: ValueError or OSError for what holds no notes, or lacks a column.
    """
    taken = sorted(set(keep) & set(OWN))
    if taken:
        raise ValueError(f"Expected columns to keep other than {', '.join(OWN)}, got {', '.join(taken)}.")
    source = open_source(path, listing=listing, text=text, id=id)
    fields = {field.name: field for field in source.others}
    is_id = patient is not None and patient == (id or "id") and patient not in fields
    for column in (*keep, *([patient] if patient and not is_id else [])):
        if column not in fields:
            raise ValueError(f"{path}: expected a column '{column}', found none.")
    kept = tuple(make_plain_field(fields[column]) for column in keep)
    plan = Plan("", text=TEXT, id=ID, fault=FAULT)

    def read(count: int) -> Iterator[List[Note]]:
        for piece in source.read([range(source.total)], count):
            items = read_items(piece.batch, plan)
            cells = {
                name: list_cells(piece.batch.column(name), fields[name]) for name in {*keep, patient} & set(fields)
            }
            yield [
                Note(
                    item,
                    item.id if is_id else cells[patient][row] if patient else None,
                    {column: _make_plain(cells[column][row], fields[column]) for column in keep},
                )
                for row, item in enumerate(items)
            ]
        source.check()

    dropped = len(set(fields) - {*keep, patient})
    return Notes(source.total, source.notices, kept, dropped, read)


def make_plain_field(field: Any) -> Any:
    """The Arrow field of a column whose cells are written as `list_cells` gives them, JSON as text."""
    import pyarrow as pa

    return pa.field(field.name, pa.string() if is_json(field) else find_json_type(field))


def _make_plain(cell: Any, field: Any) -> Any:
    return json.dumps(cell, ensure_ascii=False) if is_json(field) and cell is not None else cell
