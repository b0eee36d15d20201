"""The verb evaluate: tables on stdout, notes on stderr, figures in a file, no text anywhere."""

import json
import logging

import pytest
import spacy
import srsly
from spacy.cli._util import app
from spacy.tokens import DocBin
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical.cli.evaluate import format_result
from spacy_mtclinical.documents import DOC_ID, SOURCE, SUBSET

SECRET = "zzsecret"


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    nlp = make_trained(tiny_bert)
    nlp.meta.update({"name": "tiny", "version": "1.2.3"})
    folder = tmp_path_factory.mktemp("model")
    nlp.to_disk(folder)
    return folder


def evaluate(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "evaluate", *map(str, arguments)])


def test_tables_figures_and_notes(model, corpus, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "mine"
    (path / "new").mkdir(parents=True)
    for task in ("drugs", "groups", "implies", "alike"):
        (path / task).symlink_to(corpus / task)
    doc = spacy.blank("en")(f"rash {SECRET}")
    doc.spans["new"] = []
    doc.spans["new"].attrs[SOURCE] = [{"id": "1", "label": "X", "fragments": [[0, 4]], "attributes": {}}]
    doc.user_data.update({DOC_ID: "n1", SUBSET: "PART"})
    DocBin(docs=[doc], store_user_data=True).to_disk(path / "new" / "dev.spacy")
    found = evaluate(
        model, path, "--output", tmp_path / "out" / "metrics.json", "--page", tmp_path / "out" / "page.html"
    )
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert lines[0] == "en_tiny 1.2.3 on mine, split dev"
    assert [line.split(":")[0] for line in lines if ": " in line and not line.startswith(" ")] == [
        "alike",
        "drugs",
        "groups",
        "implies",
        "new",
        "mean of 5 tasks",
    ]
    start = lines.index("new: f 0.0000 (1 documents, 1 gold, 0 predicted)")
    assert [" ".join(line.split()) for line in lines[start + 1 : start + 10]] == [
        "f: label and offsets equal (from the first fragment to the last), each annotation matched at most once, "
        "micro-averaged",
        "the pipeline has no head for it",
        "100.00 % of gold (1) could not become spans",
        "PART: f 0.0000 (1 documents, 1 gold, 0 predicted)",
        "figure score p r",
        "f 0.0000 0.0000 0.0000",
        "overlap_f 0.0000 0.0000 0.0000",
        "token_f 0.0000 0.0000 0.0000",
        "type f p r support predicted",
    ]
    assert "  figure      score     95 % interval       p       r" in lines
    assert found.stderr.splitlines() == [
        "note: new: the pipeline has no head for it, so all of its gold counts as missed",
        f"written to {tmp_path / 'out' / 'metrics.json'}",
        f"written to {tmp_path / 'out' / 'page.html'}",
    ]
    page = (tmp_path / "out" / "page.html").read_text("utf8")
    assert "en_tiny 1.2.3 on mine" in page and SECRET not in page
    result = srsly.read_json(tmp_path / "out" / "metrics.json")
    assert result["model"] == {"name": "en_tiny", "version": "1.2.3"}
    assert (result["corpus"], result["split"], result["limit"]) == ("mine", "dev", None)
    assert sorted(result["tasks"]) == ["alike", "drugs", "groups", "implies", "new"]
    assert result["tasks"]["drugs"]["types"]["Drug"]["support"] == 2
    assert result["words_per_second"] > 0
    assert str(tmp_path) not in json.dumps(result)
    assert SECRET not in found.output + caplog.text + json.dumps(result)


def test_one_task_of_a_split_with_a_limit(model, corpus):
    found = evaluate(model, corpus, "--split", "train", "--task", "drugs", "--limit", 1)
    assert found.exit_code == 0
    assert "split train, at most 1 documents a task" in found.stdout
    assert "(1 documents, " in found.stdout
    assert "mean of 1 task: " in found.stdout


def test_unknown_labels_and_missing_figures_are_marked():
    part = {"documents": 1, "gold": 1, "predicted": 0, "metric": "f", "score": None, "interval": None}
    figures = {"p": None, "r": 0.5, "f": None, "support": 1234, "predicted": 0, "interval": None}
    task = {
        "has_head": True,
        "not_expressed": {"count": None, "percent": None},
        "beyond_head": {"nested": False, "overlapping": 1234, "overlapping_percent": 5.5, "discontinuous": None},
        "subsets": {"PART": {**part, "score": 0.25, "interval": [0.2, 0.3]}},
        "definitions": {"f": "what it is"},
        "scores": {
            "f": None,
            "p": None,
            "r": None,
            "strict_f": 0.5,
            "strict_p": 0.25,
            "strict_r": 1.0,
            "type_acc": 0.125,
            "of_a_user": {"X": {"f": 1.0}},
        },
        "intervals": {"f": None, "strict_f": [0.4, 0.6], "type_acc": [0.1, 0.2]},
        **part,
    }
    result = {
        "model": {"name": "m", "version": "1"},
        "corpus": "c",
        "split": "dev",
        "limit": None,
        "score": None,
        "words_per_second": None,
        "seconds": {"total": 1.0, "predicting": 0.5},
        "tasks": {"t": {**task, "types": {"X": figures, "": figures}, "unknown_labels": {"X": 1}}},
    }
    assert format_result(result) == [
        "m 1 on c, split dev",
        "",
        "t: f - (1 documents, 1 gold, 0 predicted)",
        "  f: what it is",
        "  the gold does not say how it was annotated: its spans were scored",
        "  5.50 % of the gold spans (1,234) overlap a longer one, beside which the head can give none",
        "  PART: f 0.2500 [0.2000, 0.3000] (1 documents, 1 gold, 0 predicted)",
        "  figure     score     95 % interval       p       r",
        "  f              -                         -       -",
        "  strict_f  0.5000  [0.4000, 0.6000]  0.2500  1.0000",
        "  type_acc  0.1250  [0.1000, 0.2000]",
        "  type                         f  p       r  support  predicted",
        "  X (unknown to the pipeline)  -  -  0.5000    1,234          0",
        "  (none)                       -  -  0.5000    1,234          0",
        "",
        "mean of 0 tasks: -",
        "1.0 s, of these 0.5 s predicting",
    ]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["gone"], "Expected dev.spacy for at least one task in a folder a task under gone, found none"),
        (["--split", "gone"], "Expected gone.spacy for at least one task"),
        (["--task", "gone"], "Expected dev.spacy for gone in a folder a task"),
    ],
)
def test_a_corpus_that_is_not_there_is_one_line(corpus, arguments, message):
    where = [] if arguments == ["gone"] else [corpus]
    found = evaluate("no_such_pipeline", *where, *arguments)
    assert (found.exit_code, found.stdout) == (1, "")
    assert message in found.stderr and found.stderr.count("\n") == 1


def test_duplicates_are_an_error_and_write_nothing(model, tmp_path):
    (tmp_path / "c" / "drugs").mkdir(parents=True)
    docs = []
    for text in (SECRET, SECRET):
        doc = spacy.blank("en")(text)
        doc.spans["drugs"] = []
        doc.user_data[DOC_ID] = "n1"
        docs.append(doc)
    DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "c" / "drugs" / "dev.spacy")
    found = evaluate(model, tmp_path / "c", "--output", tmp_path / "metrics.json")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "c/drugs/dev.spacy has 1 document ids more than once: n1." in found.stderr
    assert SECRET not in found.output
    assert not (tmp_path / "metrics.json").exists()


def test_a_pipeline_that_is_not_there_is_one_line(corpus, tmp_path):
    found = evaluate(tmp_path / "gone", corpus)
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("arguments", [["--limit", "0"], ["--draws", "-1"], ["--nope"]])
def test_wrong_use_is_status_2(corpus, arguments):
    assert evaluate("model", corpus, *arguments).exit_code == 2
