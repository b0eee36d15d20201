import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Span, SpanGroup

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID, SCORES, SOURCE, SUBSET
from spacy_mtclinical.export.records import doc_to_note, doc_to_pair, find_id, is_certain
from spacy_mtclinical.formats.records import Annotation

NLP = spacy.blank("en")
RECORDS = [
    {"id": "T4", "label": "DISO", "fragments": [[6, 9], [0, 4]], "attributes": {"notes": ["C1"], "shift": -1}},
    {"id": "T1", "label": "", "fragments": [[0, 4]], "attributes": {}},
]


def note(*, spans=(), source=None, scores=None):
    doc = NLP.make_doc("Knee and arm")
    attrs = {name: value for name, value in ((SOURCE, source), (SCORES, scores)) if value is not None}
    doc.spans["sites"] = SpanGroup(doc, attrs=attrs, spans=[Span(doc, *span) for span in spans])
    doc.user_data[SUBSET] = "EMEA"
    return doc


def pair(answer, first="one ", second="two"):
    doc = make_pair(NLP, first, second)
    doc._.mtclinical = {"same": answer}
    return doc


def test_predictions_are_the_spans():
    doc = note(spans=[(0, 1, "A"), (0, 3, "B"), (0, 1, "A")], source=RECORDS)
    found, shifted = doc_to_note(doc, doc_id="d1", task="sites", is_gold=False)
    assert (found.id, found.text, found.subset, shifted) == ("d1", "Knee and arm", "EMEA", 0)
    expected = [Annotation("", "A", ((0, 4),)), Annotation("", "B", ((0, 12),)), Annotation("", "A", ((0, 4),))]
    assert list(found.annotations) == expected


def test_gold_is_the_source_with_fragments_identifiers_and_attributes():
    found, shifted = doc_to_note(note(spans=[(0, 1, "A")], source=RECORDS), doc_id="d1", task="sites", is_gold=True)
    assert list(found.annotations) == [
        Annotation("T4", "DISO", ((6, 9), (0, 4)), attributes={"notes": ["C1"]}),
        Annotation("T1", "", ((0, 4),)),
    ]
    assert shifted == 1


@pytest.mark.parametrize(
    "doc, task, is_gold, message",
    [
        (
            note(),
            "drugs",
            False,
            "Expected spans of task drugs in each document, got none in 'd1', which has sites. Nam",
        ),
        (
            NLP.make_doc("a"),
            "drugs",
            True,
            "Expected spans of task drugs .* got none in 'd1', which has no spans at al",
        ),
        (
            note(),
            "sites",
            True,
            r'Expected gold annotations \(attrs\["source"\]\) of task sites .* none in \'d1\'. Lea',
        ),
        (pair(1.0), "sites", False, "Expected notes, got the pair 'd1'. Name the dataset of a pair task"),
    ],
)
def test_documents_without_the_task_are_named(doc, task, is_gold, message):
    with pytest.raises(ValueError, match=message) as caught:
        doc_to_note(doc, doc_id="d1", task=task, is_gold=is_gold)
    assert "Knee" not in str(caught.value)


@pytest.mark.parametrize("held", [None, "", 5])
def test_documents_without_an_identifier_are_numbered(held):
    doc = NLP.make_doc("Knee")
    if held is not None:
        doc.user_data[DOC_ID] = held
    with pytest.raises(ValueError, match="Expected an identifier of each document .* got none for number 3. .*DocBin"):
        find_id(doc, number=3)
    doc.user_data[DOC_ID] = "d1"
    assert find_id(doc, number=3) == "d1"


@pytest.mark.parametrize(
    "answer, kind, is_gold, expected",
    [
        ({"no": 0.3, "yes": 0.7}, "classes", False, "yes"),
        ({"no": 0.3, "yes": 0.7}, "", False, "yes"),
        ({"no": 1.0, "yes": 0.0}, "classes", True, "no"),
        ({"no": 0.5, "yes": 0.5}, "classes", False, "no"),
        (2.5, "value", False, 2.5),
        (2, "", True, 2.0),
    ],
)
def test_answers_of_pairs(answer, kind, is_gold, expected):
    found = doc_to_pair(pair(answer), doc_id="p", task="same", kind=kind, is_gold=is_gold)
    assert (found.id, found.first, found.second, found.answer) == ("p", "one ", "two", expected)


@pytest.mark.parametrize(
    "answer, kind, is_gold, message",
    [
        (
            2.5,
            "classes",
            False,
            "Expected a probability of each label as the answer of task same in pair 'p', got a flo",
        ),
        ({"a": 1.0}, "value", False, "Expected a number as the answer of task same in pair 'p', got a dict"),
        (float("nan"), "value", False, "Expected a number as the answer"),
        ({"a": float("nan")}, "classes", False, "Expected a probability of each label"),
        ({}, "", False, "Expected probabilities or a number"),
        (True, "value", False, "Expected a number"),
        (
            {"no": 0.3, "yes": 0.7},
            "classes",
            True,
            "Expected gold, 1 for one label and 0 for the others, as the answer",
        ),
        ({"no": 1.0, "yes": 1.0}, "classes", True, "Expected gold, 1 for one label"),
    ],
)
def test_answers_that_are_none(answer, kind, is_gold, message):
    with pytest.raises(ValueError, match=message):
        doc_to_pair(pair(answer), doc_id="p", task="same", kind=kind, is_gold=is_gold)


def test_pairs_without_the_task_or_without_segments():
    with pytest.raises(ValueError, match="as the answer of task other in pair 'p', got nothing. Name the task"):
        doc_to_pair(pair(1.0), doc_id="p", task="other", kind="value", is_gold=False)
    with pytest.raises(ValueError, match="Expected pairs, got document 'p' without two segments"):
        doc_to_pair(note(), doc_id="p", task="same", kind="value", is_gold=False)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_the_texts_of_a_pair_come_back_as_they_were_put_in(first, second):
    found = doc_to_pair(pair(1.0, first, second), doc_id="p", task="same", kind="value", is_gold=False)
    assert (found.first, found.second) == (first or " ", second or " ")


@pytest.mark.parametrize(
    "answer, expected", [({"a": 1.0, "b": 0.0}, True), ({"a": 1.0, "b": 1e-9}, False), (3.0, False)]
)
def test_what_is_as_certain_as_gold(answer, expected):
    assert is_certain(answer) is expected
