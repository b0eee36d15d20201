"""Linear layers through oneDNN, for processors on which torch's own BLAS is slow in fp32."""

import time
from contextlib import nullcontext
from functools import cache
from typing import Any, Callable, ContextManager, Dict, Optional, Sequence, Tuple

import torch
from thinc.api import get_torch_default_device, torch2xp, xp2torch
from torch.overrides import TorchFunctionMode

from .arrays import Floats1d, Floats2d

SHAPE = (512, 384, 1536)  # of the product that is timed: rows, inputs, outputs
GAIN = 1.2  # so many times quicker at least


def linear(input: torch.Tensor, weight: torch.Tensor, bias: Optional[torch.Tensor] = None) -> torch.Tensor:
    """Compute input @ weight.T + bias by the operator that torch.compile uses on CPUs.

    input: Shape (..., input). weight: Shape (output, input). bias: Shape (output,). All in fp32, on the CPU, without
        gradients.
    """
    rows = torch.ops.mkldnn._linear_pointwise(input.flatten(0, -2), weight, bias, "none", [], "")
    return rows.unflatten(0, input.shape[:-1])


class OneDNN(TorchFunctionMode):
    """While active, linear layers are computed by oneDNN."""

    def __torch_function__(
        self, func: Callable, types: Sequence[type], args: Tuple = (), kwargs: Optional[Dict[str, Any]] = None
    ) -> Any:
        if func is torch.nn.functional.linear:
            return linear(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


@cache
def is_quicker() -> bool:
    """Whether oneDNN multiplies at least GAIN times as quickly as torch's own BLAS; timed once a process.

    torch's builds for x86 bring Intel's MKL, which leaves half of an AMD processor's vector units idle.
    """
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    rows, width, outputs = SHAPE
    X, W, b = torch.ones(rows, width), torch.ones(outputs, width), torch.ones(outputs)
    with torch.inference_mode():
        return GAIN * time_call(linear, X, W, b) < time_call(torch.nn.functional.linear, X, W, b)


def time_call(run: Callable, *args: torch.Tensor) -> float:
    """The seconds of the quickest of some calls, after one that is not counted."""
    run(*args)
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        run(*args)
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def quick_linear(precision: str) -> ContextManager:
    """Compute linear layers in the way that is quickest on the device in use, where no gradients are wanted."""
    on_cpu = get_torch_default_device().type == "cpu"
    return OneDNN() if precision == "fp32" and on_cpu and is_quicker() else nullcontext()


def multiply(X: Floats2d, W: Floats2d, b: Floats1d) -> Floats2d:
    """Compute X @ W.T + b in fp32 in the quickest way. Shapes: (row, input), (output, input), (output,)."""
    with torch.inference_mode(), quick_linear("fp32"):
        return torch2xp(torch.nn.functional.linear(xp2torch(X), xp2torch(W), xp2torch(b)))
