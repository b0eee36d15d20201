"""The model card: what it says of tasks, figures, data and licences, and that the package takes it along."""

import re
from hashlib import sha256

import pytest
import srsly
from spacy.cli._util import app
from spacy.cli.package import package
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical.cards import FILE, MARK, About, find_data, list_data, list_figures, make_table
from spacy_mtclinical.cli import card as cards
from spacy_mtclinical.cli import encoder
from spacy_mtclinical.datasets import DATASETS, GENERIC
from spacy_mtclinical.datasets.public import PUBLIC
from spacy_mtclinical.datasets.terms import AGREEMENT, TERMS, find_terms

SCORES = {
    "split": "dev",
    "limit": None,
    "tasks": {
        "drugs": {
            **{"metric": "f", "score": 0.8764, "documents": 1234, "interval": [0.85, 0.9]},
            "definitions": {"f": "offsets and type equal"},
        },
        "alike": {"metric": "pearson", "score": None, "documents": 7, "interval": None, "definitions": {}},
    },
}


@pytest.fixture(scope="module")
def saved(tiny_bert, tmp_path_factory):
    nlp = make_trained(tiny_bert)
    folder = tmp_path_factory.mktemp("pipeline") / "model"
    nlp.to_disk(folder)
    return folder


@pytest.fixture
def model(saved):
    (saved / FILE).unlink(missing_ok=True)
    return saved


def write_report(corpus, task, dataset, **counts):
    (corpus / task).mkdir(parents=True)
    report = {"dataset": dataset, "counts": counts, "total": {"annotated": 42}}
    srsly.write_json(corpus / task / "train.report.json", report)


def card(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "card", *map(str, arguments)])


def test_terms_are_known_of_every_dataset():
    assert set(TERMS) == set(DATASETS) - set(GENERIC)
    for name, terms in TERMS.items():
        assert all(terms[:5]) and terms.url.startswith("https://"), name
        assert name not in PUBLIC or (terms.licence == PUBLIC[name].licence and terms.is_open)
    assert not TERMS["i2b2_2014"].is_open and TERMS["i2b2_2014"].licence == AGREEMENT
    assert find_terms("wounds") is None


@pytest.mark.parametrize("first", ["card", "package"])
def test_the_card_goes_into_the_package(model, tmp_path, first):
    srsly.write_json(tmp_path / "scores.json", SCORES)
    write_report(tmp_path / "corpus", "drugs", "phee", documents=5000)
    write_report(tmp_path / "corpus", "groups", "brat", documents=3)
    write_report(tmp_path / "corpus", "implies", "mednli", pairs=11232)
    (tmp_path / "packages").mkdir()
    before = {file: file.read_bytes() for file in model.rglob("*") if file.is_file()}
    options = ("--scores", tmp_path / "scores.json", "--corpus", tmp_path / "corpus", "--encoder", "some/checkpoint")
    if first == "card":
        found = card(model, *options)
    package(model, tmp_path / "packages", name="mtclinical", version="1.2.3", create_sdist=False)
    if first == "package":
        assert card(tmp_path / "packages" / "en_mtclinical-1.2.3", *options).exit_code == 1
        found = card(tmp_path / "packages" / "en_mtclinical-1.2.3", *options, "--force")
        assert {file: file.read_bytes() for file in model.rglob("*") if file.is_file()} == before
    assert found.exit_code == 0, found.output
    folder = tmp_path / "packages" / "en_mtclinical-1.2.3"
    text = (folder / FILE).read_text("utf8")
    assert text == (folder / "en_mtclinical" / "en_mtclinical-1.2.3" / FILE).read_text("utf8")
    name = "en_mtclinical 1.2.3" if first == "package" else "en_pipeline 0.0.0"
    assert text.startswith(f"# {name}\n\n{MARK}\n")
    for title in ("Tasks", "Figures", "Data", "Intended use", "Limits", "Use without a network"):
        assert f"\n\n## {title}\n\n" in text
    assert '| `drugs` | entities in notes | `doc.spans["drugs"]` | `ADE`, `Drug` |' in text
    assert '| `alike` | number for a pair | `doc._.mtclinical["alike"]` | a number |' in text
    assert "| `drugs` | f | 0.876 | 0.850 to 0.900 | 1,234 |" in text and "| `groups` | not scored |" in text
    assert "- `drugs`: offsets and type equal" in text and "| `alike` | pearson | - |  | 7 |" in text
    assert "begun from some/checkpoint" in text and "bert, 2 layers, 16 wide" in text
    assert "5,000 documents, 42 annotations | MIT | [ZhaoyueSun/PHEE" in text
    assert "11,232 pairs, 42 annotations | PhysioNet credentialed" in text
    assert "| `groups` | A corpus of its maker's |" in text and "agreements that forbid passing them on" in text
    assert "not calibrated" in text
    assert f"pip install --no-index --find-links wheels {name.split()[0]}" in text
    meta = srsly.read_json(folder / "meta.json")
    assert (meta["name"], meta["version"]) == ("mtclinical", "1.2.3")
    assert meta["description"].startswith("A spaCy pipeline that answers 4 clinical tasks")
    assert meta["sources"][1]["license"] == "MIT" and len(meta["sources"]) == 4
    widths = [line.count(" | ") for line in text.splitlines() if line.startswith("|") and "---" not in line]
    assert set(widths) == {3, 4, 5}


def test_a_card_is_replaced_but_not_one_of_another_hand(model):
    assert card(model).exit_code == 0 and "It was not scored" in (model / FILE).read_text("utf8")
    assert card(model, "--encoder", "x").exit_code == 0 and "begun from x" in (model / FILE).read_text("utf8")
    (model / FILE).write_text("mine", "utf8")
    found = card(model)
    assert found.exit_code == 1 and (model / FILE).read_text("utf8") == "mine"
    assert re.search("is there already, and was not written by this command. Say --force", found.output)
    assert card(model, "--force").exit_code == 0 and MARK in (model / FILE).read_text("utf8")


def test_the_training_configuration_names_the_checkpoint(model, tmp_path, monkeypatch):
    weights = tmp_path / "minilm" / encoder.WEIGHTS
    weights.parent.mkdir()
    weights.write_bytes(b"the weights")

    def told(name):
        (tmp_path / "config.cfg").write_text(f'[paths]\nencoder = "{name}"\n')
        assert card(model, "--config", tmp_path / "config.cfg").exit_code == 0
        return re.search("begun from (.*)\\.", (model / FILE).read_text("utf8"))[1]

    assert told("emilyalsentzer/Bio_ClinicalBERT") == "emilyalsentzer/Bio_ClinicalBERT"
    assert told(tmp_path / "minilm") == told("/of/another/machine/minilm") == "minilm"
    monkeypatch.setattr(cards, "SHA256", sha256(b"the weights").hexdigest())
    assert told(tmp_path / "minilm") == encoder.PACKAGED
    assert card(model).exit_code == 0 and "begun from a checkpoint that is not stated." in (model / FILE).read_text(
        "utf8"
    )


def test_invented_corpora_are_named_so(model, tmp_path):
    write_report(tmp_path / "demo", "drugs", "i2b2_2010", documents=5)
    (tmp_path / "other").mkdir()
    assert card(model, "--corpus", tmp_path / "demo", "--invented", tmp_path / "demo").exit_code == 0
    text = (model / FILE).read_text("utf8")
    assert "Invented sentences in the format of this dataset (drugs)" in text and "no use on real notes" in text
    assert AGREEMENT not in text
    assert card(model, "--corpus", tmp_path / "demo", "--invented", tmp_path / "other").exit_code == 0
    assert AGREEMENT in (model / FILE).read_text("utf8")


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path):
    found = card(tmp_path)
    assert found.exit_code == 1 and "Expected the folder of a pipeline, or one that spacy package wrote" in found.output


def test_what_is_no_file_of_figures_is_refused(model, tmp_path):
    srsly.write_json(tmp_path / "scores.json", [1])
    found = card(model, "--scores", tmp_path / "scores.json")
    assert found.exit_code == 1 and "expected the figures that evaluate --output writes" in found.output
    assert card(model, "--scores", tmp_path / "gone.json").exit_code == 2
    assert not (model / FILE).exists()


def test_the_task_is_the_dataset_where_there_is_no_report():
    assert find_data("phee", About()).licence == "MIT"
    assert find_data("wounds", About()).licence.startswith("not stated")
    assert find_data("phee", About(reports={"phee": {"train": {"dataset": "brat"}}})).licence.startswith("not stated")
    assert "passing them on" not in list_data(["phee", "snli"], About())
    assert "| not stated | MIT |" in list_data(["phee"], About())


def test_figures_of_another_split_and_of_a_part():
    told = list_figures(["drugs"], {**SCORES, "split": "test", "limit": 50})
    assert told.startswith("On the test split of each corpus, at most 50 documents a task, against")
    assert "chosen on it" not in told


def test_cells_do_not_break_the_table():
    assert make_table(["a"], [["x|y"]]).splitlines() == ["| a |", "| --- |", "| x\\|y |"]
