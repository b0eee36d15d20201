"""Concepts by class, line and token, as the 2010 i2b2/VA challenge counts them ("class exact span", and inexact).

A concept is the tokens that it touches, those that its line in a `.con` file names; tokens are what white space
separates. What the challenge's jar (i2b2va-eval) does beyond its description is done here too:
- lines that repeat count each (`distinct` counts equal ones once);
- the recall of the inexact count leaves out an annotation that was missed but overlaps a prediction of another class
  (`plain_inexact` leaves out none).
How the jar pairs several concepts that overlap is not published; here each is matched at most once, the first in the
text first, so that the order of the lines changes nothing.
"""

from typing import List, Sequence

from ..formats.line_tokens import Grid, make_grid, touched
from .matching import find_overlaps, match
from .mentions import Case, Mention
from .metric import Counts, Metric, make_span_metric, tally
from .spans import count_exact, count_overlaps
from .word_tokens import DEFINITION, TOKEN, count_tokens

INEXACT, PLAIN_INEXACT, DISTINCT = "inexact", "plain_inexact", "distinct"
OUTSIDE = 10**9  # added to where a concept that touches no token is, so that it meets none that does


def configure_line_token_spans_v1() -> Metric:
    """Configure the metric."""
    return make_span_metric(
        count_concepts,
        count_tokens,
        definitions={
            "": "class, line and tokens equal (class exact span of i2b2/VA 2010), repeated lines too, micro-averaged",
            INEXACT: "class equal and tokens overlap, recall without annotations that overlap another class, as the "
            "jar of i2b2/VA 2010 counts, micro-averaged",
            DISTINCT: "class, line and tokens equal, repeated lines once, micro-averaged",
            PLAIN_INEXACT: "class equal and tokens overlap, each matched at most once, micro-averaged",
            TOKEN: DEFINITION,
        },
    )


def count_concepts(case: Case) -> Counts:
    """Count a note by all definitions."""
    grid = make_grid(case.text)
    gold, guess = (place_concepts(mentions, grid) for mentions in (case.gold, case.guess))
    placed = Case(case.text, gold, guess)
    once = Case(case.text, drop_repeated(gold), drop_repeated(guess))
    return {
        **count_exact(placed),
        **count_exact(once, name=DISTINCT),
        **count_inexact(placed),
        **count_overlaps(placed, name=PLAIN_INEXACT),
    }


def place_concepts(mentions: Sequence[Mention], grid: Grid) -> List[Mention]:
    """Mentions whose offsets count tokens of `grid.tokens` instead of characters."""
    found = []
    for mention in mentions:
        start, end = mention.hull
        tokens = touched(grid, start, end)
        place = (OUTSIDE + start, OUTSIDE + end) if tokens is None else (tokens[0], tokens[1] + 1)
        found.append(Mention(mention.label, (place,)))
    return found


def drop_repeated(mentions: Sequence[Mention]) -> List[Mention]:
    """Mentions without those that equal one before."""
    return list({(mention.label, mention.fragments): mention for mention in mentions}.values())


def count_inexact(case: Case) -> Counts:
    """Count overlapping concepts of one class, leaving annotations out that were found as another class only."""
    counts: Counts = {}
    gold, guess = (sorted(side, key=lambda mention: (mention.hull, mention.label)) for side in (case.gold, case.guess))
    met = find_overlaps([m.hull for m in gold], [m.hull for m in guess])
    same = [[n for n in met[i] if guess[n].label == m.label] for i, m in enumerate(gold)]
    partners = match(same, len(guess))
    right, wanted = [], []
    for mention, partner, own, every in zip(gold, partners, same, met):
        right += [] if partner is None else [mention.label]
        wanted += [] if partner is None and len(every) > len(own) else [mention.label]
    tally(counts, INEXACT, wanted=wanted, guessed=(m.label for m in guess), right=right)
    return counts
