"""What a run stands on, to be told from another: settings by dotted keys, and digests of files and values."""

import hashlib
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import srsly


def show(value: Any) -> str:
    """A setting in a message."""
    text = "unset" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def flatten(section: Dict[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any]]:
    """The values of nested sections by dotted keys."""
    for key, value in sorted(section.items()):
        if isinstance(value, dict) and value:
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def fingerprint(*paths: Path) -> str:
    """A digest of files, and of all files of folders."""
    found = hashlib.sha256()
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            found.update(bytes.fromhex(digest_file(file)))
    return found.hexdigest()[:16]


def digest_file(path: Path) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def digest(value: Any) -> str:
    """A digest of a JSON value."""
    return hashlib.sha256(srsly.json_dumps(value, sort_keys=True).encode("utf8")).hexdigest()[:16]
