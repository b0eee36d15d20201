"""Fragments against trying every pairing; brateval's superset, nested and discontinuous gold by hand."""

import pytest
import spacy
from cases import case, law, mention, most_pairs, prf, rate
from conftest import make_note
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_mtclinical.scoring.fragment_spans import configure_fragment_spans_v1, count_held
from spacy_mtclinical.scoring.spans import count_exact

NLP = spacy.blank("en")
FRAGMENTS = st.lists(st.sampled_from([(0, 2), (3, 5), (6, 8)]), min_size=1, max_size=3, unique=True).map(tuple)
SIDES = st.lists(st.tuples(st.sampled_from("XY"), FRAGMENTS), max_size=4)


@law
@given(SIDES, SIDES)
def test_equals_trying_every_pairing(gold, guess):
    one = case("." * 8, *([mention(label, *fragments) for label, fragments in side] for side in (gold, guess)))
    holds = [[n for n, b in enumerate(guess) if a[0] == b[0] and set(a[1]) <= set(b[1])] for a in gold]
    right = most_pairs(holds)
    assert prf(count_held, one) == rate(right, len(gold), right, len(guess))


@pytest.mark.parametrize(
    "gold, guess, held",
    [
        ([("X", (0, 2), (6, 8))], [("X", (6, 8), (0, 2))], (1, 1, 1)),  # in any order
        ([("X", (0, 2), (6, 8))], [("X", (0, 8))], (0, 0, 0)),  # from the first to the last is not all fragments
        ([("X", (0, 2))], [("X", (0, 2), (6, 8))], (1, 1, 1)),  # quirk: all of gold's fragments and more
        ([("X", (0, 2), (6, 8))], [("X", (0, 2))], (0, 0, 0)),  # but not fewer
        ([("X", (0, 2))], [("Y", (0, 2))], (0, 0, 0)),
        ([("X", (0, 8)), ("X", (0, 2)), ("Y", (0, 2))], [("X", (0, 2)), ("Y", (0, 2)), ("X", (0, 8))], (1, 1, 1)),
        ([("X", (0, 2))] * 2, [("X", (0, 2))], (1, 1 / 2, 2 / 3)),  # each at most once
        ([("X",)], [("X", (0, 2))], (0, 0, 0)),  # nothing to hold
    ],
)
def test_by_hand(gold, guess, held):
    assert prf(count_held, case("." * 8, gold, guess)) == pytest.approx(held)


def test_nested_and_discontinuous_gold_stays_in_the_denominator():
    doc = make_note(NLP, "aa bb cc", t=[])
    doc.spans["t"].attrs["source"] = [
        {"label": "X", "fragments": [[0, 2], [6, 8]]},
        {"label": "X", "fragments": [[0, 8]]},
        {"label": "Y", "fragments": [[3, 5]]},
    ]
    guess = make_note(NLP, "aa bb cc", t=[(0, 8, "X"), (3, 5, "Y")])
    found = configure_fragment_spans_v1()([Example(guess, doc)], "t")
    assert (found["p"], found["r"], found["plain_r"], found["overlap_r"]) == (1.0, 2 / 3, 2 / 3, 2 / 3)
    assert found["f_per_type"]["X"] == {"p": 1.0, "r": 1 / 2, "f": 2 / 3}


def test_a_superset_is_exact_to_brateval_alone():
    one = case("." * 8, [("X", (0, 2))], [("X", (0, 2), (6, 8))])
    assert prf(count_held, one) == (1, 1, 1)
    assert prf(lambda case: count_exact(case, name="plain", hull=False), one, name="plain") == (0, 0, 0)
