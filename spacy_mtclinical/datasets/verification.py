"""Annotations held against the text they are said to have, and the one repair that is allowed."""

import re
from dataclasses import replace
from typing import List, Optional, Sequence, Tuple

from ..formats.records import Annotation, Note
from ..report import Report

SHIFTS = (-1, 1, -2, 2, -3, 3, -4, 4)  # in order of preference
REPAIRED_SHARE = 0.9
EVIDENCE = 4  # characters that have to match in all, so that a stray letter proves no shift
SHIFT = "shift"  # key in the attributes of a repaired annotation
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def verify(note: Note, *, report: Report) -> Note:
    """Count the annotations whose text is not where they say; shift them where one shift explains them.

    A copy of a corpus can have a document whose offsets are off by a constant, throughout (QUAERO's 118_2:
    409 of 412 are one too high) or from some character on (a file of i2b2 2014). So one shift of up to four
    characters is tried on the annotations that do not match, and taken if at least nine in ten of them then
    match; those are moved, and say so in their attribute "shift". All others stay as they are.
    RETURNS: The note; a new one if annotations were shifted.
    """
    mismatched = []
    for position, annotation in enumerate(note.annotations):
        if not annotation.text:
            report.count("unstated", label=annotation.label)
        elif not matches(note.text, annotation):
            mismatched.append(position)
    shift, repaired = find_shift(note.text, [note.annotations[position] for position in mismatched])
    annotations = list(note.annotations)
    for position, is_repaired in zip(mismatched, repaired):
        annotation = annotations[position]
        report.count("repaired" if is_repaired else "mismatched", label=annotation.label)
        if is_repaired and shift is not None:
            annotations[position] = replace(
                annotation,
                fragments=tuple((start + shift, end + shift) for start, end in annotation.fragments),
                attributes={**annotation.attributes, SHIFT: shift},
            )
    if shift is None:
        return note
    report.shifts[note.id] = shift
    return replace(note, annotations=tuple(annotations))


def find_shift(text: str, annotations: Sequence[Annotation]) -> Tuple[Optional[int], List[bool]]:
    """Find the shift that makes most of these annotations match.

    RETURNS: The shift, None if none makes nine in ten match, and which annotations it repairs.
    """
    best: Tuple[Optional[int], List[bool]] = (None, [False] * len(annotations))
    for shift in SHIFTS:
        repaired = [matches(text, annotation, shift=shift) for annotation in annotations]
        evidence = sum(len(normalise(a.text)) for a, is_repaired in zip(annotations, repaired) if is_repaired)
        if sum(repaired) > sum(best[1]) and sum(repaired) >= REPAIRED_SHARE * len(annotations) and evidence >= EVIDENCE:
            best = (shift, repaired)
    return best


def matches(text: str, annotation: Annotation, *, shift: int = 0) -> bool:
    """Whether the annotation's fragments, moved by `shift`, lie inside the text and read as it states.

    Letter case, white space and un-escaped XML entities make no difference.
    """
    fragments = [(start + shift, end + shift) for start, end in annotation.fragments]
    if any(not 0 <= start <= end <= len(text) for start, end in fragments):
        return False
    return normalise(" ".join(text[start:end] for start, end in fragments)) == normalise(annotation.text)


def normalise(text: str) -> str:
    """Fold letter case, un-escape XML entities, and drop white space."""
    for entity, character in ENTITIES:
        text = text.replace(entity, character)
    return re.sub(r"\s+", "", text).casefold()
