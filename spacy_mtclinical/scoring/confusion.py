"""Which label was taken for which: gold against predicted, with what was missed and what is spurious."""

from collections import Counter
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from spacy.training import Example

from ..documents import EXTENSION
from .answers import best_label
from .mentions import Mention, Place, read_annotated, read_spans

Taken = Tuple[Optional[str], Optional[str]]  # gold label, predicted label; None where there is none


def list_confusion(taken: Iterator[Taken]) -> Dict[str, Any]:
    """Count what was taken for what.

    RETURNS: labels; matrix, gold label by predicted label, in that order; missed and spurious, label to number.
    """
    pairs = Counter(taken)
    labels = sorted({label for pair in pairs for label in pair if label is not None})
    return {
        "labels": labels,
        "matrix": [[pairs[gold, guess] for guess in labels] for gold in labels],
        "missed": {label: pairs[label, None] for label in labels if pairs[label, None]},
        "spurious": {label: pairs[None, label] for label in labels if pairs[None, label]},
    }


def pair_spans(examples: Sequence[Example], task: str) -> Iterator[Taken]:
    """Pair the gold and predicted labels of equal offsets, from the first fragment to the last."""
    for eg in examples:
        yield from pair_mentions(read_annotated(eg.reference, task), read_spans(eg.predicted, task))


def pair_mentions(gold: Sequence[Mention], guess: Sequence[Mention]) -> Iterator[Taken]:
    """Pair labels of one place: equal ones, then the others in alphabetical order; what is left has no partner."""
    left = Counter((mention.hull, mention.label) for mention in gold)
    spare: Dict[Place, List[str]] = {}
    for mention in guess:
        key = mention.hull, mention.label
        if left[key] > 0:
            left[key] -= 1
            yield mention.label, mention.label
        else:
            spare.setdefault(mention.hull, []).append(mention.label)
    for labels in spare.values():
        labels.sort(reverse=True)
    for place, label in sorted(left.elements()):
        yield label, (spare[place].pop() if spare.get(place) else None)
    yield from ((None, label) for labels in spare.values() for label in labels)


def pair_answers(examples: Sequence[Example], task: str) -> Iterator[Taken]:
    """Pair the gold labels of pairs with their most probable ones."""
    for eg in examples:
        gold, guess = (doc._.get(EXTENSION).get(task) for doc in (eg.reference, eg.predicted))
        yield best_label(gold), best_label(guess or {})
