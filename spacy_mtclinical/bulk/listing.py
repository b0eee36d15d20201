"""The .txt files of a folder, listed once in a file: a run of days reads the same notes from its first day to its last.

Neither the folder nor the list is ever held in memory, save the names of one folder at a time.
"""

import json
import os
from pathlib import Path
from typing import Iterator, NamedTuple, Optional, Tuple

from ..outputs import open_aside
from .items import is_note


class Listed(NamedTuple):
    """A file: its path in the folder, and its bytes, None where that could not be found out."""

    name: str
    size: Optional[int]


def walk_notes(folder: Path) -> Iterator[Listed]:
    """Find the .txt files of a folder by name, then those of its folders, likewise; links to folders are not followed.

    RAISES: OSError for a folder that cannot be read.
    """
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(filter(is_note, names)):
            file = Path(place, name)
            try:
                size: Optional[int] = file.stat().st_size if file.is_file() else None
            except OSError:
                size = None
            yield Listed(file.relative_to(folder).as_posix(), size)


def _raise(error: OSError) -> None:
    raise error


def count_notes(folder: Path) -> Tuple[int, int, int]:
    """Count the .txt files of a folder, its other files and the links to folders. RAISES: OSError, see `walk_notes`."""
    notes = others = links = 0
    for place, folders, names in os.walk(folder, onerror=_raise):
        own = sum(map(is_note, names))
        notes, others = notes + own, others + len(names) - own
        links += sum(os.path.islink(os.path.join(place, name)) for name in folders)
    return notes, others, links


def write_listing(folder: Path, file: Path) -> None:
    """List a folder's notes in a file, a JSON array a line. RAISES: OSError."""
    with open_aside(file) as stream:
        for listed in walk_notes(folder):
            stream.write(json.dumps(listed) + "\n")  # ASCII: a name may hold bytes that are not UTF-8


def read_listing(file: Path) -> Iterator[Listed]:
    """Read what `write_listing` wrote. RAISES: OSError; ValueError naming a list that is damaged."""
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                name, size = json.loads(line)
            except (ValueError, TypeError):
                raise ValueError(
                    f"{file}, line {number}: expected a name and a size. Start anew with --force."
                ) from None
            yield Listed(name, size)
