"""From the start of Python to the first annotated note, against the first forward pass of the bare checkpoint."""

import os
import subprocess
import sys
from statistics import median
from typing import Any, Callable, Dict, List

import srsly

from .bench import Bench
from .pipelines import make_ours
from .timing import Row, compare, describe, interleave

START = "import sys, time; begun = time.perf_counter(); stages = {}; note = open(sys.argv[2], encoding='utf8').read()\n"
STAGE = "stages['{}'] = time.perf_counter() - begun\n"
END = "import json; sys.stdout.write(json.dumps(stages))\n"
OURS = (
    "import spacy\n",
    "nlp = spacy.load(sys.argv[1])\n",
    "nlp(note)\n",
)
RAW = (
    "import torch\nfrom transformers import AutoModel, AutoTokenizer\n",
    "tokenizer, model = AutoTokenizer.from_pretrained(sys.argv[1]), AutoModel.from_pretrained(sys.argv[1])\n",
    "with torch.inference_mode():\n    model(**tokenizer(note, return_tensors='pt', truncation=True))\n",
)
STAGES = ("imports", "loaded", "first_note")


def measure_loading(bench: Bench) -> Dict[str, Row]:
    """Processes of both kinds in turn, timed from outside."""
    note = bench.folder / "note.txt"
    note.write_text(min(bench.notes[:50], key=lambda text: abs(len(text) - 1000)), "utf8")
    pipeline = bench.folder / "pipeline"
    make_ours(bench, bench.entities).to_disk(pipeline)
    stages: Dict[str, List[Dict[str, float]]] = {"ours": [], "raw": []}

    def start(name: str, code: str, path: Any) -> Callable[[Any], None]:
        def run(_: Any) -> None:
            stages[name].append(call_python("-c", code, str(path), str(note)))

        return run

    runs = {"ours": start("ours", write_code(OURS), pipeline), "raw": start("raw", write_code(RAW), bench.encoder)}
    times = interleave(runs, (), repeats=2 * bench.repeats - 1, warm=())
    reached = {
        name: {stage: round(median(row[stage] for row in rows[1:]), 3) for stage in STAGES}
        for name, rows in stages.items()
    }
    row = {**compare(times["ours"], times["raw"]), "seconds": describe(times), "seconds_until": reached}
    return {"load": {**row, "warm_up": "one process each"}}


def write_code(steps: Any) -> str:
    """A script of stages that says when each was done."""
    return START + "".join(step + STAGE.format(stage) for step, stage in zip(steps, STAGES)) + END


def call_python(*arguments: str) -> Any:
    """Run Python by itself, and read the JSON that it writes at the end. RAISES: RuntimeError with what went wrong."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"A process of the benchmark ended with status {done.returncode}: {done.stderr[-2000:]}")
    return srsly.json_loads(done.stdout.splitlines()[-1])
