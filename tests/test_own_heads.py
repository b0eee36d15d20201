"""Heads that a user registers: several layers, or attributes that are missing."""

from functools import partial

import pytest
import spacy
from conftest import HEADS, LABELS, gold_docs, make_nlp
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Dropout, Linear, Mish, chain

from spacy_mtclinical.averaging import average_pipelines
from spacy_mtclinical.corpus import copy_words
from spacy_mtclinical.heads.entity import blend, count_tags, get_loss
from spacy_mtclinical.model import TaskBatch, get_heads, score_windows
from spacy_mtclinical.targets import make_batch

ATTRIBUTES = {
    "reads": "pieces",
    "nested": False,
    "count_outputs": partial(count_tags, nested=False),
    "get_loss": get_loss,
    "blend": blend,
}


@spacy.registry.architectures("test_own_heads.DeepHead.v1")
def build_deep_head(width: int, without: str = ""):
    head = chain(Dropout(), Mish(nO=width), Linear())
    head.attrs.update({name: value for name, value in ATTRIBUTES.items() if name != without})
    return head


def make_deep(tiny_bert, seed=0):
    fix_random_seed(seed)
    deep = {"@architectures": "test_own_heads.DeepHead.v1", "width": 24}
    nlp = make_nlp(tiny_bert, heads={**HEADS, "drugs": deep})
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    return nlp


def score_both(nlp, docs):
    """The scores that training sees, and those that prediction reads."""
    pipe = nlp.get_pipe("mtclinical")
    batch, _ = make_batch(pipe.model, "drugs", [copy_words(doc) for doc in docs], docs, pipe.label_data["drugs"])
    scores = score_windows(pipe.model, batch.windows, ["drugs", "groups"])
    return pipe.model.predict(TaskBatch("drugs", batch.windows)), scores[:, : count_tags(2, nested=False)]


def test_a_head_of_several_layers_predicts_what_it_learnt(tiny_bert, tmp_path):
    nlp = make_deep(tiny_bert)
    docs = gold_docs(nlp)["drugs"]
    examples = [Example(copy_words(doc), doc) for doc in docs]
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.02
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    learnt, predicted = score_both(nlp, docs)
    assert predicted == pytest.approx(learnt, abs=1e-5)
    assert nlp.evaluate(examples)["mtclinical_drugs_f"] == 1.0
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert score_both(loaded, docs)[1] == pytest.approx(predicted, abs=1e-6)
    doc = loaded(docs[1].text)
    assert [span.text for span in doc.spans["drugs"]] == ["aspirin"]


def test_training_starts_from_all_its_layers(tiny_bert, tmp_path):
    make_deep(tiny_bert, seed=1).to_disk(tmp_path)
    nlp = make_deep(tiny_bert, seed=2)
    nlp.config["components"]["mtclinical"]["model"]["init_from"] = str(tmp_path)
    grown = spacy.util.load_model_from_config(nlp.config)
    grown.get_pipe("mtclinical").initialize(lambda: [], nlp=grown, labels=LABELS)
    docs = gold_docs(nlp)["drugs"]
    assert score_both(grown, docs)[1] == pytest.approx(score_both(spacy.load(tmp_path), docs)[1], abs=1e-6)


def test_the_mean_of_two_such_heads_is_of_all_their_weights(tiny_bert):
    one, other = make_deep(tiny_bert, seed=1), make_deep(tiny_bert, seed=2)
    hidden = [get_heads(nlp.get_pipe("mtclinical").model)["drugs"].layers[1].get_param("W") for nlp in (one, other)]
    wanted = (hidden[0].copy() + hidden[1]) / 2
    mean = average_pipelines([one, other])
    found = get_heads(mean.get_pipe("mtclinical").model)["drugs"].layers[1].get_param("W")
    assert found == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("without", ["reads", "nested", "count_outputs", "get_loss"])
def test_what_a_head_lacks_is_named(tiny_bert, without):
    deep = {"@architectures": "test_own_heads.DeepHead.v1", "width": 24, "without": without}
    with pytest.raises(ValueError, match=f"The head of task 'drugs' is Model without {without}, expected EntityHead"):
        make_nlp(tiny_bert, heads={"drugs": deep})
