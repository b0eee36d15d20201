"""Spans to tags to spans: BIO tags a chain, and the best sequence of them that is valid.

A chain is one tag sequence over a note. A flat head has one chain for all its labels, a nested head one
chain a label, so that spans of different labels may overlap. The tags of a chain with M labels are
0 = O, 1 + 2m = B of label m, 2 + 2m = I of label m.

The model scores pieces (sub-words); a sequence is decided over units, the smallest groups of pieces whose
edges are token edges, so that no span starts or ends inside a token.
"""

from typing import NamedTuple, Optional, Sequence, Tuple

import numpy

from .arrays import Array, Floats1d, Floats2d, Floats3d, Ints1d, Ints2d

REACH = 32  # units on each side in which a place to cut is looked for
Triple = Tuple[int, int, int]  # first unit, one past the last unit, label


class Spans(NamedTuple):
    """Labelled spans of one note. Shape of each: (span,), in order of start, then end, then label."""

    starts: Ints1d
    ends: Ints1d
    labels: Ints1d
    scores: Floats1d


def label_spans(spans: Sequence[Triple], n_units: int, n_labels: int, *, nested: bool) -> Tuple[Ints2d, int]:
    """Give each unit a tag in each chain.

    Where spans of one chain overlap, the longest wins (the earliest of equals), since a chain cannot
    express both.
    RETURNS: Tags, shape (unit, chain), and the number of spans that could not be expressed.
    """
    chains = n_labels if nested else 1
    tags = numpy.zeros((n_units, chains), dtype="i")
    lost = 0
    for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span)):
        chain, tag = (label, 1) if nested else (0, 1 + 2 * label)
        if start >= end or tags[start:end, chain].any():
            lost += 1
            continue
        tags[start:end, chain] = tag + 1
        tags[start, chain] = tag
    return tags, lost


def spread_tags(tags: Ints2d, unit_starts: Ints1d, n_pieces: int) -> Ints2d:
    """Tags of units to tags of their pieces: a B stays on the first piece, the others get I.

    tags: Shape (unit, chain).
    unit_starts: The first piece of each unit, shape (unit,).
    RETURNS: Shape (piece, chain).
    """
    lengths = numpy.diff(numpy.append(unit_starts, n_pieces))
    spread = numpy.repeat(tags, lengths, axis=0)
    inner = numpy.ones(n_pieces, dtype=bool)
    inner[unit_starts] = False
    begins = inner[:, None] & (spread % 2 == 1)
    return spread + begins


def score_units(scores: Floats2d, unit_starts: Ints1d, begins: Ints1d, *, begun: Optional[Floats1d] = None) -> None:
    """Turn the row of each unit's first piece into the scores of the unit: it has a tag if all its pieces go along.

    scores: Unnormalised, of the tags of any number of chains side by side, shape (piece, output). What `log_softmax`
        makes of a chain's tags in such a row then are log-probabilities.
    unit_starts: The first piece of each unit, shape (unit,).
    begins: The outputs that are a B, each before the I of its label.
    begun: The scores of the first unit as far as its earlier pieces go, shape (output,).
    """
    if begun is not None:
        scores[0] += begun
        scores[0, begins] = scores[0, begins + 1] + begun[begins] - begun[begins + 1]
    lengths = numpy.diff(numpy.append(unit_starts, len(scores)))
    several = numpy.flatnonzero(lengths > 1)
    units = scores[unit_starts[several]]
    gained = units.take(begins, axis=1) - units.take(begins + 1, axis=1)
    place, going = 1, numpy.arange(len(several))
    while len(going):
        units[going] += scores[unit_starts[several[going]] + place]
        place += 1
        going = going[lengths[several[going]] > place]
    units[:, begins] = units.take(begins + 1, axis=1) + gained
    scores[unit_starts[several]] = units


def log_softmax(scores: Floats3d) -> Floats3d:
    """Normalise over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=-1, keepdims=True))


def read_spans(units: Floats3d, notes: Ints1d) -> Spans:
    """Find the spans of the best valid tag sequence of each chain of each note.

    The score of a span is the probability that exactly these units carry its label and the next one does
    not go on, taking units as independent. Only units in and after spans are normalised: most are in none.
    units: Scores of the units of several notes, normalised or not, shape (unit, chain, tag).
    notes: The first unit of each note, shape (note,).
    """
    n_units, n_chains, n_tags = units.shape
    columns = numpy.ascontiguousarray(units.transpose(2, 1, 0)).reshape(n_tags, n_chains * n_units)
    edges = (numpy.arange(n_chains)[:, None] * n_units + notes[notes < n_units]).reshape(-1)
    tags = best_tags(columns, edges)
    is_edge = numpy.zeros(len(tags) + 1, dtype=bool)
    is_edge[edges] = True
    is_edge[-1] = True
    labelled = numpy.flatnonzero(tags)
    own = tags[labelled]
    goes_on = numpy.zeros(len(labelled), dtype=bool)
    goes_on[:-1] = (numpy.diff(labelled) == 1) & (own[1:] % 2 == 0) & ~is_edge[labelled[1:]]
    first, last = numpy.flatnonzero(own % 2), numpy.flatnonzero(~goes_on)
    starts, ends = labelled[first], labelled[last] + 1
    total = numpy.append(0.0, numpy.cumsum(log_probabilities(columns, labelled, own), dtype="float64"))
    scores = numpy.exp(total[last + 1] - total[first])
    going = numpy.flatnonzero(~is_edge[ends])
    scores[going] *= 1.0 - numpy.exp(log_probabilities(columns, ends[going], own[first[going]] + 1))
    chains = starts // max(n_units, 1)
    labels = (own[first] - 1) // 2 + chains * ((n_tags - 1) // 2)
    starts, ends = starts - chains * n_units, ends - chains * n_units
    order = numpy.lexsort((labels, ends, starts)) if n_chains > 1 else slice(None)
    return Spans(starts[order], ends[order], labels[order], scores[order])


def log_probabilities(columns: Floats2d, places: Ints1d, tags: Ints1d) -> Floats1d:
    """Normalise the scores of some units, shape (tag, unit), and take one tag of each."""
    chosen = columns.take(places, axis=1)
    chosen -= chosen.max(axis=0)
    return chosen[tags, numpy.arange(len(places))] - numpy.log(numpy.exp(chosen).sum(axis=0))


def read_candidates(units: Floats3d, floor: float) -> Spans:
    """Find the units that may carry a label, whatever the best tag sequence says: a span of one unit each.

    The score is the probability that the unit carries any label, taking chains as independent; the label is the
    most probable one.
    units: Scores, normalised or not, shape (unit, chain, tag).
    floor: Units whose score is below it are left out.
    """
    units = log_softmax(units)
    scores = -numpy.expm1(units[:, :, 0].sum(axis=1))
    starts = numpy.flatnonzero(scores >= floor) if units.shape[2] > 1 else numpy.zeros(0, dtype="int64")
    inside = numpy.logaddexp(units[starts, :, 1::2], units[starts, :, 2::2])
    labels = inside.reshape(len(starts), -1).argmax(axis=1) if len(starts) else starts
    return Spans(starts, starts + 1, labels, scores[starts])


def best_tags(columns: Floats2d, edges: Ints1d) -> Ints1d:
    """Find the most probable tags of sequences, in which every I follows a B or I of its label.

    The most probable tags are taken where they are valid; the search runs only over the stretches between
    safe cuts in which they are not.
    columns: Scores of the sequences one after the other, normalised or not, shape (tag, unit).
    edges: The first unit of each sequence.
    RETURNS: Shape (unit,).
    """
    n_tags, n_units = columns.shape
    tags = numpy.zeros(n_units, dtype="int64")
    if n_tags == 1:
        return tags
    is_bound = numpy.zeros(n_units, dtype=bool)
    is_bound[edges] = True
    labelled = numpy.flatnonzero(columns[1:].max(axis=0) > columns[0])
    own = 1 + columns[1:].take(labelled, axis=1).argmax(axis=0)
    tags[labelled] = own
    previous = numpy.where(is_bound[labelled], 0, tags[labelled - 1])
    broken = labelled[(own % 2 == 0) & (previous != own) & (previous != own - 1)]
    if len(broken):
        is_near = numpy.zeros(n_units, dtype=bool)
        is_near[numpy.clip(broken[:, None] + numpy.arange(-REACH, REACH), 1, n_units - 1)] = True
        near = numpy.flatnonzero(is_near)
        is_bound[near] |= may_cut(columns.take(near - 1, axis=1).T, columns.take(near, axis=1).T)
        stretch = numpy.cumsum(is_bound) - 1  # of each unit
        wanted = numpy.zeros(stretch[-1] + 1, dtype=bool)
        wanted[stretch[broken]] = True
        chosen = numpy.flatnonzero(wanted[stretch])
        tags[chosen] = search_tags(columns.take(chosen, axis=1).T, numpy.bincount(stretch[chosen])[wanted.nonzero()])
    return tags


def may_cut(before: Array, after: Array) -> Array:
    """Find where a sequence may be cut without changing its best tags.

    That is where no label can pay for going on into the next unit: to begin there is better, be it by as much as the
    unit before loses that has to carry the label then, instead of O or a B.
    before, after: Scores of a unit and of the next one, shape of each (..., tag).
    RETURNS: Whether a part may begin with the next one, shape (...).
    """
    if before.shape[-1] == 1:
        return numpy.zeros(before.shape[:-1], dtype=bool)
    begin = before[..., 1::2]
    free = numpy.maximum(before[..., 0], begin.max(axis=-1))  # the best that may follow anything
    lost = free[..., None] - numpy.maximum(begin, before[..., 2::2])
    return (after[..., 2::2] - after[..., 1::2] < numpy.maximum(lost, 0.0)).all(axis=-1)


def count_settled(units: Floats3d, notes: Ints1d) -> int:
    """Count the units whose spans no later unit can change, up to the last place where every chain may be cut.

    It comes after an O, since the unit after a span has a say in its score.

    units, notes: See `read_spans`.
    """
    least = int(notes[notes <= len(units)].max())
    for end in range(len(units), least + 1, -REACH):
        start = max(end - REACH - 1, least)
        before, after = units[start : end - 1], units[start + 1 : end]
        places = numpy.flatnonzero((may_cut(before, after) & (before.argmax(axis=2) == 0)).all(axis=1))
        if len(places):
            return start + 1 + int(places[-1])
    return least


def search_tags(rows: Floats2d, lengths: Ints1d) -> Ints1d:
    """The Viterbi search over many sequences side by side, in time linear in units and tags.

    What is outside of spans or begins one follows the best way so far; only going on needs a search of its own.
    rows: Scores of the sequences one after the other, normalised or not, shape (unit, tag).
    lengths: Units of each sequence, at least 1; they add up to all.
    RETURNS: Shape (unit,).
    """
    order = numpy.argsort(-lengths, kind="stable")
    firsts = (numpy.cumsum(lengths) - lengths)[order]
    going = numpy.searchsorted(-lengths[order], -numpy.arange(lengths.max()), side="left")  # sequences that have a unit
    stops = numpy.cumsum(going)
    steps = [slice(stop - count, stop) for stop, count in zip(stops.tolist(), going.tolist())]
    # All first units, then all second ones. Fresh is the better of O and every B, whatever was before.
    places = numpy.concatenate([firsts[:count] + unit for unit, count in enumerate(going.tolist())])
    scores = rows[places].astype("float64")
    begun, inside = scores[:, 1::2].copy(), scores[:, 2::2].copy()
    scores[:, 2::2] = -numpy.inf
    everywhere = numpy.arange(len(rows))
    fresh = scores.argmax(axis=1)
    free = scores[everywhere, fresh]
    # From here on of the whole way: one that ends in B, in I, in what is fresh, and the best of all.
    gone, best = numpy.full(inside.shape, -numpy.inf), free.copy()
    for last, now in zip(steps, steps[1:]):
        before = slice(last.start, last.start + now.stop - now.start)
        numpy.add(numpy.maximum(begun[before], gone[before]), inside[now], out=gone[now])
        begun[now] += best[before, None]
        free[now] += best[before]
        numpy.maximum(free[now], gone[now].max(axis=1), out=best[now])
    label = gone.argmax(axis=1)
    chosen = numpy.where(gone[everywhere, label] > free, 2 + 2 * label, fresh)
    from_begin = begun > gone
    for now, following in zip(steps[-2::-1], steps[:0:-1]):
        after = chosen[following]
        on = numpy.flatnonzero((after > 0) & (after % 2 == 0))
        chosen[now.start + on] = after[on] - from_begin[now.start + on, after[on] // 2 - 1]
    tags = numpy.zeros(len(rows), dtype="i")
    tags[places] = chosen
    return tags
