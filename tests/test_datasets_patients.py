"""No patient, premise or question on both sides of a split, in each dataset whose dev is cut from train."""

import json

import pytest

from spacy_mtclinical.datasets import DATASETS, GENERIC, load_dataset
from spacy_mtclinical.datasets.patients import find_patient
from spacy_mtclinical.datasets.splits import normalise, side

MIMIC = "Admission Date:  [**2101-2-3**]   Discharge Date:   [**2101-2-9**]\n\nDate of Birth:  [**{}**]   Sex:   {}\n"
BETH = "Admission Date :\n2031-02-03\nDate of Birth :\n{}\nSex :\n{}\nService :\n"
PARTNERS = "{:09} {}\n{}\n123524\n0144918\n2/3/2031 12:00:00 AM\n"
MINE = "Does {} help?"


@pytest.mark.parametrize(
    "text, patient",
    [
        (MIMIC.format("2055-4-17", "M"), "born 2055-4-17 M"),
        (MIMIC.format("2055-4-17", "M").upper(), "born 2055-4-17 M"),
        (BETH.format("1981-06-05", "F"), "born 1981-06-05 F"),
        (PARTNERS.format(18, "XX", 5425710), "patient XX 5425710"),
        (PARTNERS.format(18, "XX", 5425710).replace(" XX", "\nXX"), "patient XX 5425710"),
        ("Date of Birth : unknown\nSex : F\n", "d1"),
        ("123456789 patients were seen\n", "d1"),
        ("", "d1"),
    ],
)
def test_whose_note_it_is(text, patient):
    assert find_patient(text, doc_id="d1") == patient


def brat(number, text):
    return {f"training_20180910/{number}.txt": text, f"training_20180910/{number}.ann": ""}


def temporal(number, text):
    xml = f"<R><TEXT><![CDATA[{text}]]></TEXT><TAGS></TAGS></R>"
    return {f"2012-07-15.original-annotation.release/{number}.xml": xml}


def concept(number, text):
    return {f"beth/concept/record-{number}.con": "", f"beth/txt/record-{number}.txt": text}


def phi(number, text):
    xml = "<R><TEXT><![CDATA[a]]></TEXT><TAGS></TAGS></R>"
    return {f"training-PHI-Gold-Set{1 + number % 2}/{100 + number // 3}-0{number % 3}.xml": xml}


def born(number):
    """Three notes a patient, in two spellings of letters."""
    text = MIMIC.format(f"20{number // 3 + 10}-4-17", "M")
    return text if number % 2 else text.upper()


PATIENTS = {
    "n2c2_2018": (brat, lambda note: find_patient(note.text, doc_id=note.id)),
    "i2b2_2012": (temporal, lambda note: find_patient(note.text, doc_id=note.id)),
    "i2b2_2010": (concept, lambda note: find_patient(note.text, doc_id=note.id)),
    "i2b2_2014": (phi, lambda note: note.id.partition("-")[0]),
}


def sentences(n):
    return [(MINE.format(number // 3), f"Answer {number}") for number in range(n)]


def jsonl(n):
    rows = ({"premise": first, "hypothesis": second, "label": "neutral"} for first, second in sentences(n))
    return {"train.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}


def rqe(n):
    pairs = "".join(
        f'<pair pid="{i}" value="true"><chq> {first.upper() if i % 2 else first} </chq><faq>{second}</faq></pair>'
        for i, (first, second) in enumerate(sentences(n))
    )
    return {"RQE_train_pairs_AMIA2016.xml": f"<R>{pairs}</R>"}


def sts(n):
    return {"clinicalSTS2019.train.txt": "".join(f"{first}\t{second}\t1\n" for first, second in sentences(n))}


PREMISES = {"snli": jsonl, "medrqe": rqe, "n2c2_2019": sts}


def lay(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(data, "utf8")
    return folder


def cut(dataset, folder):
    return [list(load_dataset(dataset).read(folder, split=split)) for split in ("train", "dev")]


def test_every_dataset_without_a_dev_split_is_here():
    said = [name for name in DATASETS if "dev is cut from train by" in load_dataset(name).DESCRIPTION]
    assert sorted(said) == sorted({*PATIENTS, *PREMISES})
    assert not set(said) & set(GENERIC)


@pytest.mark.parametrize("dataset", PATIENTS)
def test_no_patient_is_on_both_sides(tmp_path, dataset):
    make, patient = PATIENTS[dataset]
    lay(tmp_path, {name: data for number in range(120) for name, data in make(number, born(number)).items()})
    train, dev = cut(dataset, tmp_path)
    assert len(train) + len(dev) == 120
    assert min(len(train), len(dev)) >= 3
    sides = [{normalise(patient(note)) for note in notes} for notes in (train, dev)]
    assert not sides[0] & sides[1]
    assert len(sides[0]) + len(sides[1]) == 40  # three notes each, all together


@pytest.mark.parametrize("dataset", PREMISES)
def test_no_premise_or_question_is_on_both_sides(tmp_path, dataset):
    lay(tmp_path, PREMISES[dataset](120))
    train, dev = cut(dataset, tmp_path)
    assert len(train) + len(dev) == 120
    assert min(len(train), len(dev)) >= 3
    sides = [{normalise(pair.first) for pair in pairs} for pairs in (train, dev)]
    assert not sides[0] & sides[1]


@pytest.mark.parametrize("dataset", ["n2c2_2018", "i2b2_2012", "i2b2_2010"])
def test_notes_whose_header_does_not_tell_are_cut_by_document(tmp_path, dataset):
    make, _ = PATIENTS[dataset]
    lay(tmp_path, {name: data for number in range(60) for name, data in make(number, "No header .\n").items()})
    train, dev = cut(dataset, tmp_path)
    assert {note.id for note in dev} == {note.id for note in train + dev if side(note.id) == "dev"} != set()
    assert len(train) + len(dev) == 60
