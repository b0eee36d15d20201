"""What is done: gone on with if it is the same run, refused if not, and nothing of anybody else's removed."""

import json
import os

import pytest

from spacy_mtclinical.bulk.locks import LOCK, lock_folder
from spacy_mtclinical.bulk.manifests import (
    MANIFEST,
    RETIRED,
    Manifest,
    begin,
    clear,
    count_shards,
    make_facts,
    name_shard,
    read_manifest,
    retire,
    write_manifest,
)

FACTS = make_facts(
    model={"name": "en_x", "sha256": "1"}, input={"bytes": 5}, options={"pair": ("p", "h"), "tasks": None}
)
RUN = Manifest(FACTS, 10, 4, {})


def write_shard(folder, name, text="rows"):
    (folder / name).write_text(text)
    return {"inputs": 4, "failed": 0, "unread": 0, "bytes": len(text)}


def test_a_run_is_gone_on_with(tmp_path):
    assert begin(tmp_path, RUN, force=False) == RUN == read_manifest(tmp_path)
    assert json.loads((tmp_path / MANIFEST).read_text())["complete"] is False
    done = {name: write_shard(tmp_path, name) for name in ("part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl")}
    write_manifest(tmp_path, RUN._replace(done=done))
    assert json.loads((tmp_path / MANIFEST).read_text())["complete"] is True
    (tmp_path / "part-00001.jsonl").write_text("ro")
    (tmp_path / "part-00002.jsonl").unlink()
    (tmp_path / "_part-00002.jsonl").write_text("half")
    assert list(begin(tmp_path, RUN, force=False).done) == ["part-00000.jsonl"]
    assert begin(tmp_path, RUN, force=True) == RUN
    assert sorted(os.listdir(tmp_path)) == [MANIFEST]


@pytest.mark.parametrize(
    "fact, change, message",
    [
        ("model", {"name": "en_x", "sha256": "2"}, 'another one: model.sha256 was "1", is "2". Name another output'),
        ("input", {"bytes": 6}, "input.bytes was 5, is 6"),
        (
            "options",
            {"pair": ["p", "q"], "tasks": ["a"]},
            r'options.pair was \["p", "h"\], is \["p", "q"\]; options.tasks',
        ),
        ("made_with", "spacy_mtclinical 9", 'made_with was "spacy_mtclinical .*", is "spacy_mtclinical 9"'),
    ],
)
def test_another_run_is_refused_unless_forced(tmp_path, fact, change, message):
    begin(tmp_path, RUN, force=False)
    write_shard(tmp_path, "part-00000.jsonl")
    other = RUN._replace(facts={**FACTS, fact: change})
    with pytest.raises(ValueError, match=message):
        begin(tmp_path, other, force=False)
    assert (tmp_path / "part-00000.jsonl").exists()
    assert begin(tmp_path, other, force=True) == other == read_manifest(tmp_path)
    assert not (tmp_path / "part-00000.jsonl").exists()


@pytest.mark.parametrize(
    "name", ["notes.txt", "part-00000-uuid.parquet", ".hidden", "part-1.jsonl", "part-00000.jsonl", "a.part"]
)
@pytest.mark.parametrize("force", [True, False])
def test_other_files_are_never_removed(tmp_path, name, force):
    (tmp_path / name).write_text("mine")
    with pytest.raises(
        ValueError,
        match=f"Expected a new or empty folder, or one of a run, got .*, which holds {name}. Name another output.$",
    ):
        begin(tmp_path, RUN, force=force)
    assert (tmp_path / name).read_text() == "mine"


def test_only_shards_of_the_manifest_are_removed(tmp_path):
    write_manifest(tmp_path, RUN)
    for name in ("part-00000.jsonl", "_part-00002.jsonl", "part-00003.jsonl"):
        write_shard(tmp_path, name)
    with pytest.raises(ValueError, match="which holds part-00003.jsonl. Name another output.$"):
        begin(tmp_path, RUN, force=True)
    assert sorted(os.listdir(tmp_path)) == [MANIFEST, "_part-00002.jsonl", "part-00000.jsonl", "part-00003.jsonl"]
    (tmp_path / "part-00003.jsonl").unlink()
    (tmp_path / "part-00001").mkdir()
    (tmp_path / "part-00001" / "a.txt").write_text("x")
    (tmp_path / "outside").mkdir()
    os.rename(tmp_path / "outside", tmp_path.parent / "outside-of-it")
    (tmp_path.parent / "outside-of-it" / "keep").write_text("x")
    (tmp_path / "part-00002").symlink_to(tmp_path.parent / "outside-of-it")
    clear(tmp_path)
    assert os.listdir(tmp_path) == []
    assert (tmp_path.parent / "outside-of-it" / "keep").exists()


def test_a_removal_that_was_stopped_is_ended(tmp_path):
    write_manifest(tmp_path, RUN)
    write_shard(tmp_path, "part-00001.jsonl")
    retire(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [RETIRED, "part-00001.jsonl"] and read_manifest(tmp_path) is None
    assert begin(tmp_path, RUN, force=False) == RUN
    assert os.listdir(tmp_path) == [MANIFEST]


def test_beginnings_of_a_run_are_no_obstacle(tmp_path):
    for name in (LOCK, "_inputs.jsonl", "_inputs.jsonl.part", "_manifest.json.part"):
        (tmp_path / name).write_text("")
    assert begin(tmp_path, RUN, force=False) == RUN
    assert sorted(os.listdir(tmp_path)) == ["_inputs.jsonl", LOCK, MANIFEST]


@pytest.mark.parametrize("data", ["", "{}", "[]", '{"model": 1', "\ud800".encode("utf8", "surrogatepass")])
def test_a_damaged_manifest_is_told(tmp_path, data):
    (tmp_path / MANIFEST).write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(ValueError, match="_manifest.json is no whole manifest. Name another output, or remove"):
        read_manifest(tmp_path)
    with pytest.raises(ValueError, match="_manifest.json is no whole manifest"):
        begin(tmp_path, RUN, force=True)
    assert os.listdir(tmp_path) == [MANIFEST]


def test_shards_are_named_in_order_and_there_is_one_at_least():
    assert [count_shards(RUN._replace(total=total)) for total in (0, 1, 4, 5, 9)] == [1, 1, 1, 2, 3]
    names = [name_shard(number, ".jsonl") for number in (0, 9, 10, 99999)]
    assert names == sorted(names) and names[0] == "part-00000.jsonl"


def test_a_locked_folder_is_refused_and_free_again_afterwards(tmp_path):
    folder = tmp_path / "new" / "out"
    with lock_folder(folder):
        with pytest.raises(ValueError, match=rf"Another run writes into .*out \(process {os.getpid()}\). Wait for it"):
            with lock_folder(folder):
                pass
        (folder / MANIFEST).write_text("x")
    assert sorted(os.listdir(folder)) == [LOCK, MANIFEST]
    with lock_folder(folder):
        pass
    (folder / MANIFEST).unlink()
    with lock_folder(folder):
        pass
    assert not folder.exists()


def test_a_folder_in_which_nothing_was_written_is_gone(tmp_path):
    with pytest.raises(ZeroDivisionError):
        with lock_folder(tmp_path / "new" / "out"):
            assert os.listdir(tmp_path / "new" / "out") == [LOCK]
            raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


def test_the_lock_of_a_process_that_died_does_not_block(tmp_path):
    child = os.fork()
    if not child:
        with lock_folder(tmp_path):
            os._exit(9)
    os.waitpid(child, 0)
    assert os.listdir(tmp_path) == [LOCK]
    with lock_folder(tmp_path):
        pass
