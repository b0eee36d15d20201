"""Attention by plain products gives what torch's kernel gives, forward and back; it is taken where it is quicker."""

import pytest
import torch
from conftest import make_nlp
from torch.nn.functional import scaled_dot_product_attention

from spacy_mtclinical import attention
from spacy_mtclinical.attention import LONGEST, PlainAttention, quick_attention
from spacy_mtclinical.encoder import build_encoder_v1


def draw(*shape):
    return torch.randn(*shape, requires_grad=True)


def masks(windows, positions):
    seen = torch.rand(windows, 1, positions, positions) < 0.7
    seen[..., 0] = True
    added = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)
    return {"none": None, "bool": seen, "added": added, "one row": added[..., :1, :]}


@pytest.mark.parametrize("name", ["none", "bool", "added", "one row"])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_states_and_gradients_are_torchs(name, scale):
    mask = masks(2, 5)[name]
    inputs = [draw(2, 3, 5, 4) for _ in range(3)]
    wanted = scaled_dot_product_attention(*inputs, attn_mask=mask, scale=scale)
    with PlainAttention():
        found = torch.nn.functional.scaled_dot_product_attention(*inputs, attn_mask=mask, scale=scale)
    assert found.grad_fn.name() != wanted.grad_fn.name()
    assert torch.allclose(found, wanted, atol=1e-6)
    outer = torch.randn_like(wanted)
    for mine, torchs in zip(torch.autograd.grad(found, inputs, outer), torch.autograd.grad(wanted, inputs, outer)):
        assert torch.allclose(mine, torchs, atol=1e-6)


def test_a_position_that_sees_nothing_spoils_no_other():
    seen = torch.ones(1, 1, 3, 3, dtype=torch.bool)
    seen[..., 2, :] = False
    inputs = [draw(1, 2, 3, 4).bfloat16() for _ in range(3)]
    for mask in (seen, torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)):
        with PlainAttention():
            found = torch.nn.functional.scaled_dot_product_attention(*inputs, attn_mask=mask)
        assert torch.isfinite(found).all()


@pytest.mark.parametrize(
    ("positions", "settings"), [(LONGEST + 1, {}), (5, {"is_causal": True}), (5, {"dropout_p": 1e-9})]
)
def test_what_it_does_not_do_is_left_to_torch(monkeypatch, positions, settings):
    monkeypatch.setattr(attention, "attend", None)
    inputs = [draw(1, 1, positions, 2) for _ in range(3)]
    with PlainAttention():
        found = torch.nn.functional.scaled_dot_product_attention(*inputs, **settings)
    assert torch.allclose(found, scaled_dot_product_attention(*inputs, **settings), atol=1e-5)


def test_it_is_taken_in_bfloat16_alone():
    assert isinstance(quick_attention("bf16"), PlainAttention)
    assert not isinstance(quick_attention("fp32"), PlainAttention)


@pytest.mark.parametrize("units", [False, True])
def test_training_takes_it_where_it_computes_in_bfloat16(any_encoder, monkeypatch, units):
    calls = []
    attend = attention.attend
    monkeypatch.setattr(attention, "attend", lambda *args: calls.append(1) or attend(*args))
    monkeypatch.setattr("spacy_mtclinical.encoder.has_bf16_units", lambda: units)
    settings = {"window": 64, "context": 8, "dropout": 0.0, "attention_dropout": 0.0}
    encoder = build_encoder_v1(str(any_encoder), mixed_precision=True, **settings)
    encoder.initialize()
    cutter = encoder.attrs["get_cutter"](encoder)
    docs = [make_nlp(any_encoder).make_doc(text) for text in ("the drug gave a rash", "no pain")]
    windows = [window for pieces in cutter.cut(docs) for window in cutter.windows(pieces)]
    states, backprop = encoder.begin_update(windows)
    assert bool(calls) == units
    assert states == pytest.approx(encoder.predict(windows), abs=0.1)
    backprop(states)
    transformer = encoder.layers[0].shims[0]._model
    gradients = [parameter.grad for parameter in transformer.parameters() if parameter.grad is not None]
    assert gradients and all(torch.isfinite(gradient).all() for gradient in gradients)
