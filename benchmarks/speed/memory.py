"""Memory, each case in a process of its own: over many notes, of one very long note, and by number of notes.

    python -m benchmarks.speed.memory CASE PIPELINE TEXTS.json

CASE is growth, long or notes. Writes JSON to stdout.
"""

import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import spacy
import srsly

from .texts import repeat_notes
from .timing import Row, exhaust, forget_peak, read_memory

EARLY, LATE = 200, 2000  # notes


def watch_growth(nlp: Any, texts: List[str]) -> Row:
    """Resident memory after so many notes."""
    found = {}
    for number, _ in enumerate(nlp.pipe(repeat_notes(texts, LATE)), 1):
        if number in (EARLY, LATE):
            found[f"mb_after_{number}"] = round(read_memory("VmRSS"), 1)
    return {**found, "ratio": round(found[f"mb_after_{LATE}"] / found[f"mb_after_{EARLY}"], 4)}


def watch_long(nlp: Any, texts: List[str]) -> Row:
    """The most memory that one note takes above the loaded pipeline, which has annotated a short note before."""
    short, long = texts
    nlp(short)
    forget_peak()
    before = read_memory("VmRSS")
    doc = nlp.make_doc(long)
    made = read_memory("VmHWM")
    begun = time.perf_counter()
    nlp(doc)
    return {
        "ratio": round(read_memory("VmHWM") - before, 1),
        "doc_mb": round(made - before, 1),
        "kept_mb": round(read_memory("VmRSS") - before, 1),
        "seconds": round(time.perf_counter() - begun, 2),
        "tokens": len(doc),
        "spans": sum(len(spans) for spans in doc.spans.values()),
    }


def watch_notes(nlp: Any, texts: List[str]) -> Row:
    """Seconds and the most memory for 10, 20, 40, ... notes."""
    exhaust(nlp.pipe(texts[:4]))
    rows = []
    number = 10
    while number <= len(texts):
        forget_peak()
        begun = time.perf_counter()
        exhaust(nlp.pipe(texts[:number]))
        seconds = time.perf_counter() - begun
        rows.append({"notes": number, "seconds": round(seconds, 3), "peak_mb": round(read_memory("VmHWM"), 1)})
        number *= 2
    return {"rows": rows}


CASES: Dict[str, Callable[[Any, List[str]], Row]] = {"growth": watch_growth, "long": watch_long, "notes": watch_notes}


def main() -> None:
    case, pipeline, texts = sys.argv[1:]
    nlp = spacy.load(pipeline)
    sys.stdout.write(srsly.json_dumps(CASES[case](nlp, srsly.read_json(Path(texts)))) + "\n")


if __name__ == "__main__":
    main()
