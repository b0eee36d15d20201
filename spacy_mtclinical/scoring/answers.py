"""Answers of pair tasks: accuracy of labels, Pearson's r of numbers."""

import math
from typing import Any, Dict, List, Optional, Sequence

import numpy
from spacy.training import Example

from ..arrays import Array
from ..documents import EXTENSION, name_document, name_some
from .metric import Counts, Figures, Metric, Sums, divide

MOMENTS = ("n", "x", "y", "xx", "yy", "xy")
NOISE = 1e-12  # variance, in that of all pairs, below which numbers are one and the same


def best_label(answer: Dict[str, float]) -> Optional[str]:
    """The most probable label; None where there is no answer, or its probabilities are no numbers."""
    if not answer or not all(map(math.isfinite, answer.values())):
        return None
    return max(answer, key=lambda label: answer[label])


def is_right(eg: Example, task: str) -> bool:
    """Whether the most probable label of a pair is the gold one; a pair without an answer is wrong."""
    gold, guess = (doc._.get(EXTENSION).get(task) for doc in (eg.reference, eg.predicted))
    return best_label(guess or {}) == best_label(gold)


def count_answers(examples: Sequence[Example], task: str) -> List[Counts]:
    """Count pairs and right answers."""
    return [{(None, "", "right"): float(is_right(eg, task)), (None, "", "pairs"): 1.0} for eg in examples]


def compute_accuracy(sums: Sums) -> Figures:
    """The share of right answers."""
    return {"acc": divide(sums["", "right"], sums["", "pairs"], default=numpy.nan)}


score_accuracy = Metric(
    count_answers,
    compute_accuracy,
    {"acc": "share of pairs whose most probable label is the gold one"},
    has_types=False,
)


def configure_accuracy_v1() -> Metric:
    """Configure the share of pairs whose most probable label is the gold one; None where there are no pairs."""
    return score_accuracy


def count_moments(examples: Sequence[Example], task: str) -> List[Counts]:
    """The moments of each predicted number and its gold, both standardised (which changes no correlation).

    RAISES: ValueError if a pair has no answer: leaving it out would flatter the figure.
    """
    gold = numpy.array([eg.reference._.get(EXTENSION)[task] for eg in examples], dtype="float64")
    answers: List[Any] = [eg.predicted._.get(EXTENSION).get(task) for eg in examples]
    if None in answers:
        golds = (eg.reference for eg in examples)
        without = [name_document(gold, n) for n, (gold, answer) in enumerate(zip(golds, answers), 1) if answer is None]
        raise ValueError(
            f"Task '{task}': expected a number for each of {len(answers)} pairs, got none for {len(without)}: "
            f"{name_some(without)}. Predict on all pairs that are scored."
        )
    x, y = standardise(numpy.array(answers, dtype="float64")), standardise(gold)
    columns = numpy.stack([numpy.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)
    return [{(None, "", name): value for name, value in zip(MOMENTS, row)} for row in columns.tolist()]


def standardise(numbers: Array) -> Array:
    """Numbers less their mean, by their standard deviation; zeros if they are all the same. Shape (pair,)."""
    if not len(numbers) or numpy.ptp(numbers) == 0:
        return numpy.zeros(len(numbers))
    return (numbers - numbers.mean()) / numbers.std()


def compute_pearson(sums: Sums) -> Figures:
    """Pearson's correlation: nan for fewer than two pairs or constant gold, 0 for constant predictions.

    Predictions that are no numbers make it 0, too: a task that is learnt no longer must not drop out of a mean.
    """
    n, x, y, xx, yy, xy = (numpy.asarray(sums["", name]) for name in MOMENTS)
    spread_x, spread_y = n * xx - x * x, n * yy - y * y
    is_constant, has_none = ~(spread_x > NOISE * n * n), (n < 2) | (spread_y <= NOISE * n * n)
    product = numpy.where(is_constant | has_none, 1.0, spread_x * spread_y)
    r = numpy.where(is_constant, 0.0, numpy.clip((n * xy - x * y) / numpy.sqrt(product), -1.0, 1.0))
    return {"pearson": numpy.where(has_none, numpy.nan, r)}


score_pearson = Metric(
    count_moments, compute_pearson, {"pearson": "Pearson's correlation of predicted and gold numbers"}, has_types=False
)


def configure_pearson_v1() -> Metric:
    """Configure Pearson's correlation of predicted and gold numbers.

    None where there are fewer than two pairs, or the gold is constant; 0 where the predictions are, or are no numbers.
    """
    return score_pearson
