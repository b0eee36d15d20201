"""What a conversion kept, repaired and could not express: counts by type, never a text."""

from collections import Counter
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

COLUMNS = (  # what is counted of each type, and what it means
    ("annotated", "annotations in the files, after filter and mapping"),
    ("spans", "distinct spans on token boundaries: what training reads"),
    ("duplicates", "repeat an earlier annotation's type and offsets"),
    ("discontinuous", "have several fragments; their span runs from the first to the last"),
    ("repaired", "match the text after the document's one shift"),
    ("mismatched", "state a text that the note does not have there; kept"),
    ("unstated", "state no text to verify"),
    ("unusable", "lie outside the text or are empty; no span"),
    ("untyped", "have no type; no span"),
    ("not_alignable", "start or end inside a token; no span"),
    ("lost_if_flat", "spans that overlap a longer one, which alone a flat head keeps"),
    ("lost_if_nested", "spans that overlap a longer one of their own type, which alone one layer a type keeps"),
)
OUTCOMES = tuple(name for name, _ in COLUMNS[1:])
UNTYPED = "(none)"
SHOWN = 20  # names of files that are listed


class Report:
    """Counts that a conversion accumulates.

    dataset, task, split: What is converted, to what.
    kind: "entities", "classes" or "value".
    labels: The schema; empty for a value.
    labels_from: Where the schema comes from: "schema", "option" or "data".
    """

    def __init__(
        self,
        *,
        dataset: str,
        task: str,
        split: str,
        kind: str = "entities",
        labels: Sequence[str] = (),
        labels_from: str = "schema",
    ) -> None:
        self.dataset = dataset
        self.task = task
        self.split = split
        self.kind = kind
        self.labels: Tuple[str, ...] = tuple(labels)
        self.labels_from = labels_from
        self.files: List[str] = []
        self.counts: Counter = Counter()
        self.types: Dict[str, Counter] = {}
        self.answers: Counter = Counter()
        self.subsets: Counter = Counter()
        self.filtered: Counter = Counter()
        self.mapped: Counter = Counter()
        self.ignored: Counter = Counter()
        self.shifts: Dict[str, int] = {}
        self.notices: List[str] = []

    def count(self, what: str, n: int = 1, *, label: Optional[str] = None) -> None:
        """Add to a count of the corpus, or to one of `OUTCOMES` (or "annotated") of a type."""
        if label is None:
            self.counts[what] += n
        else:
            self.types.setdefault(label or UNTYPED, Counter())[what] += n

    def say(self, notice: str) -> None:
        """Keep a sentence for the reader, once."""
        if notice not in self.notices:
            self.notices.append(notice)

    def total(self, what: str) -> int:
        """Sum a count over all types."""
        return sum(counts[what] for counts in self.types.values())

    def percent(self, what: str) -> float:
        """A count as a percentage of all annotations (0 where there are none)."""
        annotated = self.total("annotated")
        return round(100.0 * self.total(what) / annotated, 2) if annotated else 0.0

    def to_json(self) -> Dict[str, Any]:
        """Everything counted, as JSON values."""
        return {
            "dataset": self.dataset,
            "task": self.task,
            "split": self.split,
            "kind": self.kind,
            "labels": list(self.labels),
            "labels_from": self.labels_from,
            "files": {"count": len(self.files), "first": self.files[:SHOWN]},
            "counts": dict(self.counts),
            "types": {
                label: {name: counts[name] for name, _ in COLUMNS} for label, counts in sorted(self.types.items())
            },
            "total": {name: self.total(name) for name, _ in COLUMNS},
            "percent": {name: self.percent(name) for name in OUTCOMES},
            "answers": _ordered(self.answers),
            "subsets": _ordered(self.subsets),
            "filtered": _ordered(self.filtered),
            "mapped": _ordered(self.mapped),
            "ignored": _ordered(self.ignored),
            "shifts": dict(sorted(self.shifts.items())),
            "notices": list(self.notices),
        }

    def to_table(self) -> str:
        """The same as lines of plain text for a person; columns that are zero throughout are left out."""
        lines = [f"{self.dataset} to task {self.task}, split {self.split} ({self.kind})"]
        lines += _rows([(name.replace("_", " "), f"{value:,}") for name, value in sorted(self.counts.items())])
        for title, counter in (
            ("subsets", self.subsets),
            ("answers", self.answers),
            ("left out by the label filter", self.filtered),
            ("renamed", self.mapped),
            ("in the files, not converted", self.ignored),
        ):
            if counter:
                lines.append(f"  {title}: " + ", ".join(f"{name} {n:,}" for name, n in sorted(counter.items())))
        if self.shifts:
            shifts = Counter(self.shifts.values())
            told = ", ".join(f"{shift:+d} in {n:,}" for shift, n in sorted(shifts.items()))
            lines.append(f"  documents whose offsets were shifted as a whole: {told}")
        if self.types:
            lines += ["", *self._type_rows()]
        lines += [f"note: {notice}" for notice in self.notices]
        return "\n".join(lines)

    def _type_rows(self) -> List[str]:
        shown = [name for name, _ in COLUMNS if name in ("annotated", "spans") or self.total(name)]
        rows = [["type", *(name.replace("_", " ") for name in shown)]]
        for label in sorted({*self.types, *self.labels}):
            counts = self.types.get(label, Counter())
            rows.append([label, *(f"{counts[name]:,}" for name in shown)])
        rows.append(["all", *(f"{self.total(name):,}" for name in shown)])
        rows.append(["%", "", *(f"{self.percent(name):.2f}" for name in shown[1:])])
        legend = [(name.replace("_", " "), meaning) for name, meaning in COLUMNS if name in shown]
        return [*_rows(rows), "", *_rows(legend)]


def _ordered(counter: Mapping[str, int]) -> Dict[str, int]:
    return dict(sorted(counter.items()))


def _rows(rows: Sequence[Sequence[str]]) -> List[str]:
    """Align columns: the first to the left, numbers to the right, what is not a number to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    right = [all(row[i][:1].isdigit() or not row[i] for row in rows[1:] or rows) for i in range(len(widths))]
    return [
        "  " + "  ".join(cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, widths, right)).rstrip()
        for row in rows
    ]
