"""Each dataset in the layout in which it is distributed, with invented text; the public ones also as they are."""

import json
import tarfile
from collections import Counter

import pytest

from spacy_mtclinical.datasets import DATASETS, GENERIC, load_dataset
from spacy_mtclinical.datasets.i2b2_2014 import patient
from spacy_mtclinical.datasets.splits import side
from spacy_mtclinical.formats.records import FormatError, Note, Pair
from spacy_mtclinical.report import Report

NOTE = "Start zzamol 5 mg .\n"
ANN = "T1\tDrug 6 12\tzzamol\n"
CON = 'c="zzamol" 1:1 1:1||t="treatment"\n'
PAIRS = "one pain .\ttwo pains .\t3.5\nthree .\tfour .\t0\n"
NATIVE = (
    json.dumps({"gold_label": "neutral", "pairID": "x-1", "sentence1": "He rests.", "sentence2": "He eats."}) + "\n"
)


def temporal(kind="TREATMENT"):
    event = f'<EVENT id="E0" start="7" end="13" text="zzamol" modality="FACTUAL" polarity="POS" type="{kind}" />'
    link = '<TLINK id="TL0" fromID="E0" fromText="zzamol" toID="E0" toText="zzamol" type="AFTER" />'
    return f"<Root><TEXT><![CDATA[\n{NOTE}]]></TEXT><TAGS>{event}{link}</TAGS></Root>"


def phi(kind="DOCTOR"):
    name = f'<NAME id="P0" start="4" end="12" text="Examplar" TYPE="{kind}" comment="" />'
    return f"<deIdi2b2><TEXT><![CDATA[Dr. Examplar]]></TEXT><TAGS>{name}</TAGS></deIdi2b2>"


def rqe(*questions, root="RQE"):
    pairs = (f'<pair pid="{q}" value="true"><chq> {q} </chq><faq>What is {q}?</faq></pair>' for q in questions)
    return f"<{root}>{''.join(pairs)}</{root}>"


def sts(*scores):
    return "".join(f'main\timages\t2014\t{i}\t{score}\tA {i}.\tB "{i}.\tx\ty\n' for i, score in enumerate(scores))


def pubtator(doc_id):
    lines = ["|t|Zzamol rash.", "|a|It itches.", "\t0\t6\tZzamol\tChemical\tD1", "\tCID\tD1\tD2"]
    return "".join(f"{doc_id}{line}\n" for line in lines) + "\n"


def brat_files(folder, *stems, ann=ANN):
    return {f"{folder}/{stem}{suffix}": data for stem in stems for suffix, data in ((".txt", NOTE), (".ann", ann))}


# Documents whose hash is known to fall on either side, see test_splits.
TRAIN, DEV = "100", "101"
QUESTION, DEV_QUESTION = "Does 0 help?", "Does 1 help?"
LAYOUTS = {
    "i2b2_2010": (
        {
            "concept_assertion_relation_training_data/beth/concept/record-105.con": CON,
            "concept_assertion_relation_training_data/beth/txt/record-105.txt": NOTE,
            "concept_assertion_relation_training_data/partners/concept/note-09.con": CON * 2,
            "concept_assertion_relation_training_data/partners/txt/note-09.txt": NOTE,
            "concept_assertion_relation_training_data/partners/unannotated/1.txt": NOTE,
            "reference_standard_for_test_data/concepts/7.con": CON,
            "test_data/7.txt": NOTE,
        },
        {"train": ["record-105"], "dev": ["note-09"], "test": ["7"]},
    ),
    "i2b2_2012": (
        {
            f"2012-07-15.original-annotation.release/{TRAIN}.xml": temporal("Treatment"),
            f"2012-07-15.original-annotation.release/{TRAIN}.xml.txt": NOTE,
            f"2012-07-15.original-annotation.release/{TRAIN}.xml.extent": "",
            f"2012-07-15.original-annotation.release/{DEV}.xml": temporal(""),
            "ground_truth/merged_xml/3.xml": temporal(),
            "ground_truth/xml/3.xml": temporal(),
        },
        {"train": [TRAIN], "dev": [DEV], "test": ["3"]},
    ),
    "i2b2_2014": (
        {
            "training-PHI-Gold-Set1/100-01.xml": phi(),
            "training-PHI-Gold-Set2/100-02.xml": phi(),
            "training-PHI-Gold-Set1/101-01.xml": phi(),
            "training-PHI-Gold-Set2/101-02.xml": phi(),
            "testing-PHI-Gold-fixed/300-01.xml": phi("LOCATION-OTHER"),
        },
        {"train": ["100-01", "100-02"], "dev": ["101-01", "101-02"], "test": ["300-01"]},
    ),
    "n2c2_2018": (
        {
            **brat_files("training_20180910", TRAIN, DEV),
            **brat_files("gold-standard-test-data", "9"),
            "training_20180910/._100.ann": "\0",
        },
        {"train": [TRAIN], "dev": [DEV], "test": ["9"]},
    ),
    "n2c2_2019": (
        {
            "clinicalSTS2019.train.txt": f'{QUESTION}\tb "\t3.5\n{DEV_QUESTION}\tb\t1\n',
            "clinicalSTS2019.test.txt": "one .\ttwo .\n",
            "clinicalSTS2019.test.gs.sim.txt": "4.5\n",
        },
        {"train": ["1"], "dev": ["2"], "test": ["1"]},
    ),
    "mednli": (
        {f"mednli-1.0.0/mli_{split}_v1.jsonl": NATIVE for split in ("train", "dev", "test")},
        {"train": ["x-1"], "dev": ["x-1"], "test": ["x-1"]},
    ),
    "medrqe": (
        {
            "RQE/MEDIQA2019-Task2-RQE-TrainingSet-AMIA2016.xml": rqe(QUESTION, DEV_QUESTION),
            "RQE/MEDIQA2019-Task2-RQE-ValidationSet-AMIA2016.xml": rqe("test"),
            "RQE/MEDIQA2019-Task2-RQE-TestSet-wLabels.xml": rqe("not the 302"),
            "RQE/original/RQE_train_pairs_AMIA2016.xml": rqe("uncleaned"),
            "RQE/original/RQE_test_pairs_AMIA2016.xml": rqe("uncleaned"),
        },
        {"train": [QUESTION], "dev": [DEV_QUESTION], "test": ["test"]},
    ),
    "quaero_2014": (
        {
            f"QUAERO_FrenchMed/corpus/{split}/{part}/{name}{suffix}": data
            for split in ("train", "dev", "test")
            for part, name in (("EMEA", "25_1"), ("MEDLINE", "777"))
            for suffix, data in ((".txt", NOTE), (".ann", ""))
        },
        {split: ["25_1", "777"] for split in ("train", "dev", "test")},
    ),
    "bc5cdr": (
        {
            "CDR_TrainingSet.PubTator.txt": pubtator(1),
            "CDR_DevelopmentSet.PubTator.txt": pubtator(2) + pubtator(3),
            "CDR_TestSet.PubTator.txt": pubtator(4),
            "LICENSE.txt": "Do as you please.",
            "conll/train.tsv": "Zzamol\tB-Chemical\n",
        },
        {"train": ["1"], "dev": ["2", "3"], "test": ["4"]},
    ),
    "maccrobat": (
        {**brat_files("train", "1"), **brat_files("dev", "2"), **brat_files("test", "3")},
        {"train": ["1"], "dev": ["2"], "test": ["3"]},
    ),
    "meddocan": (
        {f"{split}/xml/S{i}-1.xml": phi("CALLE") for i, split in enumerate(("train", "dev", "test"))},
        {"train": ["S0-1"], "dev": ["S1-1"], "test": ["S2-1"]},
    ),
    "phee": (
        {**brat_files("clean/train", "1_2"), **brat_files("clean/dev", "2_1"), **brat_files("clean/test", "3_1")},
        {"train": ["1_2"], "dev": ["2_1"], "test": ["3_1"]},
    ),
    "snli": (
        {
            "snli_devsplit_train.jsonl": "".join(
                json.dumps({"premise": premise, "hypothesis": "b", "label": "neutral"}) + "\n"
                for premise in (QUESTION, DEV_QUESTION)
            ),
            "native_format_sample.jsonl": NATIVE,
            "snli_1.0_test.jsonl": NATIVE,
        },
        {"train": ["1"], "dev": ["2"], "test": ["x-1"]},
    ),
    "stsb": (
        {"sts-train.csv": sts(1), "sts-dev.csv": sts(2, "3.25"), "sts-test.csv": sts(0), "readme.txt": "no\tdata"},
        {"train": ["1"], "dev": ["1", "2"], "test": ["1"]},
    ),
}
CASES = [(name, split) for name, (_, splits) in LAYOUTS.items() for split in splits]


def lay(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode("utf8"))
    return folder


def read(name, path, split, **options):
    report = Report(dataset=name, task="t", split=split)
    return list(load_dataset(name).read(path, split=split, report=report, **options)), report


def test_every_dataset_with_its_own_files_is_laid_out_here():
    assert set(LAYOUTS) == set(DATASETS) - set(GENERIC)


@pytest.mark.parametrize("name", DATASETS)
def test_a_module_says_what_it_is(name):
    module = load_dataset(name)
    assert module.SPLITS == ("train", "dev", "test")
    assert module.DESCRIPTION
    if name in GENERIC:
        assert module.TASK is module.LABELS is None
    else:
        assert module.TASK == name
        assert list(module.LABELS) == sorted(set(module.LABELS))
        assert bool(module.LABELS) == (module.KIND in ("entities", "classes"))
        assert (module.KIND == "value") == hasattr(module, "RANGE")


@pytest.mark.parametrize(
    "name, n",
    [("i2b2_2010", 3), ("i2b2_2012", 6), ("i2b2_2014", 31), ("n2c2_2018", 9), ("quaero_2014", 10), ("phee", 8)]
    + [("bc5cdr", 2), ("maccrobat", 7), ("meddocan", 29), ("mednli", 3), ("snli", 3), ("medrqe", 2), ("n2c2_2019", 0)],
)
def test_sizes_of_the_schemas(name, n):
    assert len(load_dataset(name).LABELS) == n


def test_an_unknown_dataset():
    with pytest.raises(ValueError, match="Expected a dataset .*i2b2_2010.*, got 'i2b2_2011'"):
        load_dataset("i2b2_2011")


@pytest.mark.parametrize("name, split", CASES)
@pytest.mark.parametrize("form", ["folder", "deeper", "archive"])
def test_the_layout_as_distributed(tmp_path, name, split, form):
    files, splits = LAYOUTS[name]
    path = lay(tmp_path / "in" / ("a" if form == "deeper" else ""), files)
    if form == "deeper":
        path = tmp_path / "in"
    elif form == "archive":
        path = tmp_path / "corpus.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            archive.add(tmp_path / "in", arcname="corpus")
    records, report = read(name, path, split)
    assert [record.id for record in records] == splits[split]
    assert report.files
    kind = load_dataset(name).KIND
    assert all(isinstance(record, Note if kind == "entities" else Pair) for record in records)
    assert all(record.answer is not None for record in records if isinstance(record, Pair))


@pytest.mark.parametrize("name, split", CASES)
def test_a_report_is_not_needed(tmp_path, name, split):
    files, splits = LAYOUTS[name]
    records = load_dataset(name).read(lay(tmp_path, files), split=split)
    assert [record.id for record in records] == splits[split]


@pytest.mark.parametrize("name", LAYOUTS)
def test_another_dataset_s_files_are_a_clear_error(tmp_path, name):
    with pytest.raises(FileNotFoundError, match=r"^Expected .* for split train in x, found 1 .md\. Give the folder"):
        read(name, lay(tmp_path / "x", {"README.md": "none"}), "train")


def test_2010_keeps_repeated_lines_and_finds_texts_beside(tmp_path):
    path = lay(tmp_path / "x", {"a.con": CON * 2, "a.txt": NOTE})
    (note,), _ = read("i2b2_2010", path, "test")
    assert [(a.start, a.end, a.label) for a in note.annotations] == [(6, 12, "treatment")] * 2
    (alone,), _ = read("i2b2_2010", path / "a.con", "test")
    assert alone.annotations == note.annotations


def test_2010_folders_of_hospitals_are_train_where_no_name_says_more(tmp_path):
    files = {
        f"{split}/{place}/a.{kind}": data
        for split in ("train", "test")
        for place in ("beth", "partners")
        for kind, data in (("con", CON), ("txt", NOTE + place))
    }
    assert len(read("i2b2_2010", lay(tmp_path / "x", files), "test")[0]) == 2
    files = {f"{place}/a.{kind}": data for place in ("beth", "test") for kind, data in (("con", CON), ("txt", NOTE))}
    assert [note.id for note in read("i2b2_2010", lay(tmp_path / "y", files), "test")[0]] == ["a"]


@pytest.mark.parametrize("files", [{"a.con": CON}, {"x/a.con": CON, "y/1/a.txt": NOTE, "y/2/a.txt": NOTE}])
def test_2010_without_one_text_is_an_error(tmp_path, files):
    with pytest.raises(FormatError, match="a.con: expected one text a.txt beside it, in a sibling .*, found [02]"):
        read("i2b2_2010", lay(tmp_path, files), "test")


def test_2012_types_are_upper_case_and_what_is_no_event_is_counted(tmp_path):
    files, _ = LAYOUTS["i2b2_2012"]
    (note,), _ = read("i2b2_2012", lay(tmp_path, files), "train")
    assert [a.label for a in note.annotations] == ["TREATMENT"]
    assert note.ignored == {"TLINK": 1}


def test_2012_extents_serve_where_there_is_no_xml(tmp_path):
    extent = 'EVENT="zzamol" 1:1 1:1||type="TREATMENT"||modality="FACTUAL"||polarity="POS"\n'
    (note,), _ = read("i2b2_2012", lay(tmp_path, {"5.xml.extent": extent, "5.xml.txt": NOTE}), "test")
    assert (note.id, [(a.start, a.end) for a in note.annotations]) == ("5", [(6, 12)])


def test_2012_extents_serve_for_a_split_without_xml(tmp_path):
    extent = 'EVENT="zzamol" 1:1 1:1||type="TREATMENT"||modality="FACTUAL"||polarity="POS"\n'
    files = {"train/1.xml": temporal(), "test/5.xml.extent": extent, "test/5.xml.txt": NOTE}
    assert [note.id for note in read("i2b2_2012", lay(tmp_path, files), "test")[0]] == ["5"]


def test_2014_is_cut_by_patient():
    assert patient("123-04") == patient("set2/123-05") == "123"


def test_2019_needs_as_many_scores_as_pairs(tmp_path):
    files = {"test.txt": "a\tb\nc\td\n", "test.labels.txt": "1\n"}
    with pytest.raises(FormatError, match="test.labels.txt: expected a score for each of 2 pairs, found 1"):
        read("n2c2_2019", lay(tmp_path, files), "test")


def test_2019_needs_one_file_of_scores_for_one_of_pairs(tmp_path):
    files = {"test.txt": "a\tb\n", "test.labels.txt": "1\n", "test.gs.txt": "1\n"}
    with pytest.raises(FormatError, match="found 2 of scores and 1 of pairs"):
        read("n2c2_2019", lay(tmp_path / "x", files), "test")


def test_2019_a_test_file_with_scores_in_it(tmp_path):
    pairs, _ = read("n2c2_2019", lay(tmp_path, {"heldout.txt": PAIRS}), "test")
    assert [pair.answer for pair in pairs] == [3.5, 0.0]


def test_2019_files_about_the_others_are_none_of_them(tmp_path):
    lay(
        tmp_path,
        {"train/README.txt": "about", "train/pairs.txt": PAIRS, "test/README.txt": "", "test/pairs.txt": PAIRS},
    )
    assert len(read("n2c2_2019", tmp_path, "test")[0]) == 2


def test_rqe_falls_back_to_the_original_and_to_other_files(tmp_path):
    lay(tmp_path, {"RQE_test_pairs_AMIA2016.xml": rqe("original"), "MEDIQA-TestSet.xml": rqe("other")})
    assert [pair.id for pair in read("medrqe", tmp_path, "test")[0]] == ["original"]
    (tmp_path / "RQE_test_pairs_AMIA2016.xml").unlink()
    assert [pair.id for pair in read("medrqe", tmp_path, "test")[0]] == ["other"]


def test_nli_pairs_without_agreement_have_no_answer(tmp_path):
    path = lay(tmp_path, {"mli_test_v1.jsonl": NATIVE + NATIVE.replace("neutral", "-")})
    assert [pair.answer for pair in read("mednli", path, "test")[0]] == ["neutral", None]


@pytest.mark.parametrize(
    "files, subsets, is_said",
    [
        (brat_files("test/emea", "1", ann="") | brat_files("test/MEDLINE", "1_2", ann=""), ["MEDLINE", "EMEA"], False),
        (brat_files("test", "1_2", "345", ann=""), ["EMEA", "MEDLINE"], True),
        ({"318.ann": "", "318.txt": "x " * 700}, ["EMEA"], True),
    ],
)
def test_quaero_subsets_by_folder_else_by_name_and_length(tmp_path, files, subsets, is_said):
    notes, report = read("quaero_2014", lay(tmp_path / "x", files), "test")
    assert [note.subset for note in notes] == subsets
    assert any("subsets are told apart" in notice for notice in report.notices) == is_said


def test_quaero_one_subset_alone(tmp_path):
    notes, _ = read("quaero_2014", lay(tmp_path, brat_files("MEDLINE", "25_3", ann="")) / "MEDLINE", "test")
    assert [note.subset for note in notes] == ["MEDLINE"]


def test_meddocan_reads_brat_where_there_is_no_xml(tmp_path):
    notes, _ = read("meddocan", lay(tmp_path, brat_files("test/brat", "1")), "test")
    assert [a.label for a in notes[0].annotations] == ["Drug"]
    lay(tmp_path, {"train/xml/2.xml": phi("HOSPITAL")})
    notes, _ = read("meddocan", tmp_path, "test")
    assert [a.label for a in notes[0].annotations] == ["Drug"]


def test_brat_texts_without_annotation_file_are_counted_and_the_reverse_is_an_error(tmp_path):
    notes, report = read(
        "brat",
        lay(tmp_path, {**brat_files(".", "1"), "2.txt": NOTE, "README.txt": "no note", "sub/x.txt": ""}),
        "train",
    )
    assert (len(notes), report.counts["files_without_their_other"]) == (1, 1)
    (tmp_path / "1.txt").unlink()
    with pytest.raises(FormatError, match="1.ann: expected its text 1.txt beside it, found none"):
        read("brat", tmp_path, "train")


def test_brat_a_single_file(tmp_path):
    lay(tmp_path, brat_files("x", "1", "2"))
    notes, _ = read("brat", tmp_path / "x" / "2.ann", "test")
    assert [(note.id, note.text) for note in notes] == [("2", NOTE)]


def test_iob_documents_are_numbered_by_file(tmp_path):
    path = lay(tmp_path, {"train.tsv": "Zzamol\tB-Drug\n\n-DOCSTART-\tO\n\nno\tO\n", "dev.tsv": "no\tO\n"})
    notes, _ = read("iob", path, "train")
    assert [(note.id, note.text, len(note.annotations)) for note in notes] == [
        ("train/1", "Zzamol", 1),
        ("train/2", "no", 0),
    ]


@pytest.mark.parametrize(
    "name, data",
    [
        ("p.tsv", 'a\tb\tgold\tnote\none "1\ttwo\tyes\tx\n'),
        ("p.csv", 'a,b,gold\n"one ""1",two,yes\n'),
        ("p.jsonl", '{"a": "one \\"1", "b": "two", "gold": "yes"}\n'),
    ],
)
def test_pairs_by_the_columns_that_the_user_names(tmp_path, name, data):
    pairs, _ = read("pairs", lay(tmp_path, {name: data}), "train", first="a", second="b", answer="gold")
    assert pairs == [Pair("1", 'one "1', "two", "yes")]


def test_pairs_of_several_files_and_of_a_kind_that_the_name_does_not_tell(tmp_path):
    data = "first\tsecond\tanswer\none\ttwo\tyes\n"
    lay(tmp_path, {"train/1.tsv": data, "train/2.tsv": data, "dev/1.tsv": data, "notes.dat": data})
    assert [pair.id for pair in read("pairs", tmp_path, "train")[0]] == ["1/1", "2/1"]
    assert len(read("pairs", tmp_path / "notes.dat", "train", kind="tsv")[0]) == 1
    with pytest.raises(ValueError, match="Expected a name that ends in tsv, csv, jsonl, got notes.dat. Say --kind"):
        read("pairs", tmp_path / "notes.dat", "train")
    with pytest.raises(ValueError, match=r"Expected a kind of file \(tsv, csv, jsonl\), got 'xlsx'"):
        read("pairs", tmp_path, "train", kind="xlsx")


PUBLIC = {  # archive: dataset, then records a split
    "bc5cdr": ("bc5cdr", {"train": 500, "dev": 500}),
    "maccrobat": ("maccrobat", {"train": 130, "dev": 20}),
    "meddocan": ("meddocan", {"train": 500, "dev": 250}),
    "phee": ("phee", {"train": 2898, "dev": 961}),
    "quaero": ("quaero_2014", {"train": 844, "dev": 844}),
    "rqe": ("medrqe", {"train": 7739, "dev": 849, "test": 302}),
    "snli": ("snli", {"train": 7684, "dev": 896}),
    "stsb": ("stsb", {"train": 2999, "dev": 1000}),
}


@pytest.mark.parametrize("archive", PUBLIC)
def test_public_corpora_have_their_published_sizes(public_corpus, archive):
    name, sizes = PUBLIC[archive]
    path = public_corpus(archive)
    records = {split: read(name, path, split)[0] for split in sizes}
    assert {split: len(found) for split, found in records.items()} == sizes
    if name == "quaero_2014":
        assert Counter(note.subset for note in records["train"]) == {"EMEA": 11, "MEDLINE": 833}
    if name == "medrqe":
        assert Counter(pair.answer for pair in records["test"]) == {"true": 129, "false": 173}
    if name in ("medrqe", "snli"):
        groups = {split: {pair.first.strip().casefold() for pair in found} for split, found in records.items()}
        assert not groups["train"] & groups["dev"]
        assert all(side(group) == "dev" for group in groups["dev"])


def test_what_programs_annotated_is_no_gold_of_bc5cdr(tmp_path):
    lay(
        tmp_path,
        {
            "CDR.Corpus.v010516/CDR_TestSet.PubTator.txt": pubtator(4),
            "DNorm.TestSet/TestSet.DNorm.PubTator.txt": pubtator(4),
            "tmChem.TestSet/TestSet.tmChem.PubTator.txt": pubtator(4),
        },
    )
    notes, report = read("bc5cdr", tmp_path, "test")
    assert [note.id for note in notes] == ["4"]
    (notice,) = report.notices
    assert notice.startswith("2 files were passed over for CDR.Corpus.v010516/CDR_TestSet.PubTator.txt; to convert one")
    assert "DNorm.TestSet/TestSet.DNorm.PubTator.txt, tmChem.TestSet/TestSet.tmChem.PubTator.txt" in notice
    assert [note.id for note in read("pubtator", tmp_path, "test")[0]] == ["4", "4", "4"]


def test_meddocan_names_both_kinds_of_file_that_it_looked_for(tmp_path):
    (tmp_path / "train.doc").touch()
    with pytest.raises(FileNotFoundError, match=r"^Expected \.ann .* Expected \.xml .* for split train in "):
        list(load_dataset("meddocan").read(tmp_path, split="train"))
    with pytest.raises(FileNotFoundError, match=r"^Expected a folder.*gone\. Check the path\.$"):
        list(load_dataset("meddocan").read(tmp_path / "gone", split="train"))


def test_2010_texts_without_concepts_are_counted(tmp_path):
    files = {"a.con": CON, "a.txt": NOTE, "b.txt": NOTE, "README.txt": NOTE, "test/c.txt": NOTE}
    notes, report = read("i2b2_2010", lay(tmp_path, files), "test")
    assert (len(notes), report.counts["files_without_their_other"]) == (1, 1)
    assert report.notices == ["1 texts have no .con file and were left out, such as b.txt"]


def test_2012_extents_beside_xml_of_other_documents_are_counted(tmp_path):
    files = {"1.xml": temporal(), "1.xml.extent": "", "1.xml.txt": NOTE, "2.xml.extent": "", "2.xml.txt": NOTE}
    notes, report = read("i2b2_2012", lay(tmp_path, files), "test")
    assert (len(notes), report.counts["files_without_their_other"]) == (1, 1)
    assert report.notices == ["1 .extent files have no .xml file beside them and were left out, such as 2.xml.extent"]


@pytest.mark.parametrize("name", ["gold", "scores", "gs", "test"])
def test_2019_scores_are_told_from_pairs_whatever_the_set_is_named(name, tmp_path):
    files = {f"clinicalSTS2019.{name}.gs.sim.txt": "3.5\n", f"clinicalSTS2019.{name}.txt": "a\tb\n"}
    ((pair,), _) = read("n2c2_2019", lay(tmp_path, files), "test")
    assert (pair.first, pair.second, pair.answer) == ("a", "b", 3.5)


def test_the_rule_of_a_cut_is_in_the_report(tmp_path):
    path = lay(tmp_path / "x", {f"train/{name}-01.xml": phi() for name in (TRAIN, DEV)})
    for split in ("train", "dev"):
        (note,), report = read("i2b2_2014", path, split)
        assert report.notices == [
            f"{split} is cut from these files: 10% of the groups (patients, premises, questions or first sentences, by "
            "the dataset) are dev, by a hash of the group; all documents of a group are on one side"
        ]
