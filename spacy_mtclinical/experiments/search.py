"""The learning rate of each recipe, chosen on dev by its first seed, and then the other seeds."""

from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .recipes import Row
from .trials import Suite, Trial, find_differences, find_seeds, plan_trial

Run = Callable[[List[Trial]], None]
Wanted = Tuple[Row, Optional[str]]  # a row, and the task of a single-task model


class Entry(NamedTuple):
    """A recipe with its learning rate chosen. trials: finished, a seed each; tried: learning rate to mean score."""

    row: Row
    task: Optional[str]
    rate: Optional[float]
    trials: List[Trial]
    tried: Dict[str, float]


def only_read(trials: List[Trial]) -> None:
    """Run nothing."""


def search(
    suite: Suite,
    wanted: Sequence[Wanted],
    *,
    seeds: int,
    run: Run,
    teachers: Optional[Dict[str, Trial]] = None,
    notify: Callable[[str], None] = lambda message: None,
) -> List[Entry]:
    """Run what is wanted, or read what of it is finished, also with further seeds.

    seeds: 0, 1, ... so many; the first chooses among the rates.
    run: Gets all trials of a stage, see `running.run_trials`.
    RETURNS: An entry for each recipe of which something is finished with the settings asked for.
    """
    first = []
    for row, task in wanted:
        rates: List[Optional[float]] = [*row.rates] or [None]
        first.append([plan_trial(suite, row, task=task, rate=rate, seed=0, teachers=teachers) for rate in rates])
    run([trial for trials in first for trial in trials])
    entries = []
    more = []
    for (row, task), trials in zip(wanted, first):
        usable = [trial for trial in trials if is_usable(trial, notify)]
        if not usable:
            continue
        best = max(usable, key=lambda trial: trial.result["mean"])
        tried = {str(trial.rate): trial.result["mean"] for trial in usable if trial.rate is not None}
        entries.append(Entry(row, task, best.rate, [best], tried))
        others = sorted({*range(1, seeds), *find_seeds(suite, row.name, best.rate, task)} - {best.seed})
        more.append(
            [plan_trial(suite, row, task=task, rate=best.rate, seed=seed, teachers=teachers) for seed in others]
        )
    run([trial for rest in more for trial in rest if trial.seed < seeds])
    for entry, rest in zip(entries, more):
        entry.trials.extend(trial for trial in rest if is_usable(trial, notify))
    return entries


def is_usable(trial: Trial, notify: Callable[[str], None]) -> bool:
    """Whether a trial is finished with the settings asked for; where they differ, that is told."""
    if not trial.is_finished:
        return False
    differences = find_differences(trial)
    if differences:
        notify(f"left out of the table: {trial.name}, which was run with other settings ({differences[0]})")
    return not differences


def find_teachers(entries: Sequence[Entry]) -> Dict[str, Trial]:
    """The single-task models that teach: of the rate chosen, the first seed."""
    return {str(entry.task): entry.trials[0] for entry in entries}
