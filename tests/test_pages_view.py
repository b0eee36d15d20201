"""The page of results: what its program is given."""

import json

from spacy_mtclinical.pages.colors import find_colors
from spacy_mtclinical.pages.results import Mention, Result
from spacy_mtclinical.pages.view import collect, format_colors, write_view

NOTE = Result(
    "n1",
    ("pain, rash",),
    {"b": [Mention(6, 10, "X", None), Mention(0, 4, "Y", 0.123456)], "a": [Mention(0, 10, "Y", 1)], "empty": []},
    {},
    "",
)
PAIR = Result("p1", ("pain", "rash"), {}, {"implies": {"no": 0.2, "yes": 0.8}, "alike": 3.3}, "")
FAILED = Result("n2", (), {}, {}, "no")


def test_rows_by_numbers_of_tasks_and_labels():
    data = collect([NOTE, PAIR, FAILED, NOTE._replace(mentions={"b": [Mention(0, 1, "Y", 0.5)]})])
    assert [(task["name"], task["labels"]) for task in data["tasks"]] == [
        ("a", ["Y"]),
        ("b", ["Y", "X"]),
        ("empty", []),
    ]
    assert data["tasks"][0]["colors"] == find_colors("a")
    assert data["answers"] == [{"name": "alike", "scale": [0.0, 4]}, {"name": "implies", "scale": [0.0, 1.0]}]
    first, second, third, _ = data["rows"]
    longest_first = [(0, 0, 0, 10, 1), (1, 0, 0, 4, 0.1235), (1, 1, 6, 10, None)]
    assert first == {"id": "n1", "text": "pain, rash", "mentions": longest_first}
    assert second == {
        "id": "p1",
        "texts": ("pain", "rash"),
        "answers": [(0, 3.3), (1, [("yes", 0.8), ("no", 0.2)])],
    }
    assert third == {"id": "n2", "error": "no"}


def test_colors_are_named_by_number_for_both_grounds():
    style = format_colors([{"colors": ("#111111", "#eeeeee")}, {"colors": ("#222222", "#dddddd")}])
    assert style == (
        ":root{--task-0:#111111;--task-1:#222222;}"
        "@media(prefers-color-scheme:dark){:root{--task-0:#eeeeee;--task-1:#dddddd;}}"
    )


def test_a_page_says_that_there_are_more_and_reads_no_further(tmp_path):
    def stream():
        yield from (NOTE, FAILED, NOTE)
        raise RuntimeError("read too far")

    assert write_view(stream(), tmp_path / "a.html", name="<x>", limit=2) == (2, 1, True)
    page = (tmp_path / "a.html").read_text("utf8")
    assert "<h1>&lt;x&gt;</h1><p>The first 2 of more rows.</p>" in page
    assert write_view([NOTE], tmp_path / "a.html", name="x", limit=1) == (1, 0, False)
    assert "of more rows" not in (tmp_path / "a.html").read_text("utf8")


def test_a_page_without_rows(tmp_path):
    assert write_view([], tmp_path / "a.html", name="x", limit=1) == (0, 0, False)
    assert (
        json.dumps({"tasks": [], "answers": [], "rows": []}, separators=(",", ":")) in (tmp_path / "a.html").read_text()
    )
