"""The pair classifier: one of several labels for a pair of texts."""

from typing import Tuple

from thinc.api import Dropout, Linear, Model, chain, get_array_module, glorot_uniform_init

from ..arrays import Array, Floats2d
from .entropy import blend_classes, cross_entropy


def build_pair_classifier_v1() -> Model[Floats2d, Floats2d]:
    """Build a linear classifier of pairs.

    The state of a pair (see Encoder.v1's pair_state), shape (pair, width), becomes scores, shape (pair, label).
    """
    head: Model[Floats2d, Floats2d] = chain(Dropout(), Linear(init_W=glorot_uniform_init))
    head.name = "pair_classifier"
    head.attrs.update(reads="pair", count_outputs=int, get_loss=get_loss, blend=blend_classes)
    return head


def get_loss(scores: Floats2d, truths: Array) -> Tuple[float, Floats2d]:
    """The mean cross entropy over pairs, and its gradient."""
    loss, gradient = cross_entropy(scores, get_array_module(scores).asarray(truths))
    return loss / len(scores), gradient / len(scores)
