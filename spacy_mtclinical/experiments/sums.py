"""What each document adds to a score: a few numbers whose totals over documents give it, so that it can be resampled.

"f": right, predicted, gold. "acc": right, 1. "pearson": 1, x, y, xx, yy, xy.
"""

from collections import Counter
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy
from spacy.training import Example

from ..arrays import Array
from ..documents import EXTENSION
from ..scoring.answers import best_label
from ..scoring.spans import read_gold, read_guess
from ..scoring.tally import CLASSES, ENTITIES, find_kind

CLOSE = 1e-6


def sum_documents(examples: Sequence[Example], task: str, *, score: float) -> Optional[Dict[str, Any]]:
    """Find what each document adds to a score.

    score: What the task's metric gave.
    RETURNS: "figure" and "sums", a row a document; None where they do not give the score, since the task has another
        metric.
    """
    kind = find_kind(examples[0].reference, task)
    ways: List[Callable[[Example], List[float]]] = []
    if kind == ENTITIES:
        figure = "f"
        ways = [lambda eg: count_spans(eg, task, hull=True), lambda eg: count_spans(eg, task, hull=False)]
    elif kind == CLASSES:
        figure, ways = "acc", [lambda eg: [float(is_right(eg, task)), 1.0]]
    else:
        figure, ways = "pearson", [lambda eg: multiply(eg, task)]
    for way in ways:
        sums = [way(eg) for eg in examples]
        if abs(FIGURES[figure](numpy.array(sums).sum(axis=0)) - score) < CLOSE:
            return {"figure": figure, "sums": sums}
    return None


def count_spans(eg: Example, task: str, *, hull: bool) -> List[float]:
    """Right, predicted and gold annotations of a note."""
    gold, guess = Counter(read_gold(eg.reference, task, hull=hull)), Counter(read_guess(eg.predicted, task))
    return [float(sum(found.values())) for found in (gold & guess, guess, gold)]


def is_right(eg: Example, task: str) -> bool:
    """Whether the most probable label of a pair is the gold one."""
    gold, guess = (doc._.get(EXTENSION).get(task) for doc in (eg.reference, eg.predicted))
    return bool(guess) and best_label(guess) == best_label(gold)


def multiply(eg: Example, task: str) -> List[float]:
    """The moments of a predicted number and its gold."""
    y, x = (float(doc._.get(EXTENSION).get(task, 0.0)) for doc in (eg.reference, eg.predicted))
    return [1.0, x, y, x * x, y * y, x * y]


def f_of(sums: Array) -> Array:
    """F1 of totals. Shape (..., 3) to (...)."""
    both = sums[..., 1] + sums[..., 2]
    return numpy.where(both > 0, 2 * sums[..., 0] / numpy.maximum(both, 1e-12), 1.0)


def accuracy_of(sums: Array) -> Array:
    """Accuracy of totals. Shape (..., 2) to (...)."""
    return sums[..., 0] / sums[..., 1]


def pearson_of(sums: Array) -> Array:
    """Pearson's r of totals, 0 where a side is constant. Shape (..., 6) to (...)."""
    n, x, y, xx, yy, xy = numpy.moveaxis(sums, -1, 0)
    spread = numpy.maximum(n * xx - x * x, 0.0) * numpy.maximum(n * yy - y * y, 0.0)
    return numpy.where(spread > 1e-12, (n * xy - x * y) / numpy.sqrt(numpy.maximum(spread, 1e-12)), 0.0)


FIGURES: Dict[str, Callable[[Array], Array]] = {"f": f_of, "acc": accuracy_of, "pearson": pearson_of}
