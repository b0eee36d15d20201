"""What answers are written as: one file or folder a shard, and, where that is wanted, all shards joined to one file."""

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, ContextManager, Dict, Iterator, List, NamedTuple, Optional, Sequence

from spacy.tokens import Doc
from spacy.vocab import Vocab

from ..docbins import make_docbin
from ..documents import DOC_ID, register_extension
from ..outputs import format_line
from .batches import DOC
from .brat import write_brat
from .items import REASON
from .results import list_rows
from .schema import ENTITIES_OF, ERROR, ID, PAIRS_OF, SHORTENED, TEXT

GROUP_BYTES = 64 * 2**20  # a row group of Parquet at most, in memory
ANSWERS = (ID, TEXT, ENTITIES_OF, PAIRS_OF, SHORTENED, ERROR)
COLUMNS = "mtclinical_columns"  # key in Doc.user_data
Write = Callable[[Any], None]


class Format(NamedTuple):
    """A way to write answers.

    suffix: Of a shard's name.
    is_json: Whether the columns that pass through have to be values of JSON.
    notes: Notes a shard, unless another number is asked for.
    write: Opens a shard of a schema; gives what writes a batch.
    join: Makes one file of the shards.
    needs_text, needs_docs: What the batches must have.
    """

    name: str
    suffix: str
    notes: int
    is_json: bool
    write: Callable[[Path, Any], ContextManager[Write]]
    join: Optional[Callable[[Sequence[Path], Path], None]] = None
    needs_text: bool = False
    needs_docs: bool = False


@contextmanager
def write_jsonl(path: Path, schema: Any) -> Iterator[Write]:
    """Open a .jsonl file for rows as `results.list_rows` writes them."""
    with path.open("w", encoding="utf8", newline="\n") as file:

        def write(batch: Any) -> None:
            file.writelines(map(format_line, list_rows(batch)))

        yield write


def join_jsonl(shards: Sequence[Path], path: Path) -> None:
    """Put the lines of files one after the other."""
    with path.open("wb") as whole:
        for shard in shards:
            with shard.open("rb") as part:
                shutil.copyfileobj(part, whole, 2**20)


@contextmanager
def write_parquet(path: Path, schema: Any) -> Iterator[Write]:
    """Open a Parquet file; batches are gathered into one row group, or several where they are large."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    held: List[Any] = []

    with pq.ParquetWriter(path, schema, compression="zstd") as file:

        def flush() -> None:
            if held:
                file.write_table(pa.Table.from_batches(held, schema=schema))
                held.clear()

        def write(batch: Any) -> None:
            held.append(batch)
            if sum(own.nbytes for own in held) > GROUP_BYTES:
                flush()

        yield write
        flush()


def join_parquet(shards: Sequence[Path], path: Path) -> None:
    """Put the row groups of files one after the other."""
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, pq.read_schema(shards[0]), compression="zstd") as whole:
        for shard in shards:
            with pq.ParquetFile(shard) as part:
                for group in range(part.num_row_groups):
                    whole.write_table(part.read_row_group(group))


@contextmanager
def write_docs(path: Path, schema: Any) -> Iterator[Write]:
    """Open a .spacy file: a Doc for each note and pair, in order, with everything that the pipeline wrote on it.

    `Doc.user_data` has the identifier ("doc_id"), the columns that pass through ("mtclinical_columns") and, for one
    without text because it could not be annotated, the reason ("mtclinical_error").
    """
    docs = make_docbin()
    vocab = Vocab()
    register_extension()

    def write(batch: Any) -> None:
        column = batch.column(DOC)
        for number, row in enumerate(list_rows(batch.drop_columns([DOC]))):
            data = column[number].as_py()
            doc = Doc(vocab) if data is None else Doc(vocab).from_bytes(data)
            doc.user_data[DOC_ID] = row[ID]
            if row[ERROR] is not None:
                doc.user_data[REASON] = row[ERROR]
            others = {key: value for key, value in row.items() if key not in ANSWERS}
            if others:
                doc.user_data[COLUMNS] = fit(others)
            docs.add(doc)

    yield write
    docs.to_disk(path)


def fit(value: Any) -> Any:
    """JSON values as a DocBin holds them: integers of more than 64 bits as text."""
    if isinstance(value, dict):
        return {key: fit(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [fit(inner) for inner in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def join_docs(shards: Sequence[Path], path: Path) -> None:
    """Put the Docs of files into one, all of which is held in memory."""
    docs = make_docbin()
    for shard in shards:
        docs.merge(make_docbin().from_disk(shard))
    docs.to_disk(path)


FORMATS: Dict[str, Format] = {
    known.name: known
    for known in (
        Format("parquet", ".parquet", 4096, False, write_parquet, join_parquet),
        Format("jsonl", ".jsonl", 4096, True, write_jsonl, join_jsonl),
        Format("brat", "", 1024, True, write_brat, needs_text=True),
        Format("spacy", ".spacy", 1024, True, write_docs, join_docs, needs_docs=True),
    )
}
