"""Counts by label, figures from counts, and gold that has no span."""

from collections import Counter

import pytest
import spacy
from spacy.tokens import Span
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import SOURCE
from spacy_mtclinical.scoring.tally import Tally, count_not_expressed, find_kind, list_types, tally_labels

NLP = spacy.blank("en")


def record(label, *fragments):
    return {"id": "T1", "label": label, "fragments": [list(fragment) for fragment in fragments], "attributes": {}}


def note(text, spans, source=None):
    doc = NLP.make_doc(text)
    doc.spans["drugs"] = [Span(doc, start, end, label=label) for start, end, label in spans]
    if source is not None:
        doc.spans["drugs"].attrs[SOURCE] = source
    return doc


def pair(answer=None):
    doc = make_pair(NLP, "one", "two")
    if answer is not None:
        doc._.mtclinical["implies"] = answer
    return doc


def test_entities_are_counted_as_they_were_annotated():
    gold = note("one two three", [(0, 1, "A")], [record("A", (0, 3)), record("B", (1, 2)), record("C")])
    guess = note("one two three", [(0, 1, "A"), (1, 2, "A")])
    tally = tally_labels([Example(guess, gold)], "drugs", kind="entities")
    assert (tally.gold, tally.predicted) == (Counter("ABC"), Counter("AA"))
    nothing = tally_labels([Example(NLP.make_doc("one two three"), gold)], "drugs", kind="entities")
    assert nothing.predicted == Counter()


def test_pairs_are_counted_by_their_best_label():
    gold = [{"no": 0.0, "yes": 1.0}, {"no": 1.0, "yes": 0.0}, {"no": 0.0, "yes": 1.0}]
    guess = [{"no": 0.2, "yes": 0.8}, {"no": 0.4, "yes": 0.6}, None]
    tally = tally_labels([Example(pair(g), pair(t)) for g, t in zip(guess, gold)], "implies", kind="classes")
    assert tally == Tally(Counter(yes=2, no=1), Counter(yes=2), Counter(yes=1))
    assert list_types(tally, None) == {
        "no": {"p": 0.0, "r": 0.0, "f": 0.0, "support": 1, "predicted": 0},
        "yes": {"p": 0.5, "r": 0.5, "f": 0.5, "support": 2, "predicted": 2},
    }


def test_values_are_counted_where_there_is_one():
    examples = [Example(pair(1.5), pair(2.0)), Example(pair(), pair(0.0))]
    assert tally_labels(examples, "implies", kind="value")[:2] == (Counter(value=2), Counter(value=1))


def test_figures_that_the_metric_does_not_give_are_none():
    tally = Tally(Counter("AB"), Counter("A"), Counter())
    found = list_types(tally, {"A": {"p": 1.0, "r": 1.0, "f": 1.0}})
    assert found["A"] == {"p": 1.0, "r": 1.0, "f": 1.0, "support": 1, "predicted": 1}
    assert found["B"] == {"p": None, "r": None, "f": None, "support": 1, "predicted": 0}


@pytest.mark.parametrize(
    "source, lost, percent",
    [
        ([record("A", (0, 3)), record("A", (0, 3))], 0, 0.0),  # a repeated one has its span
        ([record("A", (0, 3)), record("A", (1, 3)), record("B", (0, 3))], 2, 66.67),
        ([record("A", (4, 7), (8, 13))], 0, 0.0),  # fragments: from the first to the last
        ([record("A")], 1, 100.0),
        ([], 0, 0.0),
    ],
)
def test_gold_without_a_span_is_counted(source, lost, percent):
    gold = note("one two three", [(0, 1, "A"), (1, 3, "A")], source)
    found = count_not_expressed([Example(NLP.make_doc(gold.text), gold)], "drugs")
    assert found == {"count": lost, "percent": percent}


def test_where_the_source_is_not_known_nothing_is_said():
    gold = note("one two three", [(0, 1, "A")])
    found = count_not_expressed([Example(NLP.make_doc(gold.text), gold)], "drugs")
    assert found == {"count": None, "percent": None}


def test_the_kind_of_gold():
    assert find_kind(note("one", []), "drugs") == "entities"
    assert find_kind(pair({"yes": 1.0}), "implies") == "classes"
    assert find_kind(pair(0.0), "implies") == "value"
