"""Starting from a trained pipeline: what fits is taken over to the last bit, what differs is named or refused."""

import numpy
import pytest
import spacy
from conftest import HEADS, LABELS, gold_docs, make_tiny_bert
from growing import NAMES, answers, make_child
from spacy.tokens import Span
from spacy.training import Example
from trained import make_trained

from spacy_mtclinical.model import get_heads
from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.snapshots import read_weights

WOUNDS = {"@architectures": NAMES + "EntityHead.v1"}
NEW = {**HEADS, "wounds": WOUNDS}
ONLY = {"train_only": ["wounds"], "added": ["wounds"]}


@pytest.fixture(scope="module")
def parent(tiny_bert, tmp_path_factory):
    """The folder of a pipeline of four heads, one of them calibrated."""
    spacy.util.fix_random_seed(3)
    nlp = make_trained(tiny_bert, ents_from=["drugs"])
    nlp.get_pipe("mtclinical").cfg["temperatures"] = {"drugs": 1.75}
    folder = tmp_path_factory.mktemp("parent") / "model"
    nlp.to_disk(folder)
    return folder


def initialize(nlp, labels=None):
    pipe = nlp.get_pipe("mtclinical")
    pipe.initialize(lambda: [], nlp=nlp, labels={"wounds": ["SITE", "WOUND"]} if labels is None else labels)
    return nlp


def texts(nlp):
    docs = [doc for found in gold_docs(nlp).values() for doc in found]
    bare = []
    for doc in docs:
        pair = doc.spans.get("pair")
        bare.append(doc.copy() if pair else nlp.make_doc(doc.text * 5))
        for key in [key for key in bare[-1].spans if key != "pair"]:
            del bare[-1].spans[key]
        bare[-1]._.mtclinical = {}
    return bare


def learn(nlp, task="wounds", steps=3):
    optimizer = build_adamw_v1(0.05)
    docs = gold_docs(nlp)["drugs"]
    for doc in docs:
        doc.spans[task] = [Span(doc, span.start, span.end, "WOUND") for span in doc.spans.pop("drugs")]
    for _ in range(steps):
        losses = nlp.update([Example(doc.copy(), doc) for doc in docs], sgd=optimizer, drop=0.1)
    return losses


@pytest.mark.parametrize("named", [True, False])
def test_encoder_and_heads_are_taken_over(named, parent, tiny_bert, caplog):
    nlp = initialize(make_child(tiny_bert if named else None, NEW, init_from=str(parent)))
    old = spacy.load(parent)
    ours, theirs = get_heads(nlp.get_pipe("mtclinical").model), get_heads(old.get_pipe("mtclinical").model)
    for task, head in theirs.items():
        for key in ("W", "b"):
            assert numpy.array_equal(ours[task].layers[-1].get_param(key), head.layers[-1].get_param(key))
    weights, wanted = (
        {key.partition("/")[2]: value for key, value in read_weights(pipeline).items() if ".0/" in key}
        for pipeline in (nlp, old)
    )
    assert len(weights) > 30 and weights.keys() == wanted.keys()
    assert all((weights[key] == wanted[key]).all() for key in wanted)
    assert nlp.get_pipe("mtclinical").label_data == {**LABELS, "wounds": ["SITE", "WOUND"]}
    assert nlp.get_pipe("mtclinical").cfg["temperatures"] == {}  # they were fitted to what goes on learning
    (said,) = [record.getMessage() for record in caplog.records if "took over" in record.getMessage()]
    assert "the heads: alike, drugs, groups, implies" in said and "new: wounds" in said
    assert "begun anew: none" in said and "left behind: none" in said


def test_old_weights_and_answers_are_the_same_to_the_last_bit(parent, tmp_path):
    """After a new head was trained, saved and loaded; also when another is added to the result."""
    old = spacy.load(parent)
    wanted = answers(old, texts(old))
    for number, name in enumerate(("wounds", "a_first"), 1):
        heads = {**HEADS, **dict.fromkeys(["wounds", "a_first"][:number], WOUNDS)}
        added = ["wounds", "a_first"][:number]
        nlp = make_child(None, heads, init_from=str(parent), train_only=[name], added=added)
        initialize(nlp, {name: ["SITE", "WOUND"]})
        before = read_weights(nlp)
        before = {key: value.clone() for key, value in before.items()}
        assert learn(nlp, name)["mtclinical"] > 0
        after = read_weights(nlp)
        place = 2 + nlp.get_pipe("mtclinical").tasks.index(name)
        moved = {key.split("/")[0] for key in before if not (before[key] == after[key]).all()}
        assert len(moved) == 1, (moved, place)
        nlp.to_disk(tmp_path / name)
        grown = spacy.load(tmp_path / name)
        found = answers(grown, texts(grown))
        for (spans, classes, ents), (old_spans, old_classes, old_ents) in zip(found, wanted):
            assert {key: value for key, value in spans.items() if key not in added} == old_spans
            assert (classes, ents) == (old_classes, old_ents)
        assert any(name in spans for spans, _, _ in found)
        parent = tmp_path / name


def test_a_frozen_encoder_keeps_what_it_said(parent, monkeypatch):
    nlp = initialize(make_child(None, NEW, init_from=str(parent), **ONLY))
    encoder = nlp.get_pipe("mtclinical").model.get_ref("encoder")
    calls = []
    compute = encoder._func

    def count(model, X, is_train):
        calls.append(len(X))
        return compute(model, X, is_train)

    monkeypatch.setattr(encoder, "_func", count)
    learn(nlp, steps=4)
    assert calls == [3]


def test_frozen_states_are_those_that_prediction_sees(parent):
    nlp = initialize(make_child(None, NEW, init_from=str(parent), **ONLY))
    from spacy_mtclinical.model import TaskBatch
    from spacy_mtclinical.targets import make_batch

    docs = gold_docs(nlp)["drugs"]
    for doc in docs:
        doc.spans["wounds"] = []
    model = nlp.get_pipe("mtclinical").model
    batch, _ = make_batch(model, "wounds", docs, docs, ["SITE", "WOUND"])
    scores, _ = model.begin_update(batch)
    again, _ = model.begin_update(TaskBatch("wounds", batch.windows[::-1]))
    assert scores == pytest.approx(model.predict(batch), abs=1e-5)
    assert len(again) == len(scores)
    assert model.begin_update(TaskBatch("wounds", []))[0].shape == (0, 5)


def test_a_frozen_task_is_not_learnt_in_silence(parent):
    nlp = initialize(make_child(None, NEW, init_from=str(parent), **ONLY))
    doc = gold_docs(nlp)["drugs"][0]
    with pytest.raises(ValueError, match=r"A batch of task 'drugs' came to be learnt, but train_only = \['wounds'\]"):
        nlp.update([Example(doc.copy(), doc)], sgd=build_adamw_v1(0.1))


def test_heads_that_are_gone_or_of_another_kind_are_named(parent, caplog):
    heads = {"drugs": {**HEADS["drugs"], "nested": True}, "implies": HEADS["implies"], "wounds": WOUNDS}
    initialize(make_child(None, heads, init_from=str(parent)))
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "the heads: implies; new: wounds; of another kind, so begun anew: drugs; left behind: alike, groups" in said


def test_changed_settings_are_named(parent, caplog):
    initialize(make_child(None, NEW, init_from=str(parent), window=48))
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "other answers are to be expected, since window was 64, is 48" in said


def test_a_head_that_would_stay_untrained_is_refused(parent):
    heads = {**NEW, "other": WOUNDS}
    nlp = make_child(None, heads, init_from=str(parent), **ONLY)
    with pytest.raises(ValueError, match="leaves the heads of other as they are, but they are not trained"):
        initialize(nlp, {"wounds": ["SITE"], "other": ["A"]})


def test_other_labels_are_refused(parent):
    nlp = make_child(None, NEW, init_from=str(parent))
    with pytest.raises(ValueError, match=r"'drugs' has the labels \['ADE', 'Drug'\] in the pipeline of init_from, and"):
        initialize(nlp, {"wounds": ["SITE"], "drugs": ["Drug", "Strength"]})


def test_another_encoder_is_refused(parent, tmp_path):
    from transformers import AutoModel, AutoTokenizer, BertConfig

    other = make_tiny_bert(tmp_path / "other")
    config = BertConfig.from_pretrained(other)
    config.num_hidden_layers = 1
    AutoModel.from_config(config).save_pretrained(other)
    with pytest.raises(ValueError, match="an encoder with num_hidden_layers 2, the config has 1"):
        initialize(make_child(other, NEW, init_from=str(parent)))
    make_tiny_bert(other)
    AutoTokenizer.from_pretrained(other, do_lower_case=False).save_pretrained(other)
    with pytest.raises(ValueError, match="has another sub-word tokenizer than the checkpoint"):
        initialize(make_child(other, NEW, init_from=str(parent)))


def test_another_tokenizer_is_refused(parent):
    with pytest.raises(ValueError, match=r"has \[nlp\] lang en, the config has xx"):
        initialize(make_child(None, NEW, init_from=str(parent), lang="xx"))


@pytest.mark.parametrize("name", ["no_such_pipeline_here", "./nowhere"])
def test_a_missing_pipeline_is_refused(name):
    nlp = make_child(None, NEW, init_from=name)
    with pytest.raises(ValueError, match=f"init_from expected a trained pipeline, .* got '{name}'"):
        initialize(nlp)


@pytest.mark.parametrize("setting", ["train_only", "added"])
def test_settings_name_heads(setting, tiny_bert):
    with pytest.raises(ValueError, match=rf"{setting} expected heads among .*, got \['nope'\]"):
        make_child(tiny_bert, HEADS, **{setting: ["nope"]})


def test_a_loaded_pipeline_does_not_look_for_its_parent(parent, tmp_path):
    nlp = initialize(make_child(None, NEW, init_from=str(parent), **ONLY))
    nlp.config["components"]["mtclinical"]["model"]["init_from"] = "gone"
    nlp.to_disk(tmp_path / "model")
    text = (tmp_path / "model" / "config.cfg").read_text()
    (tmp_path / "model" / "config.cfg").write_text(text.replace(str(parent), "gone"))
    assert "wounds" in spacy.load(tmp_path / "model")("no pain").spans
