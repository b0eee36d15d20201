"""Cross entropy of scores against the index of the true class."""

from typing import Tuple

from thinc.api import get_array_module

from ..arrays import Floats2d, Ints1d


def cross_entropy(scores: Floats2d, truths: Ints1d) -> Tuple[float, Floats2d]:
    """Sum the negative log-probability of the true classes.

    scores: Unnormalised, shape (item, class).
    truths: Shape (item,).
    RETURNS: The sum over items, and its gradient, shape (item, class).
    """
    xp = get_array_module(scores)
    shifted = scores - scores.max(axis=-1, keepdims=True)
    exps = xp.exp(shifted)
    sums = exps.sum(axis=-1, keepdims=True)
    rows = xp.arange(len(scores))
    loss = float((xp.log(sums[:, 0]) - shifted[rows, truths]).sum())
    gradient = exps / sums
    gradient[rows, truths] -= 1.0
    return loss, gradient
