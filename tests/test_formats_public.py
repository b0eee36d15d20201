"""The formats on the freely distributed corpora: counts, offsets against the text, and back again."""

import dataclasses

import pytest

from spacy_mtclinical.formats import brat, i2b2_phi_xml, iob, nli_jsonl, pubtator, rqe_xml, sts_tsv
from spacy_mtclinical.formats.text import read_text


def without_counts(note):
    return dataclasses.replace(note, ignored={})


def states_its_text(note, annotation):
    found = " ".join(note.text[start:end] for start, end in annotation.fragments)
    return " ".join(found.split()) == " ".join(annotation.text.split())


@pytest.mark.parametrize(
    "corpus, folder, documents, annotations, discontinuous",
    [
        ("maccrobat", "dev", 20, 2282, 0),
        ("meddocan", "dev/brat", 250, 5801, 0),
        ("quaero", "dev/EMEA", 12, 2260, 15),
        ("quaero", "train/MEDLINE", 833, 2994, 13),
    ],
)
def test_brat(public_corpus, corpus, folder, documents, annotations, discontinuous):
    notes = []
    for path in sorted((public_corpus(corpus) / folder).glob("*.ann")):
        (text, _), (ann, _) = read_text(path.with_suffix(".txt")), read_text(path)
        notes.append(brat.parse(text, ann, doc_id=path.stem, name=path.name))
        again = brat.parse(text, brat.write(notes[-1]), doc_id=path.stem, name=path.name)
        assert again == without_counts(notes[-1])
    held = [(note, annotation) for note in notes for annotation in note.annotations]
    assert (len(notes), len(held)) == (documents, annotations)
    assert sum(len(annotation.fragments) > 1 for _, annotation in held) == discontinuous
    assert all(states_its_text(note, annotation) for note, annotation in held)


def test_i2b2_phi_xml(public_corpus):
    count = 0
    for path in sorted((public_corpus("meddocan") / "dev/xml").glob("*.xml")):
        note = i2b2_phi_xml.parse(read_text(path)[0], doc_id=path.stem, name=path.name)
        assert i2b2_phi_xml.parse(i2b2_phi_xml.write(note), doc_id=path.stem, name=path.name) == note
        assert all(states_its_text(note, annotation) for annotation in note.annotations)
        count += len(note.annotations)
    assert count == 5801


def test_pubtator(public_corpus):
    path = public_corpus("bc5cdr") / "CDR_DevelopmentSet.PubTator.txt"
    notes = list(pubtator.parse(read_text(path)[0], name=path.name))
    assert (len(notes), sum(len(note.annotations) for note in notes)) == (500, 9591)
    assert sum(note.ignored["CID"] for note in notes) == 1012
    assert all(states_its_text(note, annotation) for note in notes for annotation in note.annotations)
    assert list(pubtator.parse(pubtator.write(notes), name="again")) == [without_counts(note) for note in notes]


def test_iob(public_corpus):
    path = public_corpus("bc5cdr") / "conll_iob_mtl2016" / "devel.tsv"
    (note,) = iob.parse(read_text(path)[0], name=path.name)
    assert (note.text.count("\n") + 1, len(note.annotations)) == (4581, 9593)
    assert list(iob.parse(iob.write([note]), name="again")) == [note]


@pytest.mark.parametrize(
    "file, count, true, repeated, empty",
    [
        ("MEDIQA2019-Task2-RQE-TrainingSet-AMIA2016.xml", 8588, 4655, 23, 1),
        ("MEDIQA2019-Task2-RQE-ValidationSet-AMIA2016.xml", 302, 129, 7, 0),
    ],
)
def test_rqe_xml(public_corpus, file, count, true, repeated, empty):
    pairs = list(rqe_xml.parse(read_text(public_corpus("rqe") / file)[0], name=file))
    assert (len(pairs), sum(pair.answer == "true" for pair in pairs)) == (count, true)
    assert len(pairs) - len({(pair.first, pair.second) for pair in pairs}) == repeated
    assert sum(not pair.first.strip() or not pair.second.strip() for pair in pairs) == empty
    assert list(rqe_xml.parse(rqe_xml.write(pairs, root="x"), name="again")) == pairs


@pytest.mark.parametrize(
    "file, count, unlabelled", [("native_format_sample.jsonl", 1287, 16), ("snli_devsplit_train.jsonl", 8580, 0)]
)
def test_nli_jsonl(public_corpus, file, count, unlabelled):
    pairs = list(nli_jsonl.parse(read_text(public_corpus("snli") / file)[0], name=file))
    assert (len(pairs), sum(pair.answer is None for pair in pairs)) == (count, unlabelled)
    assert list(nli_jsonl.parse(nli_jsonl.write(pairs), name="again")) == pairs


def test_sts_tsv(public_corpus):
    path = public_corpus("stsb") / "sts-dev.free.csv"
    pairs = list(sts_tsv.parse(read_text(path)[0], name=path.name, first=5, second=6, score=4))
    assert len(pairs) == 1000
    assert {0.0, 5.0} <= {pair.answer for pair in pairs} and all(0 <= pair.answer <= 5 for pair in pairs)
    assert list(sts_tsv.parse(sts_tsv.write(pairs), name="again")) == pairs
