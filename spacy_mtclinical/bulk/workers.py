"""Batches spread over processes, in order; a process that dies ends the run instead of hanging it.

Each process is started anew and loads the pipeline itself: one that is forked hangs once torch has run in its parent,
and cannot use a GPU. spaCy's own `nlp.pipe(n_process=...)` waits for ever for a worker that was killed, as one is where
memory runs out.
"""

import os
import signal
import threading
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Callable, Deque, Iterable, Iterator, Optional, Sequence, Tuple, TypeVar

Thing = TypeVar("Thing")
AHEAD = 2  # batches a process that are waiting or done but not yet taken
START = "spawn"
WATCH = 2.0  # seconds between two looks at whether the parent is still there


def spread(
    function: Callable[[Any], Any],
    things: Iterable[Thing],
    *,
    n_process: int,
    key: Callable[[Thing], Any],
    gpus: Optional[Sequence[int]] = None,
) -> Iterator[Tuple[Thing, Any]]:
    """Call a function for each thing, several at a time, and give each thing with its result, in order.

    function: Takes the key of a thing; it, keys and results have to be picklable.
    gpus: A GPU a process; None: all on CPU, with an equal share of its cores.
    RAISES: ChildProcessError if a process dies.
    """
    context = get_context(START)
    devices = context.SimpleQueue()
    for number in range(n_process):
        devices.put(-1 if gpus is None else gpus[number])
    threads = max(1, count_cores() // n_process)
    pool = ProcessPoolExecutor(
        n_process, mp_context=context, initializer=start_worker, initargs=(devices, threads, os.getpid())
    )
    waiting: Deque[Tuple[Thing, Future[Any]]] = deque()
    is_done = False
    try:
        for thing in things:
            waiting.append((thing, pool.submit(function, key(thing))))
            if len(waiting) > AHEAD * n_process:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
        is_done = True
    except BrokenProcessPool:
        raise ChildProcessError(
            "A process that annotates died, perhaps for want of memory. Start again with fewer processes or smaller "
            "batches."
        ) from None
    finally:
        if not is_done:  # nobody will take what is being made
            for process in list((getattr(pool, "_processes", None) or {}).values()):
                process.terminate()
        pool.shutdown(cancel_futures=True)


def count_cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def start_worker(devices: Any, threads: int, parent: int) -> None:
    """Prepare a worker: its device, its share of the cores, and an end with its parent's.

    devices: A queue with a GPU a worker, or -1.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers itself
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    device = devices.get()
    if device >= 0:
        from spacy import require_gpu

        require_gpu(device)
    else:
        import torch

        torch.set_num_threads(min(torch.get_num_threads(), threads))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH)
    os._exit(1)  # it was killed: nobody will take what this process makes
