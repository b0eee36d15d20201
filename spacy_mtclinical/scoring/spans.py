"""Exact span and label: precision, recall and F1 over the corpus, against the gold as it was annotated."""

from collections import Counter
from functools import partial
from typing import Any, Dict, Iterable, Iterator, List, Sequence, Tuple

from spacy.tokens import Doc
from spacy.training import Example

from .matching import find_overlaps, match
from .mentions import Case, Mention, Place, read_annotated, read_spans
from .metric import Counts, Metric, make_span_metric, tally
from .word_tokens import DEFINITION, TOKEN, count_tokens

Item = Tuple[str, Tuple[Place, ...]]  # label, fragments
OVERLAP = "overlap"


def configure_exact_spans_v1(discontinuous: str = "hull") -> Metric:
    """Configure the metric for gold of several fragments.

    discontinuous: "hull" compares from the first start to the last end, "fragments" all of them.
    RAISES: ValueError for anything else.
    """
    if discontinuous not in ("hull", "fragments"):
        raise ValueError(f"discontinuous expected 'hull' or 'fragments', got '{discontinuous}'.")
    hull = discontinuous == "hull"
    whole = "from the first fragment to the last" if hull else "all fragments"
    return make_span_metric(
        partial(count_exact, hull=hull),
        count_overlaps,
        count_tokens,
        definitions={
            "": f"label and offsets equal ({whole}), each annotation matched at most once, micro-averaged",
            OVERLAP: "label equal and spans overlap, each matched at most once, micro-averaged",
            TOKEN: DEFINITION,
        },
    )


def score_exact_spans(examples: Iterable[Example], task: str, *, discontinuous: str = "hull") -> Dict[str, Any]:
    """Count a predicted span as right if offsets and label equal those of a gold annotation not matched before.

    Gold is read from the annotations of the source, so what tokens or tags cannot express stays in the denominator.
    RETURNS: f, p, r, and f_per_type (label to p, r, f), with further figures; None where there are no examples.
    """
    return configure_exact_spans_v1(discontinuous)(examples, task)


def count_exact(case: Case, *, name: str = "", hull: bool = True) -> Counts:
    """Count mentions that are equal, as often as both sides have them."""
    counts: Counts = {}
    gold, guess = (Counter(list_items(mentions, hull=hull)) for mentions in (case.gold, case.guess))
    found = {"wanted": gold, "guessed": guess, "right": gold & guess}
    tally(counts, name, **{what: (label for label, _ in items.elements()) for what, items in found.items()})
    return counts


def count_overlaps(case: Case, *, name: str = OVERLAP) -> Counts:
    """Count as many pairs of one label that overlap as can be made, each mention in one pair at most."""
    counts: Counts = {}
    gold, guess = (group_places(mentions) for mentions in (case.gold, case.guess))
    right: Counter = Counter()
    for label, places in gold.items():
        others = guess.get(label, [])
        right[label] = sum(partner is not None for partner in match(find_overlaps(places, others), len(others)))
    tally(counts, name, wanted=(m.label for m in case.gold), guessed=(m.label for m in case.guess), right=right)
    return counts


def group_places(mentions: Sequence[Mention]) -> Dict[str, List[Place]]:
    """Label to where its mentions are, from the first fragment to the last."""
    found: Dict[str, List[Place]] = {}
    for mention in mentions:
        found.setdefault(mention.label, []).append(mention.hull)
    return found


def list_items(mentions: Sequence[Mention], *, hull: bool) -> List[Item]:
    """Label and fragments in text order, or from the first to the last."""
    return [(m.label, (m.hull,) if hull and m.fragments else tuple(sorted(m.fragments))) for m in mentions]


def read_gold(doc: Doc, task: str, *, hull: bool) -> Iterator[Item]:
    """Read gold annotations, as the source had them where it is known."""
    yield from list_items(read_annotated(doc, task), hull=hull)


def read_guess(doc: Doc, task: str) -> Iterator[Item]:
    """Read the spans of a document."""
    yield from list_items(read_spans(doc, task), hull=True)
