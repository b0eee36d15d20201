"""The component's scorer: each task by its metric, and the mean of the tasks that have gold."""

from typing import Any, Callable, Dict, Iterable, List, Optional

from spacy.training import Example

from ..documents import PAIR
from ..targets import is_annotated
from .answers import score_accuracy, score_pearson
from .spans import score_exact_spans

Metric = Callable[..., Dict[str, Any]]
DEFAULTS: Dict[str, Metric] = {
    "entities": score_exact_spans,
    "classes": score_accuracy,
    "value": score_pearson,
}


def make_task_scorer_v1(metrics: Optional[Dict[str, Any]] = None) -> Callable[..., Dict[str, Any]]:
    """Make the scorer of a multitask component.

    A metric takes the examples that have gold for a task and the task's name, and returns scores by name, the
    one that counts for `mtclinical_score` first. They are reported as `mtclinical_<task>_<name>`; where no
    example has gold for a task, as None.

    metrics: Task to metric, where the default of the kind of head is not wanted: exact spans for entities,
        accuracy for classes, Pearson's r for numbers.
    """
    chosen = dict(metrics or {})

    def score(examples: Iterable[Example], *, kinds: Dict[str, str], **kwargs: Any) -> Dict[str, Any]:
        examples = list(examples)
        unknown = sorted(set(chosen) - set(kinds))
        if unknown:
            raise ValueError(f"[scorer.metrics] names {unknown}, the tasks are {sorted(kinds)}. Mend the config.")
        scores: Dict[str, Any] = {}
        means: List[float] = []
        for task, kind in kinds.items():
            concerned = [eg for eg in examples if is_annotated(eg.reference, task)]
            check_segments(concerned, task)
            found = chosen.get(task, DEFAULTS[kind])(concerned, task)
            scores.update({f"mtclinical_{task}_{name}": value for name, value in found.items()})
            main = next(iter(found.values()))
            if main is not None:
                means.append(main)
        scores["mtclinical_score"] = sum(means) / len(means) if means else None
        return scores

    return score


def check_segments(examples: List[Example], task: str) -> None:
    """Refuse predictions for pairs whose segments the reader left behind, as `spacy.Corpus.v1` does.

    RAISES: ValueError, since such pairs have no answers and every figure would be wrong.
    """
    bare = sum(PAIR in eg.reference.spans and PAIR not in eg.predicted.spans for eg in examples)
    if bare:
        raise ValueError(
            f"Task '{task}': {bare} of {len(examples)} pairs came without their segments, so nothing was predicted for "
            "them. Score with python -m spacy mtclinical evaluate, or read with spacy-mtclinical.TaskCorpus.v1 "
            "(spacy evaluate and spacy.Corpus.v1 drop them)."
        )
