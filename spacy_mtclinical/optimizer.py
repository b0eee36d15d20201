"""AdamW by torch's fused kernel, as a thinc optimizer: the same rule, a fraction of the time."""

from typing import Any, Dict, Mapping, Tuple

import torch
from thinc.api import Optimizer, get_torch_default_device, xp2torch

from .arrays import Array

SMALLEST = 1e-12  # norm of a gradient; a smaller one stays small


class FusedAdamW(Optimizer):
    """Steps parameters in place, with one torch optimizer a parameter that shares its memory."""

    def __init__(
        self,
        learn_rate: Any,
        *,
        beta1: float,
        beta2: float,
        eps: float,
        decay: float,
        clip: float,
        normalize: bool = False,
    ):
        """See `build_adamw_v1`."""
        super().__init__(learn_rate, L2=decay, beta1=beta1, beta2=beta2, eps=eps, grad_clip=clip, use_averages=False)
        self.normalize = normalize
        self.stepped: Dict[Tuple[int, str], torch.optim.AdamW] = {}

    def __call__(
        self, key: Tuple[int, str], weights: Array, gradient: Array, *, lr_scale: float = 1.0
    ) -> Tuple[Array, Array]:
        """Move the weights and clear the gradient, both in place."""
        parameter = torch.nn.Parameter(xp2torch(weights))
        if parameter.data_ptr() == 0 or not parameter.numel():
            return weights, gradient
        parameter.grad = xp2torch(gradient)
        if self.normalize:
            parameter.grad *= self.grad_clip / parameter.grad.norm().clamp(min=SMALLEST)
        elif self.grad_clip:
            torch.nn.utils.clip_grad_norm_([parameter], self.grad_clip)
        if key not in self.stepped:
            self.stepped[key] = self._make(parameter)
        adamw = self.stepped[key]
        self._hand_over(adamw, parameter)
        group = adamw.param_groups[0]
        group["lr"] = self.learn_rate * lr_scale
        group["weight_decay"] = self.L2 if weights.ndim > 1 else 0.0
        adamw.step()
        parameter.grad.zero_()
        return weights, gradient

    def get_moments(self) -> Dict[Tuple[int, str], Dict[str, torch.Tensor]]:
        """Tell what is remembered of each parameter: the steps that it took, and its two moments."""
        found = {}
        for key, adamw in self.stepped.items():
            (found[key],) = adamw.state.values()
        return found

    def set_moments(self, found: Mapping[Tuple[int, str], Mapping[str, torch.Tensor]]) -> None:
        """Take over what another optimizer remembered."""
        for key, state in found.items():
            here = {name: value.to(get_torch_default_device()) for name, value in state.items()}
            parameter = torch.nn.Parameter(torch.empty_like(here["exp_avg"]))
            self.stepped[key] = self._make(parameter)
            self.stepped[key].state[parameter] = here

    def _make(self, parameter: torch.nn.Parameter) -> torch.optim.AdamW:
        return torch.optim.AdamW([parameter], betas=(self.b1, self.b2), eps=self.eps, fused=True)

    def _hand_over(self, adamw: torch.optim.AdamW, parameter: torch.nn.Parameter) -> None:
        # thinc hands over a fresh array each time, which may lie elsewhere; the moments belong to the key.
        old = adamw.param_groups[0]["params"][0]
        if old is not parameter:
            adamw.param_groups[0]["params"] = [parameter]
            if old in adamw.state:
                adamw.state[parameter] = adamw.state.pop(old)


def build_adamw_v1(
    learn_rate: Any,
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    decay: float = 0.01,
    clip: float = 1.0,
    normalize: bool = False,
) -> Optimizer:
    """Build AdamW (Loshchilov and Hutter 2019).

    learn_rate: A number, or a schedule of numbers.
    decay: Weight decay, for parameters of two axes or more; biases and normalisation are left alone.
    clip: The largest norm of one parameter's gradient; 0 for no limit.
    normalize: Scale smaller gradients up to that norm, too. Tasks share the moments, in which one whose gradients are
        small would count for little.
    RAISES: ValueError for normalize without a norm.
    """
    if normalize and not clip:
        raise ValueError("AdamW.v1 expected a norm above 0 to normalize to, got clip = 0. Mend the config.")
    return FusedAdamW(learn_rate, beta1=beta1, beta2=beta2, eps=eps, decay=decay, clip=clip, normalize=normalize)
