"""A task that reads every layer of the shared encoder: what it reads, and that nothing else is changed by it."""

import numpy
import pytest
import spacy
import torch
from conftest import HEADS, LABELS, gold_docs
from growing import NAMES, answers, make_child
from safetensors.torch import load
from spacy.training import Example
from test_adapters import adapter_of, answer_in_threads, copy_weights, cut, model_of, parent, without  # noqa: F401
from test_inheritance import WOUNDS, initialize, learn, texts

from spacy_mtclinical.encoder import make_inputs
from spacy_mtclinical.finishing import drop_heads
from spacy_mtclinical.model import TaskBatch, get_adapters
from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.pretrained import get_shim
from spacy_mtclinical.recurrent import build_recurrent_v1
from spacy_mtclinical.snapshots import (
    read_moments,
    read_random,
    read_weights,
    restore_moments,
    restore_random,
    restore_weights,
)

RECURRENT = {"@architectures": NAMES + "Recurrent.v1", "width": 8, "dropout": 0.2}
NEW = {**HEADS, "wounds": WOUNDS}
ONLY = {"train_only": ["wounds"], "added": ["wounds"], "adapters": {"wounds": RECURRENT}}


@pytest.fixture
def child(parent):  # noqa: F811
    """A task that reads every layer, added to a trained pipeline, and not trained yet."""
    spacy.util.fix_random_seed(0)
    return initialize(make_child(None, NEW, init_from=str(parent), **ONLY))


@pytest.fixture
def grown(child):
    learn(child)
    return child


@pytest.fixture
def forwards(monkeypatch):
    """Counts the passes of a checkpoint."""

    def count(nlp):
        transformer = get_shim(model_of(nlp).get_ref("encoder"))._model
        seen = []
        forward = transformer.forward
        monkeypatch.setattr(transformer, "forward", lambda *a, **k: seen.append(k) or forward(*a, **k))
        return seen

    return count


def restate(nlp, window):
    """What is read of one window, by the checkpoint and by torch's own LSTM, without padding."""
    encoder, reader = model_of(nlp).get_ref("encoder"), get_shim(adapter_of(nlp))._model.eval()
    with torch.no_grad():
        inputs = make_inputs(encoder, [window])
        layers = get_shim(encoder)._model.eval()(**inputs, output_hidden_states=True).hidden_states
        mean = sum(share * layer for share, layer in zip(reader.shares.softmax(0), layers))
        states = reader.lstm(mean)[0][0, slice(*window.keep)]
    return (states.mean(dim=0, keepdim=True) if window.mean else states).numpy()


def test_old_answers_and_weights_are_the_same_to_the_last_bit(parent, child):  # noqa: F811
    old = spacy.load(parent)
    wanted = [tuple(answer) for answer in answers(old, texts(old))]
    before = copy_weights(child)
    losses = [learn(child, steps=1)["mtclinical"] for _ in range(12)]
    assert losses[-1] < 0.7 * losses[0]
    moved = {key for key, value in read_weights(child).items() if not torch.equal(value, before[key])}
    own = {key for key in before if "shares" in key or "lstm" in key}
    assert len(own) == 9 and own < moved and len(moved - own) == 2  # and W and b of the new head
    encoder = get_shim(model_of(child).get_ref("encoder"))._model
    assert all(parameter.grad is None for parameter in encoder.parameters())
    assert [tuple(answer) for answer in without(answers(child, texts(child)))] == wanted


def test_it_reads_the_mean_of_the_layers_by_an_lstm(grown):
    windows = sorted(cut(grown).windows, key=lambda window: -len(window.ids))
    assert len({len(window.ids) for window in windows}) > 1
    windows.append(windows[0]._replace(keep=(1, 3)))
    found = adapter_of(grown).predict(windows)
    assert found == pytest.approx(numpy.concatenate([restate(grown, window) for window in windows]), abs=1e-5)
    pairs = [window._replace(keep=(0, len(window.ids)), mean=True) for window in windows]
    found = adapter_of(grown).predict(pairs)
    assert found == pytest.approx(numpy.concatenate([restate(grown, window) for window in pairs]), abs=1e-5)
    assert adapter_of(grown).predict([]).shape == (0, 16)


def test_one_pass_serves_all(grown, forwards):
    seen = forwards(grown)
    grown("patient has rash")
    assert len(seen) == 1
    model_of(grown).predict(TaskBatch("wounds", cut(grown).windows))
    assert len(seen) == 2


def test_an_encoder_in_int8_has_a_second_pass_for_it(grown):
    pytest.importorskip("onnxruntime", reason="the extra int8 is not installed")
    pytest.importorskip("onnx", reason="the extra int8 is not installed")
    encoder, windows = model_of(grown).get_ref("encoder"), cut(grown).windows
    encoder.attrs["precision"] = lambda: "int8"
    states, layers = encoder.attrs["predict_layers"](encoder, windows)
    assert numpy.array_equal(states, encoder.predict(windows))
    encoder.attrs["precision"] = lambda: "auto"
    assert torch.equal(layers, encoder.attrs["predict_layers"](encoder, windows)[1])


def test_a_frozen_encoder_is_read_once(child, forwards):
    seen = forwards(child)
    learn(child, steps=1)
    first = len(seen)
    learn(child, steps=3)
    assert first and len(seen) == first


def test_beside_an_encoder_that_learns_it_is_read_as_it_is(tiny_bert, forwards):
    nlp = make_child(tiny_bert, HEADS, adapters={"drugs": RECURRENT})
    initialize(nlp, LABELS)
    optimizer = build_adamw_v1(0.01)
    examples = {task: [Example(doc.copy(), doc) for doc in docs] for task, docs in gold_docs(nlp).items()}
    shared = get_shim(model_of(nlp).get_ref("encoder"))._model
    before = {name: value.clone() for name, value in shared.state_dict().items()}
    seen = forwards(nlp)
    for _ in range(2):
        nlp.update(examples["drugs"], sgd=optimizer)
    assert len(seen) == 2
    assert all(torch.equal(value, before[name]) for name, value in shared.state_dict().items())
    nlp.update(examples["groups"], sgd=optimizer)
    assert not all(torch.equal(value, before[name]) for name, value in shared.state_dict().items())


@pytest.mark.parametrize("pairs", [False, True])
def test_every_checkpoint_and_kind_of_head_can_be_read_so(any_encoder, pairs):
    task = "implies" if pairs else "drugs"
    nlp = make_child(any_encoder, HEADS, adapters={task: RECURRENT})
    initialize(nlp, LABELS)
    examples = [Example(doc.copy(), doc) for doc in gold_docs(nlp)[task]]
    before, optimizer = copy_weights(nlp), build_adamw_v1(0.05)
    for _ in range(2):
        nlp.update(examples, sgd=optimizer)
    moved = {key for key, value in read_weights(nlp).items() if not torch.equal(value, before[key])}
    assert {key for key in before if "shares" in key or "lstm" in key} < moved and len(moved) == 11
    (doc,) = nlp.pipe([examples[0].predicted])
    assert task in doc.spans or doc._.mtclinical[task]


def test_it_is_saved_and_loaded(grown, tmp_path):
    wanted = answers(grown, texts(grown))
    grown.to_disk(tmp_path)
    data = get_shim(adapter_of(grown)).to_bytes()
    assert len(load(data)) == 9 and b"PK\x03\x04" not in data
    for again in (spacy.load(tmp_path), make_child(None, NEW, **ONLY).from_bytes(grown.to_bytes())):
        assert answers(again, texts(again)) == wanted
        before = copy_weights(again)
        learn(again)
        assert any(not torch.equal(value, before[key]) for key, value in read_weights(again).items() if "lstm" in key)


def test_threads_answer_alike(grown):
    """No thread's answer turns on dropout in another's."""
    wanted = answers(grown, texts(grown))
    assert answer_in_threads(grown) == [wanted] * 4
    assert not adapter_of(grown).layers[0].shims[0]._model.training


def test_several_processes_answer_alike(grown):
    some = ["patient has rash", "no fever, aspirin daily"] * 2
    docs = [list(grown.pipe(some, n_process=n)) for n in (1, 2)]
    found, wanted = ([[doc.spans[task].attrs["scores"] for task in doc.spans] for doc in each] for each in docs)
    assert found == wanted and all(len(scores) == 3 for scores in found)


def test_a_killed_run_goes_on_exactly(parent):  # noqa: F811
    def begin():
        spacy.util.fix_random_seed(1)
        return initialize(make_child(None, NEW, init_from=str(parent), **ONLY)), build_adamw_v1(0.05)

    def take(nlp, optimizer, steps):
        docs = gold_docs(nlp)["drugs"]
        for doc in docs:
            spans = doc.spans.pop("drugs")
            doc.spans["wounds"] = [spacy.tokens.Span(doc, span.start, span.end, "WOUND") for span in spans]
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


def test_it_is_taken_over_with_its_head(grown, tmp_path):
    grown.to_disk(tmp_path / "model")
    wanted = answers(grown, texts(grown))
    heads = {**NEW, "a_first": WOUNDS}
    settings = {"init_from": str(tmp_path / "model"), "train_only": ["a_first"], "added": ["wounds", "a_first"]}
    labels = {"a_first": ["SITE", "WOUND"]}
    nlp = initialize(make_child(None, heads, adapters={"wounds": RECURRENT}, **settings), labels)
    learn(nlp, "a_first")
    assert without(answers(nlp, texts(nlp)), "a_first") == [tuple(answer) for answer in wanted]
    nlp = make_child(None, heads, adapters={"wounds": {**RECURRENT, "width": 4}}, **settings)
    with pytest.raises(ValueError, match="leaves the heads of wounds as they are, but they are not trained"):
        initialize(nlp, labels)


def test_heads_that_only_serve_training_are_dropped_beside_it(parent):  # noqa: F811
    heads = {**NEW, "notes": {"@architectures": NAMES + "MaskedLMHead.v1"}}
    nlp = make_child(None, heads, init_from=str(parent), adapters={"wounds": RECURRENT})
    initialize(nlp, {"wounds": ["SITE", "WOUND"], "notes": []})
    learn(nlp)
    finished = drop_heads(nlp)
    assert list(get_adapters(model_of(finished))) == ["wounds"]
    assert answers(finished, texts(nlp)) == answers(nlp, texts(nlp))


def test_what_half_precision_cannot_hold_does_not_spoil_the_weights(child):
    norm = get_shim(model_of(child).get_ref("encoder"))._model.encoder.layer[0].output.LayerNorm
    with torch.no_grad():
        norm.bias[0] = 3e5
    learn(child, steps=2)
    assert all(torch.isfinite(value).all() for value in read_weights(child).values())


def test_an_encoder_in_int8_has_no_third_pass(grown, forwards):
    pytest.importorskip("onnxruntime", reason="the extra int8 is not installed")
    pytest.importorskip("onnx", reason="the extra int8 is not installed")
    encoder = model_of(grown).get_ref("encoder")
    encoder.attrs["precision"] = lambda: "int8"
    run, ran = encoder.attrs["run_int8"], []
    encoder.attrs["run_int8"] = lambda *given: ran.append(given) or run(*given)
    grown("patient has rash")  # the graph is made
    ran.clear()
    seen = forwards(grown)
    grown("patient has rash")
    assert (len(seen), len(ran)) == (1, 1)


def test_a_pipeline_is_saved_before_it_is_initialized(tiny_bert, tmp_path):
    make_child(tiny_bert, HEADS, adapters={"drugs": RECURRENT}).to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    assert get_shim(adapter_of(nlp, "drugs")).to_bytes() == b""
    initialize(nlp, LABELS)
    assert "drugs" in nlp("patient has rash").spans


def test_of_another_width_it_is_begun_anew(grown, tmp_path, caplog):
    grown.to_disk(tmp_path)
    adapters = {"wounds": {**RECURRENT, "width": 4}}
    nlp = initialize(make_child(None, NEW, init_from=str(tmp_path), adapters=adapters))
    assert "of another kind, so begun anew: wounds" in caplog.text
    assert adapter_of(nlp).predict(cut(nlp).windows).shape[1] == 8


def test_another_width_than_that_of_the_weights_is_refused(grown):
    other = make_child(None, NEW, **{**ONLY, "adapters": {"wounds": {**RECURRENT, "width": 4}}})
    with pytest.raises(ValueError, match="The saved adapter does not fit the width 4 of the config"):
        other.from_bytes(grown.to_bytes())


def test_settings_are_checked(grown):
    with pytest.raises(ValueError, match="Recurrent.v1 expected a width above 0, got 0"):
        build_recurrent_v1(width=0)
    with pytest.raises(ValueError, match=r"Recurrent.v1 expected a place in \[components.mtclinical.model.adapters\]"):
        build_recurrent_v1()(cut(grown).windows, True)
