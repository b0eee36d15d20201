"""Notes and answers for a terminal: readable, and without characters that it would obey."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.bulk.display import LONGEST, escape, format_item
from spacy_mtclinical.bulk.items import Item


def entity(start, end, label, score):
    return {"start": start, "end": end, "label": label, "score": score}


def test_a_note_with_entities_of_two_tasks():
    drugs = [entity(4, 7, "Drug", 0.987), entity(9, 11, "Dose", 0.5), entity(9, 11, "Drug", 0.5)]
    found = {"drugs": drugs, "groups": [entity(0, 12, "DISO", None)], "none": []}
    row = {"entities": found, "pairs": {}, "error": None}
    assert format_item(Item("ward/1.txt", ("no \x1bzza\r\nmg y\n",)), row).split("\n") == [
        "=== ward/1.txt",
        "no \\u001bzza",
        "mg y",
        "---",
        "drugs   Dose  mg 0.50",
        "drugs   Drug  zza 0.99 | mg 0.50",
        "groups  DISO  no \\u001bzza mg -",
        "",
    ]


def test_a_pair_with_its_answers():
    row = {"entities": {}, "pairs": {"alike": 3.7, "implies": {"no": 0.1, "yes": 0.9}}, "error": None}
    assert format_item(Item("1", ("one", "")), row).split("\n") == [
        "=== 1",
        "one",
        "---",
        "",
        "---",
        "alike    3.70",
        "implies  yes 0.90, no 0.10",
        "",
    ]


def test_a_failure_shows_its_reason():
    row = {"entities": {}, "pairs": {}, "error": "Expected UTF-8."}
    assert format_item(Item("1"), row) == "=== 1\nfailed: Expected UTF-8.\n"


def test_long_notes_and_mentions_are_cut():
    text = "a" * LONGEST + "b" * 1234
    row = {"entities": {"drugs": [entity(0, 100, "Drug", 0.5)] * 20}, "pairs": {}, "error": None}
    shown = format_item(Item("1", (text,)), row)
    assert "b" not in shown
    assert "[1,234 more characters]" in shown
    assert shown.rstrip().endswith(" | ".join(["a" * 39 + "… 0.50"] * 8) + " | and 12 more")


@given(st.text())
def test_nothing_is_obeyed(text):
    for char in escape(text):
        assert char in "\n\t" or unicodedata.category(char) != "Cc"
        assert unicodedata.bidirectional(char) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
