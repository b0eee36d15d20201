import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from spacy_mtclinical.datasets.writing import Written
from spacy_mtclinical.export.folder import write_folder

FILES = [Written(("a.ann",), "T1\n"), Written(("EMEA", "b.txt"), "\ufeffé\r\n")]


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf8")
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_gets_its_files_as_they_are(tmp_path, is_there):
    output = tmp_path / "deep" / "out"
    if is_there:
        output.mkdir(parents=True)
    assert write_folder(iter(FILES), output) == []
    assert contents(tmp_path) == {"deep/out/a.ann": "T1\n", "deep/out/EMEA/b.txt": "\ufeffé\r\n"}
    assert os.listdir(tmp_path / "deep") == ["out"]
    assert output.stat().st_mode == output.parent.stat().st_mode


@pytest.mark.parametrize("is_there", [False, True])
def test_where_one_file_cannot_be_made_none_is_written(tmp_path, is_there):
    output = tmp_path / "out"
    if is_there:
        write_folder(FILES, output)

    def files():
        yield Written(("a.ann",), "new")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_folder(files(), output, force=True)
    assert contents(tmp_path) == ({"out/a.ann": "T1\n", "out/EMEA/b.txt": "\ufeffé\r\n"} if is_there else {})
    assert os.listdir(tmp_path) == (["out"] if is_there else [])


def test_a_folder_on_another_file_system_gets_its_files(tmp_path):
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no other file system")
    with TemporaryDirectory(dir=memory) as elsewhere:
        (tmp_path / "out").symlink_to(elsewhere, target_is_directory=True)
        assert write_folder(FILES, tmp_path / "out") == []
        left = write_folder(FILES[:1], tmp_path / "out", force=True)
        assert [path.as_posix() for path in left] == ["EMEA/b.txt"]
        assert contents(Path(elsewhere)) == {"a.ann": "T1\n", "EMEA/b.txt": "\ufeffé\r\n"}
        assert sorted(os.listdir(elsewhere)) == ["EMEA", "a.ann"] and os.listdir(tmp_path) == ["out"]


def test_files_are_replaced_only_where_that_is_said(tmp_path):
    output = tmp_path / "out"
    write_folder(FILES, output)
    with pytest.raises(ValueError, match=r"Expected a new or empty folder, got .*out, which holds files.*--force"):
        write_folder(FILES, output)
    left = write_folder([Written(("a.ann",), "new"), Written(("c", "d.ann"), "")], output, force=True)
    assert [path.as_posix() for path in left] == ["EMEA/b.txt"]
    assert contents(output) == {"a.ann": "new", "EMEA/b.txt": "\ufeffé\r\n", "c/d.ann": ""}


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "out").write_text("", "utf8")
    with pytest.raises(ValueError, match="Expected a folder to write, got the file"):
        write_folder(FILES, tmp_path / "out", force=True)


@pytest.mark.parametrize(
    "parts", [("..", "x"), ("a", "..", "x"), ("/etc/x",), ("a/b",), ("a\\b",), ("",), (".",), ("a", ""), ("a\0",)]
)
def test_names_that_leave_the_folder(tmp_path, parts):
    with pytest.raises(ValueError, match="Expected names of files below the output folder, got"):
        write_folder([Written(parts, "")], tmp_path / "out")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("parts", [("a.ann",), ("a.ann", "b.ann")])
def test_two_files_of_one_name(tmp_path, parts):
    with pytest.raises(ValueError, match="Expected each document to have a file of its own, got two for 'a.ann"):
        write_folder([*FILES, Written(parts, "")], tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    output, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    output.mkdir()
    elsewhere.mkdir()
    (output / "EMEA").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(ValueError, match="Expected to write a file below .*out, got a link out of it"):
        write_folder(FILES, output, force=True)
    assert contents(tmp_path) == {}


def test_a_link_that_is_a_file_is_replaced_and_not_what_it_points_to(tmp_path):
    (tmp_path / "kept").write_text("kept", "utf8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.ann").symlink_to(tmp_path / "kept")
    write_folder(FILES, tmp_path / "out", force=True)
    assert (tmp_path / "kept").read_text("utf8") == "kept"
    assert (tmp_path / "out" / "a.ann").read_text("utf8") == "T1\n"


def test_a_folder_in_place_of_a_file_changes_nothing(tmp_path):
    (tmp_path / "out" / "a.ann").mkdir(parents=True)
    with pytest.raises(ValueError, match="got a link out of it or a folder at .*a.ann"):
        write_folder(FILES, tmp_path / "out", force=True)
    assert contents(tmp_path) == {}


def test_a_failure_halfway_says_how_far_it_came(tmp_path, monkeypatch):
    write_folder(FILES, tmp_path / "out")
    rename = os.replace

    def fail(source, target):
        if str(target).endswith("a.ann"):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match=r"out: 1 of 2 files were replaced, then: No space left on device\."):
        write_folder(FILES, tmp_path / "out", force=True)
    assert os.listdir(tmp_path) == ["out"]
