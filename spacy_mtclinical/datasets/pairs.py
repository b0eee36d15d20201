"""A user's own pairs of texts: a table with a header (TSV, CSV), or a JSON object a line."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats import pair_table
from ..formats.records import Pair
from ..report import Report
from .sources import choose, open_source, read_files
from .writing import Writing, Written

TASK = None
KIND = None
LABELS = None
DESCRIPTION = "your own pairs: TSV or CSV with a header, or JSONL"
SPLITS = ("train", "dev", "test")
KINDS = ("tsv", "csv", "jsonl")


def read(
    path: Path,
    *,
    split: str,
    first: str = "first",
    second: str = "second",
    answer: str = "answer",
    kind: Optional[str] = None,
    report: Optional[Report] = None,
) -> Iterator[Pair]:
    """Read the pairs of a split.

    first, second, answer: The columns, or keys.
    kind: "tsv", "csv" or "jsonl"; by the file's name if None.
    RAISES: ValueError for a file whose name does not tell its kind.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"Expected a kind of file ({', '.join(KINDS)}), got {kind!r}.")
    suffixes = tuple(f".{name}" for name in ([kind] if kind else KINDS))
    with open_source(path, suffixes=suffixes) as source:
        candidates = source.with_suffix(*suffixes)
        chosen = choose(source, candidates, split=split, expected=f"a {' or '.join(suffixes)} file", by_name=True)
        several = len(chosen.files) > 1
        for doc_id, file, data in read_files(chosen, report=report):
            found = kind or file.name.rpartition(".")[2].lower()
            if found not in KINDS:
                raise ValueError(f"Expected a name that ends in {', '.join(KINDS)}, got {file.name}. Say --kind.")
            table = pair_table.parse(data, name=str(file), kind=found, first=first, second=second, answer=answer)
            for pair in table:
                yield Pair(f"{doc_id}/{pair.id}" if several else pair.id, pair.first, pair.second, pair.answer)


def write(pairs: Iterable[Pair], writing: Writing) -> Iterator[Written]:
    """Write the pairs as JSONL with the keys first, second and answer, which holds any text."""
    writing.check_text_wanted("JSONL")
    held = list(pairs)
    data = pair_table.write(held, kind="jsonl")
    keys = {"first": "first", "second": "second", "answer": "answer"}
    writing.compare_pairs(held, pair_table.parse(data, name=writing.name, kind="jsonl", **keys))
    yield Written((f"{writing.name}.jsonl",), data)
