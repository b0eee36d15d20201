"""Learning curves of a task held back: what is planned, what the table says, and the plots."""

from functools import partial
from xml.etree import ElementTree

import pytest
import srsly
from conftest import HEADS, LABELS, ROOT
from growing import call
from hypothesis import given
from hypothesis import strategies as st
from spacy import util
from spacy.training.initialize import init_nlp
from test_experiments import Starter
from thinc.api import Config
from trained import make_trained

from spacy_mtclinical.cli import few_shot as verb
from spacy_mtclinical.experiments.curves import draw_curves
from spacy_mtclinical.experiments.few_shot import (
    GROWN,
    PLAIN,
    Study,
    describe,
    format_curves,
    list_curves,
    study_tasks,
    tabulate,
)
from spacy_mtclinical.experiments.running import run_trials


def score(name, task):
    """The multitask encoder is ahead where there is little."""
    return (0.4 if name.startswith(GROWN) else 0.3) + 0.01 * int(name[-1]) if "seed" in name else 0.5


@pytest.fixture
def config(tiny_bert, tmp_path):
    config = Config().from_disk(ROOT / "configs" / "public.cfg", interpolate=False)
    component = config["components"]["mtclinical"]
    component["ents_from"], component["scorer"]["metrics"] = ["drugs"], {}
    component["model"]["heads"] = HEADS
    component["model"]["encoder"].update(mixed_precision=False, context=8)
    config["vars"]["window"] = 64
    config["paths"]["encoder"] = str(tiny_bert)
    config["nlp"]["tokenizer"] = {"@tokenizers": "spacy.Tokenizer.v1"}
    config["corpora"]["train"]["batch_sizes"] = {"drugs": 2}
    config.to_disk(tmp_path / "config.cfg", interpolate=False)
    return config


@pytest.fixture
def study(config, corpus, tmp_path):
    return Study(
        config, corpus, tmp_path / "out", ["drugs", "implies"], [0.5, 1.0], 2, size=1.0, dev=None, epochs=1.0, steps=7
    )


def run_with(starter):
    return lambda trials: run_trials(trials, start=starter)


def test_each_share_is_drawn_and_trained_from_both_starts(study):
    starter = Starter(scores=score)
    points = study_tasks(study, run=run_with(starter))
    assert len(points) == 2 * 2 * 2 * 2 and len(starter.started) == 2 + len(points)
    for point in points:
        config = point.trial.config
        assert config["corpora"]["train"]["tasks"] == [point.task]
        assert list(config["components"]["mtclinical"]["model"]["heads"]) == [point.task]
        assert config["training"]["max_steps"] >= 7
        assert config["training"]["seed"] == point.draw
        init_from = config.interpolate()["components"]["mtclinical"]["model"].get("init_from")
        if point.start == PLAIN:
            assert init_from is None
        else:
            assert init_from == str(study.out / point.task / "others" / "runs" / "others" / "seed-0" / "model")
    others = util.load_config(study.out / "drugs" / "others" / "runs" / "others" / "seed-0" / "config.cfg")
    assert others["corpora"]["train"]["tasks"] == ["alike", "groups", "implies"]
    assert study_tasks(study, run=run_with(starter)) and len(starter.started) == 2 + len(points)


def test_a_run_that_starts_from_the_others_can_begin(study, tiny_bert):
    points = study_tasks(study._replace(tasks=["drugs"], shares=[1.0], draws=1), run=run_with(Starter(scores=score)))
    (grown,) = [point for point in points if point.start == GROWN]
    folder = study.out / "drugs" / "others" / "runs" / "others" / "seed-0" / "model"
    make_trained(tiny_bert).to_disk(folder)
    component = init_nlp(util.load_config(grown.trial.folder / "config.cfg")).get_pipe("mtclinical")
    assert component.label_data == {"drugs": LABELS["drugs"]}


def test_without_the_others_there_is_the_plain_curve_alone(study):
    starter = Starter(scores=score, fail=["others/seed-0"])
    points = study_tasks(study._replace(tasks=["drugs"]), run=run_with(starter))
    assert {point.start for point in points} == {PLAIN}
    found = tabulate(points)["drugs"]["rows"][0]
    assert found[GROWN]["mean"] is found["gain"]["mean"] is None
    assert any(line.rstrip().endswith("-") for line in format_curves(tabulate(points)))


def test_a_draw_whose_gold_allows_no_figure_is_left_out(study):
    points = study_tasks(study._replace(tasks=["drugs"], shares=[1.0]), run=run_with(Starter(scores=score)))
    first = next(point for point in points if (point.start, point.draw) == (GROWN, 0))
    result = first.trial.result
    result["scores"]["drugs"]["score"] = None
    srsly.write_json(first.trial.folder / "result.json", result)
    (row,) = tabulate(points)["drugs"]["rows"]
    assert row[PLAIN]["values"] == pytest.approx([0.3, 0.31]) and row[GROWN]["values"] == pytest.approx([0.41])
    assert row["gain"]["values"] == pytest.approx([0.1])


def test_the_table_and_what_it_says(study):
    points = study_tasks(study, run=run_with(Starter(scores=score)))
    table = tabulate(points)
    assert set(table) == {"drugs", "implies"}
    (half, _) = table["drugs"]["rows"]
    assert half["share"] == 0.5 and half[PLAIN]["values"] == pytest.approx([0.3, 0.31])
    assert half["gain"]["mean"] == pytest.approx(0.1) and half["gain"]["interval"] == pytest.approx([0.1, 0.1])
    lines = format_curves(table)
    assert "the multitask encoder is ahead at: 50%, 100%" in lines
    assert any("+10.0 [10.0, 10.0]" in line for line in lines)
    behind = tabulate([point._replace(start=PLAIN if point.start == GROWN else GROWN) for point in points])
    assert "the multitask encoder is ahead at: no share" in format_curves(behind)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_intervals_hold_the_mean(values):
    found = describe(values)
    assert found["interval"][0] - 1e-9 <= found["mean"] <= found["interval"][1] + 1e-9


def test_interval_of_a_known_case():
    assert describe([0.0, 1.0])["interval"] == pytest.approx([0.5 - 12.706 / 2, 0.5 + 12.706 / 2])
    assert describe([0.5])["interval"] is None and describe([])["mean"] is None


def test_plots_are_svg_with_a_point_a_share(study):
    table = tabulate(study_tasks(study, run=run_with(Starter(scores=score))))
    tree = ElementTree.fromstring(draw_curves("drugs", list_curves(table["drugs"])))
    circles = [node for node in tree if node.tag.endswith("circle")]
    assert len(circles) == 4
    assert all(0 < float(node.attrib[key]) < 640 for node in circles for key in ("cx", "cy"))


def test_the_verb_writes_table_and_plots(config, corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(verb, "run_trials", partial(run_trials, start=Starter(scores=score)))
    arguments = ["--task", "drugs,implies", "--share", 0.5, "--draws", 1, "--output", tmp_path / "found.json"]
    found = call("mtclinical", "few_shot", tmp_path / "config.cfg", corpus, tmp_path / "out", *arguments)
    assert found.exit_code == 0, found.output
    assert "ahead at: 50%" in found.output
    assert set(srsly.read_json(tmp_path / "found.json")["tasks"]) == {"drugs", "implies"}
    assert (tmp_path / "found-drugs.svg").exists() and (tmp_path / "found-implies.svg").exists()


def test_unknown_tasks_and_too_many_draws_are_refused(study):
    with pytest.raises(ValueError, match=r"Expected a task of the configuration \(alike, .*\), got 'nope'"):
        study_tasks(study._replace(tasks=["nope"]), run=print)
    with pytest.raises(ValueError, match="--draws expected 1 to 10, got 11"):
        study_tasks(study._replace(draws=11), run=print)
    with pytest.raises(ValueError, match="--share expected a share above 0 and at most 1, got 25"):
        study_tasks(study._replace(shares=[0.5, 25.0]), run=print)
    study.config["components"]["mtclinical"]["model"]["heads"] = {"drugs": HEADS["drugs"]}
    with pytest.raises(ValueError, match="other tasks beside 'drugs' to learn from, got none"):
        study_tasks(study._replace(tasks=["drugs"]), run=print)
