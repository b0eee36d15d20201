"""How many sub-words go through the encoder at once, and what to do where they do not fit into memory."""

import logging
from typing import Optional

import torch
from thinc.api import get_torch_default_device

from .heap import trim

THREAD = 1024  # sub-words of each CPU thread: with more, what the encoder's layers hand on no longer fits its caches
CPU = (2048, 8192)  # at least and at most
GPU = 65536  # sub-words; fewer leave a GPU idle
# What torch and oneDNN say where memory ran out, in any case.
REFUSALS = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc", "could not create a ")

logger = logging.getLogger("spacy_mtclinical")


def choose_budget(budget: Optional[int]) -> int:
    """Take the budget that is set, or the one for the device in use."""
    if budget:
        return budget
    if get_torch_default_device().type != "cpu":
        return GPU
    return min(max(THREAD * torch.get_num_threads(), CPU[0]), CPU[1])


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out, on the CPU or on a GPU."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in REFUSALS)


def halve_budget(budget: int, *, longest: int, reason: str) -> int:
    """Halve a budget that was too large, and free what torch keeps of it.

    longest: Sub-words of the longest window. A batch has at least one.
    reason: What the device said.
    RAISES: MemoryError where a single window does not fit.
    """
    if budget <= longest:
        raise MemoryError(
            f"A single window of up to {longest} sub-words does not fit into memory ({reason}). Train with a shorter "
            "window, take a smaller encoder, or a device with more memory."
        )
    trim()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    halved = max(budget // 2, longest)
    logger.warning("A batch of %d sub-words did not fit into memory (%s); trying again with %d", budget, reason, halved)
    return halved
