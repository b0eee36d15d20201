"""Notes and pairs a second: ours against the raw encoder, fewer heads, spaCy's own pipelines and single tasks."""

import gc
from importlib.util import find_spec
from statistics import median
from typing import Any, Callable, Dict, List, Sequence

from spacy.tokens import Doc

from spacy_mtclinical import make_pair
from spacy_mtclinical.encoder import has_bf16_units

from .bench import Bench
from .checkpoints import multiply
from .floor import choose_batches, load_raw, run_raw
from .pipelines import annotate_notes, annotate_pairs, count_ents, list_windows, make_ours, make_plain, make_stock
from .timing import Row, add_up, compare, describe, exhaust, interleave, settle

NEEDED = {"int8": ("onnx", "onnxruntime")}
WARM = 4  # documents before a comparison with much slower rivals


def measure_encoder(bench: Bench) -> Dict[str, Row]:
    """Five entity heads against the raw encoder on the same windows, its time taken down to that without padding."""
    notes = bench.first(96, quick=12)
    nlp = make_ours(bench, bench.entities)
    raw = load_raw(bench)
    windows = list_windows(nlp, notes)
    batches = choose_batches(bench, raw, windows)
    runs = {"ours": annotate_notes(nlp), "raw": lambda _: run_raw(raw, batches)}
    times = interleave(runs, notes, repeats=bench.repeats, warm=notes)
    row = compare(times["raw"], times["ours"], factor=batches.real / batches.positions)
    facts = {
        "notes": len(notes),
        "sub_words": batches.real,
        "sub_words_of_text": sum(window.keep[1] - window.keep[0] for window in windows),
        "positions_a_batch_of_raw": round(batches.positions / len(batches.inputs)),
        "padding_of_raw": round(1 - batches.real / batches.positions, 4),
        "ours_sub_words_per_second": round(batches.real / median(times["ours"])),
        "raw_sub_words_per_second": round(batches.positions / median(times["raw"])),
        "density": find_density(nlp.pipe(notes[:20])),
    }
    return {"encoder": {**row, **facts, "seconds": describe(times), "warm_up": "the same notes once"}}


def find_density(docs: Any) -> Dict[str, float]:
    """The share of tokens in a span, by task."""
    tokens = 0
    inside: Dict[str, int] = {}
    for doc in docs:
        tokens += len(doc)
        for task, spans in doc.spans.items():
            found = {token for span in spans for token in range(span.start, span.end)}
            inside[task] = inside.get(task, 0) + len(found)
    return {task: round(count / max(1, tokens), 4) for task, count in inside.items()}


def measure_heads(bench: Bench) -> Dict[str, Row]:
    """One, five and forty entity heads; where there are too few, copies of those that there are."""
    notes = bench.first(64, quick=12)
    runs = {
        str(number): annotate_notes(make_ours(bench, multiply(bench.entities, number)))
        for number in (1, len(bench.entities), 40)
    }
    times = interleave(runs, notes, repeats=bench.repeats, warm=notes)
    one, five, forty = times.values()
    facts = {"notes": len(notes), "one": bench.entities[0].task, "seconds": describe(times)}
    return {
        "five_heads_vs_one": {**compare(one, five), **facts, "warm_up": "the same notes once"},
        "forty_heads_vs_one": {**compare(one, forty), **facts, "warm_up": "the same notes once"},
    }


def measure_stock(bench: Bench) -> Dict[str, Row]:
    """Five tasks at once against stock pipelines, one and five one after the other, and plain token classification."""
    notes = bench.first(40, quick=6)
    flat = next(head for head in bench.entities if not head.config.get("nested"))
    ours = make_ours(bench, bench.entities)
    stock = {f"stock_{head.task}": make_stock(bench, head.labels) for head in bench.entities}
    runs: Dict[str, Callable[[Sequence[str]], Any]] = {"ours": annotate_notes(ours)}
    runs.update({name: annotate_notes(nlp) for name, nlp in stock.items()})
    runs["token_classification"] = make_plain(bench, flat)
    times = interleave(runs, notes, repeats=bench.repeats, warm=notes[:WARM])
    facts = {"notes": len(notes), "seconds": describe(times), "warm_up": f"{WARM} notes"}
    five = add_up(times, stock)
    density = {"density_of_stock": {name: round(count_ents(nlp.pipe(notes[:WARM])), 4) for name, nlp in stock.items()}}
    return {
        "vs_stock_spacy": {**compare([seconds / len(stock) for seconds in five], times["ours"]), **facts, **density},
        "vs_five_stock": {**compare(five, times["ours"]), **facts},
        "vs_token_classification": {**compare(times["token_classification"], times["ours"]), **facts},
    }


def measure_singles(bench: Bench) -> Dict[str, Row]:
    """Several tasks at once against single-task pipelines of our own one after the other."""
    notes, couples = bench.first(40, quick=6), bench.couples[: bench.scale_to(400, quick=100)]
    runs: Dict[str, Callable[[Any], Any]] = {}
    entities = {f"single_{head.task}": annotate_notes(make_ours(bench, [head])) for head in bench.entities}
    pairs = {f"single_{head.task}": annotate_pairs(make_ours(bench, [head])) for head in bench.pairs}
    five = annotate_notes(make_ours(bench, bench.entities))
    three = annotate_pairs(make_ours(bench, bench.pairs))
    everything = make_ours(bench, [*bench.entities, *bench.pairs])

    def annotate_all(_: Any) -> None:
        docs: List[Doc] = [make_pair(everything, *couple) for couple in couples]
        exhaust(everything.pipe([*notes, *docs]))

    runs.update({name: settle(run, notes) for name, run in {"five": five, **entities}.items()})
    runs.update({name: settle(run, couples) for name, run in {"three": three, **pairs}.items()})
    runs["eight"] = annotate_all
    times = interleave(runs, (), repeats=bench.repeats, warm=())
    facts = {"notes": len(notes), "pairs": len(couples), "seconds": describe(times), "warm_up": "the same texts once"}
    return {
        "pairs_vs_three": {**compare(add_up(times, pairs), times["three"]), **facts},
        "vs_five_single": {**compare(add_up(times, entities), times["five"]), **facts},
        "vs_eight_single": {**compare(add_up(times, [*entities, *pairs]), times["eight"]), **facts},
    }


def measure_precisions(bench: Bench) -> Dict[str, Row]:
    """Prediction in int8 and bf16 against fp32."""
    notes = bench.first(40, quick=6)
    rows: Dict[str, Row] = {}
    for key in ("int8", "bf16"):
        gc.collect()
        missing = [name for name in NEEDED.get(key, ()) if find_spec(name) is None]
        if missing:
            rows[key] = {"ratio": None, "reason": f"{' and '.join(missing)} not installed: extra {key}"}
            continue
        runs = {name: annotate_notes(make_ours(bench, bench.entities, precision=name)) for name in ("fp32", key)}
        times = interleave(runs, notes, repeats=bench.repeats, warm=notes)
        facts = {"notes": len(notes), "seconds": describe(times), "warm_up": "the same notes once"}
        rows[key] = {**compare(times["fp32"], times[key]), **facts}
    rows["bf16"]["bf16_units"] = has_bf16_units()
    return rows
