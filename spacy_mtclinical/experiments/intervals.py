"""Intervals of means and differences of scores, by the same draws of dev documents on all sides."""

from pathlib import Path
from typing import Dict, List, Optional, Sequence
from zlib import crc32

import numpy
from spacy.training import Example

from ..arrays import Array
from ..outputs import read_json, write_json
from ..scoring.intervals import bound, resample
from ..scoring.metric import Metric
from ..scoring.task_scorer import ScoreTask

Resampled = List[Array]  # a score of all documents, of each draw of them, and without each, see `scoring.intervals`


def resample_task(metric: ScoreTask, examples: Sequence[Example], task: str) -> Optional[Resampled]:
    """Find the score of a task for other draws of its documents, the same ones for each model.

    RETURNS: None for a metric that does not count by documents, and for fewer than two of them.
    """
    if not isinstance(metric, Metric):
        return None
    found = resample(metric, metric.count(examples, task), seed=crc32(task.encode()))
    return found if len(found) > 1 else None


def write_resampled(path: Path, tasks: Dict[str, Optional[Resampled]]) -> None:
    """Keep scores of draws as JSON; null where a draw has none."""
    write_json(path, {task: found and [part.tolist() for part in found] for task, found in tasks.items()})


def read_resampled(path: Path, task: str) -> Optional[Resampled]:
    """Read the scores of draws; None where there are none, as in runs of versions that had others."""
    found = read_json(path).get(task) if path.exists() else None
    return found and [numpy.array(part, dtype="float64") for part in found]


def average(models: Sequence[Optional[Resampled]]) -> Optional[Resampled]:
    """The mean score of models on the same documents; None where one has no draws, or of other documents."""
    known = [found for found in models if found is not None]
    if not known or len(known) < len(models) or len({len(found[-1]) for found in known}) > 1:
        return None
    return [numpy.mean(parts, axis=0) for parts in zip(*known)]


def subtract(ours: Optional[Resampled], theirs: Optional[Resampled]) -> Optional[Resampled]:
    """How far one score is above another on the same documents; None where that is not known."""
    if ours is None or theirs is None or len(ours[-1]) != len(theirs[-1]):
        return None
    return [mine - other for mine, other in zip(ours, theirs)]


def average_tasks(tasks: Sequence[Optional[Resampled]]) -> Optional[Resampled]:
    """The mean of tasks, whose documents are drawn apart; None where one is not known. Draws have all tasks or none."""
    known = [found for found in tasks if found is not None]
    if not known or len(known) < len(tasks) or not all(numpy.isfinite(found[2]).any() for found in known):
        return None
    whole, drawn = (numpy.mean([found[part] for found in known], axis=0) for part in (0, 1))
    without = [whole + (found[2] - numpy.nanmean(found[2])) / len(known) for found in known]
    return [whole, drawn, numpy.concatenate(without)]


def scale(found: Optional[Resampled], factor: float) -> Optional[List[float]]:
    """The interval, times a factor; None where there is none."""
    ends = None if found is None else bound(found)
    return ends and [round(end * factor, 4) for end in ends]
