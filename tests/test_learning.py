"""What learning leaves behind: nothing of a batch that was refused, no temperature of scores that moved."""

import pytest
from conftest import LABELS, gold_docs, make_nlp
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.corpus import copy_words
from spacy_mtclinical.documents import DOC_ID, TASK
from spacy_mtclinical.inheritance import check_labelled
from spacy_mtclinical.model import get_heads
from spacy_mtclinical.snapshots import read_weights


def examples_of(docs):
    return [Example(copy_words(doc), doc) for doc in docs]


def pair_of(nlp, task, answer):
    pair = make_pair(nlp, "SECRET", "pain")
    pair._.mtclinical[task] = answer
    pair.user_data[DOC_ID] = "p7"
    return pair


@pytest.mark.parametrize(
    "task, answer, message",
    [
        ("alike", None, "pair p7 expected a finite number, got NoneType"),
        ("alike", float("nan"), "pair p7 expected a finite number, got float"),
        ("alike", True, "pair p7 expected a finite number, got bool"),
        ("alike", "3", "pair p7 expected a finite number, got str"),
        ("alike", {"yes": 1.0}, "pair p7 expected a finite number, got dict"),
        ("implies", 1.0, "pair p7 expected a dict of label to share, got float"),
        ("implies", {}, "pair p7 expected a dict of label to share, got dict"),
        ("implies", "SECRET", "pair p7 expected a dict of label to share, got str"),
    ],
)
def test_an_answer_that_nothing_can_be_learnt_from_is_refused(nlp, task, answer, message):
    before = {name: value.clone() for name, value in read_weights(nlp).items()}
    with pytest.raises(ValueError, match=message) as caught:
        nlp.update(examples_of([pair_of(nlp, task, answer)]), sgd=nlp.resume_training())
    assert "SECRET" not in str(caught.value)
    assert all((value == before[name]).all() for name, value in read_weights(nlp).items())


def test_a_document_drawn_for_a_task_that_it_has_no_gold_for_is_refused(nlp):
    doc = nlp.make_doc("SECRET pain")
    doc.user_data[TASK] = "drugs"
    with pytest.raises(ValueError, match="Task 'drugs' got a note without gold for it") as caught:
        nlp.update(examples_of([doc]))
    assert "SECRET" not in str(caught.value)


def test_a_batch_that_is_refused_leaves_no_gradient_behind(nlp):
    docs, sgd = gold_docs(nlp), nlp.resume_training()
    model = nlp.get_pipe("mtclinical").model
    before = get_heads(model)["drugs"].layers[-1].get_param("W").copy()
    with pytest.raises(ValueError, match="'perhaps'"):
        nlp.update(examples_of([*docs["drugs"], pair_of(nlp, "implies", {"perhaps": 1.0})]), sgd=sgd)
    assert not any(head.layers[-1].has_grad("W") for head in get_heads(model).values())
    nlp.update(examples_of(docs["groups"]), sgd=sgd)
    assert (get_heads(model)["drugs"].layers[-1].get_param("W") == before).all()


@pytest.mark.parametrize("only, left", [(None, {}), (["drugs"], {"groups": 2.0})])
def test_scores_that_move_are_no_longer_calibrated(nlp, tmp_path, only, left):
    pipe = nlp.get_pipe("mtclinical")
    pipe.cfg["temperatures"] = {"drugs": 3.0, "groups": 2.0}
    nlp.to_disk(tmp_path)
    nlp.config["components"]["mtclinical"]["model"].update(train_only=only)
    pipe.model.attrs["train_only"].value = only
    nlp.update(examples_of(gold_docs(nlp)["drugs"]), sgd=nlp.resume_training())
    assert pipe.cfg["temperatures"] == left


@pytest.mark.parametrize("labels", [["ADE", "ADE", "Drug"], ["", "Drug"]])
def test_labels_that_are_empty_or_there_twice_are_refused(tiny_bert, labels):
    nlp = make_nlp(tiny_bert)
    with pytest.raises(ValueError, match="task 'drugs' expected labels that are neither empty nor there twice"):
        nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels={**LABELS, "drugs": labels})
    check_labelled(LABELS, {"drugs": "entities", "alike": "value"})
