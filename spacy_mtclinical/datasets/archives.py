"""Archives as corpora are distributed, unpacked without trusting what they say."""

import gzip
import lzma
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Iterator, Optional, Tuple

from ..formats.records import FormatError

DAMAGED = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError, RuntimeError)
SUFFIXES = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tar", ".zip")


def is_archive(path: Path) -> bool:
    """Whether the name is that of an archive that `unpack` can read."""
    return path.name.lower().endswith(SUFFIXES)


def archive_stem(path: Path) -> str:
    """The name without the suffix of an archive."""
    suffix = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    return path.name[: len(path.name) - len(suffix)]


def unpack(path: Path, *, to: Path) -> None:
    """Unpack the plain files of an archive into a folder.

    Hidden files are left out. File modes and owners are not taken over.
    RAISES: FormatError if the archive is damaged, or a member is a link, a device, or leaves the folder.
    """
    try:
        members = _zip_members(path) if path.name.lower().endswith(".zip") else _tar_members(path)
        for name, stream in members:
            target = to.joinpath(*split_member(name, archive=path.name))
            if is_hidden(PurePosixPath(name)):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                shutil.copyfileobj(stream, file)
    except DAMAGED as error:
        raise FormatError(
            f"{path.name}: expected a whole {path.suffix} archive without a password, got {type(error).__name__}. "
            "Fetch it again, or unpack it yourself and give the folder."
        ) from error


def is_hidden(path: PurePath) -> bool:
    """Whether a part of the path is one that file managers leave behind (._name, .DS_Store, __MACOSX)."""
    return any(part.startswith(".") and part != "." or part == "__MACOSX" for part in path.parts)


def _tar_members(path: Path) -> Iterator[Tuple[str, IO[bytes]]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isdir():
                continue
            stream: Optional[IO[bytes]] = archive.extractfile(member) if member.isreg() else None
            if stream is None:
                raise FormatError(
                    f"{path.name}: expected plain files, got a link or device named {member.name!r}. "
                    "Unpack it yourself and give the folder."
                )
            yield member.name, stream


def _zip_members(path: Path) -> Iterator[Tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if stat.S_ISLNK(member.external_attr >> 16):
                raise FormatError(
                    f"{path.name}: expected plain files, got a link named {member.filename!r}. "
                    "Unpack it yourself and give the folder."
                )
            with archive.open(member) as stream:
                yield member.filename, stream


def split_member(name: str, *, archive: str) -> Tuple[str, ...]:
    """Split the name of an archive's member. RAISES: FormatError if it leaves the archive's own folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0].startswith("/") or re.match(r"[A-Za-z]:", parts[0]):
        raise FormatError(
            f"{archive}: expected members inside the archive's own folder, got {name!r}. "
            "Do not trust this archive; fetch it from its source."
        )
    return parts
