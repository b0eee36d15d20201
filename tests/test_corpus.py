"""Readers and batches: schedule order, bare documents, clear refusals."""

import shutil
from collections import Counter

import pytest
import spacy
import srsly
from conftest import LABELS, make_nlp
from spacy.tokens import DocBin
from spacy.training import Example
from thinc.api import Config

from spacy_mtclinical.corpus import (
    check_streaming,
    configure_task_batches_v1,
    create_round_robin_corpus_v1,
    create_task_corpus_v1,
    read_labels_v1,
)
from spacy_mtclinical.documents import BATCH, TASK

TASKS = sorted(LABELS)


@pytest.fixture()
def blank():
    return spacy.blank("en")


def make_reader(corpus, encoder, **settings):
    return create_round_robin_corpus_v1(corpus, str(encoder), **{"note_batch": 2, "pair_batch": 2, **settings})


def schedule_of(examples):
    return [(eg.reference.user_data[TASK], eg.reference.user_data[BATCH], eg.reference.text) for eg in examples]


def test_batches_of_one_task_come_in_schedule_order(corpus, tiny_bert, blank):
    examples = list(make_reader(corpus, tiny_bert)(blank))
    batches = list(configure_task_batches_v1()(examples))
    tasks = [{eg.reference.user_data[TASK] for eg in batch} for batch in batches]
    assert tasks == [{task} for task in TASKS] * 2
    assert all(1 <= len(batch) <= 2 for batch in batches)
    assert all(
        task in eg.reference.spans or task in eg.reference._.mtclinical
        for task, batch in zip(TASKS, batches)
        for eg in batch
    )


def test_loss_sum_puts_a_round_into_a_batch(corpus, tiny_bert, blank):
    batches = list(configure_task_batches_v1()(make_reader(corpus, tiny_bert, schedule="loss_sum")(blank)))
    assert [sorted({eg.reference.user_data[TASK] for eg in batch}) for batch in batches] == [TASKS] * 2


def test_epochs_differ_and_seeds_decide(corpus, tiny_bert, blank):
    first, again, other = (make_reader(corpus, tiny_bert, seed=seed) for seed in (1, 1, 2))
    epochs = [schedule_of(first(blank)) for _ in range(3)]
    assert [schedule_of(again(blank)) for _ in range(3)] == epochs
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert [schedule_of(other(blank)) for _ in range(3)] != epochs


def test_each_document_of_each_task_is_read(corpus, tiny_bert, blank):
    seen = Counter((eg.reference.user_data[TASK], eg.reference.text) for eg in make_reader(corpus, tiny_bert)(blank))
    for task in TASKS:
        stored = DocBin(store_user_data=True).from_disk(corpus / task / "train.spacy").get_docs(blank.vocab)
        assert {doc.text for doc in stored} == {text for name, text in seen if name == task}


def test_limit_and_batch_sizes_by_task(corpus, tiny_bert, blank):
    reader = make_reader(corpus, tiny_bert, tasks=["alike", "drugs"], limit=1, batch_sizes={"drugs": 1})
    assert [task for task, *_ in schedule_of(reader(blank))] == ["alike", "drugs"]


def test_evaluation_gets_the_bare_text_and_the_segments(corpus, blank):
    examples = list(create_task_corpus_v1(corpus)(blank))
    assert len(examples) == 11
    for eg in examples:
        assert set(eg.predicted.spans) <= {"pair"} and not eg.predicted._.mtclinical
        assert eg.predicted.text == eg.reference.text
        assert ("pair" in eg.predicted.spans) == ("pair" in eg.reference.spans)
    assert len(list(create_task_corpus_v1(corpus, limit=1)(blank))) == 4


def test_labels_are_read(corpus):
    assert read_labels_v1(corpus) == LABELS
    assert read_labels_v1(corpus, tasks=["drugs"]) == {"drugs": LABELS["drugs"]}


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda path, enc, nlp: make_reader(path, enc, schedule="random"), "schedule expected one of"),
        (lambda path, enc, nlp: next(make_reader(path / "none", enc)(nlp)), "found none. Convert the corpora first"),
        (lambda path, enc, nlp: next(make_reader(path, enc, tasks=["absent"])(nlp)), "Expected train.spacy for absent"),
        (lambda path, enc, nlp: next(make_reader(path, "")(nlp)), "Set paths.encoder"),
        (lambda path, enc, nlp: next(make_reader(path, enc, note_batch=0)(nlp)), "batch size of task 'drugs'"),
        (lambda path, enc, nlp: next(create_task_corpus_v1(path, split="odd")(nlp)), "Expected odd.spacy"),
        (lambda path, enc, nlp: read_labels_v1(path / "none"), "Expected labels.json"),
    ],
)
def test_what_is_missing_is_named(call, message, corpus, tiny_bert, blank):
    with pytest.raises(ValueError, match=message):
        call(corpus, tiny_bert, blank)


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"x" * 100])
def test_a_damaged_file_is_named(damage, corpus, tiny_bert, blank, tmp_path):
    shutil.copytree(corpus, tmp_path / "corpus")
    file = tmp_path / "corpus" / "drugs" / "train.spacy"
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"drugs/train.spacy is no whole .spacy file"):
        next(make_reader(tmp_path / "corpus", tiny_bert)(blank))


def test_empty_corpora_raise(corpus, tiny_bert, blank, tmp_path):
    for split in ("train", "dev"):
        (tmp_path / "drugs").mkdir(exist_ok=True)
        DocBin(store_user_data=True).to_disk(tmp_path / "drugs" / f"{split}.spacy")
    with pytest.raises(ValueError, match="has no text to learn from"):
        next(make_reader(tmp_path, tiny_bert)(blank))
    with pytest.raises(ValueError, match="has no documents"):
        next(create_task_corpus_v1(tmp_path)(blank))


def test_settings_that_would_break_the_schedule_are_refused(corpus, tiny_bert):
    nlp = make_nlp(tiny_bert)
    nlp.config["corpora"] = {"train": {"@readers": "spacy-mtclinical.RoundRobinCorpus.v1"}}
    nlp.config["training"]["max_epochs"] = 3
    with pytest.raises(ValueError, match=r"max_epochs expected -1 \(streaming\), got 3"):
        next(make_reader(corpus, tiny_bert)(nlp))


def test_examples_of_another_reader_are_refused(blank):
    with pytest.raises(ValueError, match="expected examples of RoundRobinCorpus.v1"):
        list(configure_task_batches_v1()([Example(blank.make_doc("a"), blank.make_doc("a"))]))


def test_labels_files_are_lists(corpus):
    assert all(isinstance(srsly.read_json(file), list) for file in corpus.glob("*/labels.json"))


def test_a_list_of_no_tasks_is_no_wish_for_all(corpus, tiny_bert, blank):
    for reader in (
        create_task_corpus_v1(corpus, tasks=[]),
        create_round_robin_corpus_v1(corpus, str(tiny_bert), tasks=[]),
    ):
        with pytest.raises(ValueError, match="spacy for at least one task"):
            list(reader(blank))


def test_streaming_may_be_asked_for_by_a_variable(corpus, tiny_bert):
    settings = {"train": {"@readers": "spacy-mtclinical.RoundRobinCorpus.v1"}}
    nlp = spacy.blank("en")
    for wanted in (-1, 0):
        training = {"train_corpus": "corpora.train", "max_epochs": "${vars.wanted}"}
        nlp.config = Config({"vars": {"wanted": wanted}, "corpora": settings, "training": training})
        if wanted == -1:
            check_streaming(nlp)
        else:
            with pytest.raises(ValueError, match="max_epochs expected -1 .streaming., got 0"):
                check_streaming(nlp)
