"""Answers on disk: what is written is read back, in every format, and joined as it was in the shards."""

import datetime
import decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import spacy
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from trained import make_trained
from written import read_written

from spacy_mtclinical.bulk import shards
from spacy_mtclinical.bulk.batches import Plan, make_annotator
from spacy_mtclinical.bulk.results import check_json, list_rows
from spacy_mtclinical.bulk.shards import FORMATS


@pytest.fixture(scope="module")
def answers(tiny_bert):
    """Two batches of answers, with Docs and columns that pass through."""
    annotate = make_annotator(make_trained(tiny_bert), Plan("", pair=("p", "h"), with_text=True, with_docs=True))
    texts = ["patient has rash", None, None, "no fever"]
    sides = [None, "has pain", "x", None]
    batch = pa.RecordBatch.from_pydict(
        {
            "id": ["a", "b", "c", "d"],
            "text": texts,
            "p": sides,
            "h": [None, "pain", None, None],
            "ward": [1, 2, 3, None],
        }
    )
    return annotate(batch), annotate(batch.slice(2))


def write(format, path, batches):
    with format.write(path, batches[0].schema) as write_batch:
        for batch in batches:
            write_batch(batch)


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_tables_are_read_back_and_joined(answers, tmp_path, name):
    tables = [batch.drop_columns(["_doc"]) for batch in answers]
    expected = [row for table in tables for row in list_rows(table)]
    first, second = (tmp_path / f"part-{n}{FORMATS[name].suffix}" for n in range(2))
    write(FORMATS[name], first, tables)
    write(FORMATS[name], second, tables[:1])
    assert read_written(first) == expected
    assert [row["id"] for row in expected] == ["a", "b", "c", "d", "c", "d"]
    assert expected[2]["error"] and expected[2]["entities"] == {} and expected[2]["ward"] == 3
    whole = tmp_path / f"whole{FORMATS[name].suffix}"
    FORMATS[name].join([first, second], whole)
    assert read_written(whole) == [*expected, *expected[:4]]
    if name == "parquet":
        assert pq.read_schema(whole).equals(tables[0].schema)
        assert pq.ParquetFile(first).num_row_groups == 1


def test_a_large_shard_has_several_row_groups(answers, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "GROUP_BYTES", 1)
    tables = [batch.drop_columns(["_doc"]) for batch in answers]
    write(FORMATS["parquet"], tmp_path / "a.parquet", tables)
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 2
    assert len(read_written(tmp_path / "a.parquet")) == 6


def test_docs_are_those_of_the_pipeline(answers, tmp_path, tiny_bert):
    first, second = tmp_path / "a.spacy", tmp_path / "b.spacy"
    write(FORMATS["spacy"], first, answers)
    write(FORMATS["spacy"], second, answers[:1])
    FORMATS["spacy"].join([first, second], tmp_path / "whole.spacy")
    docs = list(DocBin(store_user_data=True).from_disk(tmp_path / "whole.spacy").get_docs(Vocab()))
    assert [doc.user_data["doc_id"] for doc in docs] == ["a", "b", "c", "d", "c", "d", "a", "b", "c", "d"]
    assert [doc.user_data["mtclinical_columns"]["ward"] for doc in docs[:4]] == [1, 2, 3, None]
    for doc, row in zip(docs, list_rows(answers[0].drop_columns(["_doc"]))):
        if row["error"]:
            assert (len(doc), doc.user_data["mtclinical_error"]) == (0, row["error"])
        elif row["pairs"]:
            assert doc._.mtclinical["alike"] == pytest.approx(row["pairs"]["alike"], abs=1e-5)
            assert [span.text for span in doc.spans["pair"]] == [row["first"], row["second"]]
        else:
            assert doc.text == row["text"]
            for task, entities in row["entities"].items():
                assert [(e["start"], e["end"], e["label"]) for e in entities] == [
                    (span.start_char, span.end_char, span.label_) for span in doc.spans[task]
                ]
                assert doc.spans[task].attrs["scores"] == pytest.approx([e["score"] for e in entities], abs=1e-5)
    assert spacy.blank("en").vocab.strings is not None


def test_columns_of_every_type_become_json(tmp_path):
    columns = {
        "when": pa.array([1_700_000_000_000_000_001], pa.timestamp("ns")),
        "price": pa.array([decimal.Decimal("1.20")]),
        "born": pa.array([datetime.date(1950, 1, 2)]),
        "codes": pa.array([[{"code": "I10", "when": datetime.datetime(2020, 1, 1)}]]),
        "ward": pa.array(["W1"]).dictionary_encode(),
        "share": pa.array([float("nan")]),
        "big": pa.array([2**63], pa.uint64()),
        "none": pa.nulls(1),
    }
    batch = pa.RecordBatch.from_pydict({"id": ["a"], "error": ["x"], **columns})
    check_json(list(batch.schema)[2:])
    write(FORMATS["jsonl"], tmp_path / "a.jsonl", [batch])
    (row,) = read_written(tmp_path / "a.jsonl")
    assert {key: row[key] for key in columns} == {
        "when": "2023-11-14 22:13:20.000000001",
        "price": "1.20",
        "born": "1950-01-02",
        "codes": [{"code": "I10", "when": "2020-01-01 00:00:00.000000"}],
        "ward": "W1",
        "share": None,
        "big": 2**63,
        "none": None,
    }


@pytest.mark.parametrize("kind", [pa.binary(), pa.list_(pa.binary()), pa.map_(pa.string(), pa.string())])
def test_what_json_cannot_hold_is_refused(kind):
    with pytest.raises(ValueError, match="Expected columns that JSON can hold, got .* Write parquet, or leave it out"):
        check_json([pa.field("scan", kind)])


@pytest.mark.parametrize("name", FORMATS)
def test_a_failure_is_passed_on(answers, tmp_path, name):
    with pytest.raises(ZeroDivisionError):
        with FORMATS[name].write(tmp_path / "x", answers[0].schema):
            raise ZeroDivisionError
