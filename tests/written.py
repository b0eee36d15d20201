"""What the annotation command wrote, read back."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from spacy_mtclinical.bulk.results import list_rows


def shards_of(path):
    """The files of a folder of shards, or the one file."""
    if not Path(path).is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.name.startswith("part-"))


def read_written(path):
    """The rows of a .jsonl or .parquet file, or of a folder of such, as rows of JSON values."""
    rows = []
    for file in shards_of(path):
        if file.suffix == ".jsonl":
            rows += [json.loads(line) for line in file.read_text("utf8").split("\n")[:-1]]
        else:
            with pq.ParquetFile(file) as table:
                for batch in table.iter_batches():
                    rows += list_rows(batch)
    return rows
