"""Spans to tags to spans, and the best valid sequence."""

import itertools

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spacy_mtclinical.tags import (
    best_tags,
    label_spans,
    log_softmax,
    read_spans,
    score_units,
    search_tags,
    spread_tags,
)


def is_valid(tags):
    steps = zip([0, *tags[:-1]], tags)
    return all(tag in (before, before + 1) if tag and tag % 2 == 0 else True for before, tag in steps)


def enumerate_best(logp):
    ways = itertools.product(range(logp.shape[1]), repeat=len(logp))
    return max(sum(row[tag] for row, tag in zip(logp, tags)) for tags in ways if is_valid(tags))


@given(
    st.integers(1, 5).flatmap(lambda n: arrays("float64", (n, 5), elements=st.floats(-4, 4))), st.sampled_from([1, 5])
)
def test_best_sequence_equals_brute_force(scores, scale):
    logp = log_softmax(scores * scale)
    for find in (best_tags, search_tags):
        tags = find(logp)
        assert is_valid(list(tags))
        assert sum(logp[numpy.arange(len(tags)), tags]) == pytest.approx(enumerate_best(logp), abs=1e-9)


@given(arrays("float64", (40, 7), elements=st.floats(-6, 6)))
def test_searching_in_stretches_equals_searching_everything(scores):
    logp = log_softmax(scores)
    total = [sum(logp[numpy.arange(40), find(logp)]) for find in (best_tags, search_tags)]
    assert total[0] == pytest.approx(total[1], abs=1e-9)


def disjoint_spans(labels):
    """Spans of units, none overlapping another."""
    cuts = st.lists(st.integers(0, 20), min_size=2, max_size=10, unique=True).map(sorted)
    return cuts.flatmap(
        lambda cut: st.lists(st.sampled_from(range(labels)), min_size=len(cut) - 1, max_size=len(cut) - 1).map(
            lambda chosen: [(a, b, label) for a, b, label in zip(cut, cut[1:], chosen)]
        )
    )


@given(disjoint_spans(3), st.booleans())
def test_spans_survive_tags_and_back(spans, nested):
    tags, lost = label_spans(spans, 20, 3, nested=nested)
    assert lost == 0
    scores = numpy.eye(3 if nested else 7)[tags] * 20
    found = read_spans(log_softmax(scores))
    assert list(zip(found.starts, found.ends, found.labels)) == sorted(spans)
    assert (found.scores > 0.99).all()


def test_nested_spans_of_other_labels_survive_and_of_the_same_label_are_counted():
    spans = [(0, 5, 0), (1, 3, 1), (2, 4, 0)]
    assert label_spans(spans, 6, 2, nested=True)[1] == 1
    assert label_spans(spans, 6, 2, nested=False)[1] == 2


def test_a_span_without_units_is_counted():
    assert label_spans([(2, 2, 0)], 4, 1, nested=False)[1] == 1


def test_pieces_of_a_beginning_unit_continue():
    spread = spread_tags(numpy.array([[1], [2], [0]]), numpy.array([0, 3, 4]), 6)
    assert spread[:, 0].tolist() == [1, 2, 2, 2, 0, 0]


def test_units_are_normalised_and_prefer_what_all_pieces_say():
    scores = numpy.array([[[0.0, 5.0, 0.0]], [[0.0, 0.0, 5.0]], [[5.0, 0.0, 0.0]]])
    units = score_units(scores, numpy.array([0, 2]))
    assert numpy.exp(units).sum(axis=-1) == pytest.approx(1.0)
    assert units[:, 0].argmax(axis=-1).tolist() == [1, 0]


def test_score_is_the_probability_of_exactly_this_span():
    logp = numpy.log(numpy.array([[[0.1, 0.8, 0.1]], [[0.2, 0.1, 0.7]], [[0.5, 0.1, 0.4]]]))
    found = read_spans(logp)
    assert (found.starts.tolist(), found.ends.tolist()) == ([0], [2])
    assert found.scores[0] == pytest.approx(0.8 * 0.7 * (1 - 0.4))


def test_no_units_have_no_spans():
    assert len(read_spans(numpy.zeros((0, 1, 3))).starts) == 0
