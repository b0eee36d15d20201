"""The goals, whether they are reached, and the files of a run."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from .plots import draw_chart
from .timing import Row


class Goal(NamedTuple):
    """What a ratio should be. says: What it is."""

    bound: float
    at_least: bool
    says: str


GOALS: Dict[str, Goal] = {
    "encoder": Goal(0.92, True, "sub-words/s, five entity heads, against the raw encoder without padding"),
    "five_heads_vs_one": Goal(0.98, True, "rate with five heads against one"),
    "forty_heads_vs_one": Goal(0.90, True, "rate with 40 heads against one"),
    "vs_stock_spacy": Goal(1.9, True, "rate against stock transformer + one ner"),
    "vs_five_stock": Goal(9.0, True, "five tasks against five stock pipelines"),
    "pairs_vs_three": Goal(2.9, True, "three pair heads against three single-task pipelines of ours"),
    "int8": Goal(1.4, True, "rate in int8 against fp32"),
    "load": Goal(1.25, False, "start to first note against the bare checkpoint's first forward pass"),
    "memory_growth": Goal(1.05, False, "memory after 2,000 notes against after 200"),
    "million_note_mb": Goal(500.0, False, "MB of a million-sub-word note above the loaded pipeline"),
    "train_step": Goal(1.15, False, "a step of spacy train against a plain PyTorch step"),
    "overhead_ms": Goal(2.5, False, "ms per 1,000 sub-words outside encoder and tokenizers, one core"),
}
EXTRAS = {
    "vs_token_classification": "five tasks against one plain transformers pipeline",
    "vs_five_single": "five entity tasks against five single-task pipelines of ours",
    "vs_eight_single": "eight tasks against eight single-task pipelines of ours",
    "bf16": "rate in bf16 against fp32",
    "train_step_mixed": "the training step in mixed precision on both sides",
}


def is_reached(key: str, row: Row) -> Optional[bool]:
    """Whether a goal is reached, None where nothing was measured."""
    goal, ratio = GOALS[key], row.get("ratio")
    if ratio is None:
        return None
    return bool(row.get("reached", ratio >= goal.bound if goal.at_least else ratio <= goal.bound))


def sum_up(rows: Mapping[str, Row]) -> Dict[str, Any]:
    """The ratios, whether each goal is reached, and what else was compared."""
    ratios = {key: rows.get(key, {}).get("ratio") for key in GOALS}
    goals = {
        key: {"goal": goal.bound, "at_least": goal.at_least, "reached": is_reached(key, rows.get(key, {}))}
        for key, goal in GOALS.items()
    }
    return {"ratios": ratios, "goals": goals, "extras": {key: rows[key].get("ratio") for key in EXTRAS if key in rows}}


def write_table(rows: Mapping[str, Row]) -> str:
    """A table for people."""
    lines = [f"{'':<24}{'ratio':>9}  {'spread':<19}{'goal':<10}{'reached':<9}"]
    says = {**{key: goal.says for key, goal in GOALS.items()}, **EXTRAS}
    for key, row in rows.items():
        if key not in says:
            continue
        ratio, spread = row.get("ratio"), row.get("spread")
        number = "-" if ratio is None else f"{ratio:.3f}"
        between = f"{spread[0]:.3f} to {spread[1]:.3f}" if spread else ""
        goal, reached = "", ""
        if key in GOALS:
            goal = f"{'>=' if GOALS[key].at_least else '<='} {GOALS[key].bound:g}"
            reached = {None: "unknown", True: "yes", False: "NO"}[is_reached(key, row)]
        lines.append(f"{key:<24}{number:>9}  {between:<19}{goal:<10}{reached:<9}{row.get('reason') or says[key]}")
        if key == "overhead_ms" and "tokenizers" in row:
            between = f"{'both tokenizers':<24}{row['tokenizers']:>9.3f}"
            lines.append(f"{between}  {'':<19}<= {row['tokenizers_goal']:g}")
    return "\n".join(lines) + "\n"


def write_plots(curves: Mapping[str, Any], stem: Path) -> List[Path]:
    """Draw the curves beside the file of results."""
    notes = {name: [(row["notes"], row["seconds"]) for row in rows] for name, rows in curves["notes"].items()}
    peaks = {name: [(row["notes"], row["peak_mb"]) for row in rows] for name, rows in curves["notes"].items()}
    heads = {"ours": [(row["heads"], row["seconds"]) for row in curves["heads"]]}
    length = {"ours, five heads": [(row["sub_words"], row["seconds"]) for row in curves["length"]]}
    charts = {
        "notes-time": draw_chart("Notes against time", notes, x="notes", y="seconds"),
        "notes-memory": draw_chart("Notes against memory", peaks, x="notes", y="MB at most"),
        "heads-time": draw_chart("Heads against time", heads, x="entity heads", y="seconds"),
        "length-time": draw_chart("Length of a note against time", length, x="sub-words", y="seconds"),
    }
    paths = []
    for name, chart in charts.items():
        paths.append(stem.with_name(f"{stem.stem}-{name}.svg"))
        paths[-1].write_text(chart, "utf8")
    return paths
