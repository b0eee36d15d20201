"""Recipes: the rows of a comparison, each a few changes to one training configuration."""

import copy
import re
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from thinc.api import Config

SINGLE = "single_task"
NAME = re.compile(r"[A-Za-z0-9_-]+")
RATE = ("training", "optimizer")
KEYS = {"what", "set", "rates", "reads", "teachers", "average"}


class Row(NamedTuple):
    """A row of the comparison.

    what: One line for the reader of the table.
    settings: Dotted keys of the configuration and their values.
    rates: Learning rates to try, the best on dev being taken; empty for the configuration's own.
    reads: How much text it is trained on; 1.0 is what every row reads.
    teachers: Whether [paths.teachers] shall name the single-task models, a folder a task.
    average: Runs, alike but for the order of the batches, the mean of whose weights is scored.
    """

    name: str
    what: str
    settings: Dict[str, Any]
    rates: List[float]
    reads: float
    teachers: bool
    average: int = 1


class Recipes(NamedTuple):
    """A file of recipes.

    epochs: Epochs of round robin under the configuration as it is; every row reads as much text as they do.
    warmup: Share of the steps over which the rate rises, where the configuration has a schedule with warm-up.
    evaluations: Evaluations on dev while training, among which the best weights are kept.
    settings: Changes for every row and for the single-task models.
    single: The single-task models. rows: The multitask rows, by name.
    """

    epochs: float
    warmup: float
    evaluations: int
    settings: Dict[str, Any]
    single: Row
    rows: Dict[str, Row]


def read_recipes(path: Path) -> Recipes:
    """Read a file of recipes.

    RAISES: ValueError for a section or key that is missing or unknown, or a name that no folder can have.
    """
    raw = Config().from_disk(path, interpolate=False)
    unknown = sorted(set(raw) - {"every", "single_task", "rows"})
    every = raw.get("every", {})
    unknown += sorted(set(every) - {"epochs", "warmup", "evaluations", "set"})
    if unknown or not raw.get("rows"):
        got = f"unknown: {', '.join(unknown)}" if unknown else "no row"
        raise ValueError(f"{path}: expected sections [every], [{SINGLE}] and [rows.NAME], got {got}. Mend the file.")
    rows = {name: read_row(name, section, path=path) for name, section in raw["rows"].items()}
    return Recipes(
        epochs=float(every.get("epochs", 3.0)),
        warmup=float(every.get("warmup", 0.1)),
        evaluations=int(every.get("evaluations", 1)),
        settings=dict(every.get("set", {})),
        single=read_row(SINGLE, raw.get(SINGLE, {}), path=path, reserved=True),
        rows=rows,
    )


def read_row(name: str, section: Dict[str, Any], *, path: Path, reserved: bool = False) -> Row:
    """Read one row."""
    unknown = sorted(set(section) - KEYS)
    if unknown:
        raise ValueError(f"{path}: the row '{name}' has {', '.join(unknown)}, expected some of {sorted(KEYS)}.")
    if not NAME.fullmatch(name) or (name == SINGLE and not reserved):
        raise ValueError(f"{path}: the name of a row expected letters, digits, _ and -, not '{SINGLE}', got '{name}'.")
    return Row(
        name=name,
        what=str(section.get("what", name)),
        settings=dict(section.get("set", {})),
        rates=[float(rate) for rate in section.get("rates", [])],
        reads=float(section.get("reads", 1.0)),
        teachers=bool(section.get("teachers", False)),
        average=int(section.get("average", 1)),
    )


def pick_rows(recipes: Recipes, names: Optional[List[str]]) -> List[Row]:
    """The rows of these names, all if None. RAISES: ValueError for a name that is none."""
    unknown = sorted(set(names or ()) - set(recipes.rows))
    if unknown:
        raise ValueError(f"Expected rows among {', '.join(recipes.rows)}, got {', '.join(unknown)}.")
    return [row for name, row in recipes.rows.items() if not names or name in names]


def change(config: Config, settings: Dict[str, Any]) -> None:
    """Set dotted keys of a configuration, in place.

    RAISES: ValueError for a key in a section that is not there.
    """
    for key, value in settings.items():
        *sections, last = key.split(".")
        place: Any = config
        for section in sections:
            place = place.get(section) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            raise ValueError(f"A recipe sets '{key}', but the configuration has no section [{'.'.join(sections)}].")
        place[last] = copy.deepcopy(value)


def set_rate(config: Config, rate: float) -> None:
    """Set the learning rate: the number, or the first rate of the schedule.

    RAISES: ValueError for a schedule without initial_rate.
    """
    optimizer: Any = config
    for section in RATE:
        optimizer = optimizer[section]
    if not isinstance(optimizer["learn_rate"], dict):
        optimizer["learn_rate"] = rate
    elif "initial_rate" in optimizer["learn_rate"]:
        optimizer["learn_rate"]["initial_rate"] = rate
    else:
        raise ValueError(
            "[training.optimizer.learn_rate] expected a number, or a schedule with initial_rate, to try "
            f"learning rates with; got {optimizer['learn_rate'].get('@schedules')}. Leave `rates` out of the recipe."
        )


def set_warmup(config: Config, *, share: float, steps: int) -> None:
    """Let the rate rise over a share of the steps, where the configuration has a schedule that does."""
    rate = config["training"]["optimizer"]["learn_rate"]
    if isinstance(rate, dict) and "warmup_steps" in rate:
        rate["warmup_steps"] = max(1, round(share * steps))
