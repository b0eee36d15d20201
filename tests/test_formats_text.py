import pytest
from generated_notes import SECRET, one_line
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats.records import FormatError
from spacy_mtclinical.formats.text import (
    check_encodable,
    decode,
    guard_bom,
    parse_number,
    read_lines,
    read_text,
    write_line,
)


@given(st.text())
def test_utf8_is_read_as_it_is(text):
    assert decode(text.encode("utf-8"), name="a.txt") == (text, False) or text.encode()[:2] in (
        b"\xff\xfe",
        b"\xfe\xff",
    )


@pytest.mark.parametrize(
    "data, text, fell_back",
    [
        (b"", "", False),
        ("\ufeffé\r\n".encode(), "\ufeffé\r\n", False),
        (b"caf\xe9 \x93a\x94", "café “a”", True),
        (b"caf\xe9 \x81", "café \x81", True),  # 0x81 is no character of cp1252
        ("é “".encode() + b"\x92\xe9 " + "ü".encode(), "é “’é ü", True),  # stray bytes move no offset
    ],
)
def test_decode(data, text, fell_back, tmp_path):
    assert decode(data, name="a.txt") == (text, fell_back)
    (tmp_path / "a.txt").write_bytes(data)
    assert read_text(tmp_path / "a.txt") == (text, fell_back)


def test_utf16_is_refused():
    with pytest.raises(FormatError, match=r"a\.txt: expected UTF-8 text, got UTF-16"):
        decode("a".encode("utf-16"), name="a.txt")


def test_lines_end_at_line_ends_only():
    data = "\ufeffa\r\nb\x0cc\x85d\u2028e\rf\n"
    assert list(read_lines(data)) == [(1, "a"), (2, "b\x0cc\x85d\u2028e\rf"), (3, "")]


def test_lines_may_end_at_carriage_returns_alone():
    assert list(read_lines("T1\rT2\r")) == [(1, "T1"), (2, "T2"), (3, "")]


@given(st.lists(one_line(), min_size=1, max_size=4))
def test_lines_are_read_back(cells):
    line = guard_bom(write_line(cells, separator="\t", where="x"))
    assert list(read_lines(line)) == [(1, "\t".join(cells)), (2, "")]


@pytest.mark.parametrize(
    "cells, column", [(["a", f"{SECRET}\n"], 2), ([f"{SECRET}\t", "b"], 1), (["a", SECRET + "\r"], 2)]
)
def test_cells_that_would_not_be_read_back(cells, column):
    with pytest.raises(FormatError, match=f"pair 3: expected a value .* in column {column}") as caught:
        write_line(cells, separator="\t", where="pair 3")
    assert SECRET not in str(caught.value)


def test_lone_surrogate_is_refused():
    with pytest.raises(FormatError, match=r"f, line 2: .* lone surrogate at character 9") as caught:
        check_encodable(SECRET + "\ud800", where="f, line 2")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("cell, number", [("3.5", 3.5), (" 4 ", 4.0), ("-.5", -0.5), ("1e-1", 0.1)])
def test_numbers(cell, number):
    assert parse_number(cell, where="f, line 1") == number


@pytest.mark.parametrize("cell", ["", "nan", "inf", "1e999", "1_0", "٣", SECRET, "3,5"])
def test_no_numbers(cell):
    with pytest.raises(
        FormatError, match=f"f, line 1: expected a number, got something else of {len(cell)} char"
    ) as caught:
        parse_number(cell, where="f, line 1")
    assert SECRET not in str(caught.value)
