"""Mentions replaced in a text, and the map of offsets between the two texts."""

from typing import Callable, List, NamedTuple, Sequence, Tuple

from .mentions import Mention


class Surrogate(NamedTuple):
    """What stands in the place of a mention, and whether that is a mask because nothing better could be made."""

    text: str
    masked: bool = False


class Replacement(NamedTuple):
    """Characters of the original, and those that stand in their place."""

    start: int
    end: int
    new_start: int
    new_end: int
    label: str
    masked: bool = False


class Deidentified(NamedTuple):
    """A new text, and what was replaced in it, in order."""

    text: str
    replacements: Tuple[Replacement, ...]


Replace = Callable[[str, str], Surrogate]  # of a mention's text and its label


def mask(label: str) -> str:
    """The mask of a label."""
    return f"[{label}]"


def replace_mentions(text: str, mentions: Sequence[Mention], replace: Replace) -> Deidentified:
    """Replace mentions; what stands outside of them is not changed.

    mentions: Disjoint and in order, as `mentions.merge` gives them.
    """
    parts: List[str] = []
    made: List[Replacement] = []
    place = length = 0
    for start, end, label, _ in mentions:
        new, masked = replace(text[start:end], label)
        length += start - place
        made.append(Replacement(start, end, length, length + len(new), label, masked))
        parts += [text[place:start], new]
        place, length = end, length + len(new)
    parts.append(text[place:])
    return Deidentified("".join(parts), tuple(made))


def find_original(replacements: Sequence[Replacement], start: int, end: int) -> Tuple[int, int]:
    """Characters of the new text to those of the original; of a replaced mention always all.

    RETURNS: The first, and one past the last.
    """
    return _carry([(own.new_start, own.new_end, own.start, own.end) for own in replacements], start, end)


def find_new(replacements: Sequence[Replacement], start: int, end: int) -> Tuple[int, int]:
    """Characters of the original to those of the new text; of a replaced mention always all.

    RETURNS: The first, and one past the last.
    """
    return _carry([(own.start, own.end, own.new_start, own.new_end) for own in replacements], start, end)


def _carry(places: Sequence[Tuple[int, int, int, int]], start: int, end: int) -> Tuple[int, int]:
    first, last = start, end
    for own_start, own_end, _, _ in places:
        if own_start < end and start < own_end:
            first, last = min(first, own_start), max(last, own_end)
    before = after = 0
    for own_start, own_end, _, to in places:
        before = to - own_end if own_end <= first else before
        # what was removed just after these characters is not theirs
        after = to - own_end if own_end < last or own_start < own_end == last else after
    return first + before, max(first + before, last + after)
