"""Surrogate names: word for word, so that parts of a name agree, of the same gender, case and order.

A patient has a table from initials to other initials; the surrogate of a word has the initial that the table gives
for its own. So "J. Smith" goes with "John Smith", though each is replaced alone.
"""

from itertools import groupby
from typing import List, Optional, Sequence, Tuple

from .codes import fold, make_code, sort_of
from .faking import FEMALE, LAST, MALE, Names, get_names
from .keys import Derive, pick

TITLES = {"mr", "mrs", "ms", "miss", "dr", "dra", "sra", "srta", "prof", "md", "phd", "jr", "sr", "ii", "iii"}
PARTICLES = {"de", "del", "la", "las", "los", "y", "e", "da", "do", "dos", "du", "van", "von", "der", "den", "di"}
SURE_PARTICLES = {"de", "del", "von", "der", "los", "las"}  # seldom a name, also where the case does not tell
LONGEST_INITIALS = 3


def make_name(text: str, derive: Derive, *, locale: str) -> Optional[str]:
    """A name like another: titles, particles ("de la") and punctuation stay.

    RETURNS: None where there is neither letter nor digit to replace.
    RAISES: ValueError if there are no names, see `faking.get_names`.
    """
    names = get_names(locale)
    parts = [(sort, "".join(chars)) for sort, chars in groupby(text, sort_of)]
    words = [(place, part) for place, (sort, part) in enumerate(parts) if sort == "letter"]
    kept = find_kept(parts, words)
    made = []
    changed = False
    for place, (sort, part) in enumerate(parts):
        if sort == "between" or place in kept:
            made.append(part)
        elif sort == "digit":
            made.append(make_code(part, derive, kind="name") or "")
            changed = True
        elif sort == "letter":
            made.append(make_word(part, derive, names, whole=text))
            changed = True
    return "".join(made) if changed else None


def find_kept(parts: Sequence[Tuple[str, str]], words: Sequence[Tuple[int, str]]) -> List[int]:
    """Find the words that are no part of a name, unless all are: titles, particles, and the s of a genitive.

    In a name of capitals or small letters alone, "DO" or "LA" may be a name: there, only what hardly is counts as a
    particle, and what comes first does not.
    """
    kept = [
        place
        for place, word in words
        if fold(word) in TITLES or (word in ("s", "S") and place > 0 and parts[place - 1][1] in ("'", "’"))
    ]
    own = [(place, word) for place, word in words if place not in kept]
    letters = "".join(word for _, word in own)
    is_mixed = not letters.isupper() and not letters.islower()
    for (_, before), (place, word) in zip([(0, ""), *own], own[:-1]):
        is_sure = bool(before) and (word.lower() in SURE_PARTICLES or (before.lower(), word.lower()) == ("de", "la"))
        if len(words) > 2 and (word in PARTICLES if is_mixed else is_sure):
            kept.append(place)
    return kept if len(kept) < len(words) else []


def make_word(word: str, derive: Derive, names: Names, *, whole: str) -> str:
    """A word of a name like another, in its case."""
    key = fold(word)
    if not key:
        return ""
    kind = find_kind(key, names)
    is_known = key in names.weights[kind]
    if len(key) == 1 or (is_initials(word, whole) and not is_known):
        made = "".join(turn_initial(char, derive, names) for char in key)
        return made.lower() if word.islower() else made
    choices = names.lists[kind][turn_initial(key[0], derive, names)]
    first = pick(derive, "name", key, count=len(choices))
    others = [own for own in (*choices[first:], *choices[:first]) if key not in fold(own)]
    made = others[0] if others else choices[first]
    return made.upper() if word.isupper() else made.lower() if word.islower() else made


def is_initials(word: str, whole: str) -> bool:
    """Whether a word may be initials: a few capitals, not because all words are in capitals."""
    return len(word) <= LONGEST_INITIALS and word.isupper() and (word == whole or not whole.isupper())


def find_kind(key: str, names: Names) -> str:
    """What a word, folded, is most often: a male or female first name, else a last name."""
    return max((LAST, MALE, FEMALE), key=lambda kind: names.weights[kind].get(key, 0.0))


def turn_initial(char: str, derive: Derive, names: Names) -> str:
    """The initial that a patient's table gives for another, upper case."""
    initials = [initial for initial in names.initials if initial != char.upper()]
    return initials[pick(derive, "initial", char, count=len(initials))]
