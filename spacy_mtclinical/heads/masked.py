"""The masked-language-model head: sub-words that were hidden, from what the encoder makes of the others."""

from typing import Any, Tuple

import numpy
from thinc.api import Dropout, Linear, Model, chain, get_array_module, torch2xp

from ..arrays import Array, Floats2d, Ints1d
from .entropy import cross_entropy

NOT_ASKED = -1  # the target of a sub-word that nobody asks for


def build_masked_lm_head_v1(share: float = 0.15) -> Model[Floats2d, Floats2d]:
    """Build a head that learns from text without annotations (Devlin et al. 2019), and answers nothing.

    Hidden states, shape (piece, width), become vectors of the same shape, whose products with the encoder's embeddings
    of sub-words score the vocabulary, at the hidden places alone. The embeddings learn as input only.

    share: Of the sub-words that are asked for; 8 in 10 of them are masked, 1 is another sub-word, 1 stays as it is.
    RAISES: ValueError for a share that is none.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"MaskedLMHead.v1 expected a share between 0 and 1, got {share:g}. Mend the config.")
    head: Model[Floats2d, Floats2d] = chain(Dropout(), Linear(init_W=init_unit))
    head.name = "masked_lm_head"
    loss = MaskedLoss()
    head.attrs.update(reads="masked", share=share, count_outputs=count_none, get_loss=loss, attach=loss.attach)
    return head


def count_none(n_labels: int) -> None:
    """The width of the vectors, which is the encoder's."""


class MaskedLoss:
    """The mean cross entropy over hidden places, and its gradient."""

    def __init__(self) -> None:
        self.encoder: Any = None

    def attach(self, encoder: Model) -> None:
        """Say whose embeddings score the vocabulary."""
        self.encoder = encoder

    def __call__(self, vectors: Floats2d, truths: Ints1d) -> Tuple[float, Floats2d]:
        xp = get_array_module(vectors)
        rows = numpy.flatnonzero(truths != NOT_ASKED)
        gradient = xp.zeros_like(vectors)
        if not len(rows):
            return 0.0, gradient
        table = torch2xp(self.encoder.layers[0].shims[0]._model.get_input_embeddings().weight.detach())
        places = xp.asarray(rows)
        loss, d_scores = cross_entropy(vectors[places] @ table.T, xp.asarray(truths[rows]))
        gradient[places] = d_scores @ table / len(rows)
        return loss / len(rows), gradient


def init_unit(ops: Any, shape: Tuple[int, int]) -> Floats2d:
    """Weights that leave a vector as it is: what is hidden is then scored by the states themselves."""
    return ops.asarray(numpy.eye(*shape, dtype="float32"))


def hide(ids: Ints1d, *, share: float, mask: int, n_pieces: int) -> Tuple[Ints1d, Array]:
    """Hide some sub-words, drawn by numpy's random generator, at least one.

    RETURNS: What the encoder is shown, and the targets: the sub-word, or NOT_ASKED. Shape of each: (piece,).
    """
    asked = numpy.random.random(len(ids)) < share
    asked[numpy.random.randint(len(ids))] = True
    fate = numpy.random.random(len(ids))
    shown = numpy.where(asked & (fate < 0.8), mask, ids)
    other = asked & (fate >= 0.9)
    shown[other] = numpy.random.randint(n_pieces, size=int(other.sum()))
    return shown, numpy.where(asked, ids, NOT_ASKED)
