"""The verb `convert_all`: what is there is converted, what is not is named, and no split is its own test set."""

import json
import re
from pathlib import Path

import pytest
import srsly
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_mtclinical.cli.convert_all import NAMED, SUITES
from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.datasets.conversion import convert_corpus

ROOT = Path(__file__).parent.parent
TEXT = "Start zzamol 5 mg .\n"
ANN = "T1\tDrug 6 12\tzzamol\nT2\tStrength 13 17\t5 mg\n"
NLI = {"sentence1": "He rests.", "sentence2": "He eats.", "gold_label": "neutral"}


def call(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "convert_all", *map(str, arguments)])


def lay(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(data, "utf8")
    return root


def notes(folder, *names):
    return {f"{folder}/{name}.{kind}": data for name in names for kind, data in (("txt", TEXT), ("ann", ANN))}


def mednli(*splits, folder="mednli"):
    return {f"{folder}/mli_{split}_v1.jsonl": json.dumps({**NLI, "pairID": split}) + "\n" for split in splits}


@pytest.fixture
def assets(tmp_path):
    """Two of the eight corpora, one without a dev file, in folders as distributed."""
    many = [str(number) for number in range(30)]
    files = {
        **notes("n2c2_2018/training_20180910", *many),
        **notes("n2c2_2018/gold-standard-test-data/test", "100", "101"),
        **mednli("train", "test"),
    }
    return lay(tmp_path / "assets", files)


def written(output):
    return sorted(str(path.relative_to(output).as_posix()) for path in output.rglob("*.spacy"))


def test_what_is_there_is_converted_and_the_rest_named(assets, tmp_path):
    found = call(assets, tmp_path / "out")
    assert found.exit_code == 0, found.output
    tasks = {"n2c2_2018": ("dev", "test", "train"), "mednli": ("test", "train")}
    assert written(tmp_path / "out") == sorted(f"{task}/{split}.spacy" for task, of in tasks.items() for split in of)
    lines = found.stdout.splitlines()
    assert "mednli train: 1 pairs" in lines
    assert "n2c2_2018 test: 2 notes, 4 annotations: spans 100.00 %" in lines
    assert len(lines) == 5
    left_out = re.findall(r"left out: (\w+) \(no files in", found.stderr)
    assert left_out == [name for name in SUITES["clinical"] if name not in tasks]
    assert "left out: mednli dev (Expected a .jsonl file for split dev in mednli, found 2 .jsonl" in found.stderr


def test_datasets_and_splits_can_be_chosen(assets, tmp_path):
    found = call(assets, tmp_path / "out", "--dataset", "mednli", "--split", "test")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "mednli test: 1 pairs\n", "")
    assert written(tmp_path / "out") == ["mednli/test.spacy"]


def test_no_split_gets_documents_of_another(tmp_path):
    """Where no name tells, `convert` takes all files for the split it is asked for; here that would be thrice."""
    lay(tmp_path, {**notes("n2c2_2018", *map(str, range(30))), "mednli/all.jsonl": json.dumps(NLI) + "\n"})
    found = call(tmp_path, tmp_path / "out")
    assert found.exit_code == 0, found.output
    assert written(tmp_path / "out") == ["mednli/train.spacy", "n2c2_2018/dev.spacy", "n2c2_2018/train.spacy"]
    for task, split in (("mednli", "dev"), ("mednli", "test"), ("n2c2_2018", "test")):
        reason = f"it has documents of train; name a folder or file for {split}"
        assert f"left out: {task} {split} ({reason})" in found.stderr
        assert not (tmp_path / "out" / task / f"{split}.report.json").exists()


def test_a_damaged_corpus_is_named_and_the_others_are_converted(assets, tmp_path):
    (assets / "n2c2_2018" / "training_20180910" / "3.ann").write_text("T1\tDrug\n")
    found = call(assets, tmp_path / "out")
    assert found.exit_code == 1
    assert "mednli/train.spacy" in written(tmp_path / "out")
    assert {"n2c2_2018/test.spacy", "mednli/test.spacy"} <= set(written(tmp_path / "out"))
    assert re.search(r"failed: n2c2_2018 train: \S*3.ann, line 1", found.stderr)
    assert "Expected whole corpora, could not convert n2c2_2018. Mend them, or take their folders" in found.stderr
    assert "zzamol" not in found.output


def test_a_dev_split_that_a_cut_leaves_empty_is_left_out(tmp_path):
    lay(tmp_path, notes("n2c2_2018/train", "1") | notes("n2c2_2018/test", "2"))
    found = call(tmp_path, tmp_path / "out", "--dataset", "n2c2_2018")
    assert found.exit_code == 0, found.output
    assert written(tmp_path / "out") == ["n2c2_2018/test.spacy", "n2c2_2018/train.spacy"]
    assert "left out: n2c2_2018 dev (Expected documents, or pairs with an answer, for split dev" in found.stderr


def test_a_split_of_an_earlier_run_stays(tmp_path):
    lay(tmp_path / "held", notes("held", "100"))
    convert_corpus("n2c2_2018", tmp_path / "held", tmp_path / "out", split="test")
    before = (tmp_path / "out" / "n2c2_2018" / "test.spacy").read_bytes()
    found = call(lay(tmp_path / "assets", notes("n2c2_2018", *map(str, range(30)))), tmp_path / "out")
    assert "left out: n2c2_2018 test (it has documents of train; name a folder or file for test; test.spacy of an " in (
        found.stderr
    )
    assert (tmp_path / "out" / "n2c2_2018" / "test.spacy").read_bytes() == before


def test_no_split_gets_documents_of_one_of_an_earlier_run(tmp_path):
    lay(tmp_path / "assets", notes("n2c2_2018", *map(str, range(30))))
    for split in ("train", "dev"):
        assert call(tmp_path / "assets", tmp_path / "out", "--split", split).exit_code == 0
    found = call(tmp_path / "assets", tmp_path / "out", "--split", "test")
    assert found.exit_code == 1 and "left out: n2c2_2018 test (it has documents of train; name a" in found.stderr
    assert written(tmp_path / "out") == ["n2c2_2018/dev.spacy", "n2c2_2018/train.spacy"]


def test_pairs_are_told_apart_by_their_texts(tmp_path):
    """Their identifiers are numbers of lines, which begin anew in each file."""
    rows = "".join(f"Sentence {number} .\tother\t1\n" for number in range(40))
    lay(tmp_path / "assets", {f"n2c2_2019/clinicalSTS{year}.train.txt": rows for year in (2018, 2019)})
    found = call(tmp_path / "assets", tmp_path / "out", "--split", "train", "--split", "dev")
    assert found.exit_code == 0, found.output
    assert written(tmp_path / "out") == ["n2c2_2019/dev.spacy", "n2c2_2019/train.spacy"]


def test_what_was_passed_over_is_told(tmp_path):
    pair = '<pair pid="1" type="x" value="true"><chq> a </chq><faq> b </faq></pair>'
    released, other = "MEDIQA2019-Task2-RQE-ValidationSet-AMIA2016.xml", "MEDIQA2019-Task2-RQE-TestSet-wLabels.xml"
    lay(tmp_path, {f"medrqe/{name}": f"<RQE-med-test>{pair}</RQE-med-test>" for name in (released, other)})
    lay(tmp_path, {f"rqe/{released}": ""})
    found = call(tmp_path, tmp_path / "out", "--dataset", "medrqe")
    assert found.stdout == "medrqe test: 1 pairs\n"
    assert f"note: {tmp_path / 'rqe'} was passed over, since {tmp_path / 'medrqe'} is there" in found.stderr
    assert f"note: medrqe test: 1 files were passed over for {released}; to convert one, name it as INPUT: {other}" in (
        found.stderr
    )


@pytest.mark.parametrize("suite", SUITES)
def test_none_at_all_points_to_the_workflows_that_need_none(suite, tmp_path):
    (tmp_path / "mednli").mkdir()
    (tmp_path / "mednli" / ".gitkeep").touch()
    found = call(tmp_path, tmp_path / "out", "--suite", suite)
    assert (found.exit_code, found.stdout) == (1, "")
    assert f"None of the corpora is there: expected a folder in {tmp_path} for one of" in found.stderr
    for name in SUITES[suite]:
        assert f"left out: {name} (no files in {tmp_path / name})" in found.stderr
    workflows = srsly.read_yaml(ROOT / "project.yml")["workflows"]
    assert set(re.findall(r"project run (\w+)", found.stderr)) == {"demo", "public"} <= set(workflows)
    assert "assets/README.md" in found.stderr and (ROOT / "assets" / "README.md").exists()
    assert not (tmp_path / "out").exists()


def test_an_earlier_conversion_is_not_passed_over_in_silence(assets, tmp_path):
    call(assets, tmp_path / "out", "--dataset", "mednli")
    lay(tmp_path / "fewer", notes("n2c2_2018/train", "1"))
    found = call(tmp_path / "fewer", tmp_path / "out", "--split", "train")
    assert found.exit_code == 0
    assert f"left out: mednli (no files in {tmp_path / 'fewer' / 'mednli'}; " in found.stderr
    assert f"{tmp_path / 'out' / 'mednli'} of an earlier run stays)" in found.stderr


def test_public_corpora_may_have_the_names_of_their_archives(tmp_path):
    pair = '<pair pid="1" type="x" value="true"><chq> a </chq><faq> b </faq></pair>'
    lay(tmp_path, {"rqe/validation.xml": f"<RQE-med-test>{pair}</RQE-med-test>", **notes("quaero/train/EMEA", "1_1")})
    (tmp_path / "quaero/train/EMEA/1_1.ann").write_text("T1\tCHEM 6 12\tzzamol\n")
    found = call(tmp_path, tmp_path / "out", "--suite", "public")
    assert found.exit_code == 0, found.output
    assert written(tmp_path / "out") == ["medrqe/test.spacy", "quaero_2014/train.spacy"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--suite", "private"], "Expected one of clinical, public, got 'private'"),
        (["--dataset", "brat"], "Expected one of i2b2_2010"),
        (["--split", "valid"], "Expected one of train, dev, test, got 'valid'"),
    ],
)
def test_wrong_use_has_status_2(arguments, message, tmp_path):
    found = call(tmp_path, tmp_path / "out", *arguments)
    assert found.exit_code == 2
    assert message in " ".join(found.output.split())


def test_every_suite_has_eight_datasets_that_are_there():
    for suite, datasets in SUITES.items():
        assert len(datasets) == 8, suite
        assert set(datasets) <= set(NAMED)
        for name, folders in datasets.items():
            assert folders[0] == name == load_dataset(name).TASK
