"""n2c2 2019 track 1 (ClinicalSTS): how similar two sentences of clinical notes are, 0 to 5."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Iterable, Iterator, List, Optional

from ..formats import sts_tsv
from ..formats.records import FormatError, Pair
from ..report import Report
from .sources import choose, open_source, read_files
from .sources import read as read_file
from .writing import Writing, Written

TASK = "n2c2_2019"
KIND = "value"
LABELS = ()
RANGE = (0.0, 5.0)
DESCRIPTION = "n2c2 2019 ClinicalSTS (tab-separated); dev is cut from train by first sentence"
SPLITS = ("train", "dev", "test")
GOLD = re.compile(r"(?<![a-z])(gs|gold|labels?|scores?|sim)(?![a-z])")  # as in clinicalSTS2019.test.gs.sim.txt


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Pair]:
    """Read the pairs of a split; where scores are in a file of their own, as for test, they are joined by line.

    RAISES: FormatError if there are not as many scores as pairs.
    """
    with open_source(path, suffixes=(".txt", ".tsv")) as source:
        candidates = source.with_suffix(".txt", ".tsv")
        chosen = choose(source, candidates, split=split, expected="a .txt file of pairs", cut=True, by_name=True)
        golds = [file for file in chosen.files if GOLD.search(file.name.lower()) and len(chosen.files) > 1]
        if len(golds) == len(chosen.files):  # such a word is in the name of the set
            golds = [file for file in golds if file.name.lower().endswith(".sim.txt")] or golds
        texts = replace(chosen, files=tuple(file for file in chosen.files if file not in golds))
        if golds and len(golds) != len(texts.files):
            raise FormatError(
                f"{source.name}: expected a file of scores for the file of pairs, found {len(golds)} of scores and "
                f"{len(texts.files)} of pairs. Give a folder with one of each."
            )
        for number, (_, file, data) in enumerate(read_files(texts, report=report)):
            pairs = sts_tsv.parse(data, name=str(file), score=None if golds else 2)
            if golds:
                scores = sts_tsv.parse_scores(read_file(golds[number], report=report), name=str(golds[number]))
                pairs = iter(_join(list(pairs), scores, name=str(golds[number])))
            yield from (pair for pair in pairs if texts.keeps(pair.first))


def _join(pairs: List[Pair], scores: List[float], *, name: str) -> List[Pair]:
    if len(pairs) != len(scores):
        raise FormatError(
            f"{name}: expected a score for each of {len(pairs)} pairs, found {len(scores)}. Is it the same release?"
        )
    return [replace(pair, answer=score) for pair, score in zip(pairs, scores)]


def write(pairs: Iterable[Pair], writing: Writing) -> Iterator[Written]:
    """Write the pairs as those of test are distributed: the texts, and in a file of their own the scores."""
    held = list(pairs)
    texts = sts_tsv.write(replace(pair, answer=None) for pair in held)
    scores = sts_tsv.write_scores(held)
    again = _join(
        list(sts_tsv.parse(texts, name=writing.name, score=None)),
        sts_tsv.parse_scores(scores, name=writing.name),
        name=writing.name,
    )
    writing.compare_pairs(held, again)
    yield Written((f"clinicalSTS2019.{writing.name}{'.gs' if writing.is_gold else ''}.sim.txt",), scores)
    if writing.with_text:
        yield Written((f"clinicalSTS2019.{writing.name}.txt",), texts)
