"""Columns of tables whose types nobody states: what the cells of each hold, found by reading all of them once."""

import json
from typing import Any, Dict, Iterable, List, Mapping, Tuple

from .tables import Record

BOOLEAN, INTEGER, NUMBER, TEXT, JSON = "boolean", "integer", "number", "text", "json"
EXACT = 2**53  # integers beyond it are not the same as floating-point numbers
MOST_COLUMNS = 1000
DEEPEST = 100  # values within values of a cell: Python's own limit depends on who asks
KEY, VALUE = b"mtclinical", b"json"  # in the metadata of a column whose text is JSON


def scan_records(records: Iterable[Record]) -> Tuple[int, Dict[str, str]]:
    """Count rows, and find what the cells under each key hold, in the order in which the keys first come.

    A kind is "boolean", "integer", "number" or "text" if all cells that are not null are that, else "json".
    RAISES: ValueError if there are more than a thousand keys, or one that UTF-8 cannot hold.
    """
    total = 0
    kinds: Dict[str, str] = {}
    for record in records:
        total += 1
        for key, value in (record.cells or {}).items():
            if key not in kinds and not is_encodable(key):
                raise ValueError(
                    f"Expected keys that UTF-8 can hold, got another one by line {record.number}. Mend it."
                )
            kinds[key] = merge_kinds(kinds.get(key, ""), find_kind(value))
        if len(kinds) > MOST_COLUMNS:
            raise ValueError(
                f"Expected at most {MOST_COLUMNS:,} keys in all rows together, got more by line {record.number}. "
                "Give all rows the same keys."
            )
    return total, {key: kind or TEXT for key, kind in kinds.items()}


def find_kind(value: Any) -> str:
    """What a JSON value is; "" for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return INTEGER if abs(value) <= EXACT else JSON
    if isinstance(value, float):
        return NUMBER
    return TEXT if isinstance(value, str) else JSON


def is_encodable(value: Any, *, deepest: int = DEEPEST) -> bool:
    """Whether UTF-8 can hold all text in a JSON value, for JSON can name halves of characters; no if it is too deep."""
    if isinstance(value, (dict, list)):
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        return deepest > 0 and all(is_encodable(own, deepest=deepest - 1) for own in inner)
    try:
        return not isinstance(value, str) or value.isascii() or bool(value.encode("utf8"))
    except UnicodeEncodeError:
        return False


def merge_kinds(first: str, second: str) -> str:
    """The kind that holds the values of both."""
    if first == second or not first or not second:
        return first or second
    return NUMBER if {first, second} == {INTEGER, NUMBER} else JSON


def make_fields(kinds: Mapping[str, str]) -> List[Any]:
    """Make the Arrow fields of columns of these kinds."""
    import pyarrow as pa

    types = {BOOLEAN: pa.bool_(), INTEGER: pa.int64(), NUMBER: pa.float64(), TEXT: pa.string(), JSON: pa.string()}
    return [pa.field(key, types[kind], metadata={KEY: VALUE} if kind == JSON else None) for key, kind in kinds.items()]


def is_json(field: Any) -> bool:
    """Whether the text of a column is JSON."""
    return (field.metadata or {}).get(KEY) == VALUE


def make_cells(values: Iterable[Any], field: Any) -> Any:
    """Make a column of cells that were scanned before.

    RAISES: ValueError naming the column if they are not of the kind that was found then; never the cell.
    """
    import pyarrow as pa

    if is_json(field):
        values = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    try:
        return pa.array(values, field.type)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        raise ValueError(f"Column '{field.name}' changed while it was read. Start again.") from None
