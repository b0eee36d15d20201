"""The component's scorer: each task by its metric, and the mean of the tasks that have gold."""

from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from spacy.tokens import Doc
from spacy.training import Example

from ..documents import EXTENSION, PAIR, has_words_of, name_document, name_some
from ..targets import is_annotated
from .answers import score_accuracy, score_pearson
from .spans import configure_exact_spans_v1

ScoreTask = Callable[..., Dict[str, Any]]  # a Metric, or any function of examples and task
DEFAULTS: Dict[str, ScoreTask] = {
    "entities": configure_exact_spans_v1(),
    "classes": score_accuracy,
    "value": score_pearson,
}


class TaskScorer(NamedTuple):
    """Scores examples, task by task. metrics: task to metric, where it is not the default of the kind of head."""

    metrics: Mapping[str, ScoreTask]

    def __call__(
        self, examples: Iterable[Example], *, kinds: Dict[str, str], name: str = "mtclinical", **kwargs: Any
    ) -> Dict[str, Any]:
        """Score examples.

        kinds: Task to "entities", "classes" or "value".
        name: Of the component; one of another name also has its mean as <name>_score.
        """
        examples = list(examples)
        unknown = sorted(set(self.metrics) - set(kinds))
        if unknown:
            raise ValueError(f"[scorer.metrics] names {unknown}, the tasks are {sorted(kinds)}. Mend the config.")
        check_texts(examples)
        scores: Dict[str, Any] = {}
        means: List[float] = []
        for task, kind in kinds.items():
            concerned = [eg for eg in examples if is_annotated(eg.reference, task)]
            check_segments(concerned, task)
            found = self.find(task, kind)(concerned, task)
            scores.update({f"mtclinical_{task}_{name}": value for name, value in found.items()})
            main = next(iter(found.values()))
            if main is not None:
                means.append(main)
        scores["mtclinical_score"] = scores[f"{name}_score"] = sum(means) / len(means) if means else None
        return scores

    def find(self, task: str, kind: str) -> ScoreTask:
        """Find the metric of a task."""
        return self.metrics.get(task, DEFAULTS[kind])


def make_task_scorer_v1(metrics: Optional[Dict[str, Any]] = None) -> TaskScorer:
    """Make the scorer of a multitask component.

    A metric takes the examples that have gold for a task and the task's name, and returns scores by name, the
    one that counts for `mtclinical_score` first. They are reported as `mtclinical_<task>_<name>`; where no
    example has gold for a task, as None. One that is a `metric.Metric` also gets intervals from `evaluate`.

    metrics: Task to metric, where the default of the kind of head is not wanted: exact spans for entities,
        accuracy for classes, Pearson's r for numbers.
    """
    return TaskScorer(dict(metrics or {}))


def check_texts(examples: Sequence[Example]) -> None:
    """Refuse predictions for other texts than those of the gold.

    RAISES: ValueError naming the documents: offsets would be compared that mean different things.
    """
    others = [
        name_document(eg.reference, number)
        for number, eg in enumerate(examples, 1)
        if not has_text_of(eg.predicted, eg.reference)
    ]
    if others:
        raise ValueError(
            f"Expected predictions for the texts of the gold, got other texts for {len(others)} of {len(examples)} "
            f"documents: {name_some(others)}. Predict on the documents that are scored."
        )


def has_text_of(doc: Doc, other: Doc) -> bool:
    """Whether two documents have the same text, told by their tokens where these are the same too, which is quicker."""
    return has_words_of(doc, other) or doc.text == other.text


def check_segments(examples: Sequence[Example], task: str) -> None:
    """Refuse pairs without segments, which the reader left behind, as `spacy.Corpus.v1` does, or the gold never had.

    RAISES: ValueError, since such pairs have no answers and every figure would be wrong.
    """
    pairs = [eg for eg in examples if task not in eg.reference.spans]
    bare = sum(PAIR not in eg.predicted.spans and task not in eg.predicted._.get(EXTENSION) for eg in pairs)
    if bare:
        raise ValueError(
            f"Task '{task}': {bare} of {len(examples)} pairs came without their segments, so nothing was predicted for "
            "them. Score with python -m spacy mtclinical evaluate, or read with spacy-mtclinical.TaskCorpus.v1 (spacy "
            "evaluate and spacy.Corpus.v1 drop them); gold has them from convert or spacy_mtclinical.make_pair."
        )
