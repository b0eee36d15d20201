"""What a pipeline scores on converted corpora: figures, counts and speed, task by task, as JSON values."""

import time
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from .component import MultitaskClinical
from .corpus import create_task_corpus_v1, find_tasks
from .documents import DOC_ID, EXTENSION, SUBSET, name_document, name_some
from .loading import find_component, read_kinds
from .model import get_heads
from .scoring.calibration import PAIRS, SPANS, list_bins, score_answers, score_spans
from .scoring.confusion import list_confusion, pair_answers, pair_spans
from .scoring.intervals import CONFIDENCE, DRAWS, Intervals, find_intervals, load_normal
from .scoring.metric import PER_TYPE, Counts, Metric
from .scoring.tally import (
    ENTITIES,
    VALUE,
    count_beyond_head,
    count_not_expressed,
    find_kind,
    list_types,
    tally_labels,
)
from .scoring.task_scorer import DEFAULTS, ScoreTask, TaskScorer, check_segments, has_text_of
from .targets import is_annotated

Result = Dict[str, Any]
Track = Callable[..., Iterable[Doc]]


def evaluate_corpus(
    nlp: Language,
    path: Union[str, Path],
    *,
    split: str = "dev",
    tasks: Optional[Sequence[str]] = None,
    limit: Optional[int] = None,
    draws: int = DRAWS,
    notify: Callable[[str], None] = lambda message: None,
    track: Track = lambda docs, **about: docs,
) -> Result:
    """Predict and score one split of each task's corpus.

    path: Folder with a folder a task, as `convert` writes them.
    tasks: Those to score; all that have the split if None.
    limit: Documents a task, drawn by a fixed seed; all if None.
    draws: How often documents are drawn anew for the intervals; 0 for none.
    notify: Told of what the pipeline cannot know: tasks and labels of the corpus that it does not have.
    track: Passes documents on and shows progress, see `progress.track`.
    RAISES: ValueError for a corpus that is missing, damaged, empty, of another kind than the task's head, or that
        has two documents of one id; if prediction fails, naming the document; or without scipy, unless draws is 0.
    """
    if draws:
        load_normal()
    component = find_component(nlp)
    begun = time.perf_counter()
    results: Dict[str, Result] = {}
    for task in find_tasks(path, split, list(tasks) if tasks else None):
        examples = read_examples(nlp, path, task=task, split=split, limit=limit)
        results[task] = evaluate_task(nlp, component, task, examples, draws=draws, notify=notify, track=track)
    means = [result["score"] for result in results.values() if result["score"] is not None]
    words = sum(result["words"] for result in results.values())
    predicting = sum(result["seconds"] for result in results.values())
    return {
        "model": {"name": f"{nlp.meta['lang']}_{nlp.meta['name']}", "version": nlp.meta["version"]},
        "corpus": Path(path).resolve().name,
        "split": split,
        "limit": limit,
        "confidence": CONFIDENCE if draws else None,
        "draws": draws,
        "score": sum(means) / len(means) if means else None,
        "words": words,
        "words_per_second": words / predicting if predicting else None,
        "seconds": {"predicting": predicting, "total": time.perf_counter() - begun},
        "tasks": results,
    }


def count_scored(result: Mapping[str, Any]) -> int:
    """The tasks whose scores the mean is of."""
    return sum(found["score"] is not None for found in result["tasks"].values())


def tell_beyond(beyond: Optional[Dict[str, Any]]) -> List[str]:
    """Say what gold the head cannot give as it was annotated."""
    told = []
    if beyond and beyond["overlapping"]:
        longer = "a longer one of their type" if beyond["nested"] else "a longer one"
        told.append(
            f"{beyond['overlapping_percent']:.2f} % of the gold spans ({beyond['overlapping']:,}) overlap {longer}, "
            "beside which the head can give none"
        )
    if beyond and beyond["discontinuous"]:
        told.append(f"{beyond['discontinuous']:,} gold annotations have several fragments, which are given as one span")
    return told


def read_examples(
    nlp: Language, path: Union[str, Path], *, task: str, split: str, limit: Optional[int]
) -> List[Example]:
    """Read one task's documents for evaluation.

    RAISES: ValueError for two documents of one id, or one that has no gold for the task.
    """
    where = f"{Path(path).name}/{task}/{split}.spacy"
    examples = list(create_task_corpus_v1(path, tasks=[task], split=split, limit=limit or 0)(nlp))
    ids = Counter(eg.reference.user_data.get(DOC_ID) for eg in examples)
    twice = [str(id) for id, count in ids.items() if id is not None and count > 1]
    if twice:
        raise ValueError(
            f"{where} has {len(twice):,} document ids more than once: {name_some(twice)}. A document would count "
            "double: mend the corpus and convert it anew."
        )
    golds = [eg.reference for eg in examples]
    without = [name_document(gold, number) for number, gold in enumerate(golds, 1) if not is_annotated(gold, task)]
    if without:
        raise ValueError(
            f"{where} has {len(without):,} documents without gold for task {task}: {name_some(without)}. "
            "Convert the corpus anew."
        )
    return examples


def evaluate_task(
    nlp: Language,
    component: MultitaskClinical,
    task: str,
    examples: Sequence[Example],
    *,
    draws: int = 0,
    notify: Callable[[str], None] = lambda message: None,
    track: Track = lambda docs, **about: docs,
) -> Result:
    """Predict and score the documents of one task. Without a head for it, all of the gold is missed.

    draws: How often documents are drawn anew for the intervals; none are made without.
    """
    gold_kind = find_kind(examples[0].reference, task)
    kind = read_kinds(component).get(task)
    if kind not in (None, gold_kind):
        raise ValueError(f"Task {task}: the pipeline gives {kind} and the corpus holds {gold_kind}. Name another task.")
    seconds, nested = 0.0, None
    if kind is None:
        notify(f"{task}: the pipeline has no head for it, so all of its gold counts as missed")
    else:
        nested = get_heads(component.model)[task].attrs.get("nested")
        check_segments(examples, task)
        seconds = predict(nlp, task, examples, track=track)
    metric = find_metric(component, task, kind=gold_kind)
    rows = metric.count(examples, task) if isinstance(metric, Metric) else None
    has_head = kind is not None
    whole = measure(metric, task, examples, rows, kind=gold_kind, has_head=has_head, draws=draws)
    if not whole["gold"]:
        told = "has a gold annotation; its scores say whether nothing was found"
        if kind is None:
            told = "has a gold annotation, so there is nothing to score"
        notify(f"{task}: none of its {len(examples):,} documents {told}")
    known = component.label_data.get(task, ())
    supports = {label: figures["support"] for label, figures in whole["types"].items()}
    unknown = {label: n for label, n in supports.items() if n and kind and label not in known}
    if unknown:
        told = ", ".join(f"{label or '(none)'} {n:,}" for label, n in unknown.items())
        notify(f"{task}: the pipeline does not know these labels of the gold, and never gives them: {told}")
    subsets: Dict[str, List[int]] = {}
    for number, eg in enumerate(examples):
        subsets.setdefault(str(eg.reference.user_data.get(SUBSET) or ""), []).append(number)
    words = sum(len(eg.predicted) for eg in examples) if kind else 0
    return {
        "kind": gold_kind,
        "has_head": has_head,
        **whole,
        "definitions": dict(metric.definitions) if isinstance(metric, Metric) else {},
        "words": words,
        "seconds": seconds,
        "words_per_second": words / seconds if seconds else None,
        "unknown_labels": unknown,
        "not_expressed": count_not_expressed(examples, task) if gold_kind == ENTITIES else None,
        "beyond_head": count_beyond_head(examples, task, nested=nested) if gold_kind == ENTITIES else None,
        "confusion": find_confusion(examples, task, kind=gold_kind),
        "calibration": find_calibration(examples, task, kind=gold_kind),
        "subsets": {
            subset: measure(
                metric,
                task,
                [examples[number] for number in part],
                None if rows is None else [rows[number] for number in part],
                kind=gold_kind,
                has_head=has_head,
                draws=draws,
            )
            for subset, part in sorted(subsets.items())
            if subset
        },
    }


def predict(nlp: Language, task: str, examples: Sequence[Example], *, track: Track) -> float:
    """Let the pipeline answer for the documents, in place.

    RETURNS: The seconds that it took.
    RAISES: ValueError naming the documents among which it failed, or that it left out or gave another text; never with
        the exception's own words, which may quote the text.
    """
    begun = time.perf_counter()
    docs: List[Doc] = []
    try:
        for doc in track(nlp.pipe(eg.predicted for eg in examples), title=f"{task} documents", total=len(examples)):
            docs.append(doc)
    except Exception as error:  # noqa: BLE001  (whatever it was, its message stays here)
        where = name_document(examples[min(len(docs), len(examples) - 1)].reference, len(docs) + 1)
        raise ValueError(
            f"Task {task}: prediction failed ({type(error).__name__}) at document {where}, or at one of the same batch "
            "after it. Run the pipeline on these documents alone to see why."
        ) from None
    seconds = time.perf_counter() - begun
    names = [name_document(eg.reference, number) for number, eg in enumerate(examples, 1)]
    for name, eg, doc in zip(names, examples, docs):
        if not has_text_of(doc, eg.reference):
            raise ValueError(
                f"Task {task}: expected the document {name} from the pipeline, got another text. One of its components "
                "leaves documents out or changes them: take it out of the pipeline."
            )
        eg.predicted = doc
    if len(docs) != len(examples):
        missing = f" Missing: {name_some(names[len(docs) :])}." if len(docs) < len(examples) else ""
        raise ValueError(
            f"Task {task}: expected {len(examples):,} documents from the pipeline, got {len(docs):,}.{missing} "
            "One of its components leaves documents out or adds some: take it out of the pipeline."
        )
    return seconds


def measure(
    metric: ScoreTask,
    task: str,
    examples: Sequence[Example],
    rows: Optional[Sequence[Counts]],
    *,
    kind: str,
    has_head: bool,
    draws: int,
) -> Result:
    """Score documents of a task, and count labels. Without gold and without a head there is no score.

    rows: What the metric counted in each document; None where it does not count.
    """
    if rows is None or not isinstance(metric, Metric):
        scores, intervals = metric(list(examples), task), Intervals({}, {})
    else:
        scores, intervals = metric.score(rows), find_intervals(metric, rows, draws=draws)
    per_type = scores.pop(PER_TYPE, None) or {}
    if not scores:
        raise ValueError(f"Task {task}: the scorer of the component gives no figure mtclinical_{task}_<name>. Mend it.")
    tally = tally_labels(examples, task, kind=kind)
    types = {} if kind == VALUE else list_types(tally, per_type if kind == ENTITIES else None)
    if not has_head and not tally.gold:
        scores = dict.fromkeys(scores)
    main = next(iter(scores))
    return {
        "documents": len(examples),
        "gold": sum(tally.gold.values()),
        "predicted": sum(tally.predicted.values()),
        "metric": main,
        "score": scores[main],
        "interval": intervals.figures.get(main),
        "scores": scores,
        "intervals": intervals.figures,
        "types": {label: {**found, "interval": intervals.types.get(label)} for label, found in types.items()},
    }


def find_metric(component: MultitaskClinical, task: str, *, kind: str) -> ScoreTask:
    """Find the metric that the configuration gives a task; without a head, the default for what the gold is."""
    scorer = component.scorer
    if task not in component.tasks:
        if kind == VALUE:
            return score_nothing
        return DEFAULTS[kind]
    if scorer is None or isinstance(scorer, TaskScorer):
        return DEFAULTS[kind] if scorer is None else scorer.find(task, kind)

    def ask(examples: Sequence[Example], task: str) -> Dict[str, Any]:
        found = {}
        for key, value in component.score(examples).items():
            owners = [name for name in component.tasks if key.startswith(f"mtclinical_{name}_")]
            if owners and max(owners, key=len) == task:
                found[key[len(f"mtclinical_{task}_") :]] = value
        return found

    return ask


def score_nothing(examples: Sequence[Example], task: str) -> Dict[str, Any]:
    """Pearson's r of no predictions, which is that of constant ones."""
    gold = {eg.reference._.get(EXTENSION)[task] for eg in examples}
    return {"pearson": 0.0 if len(gold) > 1 else None}


def find_confusion(examples: Sequence[Example], task: str, *, kind: str) -> Optional[Result]:
    """Which label was taken for which; None for values."""
    if kind == VALUE:
        return None
    return list_confusion((pair_spans if kind == ENTITIES else pair_answers)(examples, task))


def find_calibration(examples: Sequence[Example], task: str, *, kind: str) -> Optional[Result]:
    """How far scores can be believed; None for values, and without scores."""
    if kind == VALUE:
        return None
    is_span = kind == ENTITIES
    scored = (score_spans if is_span else score_answers)(examples, task)
    return list_bins(scored, definition=SPANS if is_span else PAIRS)
