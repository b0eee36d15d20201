"""A page that needs nothing but itself: no network, and no script or style other than its own."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Optional, Sequence

from ..outputs import make_plain, open_aside
from .elements import Markup, element

DATA = "data"  # the identifier of the element that holds a page's data as JSON
ESCAPED = re.compile("[<>&\x7f\u2028\u2029\ud800-\udfff]")  # in JSON: what could end the element or not be encoded


def write_page(
    path: Path,
    *,
    title: str,
    body: Sequence[Optional[str]],
    styles: Sequence[str],
    scripts: Sequence[str] = (),
    data: Optional[Any] = None,
) -> None:
    """Write a page, whole or not at all.

    body: Elements, or text, which is escaped.
    styles, scripts: Style sheets and programs as text; the browser runs these and no others.
    data: What the programs read, of JSON values.
    RAISES: OSError if it cannot be written.
    """
    text = format_page(title=title, body=body, styles=styles, scripts=scripts, data=data)
    with open_aside(path) as file:
        file.write(text)


def format_page(
    *, title: str, body: Sequence[Optional[str]], styles: Sequence[str], scripts: Sequence[str], data: Optional[Any]
) -> str:
    """Write a page as text, see `write_page`."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=format_policy(styles, scripts)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        *(element("style", Markup(style)) for style in styles),
    )
    held = None if data is None else element("script", format_data(data), type="application/json", id=DATA)
    programs = [element("script", Markup(script)) for script in scripts]
    page = element("html", head, element("body", *body, held, *programs), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def format_policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """The policy that forbids everything but these styles and scripts, which it names by their hashes."""
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["style-src", *map(format_hash, styles)]),
            " ".join(["script-src", *(map(format_hash, scripts) if scripts else ("'none'",))]),
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        ]
    )


def format_hash(text: str) -> str:
    """The hash of an inline style or script, as policies name it."""
    return f"'sha256-{b64encode(sha256(text.encode('utf8')).digest()).decode('ascii')}'"


def format_data(data: Any) -> Markup:
    """Write JSON so that no HTML parser finds an end of the element, a comment or an entity in it."""
    text = json.dumps(make_plain(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text))


def read_asset(name: str) -> str:
    """Read a style sheet or a program of this package."""
    return files(__package__).joinpath("assets", name).read_text("utf8")


def format_header(title: str, *lines: Optional[str]) -> Markup:
    """The head of a page: its title and lines that say what it shows."""
    return element("header", element("h1", title), *(element("p", line) for line in lines if line))
