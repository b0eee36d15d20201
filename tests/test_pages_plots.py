"""Plots: figures are drawn where they lie and told as text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.pages.plots import (
    SHADES,
    Bar,
    Scale,
    make_scale,
    name_metric,
    plot_bars,
    plot_heat,
    plot_reliability,
    shade,
    tell,
)


def attributes(text, name):
    return [dict(re.findall(r'([\w-]+)="([^"]*)"', found)) for found in re.findall(rf"<{name} [^>]*>", text)]


def test_a_bar_begins_at_zero_and_its_interval_lies_on_it():
    table = plot_bars([Bar("<b>", 0.5, (0.25, 0.75), ("7", "x<"))], head=("task", "score", "n", "what"))
    (bar,) = attributes(table, "rect")
    assert (bar["x"], bar["width"], bar["class"]) == ("0.00%", "50.00%", "bar")
    whisker = [line for line in attributes(table, "line") if line["class"] == "whisker"]
    assert {(line["x1"], line["x2"]) for line in whisker} == {
        ("25.00%", "75.00%"),
        ("25.00%", "25.00%"),
        ("75.00%", "75.00%"),
    }
    assert '<th scope="row">&lt;b&gt;</th>' in table and "<td>x&lt;</td>" in table
    assert "<td>0.500 [0.250, 0.750]</td>" in table


def test_a_bar_below_zero_ends_there():
    table = plot_bars(
        [Bar("a", -1.0)], head=("a", "b"), scale=Scale(-2.0, 2.0, (-2.0, 0.0, 2.0)), digits=2, signed=True
    )
    (bar,) = attributes(table, "rect")
    assert (bar["x"], bar["width"], bar["class"]) == ("25.00%", "25.00%", "bar minus")
    assert "<td>\u22121.00</td>" in table
    assert ">\u22122</text>" in table


def test_a_value_that_is_not_known_has_no_bar():
    table = plot_bars([Bar("a", None)], head=("a", "b"))
    assert attributes(table, "rect") == [] and "<td>\u2013</td>" in table


def test_what_lies_beyond_the_scale_ends_with_it():
    (bar,) = attributes(plot_bars([Bar("a", 1.5)], head=("a", "b")), "rect")
    assert bar["width"] == "100.00%"


@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), max_size=5))
def test_a_scale_holds_its_values_and_zero(values):
    scale = make_scale(values)
    assert all(scale.low - 1e-9 <= value <= scale.high + 1e-9 for value in [0.0, *values])
    assert 2 <= len(scale.marks) <= 9
    assert scale.low < scale.high


@pytest.mark.parametrize(
    "value, interval, signed, told",
    [
        (0.12345, None, False, "0.123"),
        (-0.5, (-1, 1), True, "\u22120.500 [\u22121.000, +1.000]"),
        (None, (0, 1), False, "\u2013"),
    ],
)
def test_figures_as_text(value, interval, signed, told):
    assert tell(value, interval, signed=signed) == told


def test_a_heat_map_shades_each_row_by_itself():
    table = plot_heat(["a<", "b"], ["a", "b", "none"], [[9, 1, 0], [0, 0, 0]], corner="gold \\ predicted")
    cells = re.findall(r'<td class="heat-(\d)"(?: title="([^"]*)")?>([^<]*)</td>', table)
    assert cells == [("8", "90.0 %", "9"), ("1", "10.0 %", "1"), ("0", "", "\u00b7"), *[("0", "", "\u00b7")] * 3]
    assert '<th scope="row">a&lt;</th>' in table


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_nothing_has_no_shade(count, more):
    assert 0 <= shade(count, count + more) <= SHADES
    assert (shade(count, count + more) == 0) == (count == 0)
    assert shade(more, more) == SHADES


def test_a_reliability_diagram_leaves_out_empty_bins():
    bins = [
        {"low": 0.0, "high": 0.5, "count": 0, "score": None, "accuracy": None},
        {"low": 0.5, "high": 1.0, "count": 1200, "score": 0.75, "accuracy": 0.6},
    ]
    drawn = plot_reliability(bins)
    bars = [bar for bar in attributes(drawn, "rect") if bar["class"] == "bar"]
    assert [(bar["x"], bar["y"], bar["height"]) for bar in bars] == [("120.0", "96.0", "144.0")]
    assert "1,200 with scores of 0.50 to 1.00: mean score 0.750, right 0.600" in drawn
    assert 'role="img"' in plot_reliability([])


@pytest.mark.parametrize(
    "metric, name",
    [("f", "F1"), ("overlap_f", "overlap F1"), ("pearson", "Pearson's r"), ("emea_micro_r", "emea micro recall")],
)
def test_metrics_have_names_for_persons(metric, name):
    assert name_metric(metric) == name
