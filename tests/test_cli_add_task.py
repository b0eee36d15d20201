"""`add_task --adapter lora` writes what trains; what cannot be is refused before anything is written."""

import shutil
import sys

import pytest
import spacy
from conftest import LABELS
from growing import NAMES, answers, call, read_config
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from test_growth import TEMPLATE, grown, parent  # noqa: F401
from thinc.api import Config

from spacy_mtclinical.growth import ADAPTERS, add_head
from spacy_mtclinical.loading import find_component
from spacy_mtclinical.model import get_adapters, get_heads

TEXTS = ["patient has rash and aspirin 5 mg daily.", "no fever, aspirin daily", ""]


def test_a_task_with_an_adapter_is_added_and_trained(parent, grown, tmp_path):  # noqa: F811
    config = tmp_path / "wounds" / "config.cfg"
    arguments = ["add_task", TEMPLATE, parent, grown, config, "--task", "wounds", "--epochs", 3]
    found = call("mtclinical", *arguments, "--adapter", "lora")
    assert found.exit_code == 0, found.output
    assert "wounds: EntityHead.v1 by Lora.v1, 3 training windows" in found.output
    written = read_config(config)
    model = written["components"]["mtclinical"]["model"]
    assert model["adapters"] == {
        "wounds": {"@architectures": NAMES + "Lora.v1", "rank": 8, "alpha": 16.0, "dropout": 0.05}
    }
    assert (model["train_only"], model["added"], model["head_rate"]) == (["wounds"], ["wounds"], 1.0)
    assert written["training"]["optimizer"]["learn_rate"]["initial_rate"] == 0.002
    found = call("train", config, "--output", tmp_path / "out")
    assert found.exit_code == 0, found.output
    old, new = spacy.load(parent), spacy.load(tmp_path / "out" / "model-last")
    assert list(get_adapters(find_component(new).model)) == ["wounds"]
    assert set(get_heads(find_component(new).model)) == {*LABELS, "wounds"}
    for (found, _, ents), (wanted, _, old_ents) in zip(
        *(answers(nlp, [nlp.make_doc(text) for text in TEXTS]) for nlp in (new, old))
    ):
        assert {key: value for key, value in found.items() if key != "wounds"} == wanted and "wounds" in found
        assert ents == old_ents


def test_a_second_task_keeps_the_adapter_of_the_first(parent, grown, tmp_path):  # noqa: F811
    nlp = spacy.load(parent)
    head = {"@architectures": NAMES + "EntityHead.v1"}
    base = Config().from_disk(TEMPLATE, interpolate=False)
    nlp.config["components"]["mtclinical"]["model"].update(adapters={"drugs": ADAPTERS["lora"]}, head_rate=10.0)
    section = add_head(base, nlp, "x", head, source="p", adapter=ADAPTERS["lora"])["components"]["mtclinical"]["model"]
    assert sorted(section["adapters"]) == ["drugs", "x"] and section["head_rate"] == 1.0
    section = add_head(base, nlp, "x", head, source="p", unfreeze=True)["components"]["mtclinical"]["model"]
    assert sorted(section["adapters"]) == ["drugs"] and section["head_rate"] == 10.0


def test_a_pipeline_whose_configuration_has_variables(parent, grown, tmp_path, caplog):  # noqa: F811
    """As configs/public.cfg has: the window of the encoder is ${vars.window}."""
    nlp = spacy.load(parent)
    nlp.config["vars"] = {"window": 64}
    nlp.config["components"]["mtclinical"]["model"]["encoder"]["window"] = "${vars.window}"
    nlp.to_disk(tmp_path / "model")
    assert "window = ${vars.window}" in (tmp_path / "model" / "config.cfg").read_text()
    found = call("mtclinical", "add_task", TEMPLATE, tmp_path / "model", grown, tmp_path / "c.cfg", "--task", "wounds")
    assert found.exit_code == 0, found.output
    config = read_config(tmp_path / "c.cfg")
    assert config["vars"]["window"] == config["components"]["mtclinical"]["model"]["encoder"]["window"] == 64
    init_nlp(config)
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "took over" in said and "other answers are to be expected" not in said


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--adapter", "prefix"], "Expected none or recurrent, lora, got 'prefix'."),
        (["--adapter", "lora", "--unfreeze"], "An adapter leaves the encoder as it is: no --unfreeze."),
    ],
)
def test_what_cannot_be_is_refused(arguments, said, parent, grown, tmp_path):  # noqa: F811
    found = call("mtclinical", "add_task", TEMPLATE, parent, grown, tmp_path / "c.cfg", "--task", "wounds", *arguments)
    assert found.exit_code == 2 and said in " ".join(found.output.split())
    assert not list(tmp_path.iterdir())


def test_without_peft_the_extra_is_named(parent, grown, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setitem(sys.modules, "peft", None)
    arguments = ["add_task", TEMPLATE, parent, grown, tmp_path / "c.cfg", "--task", "wounds"]
    found = call("mtclinical", *arguments, "--adapter", "lora")
    assert found.exit_code == 1 and 'Install it with pip install "spacy_mtclinical[lora]".' in found.output
    assert not list(tmp_path.iterdir())
    assert call("mtclinical", *arguments).exit_code == 0


def test_what_is_done_where_nothing_is_said(parent, grown, tmp_path):  # noqa: F811
    """Entities are read from every layer, pairs from the last; so few windows are read often."""
    corpora = tmp_path / "corpora"
    shutil.copytree(grown, corpora)
    shutil.copytree(corpora / "implies", corpora / "follows")
    rename_task(corpora / "follows", "implies", "follows")
    for task, adapters in (("wounds", {"wounds": ADAPTERS["recurrent"]}), ("follows", None)):
        config = tmp_path / task / "config.cfg"
        found = call("mtclinical", "add_task", TEMPLATE, parent, corpora, config, "--task", task)
        assert found.exit_code == 0, found.output
        written = read_config(config)
        assert (written["components"]["mtclinical"]["model"].get("adapters") or None) == adapters
        assert 300 <= written["training"]["max_steps"] < 330
        assert written["training"]["optimizer"]["learn_rate"]["initial_rate"] == (0.003 if adapters else 0.005)
    found = call("mtclinical", "add_task", TEMPLATE, parent, corpora, config, "--task", "wounds", "--unfreeze")
    assert found.exit_code == 0, found.output
    written = read_config(config)
    assert not written["components"]["mtclinical"]["model"].get("adapters")
    assert written["corpora"]["train"]["epochs"] == 20


def rename_task(folder, old, new):
    """Give the gold of a task's corpus another name."""
    nlp = spacy.blank("en")
    for path in folder.glob("*.spacy"):
        docs = list(DocBin().from_disk(path).get_docs(nlp.vocab))
        for doc in docs:
            doc._.mtclinical = {new: doc._.mtclinical[old]}
        DocBin(docs=docs, store_user_data=True).to_disk(path)
