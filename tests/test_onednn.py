"""Linear layers through oneDNN give what torch gives, and are taken only where they are quicker."""

import numpy
import pytest
import torch
from conftest import make_nlp

from spacy_mtclinical import onednn
from spacy_mtclinical.encoder import build_encoder_v1


@pytest.fixture()
def always(monkeypatch):
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        pytest.skip("this build of torch has no oneDNN")
    monkeypatch.setattr(onednn, "is_quicker", lambda: True)


@pytest.mark.parametrize("bias", [True, False])
def test_products_are_torchs(always, bias):
    layer = torch.nn.Linear(7, 5, bias=bias)
    X = torch.randn(2, 3, 7)
    with torch.inference_mode(), onednn.quick_linear("fp32") as mode:
        found = layer(X)
    assert isinstance(mode, onednn.OneDNN)
    assert torch.allclose(found, layer(X), atol=1e-5)


def test_arrays_are_multiplied_either_way(monkeypatch):
    rng = numpy.random.default_rng(0)
    W, b = rng.normal(size=(3, 7)).astype("f"), rng.normal(size=3).astype("f")
    size = onednn.BLOCK * torch.get_num_threads()
    for quicker in (True, False):
        monkeypatch.setattr(onednn, "is_quicker", lambda quicker=quicker: quicker)
        for rows in (0, 1, size, 2 * size + 5):
            X = rng.normal(size=(rows, 7)).astype("f")
            assert onednn.multiply(X, W, b) == pytest.approx(X @ W.T + b, abs=1e-5)


def test_every_kind_of_checkpoint_keeps_its_states(always, any_encoder, monkeypatch):
    encoder = build_encoder_v1(str(any_encoder), window=64, context=8)
    encoder.initialize()
    cutter = encoder.attrs["get_cutter"](encoder)
    doc = make_nlp(any_encoder).make_doc("patient has pain, no rash")
    windows = [window for pieces in cutter.cut([doc]) for window in cutter.windows(pieces)]
    through = encoder.predict(windows)
    monkeypatch.setattr(onednn, "is_quicker", lambda: False)
    assert encoder.predict(windows) == pytest.approx(through, abs=1e-5)


@pytest.mark.parametrize(
    "vendor, capability, quicker",
    [("AuthenticAMD", "AVX512", True), ("AuthenticAMD", "AVX2", False), ("GenuineIntel", "AVX512", False)],
)
def test_it_is_taken_where_mkl_is_slow(monkeypatch, vendor, capability, quicker):
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        pytest.skip("this build of torch has no oneDNN")
    monkeypatch.setattr("torch.backends.mkl.is_available", lambda: True)
    monkeypatch.setattr("torch.backends.cpu.get_cpu_capability", lambda: capability)
    monkeypatch.setattr(onednn, "name_vendor", lambda: vendor)
    assert onednn.is_quicker.__wrapped__() is quicker


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_other_precisions_are_torchs_own(always, precision):
    assert not isinstance(onednn.quick_linear(precision), onednn.OneDNN)
