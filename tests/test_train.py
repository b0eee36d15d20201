"""`mtclinical train`: a run that is killed and goes on ends as one that was left alone; nothing is overwritten."""

import json
import random
import shutil

import pytest
import spacy
from conftest import HEADS
from growing import call, kill_after, read_config, start, write_plan
from trained import make_trained

from spacy_mtclinical import training
from spacy_mtclinical.corpus import create_round_robin_corpus_v1

KILLS = 4


@pytest.fixture(scope="module")
def config(tmp_path_factory, corpus, tiny_bert):
    path = write_plan(tmp_path_factory.mktemp("train"), corpus, tiny_bert)
    config = read_config(path)
    config["training"]["eval_frequency"] = 5
    config["training"]["dropout"] = 0.3
    config.to_disk(path)
    return path


@pytest.fixture(scope="module")
def whole(config):
    """A run that was left alone."""
    output = config.parent / "whole"
    process = start(["mtclinical", "train", config, "--output", output], config.parent / "whole.log")
    process.join()
    assert process.exitcode == 0, (config.parent / "whole.log").read_text()
    return output


def record_of(output):
    """The loss curve and the scores, without what tells the time."""
    found = json.loads((output / "checkpoints" / "finished.json").read_text())["history"]
    for row in found:
        del row["seconds"], row["other_scores"]["speed"]
    return found


def files_of(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def assert_same(output, whole):
    assert record_of(output) == record_of(whole)
    for name in ("model-best", "model-last"):
        found, wanted = files_of(output / name), files_of(whole / name)
        assert set(found) == set(wanted)
        assert [file for file in found if found[file] != wanted[file]] == []


def test_a_run_that_was_killed_ends_like_one_that_was_not(config, whole, tmp_path):
    output, log = tmp_path / "out", tmp_path / "log"
    steps = read_config(config)["training"]["max_steps"]
    killed = 0
    for after in sorted(random.Random(0).sample(range(1, steps), KILLS)):
        process = start(["mtclinical", "train", config, "--output", output, "--resume", "--minutes", 0], log)
        killed += kill_after(process, output, after)
    assert killed == KILLS
    process = start(["mtclinical", "train", config, "--output", output, "--resume"], log)
    process.join()
    assert process.exitcode == 0, log.read_text()
    assert "going on after" in log.read_text()
    assert_same(output, whole)
    assert not [path for path in (output / "checkpoints").iterdir() if path.name != "finished.json"]


def test_a_run_that_has_ended_is_left_alone(config, whole):
    before = files_of(whole)
    found = call("mtclinical", "train", config, "--output", whole, "--resume")
    assert found.exit_code == 0 and "this run has ended already" in found.output
    found = call("mtclinical", "train", config, "--output", whole)
    assert found.exit_code == 1 and "holds a finished run. Name another folder" in found.output
    assert files_of(whole) == before


def test_another_configuration_is_refused_and_named(config, whole):
    before = files_of(whole)
    found = call("mtclinical", "train", config, "--output", whole, "--resume", "--training.dropout", 0.5)
    assert found.exit_code == 1
    assert "a run of another configuration: training.dropout was 0.3, is 0.5." in " ".join(found.output.split())
    assert files_of(whole) == before


def test_another_corpus_is_refused_and_named(config, whole, corpus, tmp_path):
    shutil.copytree(corpus, tmp_path / "corpus")
    shutil.copy(corpus / "groups" / "train.spacy", tmp_path / "corpus" / "drugs" / "train.spacy")
    arguments = ["mtclinical", "train", config, "--output", whole, "--resume"]
    found = call(*arguments, "--paths.corpus", tmp_path / "corpus")
    assert found.exit_code == 1
    assert "another configuration: drugs/train.spacy was" in found.output and "paths" not in found.output


def test_another_dev_split_or_other_labels_are_refused_and_named(config, whole, corpus, tmp_path):
    arguments = ["mtclinical", "train", config, "--output", whole, "--resume", "--paths.corpus", tmp_path / "corpus"]
    for name, other in (
        ("dev.spacy", corpus / "groups" / "dev.spacy"),
        ("labels.json", corpus / "groups" / "labels.json"),
    ):
        shutil.copytree(corpus, tmp_path / "corpus")
        shutil.copy(other, tmp_path / "corpus" / "drugs" / name)
        found = call(*arguments)
        assert found.exit_code == 1 and f"another configuration: drugs/{name} was" in found.output
        shutil.rmtree(tmp_path / "corpus")


def test_a_corpus_made_by_hand_may_do_without_labels(config, corpus, tmp_path):
    shutil.copytree(corpus, tmp_path / "corpus")
    (tmp_path / "corpus" / "drugs" / "labels.json").unlink()
    changed = read_config(config)
    changed["paths"]["corpus"] = str(tmp_path / "corpus")
    found = training.identify(changed)
    assert set(training.identify(read_config(config))) - set(found) == {"drugs/labels.json"}
    changed["initialize"]["components"]["mtclinical"].pop("labels")
    changed.to_disk(tmp_path / "config.cfg")
    arguments = ["mtclinical", "train", tmp_path / "config.cfg", "--output", tmp_path / "out"]
    assert call(*arguments, "--training.max_steps", 2).exit_code == 0


def test_a_run_with_teachers_goes_on_as_well_and_other_teachers_are_refused(config, tiny_bert, tmp_path, monkeypatch):
    for number, task in enumerate(("drugs", "groups", "drugs")):
        make_trained(tiny_bert, heads={task: HEADS[task]}, seed=number).to_disk(tmp_path / f"{task}-{number}")
    taught = read_config(config)
    taught["paths"]["teachers"] = {"drugs": str(tmp_path / "drugs-0"), "groups": str(tmp_path / "groups-1")}
    taught["corpora"]["train"]["teachers"] = "${paths.teachers}"
    taught.to_disk(tmp_path / "taught.cfg")
    arguments = ["mtclinical", "train", tmp_path / "taught.cfg", "--minutes", 0, "--output"]
    assert call(*arguments, tmp_path / "whole").exit_code == 0
    written = training.write_checkpoint

    def die(folder, position, *rest):
        written(folder, position, *rest)
        if position == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(training, "write_checkpoint", die)
        assert call(*arguments, tmp_path / "out").exit_code == 130
    found = call(*arguments, tmp_path / "out", "--resume")
    assert found.exit_code == 0 and "going on after 4 steps" in found.output
    assert_same(tmp_path / "out", tmp_path / "whole")
    found = call(*arguments, tmp_path / "out", "--resume", "--paths.teachers.drugs", tmp_path / "drugs-2")
    assert found.exit_code == 1 and "another configuration: teacher of drugs was" in found.output


def test_another_reader_is_refused(config, tmp_path):
    found = call(*("mtclinical", "train", config, "--output", tmp_path, "--corpora.train.@readers", "spacy.Corpus.v1"))
    assert found.exit_code == 1
    assert "[corpora.train] expected spacy-mtclinical.RoundRobinCorpus.v1, got spacy.Corpus.v1" in found.output


def test_unknown_options_are_refused(config, tmp_path):
    found = call("mtclinical", "train", config, "--output", tmp_path, "--nope")
    assert found.exit_code == 2 and "no such option, and no setting of the configuration: --nope" in found.output


def test_settings_that_begin_with_a_minus_are_taken(config, whole, tmp_path):
    arguments = ["mtclinical", "train", config, "--output", whole, "--resume", "--verbose"]
    found = call(*arguments, "--training.max_epochs", -1)
    assert found.exit_code == 0 and "this run has ended already" in found.output


@pytest.mark.parametrize("steps", [0, 1, 7, 8, 9, 20])
@pytest.mark.parametrize("schedule", ["round_robin", "annealed", "loss_sum"])
def test_skipping_is_reading_without_looking(schedule, steps, corpus, tiny_bert):
    def read(skipped):
        reader = create_round_robin_corpus_v1(corpus, tiny_bert, schedule=schedule, window=64, note_batch=1, epochs=4)
        reader.skip(skipped)
        nlp = spacy.blank("en")
        found = []
        for epoch in range(5):
            for eg in reader(nlp):
                data = eg.reference.user_data
                found.append((epoch, data["mtclinical_batch"], data["mtclinical_task"], eg.reference.text))
        return found

    everything = read(0)
    batches = sorted({(epoch, number) for epoch, number, _, _ in everything})
    assert read(steps) == [row for row in everything if row[:2] in batches[steps:]]
