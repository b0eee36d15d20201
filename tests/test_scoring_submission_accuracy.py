"""Accuracy with and without repeated pairs and the header line."""

import pytest
import spacy
from cases import law
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.scoring.answers import configure_accuracy_v1
from spacy_mtclinical.scoring.submission_accuracy import configure_submission_accuracy_v1

NLP = spacy.blank("en")


def example(texts, gold, guess):
    docs = []
    for label in (guess, gold):
        doc = make_pair(NLP, *texts)
        if label:
            doc._.mtclinical["t"] = {"true": float(label == "true"), "false": float(label == "false")}
        docs.append(doc)
    return Example(*docs)


@law
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab"), st.booleans()), min_size=1, max_size=8))
def test_equals_counting(pairs):
    examples = [example((first, second), "true", "true" if right else "false") for first, second, right in pairs]
    once = list({(first, second): right for first, second, right in reversed(pairs)}.values())
    rights = [right for *_, right in pairs]
    found = configure_submission_accuracy_v1()(examples, "t")
    assert found == pytest.approx(
        {
            "acc": sum(rights) / len(rights),
            "header_acc": (sum(rights) + 1) / (len(rights) + 1),
            "distinct_acc": sum(once) / len(once),
            "distinct_header_acc": (sum(once) + 1) / (len(once) + 1),
        }
    )
    assert found["acc"] == configure_accuracy_v1()(examples, "t")["acc"]
    assert list(found)[0] == "acc"


def test_by_hand():
    """The first of two equal pairs answers for both, white space around texts apart; no answer is a wrong one."""
    answers = [(("a", "b"), "true", "true"), ((" a", "b "), "true", "false"), (("b", "a"), "false", None)]
    found = configure_submission_accuracy_v1()([example(*one) for one in answers], "t")
    assert found == pytest.approx(
        {"acc": 1 / 3, "header_acc": 1 / 2, "distinct_acc": 1 / 2, "distinct_header_acc": 2 / 3}
    )


def test_without_pairs_there_is_none():
    assert set(configure_submission_accuracy_v1()([], "t").values()) == {None}
