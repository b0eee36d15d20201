"""Events by their spans, type apart, as the script of the 2012 i2b2 challenge matches them.

An event of one side is looked for among those of the other, once from gold for recall and once from the predictions
for precision. What that script (eventEvaluation.py) does beyond its description is done here too:
- F ignores the type; "exact" means that spans overlap and hold the same words, punctuation apart;
- spans that overlap match only if type, polarity or modality agree, unless they hold the same words;
- one that begins later has to share two characters;
- of events that repeat an identifier the first counts alone; items of empty type count as any other;
- an event without letter or digit never matches, but `&`, `<`, `>` and `"` have letters where XML escapes them;
- without any event on either side its figures are 0;
- the accuracy of types over a corpus is divided by all gold events (`type_of_gold`), not by the matched ones.
`plain` and `plain_exact` match each event at most once by its offsets alone. A prediction has no polarity and no
modality here; exported, it gets POS and FACTUAL, with which the script would compare it, and so they count here.
"""

import re
from collections import Counter
from typing import FrozenSet, List, NamedTuple, Optional, Sequence, Set, Tuple

from .matching import find_overlaps, match
from .mentions import Case, Mention
from .metric import Counts, Figures, Metric, Sums, divide, make_span_metric, tally
from .spans import count_exact
from .word_tokens import DEFINITION, TOKEN, count_tokens

EXACT, EXACT_TYPE, PLAIN, PLAIN_EXACT = "exact", "exact_type", "plain", "plain_exact"
DEFAULTS = {"polarity": "POS", "modality": "FACTUAL"}  # what export writes
WORD = re.compile(r'[\w&<>"]')
PUNCTUATION = frozenset([*",.?!\"'<>;:/\\~_-+=()[]{}|@#$%^&*`", "&apos;", "&amp;", "&quot;", "&gt;", "&lt;"])
ACCURACIES = {
    "type_acc": "share of matched gold events whose type is right",
    "type_of_gold": "share of all gold events that are matched with the right type, as the script of i2b2 2012 divides",
    "polarity_acc": "share of matched gold events whose polarity is right, of those whose prediction has one",
    "modality_acc": "share of matched gold events whose modality is right, of those whose prediction has one",
}


class Event(NamedTuple):
    """What of an event is compared. words: without punctuation, None if it has no letter or digit in XML.

    type, polarity, modality: in upper case. stated: which of the last two the event itself has.
    """

    start: int
    end: int
    words: Optional[Tuple[str, ...]]
    type: str
    polarity: str
    modality: str
    stated: FrozenSet[str]


class Match(NamedTuple):
    """How an event was found.

    span: 1 the same words, 0.5 overlap, 0 not found. agree: how many attributes agree. other: the event it matches.
    """

    span: float = 0.0
    agree: int = 0
    other: Optional[int] = None


def configure_event_spans_v1() -> Metric:
    """Configure the metric."""
    return make_span_metric(
        count_events,
        count_plain,
        count_tokens,
        definitions={
            "": "spans overlap whatever the type, as the script of i2b2 2012 matches them, micro-averaged; "
            "per type, matched with the same type",
            EXACT: "spans overlap and hold the same words, as the script of i2b2 2012 matches them, micro-averaged",
            EXACT_TYPE: "offsets and type equal, micro-averaged",
            PLAIN: "spans overlap whatever the type, each matched at most once, micro-averaged",
            PLAIN_EXACT: "offsets equal whatever the type, each matched at most once, micro-averaged",
            TOKEN: DEFINITION,
        },
        zero=("", EXACT),
        more=compute_accuracies,
        more_definitions=ACCURACIES,
    )


def count_events(case: Case) -> Counts:
    """Count a note as the script does."""
    counts: Counts = {}
    sides = [drop_repeated_ids(mentions) for mentions in (case.gold, case.guess)]
    gold, guess = ([make_event(mention, case.text) for mention in side] for side in sides)
    ways = (("wanted", "recalled", gold, guess), ("guessed", "precise", guess, gold))
    for mentions, (every, part, events, others) in zip(sides, ways):
        found = find_events(events, others)
        for name, least in (("", 0.0), (EXACT, 0.5)):
            matched = [
                mention.label if event.type == others[match_.other].type else None
                for mention, event, match_ in zip(mentions, events, found)
                if match_.other is not None and match_.span > least
            ]
            tally(counts, name, **{every: (mention.label for mention in mentions), part: matched})
        if part == "recalled":
            count_attributes(counts, events, others, found)
    return counts


def count_attributes(counts: Counts, gold: Sequence[Event], guess: Sequence[Event], found: Sequence[Match]) -> None:
    """Count matched gold events whose type agrees, and polarity and modality where the prediction states them."""
    for event, match_ in zip(gold, found):
        if match_.other is None:
            continue
        other = guess[match_.other]
        for name in ("type", *DEFAULTS):
            if name == "type" or name in other.stated:
                is_right = getattr(event, name) == getattr(other, name)
                counts[None, name, "matched"] = counts.get((None, name, "matched"), 0) + 1
                counts[None, name, "right"] = counts.get((None, name, "right"), 0) + is_right


def compute_accuracies(sums: Sums) -> Figures:
    """Accuracies of what the events say of themselves; nan where no event has it."""
    shares = {name: (sums[name, "right"], sums[name, "matched"]) for name in ("type", *DEFAULTS)}
    figures = {f"{name}_acc": divide(right, whole, default=float("nan")) for name, (right, whole) in shares.items()}
    return {**figures, "type_of_gold": divide(sums["type", "right"], sums["", "wanted"], default=float("nan"))}


def count_plain(case: Case) -> Counts:
    """Count a note by offsets alone, and by offsets and type."""
    counts: Counts = {}
    gold, guess = ([mention.hull for mention in side] for side in (case.gold, case.guess))
    labels = {"wanted": [mention.label for mention in case.gold], "guessed": [mention.label for mention in case.guess]}
    overlapping = sum(partner is not None for partner in match(find_overlaps(gold, guess), len(guess)))
    equal = sum((Counter(gold) & Counter(guess)).values())
    for name, right in ((PLAIN, overlapping), (PLAIN_EXACT, equal)):
        tally(counts, name, **labels, right=[None] * right)
    return {**counts, **count_exact(case, name=EXACT_TYPE)}


def drop_repeated_ids(mentions: Sequence[Mention]) -> List[Mention]:
    """Mentions without those that have the identifier of one before."""
    seen: Set[str] = set()
    kept = []
    for mention in mentions:
        if not mention.id or mention.id not in seen:
            kept.append(mention)
            seen.add(mention.id)
    return kept


def make_event(mention: Mention, text: str) -> Event:
    """Make a mention comparable."""
    start, end = mention.hull
    words = tuple(word for word in text[start:end].split() if word not in PUNCTUATION) if start >= 0 else ()
    has_words = start >= 0 and bool(WORD.search(text[start:end]))
    given = {name: mention.attributes.get(name) for name in DEFAULTS}
    filled = {name: default if given[name] is None else str(given[name]).upper() for name, default in DEFAULTS.items()}
    stated = frozenset(name for name, value in filled.items() if value and given[name] is not None)
    return Event(start, end, words if has_words else None, mention.label.upper(), **filled, stated=stated)


def find_events(events: Sequence[Event], others: Sequence[Event]) -> List[Match]:
    """Look for each event among others, in the order and with the changes of mind of the script."""
    found = [Match() for _ in events]
    owners: List[Optional[int]] = [None] * len(others)
    nearby = find_overlaps([event[:2] for event in events], [event[:2] for event in others])
    for number, event in enumerate(events):
        for index in nearby[number]:
            other = others[index]
            if event.words is None or other.words is None or not do_meet(event, other):
                continue
            match_ = Match(1.0 if event.words == other.words else 0.5, count_agreements(event, other), index)
            owner, before = owners[index], found[number]
            if owner is not None:
                if match_.span == 1 and found[owner].span < 1:
                    found[owner], found[number], owners[index] = Match(), match_, number
                continue
            is_first_equal = match_.span == 1 and before.span < 1
            if is_first_equal or (match_.span >= before.span and match_.agree > before.agree):
                found[number], owners[index] = match_, number
                if before.other is not None:
                    owners[before.other] = None
    return found


def do_meet(event: Event, other: Event) -> bool:
    """Whether two events overlap, as the script looks at it from the first."""
    return event.end > other.start if event.start <= other.start else other.end > event.start + 1


def count_agreements(event: Event, other: Event) -> int:
    """How many of type, polarity and modality agree."""
    return sum(getattr(event, name) == getattr(other, name) for name in ("type", *DEFAULTS))
