"""Time outside of the encoder on one core, per 1,000 sub-words of text, by what it is spent on."""

import os
import time
from contextlib import contextmanager
from functools import wraps
from itertools import chain
from statistics import median
from typing import Any, Callable, Dict, Iterator, List, Sequence

import spacy
import torch
from spacy.util import minibatch

from spacy_mtclinical import model as multitask
from spacy_mtclinical.pretrained import get_shim

from .bench import Bench
from .checkpoints import get_component
from .pipelines import BATCH, make_ours
from .timing import Row, clock

TOKENIZERS_GOAL = 6.7  # milliseconds for both
BEYOND_GOAL = 2.5


class Stopwatch:
    """Adds up the seconds inside a function."""

    def __init__(self, run: Callable[..., Any]):
        self.seconds = 0.0
        self.run = run

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return self.run(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - begun

    def take(self) -> float:
        """The seconds since last asked."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


class Watched:
    """A sub-word tokenizer whose encoding is timed."""

    def __init__(self, tokenizer: Any):
        self.tokenizer = tokenizer
        self.watch = Stopwatch(lambda name, *args, **kwargs: getattr(tokenizer, name)(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("encode"):
            return lambda *args, **kwargs: self.watch(name, *args, **kwargs)
        return getattr(self.tokenizer, name)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this thread, torch and the tokenizers on one core."""
    threads, cores = torch.get_num_threads(), os.sched_getaffinity(0)
    parallel = os.environ.get("TOKENIZERS_PARALLELISM")
    torch.set_num_threads(1)
    os.sched_setaffinity(0, {min(cores)})
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        os.sched_setaffinity(0, cores)
        os.environ["TOKENIZERS_PARALLELISM"] = parallel or "true"


def measure_overhead(bench: Bench) -> Dict[str, Row]:
    """Each repeat has notes of its own, seen for the first time, after others have filled the caches."""
    folds = bench.repeats + 1
    notes = bench.first(30 * folds, quick=8 * folds)
    size = max(1, len(notes) // folds)
    with one_core():
        nlp = make_ours(bench, bench.entities)
        english = spacy.blank("en")
        parts = [notes[start : start + size] for start in range(0, size * folds, size)]
        tokenizer = Stopwatch(nlp.tokenizer)
        nlp.tokenizer = tokenizer  # type: ignore[assignment]
        transformer = get_shim(get_component(nlp).model.get_ref("encoder"))._model
        forward = Stopwatch(transformer.forward)
        heads = Stopwatch(multitask.multiply)
        multitask.multiply = heads
        transformer.forward = wraps(transformer.forward)(lambda *args, **kwargs: forward(*args, **kwargs))
        watches = {"tokenizer": tokenizer, "forward": forward, "heads": heads}
        try:
            found = [split_time(nlp, part, english=english, **watches) for part in parts][1:]
        finally:
            multitask.multiply = heads.run
    stages = {name: round(median(row[name] for row in found), 3) for name in found[0]}
    tokenizers = round(stages["spacy_tokenizer"] + stages["word_pieces"], 3)
    ratios = [row["all"] - row["spacy_tokenizer"] - row["word_pieces"] for row in found]
    row = {
        "ratio": round(median(ratios), 3),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "repeats": len(found),
        "reached": median(ratios) <= BEYOND_GOAL and tokenizers <= TOKENIZERS_GOAL,
        "tokenizers": tokenizers,
        "tokenizers_goal": TOKENIZERS_GOAL,
        "milliseconds": stages,
        "notes": size * folds,
        "warm_up": f"{size} other notes",
    }
    return {"overhead_ms": row}


def split_time(
    nlp: Any, notes: Sequence[str], *, tokenizer: Stopwatch, forward: Stopwatch, heads: Stopwatch, english: Any
) -> Dict[str, float]:
    """Milliseconds per 1,000 sub-words of the notes: of `nlp.pipe` outside of the encoder, and of its stages.

    Tokenizer and encoder are timed within `nlp.pipe`, the other stages when repeated by themselves.
    """
    tokenizer.take(), forward.take(), heads.take()
    seconds = {"all": clock(list, nlp.pipe(notes))}
    seconds["all"] -= forward.take()
    seconds["spacy_tokenizer"] = tokenizer.take()
    seconds["products_of_heads"] = heads.take()
    pipe = get_component(nlp)
    docs = [nlp.make_doc(note) for note in notes]
    encoder = pipe.model.get_ref("encoder")
    cutter = encoder.attrs["get_cutter"](encoder)
    watched = Watched(cutter.tokenizer)
    cutter = cutter._replace(tokenizer=watched)
    pieces: List[Any] = []

    def cut() -> None:
        for batch in minibatch(docs, size=BATCH):
            found = list(cutter.cut(batch))
            for note in found:
                list(cutter.windows(note))
            pieces.extend(found)

    cutting = clock(cut)
    seconds["word_pieces"] = watched.watch.take()
    seconds["aligning_and_windows"] = cutting - seconds["word_pieces"]
    forward.take(), heads.take()
    answers: List[Any] = []
    predicting = clock(lambda: answers.extend(chain.from_iterable(map(pipe.predict, minibatch(docs, size=BATCH)))))
    seconds["batching_and_decoding"] = predicting - forward.take() - heads.take() - cutting
    seconds["spans_and_docs"] = clock(lambda: pipe.set_annotations(docs, answers))
    seconds["rest"] = seconds["all"] - sum(value for name, value in seconds.items() if name != "all")
    seconds["english_tokenizer"] = clock(lambda: [english.tokenizer(note) for note in notes])
    n_pieces = sum(len(note.ids) for note in pieces)
    return {name: 1e6 * value / n_pieces for name, value in seconds.items()}
