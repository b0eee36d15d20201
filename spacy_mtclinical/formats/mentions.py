"""A mention as writers need it: its offsets checked against the text, its wording, its identifier."""

import re
from typing import List, Pattern

from .records import Annotation, FormatError, Note

LINE_BREAK = re.compile(r"[\r\n\t]")


def check_offsets(note: Note, annotation: Annotation) -> None:
    """RAISES: FormatError if a fragment does not lie within the text, or there is none."""
    if not annotation.fragments:
        raise FormatError(f"{note.id}: expected at least one fragment in each annotation, got none. Leave it out.")
    for start, end in annotation.fragments:
        if not 0 <= start <= end <= len(note.text):
            raise FormatError(
                f"{note.id}: expected offsets within the text (0 to {len(note.text)}), got {start} to {end}. "
                "Verify the annotations against the text before writing them."
            )


def wording(note: Note, annotation: Annotation) -> str:
    """The mention as the file stated it, else as the text has it: fragments joined by a space, on one line."""
    if annotation.text:
        return annotation.text
    return LINE_BREAK.sub(" ", " ".join(note.text[start:end] for start, end in annotation.fragments))


def identifiers(note: Note, *, prefix: str, expected: Pattern[str], first: int) -> List[str]:
    """An identifier for each annotation: its own if all of the note are unique and as the format expects,
    otherwise `prefix` and a running number (annotations read from another format)."""
    own = [annotation.id for annotation in note.annotations]
    if len(set(own)) == len(own) and all(expected.fullmatch(id_) for id_ in own):
        return own
    return [f"{prefix}{number}" for number, _ in enumerate(own, start=first)]
