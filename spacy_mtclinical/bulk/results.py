"""A batch of answers as rows of JSON values."""

import json
from typing import Any, Dict, List, Sequence

from .fields import is_json
from .rows import Row
from .schema import ENTITIES_OF, ERROR, FIRST, ID, OWN, PAIRS_OF, SECOND, SHORTENED, TEXT


def list_rows(batch: Any) -> List[Row]:
    """Write a batch of answers as rows of JSON values: `entities` and `pairs` are there in each, if empty.

    A row has `text`, or `first` and `second`, and `shortened` only where there is such a thing. Tasks that have no
    answer for it are left out. Dates, times and decimals are text.
    """
    import pyarrow as pa

    others = [field for field in batch.schema if field.name not in OWN]
    columns: Dict[str, List[Any]] = {}
    for field in batch.schema:
        column = batch.column(field.name)
        columns[field.name] = column.to_pylist() if field.name in OWN else list_cells(column, field)
    empty: Sequence[Any] = [None] * batch.num_rows
    classes = [field.name for field in _fields_of(batch.schema, PAIRS_OF) if pa.types.is_map(field.type)]
    rows = []
    for number in range(batch.num_rows):
        cells = {name: columns.get(name, empty)[number] for name in OWN}
        row: Row = {ID: cells[ID]}
        row.update({name: cells[name] for name in (TEXT, FIRST, SECOND) if cells[name] is not None})
        row[ENTITIES_OF] = cells[ENTITIES_OF] or {}
        answers = {task: answer for task, answer in (cells[PAIRS_OF] or {}).items() if answer is not None}
        row[PAIRS_OF] = {task: dict(answer) if task in classes else answer for task, answer in answers.items()}
        if cells[SHORTENED] is not None:
            row[SHORTENED] = cells[SHORTENED]
        row[ERROR] = cells[ERROR]
        row.update({field.name: columns[field.name][number] for field in others})
        rows.append(row)
    return rows


def _fields_of(schema: Any, name: str) -> List[Any]:
    return list(schema.field(name).type) if name in schema.names else []


def list_cells(column: Any, field: Any) -> List[Any]:
    """Write the cells of a column that passes through as JSON values."""
    if is_json(field):
        return [None if cell is None else json.loads(cell) for cell in column.to_pylist()]
    return column.cast(find_json_type(field)).to_pylist()


def check_json(fields: Sequence[Any]) -> None:
    """Refuse columns that JSON cannot hold. RAISES: ValueError naming the first."""
    for field in fields:
        find_json_type(field)


def find_json_type(field: Any) -> Any:
    """The Arrow type in which a column is written as JSON. RAISES: ValueError naming a column that JSON cannot hold."""
    import pyarrow as pa

    kind, types = field.type, pa.types
    if types.is_dictionary(kind):
        return find_json_type(field.with_type(kind.value_type))
    if types.is_struct(kind):
        return pa.struct([inner.with_type(find_json_type(inner)) for inner in kind])
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pa.list_(find_json_type(kind.value_field))
    if types.is_temporal(kind) or types.is_decimal(kind):
        return pa.string()
    if types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind) or types.is_null(kind):
        return kind
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return pa.large_string()
    raise ValueError(
        f"Expected columns that JSON can hold, got {kind} in column '{field.name}'. Write parquet, or leave it out "
        "(--drop)."
    )
