"""Scaling: notes against time and memory, heads against time, the length of a note against time."""

from statistics import median
from typing import Any, Dict, List

from .bench import Bench
from .checkpoints import multiply
from .pipelines import annotate_notes, list_windows, make_ours, make_stock
from .residence import make_long, watch
from .timing import Row, clock, interleave

HEADS = (1, 2, 4, 8, 16, 40)


def measure_curves(bench: Bench) -> Dict[str, Row]:
    """All three curves."""
    return {"curves": {"notes": draw_notes(bench), "heads": draw_heads_curve(bench), "length": draw_length(bench)}}


def draw_notes(bench: Bench) -> Dict[str, Any]:
    """Notes against seconds and the most memory, of ours and of spaCy's own with one task."""
    texts = bench.notes[: 20 if bench.quick else 320]
    pipelines = {"ours, five heads": make_ours(bench, bench.entities)}
    pipelines["stock, one ner"] = make_stock(bench, bench.entities[0].labels)
    return {name: watch(bench, nlp, "notes", texts)["rows"] for name, nlp in pipelines.items()}


def draw_heads_curve(bench: Bench) -> List[Row]:
    """Entity heads against seconds."""
    notes = bench.first(40, quick=4)
    runs = {str(number): annotate_notes(make_ours(bench, multiply(bench.entities, number))) for number in HEADS}
    times = interleave(runs, notes, repeats=bench.repeats, warm=notes)
    return [
        {"heads": int(name), "notes": len(notes), "seconds": round(median(found), 4)} for name, found in times.items()
    ]


def draw_length(bench: Bench) -> List[Row]:
    """The sub-words of one note against seconds."""
    nlp = make_ours(bench, bench.entities)
    rows = []
    for length in (100, 300, 1_000, 3_000, 10_000) + (() if bench.quick else (30_000, 100_000)):
        text = make_long(bench, nlp, length)
        real = sum(window.keep[1] - window.keep[0] for window in list_windows(nlp, [text]))
        nlp(text)
        seconds = median(clock(nlp, text) for _ in range(3))
        rows.append({"sub_words": real, "seconds": round(seconds, 4)})
    return rows
