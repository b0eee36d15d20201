"""Runs of de-identification that are killed, disturbed and cut otherwise write what an undisturbed one writes."""

import json
import os
import random
import signal
import time

import pyarrow.parquet as pq
import pytest
import spacy
from children import in_child
from spacy.tokens import DocBin
from trained import make_trained

from spacy_mtclinical import make_pair
from spacy_mtclinical.bulk.locks import lock_folder
from spacy_mtclinical.bulk.manifests import read_manifest
from spacy_mtclinical.bulk.pipelines import stamp_pipeline
from spacy_mtclinical.deidentification import files
from spacy_mtclinical.deidentification.batches import Job, get_pipeline
from spacy_mtclinical.deidentification.files import Places, check_places, deidentify_files
from spacy_mtclinical.deidentification.keys import Secret
from spacy_mtclinical.deidentification.policies import SURROGATE, THRESHOLD, Policy

TOTAL = 23
WORDS = "patient Zzsmith has rash and aspirin 5 mg daily since 3/4/2010 seen by Zzjones".split()
SMALL = {"shard_notes": 4}
KINDS = {"ADE": "name", "Drug": "id"}


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    make_trained(tiny_bert).to_disk(folder)
    get_pipeline(str(folder), -1, "drugs", THRESHOLD)
    return str(folder)


@pytest.fixture
def job(model):
    policy = Policy(SURROGATE, kinds=KINDS)
    return Job(model, "drugs", policy, secret=Secret(b"0123456789abcdef"), batch_size=2, pattern=r"(\d)\.txt")


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    for number in range(TOTAL):
        chosen = random.Random(number)
        (folder / f"{number:02}.txt").write_text(" ".join(chosen.choices(WORDS, k=chosen.randint(0, 60))))
    (folder / "07.txt").write_bytes(b"\xff\xfe")
    return folder


def tree(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def undisturbed(job, notes, tmp_path):
    places = Places(notes, tmp_path / "whole", tmp_path / "whole.map.jsonl")
    found = deidentify_files(job, places)
    assert (found.counts["inputs"], found.counts["failed"], found.before) == (TOTAL, 1, 0)
    return tree(places.output), places.map.read_bytes()


def stop_after(monkeypatch, shards):
    """End runs, as a kill would, once so many shards are in the manifest."""
    write, done = files.run.__globals__["write_manifest"], []

    def write_and_stop(folder, manifest):
        write(folder, manifest)
        done.append(folder)
        if len(done) == shards:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setitem(files.run.__globals__, "write_manifest", write_and_stop)


def test_killed_at_any_moment_nothing_is_lost_and_nothing_twice(job, notes, undisturbed, tmp_path):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    chosen = random.Random(7)

    def run():
        deidentify_files(job, places, **SMALL)

    begun = time.perf_counter()
    elsewhere = Places(notes, tmp_path / "measured", tmp_path / "measured.jsonl")
    assert in_child(lambda: deidentify_files(job, elsewhere, **SMALL)) == 0
    whole = time.perf_counter() - begun
    statuses = [in_child(run, kill_after=whole * chosen.uniform(0.1, 0.6)) for _ in range(4)]
    assert -signal.SIGKILL in statuses
    in_child(run)  # it ends, or it had ended and says so
    assert (tree(places.output), places.map.read_bytes()) == undisturbed
    left = {path.name for path in tmp_path.iterdir() if path.name.startswith(("out", "map"))}
    assert left == {"out", "map.jsonl"}


@pytest.mark.parametrize("moment", ["retire", "clear"])
def test_a_run_that_is_killed_while_it_removes_the_shards_leaves_none(job, notes, undisturbed, tmp_path, moment):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    real = getattr(files, moment)

    def kill(*arguments, **settings):
        if moment == "retire":
            real(*arguments, **settings)
        os.kill(os.getpid(), signal.SIGKILL)

    def run():
        setattr(files, moment, kill)
        deidentify_files(job, places, **SMALL)

    assert in_child(run) == -signal.SIGKILL
    assert (tmp_path / "out.parts").exists() and (tmp_path / "map.jsonl.parts").exists()
    with pytest.raises(ValueError, match="Expected a new or empty folder"):
        deidentify_files(job, places, **SMALL)
    assert (tree(places.output), places.map.read_bytes()) == undisturbed
    assert not (tmp_path / "out.parts").exists() and not (tmp_path / "map.jsonl.parts").exists()


def test_a_killed_run_goes_on_where_it_was(job, notes, undisturbed, tmp_path, monkeypatch):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    with monkeypatch.context() as patched:
        stop_after(patched, 3)
        assert in_child(lambda: deidentify_files(job, places, **SMALL)) == -signal.SIGKILL
    assert not places.output.exists() and not places.map.exists()
    assert len(read_manifest(tmp_path / "out.parts").done) == 3
    shard = pq.read_table(tmp_path / "out.parts" / "part-00000.parquet")
    assert shard.column_names == ["id", "text", "patient", "error"]  # the map is not with the output
    told = []
    found = deidentify_files(job, places, tell=told.append, **SMALL)
    assert (found.before, found.counts["inputs"], found.counts["failed"]) == (12, TOTAL, 1)
    assert told == [f"12 of {TOTAL} notes were done before"]
    assert (tree(places.output), places.map.read_bytes()) == undisturbed


def test_processes_and_shards_change_nothing(job, notes, undisturbed, tmp_path):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    deidentify_files(job, places, shard_notes=9, n_process=2)
    assert (tree(places.output), places.map.read_bytes()) == undisturbed


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"secret": Secret(b"another-secret-0")}, "options.secret was"),
        ({"pattern": None}, "options.pattern was"),
        ({"rename": True}, "options.rename was false, is true"),
        ({"policy": Policy()}, 'options.policy.name was "surrogate", is "mask"'),
        ({"task": "groups"}, 'options.task was "drugs", is "groups"'),
    ],
)
def test_a_run_does_not_go_on_otherwise(job, notes, tmp_path, monkeypatch, changed, message):
    places = Places(notes, tmp_path / "out.jsonl")
    monkeypatch.setattr(files, "run", lambda *arguments, **settings: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        deidentify_files(job, places)
    with pytest.raises(ValueError, match="holds a run that is another one: .*" + message) as error:
        deidentify_files(job._replace(**changed), places)
    assert "0123456789abcdef" not in str(error.value) + (tmp_path / "out.jsonl.parts" / "_manifest.json").read_text()


def test_a_file_that_was_gone_is_read_again(job, notes, tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for number in range(3):
        (source / f"{number}.txt").write_text("Zzsmith has pain")
    places = Places(source, tmp_path / "out")

    def remove(opened):
        if (source / "1.txt").exists():
            (source / "1.txt").unlink()

    found = deidentify_files(job, places, look=remove)
    assert (found.counts["failed"], found.counts["unread"]) == (1, 1)
    assert sorted(tree(places.output)) == ["0.txt", "2.txt", "_errors.jsonl"]
    check_places(places, force=False)  # it goes on
    (source / "1.txt").write_text("Zzsmith has pain")
    found = deidentify_files(job, places)
    assert (found.counts["failed"], found.counts["unread"]) == (0, 0)
    assert sorted(tree(places.output)) == ["0.txt", "1.txt", "2.txt"]
    assert not (tmp_path / "out.parts").exists()
    with pytest.raises(ValueError, match="Expected a new or empty folder"):
        check_places(places, force=False)


def test_a_device_that_dies_ends_the_run(job, notes, undisturbed, tmp_path, monkeypatch):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    component = get_pipeline(job.model, -1, "drugs", THRESHOLD, stamp_pipeline(job.model)).get_pipe("mtclinical")
    predict, calls = component.predict, []

    def fail(docs):
        calls.extend(docs)
        if len(calls) > 10:
            raise RuntimeError(f"CUDA error: unspecified launch failure {docs}")
        return predict(docs)

    with monkeypatch.context() as patched:
        patched.setattr(component, "predict", fail)
        with pytest.raises(OSError, match=r"^The pipeline fails on everything \(RuntimeError\), first on '1\d.txt'"):
            deidentify_files(job, places, **SMALL)
    assert deidentify_files(job, places, **SMALL).before == 8
    assert (tree(places.output), places.map.read_bytes()) == undisturbed


def test_columns_of_any_name_are_kept_or_left_out(job, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": "pain", "_id": "x", "_map": "y", "_text": "z"}) + "\n")
    deidentify_files(job, Places(source, tmp_path / "out.jsonl"), keep=["_map", "_text"])
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert (row["_map"], row["_text"], "_id" in row) == ("y", "z", False)


def test_a_folder_has_no_columns_to_keep(job, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": "pain", "age": 40}) + "\n")
    with pytest.raises(ValueError, match="Expected a table as the output of columns that are kept, got the folder"):
        deidentify_files(job, Places(source, tmp_path / "out"), keep=["age"])
    assert not (tmp_path / "out").exists()


def test_pairs_are_told_from_notes(job, tmp_path):
    nlp = spacy.blank("en")
    DocBin(docs=[nlp("no pain"), make_pair(nlp, "pain", "rash")], store_user_data=True).to_disk(tmp_path / "in.spacy")
    deidentify_files(job, Places(tmp_path / "in.spacy", tmp_path / "out.jsonl"))
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["error"] for row in rows] == [None, "Expected a note, got a pair."]


def test_forced_it_begins_anew(job, tmp_path, monkeypatch):
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps({"text": "Zzsmith"}) + "\n")
    places = Places(source, tmp_path / "out.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(files, "finish", lambda *arguments, **settings: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            deidentify_files(job, places)
    found = deidentify_files(job._replace(policy=Policy()), places, force=True)
    assert (found.before, found.counts["inputs"]) == (0, 1)
    assert [json.loads(line)["id"] for line in places.output.read_text().splitlines()] == ["1"]


def test_the_shards_are_never_the_input(job, tmp_path):
    source = tmp_path / "out.parts"
    source.mkdir()
    (source / "a.txt").write_text("Zzsmith")
    for own in (source, source / "a.txt"):
        for places in (Places(own, tmp_path / "out"), Places(own, tmp_path / "b", tmp_path / "out")):
            with pytest.raises(ValueError, match="outside of the input"):
                check_places(places, force=True)


def test_a_secret_is_not_shown(job):
    assert "0123456789abcdef" not in repr(job) + str(job.secret)


def test_two_runs_do_not_share_a_map(job, notes, tmp_path):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    with lock_folder(tmp_path / "map.jsonl.parts"):
        with pytest.raises(ValueError, match="Another run writes into .*map.jsonl.parts"):
            deidentify_files(job, places)
    deidentify_files(job, places)
    assert not (tmp_path / "map.jsonl.parts").exists()


def test_what_the_map_lost_is_done_again(job, notes, undisturbed, tmp_path, monkeypatch):
    places = Places(notes, tmp_path / "out", tmp_path / "map.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr(files, "finish", lambda *arguments, **settings: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            deidentify_files(job, places, **SMALL)
    (tmp_path / "map.jsonl.parts" / "part-00001.jsonl").unlink()
    deidentify_files(job, places, **SMALL)
    assert (tree(places.output), places.map.read_bytes()) == undisturbed


def test_it_computes_in_fp32_where_the_precision_is_open(job, tmp_path):
    nlp = spacy.load(job.model)
    for given, wanted in (("auto", "fp32"), ("bf16", "bf16")):
        nlp.config["components"]["mtclinical"]["model"]["encoder"]["precision"] = given
        nlp.to_disk(tmp_path / given)
        found = get_pipeline(str(tmp_path / given), -1, "drugs", THRESHOLD, None)
        assert found.get_pipe("mtclinical").model.get_ref("encoder").attrs["precision"]() == wanted
