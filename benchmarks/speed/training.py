"""A training step under spaCy's training loop against a plain PyTorch step on the same batch."""

from itertools import count
from statistics import median
from typing import Any, Callable, Dict, Iterator, List, Tuple

import torch
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.loop import train_while_improving
from thinc.api import get_torch_default_device
from transformers import AutoModel

from spacy_mtclinical.corpus import copy_words
from spacy_mtclinical.documents import TASK
from spacy_mtclinical.encoder import has_bf16_units
from spacy_mtclinical.excerpts import cut_notes
from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.pretrained import get_shim

from .bench import Bench
from .checkpoints import get_component
from .floor import wait
from .pipelines import make_ours
from .timing import Row, compare, describe, interleave

WINDOWS = 25  # a batch, as in the paper
RATE, DECAY, CLIP, DROPOUT = 2e-4, 0.01, 1.0, 0.1
Inputs = Dict[str, torch.Tensor]


def measure_training(bench: Bench) -> Dict[str, Row]:
    """One step each, in turn, in fp32, and in mixed precision where the device computes in it."""
    rows = {"train_step": compare_steps(bench, mixed=False)}
    if has_bf16_units() or get_torch_default_device().type == "cuda":
        rows["train_step_mixed"] = compare_steps(bench, mixed=True)
    return rows


def compare_steps(bench: Bench, *, mixed: bool) -> Row:
    nlp = make_ours(bench, bench.entities, mixed_precision=mixed, attention_dropout=0.0)
    task, gold = make_gold(nlp, bench)
    pipe = get_component(nlp)
    calls = watch_inputs(get_shim(pipe.model.get_ref("encoder"))._model)
    optimizer = build_adamw_v1(RATE, decay=DECAY, clip=CLIP)
    loop = train_while_improving(
        nlp,
        optimizer,
        repeat_batch(gold),
        lambda: (0.0, {}),
        dropout=DROPOUT,
        eval_frequency=10**9,
        accumulate_gradient=1,
        patience=0,
        max_steps=0,
        exclude=[],
        annotating_components=[],
        before_update=None,
    )
    next(loop)
    inputs = list(calls)
    step = make_step(bench, inputs, outputs=len(pipe.label_data[task]) * 2 + 1, mixed=mixed)

    def take_step(_: Any) -> None:
        next(loop)
        wait()

    runs = {"spacy": take_step, "plain": lambda _: step()}
    times = interleave(runs, (), repeats=2 * bench.repeats, warm=())
    return {
        **compare(times["spacy"], times["plain"]),
        "windows": len(gold),
        "calls_of_the_encoder": [list(part["input_ids"].shape) for part in inputs],
        "padding": round(1 - sum(int(p["attention_mask"].sum()) for p in inputs) / count_positions(inputs), 4),
        "positions_per_second": round(count_positions(inputs) / median(times["spacy"])),
        "mixed_precision": mixed,
        "seconds": describe(times),
        "warm_up": "2 steps of ours, 1 plain step",
    }


def count_positions(inputs: List[Inputs]) -> int:
    return sum(part["input_ids"].numel() for part in inputs)


def make_gold(nlp: Any, bench: Bench) -> Tuple[str, List[Doc]]:
    """Cut notes into training windows, with what the first flat head finds for gold. RETURNS: Its task, and they."""
    task = next(head.task for head in bench.entities if not head.config.get("nested"))
    encoder = get_component(nlp).model.get_ref("encoder")
    cutter = encoder.attrs["get_cutter"](encoder)._replace(context=0)
    gold = list(cut_notes(list(nlp.pipe(bench.notes[:WINDOWS])), task, cutter))[:WINDOWS]
    for doc in gold:
        doc.user_data[TASK] = task
    return task, gold


def repeat_batch(gold: List[Doc]) -> Iterator[Tuple[int, List[Example]]]:
    """The same batch for ever, each time made as the corpus reader makes examples."""
    for _ in count():
        copies = [doc.copy() for doc in gold]
        yield 0, [Example(copy_words(doc), doc) for doc in copies]


def watch_inputs(transformer: Any) -> List[Inputs]:
    """A list to which the inputs of each training call of a checkpoint are added, the last step's only."""
    calls: List[Inputs] = []

    def keep(module: Any, args: Any, kwargs: Inputs) -> None:
        if module.training and len(calls) < WINDOWS:
            calls.append({name: value.detach().clone() for name, value in kwargs.items()})

    transformer.register_forward_pre_hook(keep, with_kwargs=True)
    return calls


def make_step(bench: Bench, inputs: List[Inputs], *, outputs: int, mixed: bool) -> Callable[[], None]:
    """Make a step as one writes it in PyTorch: the same padded inputs, fused AdamW, one clipped gradient."""
    device = get_torch_default_device()
    encoder = AutoModel.from_pretrained(bench.encoder, attention_probs_dropout_prob=0.0).to(device).train()
    head = torch.nn.Sequential(torch.nn.Dropout(DROPOUT), torch.nn.Linear(encoder.config.hidden_size, outputs))
    head.to(device).train()
    parameters = [*encoder.parameters(), *head.parameters()]
    adamw = torch.optim.AdamW(parameters, lr=RATE, weight_decay=DECAY, fused=True)
    tags = [torch.where(p["attention_mask"] > 0, p["input_ids"] % outputs, -100).flatten() for p in inputs]
    n_pieces = sum(int((part >= 0).sum()) for part in tags)

    def step() -> None:
        for part, truths in zip(inputs, tags):
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=mixed):
                scores = head(encoder(**part).last_hidden_state).flatten(0, 1)
                loss = torch.nn.functional.cross_entropy(scores, truths, reduction="sum") / n_pieces
            loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        adamw.step()
        adamw.zero_grad(set_to_none=True)
        wait()

    return step
