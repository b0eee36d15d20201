"""Intervals of scores and of their differences, by drawing documents anew: the same ones for both sides."""

from typing import Any, Dict, List, Optional, Sequence

import numpy

from ..arrays import Array
from .sums import FIGURES

DRAWS = 2000
SHARE = 95.0  # percent of the draws within an interval


def draw_weights(n_documents: int, *, draws: int = DRAWS, seed: int = 0) -> Array:
    """How often each document is drawn. Shape (draw, document)."""
    rng = numpy.random.default_rng(seed)
    return rng.multinomial(n_documents, numpy.full(n_documents, 1 / n_documents), size=draws).astype("float64")


def resample(seeds: Sequence[Optional[Dict[str, Any]]], weights: Array) -> Optional[Array]:
    """The mean score of some seeds on each draw.

    seeds: What each document adds, a model each, see `sums.sum_documents`.
    RETURNS: Shape (draw,); None where a model has no such sums, or other documents than the weights.
    """
    values = []
    for found in seeds:
        if found is None or len(found["sums"]) != weights.shape[1]:
            return None
        values.append(FIGURES[found["figure"]](weights @ numpy.array(found["sums"])))
    return numpy.mean(values, axis=0) if values else None


def bound(values: Optional[Array], *, scale: float = 1.0) -> Optional[List[float]]:
    """The interval that holds the middle of the draws."""
    if values is None:
        return None
    low, high = numpy.percentile(values, [(100 - SHARE) / 2, (100 + SHARE) / 2])
    return [round(float(low) * scale, 4), round(float(high) * scale, 4)]
