"""Plots as elements: bars with intervals as rows of a table, a heat map, a reliability diagram."""

from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from .elements import Markup, element, join

HEIGHT = 18  # pixels of a bar's row
SHADES = 8  # steps of a heat map between nothing and all
SIDE = 240  # pixels of a reliability diagram
STEPS = tuple(base * 10.0**power for power in range(-6, 12) for base in (1, 2, 5))  # between marks
METRICS = {"f": "F1", "p": "precision", "r": "recall", "acc": "accuracy", "pearson": "Pearson's r"}
DASH, MINUS = "\u2013", "\u2212"
Interval = Optional[Sequence[float]]  # (low, high)


class Bar(NamedTuple):
    """A row of a plot: its name, its value and interval where known, and further cells as they are shown."""

    name: str
    value: Optional[float]
    interval: Interval = None
    cells: Sequence[str] = ()


class Scale(NamedTuple):
    """What a plot's bars are drawn on: from low to high, each beginning at 0; marks are told above them."""

    low: float
    high: float
    marks: Sequence[float]

    def place(self, value: float) -> float:
        """Where a value lies, in percent, also one beyond the scale."""
        share = (value - self.low) / (self.high - self.low)
        return 100.0 * min(1.0, max(0.0, share))


UNIT = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))


def make_scale(values: Sequence[float]) -> Scale:
    """A scale around 0 that holds values, with round marks."""
    low, high = min([0.0, *values]), max([0.0, *values])
    step = next(step for step in STEPS if (high - low) / step <= 6)
    marks = [step * n for n in range(int(low // step), -int(-high // step) + 1)]
    marks = marks if len(marks) > 1 else [0.0, step]
    return Scale(marks[0], marks[-1], marks)


def plot_bars(
    bars: Sequence[Bar], *, head: Sequence[str], scale: Scale = UNIT, digits: int = 3, signed: bool = False
) -> Markup:
    """A table with a bar a row; an interval is a line across its end, and told after the value.

    head: The columns' names: of the names, of the values, and of the further cells.
    signed: Whether a value is told with its sign.
    """
    first, second, *others = head
    marks = [
        element(
            "text",
            f"{mark:g}".replace("-", MINUS),
            x=f"{scale.place(mark):.2f}%",
            y=12,
            text_anchor=anchor(scale.place(mark)),
        )
        for mark in scale.marks
    ]
    axis = element("svg", *marks, width="100%", height=16, aria_hidden="true")
    names = [element("th", first, scope="col"), element("td", axis, class_="wide"), element("th", second, scope="col")]
    rows = [element("tr", *names, *(element("th", other, scope="col") for other in others))]
    for bar in bars:
        told = tell(bar.value, bar.interval, digits=digits, signed=signed)
        cells = [element("th", bar.name, scope="row"), element("td", draw_bar(bar, scale), class_="wide")]
        rows.append(element("tr", *cells, element("td", told), *(element("td", cell) for cell in bar.cells)))
    table = element("table", element("thead", rows[0]), element("tbody", *rows[1:]), class_="plot")
    return scroll(table, label=f"{second} by {first}")


def scroll(table: Markup, *, label: str) -> Markup:
    """A table that may be wider than the screen; `label` says what it is."""
    return element("div", table, class_="scroll", tabindex=0, role="group", aria_label=label)


def anchor(place: float) -> str:
    """Where a text at a place in percent is held, so that none of it lies outside."""
    return "start" if place < 5 else "end" if place > 95 else "middle"


def draw_bar(bar: Bar, scale: Scale) -> Markup:
    """A bar from 0 to its value, and its interval."""
    middle = HEIGHT / 2
    parts = [
        line(scale.place(mark), scale.place(mark), 0, HEIGHT, "zero" if mark == 0 else "grid") for mark in scale.marks
    ]
    if bar.value is not None:
        low, high = sorted([scale.place(0.0), scale.place(bar.value)])
        kind = "bar minus" if bar.value < 0 else "bar"
        parts.append(element("rect", x=f"{low:.2f}%", y=4, width=f"{high - low:.2f}%", height=HEIGHT - 8, class_=kind))
    if bar.interval is not None:
        low, high = map(scale.place, bar.interval)
        parts.append(line(low, high, middle, middle, "whisker"))
        parts += [line(end, end, middle - 4, middle + 4, "whisker") for end in (low, high)]
    return element("svg", *parts, width="100%", height=HEIGHT, aria_hidden="true")


def line(x1: float, x2: float, y1: float, y2: float, kind: str) -> Markup:
    """A line; x in percent, y in pixels."""
    return element("line", x1=f"{x1:.2f}%", x2=f"{x2:.2f}%", y1=y1, y2=y2, class_=kind)


def tell(value: Optional[float], interval: Interval = None, *, digits: int = 3, signed: bool = False) -> str:
    """A value and its interval as text, a dash where there is none."""
    form = f"{'+' if signed else ''}.{digits}f"
    ends = f" [{interval[0]:{form}}, {interval[1]:{form}}]" if interval is not None else ""
    return DASH if value is None else f"{value:{form}}{ends}".replace("-", MINUS)


def tell_ends(interval: Interval, *, digits: int = 3, signed: bool = False) -> str:
    """An interval alone, nothing where there is none."""
    return " to ".join(tell(end, digits=digits, signed=signed) for end in interval or ())


def plot_heat(rows: Sequence[str], columns: Sequence[str], matrix: Sequence[Sequence[int]], *, corner: str) -> Markup:
    """A table of counts, each cell shaded by its share of its row.

    corner: What rows and columns are.
    """
    head = element("tr", element("th", corner, scope="col"), *(element("th", name, scope="col") for name in columns))
    body: List[Markup] = []
    for name, counts in zip(rows, matrix):
        total = sum(counts)
        cells = [
            element(
                "td",
                f"{count:,}" if count else "\u00b7",
                class_=f"heat-{shade(count, total)}",
                title=percent(count, total),
            )
            for count in counts
        ]
        body.append(element("tr", element("th", name, scope="row"), *cells))
    table = element("table", element("thead", head), element("tbody", *body), class_="heat")
    return scroll(table, label=corner)


def shade(count: float, total: float) -> int:
    """The step of a heat map for a share; 0 for nothing only."""
    return -int(-SHADES * count // total) if total else 0


def percent(count: float, total: float) -> Optional[str]:
    """A share as text, None of nothing."""
    return f"{100.0 * count / total:.1f} %" if count else None


def plot_reliability(bins: Sequence[Mapping[str, Any]]) -> Markup:
    """A reliability diagram: for each bin of scores that has any, how many were right; a diagonal where both agree.

    bins: low, high, count, score (the mean) and accuracy of each.
    """
    filled = [one for one in bins if one["count"]]
    grid = [element("line", x1=0, y1=0, x2=SIDE, y2=SIDE, class_="whisker", transform=f"matrix(1 0 0 -1 0 {SIDE})")]
    most = max((one["count"] for one in filled), default=1)
    parts = []
    for one in filled:
        x, width = SIDE * one["low"], SIDE * (one["high"] - one["low"])
        y = SIDE * (1 - one["accuracy"])
        told = (
            f"{one['count']:,} with scores of {one['low']:.2f} to {one['high']:.2f}: mean score {one['score']:.3f}, "
            f"right {one['accuracy']:.3f}"
        )
        bar = element(
            "rect",
            element("title", told),
            x=f"{x:.1f}",
            y=f"{y:.1f}",
            width=f"{width - 1:.1f}",
            height=f"{SIDE - y:.1f}",
            class_="bar",
        )
        radius = 2 + 5 * (one["count"] / most) ** 0.5
        dot = element(
            "circle",
            element("title", told),
            cx=f"{SIDE * one['score']:.1f}",
            cy=f"{y:.1f}",
            r=f"{radius:.1f}",
            class_="dot",
        )
        parts += [bar, dot]
    for mark in (0, 0.5, 1):
        grid.append(element("text", f"{mark:g}", x=SIDE * mark, y=SIDE + 14, text_anchor="middle"))
        grid.append(element("text", f"{mark:g}", x=-6, y=SIDE * (1 - mark) + 4, text_anchor="end"))
    words = [
        element("text", "score", x=SIDE / 2, y=SIDE + 28, text_anchor="middle"),
        element("text", "share right", transform=f"translate(-26 {SIDE / 2}) rotate(-90)", text_anchor="middle"),
    ]
    frame = element("rect", x=0, y=0, width=SIDE, height=SIDE, class_="frame")
    box = f"-40 -8 {SIDE + 52} {SIDE + 44}"
    drawn = join(frame, *parts, *grid, *words)
    return element(
        "svg", drawn, viewBox=box, width=SIDE + 52, height=SIDE + 44, role="img", aria_label="Reliability diagram"
    )


def name_metric(metric: str) -> str:
    """A metric's name for a person."""
    kind, _, figure = metric.rpartition("_")
    return f"{kind} {METRICS.get(figure, figure)}".strip().replace("_", " ")
