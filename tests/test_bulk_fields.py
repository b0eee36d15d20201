"""Kinds of cells: the smallest that holds them all, and every cell comes back from its column."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.bulk.fields import find_kind, is_encodable, make_cells, make_fields, merge_kinds, scan_records
from spacy_mtclinical.bulk.results import list_cells
from spacy_mtclinical.bulk.tables import Record

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab"), inner, max_size=2), max_leaves=4
)


@given(st.lists(VALUES, max_size=4))
def test_every_cell_comes_back(values):
    total, kinds = scan_records(Record(number, {"k": value}) for number, value in enumerate(values))
    assert total == len(values)
    for field in make_fields(kinds):
        column = make_cells(values, field)
        assert list_cells(column, field) == values


@given(st.lists(st.sampled_from([None, True, 1, 1.5, "x", [], 2**60]), max_size=4))
def test_a_kind_does_not_depend_on_the_order(values):
    kinds = [""]
    for value in values:
        kinds.append(merge_kinds(kinds[-1], find_kind(value)))
    backwards = ""
    for value in reversed(values):
        backwards = merge_kinds(backwards, find_kind(value))
    assert kinds[-1] == backwards


@pytest.mark.parametrize(
    "value, good", [("é", True), ("\ud800", False), (["a", {"\ud800": 1}], False), ({"a": 1}, True)]
)
def test_halves_of_characters_are_found(value, good):
    assert is_encodable(value) is good
    assert json.dumps(value)


def test_rows_without_cells_are_counted():
    assert scan_records([Record(1, None, "x"), Record(2, {"a": None})]) == (2, {"a": "text"})
