import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_datasets_archives import make

from spacy_mtclinical.datasets.sources import SPLITS, Chosen, choose, open_source, read_files, split_named
from spacy_mtclinical.datasets.splits import side
from spacy_mtclinical.report import Report

SUFFIXES = (".ann",)


def lay(folder, *names, data=b""):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def chosen(path, split, **options):
    with open_source(path, suffixes=SUFFIXES) as source:
        found = choose(source, source.with_suffix(*SUFFIXES), split=split, expected=".ann files", **options)
        return [str(file) for file in found.files], found.side


@pytest.mark.parametrize(
    "name, split",
    [
        ("train", "train"),
        ("CDR_TrainingSet.PubTator.txt", "train"),
        ("training-PHI-Gold-Set1", "train"),
        ("training_20180910", "train"),
        ("concept_assertion_relation_training_data", "train"),
        ("clinicalSTS2019.train.txt", "train"),
        ("snli_devsplit_train.jsonl", "train"),
        ("sts-dev.free.csv", "dev"),
        ("devel.tsv", "dev"),
        ("CDR_DevelopmentSet.PubTator.txt", "dev"),
        ("mli_dev_v1.jsonl", "dev"),
        ("validation", "dev"),
        ("gold-standard-test-data", "test"),
        ("reference_standard_for_test_data", "test"),
        ("testing-PHI-Gold-fixed", "test"),
        ("2012-08-23.test-data.groundtruth", "test"),
        ("MEDIQA2019-Task2-RQE-TestSet-wLabels.xml", "test"),
        ("RQE_test_pairs_AMIA2016.xml", "test"),
        ("snli_devsplit_heldout.jsonl", "test"),
        ("held-out", "test"),
        ("brat", None),
        ("device", None),
        ("latest", None),
        ("restrained", None),
    ],
)
def test_names_tell_the_split(name, split):
    assert split_named(name) == split


def test_further_names_count_before_the_usual_ones():
    assert split_named("ground_truth", hints={"ground_?truth": "test"}) == "test"
    assert split_named("TrainingSet-of-the-ValidationSet", hints={"valid(ation)?": "test"}) == "test"


@pytest.mark.parametrize("split", SPLITS)
def test_folders_of_splits_wherever_they_are(tmp_path, split):
    names = [f"corpus/{split}/{part}/a.ann" for split in SPLITS for part in ("EMEA", "MEDLINE")]
    lay(tmp_path, *names, "corpus/README.txt", "corpus/train/._a.ann", "corpus/.git/x.ann")
    assert chosen(tmp_path, split) == ([f"corpus/{split}/{part}/a.ann" for part in ("EMEA", "MEDLINE")], None)
    assert chosen(tmp_path / "corpus" / split, split)[0] == ["EMEA/a.ann", "MEDLINE/a.ann"]


@pytest.mark.parametrize("split", SPLITS)
def test_a_plain_folder_is_the_split_that_is_asked_for(tmp_path, split):
    lay(tmp_path / "notes", "a.ann", "b.ann", "a.txt")
    assert chosen(tmp_path / "notes", split) == (["a.ann", "b.ann"], None)


def test_the_nearest_name_counts(tmp_path):
    lay(tmp_path / "x", "test_of_system/train/a.ann", "test_of_system/dev/b.ann")
    assert chosen(tmp_path / "x", "dev")[0] == ["test_of_system/dev/b.ann"]


def test_names_of_files_tell_only_where_a_file_is_a_split(tmp_path):
    lay(tmp_path / "x", "test.ann", "other.ann")
    assert chosen(tmp_path / "x", "train")[0] == ["other.ann", "test.ann"]
    assert chosen(tmp_path / "x", "test", by_name=True)[0] == ["test.ann"]


@pytest.mark.parametrize(
    "names, split, expected",
    [
        (["a.ann", "b.ann"], "train", (["a.ann", "b.ann"], "train")),
        (["a.ann", "b.ann"], "dev", (["a.ann", "b.ann"], "dev")),
        (["a.ann", "b.ann"], "test", (["a.ann", "b.ann"], None)),
        (["train/a.ann", "test/b.ann"], "train", (["train/a.ann"], "train")),
        (["train/a.ann", "test/b.ann"], "dev", (["train/a.ann"], "dev")),
        (["train/a.ann", "test/b.ann"], "test", (["test/b.ann"], None)),
        (["train/a.ann", "dev/c.ann"], "train", (["train/a.ann"], None)),
        (["train/a.ann", "dev/c.ann"], "dev", (["dev/c.ann"], None)),
        (["beth/a.ann", "test_data/b.ann"], "train", (["beth/a.ann"], "train")),
        (["beth/a.ann", "test_data/b.ann"], "dev", (["beth/a.ann"], "dev")),
    ],
)
def test_dev_is_cut_from_train_only_where_there_is_none(tmp_path, names, split, expected):
    lay(tmp_path / "x", *names)
    assert chosen(tmp_path / "x", split, cut=True) == expected


def test_a_folder_called_dev_is_not_cut(tmp_path):
    lay(tmp_path / "dev", "a.ann")
    assert chosen(tmp_path / "dev", "dev", cut=True) == (["a.ann"], None)
    lay(tmp_path / "train", "a.ann")
    assert chosen(tmp_path / "train", "dev", cut=True) == (["a.ann"], "dev")


@given(st.lists(st.text(max_size=5), max_size=20))
def test_the_two_sides_of_a_cut_share_no_group_and_lose_none(keys):
    train, dev = ({key for key in keys if Chosen((), part).keeps(key)} for part in ("train", "dev"))
    assert train | dev == set(keys)
    assert not train & dev
    assert all(side(key) == "dev" for key in dev)


@pytest.mark.parametrize("name", ["corpus.tar.gz", "corpus.tar.xz", "corpus.zip"])
def test_an_archive_is_read_like_its_folder(tmp_path, name):
    archive = make(tmp_path / name, {"corpus/train/a.ann": b"x", "corpus/dev/b.ann": b"y", "corpus/dev/._b.ann": b"z"})
    assert chosen(archive, "dev") == (["corpus/dev/b.ann"], None)


def test_archives_in_a_folder_are_opened_where_nothing_else_is_there(tmp_path):
    make(tmp_path / "training_set_1.tar.gz", {"1/a.ann": b""})
    make(tmp_path / "training_set_2.zip", {"2/b.ann": b""})
    make(tmp_path / "testing.tar.gz", {"3/c.ann": b""})
    assert chosen(tmp_path, "train")[0] == ["training_set_1/1/a.ann", "training_set_2/2/b.ann"]
    assert chosen(tmp_path, "test")[0] == ["testing/3/c.ann"]
    lay(tmp_path, "unpacked/test/c.ann")
    assert chosen(tmp_path, "test")[0] == ["unpacked/test/c.ann"]


def test_what_was_unpacked_goes_when_it_is_read(tmp_path):
    archive = make(tmp_path / "a.zip", {"a.ann": b""})
    with open_source(archive, suffixes=SUFFIXES) as source:
        path = source.files[0].path
        assert path.exists()
    assert not path.exists()


def test_a_single_file_counts_whatever_its_name(tmp_path):
    lay(tmp_path, "train.old")
    assert chosen(tmp_path / "train.old", "test") == (["train.old"], None)


def test_nothing_at_the_path(tmp_path):
    with pytest.raises(FileNotFoundError, match="Expected a folder, a file or an archive, found nothing at .*/gone"):
        chosen(tmp_path / "gone", "train")


@pytest.mark.parametrize(
    "names, message",
    [
        (["notes.xml", "b.xml", "c.txt"], r"Expected .ann files for split dev in x, found 2 .xml, 1 .txt\. Give"),
        ([], "found no files"),
        (["train/a.ann", "test/b.ann"], r"found 2 .ann \(named for test, train\)\. Give the folder or archive as"),
    ],
)
def test_nothing_that_fits_says_what_is_there(tmp_path, names, message):
    (tmp_path / "x").mkdir()
    with pytest.raises(FileNotFoundError, match=message):
        chosen(lay(tmp_path / "x", *names), "dev")


def test_an_unknown_split(tmp_path):
    with pytest.raises(ValueError, match=r"Expected a split \(train, dev, test\), got 'valid'"):
        chosen(lay(tmp_path / "x", "a.ann"), "valid")


def test_identifiers_are_stems_or_places_where_two_share_one(tmp_path):
    lay(tmp_path / "x", "beth/1.ann", "partners/1.ann", "partners/2.ann", data="caf\u00e9".encode("latin-1"))
    report = Report(dataset="brat", task="t", split="train")
    with open_source(tmp_path / "x", suffixes=SUFFIXES) as source:
        found = choose(source, source.files, split="train", expected=".ann files")
        read = {doc_id: text for doc_id, _, text in read_files(found, report=report)}
    assert read == dict.fromkeys(["beth/1", "partners/1", "2"], "caf\u00e9")
    assert report.files == ["beth/1.ann", "partners/1.ann", "partners/2.ann"]
    assert report.counts["files_that_are_not_utf8"] == 3


def notices(folder, split, **settings):
    with open_source(folder, suffixes=(".ann",)) as source:
        return choose(source, source.with_suffix(".ann"), split=split, expected="files", **settings).notices


def test_files_that_no_split_takes_are_named(tmp_path):
    lay(tmp_path / "x", "train/a.ann", "Set2/b.ann", "Set3/c.ann", "test/d.ann")
    told = ("2 files belong to no split, since other names name one: Set2/b.ann, Set3/c.ann",)
    assert notices(tmp_path / "x", "train") == notices(tmp_path / "x", "test") == told
    lay(tmp_path / "y", "a.ann", "b.ann")
    assert notices(tmp_path / "y", "train") == ()


def test_links_and_archives_that_are_passed_over_are_named(tmp_path):
    lay(tmp_path / "x", "a.ann")
    lay(tmp_path / "elsewhere", "b.ann")
    (tmp_path / "x" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "x" / "gone.ann").symlink_to(tmp_path / "nowhere")
    with tarfile.open(tmp_path / "x" / "c.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "elsewhere" / "b.ann", "b.ann")
    assert notices(tmp_path / "x", "train") == (
        "2 links to folders, or to nothing, were not followed: gone.ann, more",
        "1 archives were not opened, since there are unpacked files beside them: c.tar.gz",
    )


def pack(path, *names):
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))


def test_an_archive_of_another_split_is_opened(tmp_path):
    lay(tmp_path / "x", "train/a.ann", "readme.txt")
    pack(tmp_path / "x" / "test.tar.gz", "b.ann")
    pack(tmp_path / "x" / "more-train.tar.gz", "c.ann")
    assert chosen(tmp_path / "x", "train")[0] == ["train/a.ann"]
    assert chosen(tmp_path / "x", "test")[0] == ["test/b.ann"]
    told = "1 archives were not opened, since there are unpacked files beside them: more-train.tar.gz"
    assert notices(tmp_path / "x", "train") == notices(tmp_path / "x", "test") == (told,)
    with pytest.raises(FileNotFoundError, match=rf"\(named for test, train\); {told}. Give the folder"):
        chosen(tmp_path / "x", "dev")


def test_of_an_archive_beside_what_was_unpacked_another_split_is_taken(tmp_path):
    lay(tmp_path / "x", "train/a.ann", "dev/b.ann")
    pack(tmp_path / "x" / "corpus.tar.gz", "corpus/train/a.ann", "corpus/test/c.ann", "corpus/d.ann")
    pack(tmp_path / "x" / "older.tar.gz", "train/a.ann")
    assert chosen(tmp_path / "x", "train")[0] == ["train/a.ann"]
    assert chosen(tmp_path / "x", "test")[0] == ["corpus/corpus/test/c.ann"]
    told = "1 archives were not opened, since there are unpacked files beside them: older.tar.gz"
    assert notices(tmp_path / "x", "test") == (told,)


def test_loose_files_stay_beside_archives(tmp_path):
    lay(tmp_path / "x", "test_data/a.txt")
    pack(tmp_path / "x" / "reference_standard_for_test_data.tar.gz", "concepts/a.ann")
    with open_source(tmp_path / "x", suffixes=(".ann",)) as source:
        places = [str(file) for file in source.files]
    assert places == ["reference_standard_for_test_data/concepts/a.ann", "test_data/a.txt"]


def test_a_file_about_an_archive_is_no_unpacked_file(tmp_path):
    lay(tmp_path / "x", "README.ann")
    pack(tmp_path / "x" / "corpus.tar.gz", "train/a.ann")
    assert chosen(tmp_path / "x", "train")[0] == ["corpus/train/a.ann"]


def test_a_name_that_is_not_utf8_is_named(tmp_path):
    try:
        (tmp_path / "caf\udce9.ann").touch()
    except OSError:
        pytest.skip("this file system takes no such name")
    with pytest.raises(ValueError, match=r"Expected names of files in UTF-8, got 'caf\\udce9.ann'. Rename it"):
        notices(tmp_path, "train")


def test_notices_come_into_the_report(tmp_path):
    report = Report(dataset="x", task="t", split="train")
    list(read_files(Chosen((), notices=("something was passed over",)), report=report))
    assert report.notices == ["something was passed over"]
