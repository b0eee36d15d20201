"""Learning curves of a task held back: from the plain encoder, and from the one that learnt all other tasks."""

import statistics
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from thinc.api import Config

from ..fingerprints import digest
from .courses import plan_epochs
from .drawing import Size
from .recipes import Recipes, Row
from .trials import MODEL, Suite, Trial, find_loads, make_suite, plan_trial

PLAIN, GROWN, OTHERS = "plain", "multitask", "others"
SHARES = (0.01, 0.05, 0.1, 0.25, 1.0)
SETTING = "components.mtclinical.model.init_from"
# Student's t for intervals of 95 %, by degrees of freedom.
QUANTILES = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
MOST_DRAWS = len(QUANTILES) + 1
Run = Callable[[List[Trial]], None]


class Study(NamedTuple):
    """What is asked.

    tasks: Held back, one after the other. shares: of their training documents. draws: of each share.
    size: The share of the other tasks' training documents. dev: documents to score on at most.
    epochs: Of the other tasks' training, and of each share; steps: of each share, at least so many.
    """

    config: Config
    corpus: Path
    out: Path
    tasks: List[str]
    shares: List[float]
    draws: int
    size: float
    dev: Optional[int]
    epochs: float
    steps: int


class Point(NamedTuple):
    """One training run on a share of a task's documents."""

    task: str
    share: float
    draw: int
    start: str
    trial: Trial


def study_tasks(study: Study, *, run: Run, notify: Callable[[str], None] = lambda message: None) -> List[Point]:
    """Train on all but each task, then on shares of it. RETURNS: The runs that are finished.

    RAISES: ValueError for a task without corpus or without others, a share that is none, or too many draws for an
        interval.
    """
    if not 1 <= study.draws <= MOST_DRAWS:
        raise ValueError(f"--draws expected 1 to {MOST_DRAWS}, got {study.draws}.")
    for share in study.shares:
        if not 0.0 < share <= 1.0:
            raise ValueError(f"--share expected a share above 0 and at most 1, got {share:g}.")
    others = {task: plan_others(study, task, notify=notify) for task in study.tasks}
    run(list(others.values()))
    points = [
        point
        for task in study.tasks
        for share in study.shares
        for draw in range(study.draws)
        for point in plan_points(study, task, share=share, draw=draw, grown=others[task])
    ]
    run([point.trial for point in points])
    return [point for point in points if point.trial.is_finished]


def plan_others(study: Study, task: str, *, notify: Callable[[str], None]) -> Trial:
    """Plan the run on all tasks but one."""
    config = study.config.copy()
    heads: Dict[str, Any] = config["components"]["mtclinical"]["model"]["heads"]
    if task not in heads:
        raise ValueError(f"Expected a task of the configuration ({', '.join(sorted(heads))}), got '{task}'.")
    rest = [name for name in heads if name != task]
    if not rest:
        raise ValueError(f"Expected a configuration with other tasks beside '{task}' to learn from, got none.")
    size = Size(study.size, study.dev, 0)
    suite = make_suite(
        config,
        study.corpus,
        study.out / task / OTHERS,
        recipes=make_recipes(study.epochs),
        size=size,
        tasks=rest,
        notify=notify,
    )
    return plan_trial(suite, make_row(OTHERS), seed=0)


def plan_points(study: Study, task: str, *, share: float, draw: int, grown: Trial) -> List[Point]:
    """Plan both runs on one draw of one share; the one that starts from the others' encoder once that is there."""
    folder = study.out / task / f"share-{share:g}-draw-{draw}"
    suite = make_suite(
        study.config,
        study.corpus,
        folder,
        recipes=make_recipes(1.0),
        size=Size(share, study.dev, draw),
        tasks=[task],
    )
    suite = lengthen(suite, epochs=study.epochs, steps=study.steps)
    points = [Point(task, share, draw, PLAIN, plan_trial(suite, make_row(PLAIN), seed=draw))]
    if grown.is_finished:
        suite.config["paths"]["init_from"] = str(grown.folder / MODEL)
        trial = plan_trial(suite, make_row(GROWN, {SETTING: "${paths.init_from}"}), seed=draw)
        trial = trial._replace(inputs={**trial.inputs, "init_from": digest(grown.settings)})
        points.append(Point(task, share, draw, GROWN, trial))
    return points


def lengthen(suite: Suite, *, epochs: float, steps: int) -> Suite:
    """Train for so many epochs, and for so many steps at least."""
    epochs = max(epochs, steps / suite.reference.steps)
    plain = suite.config.interpolate()
    loads = find_loads(plain, suite.tasks, suite.loads)
    return suite._replace(reference=plan_epochs(plain, loads, epochs=epochs))


def make_recipes(epochs: float) -> Recipes:
    """Every run of the study is the configuration as it is."""
    return Recipes(epochs, warmup=0.1, evaluations=1, settings={}, single=make_row(PLAIN), rows={})


def make_row(name: str, settings: Optional[Dict[str, Any]] = None) -> Row:
    """A row of that name."""
    return Row(name, name, settings or {}, [], 1.0, False)


def tabulate(points: Sequence[Point]) -> Dict[str, Any]:
    """Gather the curves.

    RETURNS: JSON values: for each task and share the scores of both starts, a draw each, their means with intervals,
        and those of the difference, draw by draw.
    """
    table: Dict[str, Any] = {}
    for task in sorted({point.task for point in points}):
        own = [point for point in points if point.task == task]
        metric = own[0].trial.result["scores"][task]["metric"]
        rows = []
        for share in sorted({point.share for point in own}):
            at = [point for point in own if point.share == share]
            found: Dict[str, Dict[int, float]] = {PLAIN: {}, GROWN: {}}
            for point in at:
                score = point.trial.result["scores"][task]["score"]
                if score is not None:
                    found[point.start][point.draw] = score
            both = sorted(set(found[PLAIN]) & set(found[GROWN]))
            rows.append(
                {
                    "share": share,
                    "steps": max(point.trial.course.steps for point in at),
                    **{start: describe(list(scores.values())) for start, scores in found.items()},
                    "gain": describe([found[GROWN][draw] - found[PLAIN][draw] for draw in both]),
                }
            )
        table[task] = {"metric": metric, "rows": rows}
    return table


def describe(values: Sequence[float]) -> Dict[str, Any]:
    """Values, their mean, and its interval over draws, by Student's t; no interval of fewer than two."""
    if not values:
        return {"values": [], "mean": None, "interval": None}
    mean = statistics.fmean(values)
    interval = None
    if len(values) > 1:
        half = QUANTILES[len(values) - 2] * statistics.stdev(values) / len(values) ** 0.5
        interval = [mean - half, mean + half]
    return {"values": list(values), "mean": mean, "interval": interval}


def format_curves(table: Dict[str, Any]) -> List[str]:
    """Lay out the curves for a person, in points."""
    lines = []
    for task, found in table.items():
        lines.append(f"{task} ({found['metric']})")
        lines.append(f"{'share':>7}  {'steps':>6}  {PLAIN:>22}  {GROWN:>22}  {'gain':>22}")
        for row in found["rows"]:
            cells = [tell(row[key], signed=key == "gain") for key in (PLAIN, GROWN, "gain")]
            lines.append(f"{row['share']:>7.0%}  {row['steps']:>6}  " + "  ".join(f"{cell:>22}" for cell in cells))
        at = [row for row in found["rows"] if row["gain"]["mean"] is not None]
        wins = [f"{row['share']:.0%}" for row in at if row["gain"]["mean"] > 0]
        lines.append(f"the multitask encoder is ahead at: {', '.join(wins) or 'no share'}")
    return lines


def tell(found: Dict[str, Any], *, signed: bool) -> str:
    """A mean and its interval in points."""
    if found["mean"] is None:
        return "-"
    form = "+.1f" if signed else ".1f"
    ends = "" if found["interval"] is None else " [{:.1f}, {:.1f}]".format(*(100 * end for end in found["interval"]))
    return f"{100 * found['mean']:{form}}{ends}"


def list_curves(found: Dict[str, Any]) -> Dict[str, List[Tuple[float, float, Optional[List[float]]]]]:
    """The curves of one task: start to (share, mean, interval)."""
    return {
        start: [
            (row["share"], row[start]["mean"], row[start]["interval"])
            for row in found["rows"]
            if row[start]["mean"] is not None
        ]
        for start in (PLAIN, GROWN)
    }
