"""Accuracy of a list of pairs with and without those that repeat, and as a script that counts the header line has it.

MEDIQA 2019's script takes the header line of a submission for a correct answer, and drops rows whose identifier one
before had, of which RQE has none. Its pairs do repeat by their texts: the distinct figures, a reading of our own, count
a pair once whose two texts are those of one before, white space around them apart; the first answers for all.
"""

from typing import List, Sequence, Set, Tuple

import numpy
from spacy.training import Example

from ..documents import PAIR
from .answers import compute_accuracy, count_answers, score_accuracy
from .metric import Counts, Figures, Metric, Sums, divide

DEFINITIONS = {
    **score_accuracy.definitions,
    "distinct_acc": "the same, pairs that repeat counted once",
    "header_acc": "the same with the header line counted as a correct answer, as the script of MEDIQA 2019 does",
    "distinct_header_acc": "the same, pairs that repeat counted once, and with the header line",
}


def configure_submission_accuracy_v1() -> Metric:
    """Configure the metric: plain accuracy is the one that counts."""
    return Metric(count_pairs, compute_accuracies, DEFINITIONS, has_types=False)


def count_pairs(examples: Sequence[Example], task: str) -> List[Counts]:
    """Count pairs and right answers, of all and of those that do not repeat one before."""
    seen: Set[Tuple[str, ...]] = set()
    rows = count_answers(examples, task)
    for eg, row in zip(examples, rows):
        texts = tuple(segment.text.strip() for segment in eg.reference.spans[PAIR])
        if texts not in seen:
            row.update({(None, "distinct", what): value for (_, _, what), value in list(row.items())})
        seen.add(texts)
    return rows


def compute_accuracies(sums: Sums) -> Figures:
    """The four figures."""
    figures = compute_accuracy(sums)
    for name in ("", "distinct"):
        right, pairs = (numpy.asarray(sums[name, what]) for what in ("right", "pairs"))
        prefix = f"{name}_" if name else ""
        figures[f"{prefix}acc"] = divide(right, pairs, default=numpy.nan)
        figures[f"{prefix}header_acc"] = numpy.where(pairs > 0, divide(right + 1, pairs + 1, default=0.0), numpy.nan)
    return figures
