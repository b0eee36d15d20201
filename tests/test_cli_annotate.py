"""The verb annotate: real files in, a row each out; statuses, refusals, and no text where none was asked for."""

import json
import logging
import socket
from importlib import import_module

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from trained import make_trained
from typer.testing import CliRunner
from written import read_written

from spacy_mtclinical import make_pair, progress
from spacy_mtclinical.bulk import answers
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


@pytest.fixture
def annotate(model):
    """Run the verb; the process loads the pipeline once."""

    def run(*arguments, charset="utf-8"):
        return CliRunner(charset=charset).invoke(app, ["mtclinical", "annotate", str(model), *map(str, arguments)])

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
    found = annotate(tmp_path / "in.jsonl", tmp_path / "out.jsonl", "--with-text", "--drop", "note", "--batch-size", 2)
    assert found.exit_code == 1
    assert "5 of 7 failed" in found.stderr
    rows = read(tmp_path / "out.jsonl")
    assert [row["id"] for row in rows] == ["n1", "line 2", "n3", "n4", "n5", "line 7", "n7"]
    assert [row["error"] is None for row in rows] == [True, False, False, False, False, False, True]
    assert rows[0]["text"] == f"pain {SECRET}"
    assert SECRET not in found.output + caplog.text + str(rows[1:])


@pytest.mark.parametrize("kind", ["txt", "jsonl", "csv", "tsv", "parquet", "spacy"])
def test_every_kind_of_notes(annotate, tmp_path, kind):
    text, path = "patient has rash", tmp_path / f"in.{kind}"
    if kind == "spacy":
        docs = [spacy.blank("en")(text), make_pair(spacy.blank("en"), "has pain", "pain")]
        docs[0].user_data[DOC_ID] = "n1"
        DocBin(docs=docs, store_user_data=True).to_disk(path)
    elif kind == "parquet":
        pq.write_table(pa.table({"key": ["n1"], "note": [text]}), path)
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
        (["notes", "out.csv"], "Expected a folder, or a file that ends in .parquet, .jsonl, .spacy, got out.csv"),
        (["notes", "out.jsonl", "--format", "brat"], "Expected a name that fits the format brat, got out.jsonl"),
        (["notes", "out", "--format", "xml"], "Expected one of parquet, jsonl, brat, spacy, got 'xml'"),
        (["notes", "out.jsonl", "--first", "p"], "Expected --first and --second together"),
        (["notes", "out.jsonl", "--n-process", "2", "--gpu-id", "0"], "Expected one process a GPU: each would hold"),
        (["notes", "out.jsonl", "--gpus", "first"], "Expected all, or numbers like 0,1, and a GPU for each"),
        (["notes", "out.jsonl", "--gpus", "0,x"], "Expected all, or numbers like 0,1"),
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
        ("a.doc", "Expected a folder of .txt files or a file of .txt, .jsonl, .csv, .tsv, .parquet, .spacy"),
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


@pytest.mark.parametrize("name, format", [("out", None), ("out", "parquet"), ("out", "jsonl"), ("out.parquet", None)])
def test_tables_of_every_kind_hold_the_same(annotate, notes, tmp_path, name, format):
    found = annotate(notes, tmp_path / name, *([] if format is None else ["--format", format]))
    assert found.exit_code == 0, found.output
    annotate(notes, tmp_path / "other.jsonl")
    assert read_written(tmp_path / name) == read(tmp_path / "other.jsonl")


def test_a_run_is_gone_on_with_unless_it_is_another_one(annotate, notes, tmp_path):
    (notes / "bad.txt").write_bytes(b"\xff")
    assert annotate(notes, tmp_path / "out", "--shard-notes", 2).exit_code == 1
    (tmp_path / "out" / "part-00001.parquet").unlink()
    found = annotate(notes, tmp_path / "out", "--shard-notes", 2)
    assert found.exit_code == 1
    assert found.stderr.startswith("note: 2 of 4 inputs were done before\n4 inputs, 2 of them before; the others in ")
    assert found.stderr.endswith('1 of 4 failed; their rows say why ("error")\n')
    (notes / "new.txt").write_text("pain")
    assert "note: 1 files came after the run had begun, and are not in it" in annotate(notes, tmp_path / "out").stderr
    found = annotate(notes, tmp_path / "out", "--with-text")
    assert (found.exit_code, found.stderr.count("\n")) == (1, 2)
    assert "options.with_text was false, is true. Name another output, or say --force" in found.stderr
    assert annotate(notes, tmp_path / "out", "--with-text", "--force").exit_code == 1
    assert len(read_written(tmp_path / "out")) == 5


def test_other_columns_pass_or_are_dropped(annotate, tmp_path):
    (tmp_path / "in.csv").write_text('id,text,error,ward\n1,rash,none,"=1+1"\n')
    found = annotate(tmp_path / "in.csv", tmp_path / "out.jsonl")
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)
    assert "Expected other names than error for the columns that pass through" in found.stderr
    assert annotate(tmp_path / "in.csv", tmp_path / "out.jsonl", "--drop", "error").exit_code == 0
    (row,) = read(tmp_path / "out.jsonl")
    assert (row["ward"], row["error"]) == ("=1+1", None)


def test_a_log_has_lines_and_a_terminal_is_not_needed(annotate, notes, tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    found = annotate(notes, tmp_path / "out.jsonl", "--batch-size", 1, "--shard-notes", 1)
    lines = found.stderr.splitlines()
    assert lines[0].startswith("1 of 3 inputs, ") and lines[0].endswith(" left")
    assert lines[-3].startswith("3 inputs in ")


def test_the_gpus_that_there_are(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert [verb.choose_gpus(gpus) for gpus in (None, "all", "1", "1,0")] == [None, [0, 1], [1], [1, 0]]


class Fails:
    """Raises what quotes a text, in whatever place it is put."""

    def __call__(self, *args, **options):
        raise KeyError(f"{SECRET} {args} {options}")


@pytest.mark.parametrize("kind", ["notes", "jsonl", "csv", "parquet", "pairs", "spacy"])
@pytest.mark.parametrize("place", [None, "tokenizer", "pipe", "row", "bug"])
def test_no_text_goes_anywhere_and_no_network_is_used(annotate, tmp_path, kind, place, monkeypatch, caplog, capfd):
    def refuse(*args, **options):
        raise AssertionError("the network was used")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    caplog.set_level(logging.DEBUG)
    logging.getLogger("spacy").setLevel(logging.DEBUG)
    texts = [f"{SECRET} has rash", f"{SECRET} \ud800", f'{SECRET}\n"{SECRET}']
    path = tmp_path / f"in.{'jsonl' if kind == 'pairs' else kind}"
    if kind == "notes":
        path.mkdir()
        for number, text in enumerate(texts):
            (path / f"{number}.txt").write_bytes(text.encode("utf8", "surrogatepass"))
    elif kind in ("jsonl", "pairs"):
        rows = [{"text": text, "first": text, "second": SECRET, "o": {SECRET: 1}} for text in texts]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows) + f"{{{SECRET}}}\n[1]\n")
    elif kind == "csv":
        lines = ["text", texts[0], texts[1], f"{SECRET},{SECRET}"]
        path.write_bytes("\n".join(lines).encode("utf8", "surrogatepass"))
    elif kind == "parquet":
        binary = pa.array([text.encode("utf8", "surrogatepass") for text in texts])
        pq.write_table(pa.table({"text": binary.view(pa.string())}), path)
    else:
        DocBin(docs=[spacy.blank("en")(texts[0])]).to_disk(path)
    if place == "tokenizer":
        monkeypatch.setattr("spacy.language.Language.make_doc", Fails())
    elif place == "pipe":
        monkeypatch.setattr("spacy_mtclinical.component.MultitaskClinical.predict", Fails())
    elif place == "row":
        monkeypatch.setattr("spacy_mtclinical.bulk.batches.make_row", Fails())
    elif place == "bug":
        monkeypatch.setattr(answers, "make_doc", Fails())
    options = {
        "pairs": ["--first", "first", "--second", "second", "--drop", "text", "--drop", "o"],
        "jsonl": ["--drop", "first", "--drop", "second", "--drop", "o"],
    }
    found = annotate(path, tmp_path / "out.jsonl", *options.get(kind, []))
    assert found.exit_code == (0 if kind == "spacy" and place is None else 1), found.output
    written = "".join(file.read_text() for file in tmp_path.glob("out.jsonl*") if file.is_file())
    seen = found.output + caplog.text + str(capfd.readouterr()) + written
    assert SECRET not in seen and "the network was used" not in seen
    assert bool(written) == (place not in ("bug", "pipe"))
