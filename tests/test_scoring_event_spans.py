"""The 2012 count against its script restated; what the script does beyond its description, each by hand."""

import re
from xml.sax.saxutils import escape

import pytest
import spacy
from cases import case, do_overlap, law, mention, most_pairs, prf, rate
from conftest import make_note
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_mtclinical.scoring.event_spans import compute_accuracies, configure_event_spans_v1, count_events, count_plain
from spacy_mtclinical.scoring.metric import add_up, name_figures, tabulate

NLP = spacy.blank("en")
TEXT = "the pain , the pain . &apos; rash"
PUNCTUATION = {",", ".", "&", ";", "&apos;"}
EVENT = st.tuples(
    st.sampled_from(["PROBLEM", "TEST", ""]),
    st.integers(0, len(TEXT) - 1),
    st.integers(1, 12),
    st.sampled_from(["POS", "NEG"]),
    st.sampled_from(["FACTUAL", "POSSIBLE"]),
    st.sampled_from(["", "", "E1", "E2", "E3"]),
)
SIDES = st.lists(EVENT, max_size=6)


def to_mentions(side):
    return [
        mention(label, start, min(start + length, len(TEXT)), id=id, polarity=polarity, modality=modality)
        for label, start, length, polarity, modality, id in side
    ]


def restate(first, second):
    """How the script compares one file with another: dictionaries by id, and a look at every pair in order.

    RETURNS: Id of the first to modality, polarity and type agreement, span score, and the other's id.
    """
    files = []
    for mentions in (first, second):
        held = {}
        for number, one in enumerate(mentions):
            held.setdefault(one.id or f"#{number}", one)  # ids that repeat are read once
        files.append(held)
    scores = {id1: (0, 0, 0, 0, "") for id1 in files[0]}
    matched = {}
    for id1, one in files[0].items():
        for id2, two in files[1].items():
            (start1, end1), (start2, end2) = one.hull, two.hull
            text1, text2 = TEXT[start1:end1], TEXT[start2:end2]
            if not all(re.search(r"\w", escape(text, {'"': "&quot;"})) for text in (text1, text2)):
                continue
            words1, words2 = ([w for w in text.split() if w not in PUNCTUATION] for text in (text1, text2))
            span = 0
            if start1 <= start2:
                if end1 >= start2 + 1:
                    span = 1 if words1 == words2 else 0.5
            elif end2 > start1 + 1:
                span = 1 if words1 == words2 else 0.5
            if not span:
                continue
            agree = tuple(int(one.attributes[name] == two.attributes[name]) for name in ("modality", "polarity")) + (
                int(one.label == two.label),
            )
            new = (*agree, span, id2)
            holder = matched.get(id2, "")
            old = scores[id1]
            if span == 1 and holder == "":
                if old[3] < 1 or sum(agree) > sum(old[:3]):
                    scores[id1], matched[id2] = new, id1
                    if old[4] != "":
                        matched[old[4]] = ""
            elif span == 1:
                if scores[holder][3] < 1:
                    scores[holder] = (0, 0, 0, 0, "")
                    scores[id1], matched[id2] = new, id1
            elif holder == "" and old[3] != 1 and sum(agree) > sum(old[:3]):
                scores[id1], matched[id2] = new, id1
                if old[4] != "":
                    matched[old[4]] = ""
    return list(scores.values())


def accuracies(*cases):
    table = tabulate([count_events(one) for one in cases])
    return name_figures(compute_accuracies(add_up(table.kinds, table.counts.sum(axis=(0, 1)))))


@law
@given(SIDES, SIDES)
def test_equals_the_script_restated(gold, guess):
    gold, guess = to_mentions(gold), to_mentions(guess)
    one = case(TEXT, gold, guess)
    recall, precision = restate(gold, guess), restate(guess, gold)
    for name, least in (("", 0), ("exact", 0.5)):
        recalled, precise = (sum(score[3] > least for score in side) for side in (recall, precision))
        assert prf(count_events, one, name=name) == rate(recalled, len(recall), precise, len(precision))
    matched = sum(score[3] > 0 for score in recall)
    shares = {name: sum(score[at] for score in recall) for name, at in (("modality", 0), ("polarity", 1), ("type", 2))}
    found = accuracies(one)
    for name, right in shares.items():
        assert found[f"{name}_acc"] == (pytest.approx(right / matched) if matched else None)
    assert found["type_of_gold"] == (pytest.approx(shares["type"] / len(recall)) if recall else None)


@law
@given(SIDES, SIDES)
def test_plain_counts_equal_trying_every_pairing(gold, guess):
    gold, guess = to_mentions(gold), to_mentions(guess)
    one = case(TEXT, gold, guess)
    for name, meets in (
        ("plain", lambda a, b: do_overlap(a.hull, b.hull)),
        ("plain_exact", lambda a, b: a.hull == b.hull),
        ("exact_type", lambda a, b: (a.hull, a.label) == (b.hull, b.label)),
    ):
        right = most_pairs([[n for n, b in enumerate(guess) if meets(a, b)] for a in gold])
        assert prf(count_plain, one, name=name) == rate(right, len(gold), right, len(guess))


RIGHT, WRONG = (1, 1, 1), (0, 0, 0)


@pytest.mark.parametrize(
    "text, gold, guess, figures",
    [
        # spans that overlap match, whatever the type
        ("a mild rash", [("PROBLEM", 0, 11)], [("TEST", 7, 11)], {"": RIGHT, "exact": WRONG, "plain": RIGHT}),
        # quirk: exact is the same words, punctuation apart, and not the same offsets
        ("rash , mild", [("PROBLEM", 0, 4)], [("PROBLEM", 0, 6)], {"exact": RIGHT, "plain_exact": WRONG}),
        ("a rash", [("PROBLEM", 2, 6)], [("TEST", 2, 6)], {"exact": RIGHT, "plain_exact": RIGHT, "exact_type": WRONG}),
        # quirk: what overlaps has to share two characters if gold begins later, one if it begins first
        ("abcdef", [("PROBLEM", 2, 6)], [("PROBLEM", 0, 3)], {"": (1, 0, 0), "plain": RIGHT}),
        ("abcdef", [("PROBLEM", 2, 6)], [("PROBLEM", 0, 4)], {"": RIGHT}),
        # quirk: no letter, no match
        ("( % )", [("TEST", 0, 5)], [("TEST", 0, 5)], {"": WRONG, "plain": RIGHT}),
        # quirk: but the letters of what XML escapes are some
        ("x > 5", [("TEST", 2, 3)], [("TEST", 2, 3)], {"": RIGHT, "exact": RIGHT}),
        # each is matched once
        ("a mild rash", [("PROBLEM", 0, 11)], [("PROBLEM", 0, 6), ("PROBLEM", 7, 11)], {"": (1 / 2, 1, 2 / 3)}),
        # quirk: of repeated ids the first counts alone, so that a perfect prediction loses precision
        (
            "rash and pain",
            [mention("PROBLEM", 0, 4, id="E1"), mention("PROBLEM", 9, 13, id="E1")],
            [("PROBLEM", 0, 4), ("PROBLEM", 9, 13)],
            {"": (1 / 2, 1, 2 / 3), "plain": RIGHT, "exact_type": RIGHT},
        ),
        # quirk: an item of empty type, which no prediction can be, stays in the denominator
        ("rash and pain", [("PROBLEM", 0, 4), ("", 9, 13)], [("PROBLEM", 0, 4)], {"": (1, 1 / 2, 2 / 3)}),
    ],
)
def test_by_hand(text, gold, guess, figures):
    one = case(text, gold, guess)
    for name, expected in figures.items():
        count = count_plain if name in ("plain", "plain_exact", "exact_type") else count_events
        assert prf(count, one, name=name) == pytest.approx(expected), name


def test_spans_that_overlap_match_only_if_something_agrees():
    """A prediction has the polarity and modality that export writes, POS and FACTUAL."""
    gold = mention("PROBLEM", 0, 11, polarity="NEG", modality="POSSIBLE")
    for label, expected in (("TEST", WRONG), ("PROBLEM", RIGHT)):
        assert prf(count_events, case("a mild rash", [gold], [(label, 7, 11)])) == expected


def test_an_attribute_that_gold_leaves_empty_agrees_with_no_default():
    for value, expected in (("", WRONG), ("POS", RIGHT)):
        gold = mention("PROBLEM", 0, 11, polarity=value, modality="")
        assert prf(count_events, case("a mild rash", [gold], [("TEST", 7, 11)])) == expected


def test_accuracies_are_of_the_matched_and_the_script_s_of_all_gold():
    gold = [("PROBLEM", 0, 4), ("PROBLEM", 9, 13), ("PROBLEM", 14, 18)]
    one = case("rash and pain ache", gold, [("PROBLEM", 0, 4), ("TEST", 9, 13)])
    assert accuracies(one) == {"type_acc": 1 / 2, "polarity_acc": None, "modality_acc": None, "type_of_gold": 1 / 3}


def test_polarity_and_modality_are_scored_where_a_prediction_has_them():
    gold = mention("PROBLEM", 0, 4, polarity="NEG", modality="FACTUAL")
    guess = mention("PROBLEM", 0, 4, polarity="neg")
    assert accuracies(case("rash", [gold], [guess])) == {
        "type_acc": 1.0,
        "polarity_acc": 1.0,
        "modality_acc": None,
        "type_of_gold": 1.0,
    }


def test_documents_are_scored_and_types_need_their_own():
    gold = make_note(NLP, "rash and pain", t=[(0, 4, "PROBLEM"), (9, 13, "PROBLEM")])
    guess = make_note(NLP, "rash and pain", t=[(0, 4, "PROBLEM"), (9, 13, "TEST")])
    found = configure_event_spans_v1()([Example(guess, gold)], "t")
    assert (list(found)[0], found["f"], found["exact_type_f"], found["type_acc"]) == ("f", 1.0, 0.5, 0.5)
    assert found["f_per_type"] == {
        "PROBLEM": {"p": 1.0, "r": 0.5, "f": 2 / 3},
        "TEST": {"p": 0.0, "r": 0.0, "f": 0.0},
    }
    assert found["polarity_acc"] is found["modality_acc"] is None


def test_without_any_event_the_script_s_figures_are_0():
    found = configure_event_spans_v1()([Example(*(make_note(NLP, "rash", t=[]) for _ in range(2)))], "t")
    assert [found[f"{name}{letter}"] for name in ("", "exact_") for letter in "fpr"] == [0.0] * 6
    assert [found[f"{name}_f"] for name in ("exact_type", "plain", "plain_exact", "token")] == [1.0] * 4
