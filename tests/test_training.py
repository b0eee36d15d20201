"""`spacy train` on a small corpus: batches arrive as scheduled, the run repeats, the result loads and holds no path."""

import os
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import spacy
import srsly
from conftest import LABELS, ROOT
from spacy.training import Example
from thinc.api import Config

from spacy_mtclinical.model import get_heads

CONFIG = ROOT / "configs" / "public.cfg"


def spacy_cli(*args):
    env = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return subprocess.run([sys.executable, "-m", "spacy", *map(str, args)], capture_output=True, text=True, env=env)


@pytest.fixture(scope="module")
def config(tmp_path_factory, corpus, tiny_bert):
    """The public configuration with the heads of the small corpus, planned for it."""
    config = Config().from_disk(CONFIG, interpolate=False)
    component = config["components"]["mtclinical"]
    component["ents_from"] = ["drugs"]
    component["scorer"]["metrics"] = {}
    architectures = "spacy-mtclinical."
    component["model"]["heads"] = {
        "drugs": {"@architectures": architectures + "EntityHead.v1"},
        "groups": {"@architectures": architectures + "EntityHead.v1", "nested": True},
        "implies": {"@architectures": architectures + "PairClassifier.v1"},
        "alike": {"@architectures": architectures + "PairRegressor.v1", "low": 0.0, "high": 5.0},
        "absent": {"@architectures": architectures + "EntityHead.v1"},
    }
    component["model"]["encoder"].update(mixed_precision=False, context=8)
    config["vars"]["window"] = 64
    config["corpora"]["train"]["batch_sizes"] = {"drugs": 2}
    folder = tmp_path_factory.mktemp("training")
    config.to_disk(folder / "base.cfg")
    done = spacy_cli(
        "mtclinical", "plan", folder / "base.cfg", corpus, folder / "plan.cfg", "--encoder", tiny_bert, "--epochs", 3
    )
    assert done.returncode == 0, done.stderr
    assert "left out: absent" in done.stderr
    assert "8 steps an epoch, 24 steps in 3 epochs" in done.stdout
    return folder / "plan.cfg"


@pytest.fixture(scope="module")
def trained(config):
    done = spacy_cli("train", config, "--output", config.parent / "out", "--training.seed", 1)
    assert done.returncode == 0, done.stdout + done.stderr
    return config.parent / "out" / "model-last", done


def test_a_trained_pipeline_answers_and_scores(trained, corpus):
    path, done = trained
    nlp = spacy.load(path)
    assert nlp.get_pipe("mtclinical").label_data == LABELS
    assert set(nlp("patient has rash").spans) == {"drugs", "groups"}
    for task in LABELS:
        assert task in done.stdout


def test_a_trained_pipeline_can_be_trained_further(trained):
    nlp = spacy.load(trained[0])
    optimizer = nlp.resume_training()
    assert nlp.config["training"]["optimizer"]["learn_rate"]["total_steps"] == 24
    doc = nlp.make_doc("patient has rash")
    doc.spans["drugs"] = []
    assert nlp.update([Example(nlp.make_doc(doc.text), doc)], sgd=optimizer)["mtclinical_drugs"] > 0
    assert nlp.create_optimizer().learn_rate == optimizer.learn_rate


def test_a_saved_pipeline_holds_no_path(trained, tiny_bert, corpus):
    path, _ = trained
    for file in path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert str(tiny_bert).encode() not in data and str(corpus).encode() not in data, file.name


def test_the_same_seed_gives_the_same_weights(trained, config):
    again = spacy_cli("train", config, "--output", config.parent / "again", "--training.seed", 1)
    assert again.returncode == 0, again.stderr
    models = [
        spacy.load(path).get_pipe("mtclinical").model for path in (trained[0], config.parent / "again" / "model-last")
    ]
    weights = []
    for model in models:
        encoder = model.get_ref("encoder").layers[0].shims[0]._model.state_dict()
        heads = {task: head.layers[-1].get_param("W") for task, head in get_heads(model).items()}
        weights.append({**{name: value.numpy() for name, value in encoder.items()}, **heads})
    assert weights[0].keys() == weights[1].keys()
    assert all(numpy.array_equal(value, weights[1][name]) for name, value in weights[0].items())


def test_init_labels_and_debug_config_work(config, tmp_path):
    done = spacy_cli("init", "labels", config, tmp_path / "labels")
    assert done.returncode == 0, done.stdout + done.stderr
    assert srsly.read_json(tmp_path / "labels" / "mtclinical.json") == LABELS
    done = spacy_cli("debug", "config", config)
    assert done.returncode == 0, done.stdout + done.stderr


def test_epochs_that_would_break_the_schedule_are_refused(config):
    done = spacy_cli("train", config, "--training.max_epochs", 2)
    assert done.returncode != 0
    assert "max_epochs expected -1 (streaming), got 2" in done.stdout + done.stderr


def test_a_plan_without_any_corpus_points_to_what_needs_none(config, tmp_path):
    done = spacy_cli("mtclinical", "plan", config, tmp_path, tmp_path / "plan.cfg")
    assert done.returncode == 1
    assert "spacy project run demo" in done.stderr and not Path(tmp_path / "plan.cfg").exists()


def test_single_task_models_teach_by_the_table_that_names_them(config, trained, corpus, tiny_bert, tmp_path):
    """Any pipeline that has a task's head and labels can teach it; here the one that was trained before."""
    tasks = ["alike", "drugs", "groups", "implies"]
    srsly.write_json(tmp_path / "baseline.json", {"tasks": {task: {"model": str(trained[0])} for task in tasks}})
    plan = ("mtclinical", "plan", config.parent / "base.cfg", corpus, tmp_path / "plan.cfg", "--encoder", tiny_bert)
    done = spacy_cli(*plan, "--epochs", 1, "--warmup", 0.25, "--teachers", tmp_path / "baseline.json")
    assert done.returncode == 0, done.stderr
    rate = Config().from_disk(tmp_path / "plan.cfg", interpolate=False)["training"]["optimizer"]["learn_rate"]
    assert rate["warmup_steps"] == 2
    done = spacy_cli("train", tmp_path / "plan.cfg", "--output", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    taught = spacy.load(tmp_path / "out" / "model-last")
    assert taught.get_pipe("mtclinical").tasks == tasks
    assert taught.config["paths"]["teachers"] is None and str(trained[0]) not in taught.config.to_str()
    srsly.write_json(tmp_path / "baseline.json", {"tasks": {"drugs": {"model": str(trained[0])}}})
    done = spacy_cli(*plan, "--teachers", tmp_path / "baseline.json")
    assert done.returncode == 1 and "got none of alike, groups, implies" in done.stderr
