"""Notes cut for training: without a gap, and not inside a gold span that fits."""

import pytest
import spacy
from conftest import make_note, make_tiny_bert
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from spacy_mtclinical.excerpts import cut_notes
from spacy_mtclinical.windows import make_cutter

NLP = spacy.blank("en")


@pytest.fixture(scope="module")
def cutter(tmp_path_factory):
    folder = make_tiny_bert(tmp_path_factory.mktemp("excerpts"))
    return make_cutter(AutoTokenizer.from_pretrained(folder), window=20, context=0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 5)), max_size=8))
def test_excerpts_hold_every_token_once_and_every_short_span_whole(cutter, places):
    doc = NLP.make_doc("pain rash " * 45)
    taken = set()
    spans = []
    for start, length in places:
        if taken.isdisjoint(range(start, start + length)):
            taken.update(range(start, start + length))
            spans.append(doc[start : start + length])
    doc.spans["t"] = [spacy.tokens.Span(doc, span.start, span.end, label="X") for span in spans]
    excerpts = list(cut_notes([doc], "t", cutter))
    assert "".join(excerpt.text_with_ws for excerpt in excerpts) == doc.text
    assert sorted(span.text for excerpt in excerpts for span in excerpt.spans["t"]) == sorted(s.text for s in spans)
    for pieces in cutter.cut(excerpts):
        assert 0 < len(pieces.ids) <= 18


def test_a_span_longer_than_a_window_is_cut_and_both_parts_stay(cutter):
    doc = make_note(NLP, ("rash " * 40).strip(), t=[(0, 199, "X")])
    excerpts = list(cut_notes([doc], "t", cutter))
    assert len(excerpts) > 1 and all(len(excerpt.spans["t"]) == 1 for excerpt in excerpts)
    assert sum(len(excerpt.spans["t"][0]) for excerpt in excerpts) == 40


def test_a_token_longer_than_a_window_does_not_stop_the_cut(cutter):
    doc = NLP.make_doc("x" * 90 + "!" * 70 + " pain")
    doc.spans["t"] = []
    excerpts = list(cut_notes([doc], "t", cutter))
    assert "".join(excerpt.text_with_ws for excerpt in excerpts) == doc.text


def test_an_empty_note_has_no_excerpt(cutter):
    doc = NLP.make_doc("")
    doc.spans["t"] = []
    assert list(cut_notes([doc], "t", cutter)) == []
