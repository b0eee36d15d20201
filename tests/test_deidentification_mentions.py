"""What is chosen: spans and units at a threshold, merged where they overlap, and what is said again."""

import unicodedata

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Span

from spacy_mtclinical.deidentification.kinds import DEFAULTS
from spacy_mtclinical.deidentification.mentions import (
    Mention,
    ask_candidates,
    candidates,
    choose_mentions,
    find_mentions,
    merge,
)
from spacy_mtclinical.documents import SCORES

TEXT = "Mr. Zzsmith Qonly of Xtown, MRN 1234567"


def span(said, label="PATIENT", score=0.9, text=TEXT):
    start = text.index(said)
    return Mention(start, start + len(said), label, score)


def choose(spans=(), units=(), threshold=0.5, text=TEXT, **settings):
    settings.setdefault("repeat", False)
    found = choose_mentions(text, spans, units, threshold=threshold, kinds={**DEFAULTS, "NOT": "keep"}, **settings)
    return [(text[own.start : own.end], own.label) for own in found]


def test_the_longest_gives_the_label_of_what_overlaps():
    spans = [span("Zzsmith Qonly"), span("Qonly of Xtown", "HOSPITAL"), span("1234567", "IDNUM")]
    assert choose(spans) == [("Zzsmith Qonly of Xtown", "HOSPITAL"), ("1234567", "IDNUM")]
    assert choose([span("Xtown", "CITY", 0.6), span("Xtown", "STATE", 0.8)]) == [("Xtown", "STATE")]


def test_spans_that_only_touch_stay_apart():
    assert merge([Mention(1, 2, "A", 1.0), Mention(0, 1, "A", 1.0)]) == [
        Mention(0, 1, "A", 1.0),
        Mention(1, 2, "A", 1.0),
    ]


def test_a_threshold_decides():
    assert choose([span("Xtown", "CITY", 0.4)]) == []
    assert choose([span("Xtown", "CITY", 0.5)]) == [("Xtown", "CITY")]


def test_a_probable_unit_brings_its_span():
    spans = [span("Zzsmith Qonly", score=0.2)]
    assert choose(spans, [span("Qonly", score=0.7)]) == [("Zzsmith Qonly", "PATIENT")]
    assert choose(spans, [span("Qonly", score=0.4)]) == []


def test_units_beside_each_other_are_one_mention():
    units = [span("Zzsmith"), span("Qonly", score=0.6), span("Xtown", "CITY")]
    assert choose((), units) == [("Zzsmith Qonly", "PATIENT"), ("Xtown", "CITY")]
    assert choose([span("Zzsmith")], [span("Qonly", score=0.6)]) == [("Zzsmith Qonly", "PATIENT")]
    assert choose([span("Zzsmith"), span("Qonly")]) == [("Zzsmith", "PATIENT"), ("Qonly", "PATIENT")]


def test_punctuation_is_chosen_as_part_of_something_only():
    assert choose((), [span(","), span("MRN", "IDNUM")]) == [("MRN", "IDNUM")]
    assert choose((), [span("Xtown", "CITY"), span(",", "CITY")]) == [("Xtown,", "CITY")]
    assert choose([span(",")]) == [(",", "PATIENT")]


def test_labels_may_be_kept():
    assert choose([span("Xtown", "NOT")], [span("Qonly", "NOT")]) == []
    assert choose([span("Xtown", "NOT"), span("Xtown,", "CITY")]) == [("Xtown,", "CITY")]


def test_names_and_identifiers_are_found_again():
    text = "Zzsmith Qo (ZZSMITH; 12-3456): Zzsmith's, Zzsmiths, Qo, 12-3456, x12-3456, zzsmith"
    spans = [span("Zzsmith Qo", text=text), span("12-3456", "IDNUM", text=text)]
    again = choose(spans, text=text, repeat=True)
    assert [said for said, _ in again] == ["Zzsmith Qo", "ZZSMITH", "12-3456", "Zzsmith", "12-3456"]
    assert choose(spans, text=text) == [again[0], again[2]]
    doubtful = [own._replace(score=0.3) for own in spans]
    assert len(choose(doubtful, text=text, threshold=0.1, repeat=True)) == 2


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("other", ["NFC", "NFD"])
def test_names_are_found_again_however_their_accents_are_written(form, other):
    said, again = unicodedata.normalize(form, "Zzélodí Ñu"), unicodedata.normalize(other, "Zzélodí")
    text = f"{said} came. Mr. {again} left, {again.upper()} too, and Zzelodi; {again}s stays."
    found = choose([Mention(0, len(said), "PATIENT", 0.9)], text=text, repeat=True)
    assert found == [(own, "PATIENT") for own in (said, again, again.upper(), "Zzelodi")]


MENTIONS = st.lists(
    st.builds(
        lambda start, length, label, score: Mention(start, start + length, label, score),
        st.integers(-3, 45),
        st.integers(0, 12),
        st.sampled_from(["PATIENT", "CITY", "IDNUM", "NEW"]),
        st.floats(0, 1),
    ),
    max_size=6,
)
LAW = settings(max_examples=150, deadline=None)


@LAW
@given(st.text(max_size=40), MENTIONS, MENTIONS, st.floats(0.001, 1), st.booleans())
def test_chosen_mentions_cover_what_is_probable_and_are_disjoint(text, spans, units, threshold, repeat):
    found = choose_mentions(text, spans, units, threshold=threshold, kinds=DEFAULTS, repeat=repeat)
    covered = {place for own in found for place in range(own.start, own.end)}
    for own in (*spans, *units):
        said = text[max(0, own.start) : max(0, own.end)]
        if own.score >= threshold and (own in spans or any(map(str.isalnum, said))):
            assert covered >= set(range(max(0, own.start), min(len(text), own.end)))
    assert all(0 <= own.start < own.end <= len(text) for own in found)
    assert all(before.end <= after.start for before, after in zip(found, found[1:]))


@LAW
@given(st.text("Abc1 ", max_size=40), MENTIONS, MENTIONS, st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_lower_threshold_never_replaces_less(text, spans, units, first, second):
    covered = []
    for threshold in sorted((first, second)):
        found = choose_mentions(text, spans, units, threshold=threshold, kinds=DEFAULTS)
        covered.append({place for own in found for place in range(own.start, own.end)})
    assert covered[0] >= covered[1]


def test_a_document_gives_spans_and_candidates():
    doc = spacy.blank("en")(TEXT)
    with pytest.raises(ValueError, match="Expected spans of task 'phi' on the document, found none among"):
        find_mentions(doc, "phi")
    doc.spans["phi"] = []
    assert (find_mentions(doc, "phi"), list(candidates(doc, "phi"))) == ([], [])
    doc.spans["phi"] = [Span(doc, 1, 3, "PATIENT")]
    assert find_mentions(doc, "phi") == [Mention(4, 17, "PATIENT", 1.0)]
    doc.spans["phi"].attrs[SCORES] = [0.25]
    doc.spans["phi_candidates"] = [Span(doc, 4, 5, "CITY")]
    doc.spans["phi_candidates"].attrs[SCORES] = [0.125]
    assert find_mentions(doc, "phi") == [Mention(4, 17, "PATIENT", 0.25)]
    assert list(candidates(doc, "phi")) == [Mention(21, 26, "CITY", 0.125)]


def test_candidates_are_asked_of_those_that_give_them():
    class Pipe:
        candidates = {"other": 0.5}

    assert ask_candidates(Pipe, "phi", 0.1) and Pipe.candidates == {"other": 0.5, "phi": 0.1}
    assert not ask_candidates(object(), "phi", 0.1)
