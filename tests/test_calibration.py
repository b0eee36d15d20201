"""Temperatures: fitted on one half, measured on the other, saved with the pipeline."""

import random

import numpy
import pytest
import spacy
import srsly
from conftest import LABELS, make_nlp, make_note
from spacy.tokens import DocBin
from spacy.training import Example
from typer.testing import CliRunner

from spacy_mtclinical import make_pair
from spacy_mtclinical.calibration import calibrate_task, fit_temperature, set_temperatures
from spacy_mtclinical.cli import mtclinical


def test_the_temperature_of_honest_scores_is_one_and_of_boasts_more():
    rng = numpy.random.default_rng(0)
    logits = rng.normal(size=4000) * 2
    right = rng.random(4000) < 1 / (1 + numpy.exp(-logits))

    def answer(factor):
        return lambda temperature: list(zip(1 / (1 + numpy.exp(-factor * logits / temperature)), right))

    assert fit_temperature(answer(1.0)) == pytest.approx(1.0, rel=0.09)
    assert fit_temperature(answer(3.0)) == pytest.approx(3.0, rel=0.09)
    assert fit_temperature(lambda temperature: []) == 1.0


@pytest.mark.parametrize("count", [3, 50])
def test_answers_that_are_all_right_make_no_score_surer(count):
    """Without an error among them, log loss alone would ask for a temperature of 0."""
    logits = numpy.linspace(3.0, 6.0, count)
    assert fit_temperature(lambda temperature: [(1 / (1 + numpy.exp(-x / temperature)), True) for x in logits]) >= 1.0


@pytest.fixture(scope="module")
def trained(tiny_bert):
    spacy.util.fix_random_seed(0)
    nlp = make_nlp(tiny_bert)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    return nlp


def make_gold(nlp, task, count=30):
    rng = random.Random(0)
    words = "patient has pain rash aspirin mg daily fever no the and".split()
    for number in range(count):
        text = " ".join(rng.choices(words, k=12))
        if task == "implies":
            doc = make_pair(nlp, text[:20], text[20:])
            doc._.mtclinical["implies"] = {"yes": float(number % 2), "no": 1.0 - number % 2}
        else:
            found = [(at, at + len(word), "DISO") for word in ("pain", "rash") if (at := text.find(word)) >= 0]
            doc = make_note(nlp, text, groups=found)
        doc.user_data["doc_id"] = f"{task}-{number}"
        yield doc


@pytest.mark.parametrize("task", ["groups", "implies"])
def test_random_weights_learn_to_doubt(trained, task):
    component = trained.get_pipe("mtclinical")
    golds = list(make_gold(trained, task))
    examples = [Example(gold.copy() if task == "implies" else trained.make_doc(gold.text), gold) for gold in golds]
    found = calibrate_task(component, task, examples)
    assert (found.fitted, found.measured) == (15, 15)
    assert 0.13 < found.temperature < 7.6
    assert 0.0 <= found.after <= 1.0 and 0.0 <= found.before <= 1.0
    if task == "groups":
        assert found.temperature > 1.0 and found.after < found.before
    assert calibrate_task(component, task, examples) == found


def test_numbers_and_too_few_documents_are_refused(trained):
    component = trained.get_pipe("mtclinical")
    with pytest.raises(ValueError, match="'alike' gives numbers"):
        calibrate_task(component, "alike", [])
    with pytest.raises(ValueError, match="expected two documents at least, got 0"):
        calibrate_task(component, "groups", [])


def test_the_command_writes_a_pipeline_that_answers_at_its_temperatures(trained, tmp_path):
    set_temperatures(trained.get_pipe("mtclinical"), {"drugs": 1.75})  # of a corpus that is not here
    trained.to_disk(tmp_path / "model")
    set_temperatures(trained.get_pipe("mtclinical"), {"drugs": 1.0})
    (tmp_path / "corpus" / "groups").mkdir(parents=True)
    docs = list(make_gold(trained, "groups"))
    DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "corpus" / "groups" / "dev.spacy")
    places = [str(tmp_path / name) for name in ("model", "corpus", "calibrated")]
    run = CliRunner().invoke(mtclinical, ["calibrate", *places, "--report", str(tmp_path / "report.json")])
    assert run.exit_code == 0, run.output
    assert "groups: temperature" in run.output
    component = spacy.load(tmp_path / "calibrated").get_pipe("mtclinical")
    assert set(component.cfg["temperatures"]) == {"drugs", "groups"} and component.cfg["temperatures"]["drugs"] == 1.75
    error = srsly.read_json(tmp_path / "report.json")["groups"]["after"]
    once_more = [str(tmp_path / name) for name in ("calibrated", "corpus", "again")]
    run = CliRunner().invoke(mtclinical, ["calibrate", *once_more, "--report", str(tmp_path / "report.json")])
    assert run.exit_code == 0 and srsly.read_json(tmp_path / "report.json")["groups"]["before"] == error
    run = CliRunner().invoke(mtclinical, ["calibrate", *places[:2], str(tmp_path / "none"), "--split", "test"])
    assert run.exit_code == 2 and "test is for the end" in " ".join(run.output.replace("│", "").split())
    again = CliRunner().invoke(mtclinical, ["calibrate", *places])
    assert again.exit_code == 2 and "Expected no folder, or an empty one" in again.output
    set_temperatures(component, {"groups": 1.0, "drugs": 1.0})
    assert component.cfg["temperatures"] == {}


def test_what_cannot_be_calibrated_is_refused_and_nothing_is_written(trained, tmp_path):
    trained.to_disk(tmp_path / "model")
    (tmp_path / "corpus" / "wounds").mkdir(parents=True)
    DocBin(docs=list(make_gold(trained, "groups"))).to_disk(tmp_path / "corpus" / "wounds" / "dev.spacy")
    places = [str(tmp_path / name) for name in ("model", "corpus", "calibrated")]
    for more, said in (
        (["--task", "wounds"], "none for wounds"),
        ([], "no head for entities or classes that could be"),
    ):
        run = CliRunner().invoke(mtclinical, ["calibrate", *places, *more])
        assert run.exit_code == 1 and said in run.output
    assert not (tmp_path / "calibrated").exists()
