"""Spans to tags to spans, and the best valid sequence."""

import itertools

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spacy_mtclinical.tags import (
    Spans,
    best_tags,
    count_settled,
    label_spans,
    log_softmax,
    read_spans,
    score_units,
    search_tags,
    spread_tags,
)

ALONE = numpy.array([0])  # one note


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
    for tags in (best_tags(logp.T, ALONE), search_tags(logp, numpy.array([len(logp)]))):
        assert is_valid(list(tags))
        assert sum(logp[numpy.arange(len(tags)), tags]) == pytest.approx(enumerate_best(logp), abs=1e-9)


@given(st.integers(0, 10**6), st.sampled_from([40, 300]), st.sampled_from([0.0, 4.0, 7.0]))
def test_searching_in_stretches_equals_searching_everything(seed, n, outside):
    scores = numpy.random.default_rng(seed).uniform(-6, 6, (n, 7))
    scores[:, 0] += outside
    logp = log_softmax(scores)
    found = best_tags(logp.T, ALONE), search_tags(logp, numpy.array([n]))
    total = [sum(logp[numpy.arange(n), tags]) for tags in found]
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
    found = read_spans(log_softmax(scores), ALONE)
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


def make_units(scores, firsts, begins):
    scores = scores.copy()
    score_units(scores, firsts, begins)
    return scores[firsts]


def test_units_prefer_what_all_pieces_say():
    scores = numpy.array([[0.0, 5.0, 0.0], [0.0, 0.0, 5.0], [5.0, 0.0, 0.0]])
    firsts, begins = numpy.array([0, 2]), numpy.array([1])
    units = log_softmax(make_units(scores, firsts, begins))
    assert units.argmax(axis=1).tolist() == [1, 0]
    # What is added to all tags of a piece changes nothing.
    assert units == pytest.approx(log_softmax(make_units(log_softmax(scores), firsts, begins)))
    assert units[0, 1] - units[0, 0] == pytest.approx(10.0)


def test_chains_side_by_side_are_scored_as_alone():
    rng = numpy.random.default_rng(0)
    firsts = numpy.array([0, 1, 4, 6])
    flat, nested = rng.normal(size=(7, 5)), rng.normal(size=(7, 6))
    both = make_units(numpy.hstack((flat, nested)), firsts, numpy.array([1, 3, 6, 9]))
    alone = [make_units(flat, firsts, numpy.array([1, 3])), make_units(nested, firsts, numpy.array([1, 4]))]
    assert numpy.array_equal(both, numpy.hstack(alone))


@pytest.mark.parametrize("cuts", [[1], [2, 3], [5], [1, 2, 3, 4, 5]])
def test_a_unit_goes_on_in_the_next_round(cuts):
    scores, begins, first = numpy.random.default_rng(0).normal(size=(6, 5)), numpy.array([1, 3]), numpy.array([0])
    begun = None
    for part in numpy.split(scores.copy(), cuts):
        score_units(part, first, begins, begun=begun)
        begun = part[0]
    assert begun == pytest.approx(make_units(scores, first, begins)[0])


def test_score_is_the_probability_of_exactly_this_span():
    logp = numpy.log(numpy.array([[[0.1, 0.8, 0.1]], [[0.2, 0.1, 0.7]], [[0.5, 0.1, 0.4]]]))
    found = read_spans(logp, ALONE)
    assert (found.starts.tolist(), found.ends.tolist()) == ([0], [2])
    assert found.scores[0] == pytest.approx(0.8 * 0.7 * (1 - 0.4))


def test_no_units_have_no_spans():
    assert len(read_spans(numpy.zeros((0, 1, 3)), ALONE).starts) == 0


def list_spans(spans, shift=0):
    found = zip(spans.starts + shift, spans.ends + shift, spans.labels, spans.scores.round(9))
    return [tuple(map(float, span)) for span in found]


@given(st.integers(0, 10**6), st.sampled_from([0.0, 4.0]))
def test_units_need_not_be_normalised(seed, outside):
    scores = numpy.random.default_rng(seed).uniform(-6, 6, (60, 3, 5))
    scores[:, :, 0] += outside
    notes = numpy.array([0, 25])
    assert list_spans(read_spans(scores, notes)) == list_spans(read_spans(log_softmax(scores), notes))
    assert count_settled(scores, ALONE) == count_settled(log_softmax(scores), ALONE)


several_chains = st.sampled_from([(1, 7), (3, 3)]).flatmap(
    lambda shape: st.integers(1, 30).flatmap(
        lambda n: arrays("float64", (n, *shape), elements=st.floats(-3, 3).map(lambda x: round(x, 3)))
    )
)


@given(several_chains, st.lists(st.integers(0, 30), max_size=4))
def test_notes_read_together_give_what_each_gives_alone(scores, cuts):
    logp = log_softmax(scores)
    notes = numpy.array(sorted({0, *(cut for cut in cuts if cut < len(logp))}))
    alone = [
        span
        for start, end in zip(notes, [*notes[1:], len(logp)])
        for span in list_spans(read_spans(logp[start:end], ALONE), start)
    ]
    assert list_spans(read_spans(logp, notes)) == alone


@given(several_chains, st.integers(1, 30))
def test_what_is_settled_stays_whatever_follows(scores, seen):
    logp = log_softmax(scores)
    settled = count_settled(logp[:seen], ALONE)
    assert 0 <= settled <= seen
    early = list_spans(read_spans(logp[:settled], ALONE)) if settled else []
    late = list_spans(read_spans(logp[settled:], ALONE), settled)
    assert sorted(early + late) == sorted(list_spans(read_spans(logp, ALONE)))


def test_a_note_that_begins_settles_what_was_before():
    inside = log_softmax(numpy.tile([0.0, 9.0, 9.0], (4, 1))[:, None])
    assert count_settled(inside, ALONE) == 0
    assert count_settled(inside, numpy.array([0, 3])) == 3
    assert isinstance(read_spans(inside, numpy.array([0, 3])), Spans)
