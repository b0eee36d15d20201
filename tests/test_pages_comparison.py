"""The page of a comparison: scores, gaps, intervals and costs of every row."""

from spacy_mtclinical.pages.comparison import format_rate, shade, write_comparison

TASKS = [{"name": "drugs", "metric": "f"}, {"name": "alike", "metric": "pearson"}]


def make_row(name, first, second, **more):
    scores = {
        "drugs": {"score": first, "interval": [0.1, 0.9], "seeds": [first - 0.01, first + 0.01]},
        "alike": {"score": second, "interval": None, "seeds": [second]},
    }
    costs = {"parameters": 22_700_000, "seconds": 90.0, "steps": 1234, "rate": 0.0004, "seeds": [0, 1]}
    return {"name": name, "what": f"what <{name}> is", "scores": scores, "mean": (first + second) / 2, **costs, **more}


def make_table():
    gaps = {
        "gaps": {"drugs": -2.5, "alike": 0.3},
        "gap_intervals": {"drugs": [-3.0, -1.0], "alike": None},
        "mean_gap": -1.1,
        "mean_gap_interval": None,
    }
    kind = {"cpu": "a CPU", "cores": 2, "threads": 1, "gpu": None}
    return {
        "tasks": TASKS,
        "rows": [
            make_row("single_task", 0.8, 0.6, rate={"drugs": 0.0002, "alike": 0.0001}),
            make_row("distilled", 0.775, 0.603, **gaps),
        ],
        "best": "distilled",
        **gaps,
        "epochs": 3.0,
        "notes": ["A <note>."],
        "hardware": {**kind, "kinds": [kind, {**kind, "gpu": "a GPU"}]},
        "size": 0.25,
        "dev": 300,
        "command": "python -m spacy mtclinical compare a.cfg",
    }


def write(tmp_path, table):
    write_comparison(table, tmp_path / "page.html")
    return (tmp_path / "page.html").read_text("utf8")


def test_every_figure_is_on_it(tmp_path):
    page = write(tmp_path, make_table())
    for told in (
        "2 tasks, 25 % of the training documents, 3 epochs of round robin, scored on at most 300 dev documents a task.",
        "Run on a CPU, 1 threads; a GPU.",
        "<code>python -m spacy mtclinical compare a.cfg</code>",
        "<dd>\u22122.50 (drugs)</dd>",
        '<td class="down-3" title="seeds: 76.50, 78.50">77.50<small>\u22122.50</small>'
        "<small>\u22123.00 to \u22121.00</small></td>",
        '<td class="up-1">60.30<small>+0.30</small><small></small></td>',
        "what &lt;distilled&gt; is",
        "22.7 M",
        "A &lt;note&gt;.",
        "Gap of distilled to the single-task models",
    ):
        assert told in page, told
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")


def test_a_table_of_which_little_is_finished(tmp_path):
    table = make_table()
    table.update(rows=table["rows"][:1], best=None, gaps={}, gap_intervals={}, mean_gap=None, mean_gap_interval=None)
    table.update(size=1.0, dev=None, hardware={"kinds": []})
    del table["rows"][0]["scores"]["alike"]
    page = write(tmp_path, table)
    assert "all training documents" in page and "whole dev splits" in page
    assert "Gap of" not in page and "<td>\u2013</td>" in page


def test_shades_and_rates():
    assert [shade(gap) for gap in (None, 0.0, 0.1, -0.5, 2.0)] == [None, None, "up-1", "down-2", "up-3"]
    assert format_rate({"a": 2e-4, "b": 1e-4, "c": 2e-4}) == "0.0001, 0.0002"
    assert format_rate(None) == "\u2013"
