"""Tools of others after or around the component: negation, `spacy apply`, `spacy benchmark`, displaCy."""

import json
import re

import pytest
import spacy
from fitted import make_fitted, note_of
from spacy import displacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID

TEXT = "The patient has fever and no rash. Denies pain in the arm."
DENIED = ["rash", "pain"]


@pytest.fixture(scope="module")
def fitted(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fitted")
    make_fitted(tiny_bert).to_disk(folder)
    return folder


@pytest.fixture
def nlp(fitted):
    return spacy.load(fitted)


@pytest.fixture
def files(nlp, tmp_path):
    """A note and two pairs with gold, apart and together."""
    note, pairs = note_of(nlp, TEXT), [make_pair(nlp, "no fever", "fever"), make_pair(nlp, "pain", "has pain")]
    for number, doc in enumerate([note, *pairs]):
        doc.user_data[DOC_ID] = f"d{number}"
    for value, pair in zip((1.0, 4.0), pairs):
        pair._.mtclinical["alike"] = value
    for name, docs in (("notes", [note]), ("both", [note, *pairs])):
        DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / f"{name}.spacy")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def read(path, nlp):
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def denied(spans, attribute):
    return [span.text for span in spans if span._.get(attribute)]


def test_what_is_found_is_ours(nlp):
    doc = nlp(TEXT)
    assert [(span.text, span.label_) for span in doc.spans["groups"]] == [
        *(("fever", "DISO"), ("rash", "DISO"), ("pain", "DISO"), ("arm", "ANAT"))
    ]
    assert [ent.text for ent in doc.ents] == [span.text for span in doc.spans["groups"]]


def test_negation_of_negspacy_lands_on_spans_and_ents(nlp, tmp_path):
    pytest.importorskip("negspacy.negation", reason="negspacy is not installed")
    nlp.add_pipe("sentencizer", first=True)
    nlp.add_pipe("negex", last=True, config={"span_keys": ["groups"], "ent_types": ["DISO"]})
    doc, pair = nlp.pipe([nlp.make_doc(TEXT), make_pair(nlp, "no fever", "fever")])
    assert denied(doc.spans["groups"], "negex") == denied(doc.ents, "negex") == DENIED
    assert len(doc.spans["groups"].attrs["scores"]) == 4
    assert isinstance(pair._.mtclinical["alike"], float)
    nlp.to_disk(tmp_path)
    assert denied(spacy.load(tmp_path)(TEXT).ents, "negex") == DENIED


def test_negation_of_medspacy_lands_on_spans_and_ents(nlp, tmp_path):
    pytest.importorskip("medspacy.context", reason="medspaCy is not installed (it needs Python 3.12 beside spaCy 3.8)")
    nlp.add_pipe("sentencizer", first=True)
    nlp.add_pipe("medspacy_context", last=True)
    doc, pair = nlp.pipe([nlp.make_doc(TEXT), make_pair(nlp, "no fever", "fever")])
    assert denied(doc.spans["groups"], "is_negated") == denied(doc.ents, "is_negated") == [*DENIED, "arm"]
    assert isinstance(pair._.mtclinical["alike"], float)
    nlp.to_disk(tmp_path)
    assert denied(spacy.load(tmp_path)(TEXT).ents, "is_negated") == [*DENIED, "arm"]


def test_medspacy_reads_a_group_of_notes_but_not_of_pairs(nlp):
    pytest.importorskip("medspacy.context", reason="medspaCy is not installed (it needs Python 3.12 beside spaCy 3.8)")
    nlp.add_pipe("sentencizer", first=True)
    nlp.add_pipe("medspacy_context", config={"input_span_type": "group", "span_group_name": "groups"})
    doc = nlp(TEXT)
    assert denied(doc.spans["groups"], "is_negated") == [*DENIED, "arm"]
    with pytest.raises(ValueError, match="medspacy_context"):
        nlp(make_pair(nlp, "no fever", "fever"))


def test_apply_reads_a_field_of_jsonl(fitted, nlp, tmp_path):
    rows = [{"note": TEXT}, {"note": "no pain"}]
    (tmp_path / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    done = run("apply", fitted, tmp_path / "notes.jsonl", tmp_path / "found.spacy", "--text-key", "note")
    assert done.exit_code == 0, done.output
    found = read(tmp_path / "found.spacy", nlp)
    assert [[span.text for span in doc.spans["groups"]] for doc in found] == [
        *(["fever", "rash", "pain", "arm"], ["pain"])
    ]
    assert len(found[0].spans["groups"].attrs["scores"]) == 4
    missing = run("apply", fitted, tmp_path / "notes.jsonl", tmp_path / "none.spacy")
    assert missing.exit_code == 1 and not (tmp_path / "none.spacy").exists()


def test_apply_reads_our_corpora_pairs_included(fitted, nlp, files):
    done = run("apply", fitted, files / "both.spacy", files / "found.spacy", "--batch-size", "8")
    assert done.exit_code == 0, done.output
    note, first, second = read(files / "found.spacy", nlp)
    assert [doc.user_data[DOC_ID] for doc in (note, first, second)] == ["d0", "d1", "d2"]
    assert len(note.spans["groups"]) == 4 and set(first._.mtclinical) == {"alike"}
    alone = nlp(make_pair(nlp, "pain", "has pain"))
    assert second._.mtclinical["alike"] == pytest.approx(alone._.mtclinical["alike"], abs=1e-4)


def test_speed_is_measured(fitted, files):
    done = run(
        *("benchmark", "speed", fitted, files / "notes.spacy", "--batches", "30", "--warmup", "1"),
        *("--batch-size", "1"),
    )
    assert done.exit_code == 0, done.output
    assert re.search(r"Mean: [\d.]+ words/s \(95% CI: ", done.output)


def test_evaluate_scores_notes_and_refuses_pairs(fitted, files):
    done = run("evaluate", fitted, files / "notes.spacy", "--output", files / "scores.json")
    assert done.exit_code == 0, done.output
    scores = json.loads((files / "scores.json").read_text("utf8"))
    assert scores["mtclinical_groups_f"] == 1.0 and scores["mtclinical_alike_pearson"] is None
    done = run("evaluate", fitted, files / "both.spacy")
    assert done.exit_code == 1
    assert "Score with python -m spacy mtclinical evaluate" in str(done.exception)


def test_find_threshold_tries_thresholds_of_a_task(fitted, files, tmp_path):
    thresholds = {"components": {"mtclinical": {"thresholds": {"groups": 0.0}}}}
    spacy.load(fitted, config=thresholds).to_disk(tmp_path / "model")
    done = run(
        *("find-threshold", tmp_path / "model", files / "notes.spacy", "mtclinical", "thresholds.groups"),
        *("mtclinical_groups_f", "--n_trials", "3"),
    )
    assert done.exit_code == 0, done.output
    tried = re.findall(r"^(\d\.\d+) +(\d\.\d+) *$", done.output, re.MULTILINE)
    assert tried == [("0.0", "1.0"), ("0.5", "1.0"), ("1.0", "0.0")]


def test_displacy_shows_one_group(nlp):
    doc = nlp(TEXT)
    page = displacy.render(doc, style="span", options={"spans_key": "groups"}, jupyter=False)
    assert page.count("DISO") == 3 and page.count("ANAT") == 1
    colors = set(re.findall(r"background: (#\w+)", page))
    assert len(colors) == 2 and "#ddd" not in colors  # displaCy's own for labels without a colour
    assert "DISO" in displacy.render(doc, style="ent", jupyter=False)
