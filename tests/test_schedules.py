"""Schedules: every example is visited, rounds follow Algorithm 1, the same seed gives the same run."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.schedules import SCHEDULES, count_batches, count_steps

SIZES = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 60), min_size=1)


def run(name, sizes, batch, seed=0, progress=0.0):
    per_batch = {task: batch for task in sizes}
    return list(SCHEDULES[name](sizes, per_batch, random.Random(seed), progress)), per_batch


@given(SIZES, st.integers(1, 9), st.sampled_from(["round_robin", "loss_sum", "proportional"]))
def test_every_example_of_every_task_is_visited(sizes, batch, name):
    steps, _ = run(name, sizes, batch)
    seen = Counter((task, index) for step in steps for task, indices in step for index in indices)
    assert {key for key in seen} == {(task, index) for task, size in sizes.items() for index in range(size)}


@given(SIZES, st.integers(1, 9))
def test_rounds_follow_algorithm_1(sizes, batch):
    steps, per_batch = run("round_robin", sizes, batch)
    assert all(len(step) == 1 for step in steps)
    order = [task for step in steps for task, _ in step]
    rounds = max(count_batches(sizes, per_batch).values())
    assert order == list(sizes) * rounds
    largest = max(sizes, key=sizes.get)
    counts = Counter(index for step in steps for task, indices in step if task == largest for index in indices)
    assert set(counts.values()) == {1}


@given(SIZES, st.integers(1, 9))
def test_a_small_task_starts_again_in_another_order_when_it_runs_out(sizes, batch):
    steps, _ = run("loss_sum", sizes, batch)
    for task, size in sizes.items():
        visits = [index for step in steps for name, indices in step if name == task for index in indices]
        for start in range(0, len(visits) - size + 1, size):
            assert sorted(visits[start : start + size]) == list(range(size))


@pytest.mark.parametrize("name", SCHEDULES)
@given(sizes=SIZES, batch=st.integers(1, 9), seed=st.integers(0, 3))
def test_steps_are_counted_and_seeds_decide(name, sizes, batch, seed):
    steps, per_batch = run(name, sizes, batch, seed)
    assert len(steps) == count_steps(name, sizes, per_batch)
    assert steps == run(name, sizes, batch, seed)[0]


def test_annealing_ends_near_equal_shares():
    sizes = {"large": 1000, "small": 10}
    shares = []
    for progress in (0.0, 1.0):
        steps, _ = run("annealed", sizes, 10, progress=progress)
        shares.append(sum(task == "small" for step in steps for task, _ in step) / len(steps))
    assert shares[0] == pytest.approx(1 / 101)
    assert shares[1] == pytest.approx(1 / (1 + 100**0.2), abs=0.01)
