"""Parquet files as sources: rows of any number, a row group in memory at a time, columns as they are typed."""

from pathlib import Path
from typing import Any, Iterator, List, Optional, Sequence, Tuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .batches import is_text, read_cells, read_ids
from .sources import CHARACTERS, FAULT, FIRST, ID, SECOND, TEXT, Piece, Source, check_dropped, watch_file


def open_parquet(path: Path, *, columns: Sequence[str], id: Optional[str], drop: Sequence[str]) -> Source:
    """Open a .parquet file.

    columns: That of a note's text, or the two of a pair's.
    id: That of the identifier. None: "id" where there is one, else the row's number.
    RAISES: ValueError for a file that is damaged, or a column that is missing or holds no text.
    """
    identity, check = watch_file(path)
    try:
        with pq.ParquetFile(path) as file:
            schema, total = file.schema_arrow, file.metadata.num_rows
    except pa.ArrowException as error:
        raise ValueError(f"{path} is no whole Parquet file ({type(error).__name__}).") from None
    for name in (*columns, *([] if id is None else [id])):
        if schema.names.count(name) != 1:
            raise ValueError(f"{path}: expected one column '{name}', got {schema.names.count(name)}.")
    for name in columns:
        if not is_text(schema.field(name).type):
            raise ValueError(f"{path}: expected text in column '{name}', got {schema.field(name).type}.")
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twice:
        raise ValueError(f"{path}: expected each column once, got '{twice[0]}' more often. Rename it.")
    named = "id" if id is None and "id" in schema.names else id
    check_dropped(path, drop, schema.names)
    others = [field for field in schema if field.name not in (*columns, named, *drop)]

    def read(ranges: Sequence[range], count: int) -> Iterator[Piece]:
        for number, start, batch in read_ranges(path, ranges, count=count):
            normal = name_columns(batch, columns, id=named, required=id is not None, start=start, others=others)
            for part in cut_characters(normal, len(columns)):
                yield Piece(number, part, 0)

    return Source(total, identity, others, len(columns) == 1, len(columns) == 2, read, check)


def read_ranges(path: Path, ranges: Sequence[range], *, count: int) -> Iterator[Tuple[int, int, Any]]:
    """Read the rows of ranges: the range's number, the position of the first row, and a batch.

    RAISES: ValueError naming the row after which the file could not be read.
    """
    position = first = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=count):
                rows = range(position, position + batch.num_rows)
                for number in range(first, len(ranges)):
                    start, stop = max(rows.start, ranges[number].start), min(rows.stop, ranges[number].stop)
                    if start < stop:
                        yield number, start, batch.slice(start - position, stop - start)
                    if ranges[number].stop > rows.stop:
                        break
                    first = number + 1
                if first == len(ranges):
                    return
                position = rows.stop
    except (pa.ArrowException, OSError) as error:
        reason = type(error).__name__
        raise ValueError(f"{path} could not be read after row {position:,} ({reason}). Start again to go on.") from None


def name_columns(
    batch: Any, columns: Sequence[str], *, id: Optional[str], required: bool, start: int, others: Sequence[Any]
) -> Any:
    """Give a batch the columns of a source.

    required: Whether each row has to have an identifier; otherwise it is the number of the row.
    start: The position of the first row, counted from 0.
    """
    names: List[Optional[str]] = [None] * batch.num_rows if id is None else read_ids(batch.column(id))
    faults: List[Optional[str]] = [None] * batch.num_rows
    for row, name in enumerate(names):
        if not name:
            number = start + row + 1
            names[row] = str(number) if id is None else f"row {number}"
            if required:
                faults[row] = f"Row {number}: expected an identifier in '{id}', got none."
    passing = []
    for field in others:
        column, broken = mend_column(batch.column(field.name))
        passing.append(column)
        for row in broken:
            faults[row] = faults[row] or f"Row {start + row + 1}, '{field.name}': expected UTF-8, got something else."
    texts = [pa.array(read_cells(batch.column(name)), pa.binary()) for name in columns]
    own = zip((TEXT,) if len(columns) == 1 else (FIRST, SECOND), texts)
    fields = [(ID, pa.array(names, pa.string())), (FAULT, pa.array(faults, pa.string())), *own]
    schema = pa.schema([*(pa.field(name, column.type) for name, column in fields), *others])
    return pa.RecordBatch.from_arrays([*(column for _, column in fields), *passing], schema=schema)


def mend_column(column: Any) -> Tuple[Any, List[int]]:
    """Give a column whose text is UTF-8, and the rows whose cells were not and are null now."""
    try:
        column.validate(full=True)
        return column, []
    except pa.ArrowInvalid:
        broken = [row for row in range(len(column)) if not _is_valid(column.slice(row, 1))]
    mask = pa.array([row in set(broken) for row in range(len(column))])
    return pc.if_else(mask, pa.scalar(None, column.type), column), broken


def _is_valid(cell: Any) -> bool:
    try:
        pa.concat_arrays([cell]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def cut_characters(batch: Any, texts: int) -> Iterator[Any]:
    """Cut a batch where its texts would be too long together, measured in bytes."""
    lengths = [0] * batch.num_rows
    for column in batch.columns[2 : 2 + texts]:
        lengths = [length + (own or 0) for length, own in zip(lengths, pc.binary_length(column).to_pylist())]
    start = held = 0
    for row, length in enumerate(lengths):
        if row > start and held + length > CHARACTERS:
            yield batch.slice(start, row - start)
            start, held = row, 0
        held += length
    if batch.num_rows:
        yield batch.slice(start)
