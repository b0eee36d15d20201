"""Files that get their name when they are whole, and never in the place of what was read."""

import json
import math
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Iterator

LINE_ENDS = str.maketrans({char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"})  # JSON leaves these as they are


def check_apart(path: Path, *, source: Path) -> None:
    """Refuse to write over what was read. RAISES: ValueError if the output is the source or lies in it."""
    real, read = path.resolve(), source.resolve()
    is_source = path.exists() and source.exists() and path.samefile(source)
    if is_source or real == read or (source.is_dir() and read in real.parents):
        raise ValueError(f"Expected an output outside of the input, got {path}, which is the input or lies in it.")


def check_output(path: Path, *, source: Path, force: bool = False) -> None:
    """Refuse to write over what was read, or, unless forced, over any other file.

    RAISES: ValueError if the output is the source, lies in it, is a folder, or is there already.
    """
    check_apart(path, source=source)
    if path.is_dir():
        raise ValueError(f"Expected the name of a file to write, got the folder {path}.")
    if path.exists() and not force:
        raise ValueError(f"{path} is there already. Name another file, or say --force to replace it.")


@contextmanager
def open_aside(path: Path) -> Iterator[IO[str]]:
    """Open NAME.part beside a file, to be renamed to it at the end; where the block fails, nothing is left.

    RAISES: OSError if it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.part")
    try:
        with aside.open("w", encoding="utf8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def sync_file(path: Path) -> None:
    """Wait until a file is on the disk. RAISES: OSError."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can say so. RAISES: OSError."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def format_line(value: Any) -> str:
    """Write a JSON value as one line, whatever its reader takes for the end of a line."""
    try:
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        line = json.dumps(make_plain(value), ensure_ascii=False, allow_nan=False)
    return line.translate(LINE_ENDS) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Write a JSON value for programs and persons. RAISES: OSError if it cannot be written."""
    with open_aside(path) as file:
        file.write(json.dumps(make_plain(value), ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote, every number to its last bit, for which srsly's reader is too quick."""
    return json.loads(path.read_text("utf8"))


def make_plain(value: Any) -> Any:
    """A value as JSON can hold it: None for numbers that are not finite."""
    if isinstance(value, dict):
        return {key: make_plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [make_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
