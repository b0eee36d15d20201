"""Learning from teachers: the student's targets move from their scores to the gold."""

import re

import numpy
import pytest
import spacy
from conftest import HEADS, LABELS, make_nlp

from spacy_mtclinical.corpus import configure_task_batches_v1, create_round_robin_corpus_v1
from spacy_mtclinical.documents import ADVICE, TASK, TRUST
from spacy_mtclinical.model import get_heads
from spacy_mtclinical.targets import make_batch

TASKS = sorted(LABELS)


@pytest.fixture(scope="module")
def teachers(tiny_bert, tmp_path_factory):
    """A pipeline a task, trained not at all: what a teacher says does not depend on whether it is right."""
    folder = tmp_path_factory.mktemp("teachers")
    for task in TASKS:
        nlp = make_nlp(tiny_bert, heads={task: HEADS[task]})
        nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
        nlp.to_disk(folder / task)
    return {task: str(folder / task) for task in TASKS}


def read(corpus, encoder, teachers, **settings):
    sizes = {"note_batch": 2, "pair_batch": 2}
    reader = create_round_robin_corpus_v1(corpus, str(encoder), teachers=teachers, **sizes, **settings)
    return list(reader(spacy.blank("en")))


def gradient(nlp, examples, trust):
    """The gradient of a batch's loss with respect to the scores of its task's head."""
    task = examples[0].reference.user_data[TASK]
    for eg in examples:
        eg.reference.user_data[TRUST] = trust
    pipe = nlp.get_pipe("mtclinical")
    gold = [eg.reference for eg in examples]
    batch, targets = make_batch(pipe.model, task, gold, gold, LABELS[task])
    return get_heads(pipe.model)[task].attrs["get_loss"](pipe.model.predict(batch), targets)[1]


ROUNDED = 4e-3  # advice is kept in half precision, in which numbers up to 5 are as far apart


@pytest.mark.parametrize("task", TASKS)
def test_who_equals_its_teacher_has_nothing_to_learn_from_it(corpus, tiny_bert, teachers, task):
    examples = [eg for eg in read(corpus, tiny_bert, teachers, window=64) if eg.reference.user_data[TASK] == task][:2]
    student = spacy.load(teachers[task])
    assert gradient(student, examples, 0.0) == pytest.approx(0.0, abs=ROUNDED)
    both, gold = gradient(student, examples, 0.5), gradient(student, examples, 1.0)
    assert abs(gold).max() > 1e-2
    assert both == pytest.approx(gold / 2, abs=ROUNDED)
    for eg in examples:
        del eg.reference.user_data[ADVICE]
    assert gold == pytest.approx(gradient(student, examples, 1.0), abs=1e-6)


def test_trust_in_the_gold_grows_over_the_epochs(corpus, tiny_bert, teachers):
    sizes = {"note_batch": 2, "pair_batch": 2}
    reader = create_round_robin_corpus_v1(corpus, str(tiny_bert), teachers=teachers, epochs=2, **sizes)
    trust = [eg.reference.user_data[TRUST] for _ in range(3) for eg in reader(spacy.blank("en"))]
    assert trust == sorted(trust)
    assert trust[0] == 0.0 and trust[-1] == 1.0
    assert len(set(trust)) > 8


def test_a_student_learns_by_spacy_s_own_loop(corpus, tiny_bert, teachers, nlp):
    optimizer = nlp.get_pipe("mtclinical").create_optimizer()
    losses = []
    for batch in configure_task_batches_v1()(read(corpus, tiny_bert, teachers)):
        found = nlp.update(batch, sgd=optimizer, losses={})
        losses.append(found["mtclinical"])
    assert len(losses) == 8 and numpy.isfinite(losses).all()


def test_teachers_of_other_labels_or_tasks_are_refused(corpus, tiny_bert, teachers, tmp_path):
    nlp = make_nlp(tiny_bert, heads={"drugs": HEADS["drugs"]})
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels={"drugs": ["Drug"]})
    nlp.to_disk(tmp_path / "drugs")
    with pytest.raises(ValueError, match=r"trained for the labels \['Drug'\], the corpus has \['ADE', 'Drug'\]"):
        read(corpus, tiny_bert, {"drugs": str(tmp_path / "drugs")})
    with pytest.raises(ValueError, match=r"has no head for 'groups', only for \['drugs'\]"):
        read(corpus, tiny_bert, {"groups": str(tmp_path / "drugs")})
    with pytest.raises(OSError, match="nowhere"):
        read(corpus, tiny_bert, {"alike": str(tmp_path / "nowhere")})


def test_a_task_without_a_teacher_learns_from_the_gold(corpus, tiny_bert, teachers, caplog):
    with caplog.at_level("INFO", logger="spacy"):
        examples = read(corpus, tiny_bert, {"drugs": teachers["drugs"]})
    told = [record.getMessage() for record in caplog.records if "teacher" in record.getMessage()]
    assert len(told) == 1 and re.fullmatch(r"Task drugs: its teacher scores [1-9]\d* training windows, once", told[0])
    advised = {eg.reference.user_data[TASK]: ADVICE in eg.reference.user_data for eg in examples}
    assert advised == {task: task == "drugs" for task in TASKS}


def test_advice_on_other_sub_words_is_refused(corpus, tiny_bert, teachers, nlp):
    examples = [eg for eg in read(corpus, tiny_bert, teachers) if eg.reference.user_data[TASK] == "drugs"][:2]
    examples[0].reference.user_data[ADVICE] = examples[0].reference.user_data[ADVICE][1:]
    with pytest.raises(ValueError, match="same tokenizer and the same labels"):
        nlp.update(examples, sgd=None)
