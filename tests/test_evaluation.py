"""Figures of a pipeline on corpora: all gold counts, by hand-made predictions; what cannot be scored is named."""

import json
import sys
from unittest.mock import ANY

import pytest
import spacy
from conftest import HEADS
from spacy import registry
from spacy.tokens import DocBin, Span
from trained import make_trained

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID, SOURCE, SUBSET, register_extension
from spacy_mtclinical.evaluation import count_scored, evaluate_corpus, tell_beyond

SECRET = "zzsecret"
BLANK = spacy.blank("en")


@pytest.fixture(scope="module")
def trained(tiny_bert):
    return make_trained(tiny_bert, heads={**HEADS, "alike": {**HEADS["alike"], "low": -1e3, "high": 1e3}})


@pytest.fixture
def nlp(trained, monkeypatch):
    """A pipeline that answers as `answers` says: text to task to (start, end, label) or to an answer."""
    component = trained.get_pipe("mtclinical")

    def annotate(docs, found):
        for doc in docs:
            for task, answer in answers.get(doc.text, {}).items():
                if isinstance(answer, list):
                    doc.spans[task] = [doc.char_span(start, end, label=label) for start, end, label in answer]
                else:
                    doc._.mtclinical = {**doc._.mtclinical, task: answer}

    answers = {}
    monkeypatch.setattr(component, "set_annotations", annotate)
    monkeypatch.setattr(component, "predict", lambda docs: None)
    trained.answers = answers
    return trained


def note(text, spans, *, task="drugs", id="n1", subset=None, lost=()):
    """A gold note: (start, end, label) that are spans, and others that are not."""
    doc = BLANK.make_doc(text)
    doc.spans[task] = [doc.char_span(start, end, label=label) for start, end, label in spans]
    doc.spans[task].attrs[SOURCE] = [
        {"id": "T", "label": label, "fragments": [[start, end]], "attributes": {}}
        for start, end, label in (*spans, *lost)
    ]
    doc.user_data[DOC_ID] = id
    if subset:
        doc.user_data[SUBSET] = subset
    return doc


def pair(first, answer, *, task="implies", id="p1"):
    doc = make_pair(BLANK, first, "pain")
    doc._.mtclinical[task] = answer
    doc.user_data[DOC_ID] = id
    return doc


def lay(path, docs, *, task="drugs", split="dev"):
    register_extension()
    (path / task).mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs, store_user_data=True).to_disk(path / task / f"{split}.spacy")
    return path


def yes(probability):
    return {"no": 1.0 - probability, "yes": probability}


def test_all_gold_counts_by_type_and_subset(nlp, tmp_path):
    docs = [
        note("zza 5 mg", [(0, 3, "Drug"), (4, 8, "ADE")], id="1", subset="X", lost=[(1, 3, "Drug")]),
        note("no zzb", [(3, 6, "Drug")], id="2", subset="Y"),
    ]
    nlp.answers.update({"zza 5 mg": {"drugs": [(0, 3, "Drug"), (4, 5, "ADE")]}, "no zzb": {"drugs": []}})
    result = evaluate_corpus(nlp, lay(tmp_path, docs))
    found = result["tasks"]["drugs"]
    assert (found["kind"], found["has_head"], found["metric"], found["documents"]) == ("entities", True, "f", 2)
    assert {name: found["scores"][name] for name in "fpr"} == {"f": pytest.approx(1 / 3), "p": 0.5, "r": 0.25}
    assert list(found["scores"])[0] == "f" and {"overlap_f", "token_f"} <= set(found["definitions"])
    assert (found["gold"], found["predicted"], found["score"]) == (4, 2, found["scores"]["f"])
    assert found["types"] == {
        "ADE": {"p": 0.0, "r": 0.0, "f": 0.0, "support": 1, "predicted": 1, "interval": [0.0, 0.0]},
        "Drug": {"p": 1.0, "r": pytest.approx(1 / 3), "f": 0.5, "support": 3, "predicted": 1, "interval": ANY},
    }
    low, high = found["interval"]
    assert 0 <= low <= found["score"] <= high and found["intervals"]["f"] == found["interval"]
    assert found["confusion"] == {
        "labels": ["ADE", "Drug"],
        "matrix": [[0, 0], [0, 1]],
        "missed": {"ADE": 1, "Drug": 2},
        "spurious": {"ADE": 1},
    }
    assert found["calibration"] is None  # these spans have no scores
    assert found["not_expressed"] == {"count": 1, "percent": 25.0}
    assert {name: (part["documents"], part["score"], part["gold"]) for name, part in found["subsets"].items()} == {
        "X": (1, pytest.approx(0.4), 3),
        "Y": (1, 0.0, 1),
    }
    assert result["score"] == found["score"]
    assert (result["words"], found["words"]) == (5, 5)
    assert result["seconds"]["total"] >= result["seconds"]["predicting"] == found["seconds"] > 0


def test_pairs_are_scored_by_class_and_by_correlation(nlp, tmp_path):
    lay(tmp_path, [pair(f"a{n}", yes(n > 0), id=n) for n in range(4)], task="implies")
    lay(tmp_path, [pair(f"b{n}", float(n), task="alike", id=n) for n in range(3)], task="alike")
    for n, guess in enumerate((0.2, 0.3, 0.8, 0.9)):
        nlp.answers[f"a{n}\npain"] = {"implies": yes(guess)}
    for n in range(3):
        nlp.answers[f"b{n}\npain"] = {"alike": 5.0 - n}
    result = evaluate_corpus(nlp, tmp_path)
    implies, alike = result["tasks"]["implies"], result["tasks"]["alike"]
    assert (implies["metric"], implies["score"], implies["gold"], implies["predicted"]) == ("acc", 0.75, 4, 4)
    assert implies["types"] == {
        "no": {"p": 0.5, "r": 1.0, "f": pytest.approx(2 / 3), "support": 1, "predicted": 2, "interval": None},
        "yes": {"p": 1.0, "r": pytest.approx(2 / 3), "f": 0.8, "support": 3, "predicted": 2, "interval": None},
    }
    assert implies["interval"][0] <= 0.75 <= implies["interval"][1]
    assert implies["confusion"]["matrix"] == [[1, 0], [1, 2]]
    assert implies["calibration"]["count"] == 4
    assert implies["calibration"]["error"] == pytest.approx((0.2 + 0.7 + 0.2 + 0.1) / 4)
    assert (alike["confusion"], alike["calibration"]) == (None, None)
    assert (alike["metric"], alike["score"], alike["types"], alike["gold"]) == ("pearson", pytest.approx(-1), {}, 3)
    assert (implies["not_expressed"], alike["not_expressed"]) == (None, None)
    assert result["score"] == pytest.approx((0.75 - 1) / 2)


def test_what_the_pipeline_itself_says_is_right(trained, tmp_path):
    """Gold made of the pipeline's own answers scores 1 everywhere."""
    docs = list(trained.pipe(["patient has rash and aspirin 5 mg daily.", "no fever " * 40, ""]))
    pairs = list(trained.pipe(make_pair(trained, text, "pain") for text in ("pain", "no rash today", "fever 5 mg")))
    for task in ("drugs", "groups"):
        spans = [[(s.start_char, s.end_char, s.label_) for s in doc.spans[task]] for doc in docs]
        lay(tmp_path, [note(d.text, s, task=task, id=i) for i, (d, s) in enumerate(zip(docs, spans))], task=task)
    for task in ("implies", "alike"):
        golds = [pair(doc.spans["pair"][0].text, doc._.mtclinical[task], task=task, id=doc.text) for doc in pairs]
        lay(tmp_path, golds, task=task)
    result = evaluate_corpus(trained, tmp_path)
    assert {task: found["score"] for task, found in result["tasks"].items()} == pytest.approx(
        {"alike": 1.0, "drugs": 1.0, "groups": 1.0, "implies": 1.0}, abs=1e-4
    )
    assert {found["not_expressed"]["count"] for found in result["tasks"].values() if found["not_expressed"]} == {0}


@pytest.mark.parametrize(
    "docs, figures",
    [
        ([note("zza", [(0, 3, "Drug")], task="new")], ("entities", "f", 1, 0)),
        ([pair("a", yes(1.0), task="new")], ("classes", "acc", 1, 0)),
        ([pair(str(n), float(n), task="new", id=n) for n in range(2)], ("value", "pearson", 2, 0)),
    ],
)
def test_a_task_without_a_head_is_all_missed_and_said_so(nlp, tmp_path, docs, figures):
    said = []
    lay(tmp_path, docs, task="new")
    lay(tmp_path, [note("zzb", [(0, 3, "Drug")])])
    nlp.answers["zzb"] = {"drugs": [(0, 3, "Drug")]}
    result = evaluate_corpus(nlp, tmp_path, notify=said.append)
    found = result["tasks"]["new"]
    assert tuple(found[key] for key in ("kind", "metric", "gold", "predicted")) == figures
    assert (found["has_head"], found["score"], found["seconds"], found["words"]) == (False, 0.0, 0.0, 0)
    assert said == ["new: the pipeline has no head for it, so all of its gold counts as missed"]
    assert result["score"] == 0.5


def test_a_task_without_a_head_and_without_gold_has_no_score(nlp, tmp_path):
    said = []
    lay(tmp_path, [note("zza", [], task="new", subset="X")], task="new")
    lay(tmp_path, [note("zzb", [(0, 3, "Drug")])])
    nlp.answers["zzb"] = {"drugs": [(0, 3, "Drug")]}
    result = evaluate_corpus(nlp, tmp_path, notify=said.append)
    assert (result["score"], count_scored(result), result["tasks"]["new"]["score"]) == (1.0, 1, None)
    assert set(result["tasks"]["new"]["scores"].values()) == {None}
    assert result["tasks"]["new"]["subsets"]["X"]["score"] is None
    assert said[1:] == ["new: none of its 1 documents has a gold annotation, so there is nothing to score"]


def test_gold_that_no_answer_of_the_head_can_equal_is_counted(nlp, tmp_path):
    spans = [(0, 7, "Drug"), (0, 3, "Drug"), (4, 7, "Dose"), (0, 7, "Drug")]
    lay(tmp_path, [note("zza zzb", spans)])
    lay(tmp_path, [note("zza zzb", spans, task="groups")], task="groups")
    lay(tmp_path, [note("zza zzb", spans, task="new")], task="new")
    golds = {task: DocBin().from_disk(tmp_path / task / "dev.spacy") for task in ("groups",)}
    (split,) = golds["groups"].get_docs(BLANK.vocab)
    split.spans["groups"].attrs[SOURCE][0]["fragments"] = [[0, 3], [4, 7]]
    lay(tmp_path, [split], task="groups")
    found = {task: told["beyond_head"] for task, told in evaluate_corpus(nlp, tmp_path)["tasks"].items()}
    assert found == {
        "drugs": {"nested": False, "overlapping": 2, "overlapping_percent": 66.67, "discontinuous": 0},
        "groups": {"nested": True, "overlapping": 1, "overlapping_percent": 33.33, "discontinuous": 1},
        "new": {"nested": None, "overlapping": None, "overlapping_percent": None, "discontinuous": 0},
    }
    assert tell_beyond(found["groups"]) == [
        "33.33 % of the gold spans (1) overlap a longer one of their type, beside which the head can give none",
        "1 gold annotations have several fragments, which are given as one span",
    ]


def test_gold_of_pairs_without_segments_is_refused(nlp, tmp_path):
    bare = BLANK.make_doc("zzsecret pain")
    register_extension()
    bare._.mtclinical = {"implies": yes(1.0)}
    lay(tmp_path, [pair("a", yes(1.0)), bare], task="implies")
    with pytest.raises(ValueError, match="1 of 2 pairs came without their segments.* gold has them from convert"):
        evaluate_corpus(nlp, tmp_path)


def test_a_figure_that_is_not_defined_is_not_in_the_mean(nlp, tmp_path):
    """One pair has no correlation, with a head and without."""
    for task in ("alike", "new"):
        lay(tmp_path, [pair("a", 1.0, task=task)], task=task)
    lay(tmp_path, [note("zzb", [(0, 3, "Drug")])])
    nlp.answers.update({"zzb": {"drugs": [(0, 3, "Drug")]}, "a\npain": {"alike": 2.0}})
    result = evaluate_corpus(nlp, tmp_path)
    assert [result["tasks"][task]["score"] for task in ("alike", "new")] == [None, None]
    assert result["score"] == 1.0 and count_scored(result) == 1


def test_labels_that_the_pipeline_does_not_know_are_missed_and_said_so(nlp, tmp_path):
    said = []
    lay(tmp_path, [note("zza zzb", [(0, 3, "Drug"), (4, 7, "Dose")])])
    lay(tmp_path, [pair("a", {"perhaps": 1.0, "yes": 0.0})], task="implies")
    nlp.answers.update({"zza zzb": {"drugs": [(0, 3, "Drug")]}, "a\npain": {"implies": yes(0.9)}})
    result = evaluate_corpus(nlp, tmp_path, notify=said.append)
    assert result["tasks"]["drugs"]["unknown_labels"] == {"Dose": 1}
    assert result["tasks"]["drugs"]["scores"]["r"] == 0.5
    assert result["tasks"]["implies"]["unknown_labels"] == {"perhaps": 1}
    assert result["tasks"]["implies"]["score"] == 0.0
    told = "the pipeline does not know these labels of the gold, and never gives them:"
    assert said == [f"drugs: {told} Dose 1", f"implies: {told} perhaps 1"]


def test_names_of_tasks_that_begin_alike_are_kept_apart(tiny_bert, tmp_path):
    head = {"@architectures": "spacy-mtclinical.EntityHead.v1", "nested": False}
    nlp = make_trained(tiny_bert, heads={"drugs": head, "drugs_f": head}, labels={"drugs": ["Drug"], "drugs_f": ["X"]})
    lay(tmp_path, [note("zza", [(0, 3, "Drug")])])
    found = evaluate_corpus(nlp, tmp_path)["tasks"]["drugs"]
    assert set(found["scores"]) == {f"{name}{letter}" for name in ("", "overlap_", "token_") for letter in "fpr"}


def test_the_metric_of_the_configuration_counts(tiny_bert, tmp_path):
    metrics = {"drugs": {"@scorers": "spacy-mtclinical.lenient_spans.v1"}, "implies": {"@scorers": "t.own.v1"}}
    registry.scorers("t.own.v1", func=lambda: lambda examples, task: {"own": len(examples) / 10, "acc": 1.0})
    nlp = make_trained(tiny_bert, scorer={"@scorers": "spacy-mtclinical.task_scorer.v1", "metrics": metrics})
    lay(tmp_path, [note("zza", [(0, 3, "Drug")], id=n) for n in range(3)])
    lay(tmp_path, [pair(str(n), yes(1.0), id=n) for n in range(2)], task="implies")
    found = evaluate_corpus(nlp, tmp_path)["tasks"]
    assert found["drugs"]["metric"] == "f" and "strict_macro_f" in found["drugs"]["scores"]
    assert found["drugs"]["definitions"]["f"].startswith("type equal and spans overlap, as the script of n2c2 2018")
    assert (found["implies"]["metric"], found["implies"]["score"]) == ("own", 0.2)
    assert (found["implies"]["definitions"], found["implies"]["intervals"]) == ({}, {})  # it gives no counts


@pytest.mark.parametrize("scorer, score", [(None, 0.0), ("t.whole.v1", 0.5)])
def test_a_scorer_of_another_make_is_asked_whole(tiny_bert, tmp_path, scorer, score):
    registry.scorers("t.whole.v1", func=lambda: lambda examples, **about: {"mtclinical_drugs_own": 0.5})
    nlp = make_trained(tiny_bert, scorer=scorer and {"@scorers": scorer})
    nlp.get_pipe("mtclinical").set_annotations = lambda docs, found: None
    lay(tmp_path, [note("zza", [(0, 3, "Drug")])])
    assert evaluate_corpus(nlp, tmp_path)["tasks"]["drugs"]["score"] == score


def test_gold_without_annotations_is_said(nlp, tmp_path):
    said = []
    nlp.answers["zza"] = {"drugs": [(0, 3, "Drug")]}
    found = evaluate_corpus(nlp, lay(tmp_path, [note("zza", [])]), notify=said.append)["tasks"]["drugs"]
    assert (found["gold"], found["predicted"], found["score"], found["interval"]) == (0, 1, 0.0, None)
    assert said == ["drugs: none of its 1 documents has a gold annotation; its scores say whether nothing was found"]


def test_without_draws_there_are_no_intervals(nlp, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    path = lay(tmp_path, [note("zza", [(0, 3, "Drug")], id=n) for n in range(3)])
    result = evaluate_corpus(nlp, path, draws=0)
    assert (result["draws"], result["confidence"], result["tasks"]["drugs"]["interval"]) == (0, None, None)
    monkeypatch.setattr(nlp, "pipe", lambda docs: pytest.fail("it predicted first"))
    with pytest.raises(ValueError, match=r"spacy_mtclinical\[evaluate\]"):
        evaluate_corpus(nlp, path)


def test_calibration_reads_the_scores_of_spans(trained, tmp_path):
    text = "patient has rash and aspirin 5 mg daily, no fever"
    doc = trained(text)
    spans = [(span.start_char, span.end_char, span.label_) for span in doc.spans["drugs"]]
    assert spans
    found = evaluate_corpus(trained, lay(tmp_path, [note(text, spans)]))["tasks"]["drugs"]["calibration"]
    scores = doc.spans["drugs"].attrs["scores"]
    assert found["count"] == len(spans)
    assert found["error"] == pytest.approx(1 - sum(scores) / len(scores), abs=1e-6)  # all are right


def test_a_split_and_tasks_are_chosen_and_a_limit_draws(nlp, tmp_path):
    lay(tmp_path, [note("zza", [], id=n) for n in range(5)], split="test")
    lay(tmp_path, [note("zza", [], task="groups")], split="test", task="groups")
    result = evaluate_corpus(nlp, tmp_path, split="test", tasks=["drugs"], limit=2)
    assert {task: found["documents"] for task, found in result["tasks"].items()} == {"drugs": 2}
    assert (result["split"], result["limit"], result["corpus"]) == ("test", 2, tmp_path.name)
    assert result["model"] == {"name": "en_pipeline", "version": "0.0.0"}
    assert json.loads(json.dumps(result, allow_nan=False)) == result


@pytest.mark.parametrize(
    "docs, message",
    [
        (
            [note(SECRET, [], id=f"n{n // 2}") for n in range(14)],
            "has 7 document ids more than once: n0, n1, n2, n3, n4, and",
        ),
        ([note(SECRET, [], task="other")], "has 1 documents without gold for task drugs: n1"),
        ([], "has no documents"),
        (
            [pair(SECRET, yes(1.0), task="drugs")],
            "drugs: the pipeline gives entities and the corpus holds classes",
        ),
    ],
)
def test_a_corpus_that_cannot_be_scored_is_named(nlp, tmp_path, docs, message):
    with pytest.raises(ValueError, match=message) as error:
        evaluate_corpus(nlp, lay(tmp_path, docs))
    assert "dev.spacy" in str(error.value) or "Name another task" in str(error.value)
    assert SECRET not in str(error.value)


def test_a_corpus_that_is_missing_or_damaged_is_named(nlp, tmp_path):
    with pytest.raises(ValueError, match="Expected dev.spacy for at least one task"):
        evaluate_corpus(nlp, tmp_path)
    lay(tmp_path, [note("zza", [])])
    with pytest.raises(ValueError, match="Expected dev.spacy for gone in"):
        evaluate_corpus(nlp, tmp_path, tasks=["drugs", "gone"])
    (tmp_path / "drugs" / "dev.spacy").write_bytes(b"zzsecret")
    with pytest.raises(ValueError, match="dev.spacy is no whole .spacy file"):
        evaluate_corpus(nlp, tmp_path)


def test_a_failed_prediction_names_the_document_and_not_its_text(nlp, tmp_path, monkeypatch):
    def fail(docs):
        for doc in docs:
            if SECRET in doc.text:
                raise KeyError(doc.text)

    monkeypatch.setattr(nlp.get_pipe("mtclinical"), "predict", fail)
    monkeypatch.setattr(nlp, "batch_size", 1)
    lay(tmp_path, [note(text, [], id=f"n{n}") for n, text in enumerate(["a", SECRET, "b"])])
    with pytest.raises(ValueError, match=r"Task drugs: prediction failed \(KeyError\) at document n1") as error:
        evaluate_corpus(nlp, tmp_path)
    assert SECRET not in str(error.value)
    assert error.value.__suppress_context__


def test_documents_that_the_pipeline_drops_are_counted(nlp, tmp_path, monkeypatch):
    monkeypatch.setattr(nlp, "pipe", lambda docs: list(docs)[:1])
    lay(tmp_path, [note("zza", [], id=f"n{n}") for n in range(3)])
    with pytest.raises(ValueError, match="expected 3 documents from the pipeline, got 1. Missing: n1, n2."):
        evaluate_corpus(nlp, tmp_path)


@pytest.mark.parametrize(
    "pipe, name",
    [
        (lambda docs: list(docs)[1:], "n0"),  # the first is left out
        (lambda docs: reversed(list(docs)), "n0"),
        (lambda docs: [BLANK.make_doc("another") if doc.text == f"{SECRET} 1" else doc for doc in docs], "n1"),
    ],
)
def test_documents_of_another_text_are_never_scored(nlp, tmp_path, monkeypatch, pipe, name):
    monkeypatch.setattr(nlp, "pipe", pipe)
    lay(tmp_path, [note(f"{SECRET} {n}", [], id=f"n{n}") for n in range(3)])
    with pytest.raises(ValueError, match=f"Task drugs: expected the document {name} from .* another text") as error:
        evaluate_corpus(nlp, tmp_path)
    assert SECRET not in str(error.value)


def test_spans_of_the_gold_do_not_reach_the_prediction(nlp, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(nlp.get_pipe("mtclinical"), "predict", seen.extend)
    doc = note("zza 5", [(0, 3, "Drug")])
    doc.ents = [Span(doc, 0, 1, label="Drug")]
    evaluate_corpus(nlp, lay(tmp_path, [doc]))
    assert seen and not seen[0].ents and not seen[0].user_data
