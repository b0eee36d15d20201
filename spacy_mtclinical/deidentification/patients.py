"""Whose note it is, and what is derived from a secret for that patient alone."""

import math
import re
from typing import Optional

from .keys import Derive

Pattern = Optional["re.Pattern[str]"]


def compile_pattern(pattern: Optional[str]) -> Pattern:
    """Compile the pattern whose first group is the patient in the name of a note.

    RAISES: ValueError if it is no regular expression or has no group.
    """
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"Expected a regular expression for the patient, got '{pattern}' ({error}).") from None
    if not compiled.groups:
        raise ValueError(f"Expected a group in the pattern of the patient, as in '(\\d+)-\\d+', got '{pattern}'.")
    return compiled


def find_patient(id: Optional[str], *, pattern: Pattern = None, named: object = None) -> Optional[str]:
    """Find the patient of a note; None where nothing tells.

    id: The name of the note.
    named: What the note's row says.
    """
    if isinstance(named, float):  # a column of numbers, some of them missing
        named = int(named) if named.is_integer() else named if math.isfinite(named) else None
    if isinstance(named, (str, int, float)) and not isinstance(named, bool) and str(named).strip():
        return str(named).strip()
    found = pattern.search(id) if pattern is not None and id is not None else None
    return found[1] or None if found else None


def derive_for(derive: Derive, *, patient: Optional[str], id: Optional[str], text: str) -> Derive:
    """Derive for a patient; where there is none, for the note by its name; where that is missing too, by its text."""
    owner = ("patient", patient) if patient is not None else ("note", id) if id is not None else ("text", text)

    def derive_own(*parts: str) -> bytes:
        return derive(*owner, *parts)

    return derive_own
