"""The annotation command killed with SIGKILL at random moments: what is lost, what is there twice.

    python benchmarks/kills.py [MODEL] [--kills 30] [--notes 4000] [--seed 0]

The real command in a process of its own, on invented notes, with small shards; without MODEL, by a pipeline of a tiny
random encoder (which takes what the tests need: pip install -e ".[test]"). Each start is killed at a moment drawn from
the time that the run takes from its first shard to its end, or ends; once it has ended, the answers are compared with
those of an undisturbed run, row by row, and a new run begins. Writes `metrics/kills.json`.
"""

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, Optional

import pyarrow.parquet as pq

from spacy_mtclinical.bulk.results import list_rows
from spacy_mtclinical.outputs import write_json

ROOT = Path(__file__).resolve().parent.parent
WORDS = "patient has rash and aspirin 5 mg daily no fever pain in the left arm since monday seen by nurse".split()
OUTPUTS = ("folder", "out.parquet", "out.jsonl")
PATIENCE = 600.0  # seconds


def make_model(folder: Path) -> Path:
    """Make a pipeline of a tiny random encoder, as the tests do."""
    sys.path.insert(0, str(ROOT / "tests"))
    from conftest import make_tiny_bert
    from trained import make_trained

    make_trained(make_tiny_bert(folder / "encoder")).to_disk(folder / "model")
    return folder / "model"


def write_notes(folder: Path, number: int) -> None:
    folder.mkdir()
    chosen = random.Random(0)
    for index in range(number):
        (folder / f"{index:05}.txt").write_text(" ".join(chosen.choices(WORDS, k=chosen.randint(0, 60))))
    (folder / "00007.txt").write_bytes(b"\xff\xfe")


def start(model: Path, notes: Path, out: Path, n_process: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "spacy", "mtclinical", "annotate", str(model), str(notes), str(out)]
    options = ["--shard-notes", "16", "--n-process", str(n_process)]
    return subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def count_shards(out: Path) -> int:
    """Count the shards of a run that are written; -1 where it has not begun, or has ended."""
    for place in (out, out.with_name(f"{out.name}.parts")):
        if (place / "_manifest.json").exists():
            return len(list(place.glob("part-*")))
    return -1


def wait_for_shards(process: subprocess.Popen, out: Path, before: int) -> None:
    """Wait until a run has written a shard, or ended."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and count_shards(out) <= before and time.monotonic() < until:
        time.sleep(0.005)


def read_rows(out: Path) -> List[Dict[str, Any]]:
    rows: List[Dict[str, Any]] = []
    for file in sorted(out.glob("part-*")) if out.is_dir() else [out]:
        if file.suffix == ".jsonl":
            rows += [json.loads(line) for line in file.read_text("utf8").split("\n")[:-1]]
        else:
            for batch in pq.read_table(file).to_batches():
                rows += list_rows(batch)
    return rows


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--notes", type=int, default=4000)
    parser.add_argument("--n-process", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    chosen = random.Random(options.seed)
    counts: Counter = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model = options.model or make_model(folder)
        notes = folder / "notes"
        write_notes(notes, options.notes)
        process = start(model, notes, folder / "undisturbed.jsonl", options.n_process)
        wait_for_shards(process, folder / "undisturbed.jsonl", 0)
        begun = time.monotonic()
        process.wait(PATIENCE)
        takes = time.monotonic() - begun
        expected = read_rows(folder / "undisturbed.jsonl")
        say(f"undisturbed: {len(expected):,} rows, {takes:.1f} s from the first shard to the end")
        while counts["kills"] < options.kills or counts["open"]:
            out = folder / OUTPUTS[counts["runs"] % len(OUTPUTS)]
            before = count_shards(out)
            process = start(model, notes, out, options.n_process)
            counts["starts"] += 1
            if counts["kills"] < options.kills:
                if chosen.random() < 0.8:  # else anywhere in its life, its start included
                    wait_for_shards(process, out, max(before, 0))
                time.sleep(chosen.uniform(0, takes / 2))
                process.send_signal(signal.SIGKILL)
            status = process.wait(PATIENCE)
            counts["open"] = int(status == -signal.SIGKILL)
            counts["kills"] += counts["open"]
            counts["kills after a shard"] += counts["open"] and count_shards(out) > 0
            say(f"start {counts['starts']} ({out.name}): status {status}, {count_shards(out)} shards")
            if not counts["open"]:
                rows = read_rows(out)
                ids = Counter(row["id"] for row in rows)
                counts["lost"] += sum(row["id"] not in ids for row in expected)
                counts["twice"] += sum(number - 1 for number in ids.values())
                counts["different"] += sum(own != other for own, other in zip(rows, expected))
                counts["runs"] += 1
                shutil.rmtree(out) if out.is_dir() else out.unlink()
    del counts["open"]
    found = {"notes": options.notes, "n_process": options.n_process, **{key: int(n) for key, n in counts.items()}}
    (ROOT / "metrics").mkdir(exist_ok=True)
    write_json(ROOT / "metrics" / "kills.json", found)
    say(json.dumps(found))
    if counts["lost"] or counts["twice"] or counts["different"]:
        raise SystemExit(1)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
