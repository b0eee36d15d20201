"""Rows of every kind of file give the same results; what cannot be is named, without a word of text."""

import json

import pytest
import spacy
from spacy.tokens import DocBin, Span

from spacy_mtclinical import make_pair
from spacy_mtclinical.bulk.shards import REASON
from spacy_mtclinical.documents import DOC_ID
from spacy_mtclinical.pages.results import Mention, Result, find_files, read_results

SECRET = "zzsecret"
ENTITIES = {"drugs": [{"start": 0, "end": 4, "label": "Drug", "score": 0.5}], "none": []}
ROWS = [
    {"id": "n1", "text": "pain today", "entities": ENTITIES, "pairs": {}, "error": None},
    {
        "id": "p1",
        "first": "has pain",
        "second": "pain",
        "entities": {},
        "pairs": {"implies": {"yes": 0.75, "no": 0.25}},
    },
    {"id": "n2", "entities": {}, "pairs": {}, "error": "Expected UTF-8."},
]
RESULTS = [
    Result("n1", ("pain today",), {"drugs": [Mention(0, 4, "Drug", 0.5)], "none": []}, {}, ""),
    Result("p1", ("has pain", "pain"), {}, {"implies": {"yes": 0.75, "no": 0.25}}, ""),
    Result("n2", (), {}, {}, "Expected UTF-8."),
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def write_parquet(path, rows):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    entity = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string()), ("score", pa.float64())])
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("id", "text", "first", "second", "error")),
            ("entities", pa.struct([("drugs", pa.list_(entity)), ("none", pa.list_(entity))])),
            ("pairs", pa.struct([("implies", pa.map_(pa.string(), pa.float64())), ("alike", pa.float64())])),
            ("age", pa.date32()),
        ]
    )
    table = [{**row, "entities": row.get("entities") or None, "pairs": row.get("pairs") or None} for row in rows]
    for row in table:
        if row["pairs"]:
            row["pairs"] = {"implies": list(row["pairs"]["implies"].items())}
    parquet.write_table(pa.Table.from_pylist(table, schema=schema), path)
    return path


def write_docs(path):
    nlp = spacy.blank("en")
    note, pair, failed = nlp("pain today"), make_pair(nlp, "has pain", "pain"), nlp("")
    note.spans["drugs"] = [Span(note, 0, 1, "Drug")]
    note.spans["drugs"].attrs["scores"] = [0.5]
    note.spans["none"] = []
    pair._.mtclinical["implies"] = {"yes": 0.75, "no": 0.25}
    failed.user_data[REASON] = "Expected UTF-8."
    for doc, id in ((note, "n1"), (pair, "p1"), (failed, "n2")):
        doc.user_data[DOC_ID] = id
    DocBin(docs=[note, pair, failed], store_user_data=True).to_disk(path)
    return path


def test_rows_of_every_kind_of_file(tmp_path):
    assert list(read_results(write(tmp_path / "a.jsonl", ROWS))) == RESULTS
    assert list(read_results(write_docs(tmp_path / "a.spacy"))) == RESULTS
    assert list(read_results(write_parquet(tmp_path / "a.parquet", ROWS))) == RESULTS


def test_the_shards_of_a_folder_by_name(tmp_path):
    for name, row in (("part-00001.jsonl", ROWS[1]), ("part-00000.jsonl", ROWS[0]), ("part-00002.jsonl", ROWS[2])):
        write(tmp_path / name, [row])
    for name in ("_manifest.json", "_inputs.jsonl", ".hidden.jsonl", "part-00003.jsonl.part", "notes.txt"):
        (tmp_path / name).write_text(SECRET)
    assert list(read_results(tmp_path)) == RESULTS
    assert [file.name for file in find_files(tmp_path)] == [f"part-0000{n}.jsonl" for n in range(3)]


def test_a_row_without_identifier_has_its_number(tmp_path):
    rows = [{"text": "a"}, {"id": 7, "text": "b"}]
    assert [result.id for result in read_results(write(tmp_path / "a.jsonl", rows))] == ["1", "7"]


def test_rows_are_read_as_they_are_asked_for(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(ROWS[0]) + "\nnot json\n")
    assert next(read_results(tmp_path / "a.jsonl")) == RESULTS[0]


BAD = [
    ({"text": None}, "expected the text of a note, or both of a pair, got none. Annotate --with-text"),
    ({"text": None, "first": SECRET}, "expected the text of a note, or both of a pair, got none"),
    ({"text": 3}, "expected text in 'text', got int"),
    ({"entities": [SECRET]}, "expected 'entities' by task, got list"),
    ({"pairs": SECRET}, "expected 'pairs' by task, got str"),
    ({"entities": {"drugs": {}}}, "drugs: expected a list of entities, got dict"),
    ({"pairs": {"alike": SECRET}}, "alike: expected a number, or a number by label, got something else"),
    ({"pairs": {"implies": {"yes": True}}}, "implies: expected a number, or a number by label"),
]
BAD_ENTITIES = [
    (SECRET, "expected start, end and label of an entity"),
    ({"start": 0, "end": 1}, "expected start, end and label of an entity"),
    ({"start": 0.5, "end": 1, "label": "A"}, "expected start, end and label of an entity"),
    ({"start": 0, "end": 99, "label": "A"}, "expected offsets within 13, got 0 to 99"),
    ({"start": -1, "end": 1, "label": "A"}, "expected offsets within 13, got -1 to 1"),
    ({"start": 2, "end": 2, "label": "A"}, "expected offsets within 13, got 2 to 2"),
    ({"start": 0, "end": 1, "label": None}, "expected a label and a score at 0, got something else"),
    ({"start": 0, "end": 1, "label": "A", "score": "1"}, "expected a label and a score at 0, got something else"),
    ({"start": 0, "end": 1, "label": "A", "score": float("nan")}, "expected a label and a score at 0"),
]


@pytest.mark.parametrize(
    "change, message", [*BAD, *(({"entities": {"drugs": [entity]}}, message) for entity, message in BAD_ENTITIES)]
)
def test_a_row_that_cannot_be_is_named(tmp_path, change, message):
    path = write(tmp_path / "a.jsonl", [ROWS[0], {"id": "n2", "text": f"pain {SECRET}", **change}])
    with pytest.raises(ValueError) as caught:
        list(read_results(path))
    assert f"{path}, row 2" in str(caught.value) and message in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "name, message",
    [
        ("gone.jsonl", "found nothing there"),
        ("a.txt", "in a file of .jsonl, .parquet, .spacy, or a folder of such, got"),
        ("empty", "found no file of .jsonl, .parquet, .spacy"),
        ("a.jsonl", "a.jsonl: Line 1: expected one JSON object"),
        ("a.parquet", "a.parquet is no whole .parquet file"),
        ("a.spacy", "a.spacy is no whole .spacy file"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path, name, message):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    (tmp_path / "empty").mkdir()
    for file in ("a.txt", "a.jsonl", "a.parquet", "a.spacy"):
        (tmp_path / file).write_text(SECRET)
    with pytest.raises((ValueError, OSError)) as caught:
        list(read_results(tmp_path / name))
    assert message in str(caught.value) and SECRET not in str(caught.value)


def test_a_table_needs_pyarrow(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    (tmp_path / "a.parquet").write_text("")
    with pytest.raises(ValueError, match="a.parquet: reading .parquet takes pyarrow. Install it"):
        list(read_results(tmp_path / "a.parquet"))
