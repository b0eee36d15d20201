"""The entity head: a tag for every sub-word, one classifier for all labels or one a label."""

from functools import partial
from typing import Tuple

from thinc.api import Dropout, Linear, Model, chain, get_array_module, glorot_uniform_init

from ..arrays import Array, Floats2d, Floats3d, Ints2d
from .entropy import blend_classes, cross_entropy


def build_entity_head_v1(nested: bool = False) -> Model[Floats2d, Floats2d]:
    """Build a linear tagger of sub-words.

    Hidden states, shape (piece, width), become scores, shape (piece, chain * tag): one chain over the tags
    of all labels, or, if nested, a chain a label (the "per-entity classifier" of Mulyar et al. 2020), so
    that spans of different labels may overlap. See `spacy_mtclinical.tags` for the tags.

    nested: Whether spans of different labels may overlap.
    """
    head: Model[Floats2d, Floats2d] = chain(Dropout(), Linear(init_W=glorot_uniform_init))
    head.name = "entity_head"
    count_outputs = partial(count_tags, nested=nested)
    head.attrs.update(reads="pieces", nested=nested, count_outputs=count_outputs, get_loss=get_loss, blend=blend)
    return head


def count_tags(n_labels: int, *, nested: bool) -> int:
    """The width of the scores."""
    return 3 * n_labels if nested else 1 + 2 * n_labels


def get_loss(scores: Floats2d, tags: Array) -> Tuple[float, Floats2d]:
    """The mean cross entropy over pieces, and its gradient."""
    n_pieces, n_chains = tags.shape[:2]
    if not n_pieces:
        return 0.0, scores
    truths = get_array_module(scores).asarray(tags).reshape(n_pieces * n_chains, *tags.shape[2:])
    loss, gradient = cross_entropy(scores.reshape(n_pieces * n_chains, -1), truths)
    return loss / n_pieces, gradient.reshape(scores.shape) / n_pieces


def blend(tags: Ints2d, scores: Floats2d, weight: float) -> Floats3d:
    """Mix tags with the distributions that another model's scores give."""
    return blend_classes(tags, scores.reshape(*tags.shape, -1), weight)
