"""Answers written into Docs: span groups with scores, answers of pairs, and entities merged without overlap."""

from typing import Dict, Iterable, List, Mapping, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from .arrays import Floats1d, Ints1d
from .documents import ANSWERED, CANDIDATES, EXTENSION, PAIR, SCORES, SHORTENED
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
    written = {}
    for task, spans in found.spans.items():
        kept = take_likely(spans, labels[task], thresholds.get(task, 0.0))
        written[task] = kept, write_spans(doc, task, kept, labels[task])
    for task, spans in found.candidates.items():
        write_spans(doc, CANDIDATES.format(task=task), spans, labels[task])
    if PAIR in doc.spans:
        doc._.set(EXTENSION, {**doc._.get(EXTENSION), **name_answers(found.pairs, labels)})
        attrs = doc.spans[PAIR].attrs
        attrs[ANSWERED] = sorted({*attrs.get(ANSWERED, ()), *found.pairs})
        if found.pairs:
            attrs[SHORTENED] = list(found.shortened)
    elif ents_from:
        doc.ents = merge_spans(doc, [written[task] for task in ents_from if task in written])


def check_tasks(known: Sequence[str], **settings: Iterable[str]) -> None:
    """Refuse settings of tasks that are no entity tasks, and scores that no span can have.

    RAISES: ValueError naming the first.
    """
    for setting, named in settings.items():
        for task in named:
            if task not in known:
                raise ValueError(f"{setting} expected entity tasks among {list(known)}, got '{task}'. Mend the config.")
            found = named[task] if isinstance(named, Mapping) else 0.0
            scores = list(found.values() if isinstance(found, Mapping) else [found])
            if not all(0.0 <= score <= 1.0 for score in scores):
                raise ValueError(f"{setting} of '{task}' expected numbers from 0 to 1, got {scores}. Mend the config.")


def check_candidates(candidates: Iterable[str], tasks: Sequence[str]) -> None:
    """Refuse candidates that would be given in the place of another task's spans. RAISES: ValueError naming that."""
    taken = sorted({CANDIDATES.format(task=task) for task in candidates} & set(tasks))
    if taken:
        raise ValueError(f"candidates would be given under the name of another task: {', '.join(taken)}. Rename it.")


def check_thresholds(thresholds: Mapping[str, Threshold], labels: Labels) -> None:
    """Refuse thresholds of labels that a task does not have. RAISES: ValueError naming them."""
    for task, least in thresholds.items():
        unknown = sorted(set(least) - set(labels[task])) if isinstance(least, Mapping) else []
        if unknown:
            raise ValueError(
                f"thresholds of task '{task}' expected labels among {labels[task]}, got {unknown}. Mend the config."
            )


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


def merge_spans(doc: Doc, found: Sequence[Tuple[Spans, Sequence[Span]]]) -> List[Span]:
    """Merge the spans of tasks with the entities that are there, so that no two overlap.

    Entities that are there win over all, a task over those after it, and a longer span over a shorter one.

    found: The spans of each task, as places and as spaCy has them.
    """
    kept = list(doc.ents)
    taken = numpy.zeros(len(doc) + 1, dtype=bool)  # of each token
    for span in kept:
        taken[span.start : span.end] = True
    for places, spans in found:
        chosen = choose_longest(places)
        starts, ends = places.starts[chosen], places.ends[chosen] + 1
        before = numpy.cumsum(taken) - taken
        free = before[starts] == before[ends]
        kept.extend(spans[index] for index in chosen[free].tolist())
        edges = numpy.zeros(len(taken), dtype="int64")
        edges[starts[free]] += 1
        edges[ends[free]] -= 1
        taken |= numpy.cumsum(edges) > 0
    return kept


def choose_longest(places: Spans) -> Ints1d:
    """Choose spans that do not overlap, a longer one before a shorter one. RETURNS: Their indices."""
    if (places.starts[1:] > places.ends[:-1]).all():
        return numpy.arange(len(places.starts))
    taken = bytearray(int(places.ends.max()) + 1)
    chosen = []
    for index in numpy.argsort(places.starts - places.ends, kind="stable").tolist():
        start, end = int(places.starts[index]), int(places.ends[index]) + 1
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            chosen.append(index)
    return numpy.array(chosen, dtype="int64")
