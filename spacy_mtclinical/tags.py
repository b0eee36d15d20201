"""Spans to tags to spans: BIO tags a chain, and the best sequence of them that is valid.

A chain is one tag sequence over a note. A flat head has one chain for all its labels, a nested head one
chain a label, so that spans of different labels may overlap. The tags of a chain with M labels are
0 = O, 1 + 2m = B of label m, 2 + 2m = I of label m.

The model scores pieces (sub-words); a sequence is decided over units, the smallest groups of pieces whose
edges are token edges, so that no span starts or ends inside a token.
"""

from typing import NamedTuple, Sequence, Tuple

import numpy

from .arrays import Array, Floats1d, Floats2d, Floats3d, Ints1d, Ints2d

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


def score_units(scores: Floats3d, unit_starts: Ints1d) -> Floats3d:
    """Scores of pieces to log-probabilities of units: a unit has a tag if all its pieces go along with it.

    scores: Unnormalised, shape (piece, chain, tag).
    unit_starts: The first piece of each unit, shape (unit,).
    RETURNS: Shape (unit, chain, tag), normalised over tags.
    """
    pieces = log_softmax(scores)
    units = pieces[unit_starts]
    lengths = numpy.diff(numpy.append(unit_starts, len(pieces)))
    several = numpy.flatnonzero(lengths > 1)
    if len(several):
        firsts = units[several]
        parts = pieces[numpy.repeat(lengths > 1, lengths)]
        sums = numpy.add.reduceat(parts, numpy.cumsum(lengths[several]) - lengths[several], axis=0)
        sums[:, :, 1::2] = sums[:, :, 2::2] + firsts[:, :, 1::2] - firsts[:, :, 2::2]
        units[several] = log_softmax(sums)
    return units


def log_softmax(scores: Floats3d) -> Floats3d:
    """Normalise over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=-1, keepdims=True))


def read_spans(units: Floats3d, notes: Ints1d) -> Spans:
    """Find the spans of the best valid tag sequence of each chain of each note.

    The score of a span is the probability that exactly these units carry its label and the next one does
    not go on, taking units as independent.
    units: Log-probabilities of the units of several notes, shape (unit, chain, tag).
    notes: The first unit of each note, shape (note,).
    """
    n_units, n_chains, n_tags = units.shape
    rows = units.transpose(1, 0, 2).reshape(n_units * n_chains, n_tags)
    edges = (numpy.arange(n_chains)[:, None] * n_units + notes[notes < n_units]).reshape(-1)
    tags = best_tags(rows, edges)
    is_edge = numpy.zeros(len(rows) + 1, dtype=bool)
    is_edge[edges] = True
    is_edge[-1] = True
    begins = tags % 2 == 1
    starts = numpy.flatnonzero(begins)
    stops = numpy.flatnonzero(numpy.append(begins | (tags == 0), True) | is_edge)
    ends = stops[numpy.searchsorted(stops, starts, side="right")]
    total = numpy.append(0.0, numpy.cumsum(rows[numpy.arange(len(rows)), tags], dtype="float64"))
    scores = numpy.exp(total[ends] - total[starts])
    inside = ~is_edge[ends]
    scores[inside] *= 1.0 - numpy.exp(rows[ends[inside], tags[starts[inside]] + 1])
    chains = starts // max(n_units, 1)
    labels = (tags[starts] - 1) // 2 + chains * ((n_tags - 1) // 2)
    starts, ends = starts - chains * n_units, ends - chains * n_units
    order = numpy.lexsort((labels, ends, starts))
    return Spans(starts[order], ends[order], labels[order], scores[order])


def read_candidates(units: Floats3d, floor: float) -> Spans:
    """Find the units that may carry a label, whatever the best tag sequence says: a span of one unit each.

    The score is the probability that the unit carries any label, taking chains as independent; the label is the
    most probable one.
    units: Log-probabilities, shape (unit, chain, tag).
    floor: Units whose score is below it are left out.
    """
    scores = -numpy.expm1(units[:, :, 0].sum(axis=1))
    starts = numpy.flatnonzero(scores >= floor) if units.shape[2] > 1 else numpy.zeros(0, dtype="int64")
    inside = numpy.logaddexp(units[starts, :, 1::2], units[starts, :, 2::2])
    labels = inside.reshape(len(starts), -1).argmax(axis=1) if len(starts) else starts
    return Spans(starts, starts + 1, labels, scores[starts])


def best_tags(logp: Floats2d, edges: Ints1d) -> Ints1d:
    """Find the most probable tags of sequences, in which every I follows a B or I of its label.

    The most probable tags are taken where they are valid; the search runs only over the stretches between
    safe cuts in which they are not.
    logp: The sequences one after the other, shape (unit, tag).
    edges: The first unit of each sequence.
    RETURNS: Shape (unit,).
    """
    tags = logp.argmax(axis=1)
    previous = numpy.append(0, tags[:-1])[: len(tags)]
    previous[edges] = 0
    broken = (tags > 0) & (tags % 2 == 0) & (previous != tags) & (previous != tags - 1)
    if broken.any():
        is_bound = find_cuts(logp, tags)
        is_bound[edges] = True
        stretch = numpy.cumsum(is_bound) - 1  # of each unit
        wanted = numpy.zeros(stretch[-1] + 1, dtype=bool)
        wanted[stretch[broken]] = True
        rows = numpy.flatnonzero(wanted[stretch])
        tags[rows] = search_tags(logp[rows], numpy.bincount(stretch[rows])[wanted.nonzero()])
    return tags


def find_cuts(logp: Floats2d, tags: Ints1d) -> Array:
    """Find where a sequence may be cut without changing its best tags.

    That is after a unit that is O where going on into the next unit, instead of beginning there, can never pay for
    leaving O.
    logp: Shape (unit, tag). tags: The most probable ones, shape (unit,).
    RETURNS: Whether a part may begin with a unit, shape (unit,).
    """
    cuts = numpy.zeros(len(tags), dtype=bool)
    if logp.shape[1] > 1:
        leaving = logp[:-1, 0] - logp[:-1, 1:].max(axis=1)
        gain = (logp[1:, 2::2] - logp[1:, 1::2]).max(axis=1)
        cuts[1:] = (tags[:-1] == 0) & (leaving > gain)
    return cuts


def count_settled(units: Floats3d, notes: Ints1d) -> int:
    """Count the units whose spans no later unit can change, up to the last place where every chain may be cut.

    units, notes: See `read_spans`.
    """
    cuts = [find_cuts(units[:, chain], units[:, chain].argmax(axis=1)) for chain in range(units.shape[1])]
    places = numpy.append(numpy.flatnonzero(numpy.all(cuts, axis=0)), notes[notes <= len(units)])
    return int(places.max())


def search_tags(logp: Floats2d, lengths: Ints1d) -> Ints1d:
    """The Viterbi search over many sequences side by side, in time linear in units and tags.

    logp: The sequences one after the other, shape (unit, tag).
    lengths: Units of each sequence, at least 1; they add up to all.
    RETURNS: Shape (unit,).
    """
    order = numpy.argsort(-lengths, kind="stable")
    firsts = (numpy.cumsum(lengths) - lengths)[order]
    going = numpy.searchsorted(-lengths[order], -numpy.arange(lengths.max()), side="left")  # sequences that have a unit
    inner = numpy.arange(2, logp.shape[1], 2)
    total = logp[firsts].astype("float64")
    total[:, inner] = -numpy.inf
    last = numpy.zeros(len(lengths), dtype="i")
    back = []
    for unit in range(1, len(going)):
        last[going[unit] : len(total)] = total[going[unit] :].argmax(axis=1)
        total = total[: going[unit]]
        best = total.argmax(axis=1)
        begun, inside = total[:, 1::2], total[:, 2::2]
        way = numpy.repeat(best[:, None], total.shape[1], axis=1)
        way[:, 2::2] = numpy.where(inside >= begun, inner, inner - 1)
        back.append(way)
        moved = numpy.repeat(total[numpy.arange(len(total)), best][:, None], total.shape[1], axis=1)
        moved[:, 2::2] = numpy.maximum(inside, begun)
        total = moved + logp[firsts[: going[unit]] + unit]
    last[: len(total)] = total.argmax(axis=1)
    tags = numpy.zeros(len(logp), dtype="i")
    for unit in range(len(going) - 1, -1, -1):
        count = going[unit]
        tags[firsts[:count] + unit] = last[:count]
        if unit:
            last[:count] = back[unit - 1][numpy.arange(count), last[:count]]
    return tags
