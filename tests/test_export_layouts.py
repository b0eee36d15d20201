"""What the official scorers need to find in the files of an export, and what is said of it."""

import json
import re
from dataclasses import replace

import pytest
from exported import NLP, TEXT, answered, files, gold, predicted, read

from spacy_mtclinical.export.corpus import export_corpus
from spacy_mtclinical.formats.records import Annotation, Note


def test_files_are_where_the_scorer_of_2010_finds_nothing_else(tmp_path):
    export_corpus("i2b2_2010", predicted(tmp_path / "p.spacy", doc_id="0001"), tmp_path / "out")
    assert files(tmp_path / "out") == ["concept/0001.con", "txt/0001.txt"]
    assert (tmp_path / "out/concept/0001.con").read_text("utf8") == 'c="knee" 1:0 1:0||t="problem"\n'
    export_corpus("i2b2_2010", tmp_path / "p.spacy", tmp_path / "bare", with_text=False)
    assert files(tmp_path / "bare") == ["concept/0001.con"]


def test_folders_of_an_identifier_are_kept_and_read_back(tmp_path):
    for number, doc_id in enumerate(("one/concept/r1", "two/concept/r1")):
        export_corpus("i2b2_2010", predicted(tmp_path / f"{number}.spacy", doc_id=doc_id), tmp_path / str(number))
    assert files(tmp_path / "0") == ["concept/one/concept/r1.con", "txt/one/concept/r1.txt"]
    for name in files(tmp_path / "1"):
        (tmp_path / "0" / name).parent.mkdir(parents=True)
        (tmp_path / "1" / name).rename(tmp_path / "0" / name)
    assert [note.text for note in read("i2b2_2010", tmp_path / "0").values()] == [TEXT, TEXT]


def test_spans_within_tokens_are_widened_and_spans_without_are_left_out_and_both_are_said(tmp_path):
    source = predicted(
        tmp_path / "p.spacy", text="NHC-15 ,\n  seen", spans=[(2, 3, "test"), (4, 5, "test"), (3, 4, "pain")]
    )
    lines = export_corpus("i2b2_2010", source, tmp_path / "out")
    assert lines == [
        "i2b2_2010: the spans of task i2b2_2010 in 1 documents, 3 annotations",
        "  1 documents hold predictions (their spans have scores)",
        "  1 are read back as they are",
        "  1 annotations touch no token, of which the format's positions are made; LEFT OUT (first: 'd1')",
        "  1 annotations begin or end within a token; widened to whole tokens (first: 'd1')",
        "  1 annotations have a type that is not in the dataset's schema; written all the same (first: 'd1')",
    ]
    assert (tmp_path / "out/concept/d1.con").read_text(
        "utf8"
    ) == 'c="nhc-15" 1:0 1:0||t="test"\nc="," 1:1 1:1||t="pain"\n'


def test_2012_predictions_get_what_the_format_requires_and_that_is_said(tmp_path):
    text = "\nthe patient &apos;s A&B < 5\n"
    source = predicted(
        tmp_path / "p.spacy", doc_id="7", text=text, task="i2b2_2012", spans=[(1, 8, "TEST"), (1, 3, "TEST")]
    )
    lines = export_corpus("i2b2_2012", source, tmp_path / "out")
    assert lines[3:] == [
        "  2 annotations have no polarity, which the format requires; written as POS (first: '7')",
        "  2 annotations have no modality, which the format requires; written as FACTUAL (first: '7')",
    ]
    assert files(tmp_path / "out") == ["7.xml"]
    events = [line for line in (tmp_path / "out/7.xml").read_text("utf8").split("\n") if "<EVENT" in line]
    # In one line each, in this order, with an identifier of its own, and the entities as they stand in the text.
    order = r'<EVENT id="(E\d)" start="\d+" end="\d+" text="([^"]*)" modality="FACTUAL" polarity="POS" type="TEST" />'
    found = [re.fullmatch(order, event) for event in events]
    assert [match[1] for match in found] == ["E0", "E1"]
    assert text[1:].startswith(found[0][2].replace("&amp;", "&").replace("&lt;", "<"))
    assert "&apos;" in found[0][2] and "&amp;apos;" not in found[0][2]


def test_2012_gold_without_polarity_stays_without(tmp_path):
    event = Annotation("E5", "TEST", ((0, 4),), attributes={"polarity": "", "modality": "PROPOSED"})
    note = Note("7", TEXT, (event, replace(event, label="")))
    lines = export_corpus("i2b2_2012", gold([note], "i2b2_2012", tmp_path / "g.spacy"), tmp_path / "out", is_gold=True)
    assert lines[1:] == ["  2 are read back as they are"]
    again = [replace(a, text="") for a in read("i2b2_2012", tmp_path / "out")["7"].annotations]
    assert again == [event, replace(event, label="")]


def test_2014_types_get_their_category(tmp_path):
    spans = [(0, 1, "DOCTOR"), (2, 3, "ZIP"), (0, 3, "KNEE")]
    source = predicted(tmp_path / "p.spacy", doc_id="110-02", task="i2b2_2014", spans=spans)
    lines = export_corpus("i2b2_2014", source, tmp_path / "out")
    assert files(tmp_path / "out") == ["110-02.xml"]
    assert re.findall(r"<(\w+) id=\"(P\d)\"", (tmp_path / "out/110-02.xml").read_text("utf8")) == [
        ("NAME", "P0"),
        ("LOCATION", "P1"),
        ("OTHER", "P2"),
    ]
    assert lines[3:] == [
        "  1 annotations have a type that is not in the dataset's schema; written all the same (first: '110-02')"
    ]


def test_2018_lines_are_those_that_the_scorer_can_split(tmp_path):
    source = predicted(tmp_path / "p.spacy", task="n2c2_2018", spans=[(0, 5, "Drug"), (0, 1, "ADE")])
    export_corpus("n2c2_2018", source, tmp_path / "out")
    assert files(tmp_path / "out") == ["d1.ann", "d1.txt"]
    lines = (tmp_path / "out/d1.ann").read_text("utf8").splitlines()
    assert [(line.count("\t"), len(line.split("\t")[1].split(" "))) for line in lines] == [(2, 4), (2, 3)]
    assert lines[0] == "T1\tDrug 0 12;13 17\tKnee and arm pain"
    scattered = Annotation("T1", "ADE", ((0, 1), (2, 3), (4, 5), (6, 7)))
    note = gold([Note("d2", TEXT, (scattered,))], "n2c2_2018", tmp_path / "g.spacy")
    lines = export_corpus("n2c2_2018", note, tmp_path / "gold", is_gold=True)
    assert lines[2:] == [
        "  1 annotations have more fragments than the official scorer can read; written all the same (first: 'd2')"
    ]


@pytest.mark.parametrize(
    "dataset, text, fragments",
    [
        *((dataset, "knee\npain", "0 4;5 9") for dataset in ("n2c2_2018", "phee", "maccrobat", "brat")),
        # brateval compares fragments, the script of MEDDOCAN reads one, that of n2c2 2018 three
        *((dataset, "knee\npain", "0 9") for dataset in ("quaero_2014", "meddocan")),
        ("n2c2_2018", "a\nb\nc\nd", "0 7"),
        ("phee", "a\nb\nc\nd", "0 1;2 3;4 5;6 7"),
    ],
)
def test_a_span_over_line_ends_has_a_fragment_a_line_where_scorers_join_them(tmp_path, dataset, text, fragments):
    source = predicted(tmp_path / "p.spacy", text=text, task="own", spans=[(0, len(NLP(text)), "X")])
    lines = export_corpus(dataset, source, tmp_path / "out", task="own")
    assert "  1 are read back as they are" in lines
    assert (tmp_path / "out/d1.ann").read_text("utf8") == f"T1\tX {fragments}\t{' '.join(text.split())}\n"


def test_gold_over_a_line_end_keeps_its_own_fragments(tmp_path):
    held = (Annotation("T1", "Drug", ((9, 17),)), Annotation("T2", "Drug", ((13, 17), (9, 12))))
    source = gold([Note("d1", TEXT, held)], "n2c2_2018", tmp_path / "g.spacy")
    export_corpus("n2c2_2018", source, tmp_path / "out", is_gold=True)
    assert (tmp_path / "out/d1.ann").read_text("utf8") == "T1\tDrug 9 17\tarm pain\nT2\tDrug 13 17;9 12\tpain arm\n"


@pytest.mark.parametrize(
    "doc_id, subset, place",
    [
        ("25_1", "EMEA", "EMEA/25_1"),
        ("test/MEDLINE/7", "MEDLINE", "test/MEDLINE/7"),
        ("test/medline/7", "MEDLINE", "test/medline/7"),
        ("7", "", "7"),
    ],
)
def test_subsets_are_folders(tmp_path, doc_id, subset, place):
    source = predicted(tmp_path / "p.spacy", doc_id=doc_id, task="quaero_2014", spans=[(0, 1, "ANAT")], subset=subset)
    export_corpus("quaero_2014", source, tmp_path / "out")
    assert files(tmp_path / "out") == [f"{place}.ann", f"{place}.txt"]


def test_pubtator_predictions_have_the_identifier_of_gold_that_has_none(tmp_path):
    source = predicted(
        tmp_path / "dev.spacy", text="Zzamol rash. It itches.", task="bc5cdr", spans=[(0, 1, "Chemical")]
    )
    lines = export_corpus("bc5cdr", source, tmp_path / "out")
    assert files(tmp_path / "out") == ["dev.PubTator.txt"]
    assert (tmp_path / "out/dev.PubTator.txt").read_text("utf8") == (
        "d1|t|Zzamol rash.\nd1|a|It itches.\nd1\t0\t6\tZzamol\tChemical\t-1\n"
    )
    assert lines[3] == (
        "  1 annotations have no database identifier, which the format requires; written as -1 (first: 'd1')"
    )
    export_corpus("pubtator", source, tmp_path / "own", task="bc5cdr")
    assert (tmp_path / "own/dev.PubTator.txt").read_text("utf8").endswith("\tChemical\n")


@pytest.mark.parametrize(
    "dataset, answers, labels, rest",
    [
        ("medrqe", [{"false": 0.2, "true": 0.8}, {"false": 0.9, "true": 0.1}], "1,0", "RQE_test_pairs_AMIA2016.xml"),
        ("mednli", [{"neutral": 0.7, "entailment": 0.3}] * 2, "neutral,neutral", "mli_test_v1.jsonl"),
    ],
)
def test_labels_are_those_of_the_script_of_mediqa(tmp_path, dataset, answers, labels, rest):
    export_corpus(dataset, answered(tmp_path / "test.spacy", dataset, *answers), tmp_path / "out")
    name = f"{rest[:3]}_test_labels.csv"
    assert files(tmp_path / "out") == [name, rest]
    one, two = labels.split(",")
    assert (tmp_path / "out" / name).read_text("utf8") == f"pair_id,label\nx-1,{one}\nx-2,{two}\n"
    export_corpus(dataset, tmp_path / "test.spacy", tmp_path / "bare", with_text=False)
    assert files(tmp_path / "bare") == [name]


def test_scores_stand_a_line_each(tmp_path):
    export_corpus("n2c2_2019", answered(tmp_path / "test.spacy", "n2c2_2019", 3.25, 0), tmp_path / "out")
    assert (tmp_path / "out/clinicalSTS2019.test.sim.txt").read_text("utf8") == "3.25\n0.0\n"
    assert (tmp_path / "out/clinicalSTS2019.test.txt").read_text("utf8") == "He rests .\tHe eats .\n" * 2
    export_corpus("n2c2_2019", tmp_path / "test.spacy", tmp_path / "gold", is_gold=True, with_text=False)
    assert files(tmp_path / "gold") == ["clinicalSTS2019.test.gs.sim.txt"]
    export_corpus("stsb", tmp_path / "test.spacy", tmp_path / "stsb", task="n2c2_2019")
    assert (tmp_path / "stsb/sts-test.csv").read_text("utf8").startswith("\t\t\t\t3.25\tHe rests .\tHe eats .\n")
    assert (tmp_path / "stsb/sts-test.scores.txt").read_text("utf8") == "3.25\n0.0\n"


def test_pairs_of_one_s_own(tmp_path):
    source = answered(tmp_path / "mine.spacy", "own", {"no": 0.1, "yes": 0.9}, first="a\tb\n")
    export_corpus("pairs", source, tmp_path / "out", task="own")
    (row,) = (tmp_path / "out/mine.jsonl").read_text("utf8").splitlines()
    assert json.loads(row) == {"first": "a\tb\n", "second": "He eats .", "answer": "yes"}
