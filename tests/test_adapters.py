"""An adapter changes what one head reads, and nothing else: no weight, no old answer, not what is saved of them."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import spacy
import torch
from conftest import HEADS, LABELS, gold_docs
from growing import NAMES, answers, make_child
from safetensors.torch import load
from spacy.training import Example
from test_inheritance import WOUNDS, initialize, learn, texts
from trained import make_trained

from spacy_mtclinical.adapters import LoraShim, build_lora_v1
from spacy_mtclinical.finishing import drop_heads
from spacy_mtclinical.model import TaskBatch, get_adapters, get_heads
from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.pretrained import get_shim
from spacy_mtclinical.snapshots import (
    read_moments,
    read_random,
    read_weights,
    restore_moments,
    restore_random,
    restore_weights,
)
from spacy_mtclinical.targets import make_batch

LORA = {"@architectures": NAMES + "Lora.v1", "rank": 2, "alpha": 4.0, "dropout": 0.2}
NEW = {**HEADS, "wounds": WOUNDS}
ONLY = {"train_only": ["wounds"], "added": ["wounds"], "adapters": {"wounds": LORA}}


def answer_in_threads(nlp, count=4):
    """What several threads say of the same texts at once."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda docs: answers(nlp, docs), [texts(nlp) for _ in range(count)]))


@pytest.fixture(scope="module")
def parent(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parent") / "model"
    make_trained(tiny_bert, ents_from=["drugs"]).to_disk(folder)
    return folder


@pytest.fixture
def child(parent):
    """A task with an adapter, added to a trained pipeline, and not trained yet."""
    spacy.util.fix_random_seed(0)
    return initialize(make_child(None, NEW, init_from=str(parent), **ONLY))


@pytest.fixture(scope="module")
def grown(parent, tmp_path_factory):
    """The same, trained and saved."""
    spacy.util.fix_random_seed(0)
    nlp = initialize(make_child(None, NEW, init_from=str(parent), **ONLY))
    learn(nlp)
    nlp.to_disk(tmp_path_factory.mktemp("grown") / "model")
    return nlp


def model_of(nlp):
    return nlp.get_pipe("mtclinical").model


def adapter_of(nlp, task="wounds"):
    return get_adapters(model_of(nlp))[task]


def copy_weights(nlp):
    return {key: value.clone() for key, value in read_weights(nlp).items()}


def cut(nlp, task="wounds"):
    docs = gold_docs(nlp)["drugs"]
    for doc in docs:
        doc.spans[task] = []
    return make_batch(model_of(nlp), task, docs, docs, ["SITE", "WOUND"])[0]


def without(found, task="wounds"):
    return [({key: value for key, value in spans.items() if key != task}, *rest) for spans, *rest in found]


def test_old_answers_and_weights_are_the_same_to_the_last_bit(parent, child):
    old = spacy.load(parent)
    wanted = [tuple(answer) for answer in answers(old, texts(old))]
    before = copy_weights(child)
    losses = [learn(child, steps=1)["mtclinical"] for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]
    after = read_weights(child)
    moved = {key for key in before if not torch.equal(before[key], after[key])}
    narrow = {key for key in before if "lora_" in key}
    assert narrow < moved and len(moved - narrow) == 2  # and W and b of the new head
    assert [tuple(answer) for answer in without(answers(child, texts(child)))] == wanted


def test_the_old_states_are_the_same_and_the_new_ones_are_not(parent, child):
    windows = cut(child).windows
    encoder, adapter = model_of(child).get_ref("encoder"), adapter_of(child)
    before = encoder.predict(windows)
    assert numpy.array_equal(adapter.predict(windows), before)  # their product is 0 to begin with
    learn(child)
    assert numpy.array_equal(encoder.predict(windows), before)
    assert not numpy.allclose(adapter.predict(windows), before)
    assert adapter.predict([]).shape == (0, encoder.get_dim("nO"))


def test_gradients_reach_both_matrices_and_not_the_encoder(child):
    model = model_of(child)
    adapted, shared = get_shim(adapter_of(child))._model, get_shim(model.get_ref("encoder"))._model
    learn(child)  # afterwards neither matrix is 0
    scores, backprop = model.begin_update(cut(child))
    backprop(numpy.ones_like(scores))
    grown = {name.split(".")[-3]: parameter.grad.abs().sum() for name, parameter in adapted.named_parameters()}
    assert set(grown) == {"lora_A", "lora_B"} and all(grown.values())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in shared.parameters())


def test_it_has_no_weights_but_its_own(child):
    adapted, shared = get_shim(adapter_of(child))._model, get_shim(model_of(child).get_ref("encoder"))._model
    assert all("lora_" in name for name in adapted.state_dict()) and adapted.state_dict()
    assert not [name for name in read_weights(child) if "base_layer" in name]
    before, with_it = (one.encoder.layer[0].attention.self.query for one in (shared, adapted))
    assert type(before) is torch.nn.Linear and before is not with_it
    assert with_it.base_layer.weight.data_ptr() == before.weight.data_ptr()


def test_it_is_saved_and_loaded(grown, tmp_path):
    wanted = answers(grown, texts(grown))
    grown.to_disk(tmp_path)
    data = get_shim(adapter_of(grown)).to_bytes()
    assert all("lora_" in name for name in load(data)) and b"PK\x03\x04" not in data
    for again in (spacy.load(tmp_path), make_child(None, NEW, **ONLY).from_bytes(grown.to_bytes())):
        assert get_shim(adapter_of(again))._adapted is None  # made when it is needed
        assert again.to_bytes()
        assert answers(again, texts(again)) == wanted
        before = {name: tensor.clone() for name, tensor in get_shim(adapter_of(again)).take().items()}
        learn(again)
        assert all(not torch.equal(tensor, before[name]) for name, tensor in get_shim(adapter_of(again)).take().items())


def test_threads_answer_alike_from_the_first_note_on(grown):
    nlp = make_child(None, NEW, **ONLY).from_bytes(grown.to_bytes())
    assert get_shim(adapter_of(nlp))._adapted is None
    wanted = answers(grown, texts(grown))
    assert answer_in_threads(nlp) == [wanted] * 4
    assert torch.nn.Linear(2, 2).weight.device.type == "cpu"


def test_several_processes_answer_alike(grown):
    nlp = make_child(None, NEW, **ONLY).from_bytes(grown.to_bytes())
    texts = ["patient has rash", "no fever, aspirin daily"] * 2
    docs = [list(pipeline.pipe(texts, n_process=n)) for pipeline, n in ((grown, 1), (nlp, 2))]
    assert get_shim(adapter_of(nlp))._adapted is None  # each process made its own
    found, wanted = ([[doc.spans[task].attrs["scores"] for task in doc.spans] for doc in some] for some in docs)
    assert found == wanted and all(len(scores) == 3 for scores in found)


@pytest.mark.parametrize("pairs", [False, True])
def test_every_checkpoint_and_kind_of_head_can_be_adapted(any_encoder, pairs):
    task = "implies" if pairs else "drugs"
    nlp = make_child(any_encoder, HEADS, adapters={task: LORA})
    initialize(nlp, LABELS)
    examples = [Example(doc.copy(), doc) for doc in gold_docs(nlp)[task]]
    before, optimizer = copy_weights(nlp), build_adamw_v1(0.05)
    for _ in range(2):
        nlp.update(examples, sgd=optimizer)
    moved = {key for key, value in read_weights(nlp).items() if not torch.equal(value, before[key])}
    narrow = {key for key in before if "lora_" in key}
    assert len(narrow) in (16, 24) and narrow < moved and len(moved - narrow) == 2
    (doc,) = nlp.pipe([examples[0].predicted])
    assert task in doc.spans or doc._.mtclinical[task]


def test_what_learns_together_is_told_apart(tiny_bert):
    """Where the encoder learns too, an adapted task moves it by nothing, and reads what it has become."""
    nlp = make_child(tiny_bert, HEADS, adapters={"drugs": LORA})
    initialize(nlp, LABELS)
    optimizer = build_adamw_v1(0.01)
    examples = {task: [Example(doc.copy(), doc) for doc in docs] for task, docs in gold_docs(nlp).items()}
    nlp.update(examples["groups"], sgd=optimizer)
    shared = get_shim(model_of(nlp).get_ref("encoder"))._model
    before = {name: value.clone() for name, value in shared.state_dict().items()}
    nlp.update(examples["drugs"], sgd=optimizer)
    assert all(torch.equal(value, before[name]) for name, value in shared.state_dict().items())
    nlp.update(examples["groups"], sgd=optimizer)
    assert not all(torch.equal(value, before[name]) for name, value in shared.state_dict().items())
    encoder, adapter, windows = model_of(nlp).get_ref("encoder"), adapter_of(nlp, "drugs"), cut(nlp, "drugs").windows
    adapted = get_shim(adapter)._model
    with torch.no_grad():
        for parameter in adapted.parameters():
            parameter.zero_()
    assert numpy.array_equal(adapter.predict(windows), encoder.predict(windows))
    assert get_shim(adapter)._model is adapted
    for parameter in shared.parameters():  # as an optimizer may that does not step in place
        parameter.data = 1.5 * parameter.data
    assert numpy.array_equal(adapter.predict(windows), encoder.predict(windows))
    assert get_shim(adapter)._model is not adapted


def test_one_pass_for_all_others_and_one_each(grown, monkeypatch):
    model = model_of(grown)
    passes = []
    for name, part in (("shared", model.get_ref("encoder")), ("wounds", adapter_of(grown))):
        func = part._func
        count = lambda own, X, is_train, name=name, func=func: passes.append(name) or func(own, X, is_train)  # noqa: E731
        monkeypatch.setattr(part, "_func", count)
    grown("patient has rash")
    assert sorted(passes) == ["shared", "wounds"]
    passes.clear()
    model.predict(TaskBatch("wounds", cut(grown).windows))
    assert passes == ["wounds"]


def test_precisions_are_those_of_the_encoder_but_int8(grown):
    for precision, wanted in (("fp32", "fp32"), ("bf16", "bf16"), ("auto", "auto"), ("int8", "auto")):
        model = model_of(grown)
        model.get_ref("encoder").attrs["precision"] = lambda precision=precision: precision
        assert adapter_of(grown).attrs["precision"]() == wanted
        assert adapter_of(grown).predict(cut(grown).windows).dtype == "float32"
    model.get_ref("encoder").attrs["precision"] = lambda: "fp32"


def test_a_killed_run_goes_on_exactly(parent):
    def begin():
        spacy.util.fix_random_seed(1)
        return initialize(make_child(None, NEW, init_from=str(parent), **ONLY)), build_adamw_v1(0.05)

    def take(nlp, optimizer, steps):
        docs = gold_docs(nlp)["drugs"]
        for doc in docs:
            doc.spans["wounds"] = [
                spacy.tokens.Span(doc, span.start, span.end, "WOUND") for span in doc.spans.pop("drugs")
            ]
        for _ in range(steps):
            nlp.update([Example(doc.copy(), doc) for doc in docs], sgd=optimizer, drop=0.1)

    nlp, optimizer = begin()
    take(nlp, optimizer, 2)
    saved = copy_weights(nlp), {k: v.clone() for k, v in read_moments(nlp, optimizer).items()}, read_random()
    take(nlp, optimizer, 3)
    other, fresh = begin()
    take(other, fresh, 1)
    restore_weights(other, saved[0])
    restore_moments(other, fresh, saved[1])
    restore_random(saved[2])
    take(other, fresh, 3)
    wanted = read_weights(nlp)
    assert all(torch.equal(value, wanted[key]) for key, value in read_weights(other).items())


def test_it_is_taken_over_with_its_head(grown, tmp_path, caplog):
    grown.to_disk(tmp_path / "model")
    wanted = answers(grown, texts(grown))
    heads = {**NEW, "a_first": WOUNDS}
    settings = {"init_from": str(tmp_path / "model"), "train_only": ["a_first"], "added": ["wounds", "a_first"]}
    nlp = initialize(make_child(None, heads, adapters={"wounds": LORA}, **settings), {"a_first": ["SITE", "WOUND"]})
    learn(nlp, "a_first")
    assert without(answers(nlp, texts(nlp)), "a_first") == [tuple(answer) for answer in wanted]
    nlp = make_child(None, heads, adapters={"wounds": {**LORA, "rank": 3}}, **settings)
    with pytest.raises(ValueError, match="leaves the heads of wounds as they are, but they are not trained"):
        initialize(nlp, {"a_first": ["SITE", "WOUND"]})


def test_heads_that_only_serve_training_are_dropped_beside_it(parent):
    heads = {**NEW, "notes": {"@architectures": NAMES + "MaskedLMHead.v1"}}
    nlp = make_child(None, heads, init_from=str(parent), adapters={"wounds": LORA, "notes": LORA})
    initialize(nlp, {"wounds": ["SITE", "WOUND"], "notes": []})
    learn(nlp)
    finished = drop_heads(nlp)
    assert list(get_adapters(model_of(finished))) == ["wounds"]
    assert answers(finished, texts(nlp)) == answers(nlp, texts(nlp))


def test_another_rank_than_that_of_the_weights_is_refused(grown):
    nlp = make_child(None, NEW, **{**ONLY, "adapters": {"wounds": {**LORA, "rank": 3}}}).from_bytes(grown.to_bytes())
    with pytest.raises(ValueError, match="The saved adapter does not fit the encoder, or not the rank 3 of the config"):
        nlp("patient has rash")


def test_without_peft_the_extra_is_named(grown, monkeypatch):
    nlp = make_child(None, NEW, **ONLY).from_bytes(grown.to_bytes())
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ValueError, match=r"An adapter expected peft, .*pip install \"spacy_mtclinical\[lora\]\""):
        nlp("patient has rash")
    assert nlp.to_bytes()


def test_settings_are_checked(tiny_bert):
    with pytest.raises(ValueError, match="Lora.v1 expected a rank above 0, got 0"):
        build_lora_v1(rank=0)
    with pytest.raises(ValueError, match=r"adapters expected heads among .*, got \['nope'\]"):
        make_child(tiny_bert, HEADS, adapters={"nope": LORA})
    with pytest.raises(ValueError, match="The adapter of task 'drugs' is dict, expected Recurrent.v1 or Lora.v1"):
        make_child(tiny_bert, HEADS, adapters={"drugs": {"rank": 2}})
    with pytest.raises(ValueError, match=r"Lora.v1 expected a place in \[components.mtclinical.model.adapters\]"):
        build_lora_v1().attrs["precision"]()


def test_a_pipeline_without_adapters_is_saved_as_before(parent):
    nlp = spacy.load(parent)
    model = model_of(nlp)
    assert get_adapters(model) == {} and len(model.layers) == 1 + len(get_heads(model))
    assert not [shim for layer in model.walk() for shim in layer.shims if isinstance(shim, LoraShim)]
