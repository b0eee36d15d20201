import pytest
import spacy
from spacy.tokens import DocBin, Span, SpanGroup
from typer.testing import CliRunner

from spacy_mtclinical.bulk.items import REASON
from spacy_mtclinical.cli import mtclinical
from spacy_mtclinical.datasets.conversion import convert_corpus
from spacy_mtclinical.documents import DOC_ID, SCORES

TEXT = "Start zzamol 5 mg .\n"
ANN = "T7\tDrug 6 12\tzzamol\nT3\tStrength 13 14;15 17\t5 mg\n#1\tAnnotatorNotes T3\tC1\n"


def run(*arguments):
    return CliRunner().invoke(mtclinical, ["export", *map(str, arguments)])


@pytest.fixture()
def gold(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "n1.txt").write_text(TEXT, "utf8")
    (tmp_path / "in" / "n1.ann").write_text(ANN, "utf8")
    convert_corpus("n2c2_2018", tmp_path / "in", tmp_path / "corpus", split="test")
    return tmp_path / "corpus" / "n2c2_2018" / "test.spacy"


@pytest.fixture()
def predicted(tmp_path):
    doc = spacy.blank("en").make_doc(TEXT)
    doc.spans["own"] = SpanGroup(doc, attrs={SCORES: [0.9]}, spans=[Span(doc, 1, 2, label="Drug")])
    doc.user_data[DOC_ID] = "n1"
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "predicted.spacy")
    return tmp_path / "predicted.spacy"


def test_gold_from_ann_to_spacy_to_ann(tmp_path, gold):
    result = run("n2c2_2018", gold, tmp_path / "out", "--gold")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "out" / "n1.ann").read_text("utf8") == ANN
    assert (tmp_path / "out" / "n1.txt").read_text("utf8") == TEXT
    assert result.stderr.splitlines() == [
        f"reading {gold}",
        "n2c2_2018: the gold annotations, as they were in the files, of task n2c2_2018 in 1 documents, 2 annotations",
        "  2 are read back as they are",
    ]


def test_predictions_of_another_task_without_texts(tmp_path, predicted):
    result = run("n2c2_2018", predicted, tmp_path / "out", "--task", "own", "--no-text")
    assert result.exit_code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["n1.ann"]
    assert (tmp_path / "out" / "n1.ann").read_text("utf8") == "T1\tDrug 6 12\tzzamol\n"
    assert "the spans of task own in 1 documents, 1 annotations\n  1 documents hold predictions" in result.stderr


def test_a_folder_that_holds_files(tmp_path, gold):
    out = tmp_path / "out"
    out.mkdir()
    (out / "n1.ann").write_text("old", "utf8")
    (out / "n0.ann").write_text("other", "utf8")
    result = run("n2c2_2018", gold, out)
    assert result.exit_code == 1
    assert "Expected a new or empty folder" in result.stderr and "--force" in result.stderr
    assert (out / "n1.ann").read_text("utf8") == "old"
    result = run("n2c2_2018", gold, out, "--force")
    assert result.exit_code == 0
    assert "out also holds 1 files of before, which a scorer may read: n0.ann" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["n0.ann", "n1.ann", "n1.txt"]


def test_what_cannot_be_written_is_one_line_and_nothing_is_there(tmp_path, predicted):
    result = run("n2c2_2018", predicted, tmp_path / "out")
    assert result.exit_code == 1
    assert "Expected spans of task n2c2_2018 in each document, got none in 'n1', which has own." in result.stderr
    assert "zzamol" not in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["i2b2_2011", "FILE", "out"], "Expected one of i2b2_2010"),
        (["brat", "FILE", "out"], "since brat has"),
        (["phee", "missing.spacy", "out"], "does not exist"),
        (["phee", "FILE"], "Missing argument"),
    ],
)
def test_wrong_use(tmp_path, predicted, arguments, message):
    result = run(*(str(predicted) if argument == "FILE" else argument for argument in arguments))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_help_says_what_is_written():
    text = " ".join(run("--help").stdout.split())
    assert "--gold" in text and "official scorer" in text and "Exit status" in text


def save(path, *ids, failed=()):
    """What `annotate` writes of notes, some of which could not be annotated."""
    docs = []
    for doc_id in ids:
        doc = spacy.blank("en").make_doc("" if doc_id in failed else TEXT)
        if doc_id in failed:
            doc.user_data[REASON] = "not UTF-8"
        else:
            doc.spans["own"] = [Span(doc, 1, 2, label="Drug")]
        doc.user_data[DOC_ID] = doc_id
        docs.append(doc)
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


def test_notes_of_a_folder_are_named_as_the_dataset_names_them(tmp_path):
    result = run("n2c2_2018", save(tmp_path / "a.spacy", "n1.txt", "n2"), tmp_path / "out", "--task", "own")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["n1.ann", "n1.txt", "n2.ann", "n2.txt"]
    result = run("n2c2_2018", save(tmp_path / "a.spacy", "n1.txt", "n1"), tmp_path / "twins", "--task", "own")
    assert result.exit_code == 1 and "an identifier of its own for each document, got 'n1' twice" in result.stderr


def test_a_note_that_failed_is_named_with_the_reason(tmp_path):
    file = save(tmp_path / "a.spacy", "n1", "n2", failed=["n2"])
    result = run("n2c2_2018", file, tmp_path / "out", "--task", "own")
    assert result.exit_code == 1 and not (tmp_path / "out").exists()
    assert "got none in 'n2', which could not be annotated (not UTF-8). Mend it and annotate again." in result.stderr
