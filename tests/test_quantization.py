"""The encoder in int8: close to fp32, made once, and made anew when the weights have changed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import torch
from conftest import LABELS, make_nlp
from spacy.training import Example

from spacy_mtclinical import encoder as encoder_module
from spacy_mtclinical import quantization
from spacy_mtclinical.encoder import build_encoder_v1
from spacy_mtclinical.snapshots import read_weights, restore_weights

TEXT = "patient has pain, no rash " * 30


def make_encoder(folder, precision):
    encoder = build_encoder_v1(str(folder), window=64, context=8, precision=precision)
    encoder.initialize()
    return encoder


def cut(folder, encoder, text=TEXT):
    cutter = encoder.attrs["get_cutter"](encoder)
    doc = make_nlp(folder).make_doc(text)
    return [window for pieces in cutter.cut([doc]) for window in cutter.windows(pieces)]


@pytest.fixture()
def onnx():
    pytest.importorskip("onnx", reason="the extra int8 is not installed")
    pytest.importorskip("onnxruntime", reason="the extra int8 is not installed")


def test_states_are_close_to_those_of_fp32(onnx, tiny_bert):
    small, whole = make_encoder(tiny_bert, "int8"), make_encoder(tiny_bert, "fp32")
    windows = cut(tiny_bert, small)
    found, expected = small.predict(windows), whole.predict(windows)
    assert found.shape == expected.shape and found.dtype == expected.dtype
    assert numpy.abs(found - expected).mean() < 0.05 * numpy.abs(expected).mean()
    assert not numpy.allclose(found, expected, atol=1e-6)


def test_the_graph_is_made_once_and_anew_after_training(onnx, tiny_bert, monkeypatch):
    made = []
    quantize = quantization.quantize
    monkeypatch.setattr(quantization, "quantize", lambda *args: made.append(1) or quantize(*args))
    nlp = make_nlp(tiny_bert)
    component = nlp.get_pipe("mtclinical")
    component.initialize(lambda: [], nlp=nlp, labels=LABELS)
    encoder = component.model.get_ref("encoder")
    encoder.attrs["precision"] = lambda: "int8"
    for text in (TEXT, "pain", TEXT):
        nlp(text)
    assert len(made) == 1
    before = encoder.predict(cut(tiny_bert, encoder, "pain"))
    gold = nlp.make_doc("patient has pain")
    gold.spans["drugs"] = [gold.char_span(12, 16, label=LABELS["drugs"][0])]
    nlp.update([Example(nlp.make_doc(gold.text), gold)], sgd=nlp.create_optimizer())
    after = encoder.predict(cut(tiny_bert, encoder, "pain"))
    assert len(made) == 2 and not numpy.allclose(before, after, atol=1e-4)
    restore_weights(nlp, {name: value * 0 for name, value in read_weights(nlp).items()})
    assert not encoder.predict(cut(tiny_bert, encoder, "pain")).any() and len(made) == 3


def test_on_a_gpu_it_is_as_auto(monkeypatch):
    monkeypatch.setattr(encoder_module, "get_torch_default_device", lambda: torch.device("cuda"))
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **settings: True)
    assert encoder_module.choose_precision("int8") == encoder_module.choose_precision("auto") == "bf16"


def test_what_is_not_installed_is_named(tiny_bert, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime.quantization", None)
    encoder = make_encoder(tiny_bert, "int8")
    with pytest.raises(ValueError, match=r"expected onnx and onnxruntime.*pip install \"spacy_mtclinical\[int8\]\""):
        encoder.predict(cut(tiny_bert, encoder, "pain"))


def test_a_checkpoint_that_cannot_be_exported_is_named(onnx, tiny_bert, monkeypatch):
    def refuse(*args, **settings):
        raise RuntimeError("unsupported")

    monkeypatch.setattr("torch.onnx.export", refuse)
    encoder = make_encoder(tiny_bert, "int8")
    with pytest.raises(ValueError, match="BertModel failed with RuntimeError. Choose another precision"):
        encoder.predict(cut(tiny_bert, encoder, "pain"))


FORKED = """
import sys, spacy
nlp = spacy.load(sys.argv[1], config={"components": {"mtclinical": {"model": {"encoder": {"precision": "int8"}}}}})
alone = [doc.spans["drugs"].attrs["scores"] for doc in nlp.pipe(["patient has pain"] * 4)]
apart = [doc.spans["drugs"].attrs["scores"] for doc in nlp.pipe(["patient has pain"] * 4, n_process=2, batch_size=2)]
assert all(abs(a - b) < 1e-4 for one, two in zip(alone, apart) for a, b in zip(one, two)), (alone, apart)
assert [len(scores) for scores in alone] == [len(scores) for scores in apart]
"""


def test_threads_wait_for_one_graph(onnx, tiny_bert, monkeypatch):
    made = []
    quantize = quantization.quantize
    monkeypatch.setattr(quantization, "quantize", lambda *args: made.append(1) or quantize(*args))
    encoder = make_encoder(tiny_bert, "int8")
    windows = cut(tiny_bert, encoder)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(encoder.predict, [windows] * 4))
    assert len(made) == 1 and all(numpy.array_equal(states, found[0]) for states in found)


def test_processes_have_sessions_of_their_own(onnx, tiny_bert, tmp_path):
    nlp = make_nlp(tiny_bert)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    nlp.to_disk(tmp_path)
    run = subprocess.run([sys.executable, "-c", FORKED, str(tmp_path)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0 and "Warning" not in run.stderr, run.stderr[-2000:]
