"""Parquet inputs: typed columns pass as they are, and one bad cell spoils one row."""

import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spacy_mtclinical.bulk import parquet
from spacy_mtclinical.bulk.sources import FAULT, FIRST, ID, SECOND, TEXT, make_source_schema, open_source

BROKEN = [b"good", b"zzsecret \xff", None, "é".encode()]


def broken(values=BROKEN):
    """A column of strings, some of which are no UTF-8, as a writer that does not check leaves them."""
    return pa.array(values, pa.binary()).view(pa.string())


def write(path, columns, **options):
    pq.write_table(pa.table(columns), path, **options)
    return path


def read(path, **options):
    source = open_source(path, listing=path.parent / "list", **options)
    pieces = list(source.read([range(source.total)], 256))
    names = make_source_schema(source).names
    assert all(piece.batch.schema.names == names and not piece.unread for piece in pieces)
    return [row for piece in pieces for row in piece.batch.to_pylist()]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string()), pa.binary()])
def test_notes_of_every_type_of_text(tmp_path, kind):
    texts = pa.array(["a", None, "é"]).cast(pa.binary() if kind == pa.binary() else pa.string())
    texts = texts.dictionary_encode() if pa.types.is_dictionary(kind) else texts.cast(kind)
    path = write(tmp_path / "a.parquet", {"text": texts, "id": [7, None, 9]})
    assert [(row[ID], row[TEXT]) for row in read(path)] == [("7", b"a"), ("row 2", None), ("9", "é".encode())]


def test_other_columns_pass_as_they_are_typed(tmp_path):
    columns = {
        "id": ["n1"],
        "text": ["a"],
        "when": pa.array([1_700_000_000_000_000_001], pa.timestamp("ns", tz="UTC")),
        "price": [decimal.Decimal("1.20")],
        "born": [datetime.date(1950, 1, 2)],
        "codes": pa.array([[{"code": "I10", "sure": True}]]),
        "ward": pa.array(["W1"]).dictionary_encode(),
    }
    source = open_source(write(tmp_path / "a.parquet", columns), listing=tmp_path / "list", drop=["price"])
    (piece,) = source.read([range(1)], 256)
    for name in ("when", "born", "codes", "ward"):
        assert piece.batch.column(name).type == pa.table(columns).column(name).type
        assert piece.batch.column(name)[0] == pa.table(columns).column(name)[0]
    assert [field.name for field in source.others] == ["when", "born", "codes", "ward"]


def test_pairs_and_identifiers(tmp_path):
    path = write(tmp_path / "a.parquet", {"p": ["one", "x"], "h": ["two", None], "key": ["k1", None], "id": [1, 2]})
    first, second = read(path, pair=("p", "h"), id="key")
    assert (first[ID], first[FIRST], first[SECOND], first[FAULT], first["id"]) == ("k1", b"one", b"two", None, 1)
    assert (second[ID], second[FAULT]) == ("row 2", "Row 2: expected an identifier in 'key', got none.")


def test_bytes_that_are_not_utf8_spoil_one_row(tmp_path):
    nested = pa.StructArray.from_arrays([broken()], ["name"])
    listed = pa.ListArray.from_arrays([0, 1, 2, 3, 4], broken())
    for column in (broken(), nested, listed):
        path = write(tmp_path / "a.parquet", {"text": ["a", "b", "c", "d"], "id": ["1", "2", "3", "4"], "o": column})
        rows = read(path)
        assert [row[FAULT] for row in rows] == [None, "Row 2, 'o': expected UTF-8, got something else.", None, None]
        assert rows[1]["o"] is None and rows[3]["o"] is not None
    path = write(tmp_path / "b.parquet", {"text": broken(), "id": broken()})
    assert [row[ID] for row in read(path)] == ["good", "zzsecret \\udcff", "row 3", "é"]
    assert [row[TEXT] for row in read(path)] == BROKEN


@pytest.mark.parametrize(
    "columns, options, message",
    [
        ({"note": ["a"]}, {}, "a.parquet: expected one column 'text', got 0"),
        ({"text": ["a"]}, {"id": "key"}, "a.parquet: expected one column 'key', got 0"),
        ({"text": [5]}, {}, "a.parquet: expected text in column 'text', got int64"),
        ({"p": ["a"], "h": [["b"]]}, {"pair": ("p", "h")}, "expected text in column 'h', got list"),
    ],
)
def test_columns_that_are_missing_are_named(tmp_path, columns, options, message):
    with pytest.raises(ValueError, match=message):
        open_source(write(tmp_path / "a.parquet", columns), listing=tmp_path / "list", **options)


def test_a_file_that_ends_early_says_where(tmp_path):
    texts = {"text": [f"{n} zzsecret" * 50 for n in range(2000)]}
    path = write(tmp_path / "a.parquet", texts, row_group_size=100, compression="none", use_dictionary=False)
    source = open_source(path, listing=tmp_path / "list")
    pieces = source.read([range(2000)], 10)
    next(pieces)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ValueError, match=r"a.parquet could not be read after row [\d,]+ \(\w+\). Start again") as error:
        list(pieces)
    assert "zzsecret" not in str(error.value)


def test_long_texts_make_smaller_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "CHARACTERS", 10)
    path = write(tmp_path / "a.parquet", {"text": ["a" * length for length in (4, 6, 1, 20, 5, 5)]})
    source = open_source(path, listing=tmp_path / "list")
    assert [piece.batch.num_rows for piece in source.read([range(6)], 256)] == [2, 1, 1, 2]
