"""A worker process of Spark or Ray: its threads, its pipeline, and errors that name it and quote nothing."""

import os
import socket
from functools import partial
from traceback import extract_tb
from typing import Any, Callable

from spacy import require_gpu

from .batches import Plan, RecordBatch, annotate_batch
from .pipelines import get_pipeline


def make_worker_annotator(plan: Plan, *, threads: int) -> Callable[[RecordBatch], RecordBatch]:
    """Prepare this process, and make the function that annotates the batches it is given.

    The pipeline is loaded where this process has not done so before.

    threads: Of torch and of the tokenizer, which both take all cores of a machine if they are not told.
    RAISES: OSError naming the machine, the process and the pipeline, if that cannot be loaded.
    """
    import torch

    os.environ["RAYON_NUM_THREADS"] = str(threads)  # read once, when the tokenizer first runs
    torch.set_num_threads(threads)
    try:
        if plan.gpu_id >= 0:
            require_gpu(plan.gpu_id)
        get_pipeline(plan.model, plan.gpu_id, plan.stamp)
    except Exception as error:  # noqa: BLE001  (a package that is not installed, weights that are damaged)
        raise OSError(
            f"The worker {name_worker()} cannot load the pipeline '{plan.model}' (its folder is {os.getcwd()}): "
            f"{type(error).__name__}: {error} Put the pipeline there, or install it on every worker."
        ) from None
    return partial(annotate_or_tell, plan=plan)


def annotate_or_tell(batch: RecordBatch, *, plan: Plan) -> RecordBatch:
    """Annotate a batch by `batches.annotate_batch`.

    RAISES: ValueError for columns that do not fit; RuntimeError saying where anything else happened, but not its
        message, which may quote a note: engines write errors of workers into logs.
    """
    try:
        return annotate_batch(batch, plan=plan)
    except Exception as error:
        if type(error) is ValueError:  # those of pyarrow, which quote cells, are of types derived from it
            raise
        place = extract_tb(error.__traceback__)[-1]
        raise RuntimeError(
            f"The worker {name_worker()} met an unexpected {type(error).__name__} in {place.name}, "
            f"{os.path.basename(place.filename)}, line {place.lineno} (its message is kept back)."
        ) from None


def name_worker() -> str:
    """Name this process so that it can be found."""
    return f"{socket.gethostname()}, process {os.getpid()},"


def tuple_of(names: Any) -> Any:
    """A sequence as what a plan can hold; None as it is."""
    return None if names is None else tuple(names)
