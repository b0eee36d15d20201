"""The page of a comparison: recipes against single-task models, with gaps, intervals, and what each row cost."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .elements import Markup, element
from .page import format_header, read_asset, write_page
from .plots import Bar, make_scale, name_metric, plot_bars, scroll, tell, tell_ends

POINTS = 100.0
STEPS = (0.5, 2.0)  # points from which a gap is shaded more
DIGITS = 2


def write_comparison(result: Mapping[str, Any], path: Path) -> None:
    """Write a page of a comparison.

    result: As `experiments.table.make_table` gives it, with size, dev and command.
    RAISES: OSError if it cannot be written.
    """
    rows, tasks = result["rows"], [task["name"] for task in result["tasks"]]
    best = next((row for row in rows if row["name"] == result["best"]), None)
    body = [
        format_header("Recipes compared", describe_size(result), describe_hardware(result["hardware"])),
        element("p", "Made with ", element("code", result["command"]), class_="note"),
        format_cards(result, best),
    ]
    if best is not None and best["gaps"]:
        body.append(format_gaps(best, tasks))
    body += [
        element(
            "section",
            element("h2", "Every row"),
            element(
                "p",
                "Scores in points, 0 to 100; below, the gap to the single-task models and its interval.",
                class_="note",
            ),
            format_table(rows, result["tasks"], best),
        ),
        element("section", element("h2", "What it took"), format_costs(rows)),
        element(
            "section",
            element("h2", "How to read this"),
            element("ul", *(element("li", note) for note in result["notes"])),
        ),
    ]
    write_page(path, title="Recipes compared", body=body, styles=[read_asset("page.css"), read_asset("report.css")])


def describe_size(result: Mapping[str, Any]) -> str:
    """How much was trained and scored on."""
    share = "all training documents" if result["size"] == 1 else f"{100 * result['size']:g} % of the training documents"
    dev = "whole dev splits" if result["dev"] is None else f"at most {result['dev']:,} dev documents a task"
    return f"{len(result['tasks'])} tasks, {share}, {result['epochs']:g} epochs of round robin, scored on {dev}."


def describe_hardware(hardware: Mapping[str, Any]) -> Optional[str]:
    """What it ran on; several kinds one after the other."""
    told = []
    for kind in hardware.get("kinds", ()):
        device = kind["gpu"] or f"{kind['cpu']}, {kind['threads']} threads"
        told.append(device)
    return f"Run on {'; '.join(told)}." if told else None


def format_cards(result: Mapping[str, Any], best: Optional[Mapping[str, Any]]) -> Optional[Markup]:
    """The figures that matter, large."""
    if best is None:
        return None
    gap = tell(result["mean_gap"], result["mean_gap_interval"], digits=DIGITS, signed=True)
    worst = min(result["gaps"].items(), key=lambda found: found[1], default=None)
    cards = [
        ("best multitask row", best["name"]),
        ("its mean over tasks", tell(POINTS * best["mean"], digits=DIGITS)),
        ("its mean gap, points", gap),
    ]
    if worst is not None:
        cards.append(("its smallest gap", f"{tell(worst[1], digits=DIGITS, signed=True)} ({worst[0]})"))
    return element(
        "dl", *(element("div", element("dt", name), element("dd", value)) for name, value in cards), class_="cards"
    )


def format_gaps(best: Mapping[str, Any], tasks: Sequence[str]) -> Markup:
    """The gaps of the best row as bars."""
    intervals = best["gap_intervals"]
    bars = [Bar(task, best["gaps"][task], intervals.get(task)) for task in tasks if task in best["gaps"]]
    bars.append(Bar("mean", best["mean_gap"], best["mean_gap_interval"]))
    ends = [value for bar in bars for value in (bar.value, *(bar.interval or ())) if value is not None]
    head = ("task", "points [interval]")
    plot = plot_bars(bars, head=head, scale=make_scale(ends), digits=DIGITS, signed=True)
    return element("section", element("h2", f"Gap of {best['name']} to the single-task models"), plot)


def format_table(
    rows: Sequence[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]], best: Optional[Mapping[str, Any]]
) -> Markup:
    """Recipes by tasks."""
    metrics = [element("small", name_metric(task["metric"] or "")) for task in tasks]
    heads = [element("th", task["name"], metric, scope="col") for task, metric in zip(tasks, metrics)]
    head = element("tr", element("th", "row", scope="col"), element("th", "mean", scope="col"), *heads)
    lines = []
    for row in rows:
        gaps, intervals = row.get("gaps", {}), row.get("gap_intervals", {})
        cells = [format_cell({"score": row["mean"]}, row.get("mean_gap"), row.get("mean_gap_interval"))]
        for name in (task["name"] for task in tasks):
            cells.append(format_cell(row["scores"].get(name, {}), gaps.get(name), intervals.get(name)))
        first = element("th", row["name"], scope="row", title=row["what"])
        lines.append(element("tr", first, *cells, class_="best" if row is best else None))
    return scroll(element("table", element("thead", head), element("tbody", *lines), class_="gaps"), label="Every row")


def format_cell(found: Mapping[str, Any], gap: Optional[float], interval: Optional[Sequence[float]]) -> Markup:
    """A score, the scores of its seeds on hover, and its gap."""
    if found.get("score") is None:
        return element("td", tell(None))
    seeds = found.get("seeds", ())
    told = "seeds: " + ", ".join(tell(POINTS * score, digits=DIGITS) for score in seeds) if len(seeds) > 1 else None
    below = (
        [] if gap is None else [tell(gap, digits=DIGITS, signed=True), tell_ends(interval, digits=DIGITS, signed=True)]
    )
    lines = [element("small", line) for line in below]
    return element("td", tell(POINTS * found["score"], digits=DIGITS), *lines, class_=shade(gap), title=told)


def shade(gap: Optional[float]) -> Optional[str]:
    """The class of a cell with a gap."""
    if not gap:
        return None
    return f"{'up' if gap > 0 else 'down'}-{1 + sum(abs(gap) >= step for step in STEPS)}"


def format_costs(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """What each row is, and what it cost."""
    names = ("row", "what", "parameters", "minutes a run", "steps", "learning rate", "seeds")
    lines: List[Markup] = []
    for row in rows:
        cells = [
            f"{row['parameters'] / 1e6:.1f} M",
            f"{row['seconds'] / 60:.1f}",
            f"{row['steps']:,}",
            format_rate(row["rate"]),
            f"{len(row['seeds'])}",
        ]
        what = element("td", row["what"], class_="what")
        lines.append(
            element("tr", element("th", row["name"], scope="row"), what, *(element("td", cell) for cell in cells))
        )
    head = element("tr", *(element("th", name, scope="col") for name in names))
    table = element("table", element("thead", head), element("tbody", *lines), class_="costs")
    return scroll(table, label="What it took")


def format_rate(rate: Any) -> str:
    """A learning rate, or the different ones of the tasks."""
    rates: Dict[str, Any] = rate if isinstance(rate, dict) else {"": rate}
    found = sorted({value for value in rates.values() if value is not None})
    return ", ".join(f"{value:g}" for value in found) or tell(None)
