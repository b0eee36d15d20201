"""The verb `view`: a page of results, and what it refuses."""

import json

import pytest
from typer.testing import CliRunner

from spacy_mtclinical.bulk.manifests import Manifest, make_facts, write_manifest
from spacy_mtclinical.cli import mtclinical

SECRET = "zzsecret"
NOTE = {"id": "n1", "text": f"pain {SECRET}", "entities": {"drugs": [{"start": 0, "end": 4, "label": "A", "score": 1}]}}


@pytest.fixture
def view(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [NOTE, {"id": "n2", "error": "Expected UTF-8."}, NOTE]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return lambda *arguments: CliRunner().invoke(mtclinical, ["view", *map(str, arguments)])


def test_writes_a_page_and_says_what_is_in_it(view, tmp_path):
    found = view("in.jsonl", "--out", "new/page.html")
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr == "3 rows, 1 of them not annotated, written to new/page.html\n"
    page = (tmp_path / "new" / "page.html").read_text("utf8")
    assert "<title>in.jsonl: annotated</title>" in page and SECRET in page
    assert str(tmp_path) not in page


def test_says_that_annotation_is_not_finished(view, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "in.jsonl").rename(tmp_path / "run" / "part-00000.jsonl")
    facts = make_facts(model={}, input={}, options={})
    write_manifest(tmp_path / "run", Manifest(facts, 7, 3, {"part-00000.jsonl": {"bytes": 1}}))
    found = view("run", "--out", "page.html")
    assert found.exit_code == 0
    assert found.stderr.startswith("note: annotation is not finished: 1 of 3 shards are there\n3 rows")
    assert "Beware: annotation is not finished" in (tmp_path / "page.html").read_text("utf8")


def test_takes_the_first_rows_only(view, tmp_path):
    found = view("in.jsonl", "--out", "page.html", "--limit", 1)
    assert found.stderr == "1 row, the first of more (--limit 1), written to page.html\n"


def test_replaces_a_page_only_if_forced(view, tmp_path):
    (tmp_path / "page.html").write_text("before")
    found = view("in.jsonl", "--out", "page.html")
    assert (found.exit_code, "page.html is there already" in " ".join(found.stderr.split())) == (2, True)
    assert (tmp_path / "page.html").read_text() == "before"
    assert view("in.jsonl", "--out", "page.html", "--force").exit_code == 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["in.jsonl"], "Missing option '--out'"),
        (["in.jsonl", "--out", "page.txt"], "Expected a name that ends in .html, got page.txt"),
        (["in.jsonl", "--out", "page.html", "--limit", "0"], "Invalid value for '--limit'"),
        (["folder", "--out", "folder/page.html"], "Expected an output outside of the input"),
    ],
)
def test_wrong_use_is_status_2(view, tmp_path, arguments, message):
    (tmp_path / "folder").mkdir()
    found = view(*arguments)
    assert found.exit_code == 2
    assert message in " ".join(found.stderr.split())


def test_rows_without_text_are_one_line_and_leave_nothing(view, tmp_path):
    (tmp_path / "in.jsonl").write_text(json.dumps({**NOTE, "text": None, "note": SECRET}) + "\n")
    found = view("in.jsonl", "--out", "new/page.html")
    assert (found.exit_code, found.stdout, found.stderr.count("\n")) == (1, "", 1)
    assert "in.jsonl, row 1: expected the text of a note" in found.stderr and "--with-text" in found.stderr
    assert SECRET not in found.stderr
    assert not (tmp_path / "new").exists()


def test_results_that_are_not_there_are_one_line(view):
    found = view("gone.parquet", "--out", "page.html")
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)
    assert "gone.parquet, found nothing there" in found.stderr
