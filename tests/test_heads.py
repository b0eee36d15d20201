"""Heads: sizes, losses, and gradients against finite differences."""

import numpy
import pytest
import spacy
from trained import make_trained

from spacy_mtclinical import make_pair
from spacy_mtclinical.heads.classifier import build_pair_classifier_v1
from spacy_mtclinical.heads.entity import build_entity_head_v1
from spacy_mtclinical.heads.regressor import build_pair_regressor_v1

HEADS = {
    "flat": (build_entity_head_v1(), 2, numpy.array([[0], [1], [2], [4]])),
    "nested": (build_entity_head_v1(nested=True), 2, numpy.array([[0, 1], [1, 2], [2, 0], [0, 0]])),
    "classifier": (build_pair_classifier_v1(), 3, numpy.array([0, 2, 1, 1])),
    "regressor": (build_pair_regressor_v1(low=0.0, high=5.0), 0, numpy.array([0.0, 5.0, 2.5, 1.0])),
}


def start(name):
    head, n_labels, truths = HEADS[name]
    head = head.copy()
    X = numpy.random.default_rng(0).normal(size=(4, 6)).astype("f")
    head.layers[-1].set_dim("nO", head.attrs["count_outputs"](n_labels))
    head.layers[-1].set_dim("nI", 6)
    head.initialize()
    return head, X, truths


@pytest.mark.parametrize("name", HEADS)
def test_gradients_equal_finite_differences(name):
    head, X, truths = start(name)

    def loss_of(X):
        return head.attrs["get_loss"](head.predict(X).astype("float64"), truths)[0]

    scores, backprop = head.begin_update(X)
    loss, d_scores = head.attrs["get_loss"](scores, truths)
    dX = backprop(d_scores.astype("f"))
    linear = head.layers[-1]
    dW = linear.get_grad("W").copy()
    assert loss == pytest.approx(loss_of(X), rel=1e-5)
    for index in [(0, 0), (1, 3), (3, 5)]:
        moved = [X.copy(), X.copy()]
        moved[0][index] -= 1e-2
        moved[1][index] += 1e-2
        assert (loss_of(moved[1]) - loss_of(moved[0])) / 2e-2 == pytest.approx(dX[index], abs=2e-3)
    W = linear.get_param("W").copy()
    for index in [(0, 0), (linear.get_dim("nO") - 1, 5)]:
        around = []
        for step in (-1e-2, 1e-2):
            shifted = W.copy()
            shifted[index] += step
            linear.set_param("W", shifted)
            around.append(loss_of(X))
        assert (around[1] - around[0]) / 2e-2 == pytest.approx(dW[index], abs=2e-3)


@pytest.mark.parametrize("name", ["flat", "nested"])
def test_a_note_without_pieces_has_no_loss(name):
    head, _, truths = start(name)
    scores = head.predict(numpy.zeros((0, 6), dtype="f"))
    assert head.attrs["get_loss"](scores, truths[:0])[0] == 0.0


def test_losses_are_means():
    for name in HEADS:
        head, X, truths = start(name)
        once, _ = head.attrs["get_loss"](head.predict(X), truths)
        twice, _ = head.attrs["get_loss"](head.predict(numpy.concatenate([X, X])), numpy.concatenate([truths, truths]))
        assert once == pytest.approx(twice, rel=1e-4)


def test_regressor_starts_in_the_middle_and_refuses_crossed_bounds():
    head, X, _ = start("regressor")
    head.layers[-1].set_param("W", numpy.zeros((1, 6), dtype="f"))
    assert head.predict(X) == pytest.approx(2.5)
    with pytest.raises(ValueError, match="expected low < high, got low = 5"):
        build_pair_regressor_v1(low=5, high=0)


def test_bounds_are_those_of_the_config_and_not_of_the_weights(tiny_bert, tmp_path):
    make_trained(tiny_bert).to_disk(tmp_path)
    nlp = spacy.load(tmp_path, config={"components": {"mtclinical": {"model": {"heads": {"alike": {"high": 0.25}}}}}})
    pair = nlp(make_pair(nlp, "patient has rash", "no fever"))
    assert 0.0 <= pair._.mtclinical["alike"] <= 0.25
