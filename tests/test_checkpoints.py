"""Checkpoints: only whole ones are used, two are kept, what they hold comes back exactly, nothing is overwritten."""

import json
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.checkpoints import (
    FINISHED,
    STATE,
    begin,
    check_identity,
    find_checkpoint,
    finish,
    go_on,
    list_folders,
    start_anew,
    write_checkpoint,
)

TENSORS = {"weights": {"a": torch.arange(6.0).reshape(2, 3)}, "moments": {"b": torch.tensor(3)}}


def write(folder, position, **state):
    write_checkpoint(folder, position, {"identity": {"x": 1}, **state}, TENSORS)


def damage(folder, position, name):
    (file,) = folder.glob(f"step-*{position}/{name}")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def test_the_last_two_are_kept_and_come_back(tmp_path):
    for position in (3, 5, 12):
        write(tmp_path, position)
    assert [path.name[-2:] for path in list_folders(tmp_path)] == ["05", "12"]
    found, damaged = find_checkpoint(tmp_path)
    assert (found.position, damaged) == (12, [])
    for name, tensors in TENSORS.items():
        assert all(torch.equal(value, tensors[key]) for key, value in found.load(name).items())


def test_it_holds_no_pickle(tmp_path):
    write(tmp_path, 1)
    assert {file.suffix for file in next(tmp_path.iterdir()).iterdir()} == {".json", ".safetensors"}
    for file in tmp_path.rglob("*.safetensors"):
        assert b"PK\x03\x04" not in file.read_bytes() and b"\x80\x02" not in file.read_bytes()[:8]


@given(st.floats(allow_nan=False))
def test_numbers_come_back_as_they_were(value):
    assert math.copysign(1, json.loads(json.dumps(value))) == math.copysign(1, value)
    assert json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("name", ["weights.safetensors", "moments.safetensors", STATE])
def test_a_damaged_one_is_named_and_the_one_before_is_used(name, tmp_path):
    folder = tmp_path / "checkpoints"
    write(folder, 3)
    write(folder, 5)
    damage(folder, 5, name)
    said = []
    found, ended = go_on(tmp_path, {"x": 1}, notify=said.append)
    assert (found.position, ended) == (3, False)
    assert len(said) == 1 and "step-000000005 is damaged" in said[0] and "going on from step-000000003" in said[0]
    assert name in said[0]
    assert [path.name[-1] for path in list_folders(folder)] == ["3"]


def test_a_missing_file_is_damage(tmp_path):
    write(tmp_path, 3)
    write(tmp_path, 5)
    next(tmp_path.glob("*5/weights*")).unlink()
    assert find_checkpoint(tmp_path)[0].position == 3


def test_what_was_being_written_is_not_looked_at(tmp_path):
    write(tmp_path, 3)
    for number in (1, 4):
        (tmp_path / f".step-00000000{number}.part").mkdir()
    assert find_checkpoint(tmp_path)[0].position == 3
    write(tmp_path, 4)
    assert find_checkpoint(tmp_path)[0].position == 4
    assert not list(tmp_path.glob(".step-*"))


def test_without_a_whole_one_nothing_is_begun(tmp_path):
    folder = tmp_path / "checkpoints"
    write(folder, 3)
    damage(folder, 3, STATE)
    with pytest.raises(ValueError, match="has no whole checkpoint .*step-000000003: state.json .*Delete it"):
        go_on(tmp_path, {"x": 1}, notify=print)
    assert list_folders(folder)


def test_a_run_of_another_configuration_is_refused(tmp_path):
    write(tmp_path / "checkpoints", 3)
    with pytest.raises(ValueError, match="another configuration: x was 1, is 2, and .*another folder|x was 1, is 2"):
        go_on(tmp_path, {"x": 2}, notify=print)
    with pytest.raises(ValueError, match="a was unset, is 1; b was unset, is 1; c was unset, is 1, and 1 more"):
        check_identity({}, dict.fromkeys("abcd", 1), output=tmp_path)


def test_a_run_is_never_begun_where_another_is(tmp_path):
    start_anew(tmp_path)
    write(tmp_path / "checkpoints", 3)
    with pytest.raises(ValueError, match="holds a run that has not ended. Say --resume"):
        start_anew(tmp_path)
    finish(tmp_path / "checkpoints", {"identity": {"x": 1}, "history": []})
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [FINISHED]
    with pytest.raises(ValueError, match="holds a finished run"):
        start_anew(tmp_path)
    assert go_on(tmp_path, {"x": 1}, notify=print) == (None, True)
    with pytest.raises(ValueError, match="another configuration"):
        go_on(tmp_path, {"x": 2}, notify=print)
    assert go_on(tmp_path / "elsewhere", {"x": 1}, notify=print) == (None, False)


def test_a_run_without_a_checkpoint_yet_is_known(tmp_path):
    begin(tmp_path, {"x": 1})
    (tmp_path / "model-best").mkdir()
    with pytest.raises(ValueError, match="holds a run that has not ended"):
        start_anew(tmp_path)
    assert go_on(tmp_path, {"x": 1}, notify=print) == (None, False)
    with pytest.raises(ValueError, match="another configuration"):
        go_on(tmp_path, {"x": 2}, notify=print)
    finish(tmp_path / "checkpoints", {"identity": {"x": 1}, "history": []})
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [FINISHED]


@pytest.mark.parametrize("name", ["model-best", "model-last"])
def test_a_pipeline_of_another_loop_is_not_written_over(name, tmp_path):
    (tmp_path / name).mkdir()
    for begun in (lambda: start_anew(tmp_path), lambda: go_on(tmp_path, {"x": 1}, notify=print)):
        with pytest.raises(ValueError, match=f"holds {name}, and no checkpoints of the run that made them"):
            begun()
