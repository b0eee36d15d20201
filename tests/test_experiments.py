"""Trials: planned alike, run once, gone on with where killed, never mixed; and the table that they make."""

import json
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy
import pytest
import spacy
import srsly
import torch
from conftest import HEADS
from scipy.stats import bootstrap
from spacy.cli._util import app
from spacy.tokens import DocBin
from stand_in import ROOT
from thinc.api import Config
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical.checkpoints import write_checkpoint
from spacy_mtclinical.cli.compare import TABLE
from spacy_mtclinical.experiments import trial as experiments_trial
from spacy_mtclinical.experiments.drawing import Size, draw_suite
from spacy_mtclinical.experiments.intervals import (
    average,
    average_tasks,
    read_resampled,
    scale,
    subtract,
    write_resampled,
)
from spacy_mtclinical.experiments.recipes import read_recipes
from spacy_mtclinical.experiments.running import prepare, run_trials, spawn
from spacy_mtclinical.experiments.search import search
from spacy_mtclinical.experiments.table import format_table, make_table
from spacy_mtclinical.experiments.trials import make_suite, plan_trial
from spacy_mtclinical.scoring.answers import score_accuracy
from spacy_mtclinical.scoring.intervals import resample
from spacy_mtclinical.snapshots import read_weights

RECIPES = """
[every]
epochs = 2
warmup = 0.25

[single_task]
rates = [0.01, 0.0001]

[rows]

[rows.turns]
what = "in turn"

[rows.turns.set]
corpora.train.schedule = "round_robin"

[rows.sum]

[rows.sum.set]
corpora.train.schedule = "loss_sum"
training.optimizer.learn_rate = 0.001

[rows.taught]
teachers = true
"""
TASKS = ["alike", "drugs", "groups", "implies"]


@pytest.fixture(scope="module")
def base(tmp_path_factory, tiny_bert) -> Path:
    """The public configuration with the heads of the small corpus, and recipes beside it."""
    config = Config().from_disk(ROOT / "configs" / "public.cfg", interpolate=False)
    component = config["components"]["mtclinical"]
    component["ents_from"] = ["drugs"]
    component["scorer"]["metrics"] = {}
    component["model"]["heads"] = HEADS
    component["model"]["encoder"].update(mixed_precision=False, context=8)
    config["vars"]["window"] = 64
    config["paths"]["encoder"] = str(tiny_bert)
    config["corpora"]["train"]["batch_sizes"] = {"drugs": 2}
    folder = tmp_path_factory.mktemp("compare")
    config.to_disk(folder / "base.cfg", interpolate=False)
    (folder / "recipes").mkdir()
    (folder / "recipes" / "compare.cfg").write_text(RECIPES, "utf8")
    return folder / "base.cfg"


@pytest.fixture
def plan(base, corpus, tmp_path):
    """Make the suite, with changes to the recipes."""

    def make(*, tasks=None, size=1.0, dev=None, out=tmp_path, **changes):
        recipes = read_recipes(base.parent / "recipes" / "compare.cfg")._replace(**changes)
        config = Config().from_disk(base, interpolate=False)
        return make_suite(config, corpus, out, recipes=recipes, size=Size(size, dev, 0), tasks=tasks)

    return make


class Starter:
    """Pretends to train: writes a result for every document of dev; counts what was started."""

    def __init__(self, scores=lambda name, task: 0.5, fail=(), runs=()):
        self.scores, self.fail, self.runs, self.started = scores, fail, list(runs), []

    def __call__(self, folder, *, gpu_id, jobs):
        name = folder.as_posix().partition("/runs/")[2]
        self.started.append(name)
        if name in self.fail:
            return 1
        tasks = Config().from_disk(folder / "config.cfg", interpolate=False)["corpora"]["train"]["tasks"]
        scores = {task: {"metric": "acc", "score": self.scores(name, task), "documents": 10} for task in tasks}
        right = {task: round(10 * found["score"]) for task, found in scores.items()}
        drawn = {task: resample(score_accuracy, count_right(number, of=10)) for task, number in right.items()}
        result = {
            "scores": scores,
            "mean": sum(found["score"] for found in scores.values()) / len(scores),
            "parameters": 100 + len(tasks),
            "seconds": {"training": 60.0, "evaluating": 1.0},
            "hardware": {"cpu": "abacus", "cores": 2, "threads": 2, "gpu": None},
            "runs": self.runs,
        }
        write_resampled(folder / "resampled.json", drawn)
        srsly.write_json(folder / "result.json", result)
        return 0


def count_right(right, *, of):
    """The counts of so many pairs, the first ones right."""
    return [{(None, "", "right"): float(number < right), (None, "", "pairs"): 1.0} for number in range(of)]


def runner(start):
    return lambda trials: run_trials(trials, start=start)


def test_every_row_reads_as_much(plan):
    suite = plan()
    turns, summed = (plan_trial(suite, suite.recipes.rows[name], seed=0) for name in ("turns", "sum"))
    assert turns.course.subwords == pytest.approx(suite.reference.subwords)
    assert summed.course.subwords == pytest.approx(suite.reference.subwords)
    assert turns.course.windows == summed.course.windows
    assert turns.course.steps == 4 * summed.course.steps == turns.config["training"]["max_steps"]
    single = [plan_trial(suite, suite.recipes.single, task=task, seed=0) for task in TASKS]
    assert sum(trial.course.subwords for trial in single) == pytest.approx(suite.reference.subwords)
    assert {trial.task: trial.course.passes[trial.task] for trial in single} == suite.reference.passes


def test_a_recipe_changes_the_configuration(plan):
    suite = plan()
    trial = plan_trial(suite, suite.recipes.rows["sum"], seed=3)
    assert trial.config["corpora"]["train"]["schedule"] == "loss_sum"
    assert trial.config["training"]["optimizer"]["learn_rate"] == 0.001
    plain = trial.config.interpolate()
    assert plain["training"]["seed"] == plain["corpora"]["train"]["seed"] == plain["system"]["seed"] == 3
    single = plan_trial(suite, suite.recipes.single, task="drugs", rate=0.5, seed=0)
    schedule = single.config.interpolate()["training"]["optimizer"]["learn_rate"]
    assert (schedule["initial_rate"], schedule["total_steps"]) == (0.5, single.course.steps)
    assert schedule["warmup_steps"] == max(1, round(0.25 * single.course.steps))
    assert list(single.config["components"]["mtclinical"]["model"]["heads"]) == ["drugs"]
    assert single.name == "single_task/drugs/rate-0.5-seed-0"


def test_teachers_are_named_under_paths_and_part_of_the_settings(plan):
    suite = plan(tasks=["drugs"])
    teacher = plan_trial(suite, suite.recipes.single, task="drugs", rate=0.5, seed=0)
    taught = plan_trial(suite, suite.recipes.rows["taught"], seed=0, teachers={"drugs": teacher})
    assert taught.config["paths"]["teachers"] == {"drugs": str(teacher.folder / "model")}
    other = plan_trial(suite, suite.recipes.single, task="drugs", rate=0.25, seed=0)
    again = plan_trial(suite, suite.recipes.rows["taught"], seed=0, teachers={"drugs": other})
    assert (
        again.settings["inputs"] != taught.settings["inputs"] and again.settings["config"] == taught.settings["config"]
    )


def test_a_killed_comparison_goes_on_where_it_was(plan):
    suite = plan()
    wanted = [(suite.recipes.single, task) for task in TASKS]
    names = [f"single_task/{task}/rate-{rate}-seed-0" for task in TASKS for rate in ("0.01", "0.0001")]

    def killed(folder, **settings):
        if folder.as_posix().endswith(names[3]):
            (folder / "half").touch()
            raise KeyboardInterrupt
        return Starter()(folder, **settings)

    with pytest.raises(KeyboardInterrupt):
        search(suite, wanted, seeds=1, run=runner(killed))
    start = Starter()
    search(suite, wanted, seeds=1, run=runner(start))
    assert start.started == names[3:]
    assert (suite.out / "runs" / names[3] / "half").exists()
    search(suite, wanted, seeds=1, run=runner(start))
    assert start.started == names[3:]


def test_what_a_killed_run_with_other_settings_left_is_removed(plan):
    seen = []

    def killed(folder, **settings):
        seen.append((folder / "half").exists())
        (folder / "half").touch()
        raise KeyboardInterrupt

    for epochs in (2.0, 2.0, 3.0, 3.0):
        suite = plan(epochs=epochs)
        with pytest.raises(KeyboardInterrupt):
            run_trials([plan_trial(suite, suite.recipes.rows["turns"], seed=0)], start=killed)
    assert seen == [False, True, False, True]


def test_a_trial_that_another_process_runs_is_not_started_beside_it(plan):
    suite = plan(tasks=["drugs"])
    trial = plan_trial(suite, suite.recipes.rows["turns"], seed=0)
    start = Starter()

    def beside(folder, **settings):
        with pytest.raises(ValueError, match="Another run writes into .*seed-0.running"):
            run_trials([trial], start=start)
        return Starter()(folder, **settings)

    assert run_trials([trial], start=beside) == [] == start.started
    assert trial.is_finished and [path.name for path in trial.folder.parent.iterdir()] == [trial.folder.name]


def test_other_settings_are_named_and_refused(plan):
    row = plan().recipes.rows["turns"]
    suite = plan()
    search(suite, [(row, None)], seeds=1, run=runner(Starter()))
    slower = row._replace(settings={**row.settings, "training.dropout": 0.5})
    start = Starter()
    with pytest.raises(ValueError, match=r"seed-0 was finished with other settings: training.dropout was 0.1, is 0.5"):
        search(suite, [(slower, None)], seeds=1, run=runner(start))
    with pytest.raises(ValueError, match="training.max_steps was .*, and 1 more. Name another"):
        search(plan(epochs=5.0), [(row, None)], seeds=1, run=runner(start))
    assert start.started == []
    told = []
    assert search(suite, [(slower, None)], seeds=1, run=lambda trials: None, notify=told.append) == []
    assert told == [
        "left out of the table: turns/seed-0, which was run with other settings (training.dropout was 0.1, is 0.5)"
    ]


def test_settings_are_the_same_to_the_last_bit_when_read_again(plan):
    row = plan().recipes.rows["turns"]
    row, start = row._replace(settings={**row.settings, "training.dropout": 0.3}), Starter()
    for _ in range(2):
        search(plan(size=0.7), [(row, None)], seeds=1, run=runner(start))
    assert start.started == ["turns/seed-0"]


def test_other_corpora_are_refused(plan, corpus, tmp_path):
    row = plan().recipes.rows["turns"]
    search(plan(tasks=["drugs"]), [(row, None)], seeds=1, run=runner(Starter()))
    mine = tmp_path / "corpora"
    shutil.copytree(corpus, mine)
    shutil.copy(corpus / "drugs" / "dev.spacy", mine / "drugs" / "train.spacy")
    suite = plan(tasks=["drugs"])
    other = make_suite(suite.config, mine, suite.out, recipes=suite.recipes, size=Size(1.0, None, 0), tasks=["drugs"])
    with pytest.raises(ValueError, match="other settings: drugs was .*, is "):
        search(other, [(row, None)], seeds=1, run=runner(Starter()))


def test_a_corpus_converted_anew_is_not_taken_for_the_one_that_was_drawn(corpus, tmp_path):
    shutil.copytree(corpus, tmp_path / "corpora")
    for _ in range(2):
        draw_suite(tmp_path / "corpora", tmp_path / "drawn", tasks=["drugs"], size=Size(0.5, None, 0))
    (tmp_path / "corpora" / "drugs" / "labels.json").write_text('["Other"]')
    draw_suite(tmp_path / "corpora", tmp_path / "drawn", tasks=["groups"], size=Size(0.5, None, 0))
    with pytest.raises(ValueError, match="drawn was drawn from another drugs than .*drugs is now. Name another output"):
        draw_suite(tmp_path / "corpora", tmp_path / "drawn", tasks=["drugs", "groups"], size=Size(0.5, None, 0))


def test_the_rate_is_chosen_by_the_first_seed(plan):
    suite = plan(tasks=["drugs"])
    scores = {"rate-0.01-seed-0": 0.4, "rate-0.0001-seed-0": 0.6, "rate-0.0001-seed-1": 0.2}
    start = Starter(lambda name, task: scores[name.rpartition("/")[2]])
    (entry,) = search(suite, [(suite.recipes.single, "drugs")], seeds=2, run=runner(start))
    assert (entry.rate, entry.tried) == (0.0001, pytest.approx({"0.01": 0.4, "0.0001": 0.6}))
    assert [trial.seed for trial in entry.trials] == [0, 1]
    (again,) = search(suite, [(suite.recipes.single, "drugs")], seeds=1, run=lambda trials: None)
    assert [trial.seed for trial in again.trials] == [0, 1]


def test_a_run_that_fails_does_not_stop_the_others(plan):
    suite = plan(tasks=["drugs", "alike"])
    start = Starter(fail=["single_task/alike/rate-0.01-seed-0", "single_task/alike/rate-0.0001-seed-0"])
    told = []
    failed = []
    wanted = [(suite.recipes.single, task) for task in suite.tasks]
    found = search(suite, wanted, seeds=1, run=lambda t: failed.extend(run_trials(t, start=start, notify=told.append)))
    assert [entry.task for entry in found] == ["drugs"] and len(start.started) == 4
    assert {trial.task for trial in failed} == {"alike"}
    assert "failed: single_task/alike/rate-0.01-seed-0 with status 1, see " in told[0]
    assert "4 of 4: single_task/drugs/rate-0.0001-seed-0, mean 0.5000 in 01:00; none left" in told[-1]


def test_gaps_are_what_a_hand_computes(plan):
    suite = plan(tasks=["drugs", "alike"])
    single = {("drugs", "0"): 0.8, ("drugs", "1"): 0.6, ("alike", "0"): 0.5, ("alike", "1"): 0.5}
    scores = {"turns/seed-0": 0.9, "turns/seed-1": 0.7, "sum/seed-0": 0.4}

    def scored(name, task):
        return single[task, name[-1]] if name.startswith("single_task") else scores[name]

    run = runner(Starter(scored))
    wanted = [(suite.recipes.single._replace(rates=[]), task) for task in suite.tasks]
    base = search(suite, wanted, seeds=2, run=run)
    rows = suite.recipes.rows
    found = search(suite, [(rows["turns"], None)], seeds=2, run=run) + search(
        suite, [(rows["sum"], None)], seeds=1, run=run
    )
    table = json.loads(json.dumps(make_table(suite, base, found, epochs=2.0)))
    assert [row["name"] for row in table["rows"]] == ["single_task", "turns", "sum"]
    one, turns, summed = table["rows"]
    assert one["scores"]["drugs"]["score"] == pytest.approx(0.7)
    assert one["scores"]["drugs"]["seeds"] == pytest.approx([0.8, 0.6])
    assert one["mean"] == pytest.approx(0.6) and (one["parameters"], one["seconds"]) == (202, 120.0)
    assert turns["mean"] == pytest.approx(0.8) and (turns["parameters"], turns["seconds"]) == (102, 60.0)
    assert table["best"] == "turns"
    assert table["gaps"] == turns["gaps"] == {"alike": 30.0, "drugs": 10.0}
    assert (table["mean_gap"], summed["mean_gap"]) == (20.0, -20.0)
    for task, gap in table["gaps"].items():
        low, high = table["gap_intervals"][task]
        assert low <= gap <= high and high > low
    # The right pairs of one side are among those of the other, so no draw turns the difference around.
    assert table["gap_intervals"]["drugs"][0] >= 0 >= summed["gap_intervals"]["drugs"][1]
    assert table["hardware"]["cpu"] == "abacus" and len(table["hardware"]["kinds"]) == 1


def test_the_interval_of_a_gap_is_scipy_s(tmp_path):
    rng = numpy.random.default_rng(3)
    rights = [rng.random(60) < share for share in (0.8, 0.7, 0.6)]
    first, second, other = (
        resample(score_accuracy, [row for right in rows for row in count_right(int(right), of=1)], seed=5)
        for rows in rights
    )
    gap = subtract(average([first, second]), other)

    def statistic(places, axis):
        return ((rights[0][places] + 0.0 + rights[1][places]) / 2 - rights[2][places]).mean(axis=-1).round(12)

    expected = bootstrap(
        *((numpy.arange(60),), statistic),
        **{"n_resamples": 1000, "vectorized": True, "method": "BCa", "random_state": numpy.random.default_rng(5)},
    ).confidence_interval
    assert scale(gap, 1.0) == pytest.approx(list(expected), abs=1e-4)
    write_resampled(tmp_path / "drawn.json", {"acc": gap, "none": None})
    read = read_resampled(tmp_path / "drawn.json", "acc")
    assert scale(read, 100.0) == pytest.approx([100 * end for end in expected], abs=1e-2)
    assert read_resampled(tmp_path / "drawn.json", "none") is read_resampled(tmp_path / "no.json", "acc") is None


def test_the_mean_of_tasks_is_as_wide_as_they_are_apart():
    rows = count_right(30, of=60)
    one, other = (resample(score_accuracy, rows, seed=seed) for seed in (1, 2))
    low, high = scale(one, 1.0)
    narrow_low, narrow_high = scale(average_tasks([one, other]), 1.0)
    assert (narrow_high - narrow_low) == pytest.approx((high - low) / 2**0.5, rel=0.1)
    assert (narrow_low + narrow_high) / 2 == pytest.approx(0.5, abs=0.02)
    assert average_tasks([one, None]) is average([one, None]) is subtract(one, None) is scale(None, 1.0) is None
    empty = [one[0], one[1].copy(), one[2].copy()]  # draws without gold and predictions have no figure
    empty[1][::7], empty[2][0] = numpy.nan, numpy.nan
    assert scale(average_tasks([empty, other]), 1.0) == pytest.approx([narrow_low, narrow_high], abs=0.02)
    assert numpy.isnan(subtract(average([one, empty]), other)[1]).sum() == len(one[1][::7])
    assert average_tasks([one, [*one[:2], one[2] * numpy.nan]]) is None
    fewer = resample(score_accuracy, rows[:50], seed=1)
    assert average([one, fewer]) is subtract(one, fewer) is None
    assert average_tasks([one, fewer]) is not None


def test_the_runs_behind_means_of_weights_have_a_line_of_their_own(plan):
    suite = plan(tasks=["drugs", "alike"])
    row = suite.recipes.rows["turns"]._replace(average=2)
    runs = [{"drugs": 0.5, "alike": 0.1}, {"drugs": 0.75, "alike": 0.2}]
    rows = search(suite, [(row, None)], seeds=1, run=runner(Starter(runs=runs)))
    rows += search(suite, [(suite.recipes.rows["sum"], None)], seeds=1, run=runner(Starter()))
    table = make_table(suite, [], rows, epochs=2.0) | {"size": 1.0}
    averaged, plain = table["rows"]
    assert averaged["runs"] == pytest.approx({"alike": 0.15, "drugs": 0.625}) and plain["runs"] == {}
    lines = [line.split() for line in format_table(table)]
    assert lines[2] == ["each", "run", "alone", "15.00", "62.50", "38.75"] and lines[3][0] == "sum"


def test_a_run_has_a_process_of_its_own(plan):
    suite = plan(tasks=["drugs"], epochs=1.0)
    trial = plan_trial(suite, suite.recipes.single, task="drugs", rate=0.01, seed=0)
    assert run_trials([trial], start=spawn) == [], (trial.folder / "log.txt").read_text("utf8")
    result = trial.result
    assert result["scores"]["drugs"]["metric"] == "f" and result["scores"]["drugs"]["documents"] == 3
    found, drawn, without = read_resampled(trial.folder / "resampled.json", "drugs")
    assert found.tolist() == [result["scores"]["drugs"]["score"]] and len(drawn) == 1000 and len(without) == 3
    assert result["parameters"] > 1000 and result["seconds"]["training"] > 0 and result["hardware"]["cores"]
    assert {path.name for path in trial.folder.iterdir()} == {
        *("config.cfg", "settings.json", "log.txt", "resampled.json", "result.json", "model")
    }
    assert "drugs" in spacy.load(trial.folder / "model")("patient has rash").spans


def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(plan, tmp_path):
    suites = [plan(tasks=["drugs", "alike"], out=tmp_path / name, evaluations=6) for name in ("killed", "whole")]
    killed, whole = (plan_trial(suite, suite.recipes.rows["turns"]._replace(average=2), seed=1) for suite in suites)

    def kill_at(seen, folder, *, gpu_id, jobs):
        command = [sys.executable, "-m", "spacy_mtclinical.experiments.trial", str(folder)]
        with (folder / "log.txt").open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
            while process.poll() is None and not list(folder.glob(seen)):
                time.sleep(0.01)
            process.kill()
            process.communicate()
        return 9

    for seen in ("training/0/checkpoints/step-*", "training/0/checkpoints/finished.json"):
        assert run_trials([killed], start=partial(kill_at, seen)) == [killed]
    assert run_trials([killed, whole], start=spawn) == []
    log = (killed.folder / "log.txt").read_text("utf8")
    assert "going on after" in log and "going on after" not in (whole.folder / "log.txt").read_text("utf8")
    assert "begun anew" not in log
    assert (killed.result["scores"], killed.result["runs"]) == (whole.result["scores"], whole.result["runs"])
    weights, others = (read_weights(spacy.load(trial.folder / "model")) for trial in (killed, whole))
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def test_a_run_that_cannot_be_gone_on_with_is_begun_anew(plan):
    suite = plan(tasks=["drugs"], epochs=1.0)
    trial = plan_trial(suite, suite.recipes.rows["turns"], seed=0)
    prepare(trial)
    write_checkpoint(trial.folder / "training" / "0" / "checkpoints", 1, {"identity": {"other": 1}}, {})
    assert run_trials([trial], start=spawn) == [], (trial.folder / "log.txt").read_text("utf8")
    log = (trial.folder / "log.txt").read_text("utf8")
    assert "begun anew: " in log and "holds a run of another configuration: " in log and log.count("beginning") == 1


def test_what_a_note_could_be_quoted_in_is_kept_out_of_the_log(plan, monkeypatch, capsys):
    suite = plan(tasks=["drugs"])
    trial = plan_trial(suite, suite.recipes.rows["turns"], seed=0)
    prepare(trial)

    def fail(*args, **settings):
        raise KeyError("zzsecret")

    monkeypatch.setattr(experiments_trial, "train_once", fail)
    assert experiments_trial.run_guarded(trial.folder, gpu_id=-1) == 1
    told = capsys.readouterr()
    assert "unexpected KeyError (its message is kept back)" in told.err and ", in run_trial" in told.err
    assert "zzsecret" not in told.err + told.out


def test_a_figure_that_the_gold_does_not_allow_is_in_no_mean(plan):
    suite = plan(tasks=["drugs", "alike"])
    wanted = [(suite.recipes.single._replace(rates=[]), task) for task in suite.tasks]
    run = runner(Starter(lambda name, task: 0.5))
    base = search(suite, wanted, seeds=1, run=run)
    rows = search(suite, [(suite.recipes.rows["turns"], None)], seeds=1, run=run)
    for trial in (base[1].trials[0], rows[0].trials[0]):
        result = trial.result
        result["scores"]["drugs"]["score"] = None
        srsly.write_json(trial.folder / "result.json", result)
    table = json.loads(json.dumps(make_table(suite, base, rows, epochs=2.0) | {"size": 1.0}))
    assert [row["mean"] for row in table["rows"]] == [0.5, 0.5]
    assert (table["gaps"], table["mean_gap"]) == ({"alike": 0.0}, 0.0)
    assert format_table(table)[1].split()[:4] == ["single_task", "50.00", "-", "50.00"]


def test_a_mean_of_some_single_task_models_is_not_given(plan):
    suite = plan(tasks=["drugs", "alike"])
    run = runner(Starter(lambda name, task: 0.5))
    base = search(suite, [(suite.recipes.single._replace(rates=[]), "drugs")], seeds=1, run=run)
    rows = search(suite, [(suite.recipes.rows["turns"], None)], seeds=1, run=run)
    table = make_table(suite, base, rows, epochs=2.0)
    assert [row["mean"] for row in table["rows"]] == [None, 0.5] and table["mean_gap"] is None
    assert (
        "No single-task model is finished of alike: cost and figures of that row are of the others." in table["notes"]
    )
    assert [line.split()[3] for line in format_table(table)[1:3]] == ["-", "50.00"]


def test_dev_gold_that_allows_no_figure_has_none(corpus, tiny_bert, tmp_path):
    nlp = make_trained(tiny_bert)
    first = next(DocBin().from_disk(corpus / "alike" / "dev.spacy").get_docs(nlp.vocab))
    (tmp_path / "alike").mkdir()
    DocBin(docs=[first], store_user_data=True).to_disk(tmp_path / "alike" / "dev.spacy")
    scores, drawn = experiments_trial.score(nlp, tmp_path, ["alike"])
    assert scores == {"alike": {"metric": "pearson", "score": None, "documents": 1}} and drawn == {"alike": None}


def test_runs_of_a_row_are_averaged(plan, tmp_path):
    suite = plan(tasks=["drugs"], epochs=1.0)
    trial = plan_trial(suite, suite.recipes.rows["turns"]._replace(average=2), seed=3)
    assert trial.settings["inputs"]["average"] == 2
    assert run_trials([trial], start=spawn) == [], (trial.folder / "log.txt").read_text("utf8")
    nlp = spacy.load(trial.folder / "model")
    saved = nlp.config["training"]["seed"], nlp.config["corpora"]["train"]["seed"]
    assert saved == (3, 3)
    assert [set(run) for run in trial.result["runs"]] == [{"drugs"}, {"drugs"}]
    # An order that both runs would share gives the weights of one of them.
    other = plan(tasks=["drugs"], epochs=1.0, out=tmp_path / "alone")
    alone = plan_trial(other, other.recipes.rows["turns"], seed=3)
    run_trials([alone], start=spawn)
    assert alone.result["runs"] == [] and alone.result["scores"]["drugs"]["score"] == trial.result["runs"][0]["drugs"]
    weights, others = read_weights(nlp), read_weights(spacy.load(alone.folder / "model"))
    assert any(not torch.equal(weights[name], others[name]) for name in weights)


@pytest.fixture
def pretended(monkeypatch):
    """Let the verbs run trials without training."""
    start = Starter(lambda name, task: 0.5 if name.startswith("single") else 0.6)
    for verb in ("baseline", "compare"):
        monkeypatch.setattr(f"spacy_mtclinical.cli.{verb}.run_trials", partial(run_trials, start=start))
    return start


def call(*arguments):
    return CliRunner().invoke(app, ["mtclinical", *map(str, arguments)])


def test_baseline_then_compare(base, corpus, tmp_path, pretended):
    found = call("baseline", base, corpus, tmp_path, "--tasks", "drugs,alike")
    assert found.exit_code == 0, found.output
    assert "drugs: acc 0.5000 (0.01: 0.5000, 0.0001: 0.5000) in " in found.stdout
    assert srsly.read_json(tmp_path / "baseline.json")["tasks"]["drugs"]["rate"] == 0.01
    pretended.started.clear()
    found = call("compare", base, corpus, tmp_path, "--tasks", "drugs,alike", "--rows", "turns")
    assert found.exit_code == 0, found.output
    assert pretended.started == ["turns/seed-0"]
    table = srsly.read_json(tmp_path / TABLE)
    assert table["gaps"] == {"alike": 10.0, "drugs": 10.0} and table["command"].startswith("python -m spacy")
    assert "gap of turns  +10.00  +10.00" in found.stdout
    found = call("compare", base, corpus, tmp_path, "--tasks", "drugs,alike", "--read")
    assert found.exit_code == 0 and pretended.started == ["turns/seed-0"]
    assert srsly.read_json(tmp_path / TABLE)["gaps"] == table["gaps"]


def test_figures_that_dev_gold_does_not_allow_are_shown_as_such(base, corpus, tmp_path, pretended):
    arguments = [base, corpus, tmp_path, "--tasks", "alike"]
    assert call("compare", *arguments, "--rows", "turns").exit_code == 0
    for file in tmp_path.rglob("result.json"):
        result = srsly.read_json(file)
        result["scores"]["alike"]["score"], result["mean"] = None, 0.0
        srsly.write_json(file, result)
    found = call("baseline", *arguments)
    assert found.exit_code == 0 and "alike: acc - (0.01: 0.0000, 0.0001: 0.0000) in " in found.stdout, found.output
    found = call("compare", *arguments, "--read", "--page", tmp_path / "page.html")
    assert found.exit_code == 0 and (tmp_path / "page.html").exists(), found.output
    assert srsly.read_json(tmp_path / TABLE)["best"] is None


def test_a_failed_run_is_status_1_and_the_table_has_the_others(base, corpus, tmp_path, pretended):
    pretended.fail = ["turns/seed-0"]
    found = call("compare", base, corpus, tmp_path, "--tasks", "drugs")
    assert found.exit_code == 1 and "failed: turns/seed-0 with status 1" in found.stderr
    assert [row["name"] for row in srsly.read_json(tmp_path / TABLE)["rows"]] == ["single_task", "sum", "taught"]
