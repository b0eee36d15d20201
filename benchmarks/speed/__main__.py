"""Speed, memory, start and training against rivals, in one run.

python -m benchmarks.speed metrics/benchmark.json --encoder assets/minilm --model training/public/model-best
"""

import argparse
import gc
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

import spacy
import srsly
import torch
import transformers
from transformers import logging

from .bench import Bench
from .checkpoints import draw_heads, draw_large, export_checkpoint, export_encoder, read_heads, read_settings, thin_out
from .curves import measure_curves
from .loading import measure_loading
from .overhead import measure_overhead
from .pipelines import find_hidden
from .rates import measure_encoder, measure_heads, measure_precisions, measure_singles, measure_stock
from .report import sum_up, write_plots, write_table
from .residence import measure_growth, measure_long
from .texts import find_notes, pair_up
from .timing import Row
from .training import measure_training

Measure = Callable[[Bench], Dict[str, Row]]
MEASURES: Dict[Measure, Sequence[str]] = {
    measure_encoder: ("encoder",),
    measure_heads: ("five_heads_vs_one", "forty_heads_vs_one"),
    measure_stock: ("vs_stock_spacy", "vs_five_stock", "vs_token_classification"),
    measure_singles: ("pairs_vs_three", "vs_five_single", "vs_eight_single"),
    measure_precisions: ("int8", "bf16"),
    measure_overhead: ("overhead_ms",),
    measure_training: ("train_step", "train_step_mixed"),
    measure_loading: ("load",),
    measure_growth: ("memory_growth",),
    measure_long: ("million_note_mb",),
    measure_curves: ("curves",),
}
LARGE = (measure_encoder, measure_heads, measure_stock, measure_singles, measure_precisions, measure_training)
ENCODER = "assets/minilm"
KEYS = [key for keys in MEASURES.values() for key in keys]
NOTES, COUPLES = 2000, 6400
LARGE_SCALE = 1 / 8  # of the usual number of texts for the large encoder
GPU_SCALE = 16.0
SETTINGS = {"window": 256, "context": 32}  # of drawn heads' encoders, as in the configurations of this repository


def read_arguments(arguments: Optional[Sequence[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description="Measure what the pipeline costs.")
    parser.add_argument("output", type=Path, help="The JSON file of results; plots are written beside it")
    parser.add_argument("--encoder", default="", help="The folder of a checkpoint; assets/minilm by default")
    parser.add_argument("--model", type=Path, help="A trained pipeline, whose heads and encoder are used")
    parser.add_argument("--notes", default="", help="A folder or archive of .txt files instead of the public notes")
    parser.add_argument("--quick", action="store_true", help="Minutes: fewer texts and repeats, no large encoder")
    parser.add_argument("--only", nargs="+", choices=KEYS, metavar="KEY", help=f"Among {', '.join(KEYS)}")
    parser.add_argument("--large", action="store_true", help="The encoder of BERT's base size also in the quick form")
    parser.add_argument("--gpu-id", type=int, default=-1, help="The GPU, -1 for the CPU")
    return parser.parse_args(arguments)


def make_bench(options: argparse.Namespace, folder: Path, notes: List[str]) -> Bench:
    """Take the trained pipeline's heads and encoder, or the checkpoint with drawn heads."""
    precision = "fp32" if options.gpu_id < 0 else "bf16"
    bench = Bench(
        folder,
        (),
        (),
        notes,
        pair_up(notes, COUPLES),
        dict(SETTINGS),
        precision,
        folder=folder,
        quick=options.quick,
        scale=1.0 if options.gpu_id < 0 else GPU_SCALE,
    )
    if options.model is None:
        bench = bench._replace(encoder=export_checkpoint(Path(options.encoder or ENCODER), folder / "checkpoint"))
        entities, pairs = draw_heads(find_hidden(bench, notes[:4]))
    else:
        nlp, entities, pairs = read_heads(options.model)
        bench = bench._replace(encoder=export_encoder(nlp, folder / "checkpoint"), settings=read_settings(nlp))
        hidden = find_hidden(bench, notes[:4])
        entities = [thin_out(head, hidden) for head in entities]
    return bench._replace(entities=entities, pairs=pairs)


def enlarge(bench: Bench, folder: Path) -> Bench:
    """The same with drawn weights of BERT's base size, and fewer texts."""
    encoder = draw_large(bench.encoder, folder / "large")
    bench = bench._replace(encoder=encoder, scale=bench.scale * LARGE_SCALE)
    entities, pairs = draw_heads(find_hidden(bench, bench.notes[:4]))
    return bench._replace(entities=entities, pairs=pairs)


def describe_machine() -> Row:
    """What the figures were measured on and with."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "spacy": spacy.__version__,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


def main(arguments: Optional[Sequence[str]] = None) -> None:
    options = read_arguments(arguments)
    logging.set_verbosity_error()
    if options.gpu_id >= 0:
        spacy.require_gpu(options.gpu_id)
    source, notes = find_notes(options.notes)
    results: Dict[str, Any] = {"rows": {}, "large": {}}
    if options.only and options.output.exists():
        results.update(srsly.read_json(options.output))
    results.update(machine=describe_machine(), notes=source, heads="trained" if options.model else "drawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = make_bench(options, folder, notes[:NOTES])
        run(options, bench, MEASURES if options.gpu_id < 0 else LARGE, results, "rows")
        if options.large or not options.quick:
            run(options, enlarge(bench, folder), LARGE, results, "large")
    sys.stdout.write(write_table(results["rows"]))
    if results["large"]:
        sys.stdout.write("\nWith an encoder of BERT's base size and drawn weights\n" + write_table(results["large"]))


def run(options: argparse.Namespace, bench: Bench, measures: Any, results: Dict[str, Any], part: str) -> None:
    """Take the measures that are asked for, and write the results after each."""
    for measure in measures:
        keys = MEASURES[measure]
        if options.only and not set(options.only) & set(keys):
            continue
        begun = time.perf_counter()
        rows = measure(bench)
        for row in rows.values():
            row.update(quick=options.quick, measured_in=round(time.perf_counter() - begun, 1))
        results[part].update(rows)
        results.update(sum_up(results["rows"]), large_ratios=sum_up(results["large"])["ratios"])
        options.output.parent.mkdir(parents=True, exist_ok=True)
        srsly.write_json(options.output, results)
        sys.stderr.write(f"{part}: {', '.join(rows)} in {time.perf_counter() - begun:.0f} s\n")
        if "curves" in rows:
            write_plots(rows["curves"], options.output)
        gc.collect()


if __name__ == "__main__":
    main()
