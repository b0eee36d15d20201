"""The benchmark of speed and memory: its arithmetic, its report, and a quick run on a tiny random encoder."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy
import pytest
import srsly
from conftest import ROOT

sys.path.append(str(ROOT))  # the benchmarks are no part of what is installed

from benchmarks.speed import __main__ as speed  # noqa: E402
from benchmarks.speed import checkpoints, memory, report, texts, timing  # noqa: E402
from benchmarks.speed.plots import draw_chart  # noqa: E402

NOTE = "The patient has pain and a rash, no fever. Aspirin 5 mg daily was given. The rash is gone. "


@pytest.fixture(scope="module")
def notes(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    for index in range(12):
        (folder / f"{index}.txt").write_text(f"Note {index}. {NOTE * (1 + index % 3)}", "utf8")
    return folder


@pytest.fixture(scope="module")
def results(tiny_bert, notes, tmp_path_factory):
    output = tmp_path_factory.mktemp("metrics") / "benchmark.json"
    keys = ["encoder", "forty_heads_vs_one", "vs_five_stock", "pairs_vs_three", "int8", "overhead_ms", "train_step"]
    speed.main([str(output), "--encoder", str(tiny_bert), "--notes", str(notes), "--quick", "--only", *keys])
    return srsly.read_json(output)


def test_the_keys_are_those_of_the_goals(results):
    wanted = "encoder five_heads_vs_one forty_heads_vs_one vs_stock_spacy vs_five_stock pairs_vs_three int8 load"
    wanted += " memory_growth million_note_mb train_step overhead_ms"
    assert list(results["ratios"]) == wanted.split() == list(results["goals"])
    assert set(report.GOALS) | set(report.EXTRAS) == set(speed.KEYS) - {"curves"}


@pytest.mark.parametrize("key", ["encoder", "forty_heads_vs_one", "vs_stock_spacy", "vs_five_stock", "pairs_vs_three"])
def test_a_comparison_states_how_it_was_made(results, key):
    row = results["rows"][key]
    assert row["ratio"] == results["ratios"][key] > 0
    assert row["spread"][0] <= row["spread"][1]
    assert row["repeats"] == 3 and row["warm_up"] and row["quick"] is True
    assert all(found["min"] <= found["median"] <= found["max"] for found in row["seconds"].values())


def test_what_was_not_measured_is_null(results):
    assert results["ratios"]["load"] is None
    assert results["goals"]["load"]["reached"] is None


def test_int8_says_why_it_was_not_measured(results):
    row = results["rows"]["int8"]
    assert row["ratio"] or row["reason"]


def test_stages_add_up_to_the_time_outside_the_encoder(results):
    stages = dict(results["rows"]["overhead_ms"]["milliseconds"])
    assert stages.pop("english_tokenizer") > 0
    assert min(value for name, value in stages.items() if name != "rest") > 0


def test_drawn_heads_find_as_much_as_trained_ones(results):
    density = results["rows"]["encoder"]["density"]
    assert len(density) == 5
    assert all(share < 0.5 for share in density.values())


def test_the_training_batches_are_the_same(results):
    row = results["rows"]["train_step"]
    assert row["calls_of_the_encoder"] and 0 <= row["padding"] < 1
    assert row["windows"] <= 25


def test_the_table_names_every_ratio(results):
    table = report.write_table(results["rows"])
    assert all(key in table for key in ("encoder", "vs_token_classification", "both tokenizers"))


def test_runs_are_interleaved():
    seen = []
    runs = {name: lambda items, name=name: seen.append((name, *items)) for name in "AB"}
    times = timing.interleave(runs, ["note"], repeats=2, warm=[])
    assert seen == [("A",), ("B",), *[("A", "note"), ("B", "note")] * 2]
    assert [len(found) for found in times.values()] == [2, 2]


def test_a_ratio_is_that_of_medians():
    assert timing.compare([2.0, 4.0, 9.0], [1.0, 2.0, 1.0], factor=0.5) == {
        "ratio": 2.0,
        "spread": [1.0, 4.5],
        "repeats": 3,
    }
    assert timing.add_up({"a": [1.0, 2.0], "b": [10.0, 20.0], "c": [5.0, 5.0]}, ["a", "b"]) == [11.0, 22.0]


def test_memory_is_read_from_the_kernel():
    before = timing.read_memory("VmRSS")
    held = numpy.ones(8 * 2**20)
    assert timing.read_memory("VmHWM") > before + 50 and held.any()
    with pytest.raises(ValueError, match="Expected VmNone in /proc/self/status, found none"):
        timing.read_memory("VmNone")


def test_memory_of_a_long_note_is_above_that_of_the_pipeline(nlp):
    row = memory.watch_long(nlp, [NOTE, NOTE * 4000])
    assert row["ratio"] > 2 and row["doc_mb"] > 2  # MB: 92,000 tokens of 56 bytes and more
    assert row["tokens"] == len(nlp.make_doc(NOTE * 4000))


@pytest.mark.parametrize("ratio,reached", [(0.95, True), (0.92, True), (0.5, False), (None, None)])
def test_goals_of_at_least(ratio, reached):
    assert report.is_reached("encoder", {"ratio": ratio}) is reached


def test_goals_of_at_most():
    assert report.is_reached("load", {"ratio": 1.0}) is True
    assert report.is_reached("overhead_ms", {"ratio": 1.0, "reached": False}) is False


def test_heads_are_copied_under_other_names():
    entities, pairs = checkpoints.draw_heads(numpy.random.default_rng(0).normal(size=(50, 8)).astype("f"))
    heads = checkpoints.multiply(entities, 12)
    assert len({head.task for head in heads}) == 12 and heads[0].labels == heads[5].labels
    assert [len(head.labels) for head in pairs] == [2, 2, 0]


def test_notes_are_named_or_refused(notes, tmp_path):
    source, found = texts.find_notes(str(notes))
    assert source == notes.name and len(found) == 12
    (tmp_path / "empty.txt").write_text(" ", "utf8")
    with pytest.raises(ValueError, match=r"Expected .txt files in .*, found none with text"):
        texts.find_notes(str(tmp_path))


def test_notes_are_repeated_with_other_beginnings():
    assert list(texts.repeat_notes(["0123456789"], 3)) == ["0123456789", "789", "0123456789"]


def test_a_chart_is_svg():
    svg = ElementTree.fromstring(draw_chart("T", {"<ours>": [(1, 2), (100, 0.5)]}, x="notes", y="s"))
    assert svg.tag.endswith("svg")
    assert "<ours>" in [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
