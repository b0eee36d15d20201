"""The floor: the raw encoder on the windows of our pipeline, padded beforehand."""

from typing import Any, Dict, List, NamedTuple, Sequence

import torch
from thinc.api import get_torch_default_device
from transformers import AutoModel, AutoTokenizer

from spacy_mtclinical.windows import Window

from .bench import Bench
from .timing import clock

BUDGETS = (2048, 4096, 8192, 16384)  # positions a batch; on a GPU 8 times as many


class Batches(NamedTuple):
    """Windows sorted by length and padded. real: Their sub-words. positions: The same with padding."""

    inputs: List[Dict[str, torch.Tensor]]
    real: int
    positions: int


def load_raw(bench: Bench) -> Any:
    """Load the checkpoint as `transformers` does, on the device in use, its weights in the bench's precision."""
    dtype = {"fp32": torch.float32, "fp16": torch.float16}.get(bench.precision, torch.bfloat16)
    return AutoModel.from_pretrained(bench.encoder, torch_dtype=dtype).to(get_torch_default_device()).eval()


def pad_windows(bench: Bench, windows: Sequence[Window], budget: int) -> Batches:
    """Sort windows by length, batch them by a budget of positions, and pad them."""
    tokenizer = AutoTokenizer.from_pretrained(bench.encoder)
    order = sorted((window.ids.tolist() for window in windows), key=len, reverse=True)
    inputs, positions = [], 0
    while order:
        rows = max(1, budget // len(order[0]))
        batch = tokenizer.pad({"input_ids": order[:rows]}, return_tensors="pt")
        if "token_type_ids" in tokenizer.model_input_names:
            batch["token_type_ids"] = torch.zeros_like(batch["input_ids"])
        inputs.append({name: values.to(get_torch_default_device()) for name, values in batch.items()})
        positions += batch["input_ids"].numel()
        order = order[rows:]
    return Batches(inputs, sum(len(window.ids) for window in windows), positions)


def run_raw(model: Any, batches: Batches) -> None:
    """One forward pass for each batch, and nothing else."""
    with torch.inference_mode():
        for inputs in batches.inputs:
            model(**inputs)
        wait()


def wait() -> None:
    """Wait for the GPU, if there is one at work."""
    if get_torch_default_device().type == "cuda":
        torch.cuda.synchronize()


def choose_batches(bench: Bench, model: Any, windows: Sequence[Window]) -> Batches:
    """Take the budget with which the raw encoder is quickest, so that the floor is one."""
    scale = 8 if get_torch_default_device().type == "cuda" else 1
    choices = [pad_windows(bench, windows, scale * budget) for budget in BUDGETS]
    run_raw(model, choices[0])
    return min(choices, key=lambda batches: clock(run_raw, model, batches) / batches.positions)
