"""How far scores can be believed: predictions by the score that they came with, and how many of them are right."""

from collections import Counter
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from spacy.training import Example

from ..documents import EXTENSION, SCORES
from .answers import best_label, is_right
from .mentions import read_annotated, read_spans

BINS = 10
DEFINITION = (
    f"{BINS} bins of equal width; expected calibration error: the mean over predictions of the distance between the "
    "mean score and the accuracy of their bin. "
)
SPANS = DEFINITION + "A span is right if its offsets (from the first fragment to the last) and its label are gold's."
PAIRS = DEFINITION + "A pair counts with its most probable label."
Scored = Tuple[float, bool]  # the score of a prediction, whether it is right


def score_spans(examples: Sequence[Example], task: str) -> Iterator[Scored]:
    """Predicted spans that have a score; each annotation makes one of them right at most."""
    for eg in examples:
        scores = eg.predicted.spans[task].attrs.get(SCORES, ()) if task in eg.predicted.spans else ()
        left = Counter((mention.label, mention.hull) for mention in read_annotated(eg.reference, task))
        for mention, score in zip(read_spans(eg.predicted, task), scores):
            found = left[mention.label, mention.hull] > 0
            left[mention.label, mention.hull] -= found
            yield score, found


def score_answers(examples: Sequence[Example], task: str) -> Iterator[Scored]:
    """Pairs that have an answer, with the probability of the label that they were given."""
    for eg in examples:
        answer = eg.predicted._.get(EXTENSION).get(task) or {}
        best = best_label(answer)
        if best is not None:
            yield answer[best], is_right(eg, task)


def list_bins(scored: Iterable[Scored], *, definition: str) -> Optional[Dict[str, Any]]:
    """Sort predictions into bins.

    RETURNS: count, error (the expected calibration error), bins (low, high, count, score and accuracy: the mean score
        and the share that is right, None in an empty bin), definition. None where nothing has a score.
    """
    held: List[List[Scored]] = [[] for _ in range(BINS)]
    for score, is_found in scored:
        held[min(max(int(score * BINS), 0), BINS - 1)].append((score, is_found))
    total = sum(map(len, held))
    if not total:
        return None
    bins: List[Dict[str, Any]] = []
    error = 0.0
    for number, found in enumerate(held):
        shown: Dict[str, Any] = {"score": None, "accuracy": None}
        if found:
            shown = {name: sum(column) / len(found) for name, column in zip(shown, zip(*found))}
            error += len(found) / total * abs(shown["score"] - shown["accuracy"])
        bins.append({"low": number / BINS, "high": (number + 1) / BINS, "count": len(found), **shown})
    return {"count": total, "error": error, "bins": bins, "definition": definition}
