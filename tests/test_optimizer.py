"""AdamW as a thinc optimizer equals torch's."""

import numpy
import pytest
import torch

from spacy_mtclinical.optimizer import build_adamw_v1


@pytest.mark.parametrize("shape, decay", [((3, 4), 0.01), ((4,), 0.0)])
def test_steps_equal_those_of_torch(shape, decay):
    rng = numpy.random.default_rng(0)
    weights = rng.normal(size=shape).astype("f")
    parameter = torch.nn.Parameter(torch.from_numpy(weights.copy()))
    rival = torch.optim.AdamW([parameter], lr=0.1, weight_decay=decay)
    adamw = build_adamw_v1(0.1, decay=0.01, clip=0.0)
    for _ in range(5):
        gradient = rng.normal(size=shape).astype("f")
        parameter.grad = torch.from_numpy(gradient.copy())
        rival.step()
        weights, cleared = adamw((1, "W"), weights.copy(), gradient)
        assert weights == pytest.approx(parameter.detach().numpy(), abs=1e-6)
        assert not cleared.any()


def test_schedules_and_clipping():
    adamw = build_adamw_v1(iter([0.5, 0.25, 0.125]), clip=1.0, decay=0.0)
    weights = numpy.zeros((2, 2), dtype="f")
    adamw((1, "W"), weights, numpy.full((2, 2), 100.0, dtype="f"))
    assert weights == pytest.approx(-0.5)
    adamw.step_schedules()
    assert adamw.learn_rate == 0.25


def test_normalized_gradients_count_alike_however_large():
    rng = numpy.random.default_rng(0)
    gradients = rng.normal(size=(6, 3, 4)).astype("f")
    found = []
    for scales in ([1.0] * 6, [1e-4, 50.0] * 3):  # those of two tasks in turn
        adamw, weights = build_adamw_v1(0.1, normalize=True), numpy.ones((3, 4), dtype="f")
        for scale, gradient in zip(scales, gradients):
            adamw((1, "W"), weights, scale * gradient)
        found.append(weights)
        ((moments),) = adamw.get_moments().values()
        assert float(moments["exp_avg_sq"].sum()) == pytest.approx(6 * (1 - 0.999), rel=1e-2)
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_no_gradient_is_not_scaled_to_anything():
    weights = numpy.ones((2, 2), dtype="f")
    build_adamw_v1(0.1, decay=0.0, normalize=True)((1, "W"), weights, numpy.zeros((2, 2), dtype="f"))
    assert weights == pytest.approx(1.0)
    with pytest.raises(ValueError, match="expected a norm above 0 to normalize to, got clip = 0"):
        build_adamw_v1(0.1, clip=0.0, normalize=True)


def test_an_empty_parameter_is_left_alone():
    weights, _ = build_adamw_v1(0.1)((1, "b"), numpy.zeros((0,), dtype="f"), numpy.zeros((0,), dtype="f"))
    assert weights.size == 0
