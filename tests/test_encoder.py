"""The encoder gives the checkpoint's own hidden states, for every kind of checkpoint."""

import os
import subprocess
import sys

import numpy
import pytest
import torch
from conftest import make_nlp
from thinc.api import PyTorchGradScaler
from transformers import AutoModel, AutoTokenizer, XLNetConfig

from spacy_mtclinical import make_pair
from spacy_mtclinical.encoder import CALL, build_encoder_v1, round_up
from spacy_mtclinical.pretrained import ATTENTION_DROPOUTS, DROPOUTS, get_shim
from spacy_mtclinical.windows import split_lengths


@pytest.fixture()
def encoder(any_encoder):
    encoder = build_encoder_v1(str(any_encoder), window=64, context=8)
    encoder.initialize()
    return encoder


def hidden_states(folder, *texts):
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    inputs = tokenizer(*texts, return_tensors="pt")
    with torch.no_grad():
        return model(**inputs).last_hidden_state[0].numpy()


TEXTS = ["patient has pain", "no rash, aspirin 5 mg daily.", "x"]


def test_a_note_in_one_window_has_the_checkpoints_states(any_encoder, encoder):
    nlp = make_nlp(any_encoder)
    cutter = encoder.attrs["get_cutter"](encoder)
    windows = [
        window for pieces in cutter.cut([nlp.make_doc(text) for text in TEXTS]) for window in cutter.windows(pieces)
    ]
    expected = numpy.concatenate([hidden_states(any_encoder, text)[1:-1] for text in TEXTS])
    assert encoder.predict(windows) == pytest.approx(expected, abs=1e-5)


def test_a_pair_has_the_checkpoints_states(any_encoder, encoder):
    nlp = make_nlp(any_encoder)
    cutter = encoder.attrs["get_cutter"](encoder)
    window, _ = cutter.pair_window(make_pair(nlp, "patient has pain", "no fever"))
    expected = hidden_states(any_encoder, "patient has pain", "no fever")[:1]
    assert encoder.predict([window]) == pytest.approx(expected, abs=1e-5)


def test_training_in_parts_gives_the_states_in_order(any_encoder):
    encoder = build_encoder_v1(str(any_encoder), window=64, context=8, dropout=0.0, attention_dropout=0.0)
    encoder.initialize()
    nlp = make_nlp(any_encoder)
    cutter = encoder.attrs["get_cutter"](encoder)
    docs = [nlp.make_doc(text) for text in ["pain", "a long note of many words indeed " * 2, "rash", "no pain"] * 20]
    windows = [window for pieces in cutter.cut(docs) for window in cutter.windows(pieces)]
    trained, backprop = encoder.begin_update(windows)
    assert trained == pytest.approx(encoder.predict(windows), abs=1e-5)
    assert trained.shape == (sum(window.n_states for window in windows), 16)
    assert backprop(trained) == windows


class ScalerWithoutGPU(PyTorchGradScaler):
    """thinc's scaler of mixed precision, which refuses tensors that are not on a GPU."""

    def _scale_tensor(self, tensor, scale_per_device, inplace):
        return tensor.mul_(self._scale) if inplace else tensor * self._scale


def test_scaled_gradients_of_all_parts_count(any_encoder):
    """thinc divides all gradients by the scale after each part of a batch, those of earlier parts again."""
    encoder = build_encoder_v1(str(any_encoder), window=64, context=8, dropout=0.0, attention_dropout=0.0)
    encoder.initialize()
    nlp, shim = make_nlp(any_encoder), get_shim(encoder)
    cutter = encoder.attrs["get_cutter"](encoder)
    docs = [nlp.make_doc(text) for text in ["pain", "a long note of many words indeed " * 2] * 30]
    windows = [window for pieces in cutter.cut(docs) for window in cutter.windows(pieces)]
    assert len(split_lengths([len(window.ids) for window in windows], call=CALL)) > 1
    found = []
    for scaler in (PyTorchGradScaler(False), ScalerWithoutGPU(True)):
        shim._grad_scaler = scaler
        shim._model.zero_grad()
        for _ in range(2):  # two tasks in one step
            states, backprop = encoder.begin_update(windows)
            backprop(numpy.linspace(-1, 1, states.size, dtype="f").reshape(states.shape))
        gradients = [parameter.grad for parameter in shim._model.parameters() if parameter.grad is not None]
        found.append(torch.cat([gradient.flatten() for gradient in gradients]).numpy().copy())
    plain, scaled = found
    assert numpy.abs(plain).max() > 0.1
    assert numpy.abs(scaled - plain).max() < 1e-4 * numpy.abs(plain).max()


def test_dropout_of_every_kind_of_checkpoint_is_set(any_encoder):
    encoder = build_encoder_v1(str(any_encoder), window=64, context=8, dropout=0.37, attention_dropout=0.29)
    encoder.initialize()
    known = get_shim(encoder)._model.config
    assert {getattr(known, name, 0.37) for name in DROPOUTS} == {0.37}
    assert {getattr(known, name, 0.29) for name in ATTENTION_DROPOUTS} == {0.29}


def test_dropout_that_a_checkpoint_does_not_know_is_refused(tmp_path):
    XLNetConfig(d_model=16, n_layer=1, n_head=2, d_inner=16).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="expected a checkpoint with one of hidden_dropout_prob, .* got XLNetConfig"):
        build_encoder_v1(str(tmp_path), dropout=0.1).initialize()


def test_no_windows_have_no_states(encoder):
    states, backprop = encoder.begin_update([])
    assert states.shape == (0, 16)
    assert backprop(states) == []


def test_a_missing_checkpoint_is_named():
    with pytest.raises(ValueError, match="Set paths.encoder"):
        build_encoder_v1().initialize()


@pytest.mark.parametrize("window, context", [(16, 8), (64, -1)])
def test_windows_without_a_core_are_refused(window, context):
    with pytest.raises(ValueError, match="a core of 16 sub-words at least, got window"):
        build_encoder_v1(window=window, context=context)


def test_pair_heads_may_read_the_mean_of_all_sub_words(any_encoder):
    encoder = build_encoder_v1(str(any_encoder), window=64, context=8, pair_state="mean")
    encoder.initialize()
    nlp = make_nlp(any_encoder)
    cutter = encoder.attrs["get_cutter"](encoder)
    pairs = [("patient has pain", "no fever"), ("pain", "rash"), ("aspirin 5 mg daily, no rash", "")]
    windows = [cutter.pair_window(make_pair(nlp, *pair))[0] for pair in pairs]
    expected = [hidden_states(any_encoder, *pair).mean(axis=0) for pair in pairs[:2]]
    assert encoder.predict(windows)[:2] == pytest.approx(numpy.array(expected), abs=1e-5)
    states, backprop = encoder.begin_update(windows)
    assert states.shape == (3, 16)
    assert backprop(states) == windows


def run(encoder, train):
    encoder.initialize()
    nlp = make_nlp(encoder.attrs["folder"])
    cutter = encoder.attrs["get_cutter"](encoder)
    windows = [window for pieces in cutter.cut([nlp.make_doc(TEXTS[1])]) for window in cutter.windows(pieces)]
    return encoder.begin_update(windows)[0] if train else encoder.predict(windows)


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("settings", [{"mixed_precision": True}, {"precision": "bf16"}, {"precision": "auto"}])
def test_lower_precision_keeps_the_states_close(tiny_bert, settings, train):
    quiet = {"window": 64, "context": 8, "dropout": 0.0, "attention_dropout": 0.0}
    exact, lower = build_encoder_v1(str(tiny_bert), **quiet), build_encoder_v1(str(tiny_bert), **quiet, **settings)
    for encoder in (exact, lower):
        encoder.attrs["folder"] = tiny_bert
    states = run(exact, train), run(lower, train)
    assert states[0] == pytest.approx(states[1], abs=0.1)
    if settings == {"precision": "bf16"}:  # of prediction alone
        assert (states[0] == states[1]).all() == train


@pytest.mark.parametrize("settings", [{"precision": "fp8"}, {"pair_state": "last"}])
def test_unknown_settings_are_refused(settings):
    (name, value) = next(iter(settings.items()))
    with pytest.raises(ValueError, match=f"{name} expected one of .*, got '{value}'"):
        build_encoder_v1("x", **settings)


def test_the_factory_is_imported_without_transformers():
    """Every `Language` imports every factory, so ours must stay light. spacy-transformers' own entry points are
    imported by spaCy too and are not ours to change: this imports our module alone."""
    code = (
        "import sys, spacy_mtclinical.component; sys.exit(any(m in sys.modules for m in ('transformers', 'pyarrow')))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=env).returncode == 0


@pytest.mark.parametrize("stride", [1, 16])
def test_lengths_are_few_and_little_longer(stride):
    found = {length: round_up(length, stride) for length in range(1, 513)}
    assert all(length <= rounded and rounded % stride == 0 for length, rounded in found.items())
    assert all(rounded <= max(33 / 32 * length, length + stride - 1) for length, rounded in found.items())
    assert len({rounded for length, rounded in found.items() if 129 <= length <= 256}) <= 32
