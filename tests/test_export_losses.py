"""What a format cannot hold is counted, or is an error that names the document and writes nothing."""

import pytest
from exported import TEXT, answered, files, gold, predicted, save
from generated_notes import SECRET
from spacy.tokens import DocBin
from trained import make_trained

from spacy_mtclinical import make_pair
from spacy_mtclinical.export.corpus import export_corpus
from spacy_mtclinical.formats.records import Annotation, Note, Pair


@pytest.mark.parametrize(
    "kind, is_gold, told",
    [
        ("notes", False, "1 documents hold GOLD, not predictions: those of its spans that fall on tokens are written"),
        ("notes", True, None),
        ("pairs", False, "1 pairs may hold GOLD: no pipeline answered them, or the answer is as certain as gold"),
        ("pairs", True, None),
    ],
)
def test_it_is_said_where_gold_stands_in_for_predictions(tmp_path, kind, is_gold, told):
    records = [Note("d1", TEXT)] if kind == "notes" else [Pair("1", "a", "b", "true")]
    dataset = "n2c2_2018" if kind == "notes" else "medrqe"
    lines = export_corpus(dataset, gold(records, dataset, tmp_path / "g.spacy"), tmp_path / "out", is_gold=is_gold)
    assert lines[0].startswith(f"{dataset}: the {'gold ' if is_gold else ''}")
    assert [line for line in lines if "GOLD" in line] == [line for line in lines if told and told in line]
    assert any("GOLD" in line for line in lines) == bool(told)


def test_numbers_that_no_pipeline_gave_are_said_to_be_gold(tmp_path, tiny_bert):
    """A pipeline without the head leaves what was there, though it has read the pair."""
    nlp = make_trained(tiny_bert)
    pair = make_pair(nlp, "patient has rash", "no fever")
    pair._.mtclinical["stsb"] = 3.5
    pair.user_data["doc_id"] = "1"
    lines = export_corpus("stsb", save([nlp(pair)], tmp_path / "p.spacy"), tmp_path / "out")
    assert any("1 pairs may hold GOLD" in line for line in lines)
    pair._.mtclinical["alike"] = 3.5
    lines = export_corpus("stsb", save([nlp(pair)], tmp_path / "p.spacy"), tmp_path / "own", task="alike")
    assert not any("GOLD" in line for line in lines)


def test_what_a_repair_moved_is_written_where_it_is_now(tmp_path):
    shifted = Annotation("T1", "Drug", ((0, 4),), attributes={"shift": -1, "level": 0})
    note = Note("d1", TEXT, (shifted, Annotation("T2", "Drug", ((0, 400),))))
    lines = export_corpus("n2c2_2018", gold([note], "n2c2_2018", tmp_path / "g.spacy"), tmp_path / "out", is_gold=True)
    assert lines[2:] == [
        "  1 annotations have offsets that the conversion shifted; written as shifted (first: 'd1')",
        "  1 annotations lie outside the text; LEFT OUT (first: 'd1')",
    ]
    assert (tmp_path / "out/d1.ann").read_text("utf8") == "T1\tDrug 0 4\tKnee\nA1\tlevel T1 0\n"


def test_what_another_format_had_is_counted(tmp_path):
    held = [
        Annotation("T1", "DATE", ((0, 4), (9, 12)), attributes={"notes": ["C1"]}),
        Annotation("T1", "AGE", ((0, 4),)),
    ]
    source = gold([Note("d1", TEXT, tuple(held))], "i2b2_2014", tmp_path / "g.spacy")
    lines = export_corpus("i2b2_2014", source, tmp_path / "out", is_gold=True)
    assert lines[1:] == [
        "  0 are read back as they are",
        "  1 annotations have several fragments; joined to one span from the first to the last (first: 'd1')",
        "  1 annotations have attributes that the format cannot hold; written without them (first: 'd1')",
        "  2 annotations have identifiers that the format cannot hold, or not unique ones; numbered anew (first: 'd1')",
    ]


@pytest.mark.parametrize(
    "doc_id", ["../x", "/etc/x", "a//b", "a/", "a/../b", ".", "..", "a\\b", "C:x", ".x", "a\n", " a", "x" * 250]
)
def test_identifiers_that_are_no_names_of_files(tmp_path, doc_id):
    source = predicted(tmp_path / "p.spacy", doc_id=doc_id)
    with pytest.raises(
        ValueError, match="Expected identifiers that can be names of files below the output folder, got"
    ):
        export_corpus("i2b2_2010", source, tmp_path / "sub" / "out")
    assert files(tmp_path) == ["p.spacy"]


@pytest.mark.parametrize(
    "dataset, change, message",
    [
        ("i2b2_2010", {"spans": [(0, 1, 'a"b')]}, "d1, annotation at 0: expected a label without quote"),
        (
            "n2c2_2018",
            {"spans": [(0, 1, "a b")]},
            "d1, annotation at 0: expected a label without white space, got an em",
        ),
        ("n2c2_2018", {"spans": [(0, 1, "")]}, "d1, annotation at 0: expected a label without white space"),
        ("bc5cdr", {}, "d1: expected a text on one line, got a line end at offset 12"),
        ("bc5cdr", {"text": "a", "doc_id": "a|b"}, r"Expected identifiers without bar, tab or line end, got 'a\|b'"),
        ("bc5cdr", {"text": "a", "spans": [(0, 1, "a\tb")]}, "d1, annotation at 0: expected a value without separator"),
        (
            "i2b2_2014",
            {"text": f"{SECRET} \x0c"},
            r"d1: expected characters that XML 1.0 can hold, got U\+000C at offs",
        ),
        ("medrqe", {}, "Expected pairs, got document 'd1' without two segments"),
    ],
)
def test_what_a_format_cannot_hold_names_the_document_and_writes_nothing(tmp_path, dataset, change, message):
    source = predicted(tmp_path / "p.spacy", task="own", **change)
    with pytest.raises(ValueError, match=message) as caught:
        export_corpus(dataset, source, tmp_path / "out", task="own")
    assert SECRET not in str(caught.value)
    assert files(tmp_path) == ["p.spacy"]


def test_a_pair_that_a_table_cannot_hold_is_named(tmp_path):
    source = answered(tmp_path / "p.spacy", "stsb", 1.0, first=f"{SECRET}\t")
    with pytest.raises(ValueError, match="pair x-1: expected a value without separator or line end") as caught:
        export_corpus("stsb", source, tmp_path / "out")
    assert SECRET not in str(caught.value)
    source = answered(tmp_path / "q.spacy", "medrqe", {"maybe": 0.9, "no": 0.1})
    with pytest.raises(ValueError, match="pair x-1: expected the answer 'true', 'false' or None"):
        export_corpus("medrqe", source, tmp_path / "out")


def test_two_documents_of_one_name(tmp_path):
    source = predicted(tmp_path / "p.spacy")
    both = DocBin(store_user_data=True).from_disk(source)
    both.merge(DocBin(store_user_data=True).from_disk(source))
    both.to_disk(tmp_path / "both.spacy")
    with pytest.raises(ValueError, match="Expected an identifier of its own for each document, got 'd1' twice"):
        export_corpus("i2b2_2010", tmp_path / "both.spacy", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("dataset", ["i2b2_2012", "i2b2_2014", "bc5cdr", "snli", "pairs"])
def test_texts_cannot_be_left_out_of_one_file(tmp_path, dataset):
    source = predicted(tmp_path / "p.spacy", task="own", text="a")
    with pytest.raises(ValueError, match="holds texts and annotations in one file: expected both"):
        export_corpus(dataset, source, tmp_path / "out", task="own", with_text=False)


def test_what_is_no_corpus(tmp_path):
    with pytest.raises(ValueError, match=r"Expected a dataset that can be written \(i2b2_2010, .*\), got iob"):
        export_corpus("iob", tmp_path / "p.spacy", tmp_path / "out", task="own")
    with pytest.raises(ValueError, match="Expected the name of a task, since brat has none of its own, got none"):
        export_corpus("brat", tmp_path / "p.spacy", tmp_path / "out")
    with pytest.raises(ValueError, match="Expected documents, got none in .*empty.spacy"):
        export_corpus("phee", save([], tmp_path / "empty.spacy"), tmp_path / "out")
    (tmp_path / "p.spacy").write_bytes(b"no")
    with pytest.raises(ValueError, match="p.spacy is no whole .spacy file"):
        export_corpus("phee", tmp_path / "p.spacy", tmp_path / "out")
