"""Inputs of any size: how many notes and pairs there are, what passes through, and batches of any ranges of them.

A batch has the columns of `COLUMNS`, then those that pass through. Its rows, and where one batch ends and the next
begins, depend on the input and the ranges alone.
"""

import os
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, TypeVar

from ..formats.records import FormatError
from .fields import make_cells, make_fields, scan_records
from .items import Item, name_file, read_gold, read_note, read_record
from .listing import Listed, count_notes, read_listing, write_listing
from .pipelines import hash_file
from .tables import TABLES, read_header, read_table

Thing = TypeVar("Thing")
PARQUET = ".parquet"
KINDS = (".txt", *TABLES, PARQUET, ".spacy")
ID, FAULT, TEXT, FIRST, SECOND = COLUMNS = (  # names that the columns of an input have not
    "_mtclinical_id",
    "_mtclinical_fault",
    "_mtclinical_text",
    "_mtclinical_first",
    "_mtclinical_second",
)
CHARACTERS = 10_000_000  # a batch, save where one text is longer


class Piece(NamedTuple):
    """A batch of a range: the number of the range, and how many of its notes could not be read for the moment."""

    number: int
    batch: Any
    unread: int


class Source(NamedTuple):
    """An input.

    total: Notes and pairs.
    identity: What tells it from another.
    others: The fields that pass through.
    notes, pairs: What may be in it.
    read: Ranges of positions, in order and apart, to their batches of at most so many rows.
    check: Raises ValueError or OSError if it is no longer what it was.
    notices: What the user should know of what is not read.
    """

    total: int
    identity: Dict[str, Any]
    others: Sequence[Any]
    notes: bool
    pairs: bool
    read: Callable[[Sequence[range], int], Iterator[Piece]]
    check: Callable[[], None]
    notices: Tuple[str, ...] = ()


def open_source(
    path: Path,
    *,
    listing: Path,
    renew: bool = True,
    text: str = "text",
    id: Optional[str] = None,
    pair: Optional[Tuple[str, str]] = None,
    drop: Sequence[str] = (),
    limit: Optional[int] = None,
) -> Source:
    """Open a folder or a file. A table is read through once, to count its rows and to know what they hold.

    path: A folder whose .txt files are notes, in it and in its folders; a .txt, .jsonl, .csv, .tsv or .parquet file; or
        a .spacy file of notes and pairs, which is held in memory.
    listing: Where a folder's files are listed; where they were listed, unless `renew`.
    text: The column or key of a note's text.
    id: That of its identifier. None: "id" where there is one, else the row's number.
    pair: Those of a pair's two texts, instead of `text`.
    drop: Columns or keys that do not pass through.
    limit: Characters a note at most; a file that must hold more is not read.
    RAISES: ValueError (FormatError) or OSError for what holds no items: nothing there, another kind of file, a column
        that is missing.
    """
    is_folder = path.is_dir()
    kind = path.suffix.lower()
    if not path.exists():
        raise FileNotFoundError(f"Expected notes or pairs at {path}, found nothing there.")
    if not is_folder and kind not in KINDS:
        raise ValueError(f"Expected a folder of .txt files or a file of {', '.join(KINDS)}, got {path}.")
    if pair and (is_folder or kind not in (*TABLES, PARQUET)):
        raise ValueError(
            f"Expected a table ({', '.join((*TABLES, PARQUET))}) of pairs, got {path}. Leave the columns out."
        )
    if drop and (is_folder or kind not in (*TABLES, PARQUET)):
        raise ValueError(f"Expected a table to leave columns out of, got {path}. Leave drop out.")
    if is_folder:
        return open_folder(path, listing=listing, renew=renew, limit=limit)
    if kind == ".txt":
        return open_note(path, limit=limit)
    if kind == ".spacy":
        return open_gold(path)
    if kind == PARQUET:
        from .parquet import open_parquet

        return open_parquet(path, columns=pair or (text,), id=id, drop=drop)
    return open_table(path, kind=kind, columns=pair or (text,), id=id, drop=drop)


def make_source_schema(source: Source) -> Any:
    """Tell the columns of an input's batches."""
    import pyarrow as pa

    names = [ID, FAULT, *[TEXT] * source.notes, *[FIRST, SECOND] * source.pairs]
    return pa.schema([*(pa.field(name, pa.string()) for name in names), *source.others])


def open_folder(path: Path, *, listing: Path, renew: bool, limit: Optional[int]) -> Source:
    """Open a folder of .txt files, listing them or reading the list that was made before."""
    found, others, links = count_notes(path)
    if renew:
        if not found:
            raise ValueError(f"Expected .txt files in {path} or its folders, found none.")
        write_listing(path, listing)
    total = sum(1 for _ in read_listing(listing))
    notices = [f"{others:,} files that do not end in .txt were not read"] if others else []
    notices += [f"{links:,} links to folders were not followed"] if links else []
    if found > total:
        notices.append(f"{found - total:,} files came after the run had begun, and are not in it")
    identity = {"kind": "folder", "path": name_file(str(path.resolve())), "files": total, "sha256": hash_file(listing)}

    def read(ranges: Sequence[range], count: int) -> Iterator[Piece]:
        items = ((number, _read_listed(path, listed, limit)) for number, listed in pick(read_listing(listing), ranges))
        return cut_pieces(items, count=count, names=(TEXT,))

    return Source(total, identity, (), True, False, read, lambda: None, tuple(notices))


def open_note(path: Path, *, limit: Optional[int]) -> Source:
    """Open one .txt file."""
    size = path.stat().st_size
    identity = {"kind": ".txt", "bytes": size, "sha256": hash_file(path)}

    def read(ranges: Sequence[range], count: int) -> Iterator[Piece]:
        items = (
            (number, _read_listed(path.parent, listed, limit))
            for number, listed in pick([Listed(path.name, size)], ranges)
        )
        return cut_pieces(items, count=count, names=(TEXT,))

    return Source(1, identity, (), True, False, read, lambda: None)


def _read_listed(folder: Path, listed: Listed, limit: Optional[int]) -> Item:
    return read_note(folder / listed.name, id=name_file(listed.name), size=listed.size, limit=limit)


def open_gold(path: Path) -> Source:
    """Open a .spacy file. RAISES: ValueError if it is damaged."""
    identity, check = watch_file(path)
    total = sum(1 for _ in read_gold(path))

    def read(ranges: Sequence[range], count: int) -> Iterator[Piece]:
        return cut_pieces(pick(read_gold(path), ranges), count=count, names=(TEXT, FIRST, SECOND))

    return Source(total, identity, (), True, True, read, check)


def open_table(path: Path, *, kind: str, columns: Sequence[str], id: Optional[str], drop: Sequence[str]) -> Source:
    """Open a .jsonl, .csv or .tsv file. RAISES: FormatError for a header that lacks a column or has one twice."""
    identity, check = watch_file(path)
    required = columns if id is None else (*columns, id)
    header = [] if kind == ".jsonl" else read_header(path, kind=kind)
    total, kinds = scan_records(read_table(path, kind=kind, required=required))
    check()
    lacking = [column for column in required if kinds and column not in kinds]
    if kind == ".jsonl" and lacking:
        raise FormatError(f"{path}: expected rows with the key '{lacking[0]}', found none among {total:,}.")
    kinds = {name: kinds.get(name, "text") for name in header} or kinds
    check_dropped(path, drop, kinds)
    has_id = (id or "id") in kinds
    taken = {*columns, "id" if id is None else id, *drop}
    others = make_fields({name: kind for name, kind in kinds.items() if name not in taken})
    twice = sorted({name for name in header if header.count(name) > 1} - {*drop})
    if twice:
        # the header is not quoted: it may be the first text of a file without one
        number = header.index(twice[0]) + 1
        raise FormatError(
            f"{path}, line 1: expected each column once, got the name of column {number} more often. Rename it."
        )
    names = (TEXT,) if len(columns) == 1 else (FIRST, SECOND)

    def read(ranges: Sequence[range], count: int) -> Iterator[Piece]:
        records = pick(read_table(path, kind=kind, required=required), ranges)
        passing = [field.name for field in others]
        read_item = partial(read_record, columns=columns, id=id, has_id=has_id, others=passing)
        items = ((number, read_item(record)) for number, record in records)
        return cut_pieces(items, count=count, names=names, others=others)

    return Source(total, identity, others, len(columns) == 1, len(columns) == 2, read, check)


def check_dropped(path: Path, drop: Sequence[str], names: Iterable[str]) -> None:
    """Refuse to leave out columns that are not there: one of them may be there under another name, and pass through.

    RAISES: FormatError naming them; not where there are no names at all.
    """
    known = set(names)
    missing = sorted(set(drop) - known)
    if known and missing:
        raise FormatError(f"{path}: expected the columns to leave out, found none named {', '.join(missing)}.")


def watch_file(path: Path) -> Tuple[Dict[str, Any], Callable[[], None]]:
    """Give what tells a file from another, and what raises once it is no longer that file.

    RAISES: OSError if it cannot be read.
    """

    def look() -> Tuple[int, int, int]:
        found = os.stat(path)
        return found.st_size, found.st_mtime_ns, found.st_ino

    begun = look()
    identity = {"kind": path.suffix.lower(), "bytes": begun[0], "sha256": hash_file(path)}

    def check() -> None:
        try:
            changed = look() != begun
        except OSError:
            changed = True
        if changed:
            raise ValueError(f"{path} changed or went away while it was read. Put it back, and start again to go on.")

    check()
    return identity, check


def pick(stream: Iterable[Thing], ranges: Sequence[range]) -> Iterator[Tuple[int, Thing]]:
    """Give the things at the positions in the ranges, each with the number of its range; read no further than that."""
    places = enumerate(ranges)
    number, wanted = next(places, (0, range(0)))
    for position, thing in enumerate(stream):
        while position >= wanted.stop:
            following = next(places, None)
            if following is None:
                return
            number, wanted = following
        if position in wanted:
            yield number, thing
        if position + 1 >= ranges[-1].stop:
            return  # the next thing would be read in vain


def cut_pieces(
    items: Iterable[Tuple[int, Item]], *, count: int, names: Sequence[str], others: Sequence[Any] = ()
) -> Iterator[Piece]:
    """Cut numbered items into batches: of one range, of so many items, or fewer where the texts are long."""
    held: List[Item] = []
    before, length = 0, 0
    for number, item in chain(items, [(-1, Item(""))]):
        own = sum(map(len, item.texts))
        if held and (number != before or len(held) == count or length + own > CHARACTERS):
            yield Piece(before, make_batch(held, names=names, others=others), sum(item.unread for item in held))
            held, length = [], 0
        before = number
        held.append(item)
        length += own


def make_batch(items: Sequence[Item], *, names: Sequence[str], others: Sequence[Any]) -> Any:
    """Make a batch of items.

    names: Of the columns of texts: of notes, of pairs, or of both.
    RAISES: ValueError for a cell that is not what the scan of its column found.
    """
    import pyarrow as pa

    texts: Dict[str, List[Optional[str]]] = {name: [None] * len(items) for name in names}
    for row, item in enumerate(items):
        for name, text in zip((TEXT,) if len(item.texts) == 1 else (FIRST, SECOND), item.texts):
            texts[name][row] = text
    columns = {
        ID: pa.array([item.id for item in items], pa.string()),
        FAULT: pa.array([item.error or None for item in items], pa.string()),
        **{name: pa.array(held, pa.string()) for name, held in texts.items()},
    }
    fields = [pa.field(name, pa.string()) for name in columns]
    cells = [make_cells([(item.others or {}).get(field.name) for item in items], field) for field in others]
    return pa.RecordBatch.from_arrays([*columns.values(), *cells], schema=pa.schema([*fields, *others]))
