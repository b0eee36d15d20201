"""What de-identification leaves, measured on gold: characters, mentions and notes, by type, at each threshold.

A character counts if it is not white space. A mention is left if a letter or digit of it is (or, of one without, any
character), and left whole if all of them are.
"""

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

import numpy
from spacy.tokens import Doc

from ..documents import SOURCE
from .mentions import Mention, choose_mentions

Result = Dict[str, Any]
COUNTS = ("characters", "characters_left", "mentions", "mentions_left", "mentions_whole")  # of a type
Gold = List[Tuple[str, List[Tuple[int, int]]]]  # label, fragments


class Case(NamedTuple):
    """A note with its gold, and what was found in it."""

    text: str
    gold: Gold
    spans: Sequence[Mention]
    units: Sequence[Mention]


def read_gold(doc: Doc, task: str) -> Gold:
    """The gold annotations of a note as they were made, or its spans where that is not known."""
    source = doc.spans[task].attrs.get(SOURCE)
    if source is None:
        return [(span.label_, [(span.start_char, span.end_char)]) for span in doc.spans[task]]
    return [(own["label"], [(start, end) for start, end in own["fragments"]]) for own in source]


def measure_leaks(
    cases: Iterable[Case], thresholds: Sequence[float], *, kinds: Mapping[str, str], repeat: bool = True
) -> List[Result]:
    """Measure what is left at each threshold, in the order of the thresholds.

    kinds, repeat: See `mentions.choose_mentions`.
    """
    tallies = [_Tally.make() for _ in thresholds]
    for case in cases:
        is_black = numpy.array([not char.isspace() for char in case.text], dtype=bool)
        is_word = numpy.array([char.isalnum() for char in case.text], dtype=bool)
        for threshold, tally in zip(thresholds, tallies):
            chosen = choose_mentions(case.text, case.spans, case.units, threshold=threshold, kinds=kinds, repeat=repeat)
            tally.add(case, mark([(own.start, own.end) for own in chosen], len(case.text)), is_black, is_word)
    return [{"threshold": threshold, **tally.describe()} for threshold, tally in zip(thresholds, tallies)]


def mark(places: Iterable[Tuple[int, int]], length: int) -> Any:
    """Whether each character lies in one of some places. Shape: (character,)."""
    marked = numpy.zeros(length, dtype=bool)
    for start, end in places:
        marked[max(0, start) : max(0, end)] = True
    return marked


class _Tally(NamedTuple):
    total: Dict[str, int]
    types: Dict[str, Dict[str, int]]

    @classmethod
    def make(cls) -> "_Tally":
        names = ("notes", "notes_left", "characters", "characters_left", "others", "others_replaced")
        return cls(dict.fromkeys(names, 0), {})

    def add(self, case: Case, replaced: Any, is_black: Any, is_word: Any) -> None:
        """Count one note."""
        gold = mark([place for _, fragments in case.gold for place in fragments], len(case.text))
        left = False
        for label, fragments in case.gold:
            own = mark(fragments, len(case.text))
            counts = self.types.setdefault(
                label,
                dict.fromkeys(COUNTS, 0),
            )
            core = own & is_word if (own & is_word).any() else own
            seen = core & ~replaced
            counts["characters"] += int((own & is_black).sum())
            counts["characters_left"] += int((own & is_black & ~replaced).sum())
            counts["mentions"] += 1
            counts["mentions_left"] += bool(seen.any()) or not own.any()
            counts["mentions_whole"] += bool(seen.sum() == core.sum())
            left = left or bool(seen.any()) or not own.any()
        self.total["notes"] += 1
        self.total["notes_left"] += left
        self.total["characters"] += int((gold & is_black).sum())
        self.total["characters_left"] += int((gold & is_black & ~replaced).sum())
        self.total["others"] += int((~gold & is_black).sum())
        self.total["others_replaced"] += int((~gold & is_black & replaced).sum())

    def describe(self) -> Result:
        """Counts and shares as JSON values; a share of nothing is None."""
        total = self.total
        sums = {key: sum(own[key] for own in self.types.values()) for key in COUNTS}
        return {
            "characters": share(total["characters_left"], total["characters"]),
            "mentions": {**share(sums["mentions_left"], sums["mentions"]), "whole": sums["mentions_whole"]},
            "notes": share(total["notes_left"], total["notes"]),
            "others": share(total["others_replaced"], total["others"], what="replaced"),
            "types": {
                label: {
                    "characters": share(own["characters_left"], own["characters"]),
                    "mentions": {**share(own["mentions_left"], own["mentions"]), "whole": own["mentions_whole"]},
                }
                for label, own in sorted(self.types.items())
            },
        }


def share(part: int, total: int, *, what: str = "left") -> Result:
    """A count of a total, with the share that it is."""
    return {"total": total, what: part, "share": part / total if total else None}
