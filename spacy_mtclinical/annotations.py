"""Answers written into Docs: span groups with scores, answers of pairs, and entities merged without overlap."""

from typing import Dict, List, Mapping, Sequence, Union

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from .arrays import Floats1d
from .documents import CANDIDATES, EXTENSION, PAIR, SCORES, SHORTENED
from .prediction import Found
from .tags import Spans

Threshold = Union[float, Mapping[str, float]]
Labels = Mapping[str, Sequence[str]]  # task to labels


def write_answers(
    doc: Doc, found: Found, labels: Labels, *, ents_from: Sequence[str], thresholds: Mapping[str, Threshold]
) -> None:
    """Write what was found into a document.

    ents_from: Tasks whose spans become entities, the first named winning where they overlap.
    thresholds: Task to the least score of a span, or to that of each label; what is not named has none.
    """
    named = {}
    for task, spans in found.spans.items():
        kept = take_likely(spans, labels[task], thresholds.get(task, 0.0))
        named[task] = write_spans(doc, task, kept, labels[task])
    for task, spans in found.candidates.items():
        write_spans(doc, CANDIDATES.format(task=task), spans, labels[task])
    if PAIR in doc.spans:
        doc._.set(EXTENSION, {**doc._.get(EXTENSION), **name_answers(found.pairs, labels)})
        doc.spans[PAIR].attrs[SHORTENED] = list(found.shortened)
    elif ents_from:
        doc.ents = merge_spans(doc, [named.get(task, []) for task in ents_from])


def take_likely(spans: Spans, labels: Sequence[str], threshold: Threshold) -> Spans:
    """Take the spans whose score is not below the threshold of their label."""
    if not threshold:
        return spans
    least = [threshold.get(label, 0.0) if isinstance(threshold, Mapping) else threshold for label in labels]
    kept = spans.scores >= numpy.array(least, dtype="float64")[spans.labels]
    return Spans(*(column[kept] for column in spans))


def write_spans(doc: Doc, key: str, spans: Spans, labels: Sequence[str]) -> List[Span]:
    """Write spans of tokens, first and last inclusive, with their scores as a span group. RETURNS: The same spans."""
    hashes = [doc.vocab.strings.add(label) for label in labels]
    places = zip(spans.starts.tolist(), spans.ends.tolist(), spans.labels.tolist())
    named = [Span(doc, start, end + 1, label=hashes[label]) for start, end, label in places]
    doc.spans[key] = SpanGroup(doc, name=key, attrs={SCORES: spans.scores.tolist()}, spans=named)
    return named


def name_answers(
    answers: Mapping[str, Union[Floats1d, float]], labels: Labels
) -> Dict[str, Union[Dict[str, float], float]]:
    """Name the probabilities of each task by its labels; numbers stay as they are."""
    return {
        task: answer if isinstance(answer, float) else dict(zip(labels[task], map(float, answer)))
        for task, answer in answers.items()
    }


def merge_spans(doc: Doc, found: Sequence[Sequence[Span]]) -> List[Span]:
    """Merge the spans of tasks with the entities that are there, so that no two overlap.

    Entities that are there win over all, a task over those after it, and a longer span over a shorter one.

    found: The spans of each task, in the order of their starts.
    """
    kept = list(doc.ents)
    taken = bytearray(len(doc))  # of each token
    for span in kept:
        take(span.start, span.end, taken)
    for spans in found:
        own = bytearray(len(doc))  # by this task, whether or not another one has it
        places = [(span.start, span.end) for span in spans]
        lengths = numpy.array([end - start for start, end in places], dtype="int64")
        for index in numpy.argsort(-lengths, kind="stable").tolist():
            start, end = places[index]
            if take(start, end, own) and take(start, end, taken):
                kept.append(spans[index])
    return kept


def take(start: int, end: int, taken: bytearray) -> bool:
    """Mark tokens unless one of them is marked. RETURNS: Whether none was."""
    free = taken.find(1, start, end) < 0
    if free:
        taken[start:end] = b"\1" * (end - start)
    return free
