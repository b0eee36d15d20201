import json
import re
from collections import Counter
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.datasets.splits import side
from spacy_mtclinical.datasets.verification import matches
from spacy_mtclinical.formats import i2b2_temporal_xml, rqe_xml
from spacy_mtclinical.synthetic import french, identities, medication, narrative, vocabulary
from spacy_mtclinical.synthetic.banks import SLOT, bank, fill
from spacy_mtclinical.synthetic.corpora import RECORD, WRITERS, clear, write_corpora
from spacy_mtclinical.synthetic.markup import annotate
from spacy_mtclinical.synthetic.n2c2_2018 import break_at_lines, wrap
from spacy_mtclinical.synthetic.plan import Names, documents

SIZE = 0.25
ENTITIES = ("n2c2_2018", "i2b2_2014", "i2b2_2012", "i2b2_2010", "quaero_2014")
PAIRS = ("n2c2_2019", "mednli", "medrqe")
SPLITS = ("train", "dev", "test")
# Types whose mentions are a closed class, or digits: both banks may use them. All other mentions are disjoint.
CLOSED = {
    "n2c2_2018": {"Dosage", "Duration", "Form", "Frequency", "Route", "Strength"},
    "i2b2_2012": {"CLINICAL_DEPT", "EVIDENTIAL", "OCCURRENCE"},
    "i2b2_2010": set(),
    "i2b2_2014": {"AGE", "DATE", "ROOM", "ZIP", "USERNAME", "PHONE", "FAX"},
    "quaero_2014": set(),
}
CLOSED_MENTIONS = {"traitement"}  # QUAERO


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    output = tmp_path_factory.mktemp("synthetic")
    return output, write_corpora(output, size=SIZE)


@pytest.fixture(scope="module")
def records(corpora):
    output, _ = corpora
    return {
        (task, split): list(load_dataset(task).read(output / task, split=split)) for task in WRITERS for split in SPLITS
    }


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def mentions(notes, closed=()):
    return {a.text.lower() for note in notes for a in note.annotations if a.label not in closed} - CLOSED_MENTIONS


def words(note):
    return len(note.text.split())


def test_the_same_seed_gives_the_same_bytes(corpora, tmp_path):
    assert write_corpora(tmp_path / "again", size=SIZE) == corpora[1]
    assert files_below(tmp_path / "again") == files_below(corpora[0])


def test_another_seed_gives_other_texts(tmp_path):
    write_corpora(tmp_path / "a", size=0.01, seed=1)
    write_corpora(tmp_path / "b", size=0.01, seed=2)
    first, second = (
        {data for name, data in files_below(tmp_path / folder).items() if name.endswith((".xml", ".jsonl", ".con"))}
        for folder in "ab"
    )
    assert first and second and not first & second


def test_files_are_named_as_distributed(corpora):
    parts = (name.partition("/") for name in files_below(corpora[0]))
    names = {task + slash + re.sub(r"[0-9]{3,}", "N", rest) for task, slash, rest in parts}
    root = "i2b2_2010/concept_assertion_relation_training_data"
    release = "i2b2_2012/N-07-15.original-annotation.release"
    standard = "i2b2_2010/reference_standard_for_test_data"
    french_corpus = "quaero_2014/QUAERO_FrenchMed/corpus"
    expected = {
        *(f"{root}/beth/{folder}/record-N.{end}" for folder, end in zip(("txt", "concept", "ast", "rel"), ENDS)),
        *(f"{root}/partners/{folder}/N.{end}" for folder, end in zip(("txt", "concept", "ast", "rel"), ENDS)),
        *(f"{standard}/{folder}/N.{end}" for folder, end in zip(("concepts", "ast", "rel"), ENDS[1:])),
        "i2b2_2010/test_data/N.txt",
        *(f"{release}/N.xml{end}" for end in ("", ".txt", ".extent", ".tlink")),
        "i2b2_2012/ground_truth/merged_xml/N.xml",
        *(f"i2b2_2014/{folder}/N-01.xml" for folder in ("training-PHI-Gold-Set1", "training-PHI-Gold-Set2")),
        "i2b2_2014/testing-PHI-Gold-fixed/N-02.xml",
        "n2c2_2018/training_N/N.ann",
        "n2c2_2018/gold-standard-test-data/test/N.txt",
        *(f"{french_corpus}/{split}/MEDLINE/N.{end}" for split in SPLITS for end in ("txt", "ann")),
        *(f"n2c2_2019/clinicalSTSN.{end}.txt" for end in ("train", "test", "test.gs.sim")),
        *(f"mednli/mli_{split}_v1.jsonl" for split in SPLITS),
        *(f"medrqe/RQE_{split}_pairs_AMIAN.xml" for split in ("train", "test")),
        RECORD,
    }
    assert expected <= names
    assert {name.split("/")[0] for name in names} == {*WRITERS, RECORD}


ENDS = ("txt", "con", "ast", "rel")


@pytest.mark.parametrize("task", ENTITIES)
@pytest.mark.parametrize("split", SPLITS)
def test_annotations_match_the_text(records, task, split):
    notes = records[task, split]
    assert all(matches(note.text, a) and a.text for note in notes for a in note.annotations)


@pytest.mark.parametrize("task", WRITERS)
def test_every_label_occurs_in_training(records, task):
    things = records[task, "train"]
    if task in ENTITIES:
        assert {a.label for note in things for a in note.annotations} == set(load_dataset(task).LABELS)
    elif task != "n2c2_2019":
        assert {pair.answer for pair in things} - {None} == set(load_dataset(task).LABELS)
    else:
        assert {pair.answer for pair in things} == {half / 2 for half in range(11)}


@pytest.mark.parametrize("task", ENTITIES)
def test_mentions_of_dev_and_test_are_new(records, task):
    closed = CLOSED[task]
    held = mentions([*records[task, "dev"], *records[task, "test"]], closed)
    shared = held & mentions(records[task, "train"], closed)
    assert held and not shared
    assert closed <= set(load_dataset(task).LABELS)


def test_the_banks_share_no_filler():
    for module in (vocabulary, identities, french):
        train, held = (
            {filler.lower() for slot in words.values() for filler in slot if not SLOT.search(filler)}
            for words in (module.TRAIN, module.HELD)
        )
        assert not train & held
        assert set(module.TRAIN) >= set(module.HELD)


@pytest.mark.parametrize(
    "train, held",
    [
        (narrative.TRAIN, narrative.HELD),
        (medication.TRAIN, medication.HELD),
        (identities.TRAIN_NOTES, identities.HELD_NOTES),
        ((("", french.TRAIN_TITLES),), (("", french.HELD_TITLES),)),
        ((("", french.TRAIN_LEAFLET),), (("", french.HELD_LEAFLET),)),
    ],
)
def test_the_banks_share_no_template(train, held):
    first, second = ({heading for heading, _ in sections} - {""} for sections in (train, held))
    assert not first & second
    first, second = ({sentence for _, sentences in sections for sentence in sentences} for sections in (train, held))
    assert first and second and not first & second


@pytest.mark.parametrize("task", PAIRS)
def test_pairs_of_dev_and_test_are_new(records, task):
    train, dev, test = (
        {text.strip() for pair in records[task, split] for text in (pair.first, pair.second)} for split in SPLITS
    )
    generic = {"He takes no medication .", "She takes no medication ."}
    assert not (train - generic - {""}) & (dev | test)


@pytest.mark.parametrize("task", WRITERS)
def test_the_sides_have_their_share(records, corpora, task):
    train, dev, test = (len(records[task, split]) for split in SPLITS)
    assert train + dev + test == corpora[1][task]
    assert 0.1 <= dev / train <= 0.35 and 0.1 <= test / train <= 0.35


@pytest.mark.parametrize("task, share", [("medrqe", 0.5), ("mednli", 1 / 3), ("n2c2_2019", 1 / 11)])
@pytest.mark.parametrize("split", SPLITS)
def test_classes_are_even(records, task, share, split):
    answers = Counter(pair.answer for pair in records[task, split] if pair.answer is not None)
    assert max(answers.values()) - min(answers.values()) <= 2
    assert len(answers) == round(1 / share)


@pytest.mark.parametrize("task", ENTITIES[:4])
def test_some_notes_are_long(records, task):
    for split in SPLITS:
        lengths = sorted(map(words, records[task, split]))
        assert lengths[-1] > 512 and 60 < lengths[len(lengths) // 2] < 300


def test_leaflets_are_long_and_titles_short(records):
    notes = [note for split in SPLITS for note in records["quaero_2014", split]]
    assert min(words(note) for note in notes if note.subset == "EMEA") > 256
    assert max(words(note) for note in notes if note.subset == "MEDLINE") < 40


def test_quaero_is_nested_discontinuous_and_noted(records):
    for split in SPLITS:
        notes = records["quaero_2014", split]
        spans = [(a.label, a.start, a.end, len(a.fragments)) for note in notes for a in note.annotations]
        assert any(fragments > 1 for *_, fragments in spans)
        pairs = [(a, b) for note in notes for a, b in zip(note.annotations, note.annotations[1:]) if a.label != b.label]
        assert any(a.start < b.start and b.end == a.end for a, b in pairs)
        assert any(a.fragments == b.fragments for a, b in pairs)
        cuis = [note for n in notes for a in n.annotations for note in a.attributes["notes"]]
        assert all(re.fullmatch(r"C\d{7}( C\d{7})?", cui) for cui in cuis) and any(" " in cui for cui in cuis)
    assert any(not note.annotations for note in records["quaero_2014", "train"])
    assert any(note.text.startswith("\n ") for note in records["quaero_2014", "train"])


def test_i2b2_2010_has_its_quirks(records):
    notes = records["i2b2_2010", "train"]
    assert any(re.search(r"(?m)^ \S", note.text) for note in notes)
    assert any("\n" in note.text[a.start : a.end] for note in notes for a in note.annotations)
    assert any('"' in a.text for note in notes for a in note.annotations)
    assert any(len({(a.label, a.fragments) for a in n.annotations}) < len(n.annotations) for n in notes)


def test_i2b2_2012_has_its_quirks(corpora, records):
    folder = corpora[0] / "i2b2_2012"
    malformed = 0
    for path in folder.rglob("*.xml"):
        xml = path.read_text("utf8")
        assert "<TEXT><![CDATA[\nAdmission Date :\n" in xml and "<SECTIME " in xml and "<TLINK " in xml
        try:
            ElementTree.fromstring(xml)
        except ElementTree.ParseError:
            malformed += 1
    assert 0 < malformed < len(records["i2b2_2012", "train"])
    assert any("&apos;" in note.text for note in records["i2b2_2012", "train"])
    values = {
        (a.attributes["modality"], a.attributes["polarity"])
        for n in records["i2b2_2012", "train"]
        for a in n.annotations
    }
    assert {modality for modality, _ in values} == {"FACTUAL", "POSSIBLE", "CONDITIONAL", "PROPOSED"}
    assert {polarity for _, polarity in values} == {"POS", "NEG"}


def test_the_lines_beside_i2b2_2012_say_the_same(corpora, records):
    folder = corpora[0] / "i2b2_2012" / "2012-07-15.original-annotation.release"
    for note in records["i2b2_2012", "train"]:
        text, extent = ((folder / f"{note.id}.xml.{end}").read_text("utf8") for end in ("txt", "extent"))
        beside = i2b2_temporal_xml.parse_extent(text, extent, doc_id=note.id, name="extent")
        keys = [
            {(a.label, a.start + shift, a.end + shift) for a in n.annotations} for n, shift in ((note, -1), (beside, 0))
        ]
        assert keys[0] == keys[1] and beside.ignored["TIMEX3"] == 2


def test_i2b2_2014_has_its_quirks(records):
    notes = records["i2b2_2014", "train"]
    letters = [note.text[a.start : a.end] for note in notes for a in note.annotations if a.end - a.start == 1]
    assert {"M", "W", "F"} <= set(letters)
    assert all(note.text.startswith("\n\n") for note in notes)
    assert any(note.text[a.end :].startswith("yo") for note in notes for a in note.annotations if a.label == "AGE")
    assert {a.attributes["category"] for n in notes for a in n.annotations if a.label == "ZIP"} == {"LOCATION"}
    visits = Counter(note.id.partition("-")[0] for note in notes)
    assert 2 in visits.values()


def test_n2c2_2018_has_its_quirks(corpora, records):
    notes = [note for split in SPLITS for note in records["n2c2_2018", split]]
    assert any(len(a.fragments) > 1 and "\n" in n.text[a.start : a.end] for n in notes for a in n.annotations)
    both = [{a.fragments for a in n.annotations if a.label == label} for n in notes for label in ("ADE", "Reason")]
    assert any(ade & reason for ade, reason in zip(both[::2], both[1::2]))
    firsts = {path.read_text("utf8")[0] for path in (corpora[0] / "n2c2_2018").rglob("*.ann")}
    assert firsts == {"R", "T"}
    assert all(note.ignored["relation"] for note in notes)


def test_mednli_has_its_quirks(corpora, records):
    for split in SPLITS:
        assert any(pair.answer is None for pair in records["mednli", split])
    row = json.loads((corpora[0] / "mednli" / "mli_dev_v1.jsonl").read_text("utf8").split("\n")[0])
    assert row["sentence1_parse"].count("(") == row["sentence1_parse"].count(")") > 2
    assert row["sentence2_binary_parse"].count("(") == row["sentence2_binary_parse"].count(")")


def test_rqe_has_its_quirks(corpora):
    xml = (corpora[0] / "medrqe" / "RQE_train_pairs_AMIA2016.xml").read_text("utf8")
    pairs = list(rqe_xml.parse(xml, name="train"))
    texts = Counter((pair.first, pair.second) for pair in pairs)
    assert max(texts.values()) == 2
    assert [pair.second for pair in pairs].count("") == 1
    assert all(pair.first != pair.first.strip() for pair in pairs)
    assert [pair.id for pair in pairs] == [str(number) for number in range(1, len(pairs) + 1)]


def test_similarity_pairs_hold_quotes(records):
    assert any('"' in pair.first for pair in records["n2c2_2019", "train"])


def test_a_tiny_size_is_still_eight_whole_corpora(tmp_path):
    counts = write_corpora(tmp_path, size=0.001)
    assert set(counts) == set(WRITERS) and min(counts.values()) >= 6
    for task in ENTITIES:
        notes = load_dataset(task).read(tmp_path / task, split="train")
        assert {a.label for note in notes for a in note.annotations} == set(load_dataset(task).LABELS)


def test_writing_again_replaces_what_was_written(tmp_path):
    write_corpora(tmp_path, size=0.01, seed=1)
    write_corpora(tmp_path, size=0.01, seed=2)
    write_corpora(tmp_path, size=0.01, seed=3)
    again = files_below(tmp_path)
    fresh = tmp_path.with_name("fresh")
    write_corpora(fresh, size=0.01, seed=3)
    assert again == files_below(fresh)


@pytest.mark.parametrize("place", ["notes.txt", "i2b2_2010/real.txt", RECORD])
def test_a_folder_with_anything_else_is_left_alone(tmp_path, place):
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    file.write_text("kept", "utf8")
    with pytest.raises(FileExistsError, match=r"(?s)new or empty folder.*with 1 other or changed files.*Name another"):
        write_corpora(tmp_path, size=0.01)
    assert files_below(tmp_path) == {place: b"kept"}


def test_a_changed_file_is_not_replaced(tmp_path):
    write_corpora(tmp_path, size=0.01)
    file = tmp_path / "mednli" / "mli_dev_v1.jsonl"
    file.write_text("{}\n", "utf8")
    before = files_below(tmp_path)
    with pytest.raises(FileExistsError, match=r"1 other or changed files \(mednli.mli_dev_v1.jsonl\)"):
        clear(tmp_path)
    assert files_below(tmp_path) == before


def test_a_run_cut_short_can_be_repeated(tmp_path, monkeypatch):
    def broken(*, size, rng):
        yield next(iter(WRITERS["mednli"](size=size, rng=rng)))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(WRITERS, "i2b2_2014", broken)
        with pytest.raises(KeyboardInterrupt):
            write_corpora(tmp_path, size=0.01)
    assert set(write_corpora(tmp_path, size=0.01)) == set(WRITERS)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("", "utf8")
    with pytest.raises(FileExistsError, match="Expected a folder, got a file"):
        write_corpora(tmp_path / "file")


@pytest.mark.parametrize("size", [0, -1.0, float("nan"), float("inf")])
def test_a_size_is_above_zero(tmp_path, size):
    with pytest.raises(ValueError, match="Expected a size above 0, got"):
        write_corpora(tmp_path / "none", size=size)
    assert not (tmp_path / "none").exists()


def test_marks_become_annotations():
    note = annotate("An [DISO#a infection of the [ANAT arm]] and [+DISO#a leg], [A,B=x both]", doc_id="n", first=0)
    found = [(a.id, a.label, a.text, a.fragments) for a in note.annotations]
    assert note.text == "An infection of the arm and leg, both"
    assert found == [
        ("T0", "DISO", "infection of the arm leg", ((3, 23), (28, 31))),
        ("T1", "ANAT", "arm", ((20, 23),)),
        ("T2", "A", "both", ((33, 37),)),
        ("T3", "B", "both", ((33, 37),)),
    ]
    assert [dict(a.attributes) for a in note.annotations] == [{}, {}, {"value": "x"}, {"value": "x"}]


@pytest.mark.parametrize("markup", ["a ] b", "[A b", "[A [B c]", "[ x]"])
def test_brackets_have_to_match(markup):
    with pytest.raises(ValueError, match="note-1: expected matching brackets, got"):
        annotate(markup, doc_id="note-1")


def test_named_slots_repeat_and_others_do_not():
    words = bank(a="x | y", b="{a}~")
    for seed in range(20):
        memory = {}
        first, second, third, fourth = fill("{a#1} {a#1} {a} {b}", words, rng=Random(seed), memory=memory).split()
        assert first == second == fill("{a#1}", words, rng=Random(0), memory=memory)
        assert {first, third} == {"x", "y"} and re.fullmatch("[xy][0-9]", fourth)


@given(st.text(alphabet="ab \n", max_size=60), st.integers(2, 12))
def test_wrapping_moves_no_character(text, width):
    wrapped = wrap(text, width=width)
    assert wrapped.replace("\n", " ") == text.replace("\n", " ")
    assert all(len(line) <= width or " " not in line[1:width] for line in wrapped.split("\n"))


@given(st.data())
def test_mentions_are_broken_at_line_ends(data):
    text = data.draw(st.text(alphabet="ab\n", min_size=1, max_size=30))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    note = annotate(f"{text[:start]}[A {text[start:end]}]{text[end:]}", doc_id="n")
    broken = break_at_lines(text, note.annotations[0])
    assert "".join(text[s:e] for s, e in broken.fragments) == text[start:end].replace("\n", "")


def test_names_fall_on_the_side_wanted():
    names = Names(Random(0))
    drawn = {
        split: [names.draw(lambda rng: str(rng.randrange(500)), split=split, key=str) for _ in range(20)]
        for split in SPLITS
    }
    assert {side(name) for name in drawn["train"]} == {"train"} and {side(name) for name in drawn["dev"]} == {"dev"}
    everything = sum(drawn.values(), [])
    assert len(set(everything)) == len(everything)


def test_names_can_run_out():
    names = Names(Random(0))
    names.draw(lambda rng: "only", split="test", key=str)
    with pytest.raises(ValueError, match="Expected another test document in 10000 draws, got none.*smaller size"):
        names.draw(lambda rng: "only", split="test", key=str)
    assert names.draw(lambda rng: "only", split="test", key=str, repeats=True) == "only"


def test_documents_come_in_proportion():
    counts = Counter(item.split for item in documents(size=2.0, train=10, held=3))
    assert counts == {"train": 20, "dev": 6, "test": 6}


@pytest.mark.parametrize(
    "markup, elided",
    [
        ("de la [CHEM aspirine]", "de l' [CHEM aspirine]"),
        ("La [DISO [DISO#a infection] du bras]", "L' [DISO [DISO#a infection] du bras]"),
        ("de héparine et la morphine", "d' héparine et la morphine"),
    ],
)
def test_french_articles_are_elided(markup, elided):
    assert french.elide(markup) == elided
