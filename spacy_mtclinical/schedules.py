"""The order in which tasks take turns: an epoch ends when every batch of the largest task has been sampled.

A schedule yields steps; a step is a list of turns; a turn is a task and the indices of one batch of its
examples. Smaller tasks start again, reshuffled, when they run out (Algorithm 1 of Mulyar et al. 2020).
"""

import random
from typing import Callable, Dict, Iterator, List, Mapping, Tuple

Turn = Tuple[str, List[int]]
Step = List[Turn]


def count_batches(sizes: Mapping[str, int], batch_sizes: Mapping[str, int]) -> Dict[str, int]:
    """Count the batches of each task: task to examples, task to examples a batch."""
    return {task: -(-size // batch_sizes[task]) for task, size in sizes.items()}


def count_steps(name: str, sizes: Mapping[str, int], batch_sizes: Mapping[str, int]) -> int:
    """Count the steps of one epoch."""
    batches = count_batches(sizes, batch_sizes)
    if name == "loss_sum":
        return max(batches.values())
    return max(batches.values()) * len(batches) if name == "round_robin" else sum(batches.values())


def draw(size: int, batch_size: int, rng: random.Random) -> Iterator[List[int]]:
    """Yield batches of a task for ever, each pass over its examples in a new order."""
    while True:
        order = list(range(size))
        rng.shuffle(order)
        for start in range(0, size, batch_size):
            yield order[start : start + batch_size]


def rounds(sizes: Mapping[str, int], batch_sizes: Mapping[str, int], rng: random.Random) -> Iterator[Step]:
    """Yield rounds: one batch of each task, in the order of the tasks."""
    streams = {task: draw(size, batch_sizes[task], rng) for task, size in sizes.items()}
    for _ in range(max(count_batches(sizes, batch_sizes).values())):
        yield [(task, next(stream)) for task, stream in streams.items()]


def round_robin(sizes: Mapping[str, int], batch_sizes: Mapping[str, int], rng: random.Random, progress: float):
    """One step a turn, the tasks one after the other."""
    for turns in rounds(sizes, batch_sizes, rng):
        for turn in turns:
            yield [turn]


def loss_sum(sizes: Mapping[str, int], batch_sizes: Mapping[str, int], rng: random.Random, progress: float):
    """One step a round, on the sum of the losses of all tasks."""
    yield from rounds(sizes, batch_sizes, rng)


def proportional(sizes: Mapping[str, int], batch_sizes: Mapping[str, int], rng: random.Random, progress: float):
    """Every batch of every task once, in random order."""
    yield from sample(sizes, batch_sizes, rng, power=1.0)


def annealed(sizes: Mapping[str, int], batch_sizes: Mapping[str, int], rng: random.Random, progress: float):
    """As many steps as proportional; tasks drawn by their size to a power that falls from 1 to .2 over the run
    (Stickland and Murray 2019)."""
    yield from sample(sizes, batch_sizes, rng, power=1.0 - 0.8 * progress)


def sample(sizes: Mapping[str, int], batch_sizes: Mapping[str, int], rng: random.Random, *, power: float):
    """Draw turns in proportion to a power of the tasks' batches; at power 1 each batch comes exactly once."""
    batches = count_batches(sizes, batch_sizes)
    total = sum(batches.values())
    weights = {task: count**power for task, count in batches.items()}
    turns: List[str] = []
    exact = {task: total * weight / sum(weights.values()) for task, weight in weights.items()}
    shares = {task: int(share + 1e-9) for task, share in exact.items()}
    for task in sorted(exact, key=lambda task: shares[task] - exact[task])[: total - sum(shares.values())]:
        shares[task] += 1
    for task, share in shares.items():
        turns.extend([task] * share)
    rng.shuffle(turns)
    streams = {task: draw(size, batch_sizes[task], rng) for task, size in sizes.items()}
    for task in turns:
        yield [(task, next(streams[task]))]


Schedule = Callable[[Mapping[str, int], Mapping[str, int], random.Random, float], Iterator[Step]]
SCHEDULES: Dict[str, Schedule] = {
    "round_robin": round_robin,
    "proportional": proportional,
    "annealed": annealed,
    "loss_sum": loss_sum,
}
