import math
from dataclasses import replace

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin

from spacy_mtclinical.documents import DOC_ID, PAIR, SOURCE, SUBSET
from spacy_mtclinical.formats.records import Annotation, Note, Pair
from spacy_mtclinical.gold import note_to_doc, pair_to_doc
from spacy_mtclinical.report import Report

TEXT = "Zzamol 5mg daily for knee\npain."
LABELS = ("Drug", "Reason", "Strength")
BLANK = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "spacy-mtclinical.Tokenizer.v1"}}})


def annotate(*fragments, label="Drug", id="T1", text="", **attributes):
    return Annotation(id, label, tuple(fragments), text, attributes)


def make(note, *, labels=LABELS, task="drugs"):
    report = Report(dataset="brat", task=task, split="train", labels=labels)
    return note_to_doc(BLANK, note, task=task, labels=labels, report=report), report


def offsets(doc, task="drugs"):
    return [(span.start_char, span.end_char, span.label_) for span in doc.spans[task]]


def test_spans_are_in_text_order_and_the_source_in_that_of_the_file():
    note = Note("n1", TEXT, (annotate((7, 10), label="Strength", id="T2"), annotate((0, 6), polarity="POS")), "EMEA")
    doc, report = make(note)
    assert doc.text == TEXT
    assert offsets(doc) == [(0, 6, "Drug"), (7, 10, "Strength")]
    assert doc.spans["drugs"].attrs[SOURCE] == [
        {"id": "T2", "label": "Strength", "fragments": [[7, 10]], "attributes": {}},
        {"id": "T1", "label": "Drug", "fragments": [[0, 6]], "attributes": {"polarity": "POS"}},
    ]
    assert (doc.user_data[DOC_ID], doc.user_data[SUBSET]) == ("n1", "EMEA")
    assert (report.counts["documents"], report.counts["characters"]) == (1, len(TEXT))
    assert report.subsets == {"EMEA": 1}


def test_fragments_become_one_span_from_first_to_last_in_whatever_order_they_are():
    doc, report = make(Note("n1", TEXT, (annotate((26, 30), (21, 25), label="Reason"),)))
    assert offsets(doc) == [(21, 30, "Reason")]
    assert doc.spans["drugs"].attrs[SOURCE][0]["fragments"] == [[26, 30], [21, 25]]
    assert report.types["Reason"]["discontinuous"] == 1


@pytest.mark.parametrize(
    "annotation, outcome",
    [
        (annotate((1, 6)), "not_alignable"),
        (annotate((0, 4)), "not_alignable"),
        (annotate((26, 99)), "unusable"),
        (annotate((99, 120)), "unusable"),
        (annotate((7, 7)), "unusable"),
        (annotate((0, 6), (40, 50)), "unusable"),
        (annotate((0, 6), label=""), "untyped"),
    ],
)
def test_what_no_span_can_hold_stays_in_the_source_and_is_counted(annotation, outcome):
    doc, report = make(Note("n1", TEXT, (annotation,)))
    assert offsets(doc) == []
    assert [record["label"] for record in doc.spans["drugs"].attrs[SOURCE]] == [annotation.label]
    assert {what for what in ("not_alignable", "unusable", "untyped", "spans") if report.total(what)} == {outcome}


def test_a_repeated_annotation_is_one_span_and_two_records():
    note = Note("n1", TEXT, (annotate((0, 6)), annotate((0, 6), id="T2"), annotate((0, 6), id="T3", label="Reason")))
    doc, report = make(note)
    assert offsets(doc) == [(0, 6, "Drug"), (0, 6, "Reason")]
    assert len(doc.spans["drugs"].attrs[SOURCE]) == 3
    assert report.types["Drug"]["duplicates"] == 1


def test_overlaps_are_counted_as_a_flat_and_as_a_nested_head_lose_them():
    spans = (
        annotate((0, 16), id="T1"),
        annotate((0, 6), id="T2"),  # inside its own type
        annotate((7, 10), id="T3", label="Strength"),  # inside another type
        annotate((21, 25), id="T4", label="Reason"),
    )
    _, report = make(Note("n1", TEXT, spans))
    assert {label: counts["lost_if_flat"] for label, counts in report.types.items()} == {
        "Drug": 1,
        "Strength": 1,
        "Reason": 0,
    }
    assert (report.total("lost_if_flat"), report.total("lost_if_nested")) == (2, 1)


@pytest.mark.parametrize("text", ["", " \n", TEXT])
def test_a_note_without_annotations_has_an_empty_group_and_survives_storage(text):
    doc, report = make(Note("n1", text, ignored={"relation": 2}))
    stored = list(DocBin(docs=[doc], store_user_data=True).get_docs(BLANK.vocab))[0]
    assert list(stored.spans["drugs"]) == []
    assert stored.spans["drugs"].attrs[SOURCE] == []
    assert stored.text == text
    assert SUBSET not in stored.user_data
    assert report.counts["documents_without_annotations"] == 1
    assert report.ignored == {"relation": 2}


def test_a_text_in_the_place_of_a_label_is_not_shown():
    for label, shown in (("Zzamol 5 mg .", "13 characters that are no label"), ("Dose", "'Dose'")):
        note = Note("n1", TEXT, (annotate((0, 6), label=label, text="Zzamol"),))
        with pytest.raises(ValueError, match=f"got {shown} in document 'n1' at offset 0"):
            make(note)
        with pytest.raises(ValueError, match=f"the answer of pair 'p7', got {shown}. Mend"):
            make_answer(label, labels=("yes",))


def test_a_label_outside_the_schema_is_an_error_that_names_no_text():
    note = Note("n1", TEXT, (annotate((0, 6), label="Dose", text="Zzamol"),))
    with pytest.raises(
        ValueError, match=r"labels of task drugs \(Drug, .*\), got 'Dose' in document 'n1' at offset 0"
    ) as e:
        make(note)
    assert "Zzamol" not in str(e.value)


def test_a_text_that_utf8_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="lone surrogate"):
        make(Note("n1", "a\ud800"))


@given(
    st.text(alphabet="ab1. \n", max_size=30),
    st.lists(st.tuples(st.integers(0, 35), st.integers(0, 35), st.sampled_from(LABELS)), max_size=8),
)
def test_every_annotation_is_accounted_for_once(text, found):
    annotations = [annotate((min(s, e), max(s, e)), label=label, id=f"T{i}") for i, (s, e, label) in enumerate(found)]
    doc, report = make(Note("n1", text, tuple(annotations)))
    outcomes = ("spans", "duplicates", "unusable", "not_alignable")
    assert doc.text == text
    assert sum(report.total(outcome) for outcome in outcomes) == report.total("annotated") == len(found)
    assert report.total("spans") == len(doc.spans["drugs"])
    assert len(doc.spans["drugs"].attrs[SOURCE]) == len(found)
    assert set(offsets(doc)) <= {(min(s, e), max(s, e), label) for s, e, label in found}
    assert report.total("lost_if_nested") <= report.total("lost_if_flat") <= max(0, report.total("spans") - 1)


def make_answer(answer, *, labels=(), bounds=None):
    report = Report(dataset="pairs", task="t", split="train", kind="classes" if labels else "value", labels=labels)
    pair = Pair("p7", "He takes zzamol.", "", answer)
    return pair_to_doc(BLANK, pair, task="t", labels=labels, report=report, bounds=bounds), report


def test_a_class_is_one_and_the_others_are_zero():
    doc, report = make_answer("yes", labels=("maybe", "no", "yes"))
    assert doc._.mtclinical == {"t": {"maybe": 0.0, "no": 0.0, "yes": 1.0}}
    assert doc.user_data[DOC_ID] == "p7"
    assert [span.text for span in doc.spans[PAIR]] == ["He takes zzamol.", " "]
    assert (report.answers, report.counts["pairs"], report.counts["pairs_with_an_empty_text"]) == ({"yes": 1}, 1, 1)


@pytest.mark.parametrize("answer, value", [(2.5, 2.5), ("2.5", 2.5), (0.0, 0.0), (5, 5.0)])
def test_a_value_is_a_float(answer, value):
    doc, _ = make_answer(answer, bounds=(0.0, 5.0))
    assert doc._.mtclinical == {"t": value}
    assert isinstance(doc._.mtclinical["t"], float)


def test_the_gold_of_a_pair_survives_storage():
    doc, _ = make_answer("yes", labels=("no", "yes"))
    stored = list(DocBin(docs=[doc], store_user_data=True).get_docs(BLANK.vocab))[0]
    assert stored._.mtclinical == {"t": {"no": 0.0, "yes": 1.0}}
    assert [span.text for span in stored.spans[PAIR]] == ["He takes zzamol.", " "]


@pytest.mark.parametrize("answer", ["Yes", None, 1.0, ""])
def test_a_class_outside_the_schema_is_an_error_that_names_the_pair(answer):
    with pytest.raises(ValueError, match=r"labels of task t \(no, yes\) as the answer of pair 'p7', got") as error:
        make_answer(answer, labels=("no", "yes"))
    assert "zzamol" not in str(error.value)


@pytest.mark.parametrize("answer", [5.5, -0.1, math.nan, math.inf, None, "much"])
def test_a_value_out_of_bounds_is_an_error_that_names_the_pair(answer):
    with pytest.raises(ValueError, match="Expected a number from 0 to 5 as the answer of pair 'p7' of task t, got"):
        make_answer(answer, bounds=(0.0, 5.0))


def test_the_note_itself_is_not_changed():
    note = Note("n1", TEXT, (annotate((0, 6), cuis=["C1"]),))
    before = replace(note)
    doc, _ = make(note)
    doc.spans["drugs"].attrs[SOURCE][0]["attributes"]["new"] = 1
    assert note == before
