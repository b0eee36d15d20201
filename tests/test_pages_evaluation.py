"""The page of an evaluation: every figure is on it, whatever is missing, and all text is text."""

import re

from spacy_mtclinical.evaluation import evaluate_corpus
from spacy_mtclinical.pages.evaluation import write_evaluation


def make_result():
    types = {
        "Drug": {"p": 0.5, "r": 0.25, "f": 1 / 3, "support": 1200, "predicted": 600, "interval": [0.25, 0.5]},
        "<i>ADE": {"p": None, "r": None, "f": None, "support": 3, "predicted": 0, "interval": None},
    }
    entities = {
        "kind": "entities",
        "has_head": True,
        "documents": 3,
        "gold": 1203,
        "predicted": 600,
        "metric": "f",
        "score": 0.333,
        "scores": {"f": 0.333, "p": 0.5, "r": 0.25},
        "types": types,
        "unknown_labels": {"<i>ADE": 3},
        "not_expressed": {"count": 12, "percent": 1.0},
        "beyond_head": {"nested": True, "overlapping": 34, "overlapping_percent": 2.5, "discontinuous": 0},
        "subsets": {"EMEA": {"documents": 1, "gold": 5, "predicted": 4, "score": 0.4, "interval": None}},
        "interval": None,
        "intervals": {},
        "definitions": {},
        "confusion": None,
        "calibration": None,
    }
    value = {**entities, "kind": "value", "has_head": False, "metric": "pearson", "score": None, "types": {}}
    value.update(scores={"pearson": None}, unknown_labels={}, not_expressed=None, beyond_head=None, subsets={})
    return {
        "model": {"name": "en_<b>", "version": "0.1.0"},
        "corpus": "public",
        "split": "dev",
        "limit": 1000,
        "draws": 0,
        "confidence": None,
        "score": 0.333,
        "words": 10,
        "words_per_second": 1234.5,
        "seconds": {"predicting": 1.0, "total": 2.0},
        "tasks": {"drugs": entities, "alike": value},
    }


def write(tmp_path, result):
    write_evaluation(result, tmp_path / "page.html")
    return (tmp_path / "page.html").read_text("utf8")


def test_every_figure_is_on_it(tmp_path):
    page = write(tmp_path, make_result())
    for told in (
        "<h1>en_&lt;b&gt; 0.1.0 on public</h1>",
        "Split dev, at most 1,000 documents a task.",
        "<dd>1,234</dd>",
        "3 documents, 1,203 gold, 600 predicted. Scored by F1.",
        "1.00 % of gold (12) could not become spans",
        "2.50 % of the gold spans (34) overlap a longer one of their type, beside which the head can give none.",
        "The pipeline does not know these labels, and never gives them: &lt;i&gt;ADE (3).",
        "The pipeline has no head for it",
        "<td>0.333 [0.250, 0.500]</td><td>0.500</td><td>0.250</td><td>1,200</td><td>600</td>",
        "&lt;i&gt;ADE (unknown to the pipeline)",
        "EMEA",
    ):
        assert told in page, told
    assert "<script" not in page and "<i>" not in page and "http" not in page.replace("http-equiv", "")
    assert "Confusion" not in page and "Calibration" not in page
    assert page.index(">Drug<") < page.index(">&lt;i&gt;ADE (unknown")


def test_intervals_confusion_and_calibration_where_they_are_known(tmp_path):
    result = make_result()
    found = result["tasks"]["drugs"]
    result.update(draws=1000, confidence=95.0)
    found["interval"] = [0.3, 0.36]
    found["intervals"] = {"f": [0.3, 0.36], "p": None}
    found["definitions"] = {"f": "the <mean>"}
    found["confusion"] = {
        "labels": ["ADE", "Drug"],
        "matrix": [[5, 1], [0, 2]],
        "missed": {"Drug": 6},
        "spurious": {"ADE": 7},
    }
    bins = [{"low": 0.9, "high": 1.0, "count": 8, "score": 0.95, "accuracy": 0.875}]
    found["calibration"] = {"count": 8, "bins": bins, "error": 0.075, "definition": "10 <bins>"}
    page = write(tmp_path, result)
    for told in (
        "Intervals: 95 % of 1,000 draws of the documents.",
        "0.333 [0.300, 0.360]",
        "<dd>0.333<small>0.300 to 0.360</small></dd>",
        "<b>F1</b>: the &lt;mean&gt;",
        "Confusion of types",
        '<th scope="row">ADE</th><td class="heat-7" title="83.3 %">5</td>',
        "Expected calibration error 0.075, of 8 predictions.",
        "right 0.875",
        "10 &lt;bins&gt;",
    ):
        assert told in page, told
    cells = re.findall(r'<td class="heat-\d"[^>]*>([^<]*)</td>', page)
    assert cells == ["5", "1", "\u00b7", "\u00b7", "2", "6", "7", "\u00b7", "\u00b7"]


def test_gold_that_does_not_say_how_it_was_annotated(tmp_path):
    result = make_result()
    result.update(limit=None, words_per_second=None)
    result["tasks"]["drugs"]["not_expressed"] = {"count": None, "percent": None}
    page = write(tmp_path, result)
    assert "its spans were scored" in page and "Split dev.<" in page


def test_what_evaluate_gives(nlp, corpus, tmp_path):
    page = write(tmp_path, evaluate_corpus(nlp, corpus, draws=0))
    for task in ("drugs", "groups", "implies", "alike"):
        assert f"<h2>{task}</h2>" in page
    assert "Intervals" not in page
