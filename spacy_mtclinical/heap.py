"""Memory that is free, given back to the system: allocators keep it, and more of it the longer a process runs."""

import ctypes
import sys
import time

INTERVAL = 10.0  # seconds: giving back, and asking again, takes some hundredths of one


def trim() -> None:
    """Give back what glibc keeps; where there is another C library, nothing happens."""
    give = getattr(ctypes.pythonapi, "malloc_trim", None)
    if give is not None:
        give(0)


def give_back(last: float, *, interval: float = INTERVAL) -> float:
    """Give free memory back, Arrow's too where it is in use, unless that was done some seconds ago.

    last: When it was done last, on the clock `time.monotonic`.
    interval: The seconds.
    RETURNS: The same of now.
    """
    if time.monotonic() - last < interval:
        return last
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    trim()
    return time.monotonic()
