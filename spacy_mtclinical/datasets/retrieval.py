"""Public corpora brought into a folder: unpacked or downloaded aside, verified, then moved to their place."""

import http.client
import os
import shutil
import socket
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable, Optional
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from ..formats.records import FormatError
from .archives import DAMAGED, split_member, unpack
from .public import PublicCorpus, fingerprint
from .sources import split_named

GITHUB = "https://github.com"
TIMEOUT = 60.0  # seconds without a byte
NO_CONNECTION = (URLError, http.client.HTTPException, TimeoutError, socket.timeout, ConnectionError)
Progress = Callable[[str], None]


def bring(
    corpus: PublicCorpus,
    output: Path,
    *,
    source: Optional[Path] = None,
    base: str = GITHUB,
    progress: Optional[Progress] = None,
) -> str:
    """Bring a corpus to <output>/<dataset>, unless it is there.

    source: The folder that holds <name>.tar.xz; if None, the public repository is asked.
    base: Where the repositories are, for a mirror.
    progress: Told the address before it is asked.
    RETURNS: A line that says where it came from.
    RAISES: FileExistsError if something else is in its place, FileNotFoundError without an archive, FormatError
        for a damaged or untrustworthy archive, ValueError for files that differ from those expected,
        ConnectionError if the repository does not answer, OSError if it has no such commit. Nothing is left
        behind then.
    """
    target = Path(output, corpus.dataset)
    if os.path.lexists(target) and not (target.is_dir() and _holds_test_alone(target, corpus)):
        _verify_present(target, corpus)
        return f"{corpus.dataset}: already there, {_amount(corpus.count)} verified, left alone"
    if source is None and corpus.place is None:
        raise ValueError(
            f"{corpus.dataset}: expected a folder with {corpus.name}.tar.xz (--source), since the repository "
            f"{corpus.repository} cannot give it. {corpus.remark}"
        )
    Path(output).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{corpus.dataset}-", dir=output) as scratch:
        aside = Path(scratch, corpus.dataset)
        aside.mkdir()
        further = 0
        if source is None:
            origin = address(corpus, base=base)
            if progress is not None:
                progress(f"{corpus.dataset}: {origin}")
            archive = Path(scratch, f"{corpus.dataset}-{corpus.commit}.tar.gz")
            download(origin, to=archive, corpus=corpus)
            extract_repository(archive, corpus, to=aside)
        else:
            origin = f"{corpus.name}.tar.xz"
            further = extract_archive(Path(source, origin), corpus, to=aside)
        _verify_brought(aside, corpus, origin=origin, from_repository=source is None)
        _put(aside, target)
    rest = f"; {_amount(further)} more, unverified, such as of another split" if further else ""
    return f"{corpus.dataset}: {_amount(corpus.count)} from {origin}, verified{rest}"


def address(corpus: PublicCorpus, *, base: str = GITHUB) -> str:
    """The address of the repository's files at the commit, as one archive."""
    return f"{base}/{corpus.repository}/archive/{corpus.commit}.tar.gz"


def download(url: str, *, to: Path, corpus: PublicCorpus) -> None:
    """Stream what is at an address into a file.

    RAISES: ConnectionError without a whole answer, OSError for one that is a refusal.
    """
    try:
        with urlopen(url, timeout=TIMEOUT) as answer, to.open("wb") as file:
            shutil.copyfileobj(answer, file)
            announced = answer.headers.get("Content-Length")
    except HTTPError as error:
        raise OSError(
            f"{corpus.dataset}: expected an archive at {url}, got HTTP status {error.code}. Try again later; if the "
            f"repository is gone, {_instead(corpus)}"
        ) from error
    except NO_CONNECTION as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise ConnectionError(
            f"{corpus.dataset}: expected an answer from {url}, got none ({reason or type(error).__name__}). "
            f"Without a connection, {_instead(corpus)}"
        ) from error
    if announced is not None and int(announced) != to.stat().st_size:
        raise ConnectionError(
            f"{corpus.dataset}: expected {announced} bytes from {url}, got {to.stat().st_size}. Try again; "
            f"without a steady connection, {_instead(corpus)}"
        )


def extract_repository(archive: Path, corpus: PublicCorpus, *, to: Path) -> None:
    """Write those files of a repository's archive that belong to the corpus, under their names here.

    RAISES: FormatError if the archive is damaged, a member leaves its folder, or one that is needed is a link or
        comes twice.
    """
    if corpus.place is None:
        raise ValueError(f"{corpus.dataset}: expected a corpus that its repository can give. {corpus.remark}")
    try:
        with tarfile.open(archive, "r:gz") as members:
            for member in members:
                if member.isfile():
                    split_member(member.name, archive=archive.name)
                name = corpus.place(member.name.partition("/")[2])
                if name is None or member.isdir():
                    continue
                stream = members.extractfile(member) if member.isfile() else None
                if stream is None:
                    raise FormatError(
                        f"{archive.name}: expected a plain file, got a link or device named {member.name!r}. "
                        f"Do not trust this archive; {_instead(corpus)}"
                    )
                if Path(to, name).exists():
                    raise FormatError(
                        f"{archive.name}: expected one file for {name}, got another one named {member.name!r}. "
                        f"Do not trust this archive; {_instead(corpus)}"
                    )
                _write(stream.read(), name, corpus, to=to)
    except DAMAGED as error:
        raise FormatError(
            f"{archive.name}: expected a whole .tar.gz archive, got {type(error).__name__}. Fetch it again, or "
            f"{_instead(corpus)}"
        ) from error


def extract_archive(archive: Path, corpus: PublicCorpus, *, to: Path) -> int:
    """Take all files from a corpus' local archive, which holds them in a folder of the corpus' name.

    RETURNS: How many of them are no files of the corpus that is known here.
    RAISES: FileNotFoundError if there is no such archive, FormatError if it cannot be trusted.
    """
    if not archive.is_file():
        raise FileNotFoundError(
            f"{corpus.dataset}: expected {archive.name} in {archive.parent}, found none. {_replace_archive(corpus)}"
        )
    with TemporaryDirectory(dir=to.parent) as scratch:
        unpack(archive, to=Path(scratch))
        root = Path(scratch, corpus.name)
        names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
        for name in names:
            Path(to, name).parent.mkdir(parents=True, exist_ok=True)
            os.rename(root / name, Path(to, name))
    return sum(not corpus.has(name) for name in names)


def _write(data: bytes, name: str, corpus: PublicCorpus, *, to: Path) -> None:
    if corpus.select is not None and corpus.reads(name):
        data = corpus.select(data)
    Path(to, name).parent.mkdir(parents=True, exist_ok=True)
    Path(to, name).write_bytes(data)


def _holds_test_alone(folder: Path, corpus: PublicCorpus) -> bool:
    """Whether a folder holds nothing, or files of a test split alone, which were put there before the corpus came."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]
    return all(
        not corpus.has(path.as_posix()) and any(split_named(part) == "test" for part in path.parts) for path in files
    )


def _put(aside: Path, target: Path) -> None:
    """Give a folder its name, or what is in it to a folder that holds other files."""
    if not target.is_dir() or not any(target.iterdir()):
        if target.is_dir():
            target.rmdir()
        os.rename(aside, target)
        return
    for path in sorted(path for path in aside.rglob("*") if path.is_file()):
        place = target / path.relative_to(aside)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, place)


def _verify_present(folder: Path, corpus: PublicCorpus) -> None:
    count, digest = fingerprint(folder, corpus)
    if digest != corpus.sha256:
        raise FileExistsError(
            f"{corpus.dataset}: expected {_amount(corpus.count)} with SHA-256 {corpus.sha256} or nothing in {folder}, "
            f"got {_amount(count)} with {digest}. Nothing was overwritten: move the folder away and run this again."
        )


def _verify_brought(folder: Path, corpus: PublicCorpus, *, origin: str, from_repository: bool) -> None:
    count, digest = fingerprint(folder, corpus)
    if digest != corpus.sha256:
        advice = f"{corpus.remark} Try again, or {_instead(corpus)}" if from_repository else _replace_archive(corpus)
        raise ValueError(
            f"{corpus.dataset}: expected {_amount(corpus.count)} with SHA-256 {corpus.sha256} from {origin}, got "
            f"{_amount(count)} with {digest}. Nothing was written. {advice.lstrip()}"
        )


def _replace_archive(corpus: PublicCorpus) -> str:
    asking = ", or leave --source away to ask the public repository" if corpus.place else ""
    return f"Get the right {corpus.name}.tar.xz{asking}."


def _instead(corpus: PublicCorpus) -> str:
    return (
        f"put the corpus as {corpus.name}.tar.xz, holding the folder {corpus.name}, into a folder of your own and "
        "name that with --source."
    )


def _amount(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
