"""Configurations fitted to the corpora that are there: nothing is left of a head that is taken out."""

import pytest
from stand_in import ROOT
from thinc.api import Config

from spacy_mtclinical.planning import find_heads, keep_tasks


@pytest.fixture
def config():
    config = Config().from_disk(ROOT / "configs" / "train.cfg", interpolate=False)
    component = config["components"]["mtclinical"]
    component.update(thresholds={"i2b2_2014": 0.5, "n2c2_2018": 0.25}, candidates={"i2b2_2014": 0.05})
    component["model"].update(train_only=["n2c2_2018", "i2b2_2014"], added=["i2b2_2014"], adapters={"i2b2_2014": {}})
    config["corpora"]["train"].update(teachers={"i2b2_2014": "a", "n2c2_2018": "b"}, batch_sizes={"i2b2_2014": 3})
    return config


def lay(folder, *places):
    for place in places:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).touch()
    return folder


def test_settings_of_heads_that_are_taken_out_go_with_them(config, tmp_path):
    missing = keep_tasks(config, lay(tmp_path, "n2c2_2018/train.spacy", "n2c2_2018/dev.spacy"), None)
    assert "i2b2_2014" in missing and list(find_heads(config)) == ["n2c2_2018"]
    assert "i2b2_2014" not in Config(config["components"]).to_str()
    component = config["components"]["mtclinical"]
    assert (component["thresholds"], component["candidates"]) == ({"n2c2_2018": 0.25}, {})
    assert (component["model"]["train_only"], component["model"]["added"]) == (["n2c2_2018"], [])
    assert config["corpora"]["train"]["teachers"] == {"n2c2_2018": "b"}


def test_a_reference_to_teachers_stays(config, tmp_path):
    config["corpora"]["train"]["teachers"] = "${paths.teachers}"
    keep_tasks(config, lay(tmp_path, "n2c2_2018/train.spacy", "n2c2_2018/dev.spacy"), None)
    assert config["corpora"]["train"]["teachers"] == "${paths.teachers}"


def test_a_task_without_a_head_is_named(config, tmp_path):
    corpus = lay(tmp_path, "mednli/train.spacy", "mednli/dev.spacy")
    with pytest.raises(ValueError, match=r"Expected tasks of the configuration \(.*mednli.*\), got mendli, x\."):
        keep_tasks(config, corpus, ["mednli", "x", "mendli"])


def test_a_component_without_a_scorer_is_planned(config, tmp_path):
    config["components"]["mtclinical"]["scorer"] = None
    keep_tasks(config, lay(tmp_path, "mednli/train.spacy", "mednli/dev.spacy"), None)
    assert list(find_heads(config)) == ["mednli"]


def test_without_any_dev_split_there_is_no_plan(config, tmp_path):
    corpus = lay(tmp_path, "n2c2_2018/train.spacy", "mednli/train.spacy", "mednli/dev.spacy")
    keep_tasks(config.copy(), corpus, None)
    with pytest.raises(ValueError, match="None of n2c2_2018 has a dev split"):
        keep_tasks(config, corpus, ["n2c2_2018"])
