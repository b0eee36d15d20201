"""Intervals of figures, by drawing documents anew from their counts: nothing is predicted again.

Bias-corrected and accelerated bootstrap (BCa; Efron and Tibshirani 1993, 14.3), as `scipy.stats.bootstrap` has it, with
the same draws for the same seed. A document is drawn as a whole, since its mentions are not independent. A draw with
neither gold nor predictions says nothing, and is left out.
"""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

import numpy

from ..arrays import Array
from .metric import Counts, Metric, Table, add_up, tabulate

DRAWS = 1000
CONFIDENCE = 95.0  # percent
BLOCK = 100  # draws at a time
DIGITS = 6
NOISE = 1e-12
TIES = 12  # digits: draws that are as good as all documents stay so, though sums in another order differ in the last
Interval = Optional[List[float]]  # from, to; None where there is none


class Intervals(NamedTuple):
    """Of each figure by name, and of each label's F1; None where there is none."""

    figures: Dict[str, Interval]
    types: Dict[str, Interval]


def load_normal() -> Any:
    """Load the normal distribution of scipy. RAISES: ValueError saying how to install it."""
    try:
        from scipy import special
    except ImportError:
        raise ValueError(
            "Confidence intervals take scipy, which is not installed. Install it (pip install "
            '"spacy_mtclinical[evaluate]"), or let evaluate do without intervals (--draws 0).'
        ) from None
    return special


def find_intervals(metric: Metric, rows: Sequence[Counts], *, draws: int = DRAWS, seed: int = 0) -> Intervals:
    """Find the intervals of a metric's figures; there are none for fewer than two documents, and without draws.

    rows: The counts of each document.
    draws: How often all documents are drawn anew.
    RAISES: ValueError without scipy.
    """
    table = tabulate(rows)
    parts = vary(table, draws, seed=seed)
    figures = [metric.compute(add_up(table.kinds, part.sum(axis=1))) for part in parts]
    types: Dict[str, Interval] = {}
    if metric.has_types:
        by_label = [metric.compute(add_up(table.kinds, part))["f"] for part in parts]
        for number, label in enumerate(table.labels):
            if label is not None:
                types[label] = bound([values[:, number] for values in by_label])
    return Intervals({name: bound([found[name] for found in figures]) for name in figures[0]}, types)


def resample(metric: Metric, rows: Sequence[Counts], *, draws: int = DRAWS, seed: int = 0) -> List[Array]:
    """Find the first figure of a metric for documents drawn anew: what `bound` takes, also of differences.

    RETURNS: The figure of all documents, shape (1,), of each draw, shape (draw,), and without each of the documents,
        shape (document,), the last two nan without gold and predictions; the first alone for fewer than two documents,
        and without draws.
    """
    table = tabulate(rows)
    whole, *others = (add_up(table.kinds, part.sum(axis=1)) for part in vary(table, draws, seed=seed))
    return [next(iter(figures.values())) for figures in (metric.rate(whole), *map(metric.compute, others))]


def vary(table: Table, draws: int, *, seed: int) -> List[Array]:
    """The counts of all documents, of each draw, and without each of the documents; or the first alone.

    RETURNS: Each of shape (one, draw or document; label; kind).
    """
    totals = table.counts.sum(axis=0)
    if not draws or len(table.counts) < 2:
        return [totals[None]]
    drawn = [numpy.tensordot(weights, table.counts, 1) for weights in draw_weights(len(table.counts), draws, seed=seed)]
    return [totals[None], numpy.concatenate(drawn), totals - table.counts]


def draw_weights(size: int, draws: int, *, seed: int) -> Iterator[Array]:
    """How often each document is drawn, some draws at a time. Shape (draw, document)."""
    rng = numpy.random.default_rng(seed)
    for begin in range(0, draws, BLOCK):
        number = min(BLOCK, draws - begin)
        places = rng.integers(0, size, (number, size)) + size * numpy.arange(number)[:, None]
        yield numpy.bincount(places.ravel(), minlength=number * size).reshape(number, size)


def bound(values: Sequence[Array]) -> Interval:
    """The interval of a figure, rounded; None where there is none, or not in most of the draws.

    values: The figure of all documents, shape (1,), of each draw, shape (draw,), and without each of the documents,
        shape (document,); or the first alone.
    """
    values = [part.round(TIES) for part in values]
    if len(values) < 3 or not numpy.isfinite(values[0]).all():
        return None
    found = float(values[0][0])
    drawn, without = (part[numpy.isfinite(part)] for part in values[1:])
    if 2 * len(drawn) < len(values[1]):
        return None
    if numpy.ptp(drawn) < NOISE:
        return [round(found, DIGITS)] * 2
    ends = numpy.quantile(drawn, correct_shares(found, drawn, without))
    return [round(float(end), DIGITS) for end in ends]


def correct_shares(found: float, drawn: Array, without: Array) -> Array:
    """The shares of the draws to leave below either end: 2.5 and 97.5 %, corrected where that is defined."""
    normal = load_normal()
    tail = (100 - CONFIDENCE) / 200
    plain = numpy.array([tail, 1 - tail])
    with numpy.errstate(all="ignore"):
        bias = normal.ndtri(((drawn < found).mean() + (drawn <= found).mean()) / 2)
        spread = without.mean() - without
        speed = (spread**3).sum() / (spread**2).sum() ** 1.5 / 6
        moved = bias + normal.ndtri(plain)
        corrected = normal.ndtr(bias + moved / (1 - speed * moved))
    return corrected if numpy.isfinite(corrected).all() else plain
