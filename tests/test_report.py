import json

import pytest

from spacy_mtclinical.report import OUTCOMES, SHOWN, Report


def make_report():
    report = Report(dataset="brat", task="drugs", split="dev", labels=("ADE", "Drug"))
    report.count("documents", 2)
    report.count("annotated", 3, label="Drug")
    report.count("spans", 2, label="Drug")
    report.count("not_alignable", label="Drug")
    report.count("annotated", label="")
    report.count("untyped", label="")
    report.filtered["Dose"] += 4
    report.shifts = {"n2": 1, "n1": -1, "n3": -1}
    report.say("the schema was taken from these files")
    report.say("the schema was taken from these files")
    return report


def test_json_holds_every_count_and_percentages_of_all_annotations():
    report = make_report().to_json()
    assert json.loads(json.dumps(report)) == report
    assert report["counts"] == {"documents": 2}
    assert report["types"]["Drug"]["annotated"] == 3
    assert report["types"]["(none)"]["untyped"] == 1
    assert report["total"]["annotated"] == 4
    assert report["percent"]["not_alignable"] == 25.0
    assert set(report["percent"]) == set(OUTCOMES)
    assert report["labels"] == ["ADE", "Drug"]
    assert report["shifts"] == {"n1": -1, "n2": 1, "n3": -1}
    assert report["notices"] == ["the schema was taken from these files"]


def test_the_table_lists_the_whole_schema_and_leaves_out_what_never_happened():
    lines = make_report().to_table().split("\n")
    assert lines[0] == "brat to task drugs, split dev (entities)"
    cells = {line.split()[0]: line.split()[1:] for line in lines if line.split()}
    assert cells["ADE"] == ["0", "0", "0", "0"]
    assert cells["Drug"] == ["3", "2", "0", "1"]
    assert cells["all"] == ["4", "2", "1", "1"]
    assert cells["%"] == ["50.00", "25.00", "25.00"]
    assert "  left out by the label filter: Dose 4" in lines
    assert "  documents whose offsets were shifted as a whole: -1 in 2, +1 in 1" in lines
    assert lines[-1] == "note: the schema was taken from these files"
    assert "discontinuous" not in "\n".join(lines)
    assert all(line == line.rstrip() for line in lines)


def test_of_many_files_the_first_are_named():
    report = Report(dataset="brat", task="drugs", split="dev")
    report.files = [f"{number}.ann" for number in range(100)]
    assert report.to_json()["files"] == {"count": 100, "first": report.files[:SHOWN]}


@pytest.mark.parametrize("kind", ["classes", "value"])
def test_pairs_have_answers_and_no_types(kind):
    report = Report(dataset="pairs", task="t", split="train", kind=kind)
    report.count("pairs", 1200)
    report.answers.update({"no": 700, "yes": 500})
    table = report.to_table()
    assert "1,200" in table
    assert "answers: no 700, yes 500" in table
    assert "annotated" not in table
    assert report.percent("spans") == 0.0


def test_counts_of_types_and_of_the_corpus_are_apart():
    report = make_report()
    report.count("spans")
    assert (report.total("spans"), report.counts["spans"]) == (2, 1)
