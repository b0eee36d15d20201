"""The 2018 count against its script restated; what the script does beyond its description, each by hand."""

import pytest
import spacy
from cases import CASES, case, do_overlap, law, mention, most_pairs, prf, rate
from conftest import make_note
from hypothesis import given
from spacy.training import Example

from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.scoring.lenient_spans import configure_lenient_spans_v1, count_note
from spacy_mtclinical.scoring.mentions import Case, Mention

NLP = spacy.blank("en")


def restate(gold, guess, meets):
    """Right, kept, all gold, as the script has it: lists, and a look at every pair in order."""
    met, kept = [], list(range(len(guess)))
    for n, span in enumerate(guess):
        for m, annotation in enumerate(gold):
            if meets(annotation, span):
                if m not in met:
                    met.append(m)
                elif n in kept:
                    kept.remove(n)
    right = len({n for n in kept if any(meets(annotation, guess[n]) for annotation in gold)})
    return right, len(gold), right, len(kept)


def meets_leniently(one, other):
    return one[0] == other[0] and do_overlap(one[1:], other[1:])


@law
@given(CASES)
def test_equals_the_script_restated(drawn):
    _, gold, guess = drawn
    assert prf(count_note, case(*drawn)) == rate(*restate(gold, guess, meets_leniently))
    assert prf(count_note, case(*drawn), name="strict") == rate(*restate(gold, guess, lambda a, b: a == b))
    right = most_pairs([[n for n, b in enumerate(guess) if meets_leniently(a, b)] for a in gold])
    assert prf(count_note, case(*drawn), name="plain") == rate(right, len(gold), right, len(guess))
    right = most_pairs([[n for n, b in enumerate(guess) if a == b] for a in gold])
    assert prf(count_note, case(*drawn), name="plain_strict") == rate(right, len(gold), right, len(guess))


@pytest.mark.parametrize(
    "gold, guess, lenient, strict, plain",
    [
        ([("X", 0, 4)], [("X", 3, 9)], (1, 1, 1), (0, 0, 0), (1, 1, 1)),  # one character is enough
        ([("X", 0, 4)], [("X", 4, 9)], (0, 0, 0), (0, 0, 0), (0, 0, 0)),  # touching is not
        ([("X", 0, 4)], [("Y", 0, 4)], (0, 0, 0), (0, 0, 0), (0, 0, 0)),  # nor is another type
        # quirk: a second prediction on an annotation that is matched is dropped, where plainly it is an error
        ([("X", 0, 9)], [("X", 0, 4), ("X", 5, 9)], (1, 1, 1), (0, 0, 0), (1 / 2, 1, 2 / 3)),
        # quirk: gold that overlaps, or repeats, loses against itself
        ([("X", 0, 9), ("X", 2, 5)], [("X", 0, 9), ("X", 2, 5)], (1, 1 / 2, 2 / 3), (1, 1, 1), (1, 1, 1)),
        ([("X", 0, 9), ("X", 0, 9)], [("X", 0, 9), ("X", 0, 9)], (1, 1 / 2, 2 / 3), (1, 1 / 2, 2 / 3), (1, 1, 1)),
    ],
)
def test_by_hand(gold, guess, lenient, strict, plain):
    one = case("." * 9, gold, guess)
    assert prf(count_note, one) == pytest.approx(lenient)
    assert prf(count_note, one, name="strict") == pytest.approx(strict)
    assert prf(count_note, one, name="plain") == pytest.approx(plain)


def test_a_dropped_prediction_takes_its_other_annotations_along():
    """The second meets what the first met, so it is dropped; but it has met the last one too, which drops the third."""
    gold = [("X", 0, 4), ("X", 6, 9)]
    one = case("." * 9, gold, [("X", 0, 2), ("X", 3, 7), ("X", 8, 9)])
    assert prf(count_note, one) == pytest.approx((1, 1 / 2, 2 / 3))
    assert prf(count_note, one, name="plain") == pytest.approx((2 / 3, 1, 4 / 5))


def test_fragments_collapse_to_the_first_start_and_the_last_end_of_the_file():
    in_order, mixed = mention("X", (0, 2), (5, 9)), mention("X", (5, 9), (0, 2))
    assert prf(count_note, case("." * 9, [in_order], [("X", 0, 9)]), name="strict") == (1, 1, 1)
    assert prf(count_note, case("." * 9, [mixed], [("X", 0, 9)]), name="strict") == (0, 0, 0)
    assert prf(count_note, case("." * 9, [mixed], [("X", 0, 9)]), name="plain_strict") == (1, 1, 1)


def test_more_than_three_fragments_are_read_as_the_annotation_before():
    four = mention("X", (4, 5), (5, 6), (6, 7), (7, 8))
    before, whole = ("Y", 0, 2), ("X", 4, 8)
    assert prf(count_note, case("." * 9, [before, four], [before, whole]), name="strict") == pytest.approx(
        (0.5, 0.5, 0.5)
    )
    assert prf(count_note, case("." * 9, [before, four], [before, whole]), name="plain_strict") == (1, 1, 1)
    assert prf(count_note, case("." * 9, [four], [whole]), name="strict") == (1, 1, 1)  # with none before, as it is


def test_what_has_no_place_is_missed():
    assert prf(count_note, case("aa", [mention("X")], [("X", 0, 2)])) == (0, 0, 0)


def test_macro_is_the_mean_of_notes_and_an_empty_note_counts_nothing():
    full = Example(*(make_note(NLP, "aa bb", t=[(0, 2, "X")]) for _ in range(2)))
    half = Example(
        make_note(NLP, "aa bb", t=[(0, 2, "X"), (3, 5, "X")]), make_note(NLP, "aa bb", t=[(0, 5, "X"), (3, 5, "Y")])
    )
    empty = Example(*(make_note(NLP, "aa bb", t=[]) for _ in range(2)))
    found = configure_lenient_spans_v1()([full, half, empty], "t")
    assert (found["p"], found["r"]) == (1.0, 2 / 3)
    assert [found[f"macro_{x}"] for x in "prf"] == pytest.approx([2 / 3, 1 / 2, (1 + 2 / 3) / 3])
    assert [found[f"plain_macro_{x}"] for x in "prf"] == pytest.approx(
        [(1 + 1 / 2 + 1) / 3, (1 + 1 / 2 + 1) / 3, (1 + 1 / 2 + 1) / 3]
    )
    assert [found[f"strict_macro_{x}"] for x in "prf"] == pytest.approx([1 / 3] * 3)
    assert [found[f"plain_strict_macro_{x}"] for x in "prf"] == pytest.approx([2 / 3] * 3)
    assert list(found)[0] == "f" and found["token_f"] < 1
    found = configure_lenient_spans_v1()([empty, empty], "t")
    assert [found[f"{name}{letter}"] for name in ("", "strict_", "macro_") for letter in "fpr"] == [0.0] * 9
    assert [found[f"{name}_f"] for name in ("plain", "plain_strict", "plain_macro", "token")] == [1.0] * 4


@pytest.mark.parametrize(
    "corpus, subset, lenient, strict", [("phee", "", 0.9982, 0.9989), ("quaero", "EMEA", 0.9493, 1.0)]
)
def test_public_gold_scores_against_itself_as_the_script_has_it(public_corpus, corpus, subset, lenient, strict):
    """The figures that brat_eval.py gave for these files."""
    module = load_dataset({"quaero": "quaero_2014"}.get(corpus, corpus))
    cases = []
    for note in module.read(public_corpus(corpus), split="dev"):
        if note.subset == subset:
            gold = [Mention(one.label, one.fragments, one.id) for one in note.annotations if one.label in module.LABELS]
            cases.append(Case(note.text, gold, gold))
    assert prf(count_note, *cases)[2] == pytest.approx(lenient, abs=5e-5)
    assert prf(count_note, *cases, name="strict")[2] == pytest.approx(strict, abs=5e-5)
    assert prf(count_note, *cases, name="plain")[2] == prf(count_note, *cases, name="plain_strict")[2] == 1.0
