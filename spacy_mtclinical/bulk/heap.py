"""Memory that is free, given back to the system: allocators keep it, and more of it the longer a process runs."""

import ctypes
import time
from typing import Callable

INTERVAL = 2.0  # seconds: giving back takes some milliseconds


def make_release() -> Callable[[], None]:
    """Make the function that gives free memory back, if it has not done so for some seconds."""
    trim = getattr(ctypes.pythonapi, "malloc_trim", None)  # of glibc alone
    last = time.monotonic()

    def release() -> None:
        nonlocal last
        if time.monotonic() - last < INTERVAL:
            return
        import pyarrow as pa

        pa.default_memory_pool().release_unused()
        if trim is not None:
            trim(0)
        last = time.monotonic()

    return release
