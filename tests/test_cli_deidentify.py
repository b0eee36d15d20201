"""The verb deidentify: notes in, notes out, nothing where the input is, and no text where it should not be."""

import csv
import json
import logging
import os
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.cli._util import app
from spacy.language import Language
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical.bulk.tables import read_table
from spacy_mtclinical.deidentification.keys import VARIABLE
from spacy_mtclinical.deidentification.writing import guard, open_rows

SECRET = "topsecret-topsecret-topsecret"
NOTE = "Mr. Zzsmith has pain since 3/4/2010.\r\nDr. Zzjones, Zzsmith's doctor.\n"
MASKED = "Mr. [PATIENT] has pain since [DATE].\r\nDr. [PATIENT], [PATIENT]'s doctor.\n"


@Language.component("test_find_phi")
def find_phi(doc):
    if "BOOM" in doc.text:
        raise RuntimeError(f"failed on {doc.text}")
    found = [
        doc.char_span(*match.span(), label="PATIENT" if match[0].startswith("Zz") else "DATE", alignment_mode="expand")
        for match in re.finditer(r"Zz[a-z]+|\d+/\d+/\d+", doc.text)
    ]
    doc.spans["drugs"] = found
    doc.spans.pop("drugs_candidates", None)
    return doc


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    nlp = make_trained(tiny_bert)
    nlp.add_pipe("test_find_phi")
    folder = tmp_path_factory.mktemp("model")
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def loaded(model):
    from spacy_mtclinical.loading import load_pipeline

    return load_pipeline(str(model))


@pytest.fixture(autouse=True)
def fast(monkeypatch, loaded, model):
    """The pipeline is loaded once for all tests of the module, and is found under the name "model"."""
    monkeypatch.setattr("spacy_mtclinical.deidentification.batches.load_pipeline", lambda name, gpu_id: loaded)
    for module in ("cli.deidentify", "bulk.pipelines"):  # the verb first: it takes the function from the other
        monkeypatch.setattr(f"spacy_mtclinical.{module}.find_folder", lambda name: model)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("socket.socket.connect", None)  # no network is used


@pytest.fixture
def secret_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


def run(*arguments, task="drugs"):
    return CliRunner().invoke(app, ["mtclinical", "deidentify", "model", *map(str, arguments), "--task", task])


def write_folder(folder, notes):
    for name, text in notes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf8"))
    return folder


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text("utf8").splitlines()]


def test_a_folder_to_a_folder_with_a_map(tmp_path):
    source = write_folder(tmp_path / "in", {"a.txt": NOTE, "sub/b.txt": "no name", "c.txt": ""})
    found = run(source, tmp_path / "out", "--map", tmp_path / "map.jsonl")
    assert found.exit_code == 0, found.output
    written = {file.relative_to(tmp_path / "out").as_posix(): file for file in (tmp_path / "out").rglob("*.*")}
    assert sorted(written) == ["a.txt", "c.txt", "sub/b.txt"]
    assert written["a.txt"].read_bytes().decode() == MASKED
    assert written["sub/b.txt"].read_text() == "no name"
    first, second, third = read_jsonl(tmp_path / "map.jsonl")
    assert (first["id"], first["characters"], first["new_characters"]) == ("a.txt", len(NOTE), len(MASKED))
    for span in first["spans"]:
        assert MASKED[span["new_start"] : span["new_end"]] == f"[{span['label']}]"
    assert [NOTE[span["start"] : span["end"]] for span in first["spans"]] == [
        "Zzsmith",
        "3/4/2010",
        "Zzjones",
        "Zzsmith",
    ]
    assert "Zz" not in (tmp_path / "map.jsonl").read_text() + found.output
    assert (second["spans"], third["spans"]) == ([], [])
    assert found.stderr.splitlines() == [
        "note: names of files and identifiers of rows stay as they are (--rename replaces them)",
        "3 notes, 4 mentions replaced",
        "  DATE: 1",
        "  PATIENT: 3",
    ]


def test_surrogates_by_a_pattern_and_other_names(tmp_path, secret_file, monkeypatch):
    source = write_folder(tmp_path / "in", {"7-1.txt": NOTE, "7-2.txt": "Zzsmith", "8-1.txt": NOTE, "x.txt": "Zzsmith"})
    options = ["--policy", "surrogate", "--patient-pattern", r"(\d+)-", "--locale", "en_US"]
    found = run(source, tmp_path / "out", *options, "--secret-file", secret_file)
    assert found.exit_code == 0, found.output
    texts = {file.name: file.read_bytes().decode() for file in (tmp_path / "out").iterdir()}
    last = texts["7-2.txt"]
    assert re.fullmatch(
        rf"Mr\. {last} has pain since \d\d?/\d\d?/\d{{4}}\.\r\nDr\. \w+, {last}'s doctor\.\n", texts["7-1.txt"]
    )
    assert texts["8-1.txt"] != texts["7-1.txt"]
    assert "1 notes do not tell their patient; each counts as one of its own" in found.stderr
    monkeypatch.setenv(VARIABLE, SECRET)
    again = run(source, tmp_path / "again", *options, "--rename", "--map", tmp_path / "map.jsonl", "--map-text")
    assert again.exit_code == 0, again.output
    new = {row["id"]: row for row in read_jsonl(tmp_path / "map.jsonl")}
    assert all(re.fullmatch(r"note-[0-9a-f]{16}\.txt", row["new_id"]) for row in new.values())
    for id, row in new.items():
        assert (tmp_path / "again" / row["new_id"]).read_bytes().decode() == texts[id]
    assert new["7-2.txt"]["spans"][0]["text"] == "Zzsmith" and new["7-2.txt"]["spans"][0]["new_text"] == last
    assert "names of files" not in again.stderr
    assert SECRET not in found.output + again.output


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_tables_to_tables(tmp_path, secret_file, suffix):
    rows = [
        {"id": "n1", "text": NOTE, "mrn": "p1", "age": 3, "more": "=1+1", "left": "Zzsmith"},
        {"id": "n2", "text": "-Zzsmith", "mrn": "p1", "age": None, "more": None, "left": ""},
        {"id": "n3", "text": "Zzsmith", "mrn": None, "age": 5, "more": "m", "left": ""},
    ]
    if suffix == ".parquet":
        source = tmp_path / "in.parquet"
        pq.write_table(pa.Table.from_pylist(rows), source)
    else:
        source = write_jsonl(tmp_path / "in.jsonl", rows)
    output = tmp_path / f"out{suffix}"
    options = ["--policy", "surrogate", "--secret-file", secret_file, "--patient-column", "mrn"]
    found = run(source, output, *options, "--keep", "age", "--keep", "more")
    assert found.exit_code == 0, found.output
    assert "1 columns are left out" in found.stderr
    if suffix == ".parquet":
        written = pq.read_table(output).to_pylist()
        assert pq.read_schema(output).field("age").type == pa.int64()
    elif suffix == ".csv":
        with output.open(encoding="utf8", newline="") as file:
            written = list(csv.DictReader(file))
        assert written[0]["more"] == "'=1+1" and written[1]["text"].startswith("'-")
        written[1]["text"] = written[1]["text"][1:]
    else:
        written = read_jsonl(output)
    assert [row["id"] for row in written] == ["n1", "n2", "n3"]
    assert "left" not in written[0] and "mrn" not in written[0]
    last = written[1]["text"].lstrip("-")
    assert f"Mr. {last} has pain" in written[0]["text"]
    assert written[0]["patient"] == written[1]["patient"] and re.fullmatch(
        "patient-[0-9a-f]{16}", written[0]["patient"]
    )
    assert not written[2].get("patient")
    assert "Zz" not in str(written) and "p1" not in str(written)


def test_a_note_that_fails_is_not_written(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    notes = {"a.txt": NOTE, "b.txt": "BOOM Zzsmith", "c.txt": b"Zzsmith \xff", "d.txt": "Zzjones"}
    source = write_folder(tmp_path / "in", notes)
    found = run(source, tmp_path / "out", "--map", tmp_path / "map.jsonl")
    assert found.exit_code == 1
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["_errors.jsonl", "a.txt", "d.txt"]
    errors = {row["id"]: row["error"] for row in read_jsonl(tmp_path / "out" / "_errors.jsonl")}
    assert errors["b.txt"] == "The pipeline failed on it (RuntimeError)."
    assert "Expected UTF-8" in errors["c.txt"]
    assert [row.get("error") for row in read_jsonl(tmp_path / "map.jsonl")] == [None, *errors.values(), None]
    assert "2 of 4 notes failed and were not written" in found.stderr
    everything = found.output + caplog.text + "".join(file.read_text() for file in (tmp_path / "out").iterdir())
    assert "Zz" not in everything and "BOOM" not in everything


def test_a_row_that_fails_has_no_text(tmp_path, monkeypatch):
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": "Zzsmith"}, {"text": 7}, {"id": "x", "text": "BOOM Zz"}])
    found = run(source, tmp_path / "out.jsonl")
    assert found.exit_code == 1
    first, second, third = read_jsonl(tmp_path / "out.jsonl")
    assert first == {"id": "line 1", "text": "[PATIENT]", "error": None}
    assert (second["text"], third["text"], third["id"]) == (None, None, "x")
    assert second["error"] and "Zz" not in third["error"]

    def fail(*arguments, **settings):
        raise KeyError("Zzsmith")

    monkeypatch.setattr("spacy_mtclinical.deidentification.batches.deidentify", fail)
    found = run(source, tmp_path / "none.jsonl")
    assert read_jsonl(tmp_path / "none.jsonl")[0]["error"] == "It could not be de-identified (KeyError)."
    assert "Zzsmith" not in (tmp_path / "none.jsonl").read_text() + found.output


def test_the_output_is_never_where_the_input_is(tmp_path):
    source = write_folder(tmp_path / "in", {"a.txt": NOTE})
    table = write_jsonl(tmp_path / "in.jsonl", [{"text": NOTE}])
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "link.jsonl").symlink_to(table)
    os.link(table, tmp_path / "hard.jsonl")
    places = [
        (source, source, "is the input or lies in it"),
        (source, source / "out", "is the input or lies in it"),
        (source, source / "out.jsonl", "is the input or lies in it"),
        (source, tmp_path / "link", "is the input or lies in it"),
        (source, tmp_path / "link" / "out", "is the input or lies in it"),
        (source, tmp_path, "in which the input lies"),
        (table, tmp_path, "in which the input lies"),
        (table, table, "is the input or lies in it"),
        (table, tmp_path / "link.jsonl", "is the input or lies in it"),
        (table, tmp_path / "hard.jsonl", "is the input or lies in it"),
        (tmp_path / "link.jsonl", table, "is the input or lies in it"),
    ]
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for given_path, output, message in places:
        found = run(given_path, output, "--force")
        assert (found.exit_code, found.stdout) == (2, ""), output
        assert message in " ".join(found.stderr.split()), output
    for place in (source / "map.jsonl", tmp_path / "out" / "map.jsonl", tmp_path / "out.jsonl"):
        output = tmp_path / "out.jsonl" if place.suffix == ".jsonl" and place.parent == tmp_path else tmp_path / "out"
        assert run(source, output, "--map", place).exit_code == 2
    assert before == {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}


def test_what_is_there_is_not_replaced_unless_forced(tmp_path):
    source = write_folder(tmp_path / "in", {"a.txt": NOTE})
    table = tmp_path / "out.jsonl"
    table.write_text("old")
    assert run(source, table).exit_code == 2 and table.read_text() == "old"
    assert run(source, table, "--force").exit_code == 0 and read_jsonl(table)[0]["text"] == MASKED
    write_folder(tmp_path / "out", {"b.txt": "old"})
    found = run(source, tmp_path / "out", "--force")
    assert found.exit_code == 2 and "Expected a new or empty folder" in " ".join(found.stderr.split())


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["--policy", "hide"], 2, "policy expected one of"),
        (["--policy", "surrogate"], 2, "Surrogates are derived from a secret, and there is none"),
        (["--rename"], 2, "Other names are derived from a secret"),
        (["--map-text"], 2, "Expected --map with --map-text"),
        (["--patient-pattern", "x"], 2, "Expected a group"),
        (["--kind", "PATIENT"], 2, "Expected LABEL=KIND, got 'PATIENT'"),
        (["--kind", "PATIENT=nome"], 2, "Label 'PATIENT': expected a kind"),
        (["--threshold", "2"], 2, "threshold expected a probability"),
        (["--patient-column", "gone"], 1, "expected a column 'gone', found none"),
        (["--keep", "gone"], 1, "expected a column 'gone', found none"),
        (["--keep", "text"], 1, "Expected columns to keep other than id, text, patient, error, got text"),
    ],
)
def test_wrong_use(tmp_path, arguments, status, message):
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": NOTE, "age": 3}])
    found = run(source, tmp_path / "out.jsonl", *arguments)
    assert found.exit_code == status
    assert message in re.sub(r"[\s│]+", " ", found.output)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_task_that_there_is_not_and_an_output_of_another_kind(tmp_path):
    source = write_folder(tmp_path / "in", {"a.txt": NOTE})
    assert (
        "Expected a task of entities among drugs, groups, got 'alike'"
        in run(source, tmp_path / "o", task="alike").output
    )
    assert "Expected a folder, or a file that ends in .jsonl, .csv, .parquet" in " ".join(
        run(source, tmp_path / "out.txt").stderr.split()
    )


def test_labels_get_kinds_and_years_a_treatment(tmp_path, secret_file):
    source = write_jsonl(tmp_path / "in.jsonl", [{"text": NOTE, "mrn": "1"}])
    options = ["--policy", "surrogate", "--secret-file", secret_file, "--kind", "PATIENT=keep", "--kind", "DATE=mask"]
    assert run(source, tmp_path / "out.jsonl", *options).exit_code == 0
    assert read_jsonl(tmp_path / "out.jsonl")[0]["text"] == NOTE.replace("3/4/2010", "[DATE]")


def test_the_identifier_may_be_the_patient(tmp_path, secret_file):
    rows = [{"mrn": "p1", "text": "Zzsmith"}, {"mrn": "p1", "text": "Zzsmith"}]
    source = write_jsonl(tmp_path / "in.jsonl", rows)
    options = ["--policy", "surrogate", "--secret-file", secret_file, "--id-field", "mrn", "--patient-column", "mrn"]
    assert run(source, tmp_path / "out.jsonl", *options, "--rename").exit_code == 0
    first, second = read_jsonl(tmp_path / "out.jsonl")
    assert first["text"] == second["text"] and "p1" not in str(first)


def test_a_cell_that_a_spreadsheet_would_run():
    assert [guard(cell) for cell in ("=a", "+1", "-1", "@a", "\ta", "a=", "", None, 1)] == [
        *("'=a", "'+1", "'-1", "'@a", "'\ta", "a=", "", None, 1)
    ]


@pytest.mark.parametrize("name", ["out.csv", "out"])
def test_the_map_tells_what_is_in_the_files(tmp_path, name):
    notes = {"note (1).txt": "- Zzsmith", "note [1].txt": "Zzsmith", "-3.txt": "=Zz\rZzsmith", "bad.txt": b"\xff"}
    source = write_folder(tmp_path / "in", notes)
    assert run(source, tmp_path / name, "--map", tmp_path / "map.jsonl", "--map-text").exit_code == 1
    told = read_jsonl(tmp_path / "map.jsonl")
    if name == "out":
        assert {row["new_id"] for row in told if "spans" in row} == {"3.txt", "note _1_.txt", "note _1_-2.txt"}
        texts = {row["new_id"]: (tmp_path / name / row["new_id"]).read_bytes().decode() for row in told[:1] + told[2:]}
    else:
        with (tmp_path / name).open(encoding="utf8", newline="") as file:
            texts = {row["id"]: row["text"] for row in csv.DictReader(file, strict=True)}
        assert set(texts) == {"'-3.txt", "bad.txt", "note (1).txt", "note [1].txt"} == {row["new_id"] for row in told}
        assert texts["note (1).txt"] == "'- [PATIENT]" and "\r" in texts["'-3.txt"]
    for row in told:
        for span in row.get("spans", ()):
            assert texts[row["new_id"]][span["new_start"] : span["new_end"]] == span["new_text"] == "[PATIENT]"
        assert "error" in row or len(texts[row["new_id"]]) == row["new_characters"]


CELLS = st.text(st.one_of(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), st.sampled_from('\r\n",')))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_a_csv_gives_back_what_was_written(tmp_path, rows):
    fields = [pa.field(name, pa.string()) for name in ("id", "text")]
    with open_rows(tmp_path / "out.csv", columns=fields) as write:
        for row in rows:
            write(dict(zip(("id", "text"), row)))
    found = read_table(tmp_path / "out.csv", kind=".csv", required=["text"])
    assert [record.cells for record in found] == [{"id": guard(id), "text": guard(text)} for id, text in rows]


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), min_size=1, max_size=10)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, st.sampled_from(["mask", "remove", "surrogate"]))
def test_any_text_has_its_row(tmp_path_factory, texts, policy):
    folder = tmp_path_factory.mktemp("any")
    (folder / "secret").write_text(SECRET)
    rows = [{"id": str(number), "text": f"{text}Zzsmith {text}"} for number, text in enumerate(texts)]
    source = write_jsonl(folder / "in.jsonl", rows)
    arguments = ["--policy", policy, "--secret-file", folder / "secret", "--map", folder / "map.jsonl"]
    found = run(source, folder / "out.jsonl", *arguments)
    assert found.exit_code == 0, found.output
    written = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().decode("utf8").split("\n")[:-1]]
    maps = [json.loads(line) for line in (folder / "map.jsonl").read_bytes().decode("utf8").split("\n")[:-1]]
    assert [row["id"] for row in written] == [row["id"] for row in maps] == [row["id"] for row in rows]
    for row, new, own in zip(rows, written, maps):
        place = new_place = 0
        for span in own["spans"]:
            assert row["text"][place : span["start"]] == new["text"][new_place : span["new_start"]]
            place, new_place = span["end"], span["new_end"]
        assert row["text"][place:] == new["text"][new_place:]
        assert "Zzsmith" not in new["text"]
