"""Rounds: however the windows of notes are put together, the answers are the same."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
from conftest import HEADS, LABELS, WORDS, make_nlp
from growing import make_child

from spacy_mtclinical import prediction
from spacy_mtclinical.model import TaskBatch
from spacy_mtclinical.prediction import predict_docs, score_examples


@pytest.fixture(scope="module")
def trained(tiny_bert):
    nlp = make_nlp(tiny_bert)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    return nlp


def make_notes(nlp, lengths, seed=0):
    rng = random.Random(seed)
    words = [word for word in WORDS if "#" not in word]
    return [nlp.make_doc(" ".join(rng.choices(words, k=length))) for length in lengths]


def list_answers(found):
    return [
        (note, task, int(start), int(end), int(label), float(score))
        for note, answer in enumerate(found)
        for task, spans in answer.spans.items()
        for start, end, label, score in zip(*spans)
    ]


@pytest.mark.parametrize("lengths", [[3000], [0, 1, 900, 0, 5, 700, 0], [40] * 30])
@pytest.mark.parametrize("budget", [1, 200])
def test_rounds_change_no_answer(trained, monkeypatch, lengths, budget):
    model = trained.get_pipe("mtclinical").model
    notes = make_notes(trained, lengths)
    whole = list_answers(predict_docs(model, notes, budget=10**6))
    monkeypatch.setattr(prediction, "ROUND", 1)
    parts = list_answers(predict_docs(model, notes, budget=budget))
    assert len(whole) > 20
    assert [answer[:-1] for answer in parts] == [answer[:-1] for answer in whole]
    assert [answer[-1] for answer in parts] == pytest.approx([answer[-1] for answer in whole], abs=1e-4)


def test_an_added_head_has_no_say_in_which_windows_are_read_together(tiny_bert, monkeypatch):
    nlp = make_child(tiny_bert, HEADS, added=["groups"])
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    model = nlp.get_pipe("mtclinical").model
    monkeypatch.setattr(prediction, "ROOM", 1024)
    cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    (pieces,) = cutter.cut(make_notes(nlp, [900]))
    rounds = {
        tasks: [len(scores) for scores in prediction.score_rounds(model, cutter.windows(pieces), tasks, budget=1)]
        for tasks in (("drugs",), ("drugs", "groups"), ("groups",))
    }
    assert len(rounds[("drugs",)]) > 2 and rounds[("drugs",)] == rounds[("drugs", "groups")]
    assert len(rounds[("groups",)]) > len(rounds[("drugs",)])


def test_notes_together_give_what_each_gives_alone(trained):
    model = trained.get_pipe("mtclinical").model
    notes = make_notes(trained, [0, 12, 300, 1, 80])
    together = predict_docs(model, notes, budget=4096)
    alone = [predict_docs(model, [note], budget=4096)[0] for note in notes]
    expected = list_answers(alone)
    assert [answer[:-1] for answer in list_answers(together)] == [answer[:-1] for answer in expected]
    assert [answer[-1] for answer in list_answers(together)] == pytest.approx([a[-1] for a in expected], abs=1e-4)


@pytest.mark.parametrize("task", ["drugs", "groups"])
def test_scores_of_examples_are_those_of_their_windows(trained, task):
    model = trained.get_pipe("mtclinical").model
    encoder = model.get_ref("encoder")
    cutter = encoder.attrs["get_cutter"](encoder)
    notes = make_notes(trained, [5, 0, 200])
    found = score_examples(model, notes, task, budget=128)
    assert [len(scores) for scores in found] == [len(pieces.ids) for pieces in cutter.cut(notes)]
    windows = [window for pieces in cutter.cut(notes) for window in cutter.windows(pieces)]
    assert numpy.concatenate(found) == pytest.approx(model.predict(TaskBatch(task, windows)), abs=1e-4)


def test_threads_share_a_pipeline(trained):
    """To look at a tokenizer's special sub-words borrows it, which fails while another thread has it."""
    notes = make_notes(trained, [5, 200, 0, 40] * 10)
    alone = [list_answers(predict_docs(trained.get_pipe("mtclinical").model, [note], budget=256)) for note in notes]
    with ThreadPoolExecutor(4) as pool:
        both = list(pool.map(lambda note: trained.get_pipe("mtclinical").predict([note]), notes))
    assert [list_answers(found) for found in both] == alone
