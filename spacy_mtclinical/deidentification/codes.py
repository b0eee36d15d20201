"""Identifiers of the same shape: digits for digits, letters for letters, and what stands between them."""

import string
import unicodedata
from typing import Optional

from .keys import Derive, make_random

TRIES = 64


def fold(text: str) -> str:
    """A text without case, accents and other marks: what is written alike is the same."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char)).casefold()


def sort_of(char: str) -> str:
    """What a character is: "letter" (its accents too), "digit", "between" (punctuation and space), or ""."""
    category = unicodedata.category(char)
    if category[0] in "LM":
        return "letter"
    if category[0] == "N":
        return "digit"
    return "between" if category[0] in "PZ" or char.isspace() or char.isascii() and char.isprintable() else ""


def make_code(text: str, derive: Derive, *, kind: str = "code") -> Optional[str]:
    """An identifier like another, with the same punctuation; the same one however it is punctuated.

    RETURNS: None where there is neither letter nor digit, or no other identifier was found.
    """
    sorts = [sort_of(char) for char in text]
    if not {"letter", "digit"} & set(sorts):
        return None
    core = fold("".join(char for char, sort in zip(text, sorts) if sort in ("letter", "digit")))
    for number in range(TRIES):
        random = make_random(derive, kind, core, str(number))
        made = []
        for char, sort in zip(text, sorts):
            if sort == "digit":
                made.append(string.digits[random.randrange(10)])
            elif sort == "letter":
                letter = string.ascii_lowercase[random.randrange(26)]
                made.append(letter.upper() if char.isupper() else letter)
            elif sort == "between":
                made.append(char)
        code = "".join(made)
        if fold(code) != fold(text):
            return code
    return None


def make_email(text: str, derive: Derive) -> Optional[str]:
    """An address in a domain that is reserved for examples (RFC 2606)."""
    user = make_code(text.partition("@")[0], derive, kind="email")
    return None if user is None else f"{user}@example.org"


def make_url(text: str, derive: Derive) -> Optional[str]:
    """A page in a domain that is reserved for examples (RFC 2606)."""
    scheme, separator, rest = text.rpartition("://")
    page = make_code(rest, derive, kind="url")
    page = None if page is None else "".join(filter(str.isalnum, page))
    return None if page is None else f"{'https://' if separator and scheme else ''}www.example.org/{page}"


def make_ip(text: str, derive: Derive) -> Optional[str]:
    """An address of a private network (RFC 1918)."""
    random = make_random(derive, "ip", fold(text))
    made = ".".join(["10", *(str(random.randrange(1, 255)) for _ in range(3))])
    return None if made == text.strip() else made
