"""Linear layers through oneDNN, for processors on which torch's own BLAS is slow in fp32."""

import platform
from contextlib import nullcontext
from functools import cache
from typing import Any, Callable, ContextManager, Dict, Optional, Sequence, Tuple

import torch
from thinc.api import get_torch_default_device, torch2xp, xp2torch
from torch.overrides import TorchFunctionMode

from .arrays import Floats1d, Floats2d

BLOCK = 256  # rows of a product by each thread: a kernel for a new shape takes longer to make than the product


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
    """Whether the machine has an AMD processor with AVX512 and torch multiplies by Intel's MKL, as its x86 builds do.

    MKL leaves half of such a processor's vector units idle: the same product takes it twice as long as oneDNN. The rule
    goes by the machine and not by a clock, so that every process of a machine gives the same answers to the last bit.
    """
    if not torch.backends.mkl.is_available() or not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    return torch.backends.cpu.get_cpu_capability() == "AVX512" and "AuthenticAMD" in name_vendor()


def name_vendor() -> str:
    """What the system says of the processor's maker, among other things."""
    try:
        with open("/proc/cpuinfo", encoding="utf8", errors="replace") as file:
            return file.read(4096)
    except OSError:
        return platform.processor()


def quick_linear(precision: str) -> ContextManager:
    """Compute linear layers in the way that is quickest on the device in use, where no gradients are wanted."""
    return OneDNN() if precision == "fp32" and is_taken() else nullcontext()


def is_taken() -> bool:
    """Whether fp32 goes through oneDNN on the device in use."""
    return get_torch_default_device().type == "cpu" and is_quicker()


def multiply(X: Floats2d, W: Floats2d, b: Floats1d) -> Floats2d:
    """Compute X @ W.T + b in fp32 in the quickest way. Shapes: (row, input), (output, input), (output,)."""
    with torch.inference_mode():
        rows, weights, biases = xp2torch(X), xp2torch(W), xp2torch(b)
        if not is_taken():
            return torch2xp(torch.nn.functional.linear(rows, weights, biases))
        size = BLOCK * torch.get_num_threads()
        products = rows.new_empty(len(rows), len(weights))
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            whole = block if len(block) == size else torch.nn.functional.pad(block, (0, 0, 0, size - len(block)))
            products[start : start + size] = linear(whole, weights, biases)[: len(block)]
        return torch2xp(products)
