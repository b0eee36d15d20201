"""A folder that one run at a time may write, made when it is locked and gone again if nothing is left in it."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Iterator, Sequence

try:
    import fcntl
except ImportError:  # not on Windows: two runs on one output are not noticed there
    fcntl = None  # type: ignore[assignment]

LOCK = "_lock"


@contextmanager
def lock_folder(folder: Path, *, temporary: Sequence[str] = ()) -> Iterator[None]:
    """Make a folder and lock it. The lock ends with the process, however that ends.

    temporary: Files that are nothing by themselves.
    RAISES: ValueError if another run holds it; OSError if it cannot be made.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    file = _take(path)
    try:
        yield
    finally:
        try:
            if set(os.listdir(folder)) <= {LOCK, *temporary}:
                for name in (*temporary, LOCK):
                    (folder / name).unlink(missing_ok=True)
                for place in made or [folder]:
                    place.rmdir()
        except OSError:
            pass  # somebody else writes there by now, or removed it
        file.close()


def _take(path: Path) -> IO[str]:
    while True:
        file = path.open("a+", encoding="utf8")
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                file.truncate(0)
                file.write(f"{os.getpid()}\n")
                file.flush()
                return file
        except BlockingIOError:
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            raise ValueError(
                f"Another run writes into {path.parent} (process {holder or 'unknown'}). Wait for it, or name another "
                "output."
            ) from None
        except FileNotFoundError:
            pass  # its holder removed it: take the next one
        file.close()
