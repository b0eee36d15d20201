"""Every native format out of .spacy files and back: laws on generated notes, and all eight invented corpora."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from exported import NLP, gold, hull, plain, read, save
from generated_notes import notes, one_line, texts, xml_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Span

from spacy_mtclinical.datasets import DATASETS, load_dataset
from spacy_mtclinical.datasets.conversion import convert_corpus
from spacy_mtclinical.documents import DOC_ID
from spacy_mtclinical.export.corpus import export_corpus
from spacy_mtclinical.formats.records import Annotation, Note, Pair
from spacy_mtclinical.synthetic.corpora import WRITERS, write_corpora

BRAT = ("n2c2_2018", "quaero_2014", "maccrobat", "meddocan", "phee")
XML = ("i2b2_2012", "i2b2_2014")
NOTES = (*BRAT, *XML, "i2b2_2010", "bc5cdr")
PAIRS = ("mednli", "medrqe", "snli", "n2c2_2019", "stsb", "pairs")
TEXTS = {**dict.fromkeys(XML, xml_texts()), "bc5cdr": one_line()}
LABELS = {"mednli": ("entailment", "neutral"), "snli": ("entailment", "neutral"), "medrqe": ("false", "true")}


def tokens(text, annotation):
    found = [match.span() for match in re.finditer(r"[^ \t\n\r\f\v]+", text)]
    return [
        (s, e) for s, e in found if s < annotation.end and e > annotation.start and annotation.start < annotation.end
    ]


def expected(dataset, note):
    """What a format can give back of each annotation: label, fragments."""
    for annotation in note.annotations:
        if dataset in BRAT:
            yield annotation.label, annotation.fragments
        elif dataset != "i2b2_2010":
            yield annotation.label, hull(annotation)
        elif tokens(note.text, annotation):
            held = tokens(note.text, annotation)
            yield annotation.label, ((held[0][0], held[-1][1]),)


def facts(note):
    return [(annotation.label, annotation.fragments) for annotation in note.annotations]


@pytest.mark.parametrize("dataset", NOTES)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_gold_notes_are_read_back(dataset, data):
    labels = st.sampled_from(load_dataset(dataset).LABELS)
    note = data.draw(notes(TEXTS.get(dataset, texts()), labels, fragments=3))
    with TemporaryDirectory() as folder:
        source = gold([note], dataset, Path(folder, "test.spacy"))
        lines = export_corpus(dataset, source, Path(folder, "out"), is_gold=True)
        again = read(dataset, Path(folder, "out"))
    assert again["d1"].text == note.text
    assert facts(again["d1"]) == list(expected(dataset, note))
    if dataset in BRAT:
        assert [a.id for a in again["d1"].annotations] == [a.id for a in note.annotations]
    is_equal = facts(again["d1"]) == facts(note)
    assert is_equal == (len(lines) == 2) == (lines[1] == f"  {len(note.annotations)} are read back as they are")


@pytest.mark.parametrize("dataset", NOTES)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_predicted_spans_are_read_back(dataset, data):
    """Overlapping, nested, repeated, over line ends: whatever falls on tokens."""
    doc = NLP(data.draw(TEXTS.get(dataset, texts())))
    ends = st.integers(0, len(doc))
    drawn = data.draw(st.lists(st.tuples(ends, ends, st.sampled_from(load_dataset(dataset).LABELS)), max_size=5))
    spans = [Span(doc, min(a, b), max(a, b), label=label) for a, b, label in drawn if a != b]
    doc.spans["own"] = spans
    doc.user_data[DOC_ID] = "d1"
    with TemporaryDirectory() as folder:
        source = save([doc], Path(folder, "test.spacy"))
        export_corpus(dataset, source, Path(folder, "out"), task="own")
        again = read(dataset, Path(folder, "out"))["d1"]
    found = tuple(Annotation("", span.label_, ((span.start_char, span.end_char),)) for span in spans)
    hulls = [(annotation.label, hull(annotation)) for annotation in again.annotations]
    assert (again.text, hulls) == (doc.text, list(expected(dataset, Note("d1", doc.text, found))))


@pytest.mark.parametrize("dataset", PAIRS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_pairs_are_read_back(dataset, data):
    sides = {"medrqe": xml_texts(), "mednli": texts(), "snli": texts(), "pairs": texts()}.get(dataset, one_line())
    answers = (
        st.floats(0, 5) if dataset in ("n2c2_2019", "stsb") else st.sampled_from(LABELS.get(dataset, ("no", "yes")))
    )
    drawn = data.draw(st.lists(st.tuples(sides, sides, answers), min_size=1, max_size=3))
    held = [Pair(str(number), *row) for number, row in enumerate(drawn, start=1)]
    with TemporaryDirectory() as folder:
        source = gold(held, dataset, Path(folder, "test.spacy"))
        lines = export_corpus(dataset, source, Path(folder, "out"), task=dataset, is_gold=True)
        again = list(read(dataset, Path(folder, "out")).values())
    assert lines[1] == f"  {len(held)} are read back as they are"
    assert again == [replace(pair, first=pair.first or " ", second=pair.second or " ") for pair in held]


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """The invented corpora, each converted, exported as gold and converted again."""
    folder = tmp_path_factory.mktemp("invented")
    write_corpora(folder / "native", size=0.05)
    for task in WRITERS:
        convert_corpus(task, folder / "native" / task, folder / "corpus", split="train")
        export_corpus(task, folder / "corpus" / task / "train.spacy", folder / "out" / task, is_gold=True)
    return folder


@pytest.mark.parametrize("task", WRITERS)
def test_gold_of_all_eight_corpora_equals_the_original(invented, task):
    module = load_dataset(task)
    before = [record for record in module.read(invented / "native" / task, split="train")]
    after = list(module.read(invented / "out" / task, split="test" if module.KIND == "entities" else "train"))
    if module.KIND != "entities":
        before = [pair for pair in before if pair.answer is not None]
        after = [pair for pair in after if module.KIND != "value" or pair]
        assert [(p.first or " ", p.second or " ", p.answer) for p in before] == [
            (p.first, p.second, p.answer) for p in after
        ]
        assert task == "n2c2_2019" or [p.id for p in before] == [p.id for p in after]
        return
    found = {note.id: note for note in after}
    assert len(found) == len(before)
    wanted, guessed = Counter(), Counter()
    for note in before:
        again = found[note.id]
        assert (again.text, again.subset) == (note.text, note.subset)
        for one, other in zip(note.annotations, again.annotations):
            assert (other.id, other.label, other.fragments) == (one.id, one.label, one.fragments)
            assert plain(other.attributes) == plain(one.attributes)
            assert other.text.replace("&apos;", "'") == one.text.replace("&apos;", "'")
        wanted.update((note.id, *fact) for fact in facts(note))
        guessed.update((note.id, *fact) for fact in facts(again))
    right = sum((wanted & guessed).values())
    assert 2 * right / (sum(guessed.values()) + sum(wanted.values())) == 1.0  # exact F1


def test_discontinuous_gold_keeps_its_fragments(invented):
    folders = [
        invented / "native" / "quaero_2014" / "QUAERO_FrenchMed" / "corpus" / "train",
        invented / "out/quaero_2014",
    ]
    found = [
        {path.stem: re.findall(r"\w+ \d+ \d+;[\d ;]+", path.read_text("utf8")) for path in folder.rglob("*.ann")}
        for folder in folders
    ]
    assert found[0] == found[1]
    assert sum(map(len, found[0].values())) > 0


def test_every_dataset_but_two_can_be_written():
    assert [name for name in DATASETS if not hasattr(load_dataset(name), "write")] == ["iob", "text"]
    assert {*NOTES, *PAIRS, "brat", "pubtator", "iob", "text"} == set(DATASETS)
