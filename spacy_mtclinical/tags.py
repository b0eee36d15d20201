"""Spans to tags to spans: BIO tags a chain, and the best sequence of them that is valid.

A chain is one tag sequence over a note. A flat head has one chain for all its labels, a nested head one
chain a label, so that spans of different labels may overlap. The tags of a chain with M labels are
0 = O, 1 + 2m = B of label m, 2 + 2m = I of label m.

The model scores pieces (sub-words); a sequence is decided over units, the smallest groups of pieces whose
edges are token edges, so that no span starts or ends inside a token.
"""

from typing import List, NamedTuple, Sequence, Tuple

import numpy

from .arrays import Floats1d, Floats2d, Floats3d, Ints1d, Ints2d

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
    units = numpy.add.reduceat(pieces, unit_starts, axis=0)
    first = pieces[unit_starts]
    units[:, :, 1::2] = units[:, :, 2::2] + first[:, :, 1::2] - first[:, :, 2::2]
    return log_softmax(units)


def log_softmax(scores: Floats3d) -> Floats3d:
    """Normalise over the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=-1, keepdims=True))


def read_spans(units: Floats3d) -> Spans:
    """Find the spans of the best valid tag sequence of each chain.

    The score of a span is the probability that exactly these units carry its label and the next one does
    not go on, taking units as independent.
    units: Log-probabilities, shape (unit, chain, tag).
    """
    n_units, n_chains, n_tags = units.shape
    found: List[Spans] = []
    for chain in range(n_chains):
        logp = units[:, chain]
        tags = best_tags(logp)
        starts = numpy.flatnonzero(tags % 2 == 1)
        if not len(starts):
            continue
        labels = (tags[starts] - 1) // 2
        stops = numpy.append(numpy.flatnonzero((tags == 0) | (tags % 2 == 1)), n_units)
        ends = stops[numpy.searchsorted(stops, starts, side="right")]
        total = numpy.append(0.0, numpy.cumsum(logp[numpy.arange(n_units), tags], dtype="float64"))
        scores = numpy.exp(total[ends] - total[starts])
        inside = ends < n_units
        scores[inside] *= 1.0 - numpy.exp(logp[ends[inside], 2 + 2 * labels[inside]])
        found.append(Spans(starts, ends, labels + chain * (n_tags - 1) // 2, scores))
    if not found:
        none = numpy.zeros(0, dtype="i")
        return Spans(none, none, none, numpy.zeros(0))
    merged = Spans(*(numpy.concatenate(parts) for parts in zip(*found)))
    order = numpy.lexsort((merged.labels, merged.ends, merged.starts))
    return Spans(*(part[order] for part in merged))


def best_tags(logp: Floats2d) -> Ints1d:
    """Find the most probable tag sequence in which every I follows a B or I of its label.

    The most probable tags are taken where they are valid; the search runs only over the stretches in which
    they are not. A stretch may be cut after a unit that is O where going on into the next unit, instead of
    beginning there, can never pay for leaving O.
    logp: Shape (unit, tag).
    RETURNS: Shape (unit,).
    """
    tags = logp.argmax(axis=1)
    previous = numpy.append(0, tags[:-1])
    is_inner = (tags > 0) & (tags % 2 == 0)
    broken = is_inner & (previous != tags) & (previous != tags - 1)
    if not broken.any():
        return tags
    if logp.shape[1] > 1:
        leaving = logp[:, 0] - logp[:, 1:].max(axis=1)
        gain = (logp[:, 2::2] - logp[:, 1::2]).max(axis=1)
        cuts = numpy.flatnonzero((tags[:-1] == 0) & (leaving[:-1] > gain[1:])) + 1
        bounds = numpy.concatenate(([0], cuts, [len(tags)]))
        for stretch in numpy.unique(numpy.searchsorted(cuts, numpy.flatnonzero(broken), side="right")):
            start, end = bounds[stretch], bounds[stretch + 1]
            tags[start:end] = search_tags(logp[start:end])
    return tags


def search_tags(logp: Floats2d) -> Ints1d:
    """The Viterbi search over one stretch, in time linear in units and tags.

    logp: Shape (unit, tag).
    RETURNS: Shape (unit,).
    """
    n_units, n_tags = logp.shape
    back = numpy.zeros((n_units, n_tags), dtype="i")
    inner = numpy.arange(2, n_tags, 2)
    total = logp[0].astype("float64")
    total[inner] = -numpy.inf
    for unit in range(1, n_units):
        best = int(total.argmax())
        stays = total[inner] >= total[inner - 1]
        back[unit] = best
        back[unit, inner] = numpy.where(stays, inner, inner - 1)
        moved = numpy.full(n_tags, total[best])
        moved[inner] = numpy.where(stays, total[inner], total[inner - 1])
        total = moved + logp[unit]
    tags = numpy.zeros(n_units, dtype="i")
    tags[-1] = total.argmax()
    for unit in range(n_units - 1, 0, -1):
        tags[unit - 1] = back[unit, tags[unit]]
    return tags
