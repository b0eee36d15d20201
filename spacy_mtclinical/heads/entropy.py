"""Cross entropy of scores against true classes, or against a distribution over classes."""

from typing import Tuple, Union

from thinc.api import get_array_module

from ..arrays import Array, Floats2d, Ints1d


def cross_entropy(scores: Floats2d, truths: Union[Ints1d, Floats2d]) -> Tuple[float, Floats2d]:
    """Sum the negative log-probability of the true classes.

    scores: Unnormalised, shape (item, class).
    truths: Indices, shape (item,), or probabilities that sum to one, shape (item, class).
    RETURNS: The sum over items, and its gradient, shape (item, class).
    """
    xp = get_array_module(scores)
    shifted = scores - scores.max(axis=-1, keepdims=True)
    exps = xp.exp(shifted)
    sums = exps.sum(axis=-1, keepdims=True)
    gradient = exps / sums
    if truths.ndim == 2:
        loss = float(xp.log(sums).sum() - (truths * shifted).sum())
        return loss, gradient - truths
    rows = xp.arange(len(scores))
    loss = float((xp.log(sums[:, 0]) - shifted[rows, truths]).sum())
    gradient[rows, truths] -= 1.0
    return loss, gradient


def blend_classes(truths: Array, scores: Array, weight: float) -> Array:
    """Mix true classes with the distribution that another model's scores give.

    truths: Indices, shape (...,). scores: Unnormalised, shape (..., class).
    weight: The share of the truth, 0 to 1.
    RETURNS: Probabilities, shape (..., class).
    """
    xp = get_array_module(scores)
    exps = xp.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = (1.0 - weight) * exps / exps.sum(axis=-1, keepdims=True)
    return mixed + weight * xp.eye(scores.shape[-1], dtype=mixed.dtype)[truths]
