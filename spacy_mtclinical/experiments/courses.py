"""How long each recipe trains, so that every row reads as much text: counted in sub-words, not in steps."""

import random
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional

import spacy
from spacy.tokens import Doc
from thinc.api import Config

from ..corpus import choose_batch_sizes, read_windows
from ..schedules import SCHEDULES, count_steps
from ..windows import make_cutter


class Load(NamedTuple):
    """The training windows of a task. subwords: of all its windows together; first: one of them."""

    windows: int
    subwords: int
    first: Doc


class Course(NamedTuple):
    """How long to train, and what is read on the way. passes: how often each task's text is read."""

    epochs: int
    steps: int
    subwords: float
    windows: Dict[str, int]
    passes: Dict[str, float]


def measure_loads(corpus: Path, encoder: str, *, tasks: List[str], window: int) -> Dict[str, Load]:
    """Count the training windows of each task, and their sub-words."""
    from transformers import AutoTokenizer

    found = read_windows(spacy.blank("xx").vocab, corpus, encoder, tasks=tasks, split="train", window=window)
    cutter = make_cutter(AutoTokenizer.from_pretrained(encoder), window=window, context=0)
    return {
        task: Load(len(docs), sum(len(pieces.ids) for pieces in cutter.cut(docs)), docs[0])
        for task, docs in found.items()
    }


def batch_sizes_of(train: Mapping[str, Any], loads: Mapping[str, Load]) -> Dict[str, int]:
    """The windows a batch of each task, under a section [corpora.train]."""
    firsts = {task: [load.first] for task, load in loads.items()}
    return choose_batch_sizes(
        firsts, train.get("note_batch", 25), train.get("pair_batch", 40), train.get("batch_sizes") or {}
    )


def plan_epochs(config: Config, loads: Mapping[str, Load], *, epochs: float) -> Course:
    """What so many epochs read under a configuration."""
    train = config["corpora"]["train"]
    per_batch = batch_sizes_of(train, loads)
    schedule = train.get("schedule", "round_robin")
    sizes = {task: load.windows for task, load in loads.items()}
    steps = max(1, round(epochs * count_steps(schedule, sizes, per_batch)))
    whole = max(1, -int(-epochs // 1))
    return follow(schedule, loads, per_batch, epochs=whole, steps=steps)


def plan_subwords(config: Config, loads: Mapping[str, Load], *, subwords: float) -> Course:
    """How long a configuration has to train to read so many sub-words, to the nearest step."""
    train = config["corpora"]["train"]
    per_batch = batch_sizes_of(train, loads)
    schedule = train.get("schedule", "round_robin")
    per_epoch = count_steps(schedule, {task: load.windows for task, load in loads.items()}, per_batch)
    epochs = 1
    while True:  # not in one go: what an epoch of `annealed` reads differs with their number
        course = follow(schedule, loads, per_batch, epochs=epochs, subwords=subwords)
        if course.steps < epochs * per_epoch or course.subwords >= subwords * (1 - 1e-9):
            return course
        epochs += 1


def follow(
    schedule: str,
    loads: Mapping[str, Load],
    per_batch: Mapping[str, int],
    *,
    epochs: int,
    steps: Optional[int] = None,
    subwords: Optional[float] = None,
) -> Course:
    """Follow a schedule to the end of its epochs, so many steps, or the step nearest to so many sub-words."""
    means = {task: load.subwords / load.windows for task, load in loads.items()}
    windows = dict.fromkeys(loads, 0)
    total = 0.0
    taken = 0
    for step in walk(schedule, loads, per_batch, epochs=epochs):
        added = sum(n * means[task] for task, n in step.items())
        if taken == steps or (subwords is not None and taken and total + added / 2 > subwords):
            break
        for task, n in step.items():
            windows[task] += n
        total += added
        taken += 1
    passes = {task: windows[task] / load.windows for task, load in loads.items()}
    return Course(epochs, taken, total, windows, passes)


def walk(
    schedule: str, loads: Mapping[str, Load], per_batch: Mapping[str, int], *, epochs: int
) -> Iterator[Dict[str, int]]:
    """The windows of each step, task by task."""
    sizes = {task: load.windows for task, load in loads.items()}
    for epoch in range(epochs):
        rng = random.Random(f"{epoch}")
        for turns in SCHEDULES[schedule](sizes, per_batch, rng, min(1.0, epoch / max(1, epochs - 1))):
            yield {task: len(indices) for task, indices in turns}
