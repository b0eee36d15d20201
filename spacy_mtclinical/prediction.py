"""Answers for Docs: windows of all of them sorted and batched, scored by every head that reads them, decoded."""

from typing import Any, Dict, List, NamedTuple, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc
from thinc.api import Model

from .arrays import Floats1d, Ints1d
from .documents import PAIR
from .model import get_heads, score_windows
from .tags import Spans, log_softmax, read_spans, score_units
from .windows import Cutter, Units, Window, batch_windows, group


class Found(NamedTuple):
    """What the model says of one Doc.

    spans: Task to spans, first and last token inclusive, of a note.
    pairs: Task to probabilities, shape (label,), or to a number, of a pair.
    shortened: Sub-words left out of each side of a pair.
    """

    spans: Dict[str, Spans]
    pairs: Dict[str, Union[Floats1d, float]]
    shortened: Tuple[int, int]


def predict_docs(model: Model, docs: Sequence[Doc], *, budget: int) -> List[Found]:
    """Find the answers of every head for notes and pairs in any mixture, in their order.

    budget: Sub-words an encoder batch, padding included.
    """
    cutter: Cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    found: List[Any] = [None] * len(docs)
    notes = [index for index, doc in enumerate(docs) if PAIR not in doc.spans]
    pairs = [index for index, doc in enumerate(docs) if PAIR in doc.spans]
    for index, answer in zip(notes, predict_notes(model, cutter, [docs[index] for index in notes], budget)):
        found[index] = answer
    for index, answer in zip(pairs, predict_pairs(model, cutter, [docs[index] for index in pairs], budget)):
        found[index] = answer
    return found


def tasks_reading(model: Model, reads: str) -> List[str]:
    """Name the tasks whose heads read "pieces" or a "pair"."""
    return [task for task, head in get_heads(model).items() if head.attrs["reads"] == reads]


def predict_notes(model: Model, cutter: Cutter, docs: Sequence[Doc], budget: int) -> List[Found]:
    """Score each window, put the cores of a note together again, and read each task's spans."""
    tasks = tasks_reading(model, "pieces")
    if not tasks or not docs:
        return [Found({}, {}, (0, 0)) for _ in docs]
    units = []
    windows: List[Window] = []
    counts = []
    for pieces in cutter.cut(docs):
        units.append(group(pieces))
        cut = cutter.windows(pieces)
        windows.extend(cut)
        counts.append(len(cut))
    scores: List[Any] = [None] * len(windows)
    for batch in batch_windows(windows, budget):
        rows = score_windows(model, [windows[index] for index in batch], tasks)
        ends = numpy.cumsum([windows[index].keep[1] - windows[index].keep[0] for index in batch])
        for index, part in zip(batch, numpy.split(rows, ends[:-1])):
            scores[index] = part
    found = []
    start = 0
    for doc_units, count in zip(units, counts):
        spans = {task: read_spans(numpy.zeros((0, 1, 1))) for task in tasks}
        if count:
            spans = read_tasks(model, tasks, numpy.concatenate(scores[start : start + count]), doc_units)
        found.append(Found(spans, {}, (0, 0)))
        start += count
    return found


def read_tasks(model: Model, tasks: Sequence[str], scores: Any, units: Units) -> Dict[str, Spans]:
    """Read each task's spans from the scores of one note's pieces, shape (piece, outputs of all tasks)."""
    heads = get_heads(model)
    spans = {}
    column = 0
    for task in tasks:
        head = heads[task]
        width = head.layers[-1].get_dim("nO")
        tags = 3 if head.attrs["nested"] else width
        pieces = scores[:, column : column + width].reshape(len(scores), width // tags, tags)
        column += width
        read = read_spans(score_units(pieces, units.pieces))
        spans[task] = read._replace(starts=units.first[read.starts], ends=units.last[read.ends - 1])
    return spans


def predict_pairs(model: Model, cutter: Cutter, docs: Sequence[Doc], budget: int) -> List[Found]:
    """Answer for pairs of texts."""
    tasks = tasks_reading(model, "pair")
    cut = [cutter.pair_window(doc) for doc in docs]
    answers: List[Dict[str, Union[Floats1d, float]]] = [{} for _ in docs]
    if tasks:
        heads = get_heads(model)
        widths = [heads[task].layers[-1].get_dim("nO") for task in tasks]
        windows = [window for window, _ in cut]
        for batch in batch_windows(windows, budget):
            scores = score_windows(model, [windows[index] for index in batch], tasks)
            for task, part in zip(tasks, numpy.split(scores, numpy.cumsum(widths)[:-1], axis=1)):
                bounds = heads[task].attrs["bounds"]
                if bounds is None:
                    probabilities = numpy.exp(log_softmax(part))
                for row, index in enumerate(batch):
                    if bounds is None:
                        answers[index][task] = probabilities[row]
                    else:
                        answers[index][task] = float(numpy.clip(part[row, 0], *bounds))
    return [Found({}, answer, shortened) for answer, (_, shortened) in zip(answers, cut)]


def tag_places(units: Units, spans: Sequence[Tuple[int, int, int]]) -> List[Tuple[int, int, int]]:
    """Tokens to units: each labelled span of tokens as the units that lie in it.

    spans: (first token, one past the last token, label).
    RETURNS: (first unit, one past the last unit, label); empty where no unit lies in the span.
    """
    starts: Ints1d = numpy.searchsorted(units.last, [start for start, _, _ in spans], side="left")
    ends: Ints1d = numpy.searchsorted(units.first, [end for _, end, _ in spans], side="left")
    return [(int(start), int(end), label) for start, end, (_, _, label) in zip(starts, ends, spans)]
