"""The verb estimate: its arithmetic, what it measures and what it assumes."""

import cluster
import pytest
import torch
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_mtclinical.cli.estimate import choose_ranges, count_hours


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    return cluster.make_model(tiny_bert, tmp_path_factory.mktemp("model"))


@pytest.fixture
def estimate(monkeypatch):
    monkeypatch.setenv("RAYON_NUM_THREADS", "1")
    threads = torch.get_num_threads()
    yield lambda *arguments: CliRunner().invoke(app, ["mtclinical", "estimate", *map(str, arguments)])
    torch.set_num_threads(threads)


def test_a_rate_that_is_known_becomes_hours_and_money(estimate):
    found = estimate("--rate", 10, "--workers", 1, "--workers", 20, "--kept", 0.5, "--price", 0.1)
    assert found.exit_code == 0
    first, _, *table = found.stdout.splitlines()
    assert first == "A worker annotates 10.00 a second (as given)."
    assert [row.split() for row in table[:5]] == [
        ["workers", "1,000,000", "100,000,000", "1,000,000,000"],
        ["1", "27.8", "h", "2,777.8", "h", "27,777.8", "h"],
        ["2.78", "277.78", "2,777.78"],
        ["20", "2.8", "h", "277.8", "h", "2,777.8", "h"],
        ["5.56", "555.56", "5,555.56"],
    ]
    assert "keeps 0.5 of its rate among others" in found.stdout and "each worker costs 0.1 an hour" in found.stdout


def test_a_worker_is_measured_on_notes(estimate, model, tmp_path):
    for number in range(20):
        (tmp_path / f"{number:02}.txt").write_text(f"patient {number} has {cluster.SECRET} pain", "utf8")
    found = estimate(model, tmp_path, "--sample", 10, "--notes", 1000)
    assert found.exit_code == 0, found.output
    assert f" a second (1 thread, 10 of 20 in {tmp_path}, 2" in found.stdout and " characters each)." in found.stdout
    assert [len(row.split()) for row in found.stdout.splitlines()[2:7]] == [2, 3, 3, 3, 3]
    assert cluster.SECRET not in found.output


def test_a_sample_is_taken_from_several_places():
    assert choose_ranges(5, 10) == [range(5)]
    ranges = choose_ranges(1000, 20)
    assert sum(map(len, ranges)) == 20 and len(ranges) == 8
    assert (ranges[0].start, ranges[4].start) == (0, 500) and ranges[-1].stop <= 1000
    assert sum(map(len, choose_ranges(11, 10))) == 10
    places = [place for found in choose_ranges(11, 10) for place in found]
    assert sorted(set(places)) == places and places[-1] < 11


def test_one_worker_alone_keeps_its_rate():
    assert count_hours(7200, rate=1, workers=1, kept=0.5) == 2
    assert count_hours(7200, rate=1, workers=4, kept=0.5) == 1


@pytest.mark.parametrize("arguments", [[], ["model"], ["model", "notes", "--rate", "1"], ["--rate", "0"]])
def test_wrong_use_is_status_2(estimate, arguments):
    assert estimate(*arguments).exit_code == 2


def test_notes_that_all_fail_are_told(estimate, model, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff")
    found = estimate(model, tmp_path)
    assert found.exit_code == 1
    assert "Expected notes that can be annotated in" in found.stderr and "got none among 1." in found.stderr


def test_notes_that_fail_are_not_counted(estimate, model, tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text("patient has pain", "utf8")
        (tmp_path / f"bad-{number}.txt").write_bytes(b"\xff")
    found = estimate(model, tmp_path)
    assert found.exit_code == 0, found.output
    wanted = f"4 of 8 in {tmp_path}, 16 characters each, 4 more that cannot be annotated left out"
    assert wanted in found.stdout


@pytest.mark.parametrize("name, text", [("notes.jsonl", ""), ("notes.csv", "id,text\n")])
def test_an_input_without_notes_is_told(estimate, model, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    found = estimate(model, tmp_path / name)
    assert found.exit_code == 1 and f"Expected notes to measure in {tmp_path / name}, found none." in found.stderr
