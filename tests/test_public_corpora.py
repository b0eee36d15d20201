"""The table of public corpora: its names, checksums, and what of a repository belongs to each corpus."""

import json
import re
import tarfile
from hashlib import sha256

import pytest
from conftest import DATA

from spacy_mtclinical.datasets import DATASETS
from spacy_mtclinical.datasets.public import PUBLIC, fingerprint
from spacy_mtclinical.datasets.selections import MACCROBAT, keep_free_sources, keep_snli_premises, maccrobat_split
from spacy_mtclinical.formats.records import FormatError

RQE_TRAIN, RQE_TEST = (f"MEDIQA2019-Task2-RQE-{name}Set-AMIA2016.xml" for name in ("Training", "Validation"))
UPSTREAM = [
    ("medrqe", f"MEDIQA_Task2_RQE/{RQE_TRAIN}", RQE_TRAIN),
    ("medrqe", f"MEDIQA_Task2_RQE/{RQE_TEST}", RQE_TEST),
    ("medrqe", "MEDIQA_Task2_RQE/Task2_README.txt", "Task2_README.txt"),
    ("medrqe", "MEDIQA_Task2_RQE/MEDIQA2019-Task2-RQE-TestSet-wLabels.xml", None),
    ("quaero_2014", "CLEF_2017/dataset/corpus/train/EMEA/345_1.ann", "train/EMEA/345_1.ann"),
    ("quaero_2014", "CLEF_2017/dataset/corpus/dev/MEDLINE/1005312.txt", "dev/MEDLINE/1005312.txt"),
    ("quaero_2014", "CLEF_2017/dataset/corpus/dev/MEDLINE/1008378.ann~", None),
    ("quaero_2014", "CLEF_2017/dataset/corpus/test/EMEA/334_2.ann", None),
    ("quaero_2014", "CLEF_2017/dataset/corpus/train/EMEA/tools.conf", None),
    ("bc5cdr", "BC5-CDR/original-data/CDR_TrainingSet.PubTator.txt", "CDR_TrainingSet.PubTator.txt"),
    ("bc5cdr", "BC5-CDR/original-data/dev/CDR_DevelopmentSet.PubTator.txt", "CDR_DevelopmentSet.PubTator.txt"),
    ("bc5cdr", "BC5-CDR/original-data/CDR_TestSet.PubTator.txt", None),
    ("bc5cdr", "README.md", "README.bmip-2018.md"),
    ("maccrobat", "MACCROBAT2020/15939911.ann", "train/15939911.ann"),
    ("maccrobat", "MACCROBAT2020/18815636.txt", "dev/18815636.txt"),
    ("maccrobat", "MACCROBAT2020/1.txt", None),
    ("maccrobat", "MACCROBAT2018/15939911.ann", None),
    ("meddocan", "corpus/train/xml/S0004-1.xml", "train/xml/S0004-1.xml"),
    ("meddocan", "corpus/dev/brat/S0004-1.ann", "dev/brat/S0004-1.ann"),
    ("meddocan", "corpus/test/xml/S0004-1.xml", None),
    ("meddocan", "LICENSE", "LICENSE"),
    ("phee", "data/clean/dev/10327035_1.ann", "dev/10327035_1.ann"),
    ("phee", "data/clean/train/..\\..\\x.txt", None),
    ("phee", "data/clean/test/10327035_1.ann", None),
    ("phee", "data/json/dev.json", None),
    ("snli", "data/snli/dev.jsonl", "snli_devsplit_train.jsonl"),
    ("snli", "data/snli/test.jsonl", None),
    ("stsb", "data/stsbenchmark/sts-train.csv", "sts-train.free.csv"),
    ("stsb", "data/stsbenchmark/sts-test.csv", None),
    ("stsb", "data/stsbenchmark/LICENSE.txt", "LICENSE.txt"),
]


@pytest.mark.parametrize("corpus", PUBLIC.values(), ids=PUBLIC)
def test_a_row_of_the_table_is_complete(corpus):
    assert corpus.dataset in DATASETS or corpus.on_request
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", corpus.repository)
    assert re.fullmatch(r"[0-9a-f]{8}", corpus.commit)
    assert re.fullmatch(r"[0-9a-f]{64}", corpus.sha256)
    assert corpus.stands_for in DATASETS or corpus.on_request
    assert corpus.count > 0 and corpus.licence
    assert corpus.place or corpus.remark


@pytest.mark.parametrize("dataset", PUBLIC)
def test_checksums_are_those_of_the_distributed_archives(dataset):
    corpus = PUBLIC[dataset]
    archive = DATA / f"{corpus.name}.tar.xz"
    if not archive.exists():
        pytest.skip(f"the public corpus {corpus.name} is not in MTCLINICAL_DATA")
    lines = {}
    with tarfile.open(archive) as members:
        for member in members:
            name = member.name.partition("/")[2]
            if member.isfile() and corpus.reads(name):
                lines[name] = f"{sha256(members.extractfile(member).read()).hexdigest()}  {name}\n"
    assert len(lines) == corpus.count
    assert sha256("".join(lines[name] for name in sorted(lines)).encode()).hexdigest() == corpus.sha256


def test_a_fingerprint_covers_names_and_contents_of_what_is_read_and_nothing_else(tmp_path):
    corpus = PUBLIC["phee"]
    for name, data in {"train/b.ann": b"", "train/a.txt": b"one", "dev/c.txt": b"\xff"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    sums = [(sha256(data).hexdigest(), name) for data, name in [(b"\xff", "dev/c.txt"), (b"one", "train/a.txt")]]
    sums.append((sha256(b"").hexdigest(), "train/b.ann"))
    expected = 3, sha256("".join(f"{digest}  {name}\n" for digest, name in sums).encode()).hexdigest()
    assert fingerprint(tmp_path, corpus) == expected
    (tmp_path / "test").mkdir()
    for name in ("LICENSE", "train/annotation.conf", "test/a.txt"):
        (tmp_path / name).write_bytes(b"other")
    assert fingerprint(tmp_path, corpus) == expected
    (tmp_path / "dev/c.txt").rename(tmp_path / "dev/d.txt")
    assert fingerprint(tmp_path, corpus) != expected
    assert fingerprint(tmp_path / "nothing", corpus) == (0, sha256(b"").hexdigest())


@pytest.mark.parametrize("dataset,path,name", UPSTREAM)
def test_files_of_a_repository_get_their_names_and_tests_stay_away(dataset, path, name):
    corpus = PUBLIC[dataset]
    assert corpus.place(path) == name
    assert name is None or corpus.has(name)


def test_every_corpus_that_a_repository_gives_has_an_example_above():
    assert {dataset for dataset, _, name in UPSTREAM if name} == {n for n, corpus in PUBLIC.items() if corpus.place}


def test_splits_of_case_reports():
    assert {split: len(ids) for split, ids in MACCROBAT.items()} == {"train": 130, "dev": 20}
    assert not MACCROBAT["train"] & MACCROBAT["dev"]
    assert [maccrobat_split(doc_id) for doc_id in ("28595573", "28353588", "")] == ["train", "dev", None]


def test_only_freely_licensed_rows_of_the_benchmark_are_kept():
    free = b"main-captions\timages\t2014\t1\t5.00\tA dog.\tA dog.\n" + b"main-news\theadlines\t2016\t2\t0\ta\tb\tc\td\n"
    other = b"main-captions\tMSRvid\t2012\t3\t5.00\timages\theadlines\n" + b"images\n" + b"\n"
    assert keep_free_sources(other + free + other) == free
    assert keep_free_sources(free[:-1]) == free


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"premise": 1}', b'{"hypothesis": "x"}', b"\xff"])
def test_a_line_without_a_premise_is_named_by_its_number(line):
    with pytest.raises(FormatError, match=r"dev\.jsonl, line 2: expected a JSON object with a premise, got something"):
        keep_snli_premises(b'{"premise": "x"}\n' + line + b"\n")


def test_premises_that_are_held_out_are_left_out(public_corpus):
    data = (public_corpus("snli") / "snli_devsplit_train.jsonl").read_bytes()
    lines = data.splitlines(keepends=True)
    invented = json.dumps({"premise": "Nobody wrote this.", "hypothesis": "x", "label": "neutral"}).encode() + b"\n"
    assert keep_snli_premises(b"".join([invented, *lines[:100], invented, *lines[100:], invented])) == data
