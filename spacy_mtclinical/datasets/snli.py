"""SNLI: inference between two general sentences, in MedNLI's layout or as premise, hypothesis and label."""

from pathlib import Path
from typing import Iterable, Iterator, Optional

from ..formats import nli_jsonl
from ..formats.records import Pair
from ..report import Report
from .sources import choose, open_source, read_files
from .writing import Writing, Written

TASK = "snli"
KIND = "classes"
LABELS = ("contradiction", "entailment", "neutral")
DESCRIPTION = "SNLI (.jsonl); dev is cut from train by premise if there is none"
SPLITS = ("train", "dev", "test")


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Pair]:
    """Read the pairs of a split; a pair that the annotators did not agree on has no answer."""
    with open_source(path, suffixes=(".jsonl",)) as source:
        candidates = source.with_suffix(".jsonl")
        chosen = choose(source, candidates, split=split, expected="a .jsonl file", cut=True, by_name=True)
        for _, file, data in read_files(chosen, report=report):
            for pair in nli_jsonl.parse(data, name=str(file)):
                if chosen.keeps(pair.first):
                    yield pair


def write(pairs: Iterable[Pair], writing: Writing) -> Iterator[Written]:
    """Write the pairs in MedNLI's layout."""
    writing.check_text_wanted("JSONL")
    held = list(pairs)
    data = nli_jsonl.write(held)
    writing.compare_pairs(held, nli_jsonl.parse(data, name=writing.name))
    yield Written((f"snli_{writing.name}.jsonl",), data)
