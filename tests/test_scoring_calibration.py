"""Scores by how often they are right: against a histogram, and by hand."""

import numpy
import pytest
import spacy
from cases import law
from conftest import make_note
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.scoring.calibration import list_bins, score_answers, score_spans

NLP = spacy.blank("en")


@law
@given(st.lists(st.tuples(st.integers(0, 1000).map(lambda n: n / 1000), st.booleans()), min_size=1, max_size=40))
def test_equals_a_histogram(scored):
    found = list_bins(scored, definition="d")
    scores, rights = numpy.array(scored, dtype="float64").T
    counts, edges = numpy.histogram(numpy.floor(numpy.minimum(scores, 0.9999) * 10), bins=numpy.arange(11))
    assert [one["count"] for one in found["bins"]] == counts.tolist()
    assert sum(counts) == found["count"] == len(scored)
    distances = []
    for number, one in enumerate(found["bins"]):
        held = numpy.floor(numpy.minimum(scores, 0.9999) * 10) == number
        if held.any():
            assert one["score"] == pytest.approx(scores[held].mean()) and one["accuracy"] == rights[held].mean()
            assert one["low"] <= one["score"] + 1e-9 and one["score"] <= one["high"] + 1e-9
            distances += [abs(scores[held].mean() - rights[held].mean())] * int(held.sum())
        else:
            assert one["score"] is one["accuracy"] is None
    assert found["error"] == pytest.approx(numpy.mean(distances))


def test_by_hand():
    """Two predictions at .9, one right: .4 off; one at .2, wrong: .2 off. (2 * .4 + .2) / 3."""
    found = list_bins([(0.9, True), (0.9, False), (0.2, False)], definition="d")
    assert found["error"] == pytest.approx(1 / 3)
    assert found["bins"][9] == {"low": 0.9, "high": 1.0, "count": 2, "score": 0.9, "accuracy": 0.5}
    assert found["definition"] == "d"
    assert list_bins([(1.0, True)], definition="d")["bins"][9]["count"] == 1


def test_nothing_with_a_score_is_none():
    assert list_bins([], definition="d") is None


def test_spans_are_right_if_gold_has_them_and_each_annotation_serves_once():
    gold = make_note(NLP, "aa bb cc", t=[(0, 2, "X"), (3, 5, "X")])
    guess = make_note(NLP, "aa bb cc", t=[(0, 2, "X"), (0, 2, "X"), (3, 5, "Y"), (6, 8, "X")])
    assert list(score_spans([Example(guess, gold)], "t")) == []
    guess.spans["t"].attrs["scores"] = [0.9, 0.8, 0.7, 0.6]
    found = list(score_spans([Example(guess, gold), Example(NLP.make_doc("aa bb cc"), gold)], "t"))
    assert found == [(0.9, True), (0.8, False), (0.7, False), (0.6, False)]


def test_pairs_count_with_the_label_that_they_were_given():
    gold, guess = make_pair(NLP, "a", "b"), make_pair(NLP, "a", "b")
    gold._.mtclinical["t"], guess._.mtclinical["t"] = {"no": 0.0, "yes": 1.0}, {"no": 0.3, "yes": 0.7}
    assert list(score_answers([Example(guess, gold), Example(make_pair(NLP, "a", "b"), gold)], "t")) == [(0.7, True)]
