"""The pipe after `mtclinical`: settings, what it writes on a Doc, and what it never saves or says."""

import pickle
import subprocess
import sys
from copy import copy

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from spacy_mtclinical import deidentification
from spacy_mtclinical.deidentification.component import EXTENSION, OFFSETS, PATIENT, register_deidentified
from spacy_mtclinical.deidentification.keys import VARIABLE
from spacy_mtclinical.deidentification.policies import THRESHOLD
from spacy_mtclinical.documents import DOC_ID

SECRET = "zzsecret-zzsecret-zzsecret"
TEXT = "Mr. Zzsmith was seen 3/4/10."
PHI = [(1, 2, "PATIENT"), (4, 9, "DATE")]


@pytest.fixture
def nlp(monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    return spacy.blank("en")


def note(nlp, text=TEXT, phi=PHI, **user_data):
    doc = nlp.make_doc(text)
    doc.spans["phi"] = [Span(doc, start, min(end, len(doc) - 1), label) for start, end, label in phi]
    doc.user_data.update(user_data)
    return doc


def add(nlp, **config):
    return nlp.add_pipe("mtclinical_deidentify", config={"task": "phi", **config})


def test_a_mask_by_default_and_the_doc_stays(nlp):
    add(nlp)
    doc = nlp(note(nlp))
    assert doc._.deidentified == "Mr. [PATIENT] was seen [DATE]."
    assert doc.text == TEXT and len(doc.spans["phi"]) == 2
    assert nlp.make_doc(TEXT)._.deidentified is None
    assert OFFSETS not in doc.user_data


def test_surrogates_agree_within_a_patient(nlp):
    add(nlp, policy="surrogate", patient_pattern=r"(\d+)-", with_offsets=True)
    one, again, other, told = nlp.pipe(
        [
            note(nlp, **{DOC_ID: "12-1"}),
            note(nlp, **{DOC_ID: "12-2"}),
            note(nlp, **{DOC_ID: "13-1"}),
            note(nlp, **{DOC_ID: "13-2", PATIENT: "12"}),
        ]
    )
    assert one._.deidentified == again._.deidentified == told._.deidentified != other._.deidentified
    assert "Zzsmith" not in one._.deidentified
    (start, end, new_start, new_end), _ = one.user_data[OFFSETS]
    assert (one.text[start:end], new_start) == ("Zzsmith", 4)
    assert one._.deidentified[new_end:].startswith(" was seen ")


def test_what_it_writes_survives(nlp):
    add(nlp, with_offsets=True)
    doc = nlp(note(nlp))
    for other in (
        Doc(nlp.vocab).from_bytes(doc.to_bytes()),
        next(DocBin(docs=[doc], store_user_data=True).get_docs(nlp.vocab)),
    ):
        assert other._.deidentified == doc._.deidentified
        assert [list(own) for own in other.user_data[OFFSETS]] == [[4, 11, 4, 13], [21, 27, 23, 29]]
    assert [doc._.deidentified for doc in nlp.pipe([note(nlp)] * 3, n_process=2)] == [doc._.deidentified] * 3


def test_the_secret_is_never_saved(nlp, tmp_path):
    secret_file = tmp_path / "secret"
    secret_file.write_text(SECRET)
    pipe = add(nlp, policy="surrogate", secret_file=str(secret_file))
    before = nlp(note(nlp))._.deidentified
    nlp.to_disk(tmp_path / "model")
    saved = [file.read_bytes() for file in (tmp_path / "model").rglob("*") if file.is_file()]
    for data in (*saved, nlp.to_bytes(), pickle.dumps(pipe), repr(vars(pipe)).encode(), str(nlp.config).encode()):
        assert SECRET.encode() not in data
    again = spacy.load(tmp_path / "model")
    assert again(note(again))._.deidentified == before
    assert copy(pipe)(note(nlp))._.deidentified == before


def test_without_a_secret_no_surrogates(nlp, monkeypatch):
    add(nlp, policy="surrogate")
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(ValueError, match="Surrogates are derived from a secret, and there is none"):
        nlp(note(nlp))


def test_it_asks_for_candidates(nlp):
    class Finder:
        tasks = ["phi"]
        candidates = {}

        def __call__(self, doc):
            return doc

    finder = Finder()
    spacy.Language.factory("test_finder", func=lambda nlp, name: finder)
    nlp.add_pipe("test_finder")
    add(nlp)
    assert finder.candidates == {"phi": THRESHOLD}
    doc = note(nlp)
    doc.spans["phi_candidates"] = [Span(doc, 0, 1, "DOCTOR")]
    assert nlp(doc)._.deidentified == "[DOCTOR] [PATIENT] was seen [DATE]."


@pytest.mark.parametrize(
    "config, message",
    [
        ({"task": None}, "'mtclinical_deidentify' expected the task whose spans identify a patient, got none"),
        ({"policy": "hide"}, "policy expected one of"),
        ({"threshold": 0.0}, "threshold expected a probability"),
        ({"kinds": {"X": "nome"}}, "Label 'X': expected a kind"),
        ({"patient_pattern": "x"}, "Expected a group"),
        ({"policy": "surrogate", "locale": "xx_YY"}, "Expected a locale"),
    ],
)
def test_settings_that_cannot_be_met(nlp, config, message):
    with pytest.raises(ValueError, match=message):
        add(nlp, **config)


def test_a_document_without_the_spans_is_an_error(nlp):
    add(nlp)
    with pytest.raises(ValueError, match="Expected spans of task 'phi' on the document, found none"):
        nlp("Zzsmith")


def test_an_error_does_not_quote_the_note(nlp, monkeypatch, caplog):
    caplog.set_level(0)
    add(nlp)

    def fail(*args, **kwargs):
        raise KeyError("Zzsmith")

    monkeypatch.setattr("spacy_mtclinical.deidentification.component.deidentify", fail)
    with pytest.raises(ValueError, match=r"A note could not be de-identified \(KeyError\)") as caught:
        nlp(note(nlp))
    assert "Zzsmith" not in str(caught.value) + caplog.text


def test_another_extension_of_this_name_is_not_replaced():
    register_deidentified()
    found = Doc.get_extension(EXTENSION)
    register_deidentified()
    assert Doc.get_extension(EXTENSION) == found


def test_importing_it_is_light():
    """Every start of spaCy imports the component's module: what only runs need is imported elsewhere."""
    probe = f"import sys, {deidentification.__name__}.component; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert f"{deidentification.__name__}.component" in found
    heavy = ("faker", "pyarrow", "onnxruntime", "spacy_mtclinical.bulk")
    assert not [name for name in found if name.split(".")[0] in heavy or name.startswith(heavy[-1])]
