"""The files of a dataset: from a folder, a file or an archive to those that belong to a split."""

import os
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ..formats.text import decode
from ..report import Report
from . import splits
from .archives import archive_stem, is_archive, is_hidden, unpack

SPLITS = ("train", "dev", "test")
NAMED = 3  # files that a notice names
ABOUT = ("readme", "license", "licence", "copying")  # names of files that hold nothing to convert
HINTS = {  # what names a split in a file's or folder's name; of several the last counts
    r"train(ing)?": "train",
    r"dev(el(opment)?)?|valid(ation)?": "dev",
    r"test(ing)?|held[-_ ]?out": "test",
}
Hints = Mapping[str, str]  # regular expression to split
WORD = r"(?<![a-z])({})(set|split|data)?(?![a-z])"


@dataclass(frozen=True)
class File:
    """A file, and its place below INPUT (folders, then name; an archive counts as a folder)."""

    path: Path
    parts: Tuple[str, ...]

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def stem(self) -> str:
        """The name up to its last dot."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def folder(self) -> Tuple[str, ...]:
        return self.parts[:-1]

    def __str__(self) -> str:
        return "/".join(self.parts)


@dataclass(frozen=True)
class Source:
    """All files below INPUT, in order of their place. `name` is INPUT's own name, `single` says it is a file.

    notices: What was passed over, a sentence each.
    """

    name: str
    files: Tuple[File, ...]
    single: bool = False
    notices: Tuple[str, ...] = ()

    def with_suffix(self, *suffixes: str) -> List[File]:
        """The files whose name ends so; of a single file whatever its name, since the user named it."""
        return [file for file in self.files if self.single or file.name.lower().endswith(suffixes)]

    def at(self, parts: Tuple[str, ...]) -> Optional[File]:
        """The file at this place, or None."""
        return self._by_parts.get(parts)

    @cached_property
    def _by_parts(self) -> Dict[Tuple[str, ...], File]:
        return {file.parts: file for file in self.files}

    def describe(self) -> str:
        """What kinds of files there are, for error messages."""
        kinds = Counter("." + file.name.rpartition(".")[2].lower() for file in self.files)
        return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common(5)) or "no files"


@dataclass(frozen=True)
class Chosen:
    """The files of a split, and, where the split is cut from them by group, the side to keep.

    notices: What belongs to no split or was passed over, a sentence each.
    """

    files: Tuple[File, ...]
    side: Optional[str] = None
    notices: Tuple[str, ...] = ()

    def keeps(self, key: str) -> bool:
        """Whether the group with this key belongs to the split."""
        return self.side is None or splits.side(key) == self.side


@contextmanager
def open_source(path: Path, *, suffixes: Sequence[str]) -> Iterator[Source]:
    """List what is below a folder, in an archive, or a single file; unpacked archives go when the block ends.

    Of archives in a folder that holds files with one of the suffixes, that is taken which their name, or one in them,
    assigns to a split that no such file is named for.
    RAISES: FileNotFoundError if there is nothing there, ValueError for a name that is not UTF-8.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"Expected a folder, a file or an archive, found nothing at {path}. Check the path.")
    with TemporaryDirectory(prefix="mtclinical-") as scratch:
        if path.is_dir():
            links: List[str] = []
            files = _files_below(path, links=links)
            archives = [file for file in files if is_archive(file.path)]
            unpacked = [file for file in files if file.name.lower().endswith(tuple(suffixes)) and not _is_about(file)]
            there = {split_named(part) for file in unpacked for part in file.parts} - {None}
            closed: List[File] = []
            files = [file for file in files if file not in archives]
            for number, archive in enumerate(archives):
                name = archive_stem(archive.path)
                own = split_named(name)
                inside = []
                if not unpacked or (own not in there if own else there):
                    unpack(archive.path, to=Path(scratch, str(number)))
                    inside = _files_below(Path(scratch, str(number)), links=[], prefix=(name,))
                if unpacked and not own:
                    inside = [file for file in inside if _split_of(file, by_name=True) not in {None, *there}]
                files += inside
                closed += [archive] if unpacked and not inside else []
            files.sort(key=lambda file: file.parts)
            notices = (
                *_tell(links, "links to folders, or to nothing, were not followed"),
                *_tell(closed, "archives were not opened, since there are unpacked files beside them"),
            )
            yield Source(path.resolve().name, tuple(files), notices=notices)
        elif is_archive(path):
            unpack(path, to=Path(scratch))
            yield Source(archive_stem(path), tuple(_files_below(Path(scratch), links=[])))
        else:
            yield Source(path.name, (File(path, (path.name,)),), single=True)


def choose(
    source: Source,
    candidates: Sequence[File],
    *,
    split: str,
    expected: str,
    cut: bool = False,
    by_name: bool = False,
    hints: Optional[Hints] = None,
    weak: Optional[Hints] = None,
) -> Chosen:
    """Decide which candidates belong to a split.

    Names of folders (and of files, if `by_name`) tell; without any such name everything belongs to the split
    asked for. Where a dataset has no dev split of its own (`cut`), and none is found, train and dev are the
    two sides of the training files.
    expected: What the files are, for the error message.
    hints: Further regular expressions that name a split; they count before the usual ones.
    weak: Some that count where no folder is named by any other.
    RAISES: FileNotFoundError if nothing is left, ValueError for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"Expected a split ({', '.join(SPLITS)}), got {split!r}.")
    if not source.single:
        candidates = [file for file in candidates if not _is_about(file)]
    named = {
        file: None
        if source.single
        else _split_of(file, by_name=by_name, hints=hints) or _split_of(file, by_name=by_name, usual=weak or {})
        for file in candidates
    }
    found = {hint for hint in named.values() if hint}
    side, unnamed = None, []
    if found:
        fallback = None if "train" in found else "train"
        wanted = "train" if split == "dev" and cut and "dev" not in found else split
        chosen = [file for file in candidates if (named[file] or fallback) == wanted]
        unnamed = [file for file in candidates if not (named[file] or fallback)]
        side = split if cut and wanted == "train" and "dev" not in found else None
    else:
        chosen = list(candidates)
        is_own = split_named(source.name, hints=hints) == split == "dev"
        side = split if cut and split != "test" and not is_own else None
    if not chosen:
        raise FileNotFoundError(
            f"Expected {expected} for split {split} in {source.name}, found {source.describe()}"
            f"{' (named for ' + ', '.join(sorted(found)) + ')' if found else ''}"
            f"{''.join('; ' + notice for notice in source.notices)}. "
            f"Give the folder or archive as distributed, or a folder or file that holds only this split."
        )
    told = _tell(unnamed, "files belong to no split, since other names name one")
    return Chosen(tuple(chosen), side, (*source.notices, *told))


def prefer(chosen: Chosen, files: Sequence[File]) -> Chosen:
    """Keep only some of the files of a split, and say which were passed over; all where none is preferred."""
    passed = [file for file in chosen.files if file not in files]
    if not files or not passed:
        return chosen
    told = _tell(passed, f"files were passed over for {files[0]}; to convert one, name it as INPUT")
    return replace(chosen, files=tuple(files), notices=(*chosen.notices, *told))


def read_files(chosen: Chosen, *, report: Optional[Report] = None) -> Iterator[Tuple[str, File, str]]:
    """Read the chosen files in order, each with an identifier: its stem, or its place where two share one."""
    stems = Counter(file.stem for file in chosen.files)
    if report is not None:
        report.files += [str(file) for file in chosen.files]
        for notice in chosen.notices:
            report.say(notice)
        if chosen.side:
            report.say(f"{chosen.side} is cut from these files: {splits.RULE}")
    for file in chosen.files:
        doc_id = file.stem if stems[file.stem] == 1 else "/".join((*file.folder, file.stem))
        yield doc_id, file, read(file, report=report)


def tell_lone(files: Sequence[File], what: str, *, report: Optional[Report]) -> None:
    """Count files that are left out, since they lack the one that belongs to them; but for those about the others."""
    lone = [file for file in files if not _is_about(file)]
    if lone and report is not None:
        report.count("files_without_their_other", len(lone))
        report.say(f"{len(lone):,} {what} and were left out, such as {lone[0]}")


def read(file: File, *, report: Optional[Report] = None) -> str:
    """Read a file's text; say in the report if it is not UTF-8."""
    text, is_recoded = decode(file.path.read_bytes(), name=str(file))
    if is_recoded and report is not None:
        report.count("files_that_are_not_utf8")
        report.say(f"not UTF-8, so bytes that are none were read as Windows-1252: {file} (the report counts all)")
    return text


def split_named(name: str, *, hints: Optional[Hints] = None, usual: Hints = HINTS) -> Optional[str]:
    """The split that a name names, such as "train" for "CDR_TrainingSet.txt", or None."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    for table in (hints or {}, usual):
        found = [
            (match.end(), split)
            for expression, split in table.items()
            for match in re.finditer(WORD.format(expression), words)
        ]
        if found:
            return max(found)[1]
    return None


def _split_of(file: File, *, by_name: bool, hints: Optional[Hints] = None, usual: Hints = HINTS) -> Optional[str]:
    for part in reversed(file.parts if by_name else file.folder):
        hint = split_named(part, hints=hints, usual=usual)
        if hint:
            return hint
    return None


def _files_below(root: Path, *, links: List[str], prefix: Tuple[str, ...] = ()) -> List[File]:
    """List the files below a folder. links: Gets the places of links that are not followed."""
    files = []
    for folder, folders, names in os.walk(root, onerror=_raise):
        for name in (*names, *folders):
            path = Path(folder, name)
            parts = path.relative_to(root)
            if is_hidden(parts):
                continue
            try:
                parts.as_posix().encode("utf8")
            except UnicodeEncodeError:
                raise ValueError(
                    f"Expected names of files in UTF-8, got {ascii(parts.as_posix())}. Rename it."
                ) from None
            if path.is_file():
                files.append(File(path, (*prefix, *parts.parts)))
            elif path.is_symlink():
                links.append(parts.as_posix())
    return sorted(files, key=lambda file: file.parts)


def _tell(places: Sequence[object], what: str) -> List[str]:
    """Say how many there are of something, and name the first; nothing where there is none."""
    if not places:
        return []
    rest = f" and {len(places) - NAMED:,} more" if len(places) > NAMED else ""
    return [f"{len(places):,} {what}: {', '.join(sorted(map(str, places))[:NAMED])}{rest}"]


def _is_about(file: File) -> bool:
    """Whether a file is about the others."""
    return file.stem.lower() in ABOUT


def _raise(error: OSError) -> None:
    raise error
