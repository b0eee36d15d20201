"""Progress over a stream: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import IO, Callable, Iterable, Iterator, Optional, TypeVar

from tqdm import tqdm

Thing = TypeVar("Thing")
INTERVAL = 30.0  # seconds between lines where there is no terminal


def track(
    stream: Iterable[Thing],
    *,
    title: str,
    total: Optional[int] = None,
    done: int = 0,
    count: Callable[[Thing], int] = lambda thing: 1,
    file: Optional[IO[str]] = None,
) -> Iterator[Thing]:
    """Pass a stream on and show how far it is, with rate and time left.

    title: What the things are, as in "notes".
    total: How many there are, where known.
    done: How many of them were done before.
    count: How many each thing of the stream is.
    file: stderr if None.
    """
    file = sys.stderr if file is None else file
    bar = tqdm(
        total=total,
        initial=done,
        file=file,
        desc=title,
        unit="",
        leave=False,
        dynamic_ncols=True,
        disable=not file.isatty(),
    )
    begun = last = time.monotonic()
    counted = 0
    try:
        for thing in stream:
            yield thing
            counted += count(thing)
            now = time.monotonic()
            if not bar.disable:
                bar.update(count(thing))
            elif now - last >= INTERVAL:
                last = now
                file.write(report(counted, title=title, total=total, done=done, seconds=now - begun) + "\n")
                file.flush()
    finally:
        bar.close()


def report(count: int, *, title: str, total: Optional[int], seconds: float, done: int = 0) -> str:
    """Say how far it is, how fast it goes and, where the total is known, how long it will take.

    count: How many were done in these seconds; `done` of them before.
    """
    rate = count / seconds if seconds > 0 else 0.0
    line = f"{done + count:,}{f' of {total:,}' if total else ''} {title}, {rate:,.1f} a second"
    left = (total - done - count) / rate if total and rate else None
    return line if left is None else f"{line}, {tqdm.format_interval(left)} left"
