"""Repeated, interleaved measurements of time, and what the kernel says of memory."""

import time
from collections import deque
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, Iterable, List, Mapping, Sequence

Row = Dict[str, Any]
Run = Callable[[Sequence[Any]], Any]  # does the work for some items
Times = Dict[str, List[float]]  # name of a run: seconds of each repeat


def clock(run: Callable[..., Any], *arguments: Any) -> float:
    """How many seconds a call takes."""
    begun = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - begun


def exhaust(stream: Iterable[Any]) -> None:
    """Take all of a stream and keep nothing."""
    deque(stream, maxlen=0)


def settle(run: Run, items: Sequence[Any]) -> Run:
    """The same work for these items, whichever it is called with."""
    return lambda _: run(items)


def interleave(runs: Mapping[str, Run], items: Sequence[Any], *, repeats: int, warm: Sequence[Any]) -> Times:
    """Time several runs on the same items, in turn: A B C, A B C, ... Each does the items of `warm` before, untimed."""
    for run in runs.values():
        run(warm)
    times: Times = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            times[name].append(clock(run, items))
    return times


def add_up(times: Times, names: Iterable[str]) -> List[float]:
    """The seconds of several runs one after the other, a number a repeat."""
    return [sum(row) for row in zip(*(times[name] for name in names))]


def compare(above: Sequence[float], below: Sequence[float], *, factor: float = 1.0) -> Row:
    """How many times longer one thing takes than another: the ratio of medians, and its spread over repeats."""
    ratios = [factor * a / b for a, b in zip(above, below)]
    return {
        "ratio": round(factor * median(above) / median(below), 4),
        "spread": [round(min(ratios), 4), round(max(ratios), 4)],
        "repeats": len(ratios),
    }


def describe(times: Times) -> Row:
    """The median, the least and the most seconds of each run."""
    return {
        name: {"median": round(median(found), 4), "min": round(min(found), 4), "max": round(max(found), 4)}
        for name, found in times.items()
    }


def read_memory(field: str) -> float:
    """A field of this process's status in MB: VmRSS, what it has in memory now, or VmHWM, the most it had."""
    for line in Path("/proc/self/status").read_text("utf8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"Expected {field} in /proc/self/status, found none: memory is measured on Linux only.")


def forget_peak() -> None:
    """Let VmHWM begin anew from what is in memory now."""
    Path("/proc/self/clear_refs").write_text("5", "utf8")
