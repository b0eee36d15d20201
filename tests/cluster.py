"""Notes, the answers of a single process, and the guide's blocks, for the tests of Spark and Ray."""

import re
import threading
import time
from pathlib import Path
from typing import Any, Dict, List

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT

from spacy_mtclinical.bulk.batches import Plan, make_batch_annotator

SECRET = "zzsecret"
GUIDE = (ROOT / "docs" / "cluster.md").read_text("utf8")
LONG = 400  # characters


def make_notes(number: int) -> pa.Table:
    """Invented notes, of which some cannot be annotated: one is missing, one too long."""
    texts: List[Any] = [
        f"patient {n} has {SECRET} rash and aspirin {n % 7} mg daily\n" * (n % 3) for n in range(number)
    ]
    texts[3], texts[7] = None, f"{SECRET} no fever " * LONG
    return pa.table(
        {
            "note_id": list(range(number)),
            "note": pa.array(texts, pa.string()),
            "year": pa.array([2020 + n % 2 for n in range(number)], pa.int32()),
            "tags": pa.array([["a", None]] * number, pa.list_(pa.string())),
        }
    )


def write_notes(notes: pa.Table, folder: Path, *, files: int) -> None:
    folder.mkdir(parents=True)
    size = -(-notes.num_rows // files)
    for number in range(files):
        pq.write_table(notes.slice(number * size, size), folder / f"{number}.parquet")


def annotate_here(notes: pa.Table, model: str) -> List[Dict[str, Any]]:
    """What one process answers, by number of the note."""
    (batch,) = notes.combine_chunks().to_batches()
    plan = Plan(model, text="note", id="note_id", max_characters=LONG)
    return sort_rows(make_batch_annotator(plan)(batch).to_pylist())


def sort_rows(rows: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    return sorted(rows, key=lambda row: int(row["id"]))


def check_rows(rows: List[Dict[str, Any]], expected: List[Dict[str, Any]]) -> None:
    """All rows are there once and are those of one process; of the scores, but the last digit."""
    rows = sort_rows(rows)
    assert [row["id"] for row in rows] == [row["id"] for row in expected]
    for row, wanted in zip(rows, expected):
        assert {**row, "entities": None} == {**wanted, "entities": None}
        assert (row["entities"] is None) == (wanted["entities"] is None)
        for task, spans in (wanted["entities"] or {}).items():
            assert [_place(span) for span in row["entities"][task]] == [_place(span) for span in spans]
            scores = [span["score"] for span in row["entities"][task]]
            assert scores == pytest.approx([span["score"] for span in spans], abs=5e-6)


def _place(span: Dict[str, Any]) -> Any:
    return span["start"], span["end"], span["label"]


def find_blocks(words: str) -> List[str]:
    """The guide's Python that contains some words."""
    found = re.findall(r"^```python\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
    return [block for block in found if words in block]


def run_block(block: str, folder: Path, model: str, **names: Any) -> Dict[str, Any]:
    """Run a block with the folder of a test for /data, and its pipeline for that of /models."""
    code = block.replace('"/data/', f'"{folder}/').replace('"/models/en_mtclinical"', f'"{model}"')
    exec(compile(code, "docs/cluster.md", "exec"), names)  # noqa: S102
    return names


def read_logs(folder: Path) -> str:
    return "\n".join(path.read_text("utf8", "replace") for path in folder.rglob("*") if path.is_file())


def make_model(encoder: Path, folder: Path) -> str:
    """A pipeline of two entity tasks on a tiny random encoder."""
    import spacy
    from conftest import HEADS, LABELS
    from trained import make_trained

    spacy.util.fix_random_seed(0)
    tasks = ("drugs", "groups")
    heads, labels = {task: HEADS[task] for task in tasks}, {task: LABELS[task] for task in tasks}
    make_trained(encoder, heads=heads, labels=labels).to_disk(folder)
    return str(folder)


def make_slow(seconds, touch=None):
    """Make a stage that waits before each batch, and leaves a file for each."""

    def slow(batches):
        import os
        import time

        for batch in batches:
            time.sleep(seconds)
            if touch:
                open(f"{touch}/{os.getpid()}-{time.time_ns()}", "w").close()
            yield batch

    return slow


class Beside(threading.Thread):
    """Run a function beside, and keep what it raises or returns."""

    def __init__(self, function):
        super().__init__(daemon=True)
        self.function, self.found, self.error = function, None, None
        self.start()

    def run(self):
        try:
            self.found = self.function()
        except Exception as error:  # noqa: BLE001  (whatever it was)
            self.error = error


def wait_for(condition, seconds=900):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
