"""Tables: each row as it is, what is wrong with one stays with it, and no row is lost."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtclinical.bulk.tables import TABLES, read_table
from spacy_mtclinical.formats.records import FormatError

CELLS = st.text(st.characters(exclude_categories=["Cs"]))
SECRET = "zzsecret"


def read(path, *required):
    return list(read_table(path, kind=path.suffix, required=required))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_jsonl_gives_back_what_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "a.jsonl"
    lines = [json.dumps({"id": first, "text": second}, ensure_ascii=False) + "\n" for first, second in rows]
    path.write_text("".join(lines), "utf8", newline="")
    assert [tuple(record.cells.values()) for record in read(path)] == rows
    assert [record.number for record in read(path)] == list(range(1, len(rows) + 1))


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_csv_gives_back_what_was_written(tmp_path_factory, rows):
    rows = [tuple(cell.replace("\0", "") for cell in row) for row in rows]  # refused before Python 3.11
    path = tmp_path_factory.mktemp("table") / "a.csv"
    with path.open("w", encoding="utf8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("id", "text"), *rows])
    assert [tuple(record.cells.values()) for record in read(path, "text")] == rows


def test_numbers_are_those_of_the_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfid,text\r\n1,"two\r\nlines"\r\n\r\n2,one\r\n')
    assert [(record.number, record.cells) for record in read(path, "text")] == [
        (2, {"id": "1", "text": "two\r\nlines"}),
        (5, {"id": "2", "text": "one"}),
    ]
    path = tmp_path / "a.tsv"
    path.write_bytes(b'\xef\xbb\xbfid\ttext\r\n\n1\t"a" \r b\r\n')
    assert [(record.number, record.cells) for record in read(path, "text")] == [(3, {"id": "1", "text": '"a" \r b'})]
    path = tmp_path / "a.jsonl"
    path.write_bytes('\ufeff{"text": "a\u2028b\x85c"}\r\n \n{"text": "\x0cd"}'.encode().replace(b"\x0c", b"\\f"))
    assert [(record.number, record.cells) for record in read(path)] == [
        (1, {"text": "a\u2028b\x85c"}),
        (3, {"text": "\x0cd"}),
    ]


@pytest.mark.parametrize(
    "name, data, messages",
    [
        ("a.jsonl", b"zzsecret\n", ["expected one JSON object"]),
        ("a.jsonl", b'["zzsecret"]\n', ["expected one JSON object"]),
        ("a.jsonl", b'{"text": "zzsecret \xe9"}\n', ["expected UTF-8, got something else at byte 19"]),
        ("a.jsonl", b"[" * 100_000, ["expected one JSON object"]),
        ("a.csv", b"text\nzzsecret,2\n", ["expected 1 columns, got 2"]),
        ("a.tsv", b"text\nzzsecret\t2\n", ["expected 1 columns, got 2"]),
        ("a.tsv", b'text\n"zzsecret took\n', ["got a quote that is not closed: .tsv is read without quotes"]),
        ("a.jsonl", b'{"text": "zzsecret", "text": "b"}\n', ["expected each key once, got one more often"]),
        ("a.jsonl", b'{"text": "a", "o": [{"zzsecret": 1, "zzsecret": 2}]}\n', ["expected each key once"]),
    ],
)
def test_a_faulty_row_is_told_and_the_next_is_read(tmp_path, name, data, messages):
    path = tmp_path / name
    good = b'{"text": "good"}\n' if name == "a.jsonl" else b"good\n"
    path.write_bytes(data.rstrip(b"\n") + b"\n" + good)
    *faulty, last = read(path, "text")
    assert last.cells == {"text": "good"}
    assert [record.cells for record in faulty] == [None] * len(messages)
    for record, message in zip(faulty, messages):
        assert message in record.error
        assert f"Line {record.number}: " in record.error
        assert SECRET not in record.error


@pytest.mark.parametrize(
    "rows, lines",
    [
        (['"zzsecret', *["more"] * 998, "more", *["after"] * 1000], "lines 3 to 2,002"),
        (['"zzsecret', *["more"] * 998, 'zz "a"', "after"], "lines 3 to 1,002"),
        (['"zzsecret" x', "zzsecret went home", "after"], "line 3"),
    ],
)
def test_a_table_whose_quotes_are_not_in_order_is_refused(tmp_path, rows, lines):
    """Nothing tells where a row begins after it: a line may be the rest of a note, its first words an identifier."""
    (tmp_path / "a.csv").write_text("\n".join(["text", "good", *rows]) + "\n")
    records = read_table(tmp_path / "a.csv", kind=".csv", required=["text"])
    assert next(records).cells == {"text": "good"}
    with pytest.raises(FormatError, match=f"a.csv, {lines}: expected csv, got a quote out of place, or one") as error:
        next(records)
    assert SECRET not in str(error.value) and list(records) == []


def test_a_cell_of_any_length_is_read_and_the_limit_of_others_kept(tmp_path):
    limit = csv.field_size_limit()
    (tmp_path / "a.csv").write_text("text\n" + "a" * (limit + 1) + "\n")
    assert len(read(tmp_path / "a.csv", "text")[0].cells["text"]) == limit + 1
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("kind", TABLES[1:])
@pytest.mark.parametrize("header, count", [("zzsecret", 0), ("", 0), ("text text", 2)])
def test_a_header_without_the_columns_is_refused(tmp_path, kind, header, count):
    path = tmp_path / f"a{kind}"
    path.write_text(header.replace(" ", "," if kind == ".csv" else "\t") + "\n")
    with pytest.raises(FormatError, match=f"line 1: expected a header with one column 'text', got {count}") as error:
        read(path, "text")
    assert SECRET not in str(error.value)
