"""Gold of the freely distributed corpora (of each dev split the first documents): from their files to .spacy to their
files, annotation by annotation.
"""

import shutil

import pytest

from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.datasets.conversion import convert_corpus
from spacy_mtclinical.export.corpus import export_corpus

DOCUMENTS = 60


def take(native, place, folder):
    """Copy the first documents' files."""
    files = sorted(path for path in (native / place).rglob("*") if path.is_file())
    stems = sorted({path.stem for path in files})[:DOCUMENTS]
    for path in files:
        if path.stem in stems:
            target = folder / path.relative_to(native)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def facts(note, labels):
    return [
        (a.id, a.label, a.fragments, {key: value for key, value in a.attributes.items() if value != ""})
        for a in note.annotations
        if a.label in labels
    ]


@pytest.mark.parametrize(
    "archive, place, dataset, documents, annotations, discontinuous",
    [
        ("bc5cdr", ".", "bc5cdr", 500, 9591, 0),
        ("maccrobat", "dev", "maccrobat", 20, 1092, 0),
        ("meddocan", "dev/xml", "meddocan", 60, 1401, 0),
        ("phee", "dev", "phee", 60, 176, 0),
        ("quaero", "dev/EMEA", "quaero_2014", 12, 2260, 15),
    ],
)
def test_gold_is_the_same_again(
    public_corpus, tmp_path, archive, place, dataset, documents, annotations, discontinuous
):
    module, native = load_dataset(dataset), take(public_corpus(archive), place, tmp_path / "native")
    convert_corpus(dataset, native, tmp_path / "corpus", split="dev")
    lines = export_corpus(dataset, tmp_path / "corpus" / dataset / "dev.spacy", tmp_path / "out", is_gold=True)
    assert lines[1:] == [f"  {annotations:,} are read back as they are"]
    before = {note.id: note for note in module.read(native, split="dev")}
    after = {note.id: note for note in module.read(tmp_path / "out", split="dev")}
    assert before.keys() == after.keys()
    assert len(before) == documents
    for doc_id, note in before.items():
        assert (after[doc_id].text, after[doc_id].subset) == (note.text, note.subset)
        assert facts(after[doc_id], module.LABELS) == facts(note, module.LABELS)
    found = [annotation for note in after.values() for annotation in note.annotations]
    assert len(found) == annotations
    assert sum(len(annotation.fragments) > 1 for annotation in found) == discontinuous
