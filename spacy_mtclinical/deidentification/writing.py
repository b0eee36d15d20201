"""De-identified notes to files: a folder of .txt files, or one .jsonl, .csv or .parquet file."""

import csv
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, ContextManager, Dict, Iterator, List, Optional, Sequence, Set

from ..bulk.brat import choose_name
from ..outputs import check_apart, check_output, format_line, open_aside

Row = Dict[str, Any]  # id, text (None if it failed), patient, what is kept, error
Write = Callable[[Row], Optional[str]]  # gives the name of the file, if a note is one
ERRORS = "_errors.jsonl"
ROWS = 1024  # of a row group
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run, see OWASP, CSV injection
FILES = (".jsonl", ".csv", ".parquet")


def check_place(path: Path, *, source: Path, force: bool = False, goes_on: bool = False) -> None:
    """Refuse to write where the input is, or over anything, unless forced over a file.

    goes_on: Whether what is there is of a run that goes on.
    RAISES: ValueError for an output that is the input, lies in it or holds it, that is there already, or of a kind
        that cannot be written.
    """
    if not is_folder(path):
        return check_output(path, source=source, force=force or goes_on)
    check_apart(path, source=source)
    if path.resolve() in source.resolve().parents:
        raise ValueError(f"Expected an output outside of the input, got {path}, in which the input lies.")
    if path.suffix.lower() in (".txt", ".tsv", ".spacy"):
        raise ValueError(f"Expected a folder, or a file that ends in {', '.join(FILES)}, got {path}.")
    if path.exists() and not goes_on and (not path.is_dir() or any(path.iterdir())):
        raise ValueError(f"Expected a new or empty folder, got {path}. Name another one.")
    return None


def check_map(path: Optional[Path], *, source: Path, output: Path, force: bool = False) -> None:
    """Refuse a map that would lie with the input or in the output, which goes to others.

    RAISES: ValueError; also for a file that is there, unless forced.
    """
    if path is not None:
        check_output(path, source=source, force=force)
        real, other = path.resolve(), output.resolve()
        if real == other or (is_folder(output) and other in real.parents):
            raise ValueError(f"Expected a map outside of the output, got {path}. It tells what the output must not.")


def is_folder(path: Path) -> bool:
    """Whether notes are written as files into a folder."""
    return path.is_dir() or path.suffix.lower() not in FILES


def open_rows(path: Path, *, columns: Sequence[Any]) -> ContextManager[Write]:
    """Open an output; gives what writes a row. A file gets its name when it is whole.

    columns: Arrow fields of all columns. In a folder, only texts are written, and errors.
    """
    if is_folder(path):
        return write_folder(path)
    return {".jsonl": write_jsonl, ".csv": write_csv, ".parquet": write_parquet}[path.suffix.lower()](path, columns)


@contextmanager
def write_folder(folder: Path) -> Iterator[Write]:
    """Open a folder for notes under their names; those that failed are listed with the reason in `_errors.jsonl`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ERRORS).unlink(missing_ok=True)  # of the run before this one, which went on
    taken: Set[str] = set()

    def write(row: Row) -> Optional[str]:
        if row["error"] is not None:
            with (folder / ERRORS).open("a", encoding="utf8", newline="\n") as file:
                file.write(format_line({"id": row["id"], "error": row["error"]}))
            return None
        name = f"{choose_name(row['id'], taken)}.txt"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.part")
        try:
            aside.write_bytes(row["text"].encode("utf8"))
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        return name

    yield write


@contextmanager
def write_jsonl(path: Path, columns: Sequence[Any]) -> Iterator[Write]:
    """Open a .jsonl file."""
    with open_aside(path) as file:

        def write(row: Row) -> None:
            file.write(format_line(row))

        yield write


@contextmanager
def write_csv(path: Path, columns: Sequence[Any]) -> Iterator[Write]:
    """Open a .csv file; a cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    with open_aside(path) as file:
        rows = csv.writer(file)  # its CRLF has CR alone quoted, too
        names = [field.name for field in columns]
        rows.writerow(map(guard, names))

        def write(row: Row) -> None:
            rows.writerow([guard(row.get(name)) for name in names])

        yield write


def guard(cell: Any) -> Any:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


@contextmanager
def write_parquet(path: Path, columns: Sequence[Any]) -> Iterator[Write]:
    """Open a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(columns)
    held: List[Row] = []
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.part")
    try:
        with pq.ParquetWriter(aside, schema, compression="zstd") as file:

            def flush() -> None:
                file.write_table(pa.Table.from_pylist(held, schema=schema))
                held.clear()

            def write(row: Row) -> None:
                held.append(row)
                if len(held) == ROWS:
                    flush()

            yield write
            flush()
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
