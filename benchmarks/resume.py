"""Training killed with SIGKILL at random steps: whether it ends with the weights of a run that was left alone.

    python benchmarks/resume.py CONFIG [--kills 5] [--seed 0] [-- --training.max_steps 60 ...]

CONFIG is a training configuration as `python -m spacy mtclinical plan` writes it; without it, one for tiny heads on a
tiny random encoder is made (which takes what the tests need: pip install -e ".[test]"). One run is left alone, the
other killed after steps drawn at random, going on with --resume. Compared are the loss curve, the scores of every
evaluation and every file of both pipelines. Writes `metrics/resume.json`.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List

from spacy import util

from spacy_mtclinical.outputs import write_json

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 3600.0  # seconds


def make_config(folder: Path) -> Path:
    """Make a configuration of tiny heads, as the tests do."""
    sys.path.insert(0, str(ROOT / "tests"))
    import spacy
    import srsly
    from conftest import LABELS, gold_docs, make_tiny_bert
    from growing import write_plan
    from spacy.tokens import DocBin

    for task, docs in gold_docs(spacy.blank("en")).items():
        (folder / "corpus" / task).mkdir(parents=True)
        srsly.write_json(folder / "corpus" / task / "labels.json", LABELS[task])
        for split in ("train", "dev"):
            DocBin(docs=docs, store_user_data=True).to_disk(folder / "corpus" / task / f"{split}.spacy")
    return write_plan(folder, folder / "corpus", make_tiny_bert(folder / "encoder"), epochs=6)


def start(config: Path, output: Path, rest: List[str], *, resume: bool) -> subprocess.Popen:
    command = [sys.executable, "-m", "spacy", "mtclinical", "train", str(config), "--output", str(output), *rest]
    more = ["--resume", "--minutes", "0"] if resume else []
    return subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_after(process: subprocess.Popen, output: Path, steps: int) -> bool:
    """Kill a run once its checkpoint of so many steps is there. RETURNS: Whether it was alive then."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if any(int(path.name[5:]) >= steps for path in output.glob("checkpoints/step-*")):
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.002)
    return False


def read_curve(output: Path) -> List[Dict[str, Any]]:
    """The losses and scores of a run, without what tells the time."""
    found = json.loads((output / "checkpoints" / "finished.json").read_text())["history"]
    for row in found:
        row.pop("seconds")
        row["other_scores"].pop("speed", None)
    return found


def list_differences(first: Path, second: Path) -> List[str]:
    """The files of both pipelines that are not the same to the last byte."""
    found = []
    for name in ("model-best", "model-last"):
        for file in sorted((first / name).rglob("*")):
            other = second / file.relative_to(first)
            if file.is_file() and (not other.exists() or file.read_bytes() != other.read_bytes()):
                found.append(str(file.relative_to(first)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", type=Path)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options, rest = parser.parse_known_args()
    rest = [argument for argument in rest if argument != "--"]
    with tempfile.TemporaryDirectory() as place:
        config = options.config or make_config(Path(place))
        whole, broken = Path(place) / "whole", Path(place) / "broken"
        settings = dict(zip(rest[::2], rest[1::2]))
        known = util.load_config(config, interpolate=False)["training"]["max_steps"]
        steps = int(settings.get("--training.max_steps", known))
        if start(config, whole, rest, resume=False).wait():
            raise SystemExit("the run that was left alone failed")
        chosen = sorted(random.Random(options.seed).sample(range(1, steps), options.kills))
        killed = []
        for after in chosen:
            if kill_after(start(config, broken, rest, resume=True), broken, after):
                killed.append(after)
                say(f"killed after step {after} of {steps}")
        if start(config, broken, rest, resume=True).wait():
            raise SystemExit("the run that was killed could not go on")
        found = {
            "steps": steps,
            "kills": killed,
            "evaluations": len(read_curve(whole)),
            "same_curve": read_curve(whole) == read_curve(broken),
            "different_files": list_differences(whole, broken),
        }
    (ROOT / "metrics").mkdir(exist_ok=True)
    write_json(ROOT / "metrics" / "resume.json", found)
    say(json.dumps(found))
    if found["different_files"] or not found["same_curve"] or len(killed) < options.kills:
        raise SystemExit(1)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
