"""The mean of pipelines' weights, and what has none."""

import pytest
import spacy
import torch
from conftest import HEADS, LABELS
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical.averaging import average_pipelines
from spacy_mtclinical.calibration import set_temperatures
from spacy_mtclinical.cli import mtclinical
from spacy_mtclinical.snapshots import read_weights

TEXTS = ["patient has rash and aspirin 5 mg daily", "no fever"]


def make(encoder, *, by=0.0, seed=0, **settings):
    """A pipeline whose weights all differ by so much from those of another one."""
    nlp = make_trained(encoder, **settings)
    nlp.config["training"] = {"seed": seed}
    for value in read_weights(nlp).values():
        if value.is_floating_point():
            value += by  # in place: they are not copied
    return nlp


def list_spans(nlp):
    return [(span.start, span.end, span.label_) for doc in nlp.pipe(TEXTS) for span in doc.spans["groups"]]


def test_is_the_mean_of_all(tiny_bert):
    nlps = [make(tiny_bert, by=by) for by in (0.0, 0.25, -0.1)]
    wanted = {name: value + 0.05 for name, value in read_weights(make(tiny_bert)).items() if value.is_floating_point()}
    set_temperatures(nlps[0].get_pipe("mtclinical"), {"groups": 2.0})
    nlp = average_pipelines(iter(nlps))
    assert nlp is nlps[0] and nlp.get_pipe("mtclinical").cfg["temperatures"] == {}
    found = read_weights(nlp)
    assert all(torch.allclose(found[name], value, atol=1e-6) for name, value in wanted.items())
    assert list_spans(nlp) == list_spans(make(tiny_bert, by=0.05)) != list_spans(nlps[1])


def test_what_was_not_trained_alike_has_none(tiny_bert):
    first = make(tiny_bert)
    for other, named in (
        ({"seed": 1}, "the seed of training"),
        ({"labels": {**LABELS, "drugs": ["ADE", "Dose"]}}, "labels"),
        ({"heads": {"drugs": HEADS["drugs"]}}, "tasks, labels, shapes of weights"),
        ({"heads": {**HEADS, "drugs": {**HEADS["drugs"], "nested": True}}}, "kinds of heads, shapes of weights"),
        ({"heads": {**HEADS, "alike": {**HEADS["alike"], "high": 100.0}}}, "kinds of heads"),
        ({"context": 4}, "settings of the encoder"),
    ):
        with pytest.raises(ValueError, match=f"Pipeline 3 .* differs from the first in {named}. Train all"):
            average_pipelines([first, make(tiny_bert), make(tiny_bert, **other)])
    for few, number in (([], "none"), ([first], "one")):
        with pytest.raises(ValueError, match=f"two pipelines at least to average, got {number}"):
            average_pipelines(few)


def test_the_command_writes_a_pipeline(tiny_bert, tmp_path):
    for number in (0, 1):
        make(tiny_bert, by=number / 2).to_disk(tmp_path / str(number))

    def call(*arguments):
        return CliRunner().invoke(mtclinical, ["average", *map(str, arguments)])

    run = call(tmp_path / "mean", tmp_path / "0", tmp_path / "1")
    assert run.exit_code == 0, run.output
    assert list_spans(spacy.load(tmp_path / "mean")) == list_spans(make(tiny_bert, by=0.25))
    again = call(tmp_path / "mean", tmp_path / "0", tmp_path / "1")
    assert again.exit_code == 2 and "Expected no folder, or an empty one" in again.output
    assert list_spans(spacy.load(tmp_path / "mean")) == list_spans(make(tiny_bert, by=0.25))
    again = call(tmp_path / "mean", tmp_path / "1", tmp_path / "1", "--force")
    assert again.exit_code == 0, again.output
    assert list_spans(spacy.load(tmp_path / "mean")) == list_spans(make(tiny_bert, by=0.5))
    (tmp_path / "mean" / "meta.json").unlink()
    assert call(tmp_path / "mean", tmp_path / "0", tmp_path / "1", "--force").exit_code == 2
    alone = call(tmp_path / "alone", tmp_path / "0")
    assert alone.exit_code == 1 and "got one" in alone.output and not (tmp_path / "alone").exists()
