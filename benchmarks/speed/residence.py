"""What the processes of `memory` say of our pipeline, and of spaCy's own where that is asked."""

from typing import Any, Dict, List

import srsly

from .bench import Bench
from .loading import call_python
from .pipelines import list_windows, make_ours
from .timing import Row

LONG = 1_000_000  # sub-words
SHORT = 600  # characters


def measure_growth(bench: Bench) -> Dict[str, Row]:
    """Resident memory after 2,000 notes against after 200; in the quick form of the beginnings of notes."""
    notes = [note[:SHORT] for note in bench.notes] if bench.quick else bench.notes
    row = watch(bench, make_ours(bench, bench.entities), "growth", notes)
    facts = {"different_notes": len(notes), "characters_a_note": round(sum(map(len, notes)) / len(notes))}
    return {"memory_growth": {**row, **facts, "warm_up": "none"}}


def measure_long(bench: Bench) -> Dict[str, Row]:
    """The memory of a note of a million sub-words."""
    nlp = make_ours(bench, bench.entities)
    text = make_long(bench, nlp, LONG)
    row = watch(bench, nlp, "long", [bench.notes[0], text])
    return {"million_note_mb": {**row, "characters": len(text), "warm_up": "a short note"}}


def make_long(bench: Bench, nlp: Any, length: int) -> str:
    """Join notes to a text of at least so many sub-words."""
    some = "\n\n".join(bench.notes[:100])
    frame = 2  # special sub-words
    cores = sum(window.keep[1] - window.keep[0] for window in list_windows(nlp, [some])) or frame
    everything = "\n\n".join(bench.notes)
    wanted = 1 + int(len(some) * length / cores * 1.01)
    return (everything * (1 + wanted // len(everything)))[:wanted]


def watch(bench: Bench, nlp: Any, case: str, texts: List[str]) -> Row:
    """Run a case of `memory` on a pipeline."""
    pipeline, file = bench.folder / "watched", bench.folder / "texts.json"
    nlp.to_disk(pipeline)
    srsly.write_json(file, texts)
    return call_python("-m", "benchmarks.speed.memory", case, str(pipeline), str(file))
