"""Exact span and label: precision, recall and F1 over the corpus, against the gold as it was annotated."""

from collections import Counter
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from spacy.tokens import Doc
from spacy.training import Example

from ..documents import SOURCE

Item = Tuple[str, Tuple[Tuple[int, int], ...]]  # label, fragments


def configure_exact_spans_v1(discontinuous: str = "hull") -> Callable[..., Dict[str, Any]]:
    """Configure the metric for gold of several fragments.

    discontinuous: "hull" compares from the first start to the last end, "fragments" all of them.
    RAISES: ValueError for anything else.
    """
    if discontinuous not in ("hull", "fragments"):
        raise ValueError(f"discontinuous expected 'hull' or 'fragments', got '{discontinuous}'.")

    def score(examples: List[Example], task: str) -> Dict[str, Any]:
        return score_exact_spans(examples, task, discontinuous=discontinuous)

    return score


def score_exact_spans(examples: List[Example], task: str, *, discontinuous: str = "hull") -> Dict[str, Any]:
    """Count a predicted span as right if offsets and label equal those of a gold annotation not matched before.

    Gold is read from the annotations of the source, so what tokens or tags cannot express stays in the denominator.
    RETURNS: f, p, r, and f_per_type (label to p, r, f); None where there are no examples.
    """
    if not examples:
        return {"f": None, "p": None, "r": None, "f_per_type": None}
    right: Counter = Counter()
    guessed: Counter = Counter()
    wanted: Counter = Counter()
    for eg in examples:
        gold = Counter(read_gold(eg.reference, task, hull=discontinuous == "hull"))
        guess = Counter(read_guess(eg.predicted, task))
        wanted.update(label for label, _ in gold.elements())
        guessed.update(label for label, _ in guess.elements())
        right.update(label for label, _ in (gold & guess).elements())
    per_type = {
        label: ratios(right[label], guessed[label], wanted[label]) for label in sorted(set(wanted) | set(guessed))
    }
    total = ratios(sum(right.values()), sum(guessed.values()), sum(wanted.values()))
    return {"f": total["f"], "p": total["p"], "r": total["r"], "f_per_type": per_type}


def read_gold(doc: Doc, task: str, *, hull: bool) -> Iterator[Item]:
    """Read gold annotations, as the source had them where it is known."""
    source: Optional[List[Dict[str, Any]]] = doc.spans[task].attrs.get(SOURCE)
    if source is None:
        yield from read_guess(doc, task)
        return
    for record in source:
        fragments = tuple(sorted((start, end) for start, end in record["fragments"]))
        if hull:
            fragments = ((fragments[0][0], max(end for _, end in fragments)),)
        yield record["label"], fragments


def read_guess(doc: Doc, task: str) -> Iterator[Item]:
    """Read the spans of a document."""
    if task in doc.spans:
        for span in doc.spans[task]:
            yield span.label_, ((span.start_char, span.end_char),)


def ratios(right: int, guessed: int, wanted: int) -> Dict[str, float]:
    """Precision, recall and F1 of counts; 0 where nothing is right, 1 where nothing is wanted and nothing guessed."""
    if not guessed and not wanted:
        return {"p": 1.0, "r": 1.0, "f": 1.0}
    return {
        "p": right / guessed if guessed else 0.0,
        "r": right / wanted if wanted else 0.0,
        "f": 2 * right / (guessed + wanted),
    }
