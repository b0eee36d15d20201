"""The comparison: a row a recipe, its score on each task, and the gaps of the best one to the single-task models."""

from typing import Any, Dict, List, Optional, Sequence

from ..scoring.intervals import CONFIDENCE, DRAWS
from .intervals import Resampled, average, average_tasks, read_resampled, scale, subtract
from .recipes import SINGLE, Recipes
from .search import Entry
from .trials import RESAMPLED, Suite, Trial

POINTS = 100.0
HIGH = 0.98  # a single-task score on dev above which little can be told
Draws = Dict[str, Optional[Resampled]]
NOTES = [
    "Scores are means over seeds, on dev; learning rates, and the best row, were chosen on the same dev.",
    "Every row reads as much training text, counted in sub-words; a single-task model reads as much of its task as "
    "round robin does. `reads` of a row says where that is not so, and `average` where it is the mean of so many runs "
    "that read as much each; steps and passes are with each row.",
    f"Intervals: {CONFIDENCE:g} %, from {DRAWS:,} draws of the dev documents (BCa), the same draws for both sides of a "
    "gap; they do not hold what another seed would change.",
]


def make_table(suite: Suite, single: Sequence[Entry], rows: Sequence[Entry], *, epochs: float) -> Dict[str, Any]:
    """Make the comparison of what is finished.

    single: An entry a task. rows: Multitask entries.
    RETURNS: JSON values: scores from 0 to 1, gaps in points from 0 to 100.
    """
    found = []
    draws: Dict[str, Draws] = {}
    if single:
        row, draws[SINGLE] = describe_single(single, suite.recipes, suite.tasks)
        found.append(row)
    for entry in rows:
        row, draws[entry.row.name] = describe_row(entry, suite.tasks)
        found.append(row)
    metrics = {task: row["metrics"][task] for row in found for task in row["metrics"]}
    base = found[0]["scores"] if single else {}
    for row in found:
        if row["name"] != SINGLE:
            row.update(find_gaps(row["scores"], base, draws[row["name"]], draws.get(SINGLE, {})))
    multitask = [row for row in found if row["name"] != SINGLE and row["mean"] is not None]
    best = max(multitask, key=lambda row: row["mean"]) if multitask else None
    missing = [task for task in suite.tasks if task not in base]
    empty: Dict[str, Any] = {"gaps": {}, "gap_intervals": {}, "mean_gap": None, "mean_gap_interval": None}
    gaps = {key: best[key] for key in empty} if best else empty
    return {
        "tasks": [{"name": task, "metric": metrics.get(task)} for task in suite.tasks],
        "rows": found,
        "best": best["name"] if best else None,
        **gaps,
        "epochs": epochs,
        "notes": [*NOTES, *name_easy(base), *name_missing(missing if single else [])],
        "scale": {"scores": 1, "gaps": 100},
        "hardware": list_hardware([trial for entry in [*single, *rows] for trial in entry.trials]),
    }


def describe_row(entry: Entry, tasks: Sequence[str]) -> Any:
    """One multitask row, and its score on each draw of documents."""
    results = [trial.result for trial in entry.trials]
    scores, draws, metrics = {}, {}, {}
    for task in tasks:
        scores[task], draws[task] = describe_scores(entry.trials, task)
        metrics[task] = results[0]["scores"][task]["metric"]
    course = entry.trials[0].course
    row = {
        "name": entry.row.name,
        "what": entry.row.what,
        "scores": scores,
        "metrics": metrics,
        "mean": mean([found["score"] for found in scores.values()]),
        "parameters": results[0]["parameters"],
        "seconds": mean([result["seconds"]["training"] for result in results]),
        "seeds": [trial.seed for trial in entry.trials],
        "rate": entry.rate,
        "rates": entry.tried,
        "reads": entry.row.reads,
        "average": entry.row.average,
        "runs": average_runs([run for result in results for run in result.get("runs", ())], tasks),
        "steps": course.steps,
        "subwords": round(course.subwords),
        "passes": {task: round(value, 2) for task, value in course.passes.items()},
        "model": str(entry.trials[0].folder),
    }
    return row, draws


def describe_single(entries: Sequence[Entry], recipes: Recipes, tasks: Sequence[str]) -> Any:
    """The single-task models as one row; what they cost is summed over the tasks. No mean while some are missing."""
    parts, draws = {}, {}
    for entry in entries:
        task = str(entry.task)
        part, drawn = describe_row(entry, [task])
        parts[task], draws[task] = part, drawn[task]
    scores = {task: part["scores"][task] for task, part in parts.items()}
    row = {
        "name": SINGLE,
        "what": recipes.single.what,
        "scores": scores,
        "metrics": {task: part["metrics"][task] for task, part in parts.items()},
        "mean": mean([found["score"] for found in scores.values()]) if set(tasks) <= set(scores) else None,
        **{key: sum(part[key] for part in parts.values()) for key in ("parameters", "seconds", "steps", "subwords")},
        "seeds": sorted({seed for part in parts.values() for seed in part["seeds"]}),
        "rate": {task: part["rate"] for task, part in parts.items()},
        "rates": {task: part["rates"] for task, part in parts.items()},
        "reads": recipes.single.reads,
        "average": recipes.single.average,
        "runs": {task: score for part in parts.values() for task, score in part["runs"].items()},
        "passes": {task: part["passes"][task] for task, part in parts.items()},
        "model": {task: part["model"] for task, part in parts.items()},
    }
    return row, draws


def describe_scores(trials: Sequence[Trial], task: str) -> Any:
    """The mean score of a task over seeds, with its interval, and the score on each draw."""
    seeds = [trial.result["scores"][task]["score"] for trial in trials]
    drawn = average([read_resampled(trial.folder / RESAMPLED, task) for trial in trials])
    return {"score": None if None in seeds else mean(seeds), "interval": scale(drawn, 1.0), "seeds": seeds}, drawn


def average_runs(runs: Sequence[Dict[str, Optional[float]]], tasks: Sequence[str]) -> Dict[str, Optional[float]]:
    """What the runs behind means of weights score alone: task to their mean, over seeds too; empty where none are."""
    return {task: mean([run[task] for run in runs]) for task in tasks} if runs else {}


def find_gaps(scores: Dict[str, Any], base: Dict[str, Any], ours: Draws, theirs: Draws) -> Dict[str, Any]:
    """Points above the single-task models, with intervals, and their mean."""
    scored = [task for task, found in scores.items() if found["score"] is not None]
    tasks = [task for task in scored if base.get(task, {}).get("score") is not None]
    gaps = {task: POINTS * (scores[task]["score"] - base[task]["score"]) for task in tasks}
    drawn = {task: subtract(ours.get(task), theirs.get(task)) for task in tasks}
    is_whole = tasks and tasks == scored
    return {
        "gaps": {task: round(gap, 2) for task, gap in gaps.items()},
        "gap_intervals": {task: scale(found, POINTS) for task, found in drawn.items()},
        "mean_gap": round(mean(list(gaps.values())), 2) if is_whole else None,
        "mean_gap_interval": scale(average_tasks(list(drawn.values())), POINTS) if is_whole else None,
    }


def mean(values: Sequence[Optional[float]]) -> Any:
    """The mean of the numbers that there are; None without any."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def name_easy(base: Dict[str, Any]) -> List[str]:
    """Say which tasks can hardly tell one row from another."""
    easy = [f"{task} ({found['score']:.3f})" for task, found in base.items() if (found["score"] or 0.0) > HIGH]
    return [f"Nearly solved on dev by the single-task model, so it says little: {', '.join(easy)}."] if easy else []


def name_missing(tasks: Sequence[str]) -> List[str]:
    """Say which single-task models are not finished."""
    told = f"No single-task model is finished of {', '.join(tasks)}: cost and figures of that row are of the others."
    return [told] if tasks else []


def list_hardware(trials: Sequence[Trial]) -> Dict[str, Any]:
    """What the trials ran on: the hardware of the last, and how many kinds there were."""
    kinds = [trial.result["hardware"] for trial in trials]
    different = [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]
    return {**(kinds[-1] if kinds else {}), "kinds": different}


def format_table(table: Dict[str, Any]) -> List[str]:
    """Lay out the comparison for a person: scores and gaps in points."""
    tasks = [task["name"] for task in table["tasks"]]
    lines = [["", *tasks, "mean", "gap", "parameters", "minutes", "seeds"]]
    for row in table["rows"]:
        cells = [points(row["scores"].get(task, {}).get("score")) for task in tasks]
        gap = row.get("mean_gap")
        lines.append(
            [
                row["name"],
                *cells,
                points(row["mean"]),
                "" if gap is None else f"{gap:+.2f}",
                f"{row['parameters'] / 1e6:.1f} M",
                f"{row['seconds'] / 60:.1f}",
                str(len(row["seeds"])),
            ]
        )
        if row.get("runs"):
            alone = [points(row["runs"].get(task)) for task in tasks]
            whole = points(mean(list(row["runs"].values())))
            lines.append(["  each run alone", *alone, whole, "", "", "", ""])
    if table["best"] and table["gaps"]:
        gaps = [signed(table["gaps"].get(task)) for task in tasks]
        lines.append([f"gap of {table['best']}", *gaps, signed(table["mean_gap"]), "", "", "", ""])
        bounds = [table["gap_intervals"].get(task) for task in tasks] + [table["mean_gap_interval"]]
        for name, side in (("  from", 0), ("  to", 1)):
            lines.append([name, *(signed(found[side] if found else None) for found in bounds), "", "", "", ""])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return [
        "  ".join([first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:]))]).rstrip()
        for first, *rest in lines
    ]


def points(score: Optional[float]) -> str:
    """A score from 0 to 1, in points."""
    return "-" if score is None else f"{POINTS * score:.2f}"


def signed(gap: Optional[float]) -> str:
    """A gap in points."""
    return "-" if gap is None else f"{gap:+.2f}"
