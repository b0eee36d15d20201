"""Gold, predicted and right labels, counted; and the gold that has no span."""

from collections import Counter
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

from spacy.tokens import Doc
from spacy.training import Example

from ..documents import EXTENSION, SOURCE, find_overlapped
from .answers import best_label
from .mentions import read_annotated, read_spans

ENTITIES, CLASSES, VALUE = "entities", "classes", "value"  # what a task can give
NO_FIGURES = {"p": None, "r": None, "f": None}


class Tally(NamedTuple):
    """Labels of gold, of predictions and of what is right in both, counted; of pairs, the most probable ones."""

    gold: Counter
    predicted: Counter
    right: Counter


def find_kind(gold: Doc, task: str) -> str:
    """What the gold of a document is: "entities", "classes" or a "value"."""
    if task in gold.spans:
        return ENTITIES
    return CLASSES if isinstance(gold._.get(EXTENSION)[task], dict) else VALUE


def tally_labels(examples: Iterable[Example], task: str, *, kind: str) -> Tally:
    """Count labels; of a value, the documents that have one."""
    tally = Tally(Counter(), Counter(), Counter())
    for eg in examples:
        if kind == ENTITIES:
            tally.gold.update(mention.label for mention in read_annotated(eg.reference, task))
            tally.predicted.update(mention.label for mention in read_spans(eg.predicted, task))
            continue
        gold, guess = (find_answer(doc, task) for doc in (eg.reference, eg.predicted))
        tally.gold.update(gold)
        tally.predicted.update(guess)
        tally.right.update(set(gold) & set(guess))
    return tally


def find_answer(doc: Doc, task: str) -> List[str]:
    """The most probable label of a pair, or "value" for a number; empty where there is no answer."""
    answer = doc._.get(EXTENSION).get(task)
    if isinstance(answer, dict):
        best = best_label(answer)
        return [] if best is None else [best]
    return [] if answer is None else [VALUE]


def list_types(tally: Tally, per_type: Optional[Dict[str, Dict[str, float]]]) -> Dict[str, Dict[str, Any]]:
    """Figures of each label: p, r and f (None where the metric gives none), support and predicted.

    per_type: p, r and f as the metric has them by label; None where they follow from the counts.
    """
    types = {}
    for label in sorted({*tally.gold, *tally.predicted}):
        support, predicted = tally.gold[label], tally.predicted[label]
        if per_type is None:
            figures: Dict[str, Any] = ratios(tally.right[label], predicted, support)
        else:
            figures = {**NO_FIGURES, **per_type.get(label, {})}
        types[label] = {**figures, "support": support, "predicted": predicted}
    return types


def count_not_expressed(examples: Iterable[Example], task: str) -> Dict[str, Any]:
    """Count the gold annotations that have no span, because they begin or end within a token or lie outside the text.

    RETURNS: count and percent; None for both where the gold does not say how it was annotated.
    """
    lost = total = 0
    for eg in examples:
        group = eg.reference.spans[task]
        source = group.attrs.get(SOURCE)
        if source is None:
            return {"count": None, "percent": None}
        spans = {(span.start_char, span.end_char, span.label_) for span in group}
        for record in source:
            starts, ends = zip(*record["fragments"]) if record["fragments"] else ((-1,), (-1,))
            lost += (min(starts), max(ends), record["label"]) not in spans
            total += 1
    return {"count": lost, "percent": round(100.0 * lost / total, 2) if total else 0.0}


def count_beyond_head(examples: Iterable[Example], task: str, *, nested: Optional[bool]) -> Dict[str, Any]:
    """Count the gold that a head cannot give as it was annotated, though it has a span.

    nested: Whether the head is; None where there is none.
    RETURNS: overlapping: spans that overlap a longer one, for a nested head one of their own type, and their
        overlapping_percent; discontinuous: annotations of several fragments, which are given as one span; nested as it
        came. None where it is not known.
    """
    overlapping = discontinuous = total = 0
    has_source = True
    for eg in examples:
        group = eg.reference.spans[task]
        overlapping += len(find_overlapped(group, by_label=bool(nested)))
        total += len({(span.start, span.end, span.label) for span in group})
        source = group.attrs.get(SOURCE)
        has_source = has_source and source is not None
        discontinuous += sum(len(record["fragments"]) > 1 for record in source or ())
    return {
        "nested": nested,
        "overlapping": None if nested is None else overlapping,
        "overlapping_percent": None if nested is None else round(100.0 * overlapping / max(1, total), 2),
        "discontinuous": discontinuous if has_source else None,
    }


def ratios(right: int, guessed: int, wanted: int) -> Dict[str, float]:
    """Precision, recall and F1 of counts; 0 where nothing is right, 1 where nothing is wanted and nothing guessed."""
    if not guessed and not wanted:
        return {"p": 1.0, "r": 1.0, "f": 1.0}
    return {
        "p": right / guessed if guessed else 0.0,
        "r": right / wanted if wanted else 0.0,
        "f": 2 * right / (guessed + wanted),
    }
