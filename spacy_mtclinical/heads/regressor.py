"""The pair regressor: a number between two bounds for a pair of texts."""

from functools import partial
from typing import Any, Tuple

from thinc.api import Dropout, Linear, Model, chain, get_array_module, glorot_uniform_init

from ..arrays import Array, Floats1d, Floats2d
from ..attributes import Setting


def build_pair_regressor_v1(low: float = 0.0, high: float = 1.0) -> Model[Floats2d, Floats2d]:
    """Build a linear regression of pairs.

    The state of a pair (see Encoder.v1's pair_state), shape (pair, width), becomes a number, shape (pair, 1),
    trained by mean squared error. Answers are cut to the bounds, the loss is not.

    low, high: The bounds of the answer. Training starts at their mean.
    RAISES: ValueError if low is not below high.
    """
    if not low < high:
        raise ValueError(f"PairRegressor.v1 expected low < high, got low = {low}, high = {high}. Mend the config.")
    init_b = partial(init_value, value=(low + high) / 2)
    head: Model[Floats2d, Floats2d] = chain(Dropout(), Linear(init_W=glorot_uniform_init, init_b=init_b))
    head.name = "pair_regressor"
    head.attrs.update(
        reads="pair", get_bounds=Setting([low, high]), count_outputs=count_one, get_loss=get_loss, blend=blend
    )
    return head


def init_value(ops: Any, shape: Tuple[int, ...], *, value: float) -> Array:
    """Weights of one value."""
    return ops.alloc_f(shape) + value


def count_one(n_labels: int) -> int:
    """The width of the scores."""
    return 1


def get_loss(scores: Floats2d, truths: Floats1d) -> Tuple[float, Floats2d]:
    """The mean squared error over pairs, and its gradient."""
    difference = scores - get_array_module(scores).asarray(truths).reshape(-1, 1)
    return float((difference**2).mean()), 2 * difference / len(scores)


def blend(truths: Floats1d, scores: Floats2d, weight: float) -> Floats1d:
    """Mix numbers with another model's."""
    return weight * truths + (1.0 - weight) * scores.reshape(-1)
