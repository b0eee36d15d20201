"""The annotation command against a bare `nlp.pipe` over the same notes, and its memory over many of them.

    python benchmarks/annotate.py MODEL [--notes 2000] [--rounds 5] [--many 100000] [--format parquet]

Rate: the files of `mtsamples` (looked for in `../shared/data/public` beside the repository, or where MTCLINICAL_DATA
says; invented notes where it is not there) by the command's own function, from listing the folder to the last byte on
the disk, and by `nlp.pipe` over their texts in memory, in turns, in one process with one loaded pipeline. The median of
the rounds' ratios counts; that of processor time is less moved by what else runs on the machine. Memory: resident
memory after 1,000 and after all of many short invented notes.
Writes `metrics/annotate.json`.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Dict, List, Optional

import torch

from spacy_mtclinical.bulk.jobs import annotate_files
from spacy_mtclinical.bulk.pipelines import get_pipeline
from spacy_mtclinical.outputs import write_json

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("MTCLINICAL_DATA", ROOT.parent / "shared" / "data" / "public"))
WORDS = "patient has rash and aspirin 5 mg daily no fever pain in the left arm since monday seen by nurse".split()
PAGE = os.sysconf("SC_PAGE_SIZE")


def write_notes(folder: Path, number: int) -> str:
    """Write so many notes as files; tell what they are."""
    folder.mkdir()
    archive, unpacked = DATA / "mtsamples.tar.xz", DATA / "mtsamples"
    if unpacked.is_dir():
        files = sorted(unpacked.glob("*.txt"))[:number]
        for file in files:
            shutil.copy(file, folder)
        return f"{len(files):,} notes of mtsamples"
    if archive.exists():
        with tarfile.open(archive) as tar:
            members = sorted((m for m in tar.getmembers() if m.name.endswith(".txt")), key=lambda member: member.name)
            for member in members[:number]:
                (folder / Path(member.name).name).write_bytes(tar.extractfile(member).read())
        return f"{min(number, len(members)):,} notes of mtsamples"
    for index in range(number):
        (folder / f"{index:06}.txt").write_text(invent(index, words=400), "utf8")
    return f"{number:,} invented notes"


def invent(seed: int, *, words: int) -> str:
    chosen = random.Random(seed)
    return " ".join(chosen.choices([*WORDS, str(seed)], k=chosen.randint(words // 2, words)))


def measure_rate(model: str, folder: Path, out: Path, *, rounds: int, format: str) -> Dict[str, Any]:
    nlp = get_pipeline(model)
    texts = [file.read_bytes().decode("utf8") for file in sorted(folder.iterdir())]
    for _ in nlp.pipe(texts[:64]):
        pass
    bare: List[float] = []
    command: List[float] = []
    cpu: Dict[str, List[float]] = {"bare": [], "command": []}
    for number in range(rounds):
        for which in ("bare", "command") if number % 2 else ("command", "bare"):
            begun, used = time.perf_counter(), time.process_time()
            if which == "bare":
                for _ in nlp.pipe(texts):
                    pass
                bare.append(len(texts) / (time.perf_counter() - begun))
            else:
                annotate_files(model, folder, out, format=format, force=True)
                command.append(len(texts) / (time.perf_counter() - begun))
            cpu[which].append(time.process_time() - used)
        say(f"round {number + 1}: bare {bare[-1]:.2f}, command {command[-1]:.2f} notes a second")
    ratios = [ours / theirs for ours, theirs in zip(command, bare)]
    return {
        "notes": len(texts),
        "format": format,
        "threads": torch.get_num_threads(),
        "bare_per_s": [round(rate, 2) for rate in bare],
        "command_per_s": [round(rate, 2) for rate in command],
        "ratios": [round(ratio, 4) for ratio in ratios],
        "ratio": round(median(ratios), 4),
        "cpu_ratio": round(median(cpu["bare"]) / median(cpu["command"]), 4),
    }


def read_memory() -> int:
    """Resident memory in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def measure_memory(model: str, folder: Path, *, many: int, format: str) -> Dict[str, Any]:
    path = folder / "many.jsonl"
    with path.open("w") as file:
        for number in range(many):
            file.write(json.dumps({"id": f"n{number}", "text": invent(number, words=12), "ward": number % 7}) + "\n")
    seen = 0
    after: Dict[int, int] = {}

    def look(plan: Any, piece: Any, batch: Any) -> None:
        nonlocal seen
        seen += batch.num_rows
        for mark in (1_000, 3_000, 10_000, 30_000, many):
            if seen >= mark and mark not in after:
                after[mark] = read_memory()
                say(f"{seen:,} notes: {after[mark] / 2**20:.1f} MB")

    begun = time.perf_counter()
    annotate_files(model, path, folder / "many", format=format, look=look)
    return {
        "notes": many,
        "seconds": round(time.perf_counter() - begun, 1),
        "mb": {mark: round(held / 2**20, 1) for mark, held in after.items()},
        "ratio": round(after[many] / after[1_000], 4),
    }


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Optional[List[str]] = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a trained pipeline, package or folder")
    parser.add_argument("--notes", type=int, default=2000, help="of the rate; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--many", type=int, default=100_000, help="of the memory, 1,000 at least; 0 leaves it out")
    parser.add_argument("--format", default="parquet", choices=["parquet", "jsonl", "brat", "spacy"])
    options = parser.parse_args(arguments)
    output = ROOT / "metrics" / "annotate.json"
    found = json.loads(output.read_text()) if output.exists() else {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if options.many:
            found["memory"] = measure_memory(options.model, folder, many=options.many, format=options.format)
            say(f"memory: {found['memory']['ratio']} of that after 1,000 notes")
        if options.notes:
            corpus = write_notes(folder / "notes", options.notes)
            rate = measure_rate(
                options.model, folder / "notes", folder / "out", rounds=options.rounds, format=options.format
            )
            found["rate"] = {"corpus": corpus, **rate}
            say(f"rate: {rate['ratio']} of a bare nlp.pipe, {corpus}")
    output.parent.mkdir(exist_ok=True)
    write_json(output, found)


if __name__ == "__main__":
    main()
