"""Outputs: whole or not there, never in the place of the input, and one line a row for every reader."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.outputs import check_output, format_line, make_plain, open_aside, write_json


def test_a_file_gets_its_name_at_the_end(tmp_path):
    path = tmp_path / "new" / "a.jsonl"
    with open_aside(path) as file:
        file.write("é\n")
        assert [entry.name for entry in path.parent.iterdir()] == ["a.jsonl.part"]
    assert [entry.name for entry in path.parent.iterdir()] == ["a.jsonl"]
    assert path.read_bytes() == "é\n".encode()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "a.jsonl"
    path.write_text("before")
    with pytest.raises(error):
        with open_aside(path) as file:
            file.write("half")
            raise error
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("a.jsonl", "before")]


def test_an_output_is_not_written_over_the_input(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.jsonl").write_text("x")
    (tmp_path / "link").symlink_to(source)
    os.link(source / "a.jsonl", tmp_path / "hard.jsonl")
    lies = [
        (source / "out.jsonl", source),
        (source / "sub" / "out.jsonl", source),
        (tmp_path / "link" / "out.jsonl", source),
        (source / ".." / "in" / "out.jsonl", tmp_path / "link"),
        (source, source),
        (source / "a.jsonl", source / "a.jsonl"),
        (tmp_path / "hard.jsonl", source / "a.jsonl"),
    ]
    for output, read in lies:
        for force in (True, False):
            with pytest.raises(ValueError, match="Expected an output outside of the input, got"):
                check_output(output, source=read, force=force)
    check_output(source / "b.jsonl", source=source / "a.jsonl")
    check_output(tmp_path / "in.jsonl", source=source)


def test_an_output_that_is_there_is_kept_unless_forced(tmp_path):
    path = tmp_path / "a.jsonl"
    check_output(path, source=tmp_path / "in")
    path.write_text("x")
    with pytest.raises(ValueError, match="a.jsonl is there already. Name another file, or say --force"):
        check_output(path, source=tmp_path / "in")
    check_output(path, source=tmp_path / "in", force=True)
    with pytest.raises(ValueError, match="Expected the name of a file to write, got the folder"):
        check_output(tmp_path, source=tmp_path / "in", force=True)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_row_is_one_line(text):
    line = format_line({"text": text})
    assert line.splitlines() == [line[:-1]]
    assert json.loads(line) == {"text": text}


def test_numbers_that_are_not_finite_are_none(tmp_path):
    value = {"a": float("nan"), "b": [float("inf"), 1.5, (2, "x")], "c": True, "d": None}
    plain = {"a": None, "b": [None, 1.5, [2, "x"]], "c": True, "d": None}
    assert make_plain(value) == plain
    write_json(tmp_path / "a.json", value)
    assert json.loads((tmp_path / "a.json").read_text()) == plain
