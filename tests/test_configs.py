"""Every configuration in configs/ loads, fills and resolves offline, and serves spaCy; a trained one travels."""

import re

import pytest
import spacy
import srsly
from spacy import util
from spacy.cli._util import app
from spacy.schemas import ConfigSchemaTraining
from stand_in import KINDS, ROOT, heads_of, load_config, write_corpus
from typer.testing import CliRunner

from spacy_mtclinical.cli.convert_all import SUITES
from spacy_mtclinical.datasets import load_dataset

CONFIGS = sorted((ROOT / "configs").glob("*.cfg"))
METRICS = {  # official ones; the others are the default of their kind
    "i2b2_2010": "line_token_spans",
    "i2b2_2012": "event_spans",
    "i2b2_2014": "phi_spans",
    "n2c2_2018": "lenient_spans",
    "quaero_2014": "fragment_spans",
    "medrqe": "submission_accuracy",
}
SUITE_OF = {"demo.cfg": "clinical", "public.cfg": "public", "train.cfg": "clinical"}


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_every_configuration_is_tested():
    assert {path.name for path in CONFIGS} == set(SUITE_OF)
    assert len(CONFIGS) == len([path for path in (ROOT / "configs").glob("*") if path.is_file()]) > 0


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_has_a_head_of_the_right_kind_for_each_task_of_its_suite(path):
    config = load_config(path)
    heads = heads_of(config)
    datasets = {name: load_dataset(name) for name in SUITES[SUITE_OF[path.name]]}
    assert set(heads) == set(datasets)
    for task, head in heads.items():
        assert head["@architectures"] == f"spacy-mtclinical.{KINDS[datasets[task].KIND]}.v1"
        assert (head.get("low"), head.get("high")) == getattr(datasets[task], "RANGE", (None, None))
        assert head.get("nested", False) is (task == "quaero_2014")
    component = config["components"]["mtclinical"]
    assert set(component["ents_from"]) <= {task for task in heads if datasets[task].KIND == "entities"}
    metrics = {task: f"spacy-mtclinical.{name}.v1" for task, name in METRICS.items() if task in heads}
    assert component["scorer"]["metrics"] == {task: {"@scorers": name} for task, name in metrics.items()}
    sizes = config["corpora"]["train"].get("batch_sizes", {})
    assert not sizes or set(sizes) == set(heads)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_fills_and_resolves_without_network_or_corpora(path, tiny_bert, tmp_path):
    nlp = util.load_model_from_config(load_config(path, encoder=tiny_bert, corpus=tmp_path), auto_fill=True)
    assert nlp.pipe_names == ["mtclinical"]
    assert nlp.analyze_pipes()["problems"] == {"mtclinical": []}
    interpolated = nlp.config.interpolate()
    training = util.registry.resolve(interpolated["training"], schema=ConfigSchemaTraining)
    assert training["max_epochs"] == -1 and training["score_weights"] == {"mtclinical_score": 1.0}
    assert set(util.registry.resolve(interpolated["corpora"])) == {"train", "dev"}


def test_train_keeps_the_values_of_the_paper():
    config = load_config(ROOT / "configs" / "train.cfg").interpolate()
    train = config["corpora"]["train"]
    assert config["paths"]["encoder"] == train["encoder"] == "emilyalsentzer/Bio_ClinicalBERT"
    assert (train["schedule"], train["note_batch"], train["pair_batch"]) == ("round_robin", 25, 40)
    assert train["window"] == config["components"]["mtclinical"]["model"]["encoder"]["window"] == 512
    assert "batch_sizes" not in train
    assert config["training"]["optimizer"]["learn_rate"] == 5e-5


def test_spacy_s_commands_take_it(tiny_bert, tmp_path):
    path = ROOT / "configs" / "demo.cfg"
    corpus = write_corpus(load_config(path), tmp_path / "corpus")
    filled = tmp_path / "filled.cfg"
    found = call("init", "fill-config", path, filled)
    assert found.exit_code == 0, found.output
    assert load_config(filled)["components"]["mtclinical"]["candidates"] == {}
    paths = [f"--paths.encoder={tiny_bert}", f"--paths.corpus={corpus}"]
    found = call("debug", "config", filled, *paths)
    assert found.exit_code == 0, found.output
    found = call("init", "labels", filled, tmp_path / "labels", *paths)
    assert found.exit_code == 0, found.output
    labels = srsly.read_json(tmp_path / "labels" / "mtclinical.json")
    assert labels == {task: srsly.read_json(corpus / task / "labels.json") for task in heads_of(load_config(path))}


def test_planned_trained_and_saved_it_holds_no_path_of_the_machine(tiny_bert, tmp_path):
    path = ROOT / "configs" / "demo.cfg"
    corpus = write_corpus(load_config(path), tmp_path / "corpus")
    plan = tmp_path / "training" / "config.cfg"
    found = call(
        "mtclinical", "plan", path, corpus, plan, "--encoder", tiny_bert, *"--epochs 1 --evaluations 1".split()
    )
    assert found.exit_code == 0, found.output
    assert load_config(plan)["training"]["max_steps"] == 8
    found = call("train", plan, "--output", tmp_path / "training")
    assert found.exit_code == 0, found.output
    saved = tmp_path / "training" / "model-best"
    config = (saved / "config.cfg").read_text("utf8")
    assert not re.findall(r'"(?:/|[A-Za-z]:\\)[^"]*"', config)
    for file in saved.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert str(tmp_path).encode() not in data and str(tiny_bert).encode() not in data, file.name
    doc = spacy.load(saved)("patient has rash")
    assert "n2c2_2018" in doc.spans
