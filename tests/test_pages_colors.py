"""Colours by name: always the same, apart from each other, readable on their grounds; and displaCy's."""

import ast
from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.displacy.render import DEFAULT_LABEL_COLORS
from spacy.tokens import Span
from spacy.util import registry

from spacy_mtclinical.datasets import DATASETS, load_dataset
from spacy_mtclinical.pages import colors
from spacy_mtclinical.pages.colors import find_colors, find_hue, make_label_colors

RESTRICTED = ["i2b2_2010", "i2b2_2012", "i2b2_2014", "n2c2_2018", "quaero_2014"]
PUBLIC = ["bc5cdr", "maccrobat", "meddocan", "phee", "quaero_2014"]


def contrast(one, other):
    """As WCAG 2.2 defines it."""

    def luminance(color):
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_same_name_always_has_the_same_color():
    assert find_colors("n2c2_2018") == ("#a23953", "#fd9eaf")
    assert find_colors("n2c2_2018") != find_colors("i2b2_2014")


@pytest.mark.parametrize("names", [RESTRICTED, PUBLIC])
def test_tasks_that_are_shown_together_lie_apart(names):
    hues = sorted(map(find_hue, names))
    assert min((b - a) % 360 for a, b in zip(hues, [*hues[1:], hues[0]])) > 45


@pytest.mark.parametrize("name", [*DATASETS, "drugs", "wounds", "", "\ud83d", *map(str, range(100))])
def test_names_in_their_colors_can_be_read(name):
    light, dark = find_colors(name)
    assert contrast(light, "#ffffff") > contrast(light, "#f5f6f8") > 4.5
    assert contrast(dark, "#14171a") > contrast(dark, "#1d2227") > 4.5


def test_displacy_has_a_color_for_every_label_of_the_schemas():
    found = make_label_colors()
    labels = {label.upper() for name in DATASETS for label in load_dataset(name).LABELS or ()}
    assert set(found) == labels - set(DEFAULT_LABEL_COLORS)
    assert min(contrast(color, "#000000") for color in found.values()) > 7
    for name in RESTRICTED:
        own = {found[label.upper()] for label in load_dataset(name).LABELS if label.upper() in found}
        assert len(own) > 0.9 * len(load_dataset(name).LABELS)


@pytest.mark.parametrize("style", ["span", "ent"])
def test_displacy_paints_with_them(style):
    assert "spacy-mtclinical.label_colors.v1" in registry.displacy_colors.get_all()
    doc = spacy.blank("en")("lisinopril for hypertension")
    doc.spans["sc"] = [Span(doc, 0, 1, "Drug"), Span(doc, 0, 3, "Reason")]
    doc.set_ents([Span(doc, 0, 1, "Drug"), Span(doc, 2, 3, "Reason")])
    page = displacy.render(doc, style=style, jupyter=False)
    found = make_label_colors()
    assert found["DRUG"] in page and found["REASON"] in page


def test_spacy_keeps_its_own_colors():
    assert "DATE" not in make_label_colors()


def test_importing_the_colors_loads_no_dataset():
    tree = ast.parse(Path(colors.__file__).read_text("utf8"))
    imported = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert not [name for name in imported if not name.startswith(("hashlib", "math", "typing", "spacy.displacy"))]
