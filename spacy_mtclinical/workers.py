"""Chunks of work spread over processes, in order; a process that dies ends the run instead of hanging it.

spaCy's own `nlp.pipe(n_process=...)` waits for ever for a worker that was killed, as one is where memory runs out.
"""

from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_all_start_methods, get_context
from typing import Any, Callable, Deque, Iterable, Iterator, List, Sequence, Tuple, TypeVar

Thing = TypeVar("Thing")
AHEAD = 2  # chunks a process that are waiting or done but not yet taken
_work: List[Callable[[Any], Iterable[Any]]] = []  # in a worker: the function it was started for


def spread_chunks(
    function: Callable[[Sequence[Thing]], Iterable[Any]], chunks: Iterable[Sequence[Thing]], *, n_process: int
) -> Iterator[Tuple[Thing, Any]]:
    """Call a function for each chunk, several at a time, and give each thing with its result, in order.

    function: A chunk to a result a thing, which has to be picklable; the function itself need not be.
    RAISES: ValueError where processes cannot be forked, ChildProcessError if one dies.
    """
    if "fork" not in get_all_start_methods():
        raise ValueError("Expected a system that forks processes, this one does not. Annotate with one process.")
    pool = ProcessPoolExecutor(n_process, mp_context=get_context("fork"), initializer=_start, initargs=(function,))
    waiting: Deque[Tuple[Sequence[Thing], Future[List[Any]]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_run, chunk)))
            if len(waiting) > AHEAD * n_process:
                things, future = waiting.popleft()
                yield from zip(things, future.result())
        for things, future in waiting:
            yield from zip(things, future.result())
    except BrokenProcessPool:
        raise ChildProcessError(
            "A process that annotates died, perhaps for want of memory. Start again with fewer processes or smaller "
            "batches."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _start(function: Callable[[Any], Iterable[Any]]) -> None:
    _work.append(function)


def _run(chunk: Any) -> List[Any]:
    return list(_work[0](chunk))
