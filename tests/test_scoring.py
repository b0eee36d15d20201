"""Metrics against hand-counted cases and brute force; tasks without gold have no score."""

from multiprocessing.reduction import ForkingPickler

import numpy
import pytest
import spacy
from conftest import make_note
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.scoring.answers import configure_accuracy_v1, configure_pearson_v1, score_accuracy, score_pearson
from spacy_mtclinical.scoring.calibration import score_answers
from spacy_mtclinical.scoring.confusion import pair_answers
from spacy_mtclinical.scoring.spans import configure_exact_spans_v1, score_exact_spans
from spacy_mtclinical.scoring.tally import tally_labels
from spacy_mtclinical.scoring.task_scorer import make_task_scorer_v1

NLP = spacy.blank("en")
TEXT = "a b c d e f"


def note(*spans, source=None):
    doc = make_note(NLP, TEXT, t=spans)
    if source is not None:
        doc.spans["t"].attrs["source"] = source
    return doc


def pair(answer=None):
    doc = make_pair(NLP, "a", "b")
    if answer is not None:
        doc._.mtclinical["t"] = answer
    return doc


def test_spans_are_counted_by_offsets_and_label():
    gold = note((0, 1, "X"), (2, 3, "X"), (4, 7, "Y"))
    guess = note((0, 1, "X"), (2, 3, "Y"), (4, 5, "Y"), (8, 9, "X"))
    scores = score_exact_spans([Example(guess, gold)], "t")
    assert (scores["p"], scores["r"], scores["f"]) == (1 / 4, 1 / 3, 2 / 7)
    assert scores["f_per_type"]["X"] == {"p": 1 / 2, "r": 1 / 2, "f": 1 / 2}
    assert scores["f_per_type"]["Y"]["f"] == 0.0


def test_gold_that_no_token_can_hold_stays_in_the_denominator():
    source = [{"id": "1", "label": "X", "fragments": [[0, 1]], "attributes": {}}]
    source.append({"id": "2", "label": "X", "fragments": [[2, 100]], "attributes": {}})
    gold = note((0, 1, "X"), source=source)
    assert score_exact_spans([Example(note((0, 1, "X")), gold)], "t")["r"] == 1 / 2


def test_discontinuous_gold_by_hull_or_by_fragments():
    source = [{"id": "1", "label": "X", "fragments": [[8, 9], [0, 1]], "attributes": {}}]
    example = Example(note((0, 9, "X")), note((0, 9, "X"), source=source))
    assert configure_exact_spans_v1()([example], "t")["f"] == 1.0
    assert configure_exact_spans_v1(discontinuous="fragments")([example], "t")["f"] == 0.0
    with pytest.raises(ValueError, match="expected 'hull' or 'fragments', got 'first'"):
        configure_exact_spans_v1("first")


def test_spans_that_overlap_stand_beside():
    """Two predictions on one annotation: one is right; another label never is."""
    gold = note((0, 3, "X"), (4, 7, "Y"), (8, 9, "X"))
    guess = note((0, 1, "X"), (2, 3, "X"), (4, 5, "X"), (8, 9, "X"))
    scores = score_exact_spans([Example(guess, gold)], "t")
    assert [scores[f"overlap_{letter}"] for letter in "prf"] == [2 / 4, 2 / 3, 4 / 7]
    assert scores["token_f"] == pytest.approx(2 * 3 / (4 + 5))
    assert list(scores)[0] == "f" and set(configure_exact_spans_v1().definitions) == {"f", "overlap_f", "token_f"}


def test_gold_without_fragments_is_missed():
    gold = note(source=[{"id": "1", "label": "X", "fragments": [], "attributes": {}}])
    for way in ("hull", "fragments"):
        scores = score_exact_spans([Example(note((0, 1, "X")), gold)], "t", discontinuous=way)
        assert (scores["p"], scores["r"]) == (0.0, 0.0)


ITEMS = st.lists(st.tuples(st.sampled_from([(0, 1), (2, 3), (0, 5)]), st.sampled_from("XY")), max_size=5)


@given(ITEMS, ITEMS)
def test_each_gold_annotation_is_matched_at_most_once(gold, guess):
    example = Example(
        note(*((*place, label) for place, label in guess)), note(*((*place, label) for place, label in gold))
    )
    left, right = list(gold), 0
    for item in guess:
        if item in left:
            left.remove(item)
            right += 1
    scores = score_exact_spans([example], "t")
    expected = 2 * right / (len(gold) + len(guess)) if gold or guess else 1.0
    assert scores["f"] == pytest.approx(expected)


def test_accuracy_counts_a_missing_answer_as_wrong():
    golds = [pair({"yes": 1.0, "no": 0.0}), pair({"yes": 0.0, "no": 1.0}), pair({"yes": 1.0, "no": 0.0})]
    guesses = [pair({"no": 0.2, "yes": 0.8}), pair({"no": 0.4, "yes": 0.6}), pair()]
    assert score_accuracy([Example(x, y) for x, y in zip(guesses, golds)], "t") == {"acc": 1 / 3}


def test_probabilities_that_are_no_numbers_are_no_answer():
    nan = float("nan")
    golds = [pair({"yes": 1.0, "no": 0.0}), pair({"yes": 1.0, "no": 0.0})]
    guesses = [pair({"yes": nan, "no": nan}), pair({"yes": 0.9, "no": 0.1})]
    examples = [Example(x, y) for x, y in zip(guesses, golds)]
    assert score_accuracy(examples, "t") == {"acc": 0.5}
    assert list(score_answers(examples, "t")) == [(0.9, True)]
    assert list(pair_answers(examples, "t")) == [("yes", None), ("yes", "yes")]
    assert tally_labels(examples, "t", kind="classes").predicted == {"yes": 1}


def test_pearson():
    golds, guesses = [1.0, 2.0, 4.0], [1.5, 1.0, 5.0]
    examples = [Example(pair(x), pair(y)) for x, y in zip(guesses, golds)]
    assert score_pearson(examples, "t")["pearson"] == pytest.approx(numpy.corrcoef(golds, guesses)[0, 1])
    assert score_pearson([Example(pair(2.0), pair(y)) for y in golds], "t") == {"pearson": 0.0}
    assert score_pearson([Example(pair(x), pair(2.0)) for x in guesses], "t") == {"pearson": None}
    not_numbers = [Example(pair(x), pair(y)) for x, y in zip([1.0, float("nan"), 5.0], golds)]
    assert score_pearson(not_numbers, "t") == {"pearson": 0.0}  # None would take the task out of the mean
    with pytest.raises(ValueError, match="a number for each of 3 pairs, got none for 1: number 2. Predict on all"):
        score_pearson([Example(pair(x), pair(y)) for x, y in zip([1.0, None, 2.0], golds)], "t")


NUMBERS = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=12)


@given(NUMBERS)
def test_pearson_equals_numpy_s(pairs):
    guesses, golds = zip(*(map(float, numbers) for numbers in pairs))
    found = score_pearson([Example(pair(x), pair(y)) for x, y in pairs], "t")["pearson"]
    if len(set(golds)) == 1:
        assert found is None
    elif len(set(guesses)) == 1:
        assert found == 0.0
    else:
        assert found == pytest.approx(numpy.corrcoef(golds, guesses)[0, 1], abs=1e-9)


def test_answers_are_metrics_that_a_config_can_name():
    assert configure_accuracy_v1() is score_accuracy and configure_pearson_v1() is score_pearson
    assert list(score_accuracy.definitions) == ["acc"] and list(score_pearson.definitions) == ["pearson"]


KINDS = {"t": "entities", "u": "entities", "v": "classes", "w": "value"}


def test_a_task_without_gold_has_no_score_and_does_not_count():
    scores = make_task_scorer_v1()([Example(note((0, 1, "X")), note((0, 1, "X")))], kinds=KINDS)
    assert scores["mtclinical_t_f"] == scores["mtclinical_score"] == 1.0
    for name in ("u_f", "u_p", "u_r", "u_f_per_type", "v_acc", "w_pearson"):
        assert scores[f"mtclinical_{name}"] is None
    assert make_task_scorer_v1()([], kinds=KINDS)["mtclinical_score"] is None


def test_a_config_names_the_metric_of_a_task():
    scorer = make_task_scorer_v1({"t": lambda examples, task: {"mine": 0.25, "other": 1.0}})
    scores = scorer([Example(note(), note())], kinds=KINDS)
    assert scores["mtclinical_t_mine"] == scores["mtclinical_score"] == 0.25
    with pytest.raises(ValueError, match=r"\[scorer.metrics\] names \['odd'\]"):
        make_task_scorer_v1({"odd": score_accuracy})([], kinds=KINDS)


def test_pairs_without_segments_are_refused():
    gold = pair({"yes": 1.0})
    gold._.mtclinical["v"] = {"yes": 1.0}
    with pytest.raises(ValueError, match="1 of 1 pairs came without their segments.*mtclinical evaluate"):
        make_task_scorer_v1()([Example(NLP.make_doc(gold.text), gold)], kinds=KINDS)


def test_predictions_for_other_texts_are_named_and_not_scored():
    examples = []
    for number in range(8):
        gold = note((0, 1, "X"))
        gold.user_data["doc_id"] = f"n{number}" if number else None
        examples.append(Example(make_note(NLP, f"zzsecret {number}", t=[]), gold))
    with pytest.raises(
        ValueError, match="other texts for 8 of 8 documents: number 1, n1, n2, n3, n4, and more"
    ) as error:
        make_task_scorer_v1()(examples, kinds=KINDS)
    assert "zzsecret" not in str(error.value)


SCORERS = [name for name in spacy.registry.scorers.get_all() if name.startswith("spacy-mtclinical.")]


@pytest.mark.parametrize("name", SCORERS)
def test_a_scorer_can_go_to_another_process(name):
    assert ForkingPickler.dumps(spacy.registry.scorers.get(name)())
