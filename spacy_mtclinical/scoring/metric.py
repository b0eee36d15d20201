"""What a metric is: counts of each document, which add up, and the figures that follow from their sums."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.training import Example

from ..arrays import Array
from .mentions import Case, read_case

Kind = Tuple[str, str]  # the definition it is counted for ("" the one that counts), and what: see `RATIO`
Counts = Dict[Tuple[Optional[str], str, str], float]  # label (None where it belongs to none) and kind to a number
Sums = Mapping[Kind, Array]  # kind to sums, shape (...); 0 for a kind that never occurred
Figures = Dict[str, Array]  # name to figure, shape (...); nan where there is none
RATIO = ("recalled", "wanted", "precise", "guessed")  # gold that was found, gold, predictions that are right, all
PER_TYPE = "f_per_type"


class Table(NamedTuple):
    """The counts of some documents. counts: shape (document, label, kind)."""

    labels: List[Optional[str]]
    kinds: List[Kind]
    counts: Array


@dataclass(frozen=True)
class Metric:
    """A way to score a task.

    count: The counts of each of some documents.
    compute: The figures of sums of counts, the one that counts first.
    definitions: Name of a figure to what it is; for precision, recall and F1 under the name of F1.
    has_types: Whether labels have figures of their own: p, r and f.
    empty: Figures where nothing is wanted and nothing guessed; compute gives nan, since such draws say nothing.
    """

    count: Callable[[Sequence[Example], str], List[Counts]]
    compute: Callable[[Sums], Figures]
    definitions: Mapping[str, str]
    has_types: bool = True
    empty: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, examples: Iterable[Example], task: str) -> Dict[str, Any]:
        """Score the documents that have gold for a task.

        RETURNS: Name to figure, the one that counts first, None where there is none; and f_per_type (label to p, r, f).
        """
        return self.score(self.count(list(examples), task))

    def score(self, rows: Sequence[Counts]) -> Dict[str, Any]:
        """Score documents that were counted."""
        table = tabulate(rows)
        totals = table.counts.sum(axis=(0, 1))
        scores: Dict[str, Any] = name_figures(self.rate(add_up(table.kinds, totals)))
        if not rows:
            scores = dict.fromkeys(scores)
        if self.has_types:
            scores[PER_TYPE] = self.score_types(table) if rows else None
        return scores

    def rate(self, sums: Sums) -> Figures:
        """The figures of documents as they are, not drawn: with those of `empty`."""
        return {
            name: numpy.where(numpy.isnan(value), self.empty.get(name, numpy.nan), value)
            for name, value in self.compute(sums).items()
        }

    def score_types(self, table: Table) -> Dict[str, Dict[str, Optional[float]]]:
        """p, r and f of each label."""
        figures = self.rate(add_up(table.kinds, table.counts.sum(axis=0)))
        return {
            label: {name: name_figures({name: figures[name][number]})[name] for name in "prf"}
            for number, label in enumerate(table.labels)
            if label is not None
        }


def tabulate(rows: Sequence[Counts]) -> Table:
    """Lay counts out as an array."""
    labels: List[Optional[str]] = [*sorted({label for row in rows for label, _, _ in row if label is not None}), None]
    kinds = sorted({(name, what) for row in rows for _, name, what in row})
    places = {label: number for number, label in enumerate(labels)}
    columns = {kind: number for number, kind in enumerate(kinds)}
    counts = numpy.zeros((len(rows), len(labels), len(kinds)))
    for number, row in enumerate(rows):
        for (label, name, what), value in row.items():
            counts[number, places[label], columns[name, what]] = value
    return Table(labels, kinds, counts)


def add_up(kinds: Sequence[Kind], totals: Array) -> Sums:
    """Sums by kind. totals: shape (..., kind)."""
    sums: Dict[Kind, Array] = defaultdict(lambda: numpy.zeros(totals.shape[:-1]))
    sums.update({kind: totals[..., number] for number, kind in enumerate(kinds)})
    return sums


def name_figures(figures: Figures) -> Dict[str, Optional[float]]:
    """Figures as JSON values."""
    return {name: None if numpy.isnan(value) else float(value) for name, value in figures.items()}


def tally(counts: Counts, name: str, **labels: Iterable[Optional[str]]) -> None:
    """Count labels for a definition; each keyword is a kind of `RATIO`, or `right` for what both sides have."""
    for what, found in labels.items():
        for label, number in Counter(found).items():
            for kind in ("recalled", "precise") if what == "right" else (what,):
                counts[label, name, kind] = counts.get((label, name, kind), 0) + number


def divide(part: Array, whole: Array, *, default: float) -> Array:
    """Shares; a default where the whole is 0."""
    whole = numpy.asarray(whole, dtype="float64")
    return numpy.where(whole > 0, part / numpy.where(whole > 0, whole, 1.0), default)


def compute_ratios(sums: Sums, names: Iterable[str], *, empty: float = 1.0) -> Figures:
    """F1, precision and recall for each definition, named f, p, r, or NAME_f and so on.

    0 where nothing is right.

    empty: What they are where nothing is wanted and nothing guessed.
    """
    figures: Figures = {}
    for name in names:
        recalled, wanted, precise, guessed = (numpy.asarray(sums[name, what]) for what in RATIO)
        nothing = (wanted == 0) & (guessed == 0)
        p, r = divide(precise, guessed, default=0.0), divide(recalled, wanted, default=0.0)
        together = divide(2.0 * recalled, wanted + guessed, default=0.0)
        f = numpy.where(recalled == precise, together, divide(2.0 * p * r, p + r, default=0.0))
        prefix = f"{name}_" if name else ""
        for letter, value in zip("fpr", (f, p, r)):
            figures[prefix + letter] = numpy.where(nothing, empty, value)
    return figures


def make_span_metric(
    *count: Callable[[Case], Counts],
    definitions: Mapping[str, str],
    zero: Sequence[str] = (),
    more: Optional[Callable[[Sums], Figures]] = None,
    more_definitions: Optional[Mapping[str, str]] = None,
) -> Metric:
    """Make a metric of mentions.

    count: Each counts what is right, wanted and guessed in a document, for some definitions.
    definitions: Name of each definition to what it says, the one that counts first, under "".
    zero: Definitions that are 0 where nothing is wanted and nothing guessed, as their script has it; others are 1.
    more: Figures that are no precision, recall or F1, and what each is.
    """
    told = {f"{name}_f" if name else "f": text for name, text in definitions.items()}
    empty = {f"{name}_{letter}".strip("_"): float(name not in zero) for name in definitions for letter in "fpr"}
    compute = partial(compute_span_figures, names=tuple(definitions), more=more)
    return Metric(partial(count_spans, ways=count), compute, {**told, **(more_definitions or {})}, empty=empty)


def count_spans(examples: Sequence[Example], task: str, *, ways: Sequence[Callable[[Case], Counts]]) -> List[Counts]:
    """Count each document in every way."""
    rows: List[Counts] = []
    for eg in examples:
        case = read_case(eg, task)
        row: Counts = {}
        for way in ways:
            row.update(way(case))
        rows.append(row)
    return rows


def compute_span_figures(sums: Sums, *, names: Sequence[str], more: Optional[Callable[[Sums], Figures]]) -> Figures:
    """Precision, recall and F1 of definitions, and further figures."""
    return {**compute_ratios(sums, names, empty=numpy.nan), **(more(sums) if more else {})}
