"""MedNLI: whether a sentence of a clinical note entails, contradicts or says nothing of a hypothesis."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats import nli_jsonl
from ..formats.records import Pair
from ..report import Report
from .sources import choose, open_source, read_files
from .writing import Writing, Written, write_labels

TASK = "mednli"
KIND = "classes"
LABELS = ("contradiction", "entailment", "neutral")
DESCRIPTION = "MedNLI 1.0.0 (mli_train_v1.jsonl and so on)"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Pair]:
    """Read the pairs of a split; a pair that the annotators did not agree on has no answer."""
    with open_source(path, suffixes=(".jsonl",)) as source:
        candidates = source.with_suffix(".jsonl")
        chosen = choose(source, candidates, split=split, expected="a .jsonl file", by_name=True)
        for _, file, data in read_files(chosen, report=report):
            yield from nli_jsonl.parse(data, name=str(file))


def write(pairs: Iterable[Pair], writing: Writing) -> Iterator[Written]:
    """Write the pairs as they are distributed, and their labels as the script of MEDIQA 2019 reads them."""
    held = list(pairs)
    data = nli_jsonl.write(held)
    writing.compare_pairs(held, nli_jsonl.parse(data, name=writing.name))
    yield Written((f"mli_{writing.name}_labels.csv",), write_labels(held))
    if writing.with_text:
        yield Written((f"mli_{writing.name}_v1.jsonl",), data)
