"""HTML and SVG elements as text, in which everything that is not an element is escaped."""

import re
from html import escape
from typing import Any, Optional

VOID = ("br", "hr", "input", "meta")
OBEYED = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff"
ODD = re.compile(f"[{OBEYED}\ud800-\udfff]")  # what a browser would obey (as in view_text.js), or could not be encoded


class Markup(str):
    """Text that is HTML already."""


def element(name: str, /, *children: Optional[str], **attributes: Any) -> Markup:
    """Write an element with its attributes and children.

    children: Markup is taken as it is, other text is escaped, None is left out.
    attributes: `_` stands for `-`, a final `_` is dropped (`class_`); None and False are left out, True has no value.
    """
    written = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        written.append(key if value is True else f'{key}="{quote(str(value))}"')
    head = f"<{' '.join(written)}>"
    return Markup(head) if name in VOID else Markup(f"{head}{join(*children)}</{name}>")


def join(*children: Optional[str]) -> Markup:
    """Write elements and text one after the other."""
    return Markup(
        "".join(child if isinstance(child, Markup) else quote(child) for child in children if child is not None)
    )


def quote(text: str) -> str:
    """Write text as HTML that shows it; a character that would be obeyed or cannot be encoded becomes its number."""
    return escape(ODD.sub(lambda found: f"U+{ord(found.group()):04X}", text))
