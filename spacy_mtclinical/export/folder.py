"""A folder of files that appears when it is whole."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Iterable, Iterator, List

from ..datasets.writing import Written


def check_folder(output: Path, *, force: bool) -> None:
    """Refuse a folder that holds anything, unless forced.

    RAISES: ValueError if it does, or is a file.
    """
    if output.exists() and not output.is_dir():
        raise ValueError(f"Expected a folder to write, got the file {output}. Name another.")
    if output.is_dir() and any(output.iterdir()) and not force:
        raise ValueError(
            f"Expected a new or empty folder, got {output}, which holds files. Name another, or say --force to replace "
            "files of the same names."
        )


def write_folder(files: Iterable[Written], output: Path, *, force: bool = False) -> List[Path]:
    """Write files below a folder: all of them, or, where one cannot be made, none.

    They are written aside, within a folder that is there (it may be on another file system), and brought in place at
    the end.
    RETURNS: The files that were in the folder before and were not replaced.
    RAISES: ValueError for two files of one name, a name that leaves the folder, or what `check_folder` refuses.
    """
    output = Path(output)
    check_folder(output, force=force)
    with _open_aside(output if output.is_dir() else output.parent) as aside:
        for file in files:
            _write(aside, file)
        return _bring(aside, output)


@contextmanager
def _open_aside(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".export-{token_hex(8)}.part"
    aside.mkdir()
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(aside: Path, file: Written) -> None:
    name = "/".join(file.parts)
    if any(part in ("", ".", "..") or "/" in part or "\\" in part or "\0" in part for part in file.parts):
        raise ValueError(f"Expected names of files below the output folder, got {name!r}. Rename the document.")
    path = aside.joinpath(*file.parts)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf8", newline="") as stream:
            stream.write(file.text)
    except (FileExistsError, NotADirectoryError):
        raise ValueError(
            f"Expected each document to have a file of its own, got two for {name!r}. Rename one of the documents."
        ) from None


def _bring(aside: Path, output: Path) -> List[Path]:
    names = sorted(path.relative_to(aside) for path in aside.rglob("*") if path.is_file())
    if not output.exists():
        os.replace(aside, output)
        return []
    paths = (path for path in output.rglob("*") if aside not in path.parents)
    before = {path.relative_to(output) for path in paths if not path.is_dir()}
    for name in names:
        _check_target(output / name, output=output)
    for number, name in enumerate(names):
        try:
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(aside / name, output / name)
        except OSError as error:
            raise OSError(f"{output}: {number} of {len(names)} files were replaced, then: {error.strerror}.") from error
    return sorted(before - set(names))


def _check_target(target: Path, *, output: Path) -> None:
    is_below = output.resolve() in target.parent.resolve().joinpath(target.name).parents
    if not is_below or target.is_dir():
        raise ValueError(f"Expected to write a file below {output}, got a link out of it or a folder at {target}.")
