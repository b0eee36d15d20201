"""Rows of annotated notes and pairs, read back from what the verb `annotate` wrote, or from a .spacy file."""

from math import isfinite
from operator import index
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..bulk.items import REASON
from ..bulk.manifests import count_shards, read_manifest
from ..bulk.rows import Row, list_entities
from ..bulk.tables import read_jsonl
from ..docbins import read_docs
from ..documents import DOC_ID, EXTENSION, PAIR
from ..formats.records import FormatError

KINDS = (".jsonl", ".parquet", ".spacy")
COLUMNS = ("id", "text", "first", "second", "entities", "pairs", "error")
PARQUET_ROWS = 256  # rows in memory at a time


class Mention(NamedTuple):
    """A labelled span of a text: offsets in characters, the end exclusive; the score None where there is none."""

    start: int
    end: int
    label: str
    score: Optional[float]


class Result(NamedTuple):
    """A note (one text) with its mentions, a pair (two texts) with its answers, or what failed (none, and why).

    mentions: By task, also of tasks that found none.
    answers: By task, a number, or label to probability.
    """

    id: str
    texts: Tuple[str, ...]
    mentions: Mapping[str, Sequence[Mention]]
    answers: Mapping[str, Any]
    error: str


def read_results(path: Path) -> Iterator[Result]:
    """Read the rows of a file, or of all files of a folder by name, one by one.

    RAISES: OSError or ValueError (FormatError), naming file and row, for what is no file of rows, and for a row
        without its text or with offsets outside of it.
    """
    for file in find_files(path):
        for number, row in read_rows(file):
            yield read_row(row, where=f"{file}, row {number}")


def find_files(path: Path) -> List[Path]:
    """The files of rows. RAISES: FileNotFoundError or ValueError if there is none."""
    if not path.exists():
        raise FileNotFoundError(f"Expected annotated notes at {path}, found nothing there.")
    if not path.is_dir():
        if path.suffix.lower() not in KINDS:
            raise ValueError(
                f"Expected annotated notes in a file of {', '.join(KINDS)}, or a folder of such, got {path}."
            )
        return [path]
    files = sorted(file for file in path.iterdir() if file.suffix.lower() in KINDS and file.name[0] not in "._")
    if not files:
        raise ValueError(f"Expected annotated notes in {path}, found no file of {', '.join(KINDS)}.")
    return files


def find_missing(path: Path) -> str:
    """Say what a folder lacks whose annotation has not been finished; nothing if it is whole, or no such folder."""
    manifest = read_manifest(path) if path.is_dir() else None
    if manifest is None or len(manifest.done) == count_shards(manifest):
        return ""
    return f"annotation is not finished: {len(manifest.done):,} of {count_shards(manifest):,} shards are there"


def read_rows(file: Path) -> Iterator[Tuple[int, Row]]:
    """Read the rows of one file, each with its number (that of the line in .jsonl)."""
    kind = file.suffix.lower()
    if kind == ".jsonl":
        for record in read_jsonl(file):
            if record.cells is None:
                raise FormatError(f"{file}: {record.error}")
            yield record.number, record.cells
    else:
        yield from enumerate(read_parquet(file) if kind == ".parquet" else map(doc_to_row, read_docs(file, Vocab())), 1)


def read_parquet(file: Path) -> Iterator[Row]:
    """Read the rows of a table. RAISES: ValueError without pyarrow, or for a file that is damaged."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise ValueError(f"{file}: reading .parquet takes pyarrow. Install it, or annotate to .jsonl.") from None
    try:
        with parquet.ParquetFile(file) as table:
            columns = [name for name in COLUMNS if name in table.schema_arrow.names]
            for batch in table.iter_batches(batch_size=PARQUET_ROWS, columns=columns):
                yield from batch.to_pylist(maps_as_pydicts="strict")
    except (ArrowException, UnicodeDecodeError) as error:
        raise ValueError(f"{file} is no whole .parquet file ({type(error).__name__}). Annotate anew.") from None


def doc_to_row(doc: Doc) -> Row:
    """The row of a document: its span groups, or the answers of a pair."""
    id = doc.user_data.get(DOC_ID)
    if REASON in doc.user_data:
        return {"id": id, "error": doc.user_data[REASON]}
    if PAIR in doc.spans:
        texts = dict(zip(("first", "second"), (span.text for span in doc.spans[PAIR])))
        return {"id": id, **texts, "pairs": doc._.get(EXTENSION)}
    entities = {task: list_entities(doc, task) for task in doc.spans}
    return {"id": id, "text": doc.text, "entities": entities}


def read_row(row: Row, *, where: str) -> Result:
    """Make sense of a row. RAISES: FormatError if it has no text, or what it says of it cannot be."""
    id = where.rpartition(" ")[2] if row.get("id") is None else str(row["id"])
    if row.get("error") is not None:
        return Result(id, (), {}, {}, str(row["error"]))
    found = {key: row[key] for key in ("text", "first", "second") if row.get(key) is not None}
    if list(found) not in (["text"], ["first", "second"]):
        raise FormatError(f"{where}: expected the text of a note, or both of a pair, got none. Annotate --with-text.")
    texts = tuple(found.values())
    if not all(isinstance(text, str) for text in texts):
        raise FormatError(f"{where}: expected text in '{list(found)[0]}', got {type(texts[0]).__name__}.")
    mentions = {}
    for task, entities in read_mapping(row, "entities", where=where).items():
        if not isinstance(entities, list):
            raise FormatError(f"{where}, {task}: expected a list of entities, got {type(entities).__name__}.")
        mentions[task] = [read_mention(entity, length=len(texts[0]), where=f"{where}, {task}") for entity in entities]
    pairs = read_mapping(row, "pairs", where=where)
    answers = {task: read_answer(answer, where=f"{where}, {task}") for task, answer in pairs.items()}
    return Result(id, texts, mentions, answers, "")


def read_mapping(row: Row, key: str, *, where: str) -> Dict[str, Any]:
    """What a row has for each task, without those that it has nothing for."""
    value = row.get(key) or {}
    if not isinstance(value, dict):
        raise FormatError(f"{where}: expected '{key}' by task, got {type(value).__name__}.")
    return {task: inner for task, inner in value.items() if inner is not None}


def read_mention(entity: Any, *, length: int, where: str) -> Mention:
    """Make sense of an entity in a text of some length."""
    try:
        found = Mention(index(entity["start"]), index(entity["end"]), entity["label"], entity.get("score"))
    except (TypeError, KeyError, AttributeError) as error:
        raise FormatError(f"{where}: expected start, end and label of an entity ({type(error).__name__}).") from None
    if not 0 <= found.start < found.end <= length:
        raise FormatError(f"{where}: expected offsets within {length}, got {found.start} to {found.end}.")
    if not isinstance(found.label, str) or not is_score(found.score):
        raise FormatError(f"{where}: expected a label and a score at {found.start}, got something else.")
    return found


def read_answer(answer: Any, *, where: str) -> Any:
    """A number, or label to probability without the labels that have none."""
    found = {label: p for label, p in answer.items() if p is not None} if isinstance(answer, dict) else answer
    if not all(map(is_score, found.values() if isinstance(found, dict) else [found])):
        raise FormatError(f"{where}: expected a number, or a number by label, got something else.")
    return found


def is_score(value: Any) -> bool:
    """Whether it is a finite number, or None."""
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value))
