import io
import stat
import tarfile
import zipfile

import pytest

from spacy_mtclinical.datasets.archives import archive_stem, is_archive, unpack
from spacy_mtclinical.formats.records import FormatError

FILES = {"corpus/a.txt": b"one\r\n", "corpus/sub/b.ann": b"", "corpus/._a.txt": b"x", "__MACOSX/c.txt": b"y"}


def make_tar(path, files, *, kind=tarfile.REGTYPE, link=""):
    with tarfile.open(path, "w:" + {".gz": "gz", ".xz": "xz", ".bz2": "bz2"}.get(path.suffix, "")) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(data), kind, link
            archive.addfile(member, io.BytesIO(data))
    return path


def make_zip(path, files, *, mode=0):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            archive.writestr(member, data)
    return path


def make(path, files):
    return make_zip(path, files) if path.suffix == ".zip" else make_tar(path, files)


@pytest.mark.parametrize("name", ["a.tar.gz", "a.TGZ", "a.tar.xz", "a.tar.bz2", "a.tar", "a.zip"])
def test_names_of_archives(tmp_path, name):
    assert is_archive(tmp_path / name)
    assert archive_stem(tmp_path / name) == "a"
    assert not is_archive(tmp_path / "a.txt")


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.xz", "a.tar", "a.zip"])
def test_plain_files_are_unpacked_and_hidden_ones_are_not(tmp_path, name):
    unpack(make(tmp_path / name, FILES), to=tmp_path / "out")
    found = {str(p.relative_to(tmp_path / "out")): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert found == {"corpus/a.txt": b"one\r\n", "corpus/sub/b.ann": b""}


@pytest.mark.parametrize("archive", ["a.tar.gz", "a.zip"])
@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/evil.txt", "C:/evil.txt", "..\\evil.txt"])
def test_a_member_that_leaves_the_folder_is_refused(tmp_path, archive, name):
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in" / archive, {name: b"x"})
    with pytest.raises(FormatError, match="expected members inside the archive's own folder, got"):
        unpack(path, to=tmp_path / "in" / "out")
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, kind):
    path = make_tar(tmp_path / "a.tar.gz", {"passwd": b""}, kind=kind, link="/etc/passwd")
    with pytest.raises(FormatError, match="a.tar.gz: expected plain files, got a link or device named 'passwd'"):
        unpack(path, to=tmp_path / "out")


def test_links_in_a_zip_are_refused(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"passwd": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)
    with pytest.raises(FormatError, match="a.zip: expected plain files, got a link named 'passwd'"):
        unpack(path, to=tmp_path / "out")


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.xz", "a.zip"])
@pytest.mark.parametrize("keep", [0, 0.5])
def test_a_damaged_archive_is_a_clear_error(tmp_path, name, keep):
    path = make(tmp_path / name, {"a.txt": bytes(range(256)) * 400})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(FormatError, match=f"{name}: expected a whole .* archive without a password, got "):
        unpack(path, to=tmp_path / "out")
