"""The page of an evaluation: what a pipeline scores on each task, by type, with what certainty, and where it errs."""

from pathlib import Path
from typing import Any, List, Mapping, Optional

from ..evaluation import count_scored, tell_beyond
from .elements import Markup, element
from .page import format_header, read_asset, write_page
from .plots import Bar, name_metric, plot_bars, plot_heat, plot_reliability, tell, tell_ends

TYPE_HEAD = ("type", "F1", "precision", "recall", "gold", "predicted")


def write_evaluation(result: Mapping[str, Any], path: Path) -> None:
    """Write a page of what `evaluation.evaluate_corpus` gives.

    RAISES: OSError if it cannot be written.
    """
    model, tasks = result["model"], result["tasks"]
    title = f"{model['name']} {model['version']} on {result['corpus']}"
    limit = f", at most {result['limit']:,} documents a task" if result["limit"] else ""
    body = [
        format_header(title, f"Split {result['split']}{limit}.", tell_intervals(result)),
        format_cards(result),
        element("section", element("h2", "All tasks"), format_overview(tasks)),
        *(format_task(task, found) for task, found in tasks.items()),
    ]
    write_page(path, title=title, body=body, styles=[read_asset("page.css"), read_asset("report.css")])


def format_cards(result: Mapping[str, Any]) -> Markup:
    """The figures of the whole, large."""
    speed = result["words_per_second"]
    cards = [
        (f"mean of {count_scored(result)} tasks", tell(result["score"])),
        ("words a second", f"{speed:,.0f}" if speed else tell(None)),
        ("seconds in all", f"{result['seconds']['total']:,.1f}"),
    ]
    shown = (element("div", element("dt", name), element("dd", value)) for name, value in cards)
    return element("dl", *shown, class_="cards")


def tell_intervals(result: Mapping[str, Any]) -> Optional[str]:
    """What intervals are, where there are any."""
    if not result["draws"]:
        return None
    return f"Intervals: {result['confidence']:g} % of {result['draws']:,} draws of the documents."


def format_overview(tasks: Mapping[str, Any]) -> Markup:
    """A bar a task, by its official metric."""
    bars = [
        Bar(task, found["score"], found["interval"], (name_metric(found["metric"]), f"{found['documents']:,}"))
        for task, found in tasks.items()
    ]
    return plot_bars(bars, head=("task", "score [interval]", "metric", "documents"))


def format_task(task: str, found: Mapping[str, Any]) -> Markup:
    """All that is known of a task."""
    parts: List[Optional[Markup]] = [
        element("h2", task),
        *(element("p", line, class_="note") for line in tell_notes(found)),
    ]
    parts += [format_figures(found), format_definitions(found["definitions"])]
    if found["subsets"]:
        bars = [
            Bar(subset, part["score"], part["interval"], (f"{part['documents']:,}", f"{part['gold']:,}"))
            for subset, part in found["subsets"].items()
        ]
        parts += [element("h3", "By subset"), plot_bars(bars, head=("subset", "score [interval]", "documents", "gold"))]
    if found["types"]:
        parts += [element("h3", "By type"), format_types(found)]
    side = [format_confusion(found["confusion"]), format_calibration(found["calibration"])]
    if any(side):
        parts.append(element("div", *side, class_="side"))
    return element("section", *parts)


def tell_notes(found: Mapping[str, Any]) -> List[str]:
    """What was scored, and what could not be right."""
    counts = f"{found['documents']:,} documents, {found['gold']:,} gold, {found['predicted']:,} predicted"
    lines = [f"{counts}. Scored by {name_metric(found['metric'])}."]
    if not found["has_head"]:
        lines.append("The pipeline has no head for it: all of its gold counts as missed.")
    lost = found["not_expressed"]
    if lost and lost["percent"] is None:
        lines.append("The gold does not say how it was annotated: its spans were scored.")
    elif lost:
        lines.append(
            f"{lost['percent']:.2f} % of gold ({lost['count']:,}) could not become spans of tokens; it counts."
        )
    lines += [f"{told}." for told in tell_beyond(found["beyond_head"])]
    if found["unknown_labels"]:
        told = ", ".join(f"{label or '(none)'} ({count:,})" for label, count in found["unknown_labels"].items())
        lines.append(f"The pipeline does not know these labels, and never gives them: {told}.")
    return lines


def format_figures(found: Mapping[str, Any]) -> Markup:
    """The scores of a task that are numbers, with their intervals."""
    cards = []
    for name, value in found["scores"].items():
        if value is None or isinstance(value, (int, float)):
            interval = tell_ends(found["intervals"].get(name))
            below = element("small", interval) if interval else None
            cards.append(element("div", element("dt", name_metric(name)), element("dd", tell(value), below)))
    return element("dl", *cards, class_="cards")


def format_definitions(definitions: Mapping[str, str]) -> Optional[Markup]:
    """How each score is defined, folded away."""
    if not definitions:
        return None
    told = (element("li", element("b", name_metric(name)), f": {text}") for name, text in definitions.items())
    return element("details", element("summary", "How they are defined"), element("ul", *told))


def format_types(found: Mapping[str, Any]) -> Markup:
    """A bar a label, the most frequent first."""
    bars = []
    for label, figures in sorted(found["types"].items(), key=lambda item: -item[1]["support"]):
        name = (label or "(none)") + (" (unknown to the pipeline)" if label in found["unknown_labels"] else "")
        counts = (f"{figures[key]:,}" for key in ("support", "predicted"))
        bars.append(Bar(name, figures["f"], figures["interval"], (tell(figures["p"]), tell(figures["r"]), *counts)))
    return plot_bars(bars, head=TYPE_HEAD)


def format_confusion(confusion: Optional[Mapping[str, Any]]) -> Optional[Markup]:
    """A heat map of types, gold by predicted, with what was missed and what is spurious."""
    if not confusion or not confusion["labels"]:
        return None
    labels, missed, spurious = confusion["labels"], confusion["missed"], confusion["spurious"]
    matrix = [[*counts, missed.get(label, 0)] for label, counts in zip(labels, confusion["matrix"])]
    matrix.append([*(spurious.get(label, 0) for label in labels), 0])
    heat = plot_heat([*labels, "none"], [*labels, "none"], matrix, corner="gold \\ predicted")
    return element("div", element("h3", "Confusion of types"), heat)


def format_calibration(calibration: Optional[Mapping[str, Any]]) -> Optional[Markup]:
    """A reliability diagram and the expected calibration error."""
    if not calibration:
        return None
    error = f"Expected calibration error {tell(calibration['error'])}, of {calibration['count']:,} predictions."
    told = [element("p", error), element("p", calibration["definition"], class_="note narrow")]
    return element("div", element("h3", "Calibration"), plot_reliability(calibration["bins"]), *told)
