"""Spans of one type that overlap, or are equal, as the script of n2c2 2018 track 2 counts them; relations left out.

What that script (brat_eval.py) does beyond its description is done here too, and told apart by `plain`:
- a predicted span that meets an annotation met before is dropped, so it is no error, and may leave others unmatched;
- of an annotation count the first offset and the last in the order of the file, also if that is not the text's;
- an annotation of more than three fragments is read as the one before it;
- macro averages are means over notes, and a note with neither annotations nor predictions counts 0;
- without any annotation and prediction its figures are 0.
"""

from collections import defaultdict
from typing import Dict, List, Sequence, Set, Tuple

from .matching import find_overlaps
from .mentions import Case, Mention, Place
from .metric import RATIO, Counts, Figures, Kind, Metric, Sums, divide, make_span_metric, tally
from .spans import count_exact, count_overlaps
from .word_tokens import DEFINITION, TOKEN, count_tokens

READABLE = 3  # fragments of an annotation
STRICT, PLAIN, PLAIN_STRICT, MACRO = "strict", "plain", "plain_strict", "macro"
DEFINITIONS = {
    "": "type equal and spans overlap, as the script of n2c2 2018 counts, micro-averaged",
    STRICT: "type and offsets equal, as the script of n2c2 2018 counts, micro-averaged",
    PLAIN: "type equal and spans overlap, each matched at most once and none dropped, micro-averaged",
    PLAIN_STRICT: "type and offsets equal, each matched at most once and none dropped, micro-averaged",
}
MEANS = {name: f"{name}_{MACRO}".strip("_") for name in DEFINITIONS}


def configure_lenient_spans_v1() -> Metric:
    """Configure the metric: the lenient count is the one that counts, the strict one stands beside it."""
    means = {f"{mean}_f": DEFINITIONS[name].replace("micro-averaged", "mean of notes") for name, mean in MEANS.items()}
    return make_span_metric(
        count_note,
        count_tokens,
        definitions={**DEFINITIONS, TOKEN: DEFINITION},
        zero=("", STRICT),
        more=average,
        more_definitions=means,
    )


def count_note(case: Case) -> Counts:
    """Count a note by all four definitions, and its own precision, recall and F1 for the means."""
    counts: Counts = {}
    gold, guess = (group_ends(mentions) for mentions in (case.gold, case.guess))
    for label in {**gold, **guess}:
        wanted, given = gold.get(label, []), guess.get(label, [])
        for name, meets in (("", find_overlaps(given, wanted)), (STRICT, find_equals(given, wanted))):
            right, kept = drop_repeated(meets)
            found = {"wanted": len(wanted), "guessed": kept, "right": right}
            tally(counts, name, **{what: [label] * number for what, number in found.items()})
    counts.update(count_overlaps(case, name=PLAIN))
    counts.update(count_exact(case, name=PLAIN_STRICT))
    totals: Dict[Kind, float] = defaultdict(float)
    for (_, name, what), number in counts.items():
        totals[name, what] += number
    for name, mean in MEANS.items():
        recalled, all_gold, precise, guessed = (totals[name, what] for what in RATIO)
        rates = rate_note(recalled, all_gold, precise, guessed, empty=float(name in (PLAIN, PLAIN_STRICT)))
        counts.update({(None, mean, letter): value for letter, value in rates.items()})
    return counts


def group_ends(mentions: Sequence[Mention]) -> Dict[str, List[Place]]:
    """Label to the first and the last offset of its mentions, as the script reads them."""
    found: Dict[str, List[Place]] = {}
    label, place = "", (-1, -1)
    for mention in mentions:
        if len(mention.fragments) <= READABLE or place == (-1, -1):
            label = mention.label
            place = (mention.fragments[0][0], mention.fragments[-1][1]) if mention.fragments else (-1, -1)
        found.setdefault(label, []).append(place)
    return found


def find_equals(left: Sequence[Place], right: Sequence[Place]) -> List[List[int]]:
    """For each of the left, the indices of the right that are equal."""
    places: Dict[Place, List[int]] = {}
    for number, place in enumerate(right):
        places.setdefault(place, []).append(number)
    return [places.get(place, []) for place in left]


def drop_repeated(meets: Sequence[Sequence[int]]) -> Tuple[int, int]:
    """Count predictions that are right, and all that are kept.

    meets: For each prediction, in order, the annotations that it meets.
    """
    seen: Set[int] = set()
    right = kept = 0
    for met in meets:
        if seen.isdisjoint(met):
            kept += 1
            right += bool(met)
        seen.update(met)
    return right, kept


def rate_note(recalled: float, wanted: float, precise: float, guessed: float, *, empty: float) -> Dict[str, float]:
    """p, r and f of one note; what is given for each where there is neither gold nor prediction."""
    if not wanted and not guessed:
        return {"p": empty, "r": empty, "f": empty, "notes": 1.0}
    p, r = precise / guessed if guessed else 0.0, recalled / wanted if wanted else 0.0
    return {"p": p, "r": r, "f": 2 * p * r / (p + r) if p + r else 0.0, "notes": 1.0}


def average(sums: Sums) -> Figures:
    """Means over notes."""
    return {
        f"{mean}_{letter}": divide(sums[mean, letter], sums[mean, "notes"], default=float("nan"))
        for mean in MEANS.values()
        for letter in "fpr"
    }
