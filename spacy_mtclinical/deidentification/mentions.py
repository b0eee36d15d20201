"""What is to be replaced in a note: found spans, units that may be one, and what is said again, at a threshold."""

import re
from collections import Counter
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from spacy.tokens import Doc

from ..attributes import Setting
from ..documents import CANDIDATES, SCORES
from .codes import fold
from .kinds import ID, KEEP, NAME

WORD = re.compile(r"\w[\w\u0300-\u036f]*")  # an accent may be a character of its own
SURE = 0.5  # the score of what is looked for again, at least
SHORTEST_NAME = 4  # letters of a name that is looked for again
SHORTEST_ID = 5  # letters and digits of an identifier that is looked for again


class Mention(NamedTuple):
    """Characters that identify, why, and how probable that is."""

    start: int
    end: int
    label: str
    score: float


def find_mentions(doc: Doc, task: str) -> List[Mention]:
    """The spans of a task with their scores, 1 where there are none.

    RAISES: ValueError if the document has no such spans.
    """
    if task not in doc.spans:
        raise ValueError(
            f"Expected spans of task '{task}' on the document, found none among {sorted(doc.spans)}. "
            "Put this component after the one that finds them, and name its task."
        )
    return list(_read_group(doc, task))


def candidates(doc: Doc, task: str) -> Iterator[Mention]:
    """The units that may be a mention, each with the probability that it is one; none if the pipeline gives none."""
    return _read_group(doc, CANDIDATES.format(task=task))


def compute_exactly(component: Any) -> None:
    """Let a pipeline whose precision is "auto" compute in fp32.

    In half precision what is found in a note, and so what is written for it, depends a little on its company.
    """
    attrs = component.model.get_ref("encoder").attrs
    if attrs["precision"]() == "auto":
        attrs["precision"] = Setting("fp32")


def ask_candidates(component: Any, task: str, floor: float) -> bool:
    """Ask a multitask component for the units of a task that are at least so probable; whether it can give them."""
    known = getattr(component, "candidates", None)
    if isinstance(known, dict):
        component.candidates = {**known, task: min(floor, known.get(task, floor))}
    return isinstance(known, dict)


def _read_group(doc: Doc, name: str) -> Iterator[Mention]:
    group = doc.spans[name] if name in doc.spans else None
    if group is not None and len(group):
        scores = group.attrs.get(SCORES, ())
        for span, score in zip(group, scores if len(scores) == len(group) else [1.0] * len(group)):
            yield Mention(span.start_char, span.end_char, span.label_, float(score))


def choose_mentions(
    text: str,
    spans: Iterable[Mention],
    units: Iterable[Mention],
    *,
    threshold: float,
    kinds: Mapping[str, str],
    repeat: bool = True,
) -> List[Mention]:
    """Choose what is replaced: disjoint mentions in order. A lower threshold never replaces less.

    A span is chosen if its score, or that of a unit in it, is at least the threshold; a unit outside of chosen spans
    if its own is, as part of a neighbour of its label where only white space is between them; punctuation that only
    units would choose is left.

    kinds: Label to kind; mentions of the kind "keep" are left out.
    repeat: Choose also what is written like a name or an identifier that was chosen.
    """
    spans, units = ([own for own in clip(part, len(text)) if kinds.get(own.label) != KEEP] for part in (spans, units))
    hot = [unit for unit in units if unit.score >= threshold]
    is_hot = cover(hot, len(text))
    chosen = [span for span in spans if span.score >= threshold or any(is_hot[span.start : span.end])]
    is_span = cover(chosen, len(text))
    chosen += join(text, chosen, hot)
    if repeat:
        sure = [own for own in chosen if own.score >= max(threshold, SURE)]
        chosen += find_repeats(text, sure, kinds=kinds)
    return [
        own
        for own in merge(chosen)
        if any(is_span[own.start : own.end]) or any(map(str.isalnum, text[own.start : own.end]))
    ]


def clip(mentions: Iterable[Mention], length: int) -> List[Mention]:
    """Mentions as far as they lie in the text, without empty ones, in order."""
    inside = (own._replace(start=max(0, own.start), end=min(length, own.end)) for own in mentions)
    return sorted(own for own in inside if own.start < own.end)


def cover(mentions: Iterable[Mention], length: int) -> bytearray:
    """Mark the characters of mentions, all of which lie in a text of this length, by 1. Shape: (character,)."""
    covered = bytearray(length)
    for own in mentions:
        covered[own.start : own.end] = b"\1" * (own.end - own.start)
    return covered


def join(text: str, spans: Sequence[Mention], units: Sequence[Mention]) -> List[Mention]:
    """Join each unit with its neighbours of the same label, and with a span of that label beside it.

    RETURNS: The units and, where two neighbours are one, mentions over both.
    """
    joined: List[Mention] = list(units)
    order = sorted([*((span, False) for span in spans), *((unit, True) for unit in units)])
    for (first, is_unit), (second, is_second_unit) in zip(order, order[1:]):
        gap = text[first.end : second.start]
        if first.label == second.label and (is_unit or is_second_unit) and not gap.strip():
            joined.append(Mention(first.start, max(first.end, second.end), first.label, min(first.score, second.score)))
    return joined


def merge(mentions: Iterable[Mention]) -> List[Mention]:
    """Merge mentions that share characters: all their characters, under the label of the longest.

    Of equally long ones, the most probable counts; the score is that of the most probable.
    """
    merged: List[Mention] = []
    longest: List[Tuple[int, float, str]] = []
    for own in sorted(mentions):
        rank = (own.end - own.start, own.score, own.label)
        if merged and own.start < merged[-1].end:
            last = merged[-1]
            longest[-1] = max(longest[-1], rank)
            merged[-1] = Mention(last.start, max(last.end, own.end), longest[-1][2], max(last.score, own.score))
        else:
            merged.append(own)
            longest.append(rank)
    return merged


def find_repeats(text: str, mentions: Sequence[Mention], *, kinds: Mapping[str, str]) -> List[Mention]:
    """Find what is written like a capitalised part of a name, or like an identifier, among the mentions.

    Accents of names count no more than case.
    """
    labels: Dict[str, Counter] = {}
    phrases: Dict[str, Mention] = {}
    for own in mentions:
        said = text[own.start : own.end]
        kind = kinds.get(own.label)
        if kind == NAME:
            for word in WORD.findall(said):
                key = fold(word)
                if len(key) >= SHORTEST_NAME and key.isalpha() and word[0].isupper():
                    labels.setdefault(key, Counter())[own.label] += 1
        elif kind == ID and sum(map(str.isalnum, said)) >= SHORTEST_ID and any(map(str.isdigit, said)):
            phrases.setdefault(said, own)
    found = []
    for word in WORD.finditer(text) if labels else ():
        counts = labels.get(fold(word[0]))
        if counts and word[0][0].isupper():
            label = max(sorted(counts), key=counts.__getitem__)
            found.append(Mention(word.start(), word.end(), label, 0.0))
    for phrase, own in phrases.items():
        found += [Mention(start, start + len(phrase), own.label, 0.0) for start in find_all(text, phrase)]
    covered = cover(mentions, len(text))
    return [own for own in found if not all(covered[own.start : own.end])]


def find_all(text: str, phrase: str) -> Iterator[int]:
    """Find where a phrase stands, with neither letter nor digit beside it."""
    start = text.find(phrase)
    while start != -1:
        end = start + len(phrase)
        if not (start and text[start - 1].isalnum()) and not text[end : end + 1].isalnum():
            yield start
        start = text.find(phrase, start + 1)
