"""The verb annotate: real files in, a row each out; statuses, refusals, and no text where none was asked for."""

import json
import logging
from importlib import import_module

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID

verb = import_module("spacy_mtclinical.cli.annotate")

SECRET = "zzsecret"
GOOD = {
    "a.txt": "patient has rash and aspirin 5 mg daily.",
    "b.txt": f"no fever {SECRET}\r\nمريض \U0001f600 pain\x00\x1b[31m",
    "sub/c.txt": "",
}


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    make_trained(tiny_bert).to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def loaded(model):
    return spacy.load(model)


@pytest.fixture
def annotate(loaded, monkeypatch):
    """Run the verb with a pipeline that is loaded once."""

    def run(*arguments, charset="utf-8"):
        return CliRunner(charset=charset).invoke(app, ["mtclinical", "annotate", "model", *map(str, arguments)])

    monkeypatch.setattr(verb, "load_pipeline", lambda name, **options: loaded)
    return run


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    for name, text in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def read(path):
    return [json.loads(line) for line in path.read_text("utf8").split("\n")[:-1]]


@pytest.mark.parametrize("options", [[], ["--n-process", "2", "--batch-size", "1"]])
def test_a_folder_by_the_real_command(model, notes, tmp_path, options):
    arguments = ["mtclinical", "annotate", str(model), str(notes), str(tmp_path / "new" / "out.jsonl"), *options]
    found = CliRunner().invoke(app, arguments)
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr.startswith("3 inputs in ")
    rows = read(tmp_path / "new" / "out.jsonl")
    assert [row["id"] for row in rows] == list(GOOD)
    nlp = spacy.load(model)
    for row, text in zip(rows, GOOD.values()):
        assert list(row) == ["id", "entities", "pairs", "error"]
        assert (row["pairs"], row["error"]) == ({}, None)
        doc = nlp(text)
        for task in ("drugs", "groups"):
            spans = [(span.start_char, span.end_char, span.label_) for span in doc.spans[task]]
            assert [(entity["start"], entity["end"], entity["label"]) for entity in row["entities"][task]] == spans
            assert all(0 <= entity["score"] <= 1 for entity in row["entities"][task])
    assert SECRET not in (tmp_path / "new" / "out.jsonl").read_text() + found.output


def test_a_failed_note_is_a_row_and_status_1(annotate, notes, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    (notes / "aa.txt").write_bytes(f"{SECRET} \xe9".encode("latin-1"))
    (notes / "z.txt").write_bytes(f"{SECRET}".encode("utf-16"))
    found = annotate(notes, tmp_path / "out.jsonl")
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.endswith('2 of 5 failed; their rows say why ("error")\n')
    rows = read(tmp_path / "out.jsonl")
    assert [row["id"] for row in rows] == ["a.txt", "aa.txt", "b.txt", "z.txt", "sub/c.txt"]
    assert [row["id"] for row in rows if row["error"]] == ["aa.txt", "z.txt"]
    assert rows[1] == {
        "id": "aa.txt",
        "entities": {},
        "pairs": {},
        "error": "Expected UTF-8, got something else at byte 9. Convert the file to UTF-8.",
    }
    assert SECRET not in found.output + caplog.text + (tmp_path / "out.jsonl").read_text("utf8")


def test_rows_that_fail_in_every_way_keep_their_places(annotate, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    lines = [
        json.dumps({"id": "n1", "text": f"pain {SECRET}"}).encode(),
        b"not json " + SECRET.encode(),
        b"",
        json.dumps({"id": "n3", "text": f"{SECRET} \ud83d"}).encode(),
        json.dumps({"id": "n4", "note": SECRET}).encode(),
        json.dumps({"id": "n5", "text": [SECRET]}).encode(),
        b'{"id": "n6", "text": "zzsecret \xff"}',
        json.dumps({"id": "n7", "text": "rash"}).encode(),
    ]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    found = annotate(tmp_path / "in.jsonl", tmp_path / "out.jsonl", "--with-text", "--batch-size", 2)
    assert found.exit_code == 1
    assert "5 of 7 failed" in found.stderr
    rows = read(tmp_path / "out.jsonl")
    assert [row["id"] for row in rows] == ["n1", "2", "n3", "n4", "n5", "7", "n7"]
    assert [row["error"] is None for row in rows] == [True, False, False, False, False, False, True]
    assert rows[0]["text"] == f"pain {SECRET}"
    assert SECRET not in found.output + caplog.text + str(rows[1:])


@pytest.mark.parametrize("kind", ["txt", "jsonl", "csv", "tsv", "spacy"])
def test_every_kind_of_notes(annotate, tmp_path, kind):
    text, path = "patient has rash", tmp_path / f"in.{kind}"
    if kind == "spacy":
        docs = [spacy.blank("en")(text), make_pair(spacy.blank("en"), "has pain", "pain")]
        docs[0].user_data[DOC_ID] = "n1"
        DocBin(docs=docs, store_user_data=True).to_disk(path)
    else:
        lines = {"txt": text, "jsonl": '{"key": "n1", "note": "patient has rash"}\n'}
        sign = "\t" if kind == "tsv" else ","
        path.write_text(lines.get(kind, f"key{sign}note\nn1{sign}{text}\n"))
    options = () if kind in ("txt", "spacy") else ("--text-field", "note", "--id-field", "key")
    found = annotate(path, tmp_path / "out.jsonl", "--with-text", *options)
    assert found.exit_code == 0, found.output
    rows = read(tmp_path / "out.jsonl")
    assert (rows[0]["id"], rows[0]["text"]) == ("in.txt" if kind == "txt" else "n1", text)
    for entity in (*rows[0]["entities"]["drugs"], *rows[0]["entities"]["groups"]):
        assert text[entity["start"] : entity["end"]] == entity["text"]
    if kind == "spacy":
        assert rows[1]["id"] == "2"
        assert sorted(rows[1]["pairs"]) == ["alike", "implies"]


def test_pairs_of_a_table(annotate, tmp_path):
    (tmp_path / "in.csv").write_text('id,p,h\n7,"has\npain",pain\n8,,\n9,' + "pain " * 100 + ",rash\n")
    found = annotate(tmp_path / "in.csv", tmp_path / "out.jsonl", "--first", "p", "--second", "h")
    assert found.exit_code == 0
    assert found.stderr.split("\n")[1:-1] == [
        "  answers of alike: 3",
        "  answers of implies: 3",
        "  pairs shortened: 1",
    ]
    rows = read(tmp_path / "out.jsonl")
    assert [(row["id"], row["entities"], row["error"]) for row in rows] == [(id, {}, None) for id in "789"]
    for row in rows:
        assert set(row["pairs"]) == {"alike", "implies"}
        assert sum(row["pairs"]["implies"].values()) == pytest.approx(1, abs=1e-5)
        assert 0 <= row["pairs"]["alike"] <= 5
    assert [row["shortened"][0] > 0 for row in rows] == [False, False, True]


def test_show_prints_the_first_notes_and_nothing_a_terminal_obeys(annotate, notes, tmp_path):
    found = annotate(notes, tmp_path / "out.jsonl", "--show", 2)
    assert found.exit_code == 0
    assert found.stdout.startswith("=== a.txt\npatient has rash and aspirin 5 mg daily.\n---\ndrugs ")
    assert "\n=== b.txt\n" in found.stdout and "c.txt" not in found.stdout
    assert SECRET in found.stdout and SECRET not in found.stderr
    assert "\x1b" not in found.stdout and "\\u001b[31m" in found.stdout


def test_show_manages_with_any_encoding(annotate, notes, tmp_path, monkeypatch):
    found = annotate(notes, tmp_path / "out.jsonl", "--show", 3, charset="ascii")
    assert found.exit_code == 0
    assert "\\U0001f600" in found.stdout


def test_an_output_is_replaced_only_if_forced(annotate, notes, tmp_path):
    (tmp_path / "out.jsonl").write_text("before")
    found = annotate(notes, tmp_path / "out.jsonl")
    assert found.exit_code == 2
    assert "out.jsonl is there already. Name another file, or say --force" in " ".join(found.stderr.split())
    assert (tmp_path / "out.jsonl").read_text() == "before"
    assert annotate(notes, tmp_path / "out.jsonl", "--force").exit_code == 0
    assert len(read(tmp_path / "out.jsonl")) == 3


@pytest.mark.parametrize("options", [(), ("--force",)])
def test_nothing_is_written_into_the_input(annotate, notes, tmp_path, options):
    (tmp_path / "in.jsonl").write_text('{"text": "pain"}\n')
    for source, output in ((notes, notes / "out.jsonl"), (tmp_path / "in.jsonl", tmp_path / "in.jsonl")):
        found = annotate(source, output, *options)
        assert found.exit_code == 2
        assert "Expected an output outside of the input" in " ".join(found.stderr.split())
    assert sorted(path.name for path in notes.iterdir()) == ["a.txt", "b.txt", "sub"]
    assert (tmp_path / "in.jsonl").read_text() == '{"text": "pain"}\n'


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["notes", "out.csv"], "Expected a name that ends in .jsonl, got out.csv"),
        (["notes", "out.jsonl", "--first", "p"], "Expected --first and --second together"),
        (["notes", "out.jsonl", "--n-process", "2", "--gpu-id", "0"], "Expected one process on a GPU"),
        (["notes", "out.jsonl", "--n-process", "0"], "Invalid value for '--n-process'"),
        (["notes"], "Missing argument 'OUTPUT'"),
    ],
)
def test_wrong_use_is_status_2(annotate, arguments, message):
    found = annotate(*arguments)
    assert found.exit_code == 2
    assert message in " ".join(found.stderr.split())


@pytest.mark.parametrize(
    "name, message",
    [
        ("gone", "found nothing there"),
        ("empty", "or its folders, found none"),
        ("a.doc", "Expected a folder of .txt files or a file of .txt, .jsonl, .csv, .tsv, .spacy"),
        ("a.csv", "expected a header with one column 'text', got 0"),
        ("a.spacy", "is no whole .spacy file"),
    ],
)
def test_an_input_that_is_none_is_one_line_and_leaves_nothing(annotate, tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    for file in ("a.doc", "a.csv", "a.spacy"):
        (tmp_path / file).write_text(SECRET)
    found = annotate(tmp_path / name, tmp_path / "new" / "out.jsonl")
    assert (found.exit_code, found.stdout) == (1, "")
    assert message in found.stderr and found.stderr.count("\n") == 1
    assert SECRET not in found.stderr
    assert not (tmp_path / "new").exists()


def test_a_pipeline_that_is_not_there_is_one_line(notes, tmp_path):
    arguments = ["mtclinical", "annotate", str(tmp_path / "gone"), str(notes), str(tmp_path / "out.jsonl")]
    found = CliRunner().invoke(app, arguments)
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)
    assert "gone" in found.stderr


def test_a_full_disk_leaves_what_was_there(annotate, notes, tmp_path, monkeypatch):
    def fail(row):
        raise OSError(28, "No space left on device")

    (tmp_path / "out.jsonl").write_text("before")
    monkeypatch.setattr(verb, "format_line", fail)
    found = annotate(notes, tmp_path / "out.jsonl", "--force")
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)
    assert "No space left on device" in found.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes", "out.jsonl"]
    assert (tmp_path / "out.jsonl").read_text() == "before"


def test_an_empty_table_is_an_empty_result(annotate, tmp_path):
    (tmp_path / "in.jsonl").write_text("")
    found = annotate(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert found.exit_code == 0
    assert (tmp_path / "out.jsonl").read_text() == ""
    assert found.stderr.startswith("0 inputs in ")


def test_links_that_are_not_followed_are_told(annotate, notes, tmp_path):
    (notes / "loop").symlink_to(notes)
    found = annotate(notes, tmp_path / "out.jsonl")
    assert found.stderr.startswith("note: 1 links to folders were not followed\n")
    assert len(read(tmp_path / "out.jsonl")) == 3


def test_answers_of_other_tasks_are_left_out(annotate, notes, tmp_path):
    assert annotate(notes, tmp_path / "out.jsonl", "--task", "drugs").exit_code == 0
    assert {tuple(row["entities"]) for row in read(tmp_path / "out.jsonl") if not row["error"]} == {("drugs",)}
    found = annotate(notes, tmp_path / "other.jsonl", "--task", "odd")
    assert (found.exit_code, "got odd" in found.stderr) == (1, True)
    assert not (tmp_path / "other.jsonl").exists()
