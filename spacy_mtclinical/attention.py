"""Attention by matrix products, for training in bfloat16 on CPUs, where torch's fused kernel is slow backwards."""

from contextlib import nullcontext
from typing import Any, Callable, ContextManager, Dict, Optional, Sequence, Tuple

import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

LONGEST = 384  # keys; with 512 the scores of a batch no longer fit the caches, and nothing is won


def attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: Optional[torch.Tensor], scale: float
) -> torch.Tensor:
    """Compute softmax(query @ key.T * scale + mask) @ value.

    query, key, value: Shape (window, head, position, width).
    mask: What is added to the scores, or whether a key is seen; of a shape that fits (window, head, query, key).
    """
    scores = (query * scale) @ key.transpose(-1, -2)
    if mask is not None:
        if mask.dtype == torch.bool:
            mask = torch.zeros_like(mask, dtype=scores.dtype).masked_fill_(~mask, -torch.inf)
        # Finite in the precision of the scores: a position that sees nothing would otherwise be no number.
        scores = scores + mask.to(scores.dtype).clamp(min=torch.finfo(scores.dtype).min)
    return torch.softmax(scores, dim=-1) @ value


class PlainAttention(TorchFunctionMode):
    """While active, attention over few keys is computed by `attend`."""

    def __torch_function__(
        self, func: Callable, types: Sequence[type], args: Tuple = (), kwargs: Optional[Dict[str, Any]] = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is scaled_dot_product_attention:
            return attend_to_few(*args, **kwargs)
        return func(*args, **kwargs)


def attend_to_few(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: Optional[torch.Tensor] = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: Optional[float] = None,
    **other: Any,
) -> torch.Tensor:
    """Compute `scaled_dot_product_attention`, by `attend` where that is quicker."""
    if dropout_p or is_causal or any(other.values()) or key.shape[-2] > LONGEST:
        return scaled_dot_product_attention(
            query, key, value, attn_mask=attn_mask, dropout_p=dropout_p, is_causal=is_causal, scale=scale, **other
        )
    return attend(query, key, value, attn_mask, query.shape[-1] ** -0.5 if scale is None else scale)


def quick_attention(precision: str) -> ContextManager:
    """Compute attention in the way that trains quickest on a CPU. precision: "bf16", or "fp32", which stays as it is.

    Forward and back, torch's kernel takes 1.5 (10 windows of 256 sub-words) to 8 times (48 of 32) as long in bfloat16,
    where its fp32 one is the quicker of the two.
    """
    return PlainAttention() if precision == "bf16" else nullcontext()
