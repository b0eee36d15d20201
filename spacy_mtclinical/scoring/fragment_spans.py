"""Type and all fragments equal, against nested and discontinuous gold, as brateval counts them (QUAERO, CLEF eHealth).

Beyond its description brateval takes a prediction that holds all of an annotation's fragments, and more, for an exact
match; done here too, and told apart by `plain`. It looks at annotations and predictions in no order to rely on: here
as many as can be are matched.
"""

from functools import partial
from typing import Dict, List

from .matching import match
from .mentions import Case, Mention
from .metric import Counts, Metric, make_span_metric, tally
from .spans import OVERLAP, count_exact, count_overlaps
from .word_tokens import DEFINITION, TOKEN, count_tokens

PLAIN = "plain"


def configure_fragment_spans_v1() -> Metric:
    """Configure the metric."""
    return make_span_metric(
        count_held,
        partial(count_exact, name=PLAIN, hull=False),
        count_overlaps,
        count_tokens,
        definitions={
            "": "type equal and all fragments held, as brateval counts, each matched at most once, micro-averaged",
            PLAIN: "type and all fragments equal, each matched at most once, micro-averaged",
            OVERLAP: "type equal and spans overlap, each matched at most once, micro-averaged",
            TOKEN: DEFINITION,
        },
        zero=("",),
    )


def count_held(case: Case) -> Counts:
    """Count annotations whose fragments a prediction of their type holds."""
    counts: Counts = {}
    guess = [(m.label, set(m.fragments)) for m in case.guess]
    places: Dict[tuple, List[int]] = {}
    for number, (label, fragments) in enumerate(guess):
        for fragment in fragments:
            places.setdefault((label, fragment), []).append(number)
    candidates = [find_holders(mention, places) for mention in case.gold]
    partners = match(candidates, len(guess))
    right = [m.label for m, partner in zip(case.gold, partners) if partner is not None]
    tally(counts, "", wanted=(m.label for m in case.gold), guessed=(m.label for m in case.guess), right=right)
    return counts


def find_holders(mention: Mention, places: Dict[tuple, List[int]]) -> List[int]:
    """The predictions that hold all fragments of an annotation; none for an annotation without."""
    found = [set(places.get((mention.label, fragment), ())) for fragment in mention.fragments]
    return sorted(set.intersection(*found)) if found else []
