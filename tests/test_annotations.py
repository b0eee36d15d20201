"""Thresholds, candidates and temperatures: what becomes of scores before a document gets them."""

import numpy
import pytest
import spacy
from conftest import HEADS, LABELS, make_nlp
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from spacy_mtclinical.annotations import merge_spans
from spacy_mtclinical.tags import Spans

TEXT = "patient has rash and aspirin 5 mg daily. no fever, no pain. " * 4


@pytest.fixture(scope="module")
def folder(tiny_bert, tmp_path_factory):
    """A pipeline of random weights that finds both labels of `drugs`."""
    path = tmp_path_factory.mktemp("trained")
    for seed in range(100):
        spacy.util.fix_random_seed(seed)
        nlp = make_nlp(tiny_bert)
        nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
        if {label for _, _, label, _ in list_spans(nlp(TEXT))} == {"ADE", "Drug"}:
            nlp.to_disk(path)
            return path
    raise AssertionError("none of 100 random pipelines finds both labels")


def load(folder, **settings):
    nlp = spacy.load(folder)
    for name, value in settings.items():
        setattr(nlp.get_pipe("mtclinical"), name, value)
    return nlp


def list_spans(doc, key="drugs"):
    return [(s.start, s.end, s.label_, score) for s, score in zip(doc.spans[key], doc.spans[key].attrs["scores"])]


def test_a_threshold_of_a_task_takes_what_is_not_below_it(folder):
    everything = list_spans(load(folder)(TEXT))
    middle = sorted(score for *_, score in everything)[len(everything) // 2]
    kept = list_spans(load(folder, thresholds={"drugs": middle})(TEXT))
    assert 0 < len(kept) < len(everything)
    assert kept == [span for span in everything if span[-1] >= middle]


def test_a_threshold_of_a_label_leaves_other_labels_alone(folder):
    everything = list_spans(load(folder)(TEXT))
    kept = list_spans(load(folder, thresholds={"drugs": {"ADE": 1.0}})(TEXT))
    assert kept == [span for span in everything if span[2] != "ADE"] != everything


@pytest.mark.parametrize("task", ["drugs", "groups"])
def test_candidates_hold_every_place_that_may_have_a_label(folder, task):
    nlp = load(folder, candidates={task: 0.3})
    doc = nlp(TEXT)
    places = list_spans(doc, f"{task}_candidates")
    assert places and all(score >= 0.3 for *_, score in places)
    assert [place[0] for place in places] == sorted({place[0] for place in places})
    assert f"{task}_candidates" not in load(folder)(TEXT).spans
    nlp.get_pipe("mtclinical").candidates = {task: 0.0}
    all_places = list_spans(nlp(TEXT), f"{task}_candidates")
    assert sum(end - start for start, end, *_ in all_places) == len(doc)
    assert [place for place in all_places if place[-1] >= 0.3] == places
    likely = {token for start, end, _, score in all_places if score >= 0.5 for token in range(start, end)}
    assert likely & {token for start, end, *_ in list_spans(doc, task) for token in range(start, end)}


def test_candidates_survive_long_notes_read_in_rounds(folder, monkeypatch):
    nlp = load(folder, candidates={"drugs": 0.2})
    whole = list_spans(nlp(TEXT * 40), "drugs_candidates")
    monkeypatch.setattr("spacy_mtclinical.prediction.ROUND", 1)
    nlp.get_pipe("mtclinical").budget = 128
    parts = list_spans(nlp(TEXT * 40), "drugs_candidates")
    assert [place[:3] for place in parts] == [place[:3] for place in whole]
    assert [place[3] for place in parts] == pytest.approx([place[3] for place in whole], abs=1e-4)


def test_temperatures_spread_scores_and_are_saved(folder, tmp_path):
    nlp = load(folder)
    before = nlp(TEXT)
    nlp.get_pipe("mtclinical").cfg["temperatures"] = {"drugs": 5.0, "implies": 1e-6}
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    after = again(TEXT)
    assert list_spans(after, "groups") == list_spans(before, "groups")
    assert numpy.mean([s[-1] for s in list_spans(after)]) < numpy.mean([s[-1] for s in list_spans(before)])
    from spacy_mtclinical import make_pair

    pair = make_pair(again, "pain", "no pain")
    assert max(again(pair)._.mtclinical["implies"].values()) > 0.999


def test_thresholds_of_labels_that_are_none_are_refused(tiny_bert, folder):
    nlp = make_nlp(tiny_bert, thresholds={"drugs": {"ADR": 0.5, "Drug": 0.5}})
    message = r"thresholds of task 'drugs' expected labels among .*, got \['ADR'\]"
    with pytest.raises(ValueError, match=message):
        nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    with pytest.raises(ValueError, match=message):
        nlp.from_disk(folder)


@pytest.mark.parametrize("setting", ["thresholds", "candidates"])
def test_settings_name_entity_tasks(tiny_bert, setting):
    with pytest.raises(ValueError, match=rf"{setting} expected entity tasks among \['drugs', 'groups'\], got 'alike'"):
        make_nlp(tiny_bert, heads=HEADS, **{setting: {"alike": 0.5}})


PLACES = st.lists(st.tuples(st.integers(0, 11), st.integers(1, 5)), max_size=8)


@given(PLACES, st.lists(PLACES, max_size=3))
def test_entities_are_merged_by_the_rule(there, tasks):
    """Entities that are there first, then task by task, a longer span of a task before its shorter ones."""
    doc, taken, expected = Doc(Vocab(), words=["a"] * 16), set(), set()
    for start, length in there:
        tokens = set(range(start, start + length))
        if not tokens & taken:
            taken |= tokens
            expected.add((start, start + length))
    doc.ents = [Span(doc, start, end, label="THERE") for start, end in expected]
    found = []
    for places in tasks:
        places = sorted({(start, start + length) for start, length in places})
        own = set()
        for start, end in sorted(places, key=lambda place: place[0] - place[1]):
            tokens = set(range(start, end))
            if not tokens & own:
                own |= tokens
                expected |= set() if tokens & taken else {(start, end)}
        taken |= {token for start, end in expected for token in range(start, end)}
        starts, ends = (numpy.array([place[side] for place in places], dtype="int64") for side in (0, 1))
        spans = Spans(starts, ends - 1, numpy.zeros(len(places), dtype="int64"), numpy.ones(len(places)))
        found.append((spans, [Span(doc, start, end, label="NEW") for start, end in places]))
    merged = merge_spans(doc, found)
    assert sorted((span.start, span.end) for span in merged) == sorted(expected)
    doc.ents = merged  # spaCy refuses spans that overlap
