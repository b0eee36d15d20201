"""The verb `fetch`: from archives and from repositories, verified, and nothing half-written, whatever goes wrong."""

import io
import json
import socket
import tarfile
import threading
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import DATA
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_mtclinical.cli.fetch import DEFAULT
from spacy_mtclinical.datasets.public import PUBLIC, fingerprint
from spacy_mtclinical.datasets.retrieval import address, bring
from spacy_mtclinical.formats.records import FormatError

FILES = {"dev/2.txt": b"two \xc3\xa9\r\n", "train/1.ann": b"", "train/1.txt": b"one"}
SUMS = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in FILES.items())
PHEE = replace(PUBLIC["phee"], count=3, sha256=sha256(SUMS.encode()).hexdigest())
HERE = {f"phee/{name}": data for name, data in FILES.items()}
THERE = {f"PHEE-41489b08/data/clean/{name}": data for name, data in FILES.items()}
MORE = {"README.md": b"read", "data/clean/test/3.txt": b"held out", "code/run.py": b"pass"}
REPOSITORY = {**THERE, **{f"PHEE-41489b08/{name}": data for name, data in MORE.items()}}


def make_tar(files, *, kind="gz", links=(), link_type=tarfile.SYMTYPE):
    """An archive as bytes; links are names of members that point to /etc/passwd."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=f"w:{kind}") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = link_type, "/etc/passwd"
            archive.addfile(member)
    return stream.getvalue()


def put(folder, data, name="phee"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.tar.xz").write_bytes(data)
    return folder


def found(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def call(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "fetch", *map(str, arguments)])


@pytest.fixture
def source(tmp_path):
    return put(tmp_path / "source", make_tar({**HERE, "phee/LICENSE": b"MIT"}, kind="xz"))


@pytest.fixture
def server(monkeypatch):
    """A web server on this machine: path to (status, bytes announced, body)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, announced, body = pages.get(self.path, (404, 0, b""))
            self.send_response(status)
            if announced is not None:
                self.send_header("Content-Length", str(announced))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    pages, asked = {}, []
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        web.base, web.pages, web.asked = f"http://127.0.0.1:{web.server_address[1]}", pages, asked
        yield web
        web.shutdown()
        thread.join()


def serve(server, data, *, corpus=PHEE, announced=None, status=200):
    server.pages[address(corpus, base="")] = (status, announced, data)
    return server.base


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_a_local_archive_becomes_the_corpus_folder(tmp_path, source):
    output = tmp_path / "new" / "assets"
    assert bring(PHEE, output, source=source) == "phee: 3 files from phee.tar.xz, verified"
    assert found(output) == {f"phee/{name}": data for name, data in {**FILES, "LICENSE": b"MIT"}.items()}
    assert [path.name for path in output.iterdir()] == ["phee"]


def test_another_split_in_a_local_archive_comes_along(tmp_path):
    source = put(tmp_path / "source", make_tar({**HERE, "phee/test/3.txt": b"Held out."}, kind="xz"))
    line = bring(PHEE, tmp_path / "out", source=source)
    assert line == "phee: 3 files from phee.tar.xz, verified; 1 file more, unverified, such as of another split"
    assert found(tmp_path / "out") == {**HERE, "phee/test/3.txt": b"Held out."}
    assert bring(PHEE, tmp_path / "out", source=source) == "phee: already there, 3 files verified, left alone"


def test_a_repository_gives_the_same_and_its_test_split_stays_away(tmp_path, server):
    base, told = serve(server, make_tar(REPOSITORY)), []
    url = f"{base}/ZhaoyueSun/PHEE/archive/41489b08.tar.gz"
    line = bring(PHEE, tmp_path / "out", base=base, progress=told.append)
    assert line == f"phee: 3 files from {url}, verified"
    assert told == [f"phee: {url}"]
    assert found(tmp_path / "out") == {**HERE, "phee/README.md": b"read"}
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["phee"]


def test_a_corpus_that_is_there_is_verified_and_left_alone(tmp_path, source, server):
    bring(PHEE, tmp_path / "out", source=source)
    (tmp_path / "out/phee/notes.md").write_bytes(b"mine")
    before = found(tmp_path / "out")
    told = []
    again = bring(PHEE, tmp_path / "out", base=server.base, progress=told.append)
    assert again == "phee: already there, 3 files verified, left alone"
    assert found(tmp_path / "out") == before
    assert not told and not server.asked


@pytest.mark.parametrize("change", ["train/1.txt", "train/new.txt", None])
def test_something_else_in_its_place_is_not_overwritten(tmp_path, source, change):
    if change:
        bring(PHEE, tmp_path / "out", source=source)
        (tmp_path / "out/phee" / change).write_bytes(b"mine")
    else:
        (tmp_path / "out").mkdir()
        (tmp_path / "out/phee").write_bytes(b"a file")
    before = found(tmp_path / "out")
    with pytest.raises(FileExistsError, match=r"phee: expected 3 files with SHA-256 \w+ or nothing in .*move"):
        bring(PHEE, tmp_path / "out", source=source)
    assert found(tmp_path / "out") == before


def test_an_empty_folder_in_its_place_is_filled(tmp_path, source):
    (tmp_path / "out/phee").mkdir(parents=True)
    bring(PHEE, tmp_path / "out", source=source)
    assert fingerprint(tmp_path / "out/phee", PHEE) == (3, PHEE.sha256)


@pytest.mark.parametrize(
    "files,links,error,message",
    [
        ({**HERE, "phee/train/1.txt": b"One"}, [], ValueError, r"phee: expected 3 files .*, got 3 files with \w+\. N"),
        ({**HERE, "phee/train/9.txt": b""}, [], ValueError, r"phee.tar.xz, got 4 files .*Get the right phee.tar.xz"),
        ({"other/train/1.txt": b"one"}, [], ValueError, r"got 0 files .*or leave --source away to ask the public"),
        ({**HERE, "../evil.txt": b"x"}, [], FormatError, r"phee.tar.xz: expected members inside .*, got '../evil.txt'"),
        ({**HERE, "/evil.txt": b"x"}, [], FormatError, r"phee.tar.xz: expected members inside the archive's own"),
        (HERE, ["phee/train/2.txt"], FormatError, r"phee.tar.xz: expected plain files, got a link or device named"),
    ],
)
def test_a_bad_local_archive_leaves_nothing_behind(tmp_path, files, links, error, message):
    source = put(tmp_path / "source", make_tar(files, kind="xz", links=links))
    with pytest.raises(error, match=message):
        bring(PHEE, tmp_path / "out", source=source)
    assert not list((tmp_path / "out").iterdir())
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("way", ["archive", "repository"])
def test_a_truncated_archive_is_a_clear_error(tmp_path, server, way, keep):
    files = HERE if way == "archive" else REPOSITORY
    data = make_tar({**files, "phee/noise": bytes(range(256)) * 200}, kind="xz" if way == "archive" else "gz")
    data = data[: int(len(data) * keep)]
    source = put(tmp_path / "source", data) if way == "archive" else None
    with pytest.raises(FormatError, match=r"phee.*: expected a whole \.\w.* archive.*, got \w+\. Fetch it again, or "):
        bring(PHEE, tmp_path / "out", source=source, base=serve(server, data))
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "files,links,error,message",
    [
        ({**THERE, "PHEE-41489b08/data/clean/dev/2.txt": b""}, [], ValueError, r"phee: expected 3 files .* from http"),
        ({"PHEE-41489b08/data/dirty/1.txt": b""}, [], ValueError, r"got 0 files .* or put the corpus as phee\.tar\.xz"),
        ({**THERE, "PHEE/../../evil.txt": b"x"}, [], FormatError, r"phee-41489b08\.tar\.gz: expected members inside"),
        ({**THERE, "../../evil.txt": b"x"}, [], FormatError, r"own folder, got '\.\./\.\./evil\.txt'\. Do not trust"),
        (THERE, ["PHEE-41489b08/data/clean/dev/9.txt"], FormatError, r"expected a plain file, got a link or device"),
        ({**THERE, "PHEE-b/data/clean/dev/2.txt": b"x"}, [], FormatError, r"expected one file for dev/2\.txt, got"),
    ],
)
def test_a_bad_repository_leaves_nothing_behind(tmp_path, server, files, links, error, message):
    with pytest.raises(error, match=message):
        bring(PHEE, tmp_path / "in" / "out", base=serve(server, make_tar(files, links=links)))
    assert not list((tmp_path / "in" / "out").iterdir())
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("link_type", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_of_a_repository_that_are_not_needed_do_no_harm(tmp_path, server, link_type):
    data = make_tar(THERE, links=["PHEE-41489b08/out", "PHEE-41489b08/data/clean"], link_type=link_type)
    bring(PHEE, tmp_path / "out", base=serve(server, data))
    assert found(tmp_path / "out") == HERE


def test_an_answer_that_is_a_refusal_is_named(tmp_path, server):
    with pytest.raises(OSError, match=r"phee: expected an archive at http.*41489b08\.tar\.gz, got HTTP status 404\."):
        bring(PHEE, tmp_path / "out", base=server.base)
    with pytest.raises(FormatError, match=r"expected a whole \.tar\.gz archive, got ReadError"):
        bring(PHEE, tmp_path / "out", base=serve(server, b"<html>Please log in</html>"))
    assert not list((tmp_path / "out").iterdir())


def test_an_answer_that_breaks_off_is_a_lost_connection(tmp_path, server):
    data = make_tar(REPOSITORY)
    with pytest.raises(ConnectionError, match=rf"phee: expected {len(data) + 9} bytes from http.*, got {len(data)}\."):
        bring(PHEE, tmp_path / "out", base=serve(server, data, announced=len(data) + 9))
    assert not list((tmp_path / "out").iterdir())


def test_without_a_connection_the_message_points_to_source(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    message = r"phee: expected an answer from http://127.*, got none \(.*refused\).*phee\.tar\.xz.* that with --source"
    with pytest.raises(ConnectionError, match=message):
        bring(PHEE, tmp_path / "out", base=free_address())
    assert not list((tmp_path / "out").iterdir())


def test_a_corpus_that_no_repository_gives_needs_a_source(tmp_path, server):
    with pytest.raises(ValueError, match=r"mtsamples: expected a folder with mtsamples\.tar\.xz \(--source\), since"):
        bring(PUBLIC["mtsamples"], tmp_path / "out", base=server.base)
    with pytest.raises(FileNotFoundError, match=r"mtsamples: expected mtsamples\.tar\.xz in .*, found none\. Get"):
        bring(PUBLIC["mtsamples"], tmp_path / "out", source=tmp_path)
    assert not server.asked


UPSTREAM = {
    "medrqe": lambda name: f"MEDIQA_Task2_RQE/{name}",
    "bc5cdr": lambda name: f"BC5-CDR/original-data/{name}",
    "maccrobat": lambda name: f"MACCROBAT2020/{name.partition('/')[2]}",
    "snli": lambda name: "data/snli/dev.jsonl",
    "stsb": lambda name: f"data/stsbenchmark/{name.replace('.free', '')}",
}
HELD_OUT = json.dumps({"premise": "Nobody wrote this.", "hypothesis": "x", "label": "neutral"}).encode() + b"\n"
NOT_FREE = b"main-captions\tMSRvid\t2012\t3\t5.00\ta\tb\n"


@pytest.mark.parametrize("dataset", UPSTREAM)
def test_the_real_corpora_come_out_of_a_repository_laid_out_as_documented(tmp_path, server, dataset):
    corpus = PUBLIC[dataset]
    archive = DATA / f"{corpus.name}.tar.xz"
    if not archive.exists():
        pytest.skip(f"the public corpus {corpus.name} is not in MTCLINICAL_DATA")
    files = {}
    with tarfile.open(archive) as members:
        for member in members:
            name = member.name.partition("/")[2]
            if member.isfile() and corpus.reads(name):
                data = members.extractfile(member).read()
                extra = {"snli": HELD_OUT, "stsb": NOT_FREE}.get(dataset, b"")
                files[f"repository-{corpus.commit}/{UPSTREAM[dataset](name)}"] = extra + data
    line = bring(corpus, tmp_path, base=serve(server, make_tar(files), corpus=corpus))
    assert line.endswith(f"{corpus.commit}.tar.gz, verified")
    assert fingerprint(tmp_path / dataset, corpus) == (corpus.count, corpus.sha256)


@pytest.fixture
def tiny(monkeypatch, server):
    """The verb with two corpora by default, of which phee is small; repositories are on the local server."""
    monkeypatch.setitem(PUBLIC, "phee", PHEE)
    monkeypatch.setattr("spacy_mtclinical.cli.fetch.DEFAULT", ("snli", "phee"))
    monkeypatch.setattr("spacy_mtclinical.cli.fetch.GITHUB", server.base)
    return server


def test_the_verb_brings_what_it_can_and_names_the_rest(tmp_path, tiny, source):
    result = call(tmp_path / "out", "--source", source)
    assert result.exit_code == 0
    assert call(tmp_path / "named", "--source", source, "--corpus", "snli", "--corpus", "phee").exit_code == 1
    assert result.stdout == "phee: 3 files from phee.tar.xz, verified\n"
    assert result.stderr.startswith("snli: expected snli.tar.xz in ")
    assert result.stderr.endswith("\nleft out: snli\n")
    result = call(tmp_path / "out", "--corpus", "phee", "--corpus", "phee", "--source", source)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "phee: already there, 3 files verified, left alone\n"
    assert not tiny.asked


def test_the_verb_asks_the_repositories_where_there_is_no_source(tmp_path, tiny):
    url = serve(tiny, make_tar(REPOSITORY)) + "/ZhaoyueSun/PHEE/archive/41489b08.tar.gz"
    missing = tmp_path / "nowhere"
    result = call(tmp_path / "out", "--corpus", "phee", "--source", missing)
    assert result.exit_code == 0
    assert result.stdout == f"phee: 3 files from {url}, verified\n"
    assert result.stderr == f"{missing} does not exist: asking the public repositories\nphee: {url}\n"


def test_without_a_connection_the_verb_stops_at_the_first(tmp_path, tiny, monkeypatch):
    monkeypatch.setattr("spacy_mtclinical.cli.fetch.GITHUB", free_address())
    result = call(tmp_path / "out")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("expected an answer from") == 1
    assert result.stderr.endswith("\nleft out: snli, phee\n")


def test_the_list_needs_no_output_and_no_connection():
    result = call("--list")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = result.stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["corpus", *PUBLIC]
    for row, corpus in zip(rows[1:], PUBLIC.values()):
        for cell in (corpus.stands_for, corpus.licence, corpus.repository, corpus.commit, f"{corpus.name}.tar.xz"):
            assert cell in row
        assert row.endswith("archive or repository" if corpus.dataset != "mtsamples" else "archive only")


def test_wrong_use_is_status_2_and_notes_come_on_request(tmp_path):
    assert DEFAULT == ("medrqe", "quaero_2014", "bc5cdr", "maccrobat", "meddocan", "phee", "snli", "stsb")
    assert "mtsamples" in PUBLIC
    result = call(tmp_path, "--corpus", "rqe")
    assert result.exit_code == 2
    assert "Expected one of medrqe, " in " ".join(result.stderr.split())
    assert call().exit_code == 2
    (tmp_path / "file").write_bytes(b"")
    assert call(tmp_path, "--source", tmp_path / "file").exit_code == 2


def test_a_test_split_that_was_there_before_stays(tmp_path, source):
    (tmp_path / "out/phee/test").mkdir(parents=True)
    (tmp_path / "out/phee/test/3.txt").write_bytes(b"Held out.")
    assert bring(PHEE, tmp_path / "out", source=source) == "phee: 3 files from phee.tar.xz, verified"
    assert found(tmp_path / "out") == {**HERE, "phee/LICENSE": b"MIT", "phee/test/3.txt": b"Held out."}
    assert bring(PHEE, tmp_path / "out", source=source) == "phee: already there, 3 files verified, left alone"
