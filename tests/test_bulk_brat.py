"""brat files of answers: inside their folder whatever the identifier is, each note once, and read back as written."""

import json
import os

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtclinical.bulk.brat import choose_name, write_brat
from spacy_mtclinical.bulk.schema import make_schema
from spacy_mtclinical.formats import brat

KINDS = {"drugs": "entities", "groups": "entities"}
IDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(
        st.sampled_from(["..", ".", "", "a", "A", "_index.jsonl", "a.txt", "/", "\\", "~", "x" * 300]), max_size=5
    ).map("/".join),
)


def batch_of(rows, kinds=KINDS):
    schema = make_schema(kinds, with_text=True)
    return pa.RecordBatch.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)


def write(folder, rows, kinds=KINDS):
    with write_brat(folder, None) as write_batch:
        write_batch(batch_of(rows, kinds))
    return [json.loads(line) for line in (folder / "_index.jsonl").read_text("utf8").split("\n")[:-1]]


def row_of(id, text, **entities):
    found = {task: entities.get(task, []) for task in KINDS}
    return {"id": id, "text": text, "entities": found}


def test_a_note_is_read_back(tmp_path):
    text = "no rash\r\nand aspirin\n"
    drugs = [{"start": 13, "end": 20, "label": "Drug name", "score": 0.5}]
    groups = [{"start": 3, "end": 12, "label": "DISO", "score": None}]
    failed = {"id": "b", "error": "Expected UTF-8."}
    index = write(tmp_path / "out", [row_of("ward/a.txt", text, drugs=drugs, groups=groups), failed])
    assert index == [
        {"id": "ward/a.txt", "pairs": {}, "error": None, "file": "ward/a.txt"},
        {"id": "b", "pairs": {}, "error": "Expected UTF-8.", "file": None},
    ]
    assert (tmp_path / "out" / "ward" / "a.txt").read_bytes() == text.encode()
    ann = (tmp_path / "out" / "ward" / "a.ann").read_bytes().decode()
    note = brat.parse(text, ann, doc_id="a", name="a.ann")
    assert [(found.label, found.fragments, found.attributes) for found in note.annotations] == [
        ("Drug_name", ((13, 20),), {"task": "drugs", "score": "0.5"}),
        ("DISO", ((3, 7), (9, 12)), {"task": "groups"}),
    ]
    assert sorted(os.listdir(tmp_path / "out")) == ["_index.jsonl", "ward"]


@settings(max_examples=150, deadline=None)
@given(st.lists(IDS, max_size=6))
def test_every_note_has_a_name_of_its_own_inside_the_folder(ids):
    taken = set()
    names = [choose_name(id, taken) for id in ids]
    files = [f"{name}{suffix}" for name in names for suffix in (".txt", ".ann")]
    folders = {"/".join(name.split("/")[:depth]) for name in names for depth in range(1, name.count("/") + 1)}
    assert len({name.casefold() for name in names}) == len(names)
    assert not {folder.casefold() for folder in folders} & {file.casefold() for file in [*files, "_index.jsonl"]}
    for name in names:
        parts = name.split("/")
        assert all(part and part not in (".", "..") and "\0" not in part for part in parts)
        assert all(len(part.encode()) <= 110 for part in parts) and len(name.encode()) <= 410
        assert not name.startswith(("/", "-", "~")) and "\\" not in name


@pytest.mark.parametrize(
    "id", ["../../x", "/etc/x", "..\\x", "a/../../x", "_index.jsonl", "", "con\0x", "_index.jsonl/x"]
)
def test_nothing_is_written_outside(tmp_path, id):
    (tmp_path / "in" / "side").mkdir(parents=True)
    index = write(tmp_path / "in" / "side" / "out", [row_of(id, "text"), row_of(id, "other")])
    assert sorted(os.listdir(tmp_path)) == ["in"] and os.listdir(tmp_path / "in") == ["side"]
    assert os.listdir(tmp_path / "in" / "side") == ["out"]
    folder = tmp_path / "in" / "side" / "out"
    assert [(folder / row["file"]).read_text() for row in index] == ["text", "other"]
    assert all((folder / row["file"]).resolve().is_relative_to(folder.resolve()) for row in index)
