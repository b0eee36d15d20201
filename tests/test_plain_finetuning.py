"""The plain loop that the single-task models are measured against: it runs, learns and scores every kind of task."""

import importlib.util
import json

import pytest
import spacy
from conftest import ROOT

SPEC = importlib.util.spec_from_file_location("plain_finetuning", ROOT / "benchmarks" / "plain_finetuning.py")
plain = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(plain)


def test_is_short_and_learns_every_kind_of_task(tiny_bert, corpus, tmp_path, capsys):
    assert len((ROOT / "benchmarks" / "plain_finetuning.py").read_text("utf8").splitlines()) < 150
    options = f"--epochs 30 --rate 0.02 --batch 2 --window 16 --output {tmp_path}/plain.json".split()
    plain.main([str(tiny_bert), str(corpus), *options])
    found = json.loads((tmp_path / "plain.json").read_text("utf8"))["tasks"]
    assert {task: about["metric"] for task, about in found.items()} == {
        **{"alike": "pearson", "drugs": "f", "groups": "f", "implies": "acc"}
    }
    assert "drugs: f " in capsys.readouterr().out
    assert found["drugs"]["score"] > 0.5 and found["implies"]["score"] > 0.5


@pytest.mark.parametrize(
    "tags,expected",
    [
        (["O", "O", "O"], []),
        (["B-a", "I-a", "O"], [(0, 2, "a")]),
        (["B-a", "B-a", "I-b"], [(0, 1, "a"), (1, 2, "a"), (2, 3, "b")]),
        (["O", "I-a", "I-a"], [(1, 3, "a")]),
    ],
)
def test_tags_are_read_as_spans(tags, expected):
    doc = spacy.blank("xx")("one two three")
    assert [(span.start, span.end, span.label_) for span in plain.spans_of(doc, tags)] == expected
