"""One module a dataset, found by name: its schema, and a reader of its files as they are distributed.

A dataset module has
    TASK         the task's name, None where the user names it
    KIND         "entities", "classes", "value", "text" (no gold), or None where the data decide
    LABELS       the schema, sorted; () for a value, None where the user or the data give it
    DESCRIPTION  a line for the help text
    SPLITS       the splits it can give
    read(path, *, split, report=None)  an iterator of Note or Pair
and may have
    write(records, writing)  an iterator of the files that hold them as its official scorer reads them
    RANGE        the lowest and the highest value
    PARTIAL      True where the files hold further types, which are left out and counted
"""

from importlib import import_module
from types import ModuleType
from typing import Dict

GENERIC = ("brat", "pubtator", "iob", "pairs", "text")
DATASETS: Dict[str, str] = {
    name: f"{__name__}.{name}"
    for name in (
        "i2b2_2010",
        "i2b2_2012",
        "i2b2_2014",
        "n2c2_2018",
        "n2c2_2019",
        "mednli",
        "medrqe",
        "quaero_2014",
        "bc5cdr",
        "maccrobat",
        "meddocan",
        "phee",
        "snli",
        "stsb",
        *GENERIC,
    )
}


def load_dataset(name: str) -> ModuleType:
    """Import a dataset's module.

    RAISES: ValueError for a name that is not in the table.
    """
    if name not in DATASETS:
        raise ValueError(f"Expected a dataset ({', '.join(DATASETS)}), got {name!r}.")
    return import_module(DATASETS[name])
