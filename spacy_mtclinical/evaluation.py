"""What a pipeline scores on converted corpora: figures, counts and speed, task by task, as JSON values."""

import time
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from .component import MultitaskClinical
from .corpus import create_task_corpus_v1, find_tasks
from .documents import DOC_ID, SUBSET
from .loading import find_component, read_kinds
from .scoring.answers import score_accuracy
from .scoring.spans import score_exact_spans
from .scoring.tally import ENTITIES, VALUE, count_not_expressed, find_kind, list_types, tally_labels
from .targets import is_annotated

Result = Dict[str, Any]
Track = Callable[..., Iterable[Doc]]
PER_TYPE = "f_per_type"
NAMED = 5  # documents that a message names


def evaluate_corpus(
    nlp: Language,
    path: Union[str, Path],
    *,
    split: str = "dev",
    tasks: Optional[Sequence[str]] = None,
    limit: Optional[int] = None,
    notify: Callable[[str], None] = lambda message: None,
    track: Track = lambda docs, **about: docs,
) -> Result:
    """Predict and score one split of each task's corpus.

    path: Folder with a folder a task, as `convert` writes them.
    tasks: Those to score; all that have the split if None.
    limit: Documents a task, drawn by a fixed seed; all if None.
    notify: Told of what the pipeline cannot know: tasks and labels of the corpus that it does not have.
    track: Passes documents on and shows progress, see `progress.track`.
    RAISES: ValueError for a corpus that is missing, damaged, empty, of another kind than the task's head, or that
        has two documents of one id; or if prediction fails, naming the document.
    """
    component = find_component(nlp)
    begun = time.perf_counter()
    results: Dict[str, Result] = {}
    for task in find_tasks(path, split, list(tasks) if tasks else None):
        examples = read_examples(nlp, path, task=task, split=split, limit=limit)
        results[task] = evaluate_task(nlp, component, task, examples, notify=notify, track=track)
    means = [result["score"] for result in results.values() if result["score"] is not None]
    words = sum(result["words"] for result in results.values())
    predicting = sum(result["seconds"] for result in results.values())
    return {
        "model": {"name": f"{nlp.meta['lang']}_{nlp.meta['name']}", "version": nlp.meta["version"]},
        "corpus": Path(path).resolve().name,
        "split": split,
        "limit": limit,
        "score": sum(means) / len(means) if means else None,
        "words": words,
        "words_per_second": words / predicting if predicting else None,
        "seconds": {"predicting": predicting, "total": time.perf_counter() - begun},
        "tasks": results,
    }


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
    notify: Callable[[str], None] = lambda message: None,
    track: Track = lambda docs, **about: docs,
) -> Result:
    """Predict and score the documents of one task. Without a head for it, all of the gold is missed."""
    gold_kind = find_kind(examples[0].reference, task)
    kind = read_kinds(component).get(task)
    if kind not in (None, gold_kind):
        raise ValueError(f"Task {task}: the pipeline gives {kind} and the corpus holds {gold_kind}. Name another task.")
    seconds = 0.0
    if kind is None:
        notify(f"{task}: the pipeline has no head for it, so all of its gold counts as missed")
    else:
        seconds = predict(nlp, task, examples, track=track)
    whole = measure(component, task, examples, kind=gold_kind)
    known = component.label_data.get(task, ())
    supports = {label: figures["support"] for label, figures in whole["types"].items()}
    unknown = {label: n for label, n in supports.items() if n and kind and label not in known}
    if unknown:
        told = ", ".join(f"{label} {n:,}" for label, n in unknown.items())
        notify(f"{task}: the pipeline does not know these labels of the gold, which count as missed: {told}")
    subsets: Dict[str, List[Example]] = {}
    for eg in examples:
        subsets.setdefault(str(eg.reference.user_data.get(SUBSET) or ""), []).append(eg)
    words = sum(len(eg.predicted) for eg in examples) if kind else 0
    return {
        "kind": gold_kind,
        "has_head": kind is not None,
        **whole,
        "words": words,
        "seconds": seconds,
        "words_per_second": words / seconds if seconds else None,
        "unknown_labels": unknown,
        "not_expressed": count_not_expressed(examples, task) if gold_kind == ENTITIES else None,
        "subsets": {
            subset: measure(component, task, part, kind=gold_kind) for subset, part in sorted(subsets.items()) if subset
        },
    }


def predict(nlp: Language, task: str, examples: Sequence[Example], *, track: Track) -> float:
    """Let the pipeline answer for the documents, in place.

    RETURNS: The seconds that it took.
    RAISES: ValueError naming the documents among which it failed; never with the exception's own words, which may
        quote the text.
    """
    begun = time.perf_counter()
    done = 0
    try:
        for doc in track(nlp.pipe(eg.predicted for eg in examples), title=f"{task} documents", total=len(examples)):
            examples[done].predicted = doc
            done += 1
    except Exception as error:  # noqa: BLE001  (whatever it was, its message stays here)
        where = name_document(examples[min(done, len(examples) - 1)].reference, done + 1)
        raise ValueError(
            f"Task {task}: prediction failed ({type(error).__name__}) at document {where}, or at one of the same batch "
            "after it. Run the pipeline on these documents alone to see why."
        ) from None
    if done != len(examples):
        raise ValueError(f"Task {task}: expected {len(examples):,} documents from the pipeline, got {done:,}.")
    return time.perf_counter() - begun


def measure(component: MultitaskClinical, task: str, examples: Sequence[Example], *, kind: str) -> Result:
    """Score documents of a task by the metric that the pipeline's configuration gives it, and count labels."""
    scores = score(component, task, examples, kind=kind)
    tally = tally_labels(examples, task, kind=kind)
    metric = next(iter(scores))
    return {
        "documents": len(examples),
        "gold": sum(tally.gold.values()),
        "predicted": sum(tally.predicted.values()),
        "metric": metric,
        "score": scores[metric],
        "scores": {name: value for name, value in scores.items() if name != PER_TYPE},
        "types": {} if kind == VALUE else list_types(tally, (scores.get(PER_TYPE) or {}) if kind == ENTITIES else None),
    }


def score(component: MultitaskClinical, task: str, examples: Sequence[Example], *, kind: str) -> Dict[str, Any]:
    """The scores of one task by their short names, the one that counts first."""
    if task in component.tasks:
        found = {}
        for key, value in component.score(examples).items():
            owners = [name for name in component.tasks if key.startswith(f"mtclinical_{name}_")]
            if owners and max(owners, key=len) == task:
                found[key[len(f"mtclinical_{task}_") :]] = value
        return found
    if kind == VALUE:
        return {"pearson": 0.0}  # no predictions correlate with nothing, as constant ones do
    return (score_exact_spans if kind == ENTITIES else score_accuracy)(list(examples), task)


def name_document(gold: Doc, number: int) -> str:
    """The id of a document, or its number."""
    return str(gold.user_data.get(DOC_ID) or f"number {number}")


def name_some(names: Sequence[str]) -> str:
    """The first few of a list of names."""
    return ", ".join(names[:NAMED]) + (", and more" if len(names) > NAMED else "")
