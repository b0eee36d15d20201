"""STS benchmark: how similar two general sentences are, 0 to 5."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats import sts_tsv
from ..formats.records import Pair
from ..report import Report
from .sources import choose, open_source, read_files
from .writing import Writing, Written

TASK = "stsb"
KIND = "value"
LABELS = ()
RANGE = (0.0, 5.0)
DESCRIPTION = "STS benchmark (tab-separated files named .csv)"
SPLITS = ("train", "dev", "test")
SCORE, FIRST, SECOND = 4, 5, 6  # columns


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Pair]:
    """Read the pairs of a split."""
    with open_source(path, suffixes=(".csv", ".tsv")) as source:
        candidates = source.with_suffix(".csv", ".tsv")
        chosen = choose(source, candidates, split=split, expected="a .csv file", by_name=True)
        for _, file, data in read_files(chosen, report=report):
            yield from sts_tsv.parse(data, name=str(file), first=FIRST, second=SECOND, score=SCORE)


def write(pairs: Iterable[Pair], writing: Writing) -> Iterator[Written]:
    """Write the pairs as they are distributed, columns that no Doc keeps left empty, and the scores a line each."""
    held = list(pairs)
    columns = {"first": FIRST, "second": SECOND, "score": SCORE}
    data = sts_tsv.write(held, **columns)
    writing.compare_pairs(held, sts_tsv.parse(data, name=writing.name, **columns))
    yield Written((f"sts-{writing.name}.scores.txt",), sts_tsv.write_scores(held))
    if writing.with_text:
        yield Written((f"sts-{writing.name}.csv",), data)
