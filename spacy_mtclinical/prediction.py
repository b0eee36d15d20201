"""Answers for Docs: windows of all of them sorted and batched, scored by every head that reads them, decoded."""

import threading
from types import MappingProxyType
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc
from thinc.api import Model

from .arrays import Floats1d, Floats2d, Ints1d
from .documents import PAIR
from .model import find_bounds, get_heads, score_windows
from .tags import Spans, count_settled, log_softmax, read_candidates, read_spans, score_units
from .windows import Cutter, Pieces, Units, Window, batch_windows, group

ROUND = 32_768  # sub-words whose scores are held at once, or fewer with many heads, or those of some batches
BATCHES = 4
ROOM = 2**24  # numbers in the memory for them, which is kept: to touch new memory takes longer than to fill it
kept = threading.local()


class Found(NamedTuple):
    """What the model says of one Doc.

    spans: Task to spans, first and last token inclusive, of a note.
    candidates: The same of units that may carry a label, for the tasks asked for.
    pairs: Task to probabilities, shape (label,), or to a number, of a pair.
    shortened: Sub-words left out of each side of a pair.
    """

    spans: Dict[str, Spans]
    candidates: Dict[str, Spans]
    pairs: Dict[str, Union[Floats1d, float]]
    shortened: Tuple[int, int]


class Reading(NamedTuple):
    """How answers are read from scores.

    temperatures: Task to what its scores are divided by; 1 where it is not named.
    candidates: Task to the least probability of a candidate; none are read where it is not named.
    """

    temperatures: Mapping[str, float] = MappingProxyType({})
    candidates: Mapping[str, float] = MappingProxyType({})


class Joined(NamedTuple):
    """Several notes one after the other.

    units: Of all notes; their pieces and tokens count on from note to note.
    notes: The first unit of each note, shape (note,).
    tokens: The first token of each note, shape (note,).
    """

    units: Units
    notes: Ints1d
    tokens: Ints1d
    n_pieces: int


PLAINLY = Reading()


def predict_docs(model: Model, docs: Sequence[Doc], *, budget: int, reading: Reading = PLAINLY) -> List[Found]:
    """Find the answers of every head for notes and pairs in any mixture, in their order.

    budget: Sub-words an encoder batch, padding included.
    """
    cutter: Cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    found: List[Any] = [None] * len(docs)
    notes = [index for index, doc in enumerate(docs) if PAIR not in doc.spans]
    pairs = [index for index, doc in enumerate(docs) if PAIR in doc.spans]
    for chosen, predict in ((notes, predict_notes), (pairs, predict_pairs)):
        for index, answer in zip(chosen, predict(model, cutter, [docs[index] for index in chosen], budget, reading)):
            found[index] = answer
    return found


def count_longest(model: Model) -> int:
    """Count the sub-words of the longest window that notes and pairs are cut into."""
    cutter: Cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    return cutter.size


def score_examples(model: Model, docs: Sequence[Doc], task: str, *, budget: int) -> List[Floats2d]:
    """Score notes or pairs by one head, without reading an answer from the scores.

    RETURNS: A note's scores, shape (piece, output), or a pair's, shape (1, output).
    """
    cutter: Cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    if get_heads(model)[task].attrs["reads"] == "pair":
        cut = [[cutter.pair_window(doc)[0]] for doc in docs]
    else:
        cut = [list(cutter.windows(pieces)) for pieces in cutter.cut(docs)]
    counts = [sum(window.n_states for window in windows) for windows in cut]
    windows = (window for windows in cut for window in windows)
    rounds = [scores.copy() for scores in score_rounds(model, windows, [task], budget)]
    scores = numpy.concatenate(rounds) if rounds else numpy.zeros((0, 0), dtype="f")
    return numpy.split(scores, numpy.cumsum(counts)[:-1])


def tasks_reading(model: Model, reads: str) -> List[str]:
    """Name the tasks whose heads read "pieces" or a "pair"."""
    return [task for task, head in get_heads(model).items() if head.attrs["reads"] == reads]


def predict_notes(model: Model, cutter: Cutter, docs: Sequence[Doc], budget: int, reading: Reading) -> List[Found]:
    """Score the windows of all notes, and read each task's spans."""
    tasks = tasks_reading(model, "pieces")
    if not tasks or not docs:
        return [Found({}, {}, {}, (0, 0)) for _ in docs]
    pieces = list(cutter.cut(docs))
    joined = join_notes(pieces, [len(doc) for doc in docs])
    windows = (window for note in pieces for window in cutter.windows(note))
    found, candidates = read_rounds(model, tasks, score_rounds(model, windows, tasks, budget), joined, reading)
    shared = {task: share_out(spans, joined) for task, spans in found.items()}
    extra = {task: share_out(spans, joined) for task, spans in candidates.items()}
    return [
        Found(
            {task: parts[note] for task, parts in shared.items()},
            {task: p[note] for task, p in extra.items()},
            {},
            (0, 0),
        )
        for note in range(len(docs))
    ]


def share_out(spans: Spans, joined: Joined) -> List[Spans]:
    """Give each note its spans of units, as spans of its tokens, first and last inclusive."""
    first, last = joined.units.first, joined.units.last
    shares = numpy.searchsorted(spans.starts, numpy.append(joined.notes, len(first)))
    tokens = spans._replace(starts=first[spans.starts], ends=last[spans.ends - 1])
    parts = [Spans(*(column[start:end] for column in tokens)) for start, end in zip(shares, shares[1:])]
    return [
        part._replace(starts=part.starts - token, ends=part.ends - token) for part, token in zip(parts, joined.tokens)
    ]


def join_notes(notes: Sequence[Pieces], lengths: Sequence[int]) -> Joined:
    """Put the sub-words of notes one after the other.

    lengths: Tokens of each note.
    """
    tokens = numpy.cumsum([0, *lengths])[:-1]
    n_pieces = numpy.cumsum([0, *(len(note.ids) for note in notes)])
    first = numpy.concatenate([note.first + token for note, token in zip(notes, tokens)])
    last = numpy.concatenate([note.last + token for note, token in zip(notes, tokens)])
    units = group(Pieces(first, first, last))
    return Joined(units, numpy.searchsorted(units.pieces, n_pieces[:-1]), tokens, int(n_pieces[-1]))


def score_rounds(model: Model, windows: Iterable[Window], tasks: Sequence[str], budget: int) -> Iterator[Floats2d]:
    """Score windows in rounds of some batches, sorted by length within each, so that memory stays bounded.

    RETURNS: The scores of the windows' cores in order, a round at a time, in memory that the next round is written
        to. Shape (piece, outputs of all tasks).
    """
    widths = {task: get_heads(model)[task].layers[-1].get_dim("nO") for task in tasks}
    width = sum(widths.values())
    # Added heads have no say in which windows are read together, on which the last bits of the others depend.
    first = sum(widths[task] for task in tasks if task not in model.attrs["added"]()) or width
    for chosen in cut_rounds(windows, max(BATCHES * budget, min(ROUND, ROOM // first))):
        sizes = [window.n_states for window in chosen]
        ends = numpy.cumsum(sizes).tolist()
        scores = take_room(ends[-1], width)
        for batch in batch_windows(chosen, budget):
            part = score_windows(model, [chosen[index] for index in batch], tasks)
            start = 0
            for index in batch:
                scores[ends[index] - sizes[index] : ends[index]] = part[start : start + sizes[index]]
                start += sizes[index]
        yield scores


def take_room(length: int, width: int) -> Floats2d:
    """Take the memory that this thread keeps, or new memory where that is too small. Shape: (length, width)."""
    if length * width > ROOM:
        return numpy.empty((length, width), dtype="f")
    if not hasattr(kept, "room"):
        kept.room = numpy.empty(ROOM, dtype="f")  # takes no memory before it is written to
    return kept.room[: length * width].reshape(length, width)


def cut_rounds(windows: Iterable[Window], size: int) -> Iterator[List[Window]]:
    """Cut a stream of windows into lists of about so many sub-words."""
    chosen: List[Window] = []
    total = 0
    for window in windows:
        chosen.append(window)
        total += len(window.ids)
        if total >= size:
            yield chosen
            chosen, total = [], 0
    if chosen:
        yield chosen


def read_rounds(
    model: Model, tasks: Sequence[str], rounds: Iterable[Floats2d], joined: Joined, reading: Reading
) -> Tuple[Dict[str, Spans], Dict[str, Spans]]:
    """Read each task's spans, first and one past the last unit, as soon as later scores cannot change them.

    rounds: Scores of pieces, shape of each (piece, outputs of all tasks). They are changed.
    RETURNS: The spans of all tasks, and the candidates of those asked for.
    """
    places = place_tags(model, tasks)
    begins = numpy.concatenate([place.reshape(-1, place.shape[-1])[:, 1::2].ravel() for place in places.values()])
    starts = numpy.append(joined.units.pieces, joined.n_pieces)  # the first piece of each unit, and the end
    none = read_spans(numpy.zeros((0, 1, 1)), joined.notes[:0])
    read = {task: [none] for task in tasks}
    candidates = {task: [none] for task in tasks if task in reading.candidates}
    done = {task: 0 for task in tasks}  # units
    rest: Dict[str, Any] = {}  # the scores of the units that follow
    seen, scored = 0, 0  # pieces and whole units
    begun: Any = None  # the scores of a unit that goes on in the next round
    for scores in rounds:
        stop = seen + len(scores)
        rows = numpy.maximum(starts[scored : numpy.searchsorted(starts[:-1], stop)] - seen, 0)
        score_units(scores, rows, begins, begun=begun)
        whole = int(numpy.searchsorted(starts[1:], stop, side="right"))
        begun = scores[rows[-1]].copy() if len(rows) > whole - scored else None
        rows = rows[: whole - scored]
        seen, scored = stop, whole
        for task, place in places.items():
            own = scores[rows, place.min() : place.max() + 1].reshape(len(rows), *place.shape)
            if reading.temperatures.get(task, 1.0) != 1.0:
                own = own / reading.temperatures[task]
            own = numpy.concatenate((rest[task], own)) if task in rest else own
            first = done[task]
            notes = numpy.append(0, joined.notes[joined.notes > first] - first)
            settled = len(own) if scored == len(starts) - 1 else count_settled(own, notes)
            spans = read_spans(own[:settled], notes)
            read[task].append(move(spans, first))
            if task in candidates:
                candidates[task].append(move(read_candidates(own[:settled], reading.candidates[task]), first))
            done[task] += settled
            rest[task] = own[settled:].copy()
    return {task: join(parts) for task, parts in read.items()}, {task: join(p) for task, p in candidates.items()}


def place_tags(model: Model, tasks: Sequence[str]) -> Dict[str, Any]:
    """Tell which of the tasks' outputs side by side is which tag. RETURNS: Task to outputs, shape (chain, tag)."""
    heads = get_heads(model)
    places = {}
    first = 0
    for task in tasks:
        width = heads[task].layers[-1].get_dim("nO")
        tags = 3 if heads[task].attrs["nested"] else width
        places[task] = numpy.arange(first, first + width).reshape(width // tags, tags)
        first += width
    return places


def move(spans: Spans, by: int) -> Spans:
    """Count the units of spans from another one."""
    return spans._replace(starts=spans.starts + by, ends=spans.ends + by)


def join(parts: Sequence[Spans]) -> Spans:
    """Put spans one after the other."""
    return Spans(*(numpy.concatenate(column) for column in zip(*parts)))


def predict_pairs(model: Model, cutter: Cutter, docs: Sequence[Doc], budget: int, reading: Reading) -> List[Found]:
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
                bounds = find_bounds(heads[task])
                if bounds is None:
                    probabilities = numpy.exp(log_softmax(part / reading.temperatures.get(task, 1.0)))
                for row, index in enumerate(batch):
                    if bounds is None:
                        answers[index][task] = probabilities[row]
                    else:
                        answers[index][task] = float(numpy.clip(part[row, 0], *bounds))
    return [Found({}, {}, answer, shortened) for answer, (_, shortened) in zip(answers, cut)]


def tag_places(units: Units, spans: Sequence[Tuple[int, int, int]]) -> List[Tuple[int, int, int]]:
    """Tokens to units: each labelled span of tokens as the units that lie in it.

    spans: (first token, one past the last token, label).
    RETURNS: (first unit, one past the last unit, label); empty where no unit lies in the span.
    """
    starts: Ints1d = numpy.searchsorted(units.last, [start for start, _, _ in spans], side="left")
    ends: Ints1d = numpy.searchsorted(units.first, [end for _, end, _ in spans], side="left")
    return [(int(start), int(end), label) for start, end, (_, _, label) in zip(starts, ends, spans)]
