"""What is to be annotated: notes and pairs from folders, tables and .spacy files, one item each whatever is wrong."""

import os
from itertools import chain, islice
from pathlib import Path
from typing import Any, Dict, Iterator, NamedTuple, Optional, Sequence, Tuple

from spacy.vocab import Vocab

from .corpus import read_docs
from .documents import DOC_ID, PAIR, check_text
from .tables import TABLES, Record, read_table

KINDS = (".txt", *TABLES, ".spacy")


class Item(NamedTuple):
    """A note (one text), a pair (two texts), or what is wrong with it (no text).

    id: The file's path in the folder, the row's identifier, or the row's number.
    error: Why there is no text; never a part of it.
    """

    id: str
    texts: Tuple[str, ...] = ()
    error: str = ""


class Source(NamedTuple):
    """A stream of items and, where that is cheap to know, how many there are.

    notices: What the user should know of what is not read.
    """

    items: Iterator[Item]
    total: Optional[int] = None
    notices: Tuple[str, ...] = ()


def open_source(
    path: Path, *, text: str = "text", id: Optional[str] = None, pair: Optional[Tuple[str, str]] = None
) -> Source:
    """Open a folder or a file; the items are read as they are asked for, a .spacy file at once.

    path: A folder whose .txt files are notes, in it and in its folders; a .txt, .jsonl, .csv or .tsv file; or a
        .spacy file of notes and pairs.
    text: The column or key of a note's text.
    id: That of its identifier. None: "id" where there is one, else the row's number.
    pair: Those of a pair's two texts, instead of `text`.
    RAISES: ValueError (FormatError) or OSError for what holds no items: nothing there, another kind of file, a column
        that is missing.
    """
    is_folder = path.is_dir()
    kind = path.suffix.lower()
    if not path.exists():
        raise FileNotFoundError(f"Expected notes or pairs at {path}, found nothing there.")
    if not is_folder and kind not in KINDS:
        raise ValueError(f"Expected a folder of .txt files or a file of {', '.join(KINDS)}, got {path}.")
    if pair and (is_folder or kind not in TABLES):
        raise ValueError(f"Expected a table ({', '.join(TABLES)}) of pairs, got {path}. Leave the columns out.")
    if is_folder:
        return _open_folder(path)
    if kind == ".txt":
        return Source(iter([read_note(path, id=name_file(path.name))]), 1)
    if kind == ".spacy":
        return Source(_begin(read_gold(path)))
    columns = pair or (text,)
    required = columns if id is None else (*columns, id)
    records = read_table(path, kind=kind, required=required)
    return Source(_begin(read_record(record, columns=columns, id=id) for record in records))


def _begin(items: Iterator[Item]) -> Iterator[Item]:
    """Read the first item now, so that a file that cannot be read is known before a pipeline is loaded."""
    return chain(list(islice(items, 1)), items)


def _open_folder(path: Path) -> Source:
    total = links = 0
    for folder, folders, names in os.walk(path, onerror=_raise):
        total += sum(is_note(name) for name in names)
        links += sum(os.path.islink(os.path.join(folder, name)) for name in folders)
    if not total:
        raise ValueError(f"Expected .txt files in {path} or its folders, found none.")
    notices = (f"{links:,} links to folders were not followed",) if links else ()
    return Source(read_folder(path), total, notices)


def read_folder(path: Path) -> Iterator[Item]:
    """Read the .txt files of a folder by name, then those of its folders, likewise."""
    for folder, folders, names in os.walk(path, onerror=_raise):
        folders.sort()
        for name in sorted(filter(is_note, names)):
            file = Path(folder, name)
            yield read_note(file, id=name_file(file.relative_to(path).as_posix()))


def _raise(error: OSError) -> None:
    raise error


def is_note(name: str) -> bool:
    """Whether a file of this name is read as a note."""
    return name.lower().endswith(".txt")


def name_file(name: str) -> str:
    """A file's name as text that can be written, also where its bytes are not UTF-8."""
    return name.encode("utf8", "backslashreplace").decode("utf8")


def read_note(file: Path, *, id: str) -> Item:
    """Read a note as it is: no character is changed, neither line ends nor a byte order mark."""
    try:
        if not file.is_file():
            return Item(id, error="Expected a file, found something else or nothing.")
        return Item(id, (file.read_bytes().decode("utf8"),))
    except UnicodeDecodeError as error:
        return Item(id, error=f"Expected UTF-8, got something else at byte {error.start}. Convert the file to UTF-8.")
    except OSError as error:
        return Item(id, error=f"The file could not be read ({error.strerror}).")


def read_gold(path: Path) -> Iterator[Item]:
    """Read the texts of a .spacy file, and nothing else of its documents."""
    for number, doc in enumerate(read_docs(path, Vocab()), start=1):
        id = _name(doc.user_data.get(DOC_ID)) or str(number)
        if PAIR not in doc.spans:
            yield Item(id, (doc.text,))
        elif len(doc.spans[PAIR]) == 2:
            first, second = (span.text for span in doc.spans[PAIR])
            yield Item(id, (first, second))
        else:
            yield Item(id, error=f"Expected a pair of two segments, got {len(doc.spans[PAIR])}.")


def read_record(record: Record, *, columns: Sequence[str], id: Optional[str]) -> Item:
    """Make an item of a row of a table."""
    number = str(record.number)
    if record.cells is None:
        return Item(number, error=record.error)
    name = _name(record.cells.get("id" if id is None else id))
    if id is not None and name is None:
        return Item(number, error=f"Line {number}: expected an identifier (text or a number) in '{id}', got none.")
    name = number if name is None else name
    texts = []
    for column in columns:
        reason = _find_fault(record.cells, column)
        if reason:
            return Item(name, error=f"Line {number}, '{column}': {reason}")
        texts.append(record.cells[column])
    return Item(name, tuple(texts))


def _find_fault(cells: Dict[str, Any], column: str) -> str:
    if column not in cells:
        return "expected a text, found no such field."
    try:
        check_text(cells[column])
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _name(value: Any) -> Optional[str]:
    """An identifier as text; None for what is none."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != "":
        return name_file(str(value))
    return None
