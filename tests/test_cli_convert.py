import json

import pytest
import spacy
import typer
from hypothesis import given
from hypothesis import strategies as st
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_mtclinical.cli.convert import convert, convert_corpus, parse_mapping
from spacy_mtclinical.documents import DOC_ID, SOURCE, register_extension
from spacy_mtclinical.formats.records import FormatError

NOTE = "Start zzamol 5 mg .\n"
ANN = "T1\tDrug 6 12\tzzamol\nT2\tStrength 13 17\t5 mg\nR1\tStrength-Drug Arg1:T2 Arg2:T1\n"
PAIRS = "first\tsecond\tanswer\none\ttwo\tyes\none \tTWO\tyes\none\ttwo\tno\nthree\tfour\t\n"
NLI = {"sentence1": "He rests.", "sentence2": "He eats.", "gold_label": "neutral"}


def lay(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("__", ".")).write_text(data, "utf8")
    return folder


def brat(folder, ann=ANN, text=NOTE):
    return lay(folder, n1__txt=text, n1__ann=ann)


def load(path):
    register_extension()
    return list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))


def labels(folder):
    return json.loads((folder / "labels.json").read_text("utf8"))


def test_a_split_becomes_docs_labels_and_a_report(tmp_path):
    report = convert_corpus("n2c2_2018", brat(tmp_path / "in"), tmp_path / "out", split="test")
    folder = tmp_path / "out" / "n2c2_2018"
    assert sorted(path.name for path in folder.iterdir()) == ["labels.json", "test.report.json", "test.spacy"]
    (doc,) = load(folder / "test.spacy")
    assert (doc.text, doc.user_data[DOC_ID]) == (NOTE, "n1")
    assert [(span.text, span.label_) for span in doc.spans["n2c2_2018"]] == [("zzamol", "Drug"), ("5 mg", "Strength")]
    assert [record["id"] for record in doc.spans["n2c2_2018"].attrs[SOURCE]] == ["T1", "T2"]
    assert labels(folder) == "ADE Dosage Drug Duration Form Frequency Reason Route Strength".split()
    assert json.loads((folder / "test.report.json").read_text("utf8")) == report.to_json()
    assert report.ignored == {"relation": 1}


def test_offsets_are_verified_and_the_one_shift_is_recorded(tmp_path):
    shifted = ANN.replace("6 12", "7 13").replace("13 17", "14 18")
    report = convert_corpus("n2c2_2018", brat(tmp_path / "in", ann=shifted), tmp_path / "out", split="test")
    (doc,) = load(tmp_path / "out" / "n2c2_2018" / "test.spacy")
    assert [span.text for span in doc.spans["n2c2_2018"]] == ["zzamol", "5 mg"]
    assert doc.spans["n2c2_2018"].attrs[SOURCE][0]["attributes"] == {"shift": -1}
    assert (report.shifts, report.total("repaired")) == ({"n1": -1}, 2)


def test_nothing_in_a_report_or_message_is_text_of_a_note(tmp_path):
    said = []
    report = convert_corpus("n2c2_2018", brat(tmp_path / "in"), tmp_path / "out", split="test", progress=said.append)
    for told in (json.dumps(report.to_json()), report.to_table(), *said):
        assert "zzamol" not in told and "5 mg" not in told
    assert said


def test_types_outside_a_partial_schema_are_left_out_and_counted(tmp_path):
    ann = ANN.replace("Strength 13", "Severity_cue 13")
    report = convert_corpus("phee", brat(tmp_path / "in", ann=ann), tmp_path / "out", split="test")
    (doc,) = load(tmp_path / "out" / "phee" / "test.spacy")
    assert [record["id"] for record in doc.spans["phee"].attrs[SOURCE]] == ["T1"]
    assert report.filtered == {"Severity_cue": 1}


def test_an_unknown_type_is_an_error_and_nothing_is_written(tmp_path):
    path = brat(tmp_path / "in", ann=ANN.replace("Strength 13", "Strenght 13"))
    with pytest.raises(ValueError, match="got 'Strenght' in document 'n1' at offset 13"):
        convert_corpus("n2c2_2018", path, tmp_path / "out", split="test")
    assert not (tmp_path / "out").exists()


def test_labels_are_filtered_after_they_are_renamed(tmp_path):
    report = convert_corpus(
        "brat",
        brat(tmp_path / "in"),
        tmp_path / "out",
        split="train",
        task="own",
        labels=["Medicine"],
        mapping={"Drug": "Medicine", "Gone": "Away"},
    )
    (doc,) = load(tmp_path / "out" / "own" / "train.spacy")
    assert [span.label_ for span in doc.spans["own"]] == ["Medicine"]
    assert labels(tmp_path / "out" / "own") == ["Medicine"]
    assert (report.filtered, report.mapped) == ({"Strength": 1}, {"Drug to Medicine": 1})
    assert report.labels_from == "option"


def test_a_named_dataset_takes_a_part_of_its_schema_and_no_more(tmp_path):
    path = brat(tmp_path / "in")
    report = convert_corpus("n2c2_2018", path, tmp_path / "out", split="test", task="few", labels=["Drug"])
    assert report.labels == ("Drug",)
    with pytest.raises(ValueError, match=r"Expected labels of n2c2_2018 \(ADE, .*\), got Drugs"):
        convert_corpus("n2c2_2018", path, tmp_path / "out", split="test", labels=["Drugs", "Drug"])
    with pytest.raises(ValueError, match="Expected no labels, since stsb has values, got high"):
        convert_corpus("stsb", lay(tmp_path / "s", a__csv=""), tmp_path / "out", split="test", labels=["high"])


def test_labels_of_a_user_s_notes_grow_with_the_splits(tmp_path):
    convert_corpus("brat", brat(tmp_path / "in"), tmp_path / "out", split="train", task="own")
    assert labels(tmp_path / "out" / "own") == ["Drug", "Strength"]
    path = brat(tmp_path / "in", ann="T1\tADE 6 12\tzzamol\n")
    report = convert_corpus("brat", path, tmp_path / "out", split="dev", task="own")
    assert labels(tmp_path / "out" / "own") == list(report.labels) == ["ADE", "Drug", "Strength"]
    assert "the schema was taken from these files: ADE" in report.notices


def test_labels_of_a_named_dataset_have_to_stay(tmp_path):
    path = brat(tmp_path / "in")
    convert_corpus("n2c2_2018", path, tmp_path / "out", split="train", task="few", labels=["Drug", "ADE"])
    with pytest.raises(ValueError, match=r"splits converted before \(ADE, Drug; .*labels.json\), got ADE, Dosage"):
        convert_corpus("n2c2_2018", path, tmp_path / "out", split="test", task="few")


def test_answers_of_pairs_are_classes(tmp_path):
    path = lay(tmp_path / "in", train__tsv=PAIRS)
    report = convert_corpus("pairs", path, tmp_path / "out", split="train", task="own")
    docs = load(tmp_path / "out" / "own" / "train.spacy")
    assert [doc._.mtclinical["own"] for doc in docs] == [{"no": 0.0, "yes": 1.0}] * 2 + [{"no": 1.0, "yes": 0.0}]
    assert labels(tmp_path / "out" / "own") == ["no", "yes"]
    counts = {name: n for name, n in report.counts.items() if name.startswith("pairs_")}
    assert counts == {"pairs_that_repeat_one": 1, "pairs_that_contradict_one": 1, "pairs_without_answer": 1}
    assert report.answers == {"yes": 2, "no": 1}


@pytest.mark.parametrize("rows, length", [(11, 12), (1, 90), (201, 5)])
def test_texts_in_the_place_of_labels_are_refused_and_not_told(tmp_path, rows, length):
    answers = [f"zzamol {row}".ljust(length, "x") for row in range(rows)]
    for name, data in {
        "pairs": {"a__tsv": PAIRS + "".join(f"a{row}\tb\t{answer}\n" for row, answer in enumerate(answers))},
        "pubtator": {"a__txt": "1|t|rash\n1|a|\n" + "".join(f"1\t0\t4\trash\t{answer}\n" for answer in answers)},
    }.items():
        if name == "pubtator" and rows == 11:
            continue
        with pytest.raises(ValueError, match="which look like texts. Name the column of the labels") as caught:
            convert_corpus(name, lay(tmp_path / name, **data), tmp_path / "out", split="train", task="own")
        assert "zzamol" not in str(caught.value)
        assert not (tmp_path / "out").exists()


def test_a_later_split_of_pairs_may_lack_a_label_but_bring_none(tmp_path):
    convert_corpus("pairs", lay(tmp_path / "1", a__tsv=PAIRS), tmp_path / "out", split="train", task="own")
    few = lay(tmp_path / "2", a__tsv=PAIRS.replace("no", "yes"))
    convert_corpus("pairs", few, tmp_path / "out", split="dev", task="own")
    assert load(tmp_path / "out" / "own" / "dev.spacy")[0]._.mtclinical == {"own": {"no": 0.0, "yes": 1.0}}
    new = lay(tmp_path / "3", a__tsv=PAIRS.replace("no", "maybe"))
    with pytest.raises(
        ValueError, match=r"splits converted before \(no, yes; .*\), got maybe, yes. Convert all splits"
    ):
        convert_corpus("pairs", new, tmp_path / "out", split="test", task="own")
    assert not (tmp_path / "out" / "own" / "test.spacy").exists()


@pytest.mark.parametrize("name, data", [("a__tsv", PAIRS.replace("yes", "3").replace("no", "0.5")), ("a__jsonl", "")])
def test_answers_that_are_all_numbers_are_values(tmp_path, name, data):
    data = data or '{"first": "one", "second": "two", "answer": 3}\n'
    path = lay(tmp_path / "in", **{name: data})
    report = convert_corpus("pairs", path, tmp_path / "out", split="train", task="own")
    assert (report.kind, labels(tmp_path / "out" / "own")) == ("value", [])
    assert load(tmp_path / "out" / "own" / "train.spacy")[0]._.mtclinical == {"own": 3.0}


def test_numbers_are_classes_if_labels_name_them(tmp_path):
    path = lay(tmp_path / "in", a__tsv="first\tsecond\tanswer\na\tb\t1\nc\td\t2\ne\tf\t3\n")
    report = convert_corpus("pairs", path, tmp_path / "out", split="train", task="own", labels=["1", "2"])
    assert (report.kind, report.labels, report.filtered) == ("classes", ("1", "2"), {"3": 1})
    rows = '{"first": "one", "second": "two", "answer": 2}\n'
    convert_corpus(
        "pairs", lay(tmp_path / "j", a__jsonl=rows), tmp_path / "out", split="dev", task="own", labels=["1", "2"]
    )
    assert load(tmp_path / "out" / "own" / "dev.spacy")[0]._.mtclinical == {"own": {"1": 0.0, "2": 1.0}}


def test_nothing_to_convert_is_an_error(tmp_path):
    rows = json.dumps({**NLI, "gold_label": "-"}) + "\n"
    with pytest.raises(ValueError, match=r"for split test of mednli, got none \(1 without\)"):
        convert_corpus("mednli", lay(tmp_path / "in", a__jsonl=rows), tmp_path / "out", split="test")
    with pytest.raises(FileNotFoundError, match=r"for split test of mednli, got none \(0 without\)"):
        convert_corpus("mednli", lay(tmp_path / "in", a__jsonl=""), tmp_path / "out", split="test")
    with pytest.raises(ValueError, match="Expected labels for task own, found none in the data. Say --label"):
        convert_corpus("brat", brat(tmp_path / "notes", ann=""), tmp_path / "out", split="test", task="own")
    assert not (tmp_path / "out").exists()


def test_documents_that_are_there_twice_are_told(tmp_path):
    text = "7|t|Zzamol helps.\n7|a|No more.\n7\t0\t6\tZzamol\tChemical\tD1\n\n"
    report = convert_corpus("bc5cdr", lay(tmp_path / "in", a__txt=text, b__txt=text), tmp_path / "out", split="test")
    assert report.counts["ids_that_repeat_one"] == 1
    assert report.notices == ["1 documents have the identifier of another one: files that are there twice?"]


def test_of_copies_that_which_is_annotated_is_taken(tmp_path):
    """As gold and the same notes without it, as participants had them; others may share a name."""
    brat(tmp_path / "in" / "noTags", ann="")
    brat(tmp_path / "in" / "gold")
    brat(tmp_path / "in" / "zz")
    other = lay(tmp_path / "in" / "set2", n1__txt="Another note.", n1__ann="")
    report = convert_corpus("n2c2_2018", tmp_path / "in", tmp_path / "out", split="test")
    docs = load(tmp_path / "out" / "n2c2_2018" / "test.spacy")
    assert [(doc.user_data["doc_id"], len(doc.spans["n2c2_2018"])) for doc in docs] == [("gold/n1", 2), ("set2/n1", 0)]
    told = "2 documents left out, since another has their name and text, and no fewer annotations"
    assert report.notices == [told] and report.counts["copies_left_out"] == 2
    for file in other.iterdir():
        file.unlink()
    convert_corpus("n2c2_2018", tmp_path / "in", tmp_path / "out", split="test")
    assert [doc.user_data["doc_id"] for doc in load(tmp_path / "out" / "n2c2_2018" / "test.spacy")] == ["n1"]


def test_the_name_of_what_is_converted_tells_its_split(tmp_path):
    brat(tmp_path / "gold-standard-test-data")
    for options, split in (([], "test"), (["--split", "dev"], "dev")):
        found = run("brat", tmp_path / "gold-standard-test-data", tmp_path / split, "--task", "t", *options)
        assert found.exit_code == 0, found.output
        assert [path.name for path in (tmp_path / split).rglob("*.spacy")] == [f"{split}.spacy"]


@pytest.mark.parametrize(
    "dataset, files, names",
    [
        (
            "stsb",
            {f"sts-dev-{n}__csv": "m\ti\t1\t1\t3\ta\tb\nm\ti\t1\t2\t4\tc\td\n" for n in "12"},
            ["1", "2", "1-2", "2-2"],
        ),
        (
            "medrqe",
            {
                "test__xml": "<R>"
                + "".join(
                    f'<pair {pid} value="true"><chq>{n}</chq><faq>a</faq></pair>'
                    for n, pid in enumerate(["", "", 'pid="pair-1"'])
                )
                + "</R>"
            },
            ["pair-2", "pair-3", "pair-1"],
        ),
    ],
)
def test_each_pair_has_a_name_of_its_own(dataset, files, names, tmp_path):
    split = "test" if dataset == "medrqe" else "dev"
    report = convert_corpus(dataset, lay(tmp_path / "in", **files), tmp_path / "out", split=split)
    docs = load(tmp_path / "out" / dataset / f"{split}.spacy")
    assert [doc.user_data[DOC_ID] for doc in docs] == names
    assert report.counts["pairs_named_anew"] == 2
    assert "2 pairs have no identifier, or that of another one, and were given one" in report.notices


def test_a_failed_conversion_leaves_the_earlier_one(tmp_path):
    convert_corpus("n2c2_2018", brat(tmp_path / "in"), tmp_path / "out", split="test")
    before = (tmp_path / "out" / "n2c2_2018" / "test.spacy").read_bytes()
    with pytest.raises(FormatError, match="n1.ann, line 1"):
        convert_corpus("n2c2_2018", brat(tmp_path / "in", ann="T1\tDrug\n"), tmp_path / "out", split="test")
    assert (tmp_path / "out" / "n2c2_2018" / "test.spacy").read_bytes() == before


def test_converting_again_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        convert_corpus("n2c2_2018", brat(tmp_path / "in"), tmp_path / name, split="test")
    one, two = (sorted((tmp_path / name / "n2c2_2018").iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


@given(st.dictionaries(st.text("ab-", min_size=1), st.text("ab=-", min_size=1)))
def test_mapping_options(mapping):
    assert parse_mapping(f"{old}={new}" for old, new in mapping.items()) == mapping


@pytest.mark.parametrize("options", [["Drug"], ["=Drug"], ["Drug="], ["A=B", "A=C"]])
def test_mapping_options_of_another_form(options):
    with pytest.raises(typer.BadParameter, match="Expected OLD=NEW, each OLD once, got"):
        parse_mapping(options)


def run(*arguments):
    verb = typer.Typer(add_completion=False, rich_markup_mode=None)
    verb.command()(convert)
    return CliRunner().invoke(verb, [str(argument) for argument in arguments])


def test_the_verb_prints_the_report_and_tells_progress_apart(tmp_path):
    result = run("n2c2_2018", brat(tmp_path / "in"), tmp_path / "out", "--split", "test")
    assert result.exit_code == 0
    assert result.stdout.startswith("n2c2_2018 to task n2c2_2018, split test (entities)\n")
    assert "reading n2c2_2018" in result.stderr and "reading" not in result.stdout


def test_the_verb_hands_on_every_option(tmp_path):
    path = lay(tmp_path / "in", x__dat="a,b,c\none,two,y\nthree,four,n\n")
    options = "--split dev --task own --label yes --map y=yes --lang xx --first a --second b --answer c --kind csv"
    result = run("pairs", path / "x.dat", tmp_path / "out", *options.split())
    assert result.exit_code == 0, result.output
    assert load(tmp_path / "out" / "own" / "dev.spacy")[0]._.mtclinical == {"own": {"yes": 1.0}}
    assert "left out by the label filter: n 1" in result.stdout


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["i2b2_2011", "in", "out"], "Expected one of i2b2_2010"),
        (["phee", "in", "out", "--split", "valid"], "Expected one of train, dev, test, got 'valid'"),
        (["brat", "in", "out"], "Expected the name of your task, since brat has none"),
        (["brat", "in", "out", "--task", "t", "--first", "a"], "Only pairs has columns, not brat"),
        (["pairs", "in", "out", "--task", "t", "--kind", "xml"], "Expected one of tsv, csv, jsonl, got 'xml'"),
        (["brat", "in", "out", "--task", "t", "--map", "A"], "Expected OLD=NEW, each OLD once, got 'A'"),
        (["phee", "in"], "Missing argument"),
    ],
)
def test_wrong_use_has_status_2(arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


@pytest.mark.parametrize("is_there", [True, False])
def test_failure_has_status_1_and_one_line_on_stderr(tmp_path, is_there):
    path = lay(tmp_path / "in", a__txt="no brat") if is_there else tmp_path / "gone"
    result = CliRunner().invoke(app, ["mtclinical", "convert", "phee", str(path), str(tmp_path / "out")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert ("Expected .ann and .txt files" if is_there else "found nothing at") in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.count("\n") <= 2  # the progress and the message
