"""The pipe in a pipeline: spaCy's whole pipe API, answers where the contract puts them, bad input."""

import logging
import multiprocessing
import os
import subprocess
import sys

import numpy
import pytest
import spacy
from conftest import HEADS, LABELS, gold_docs, make_nlp, make_note
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy import displacy
from spacy.tokens import Doc, DocBin, SpanGroup
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.corpus import copy_words
from spacy_mtclinical.tokenizer import create_tokenizer_v1

NOTES = ["patient has rash and aspirin 5 mg daily.", "", " \n ", "no fever " * 100, "x" * 500, "🩺 אב a\x00b\x07"]


def answers(doc):
    spans = {
        name: [
            (span.start_char, span.end_char, span.label_, round(score, 4))
            for span, score in zip(group, group.attrs["scores"])
        ]
        for name, group in doc.spans.items()
        if name != "pair"
    }
    pairs = {
        task: numpy.round(list(a.values()) if isinstance(a, dict) else a, 4).tolist()
        for task, a in doc._.mtclinical.items()
    }
    return spans, pairs


def inputs(nlp):
    return [*map(nlp.make_doc, NOTES), make_pair(nlp, "has pain", "pain"), make_pair(nlp, "", "rash " * 100)]


def test_answers_are_where_the_contract_puts_them(nlp):
    doc = nlp(NOTES[0])
    assert set(doc.spans) == {"drugs", "groups"}
    for task in ("drugs", "groups"):
        assert isinstance(doc.spans[task], SpanGroup)
        assert {span.label_ for span in doc.spans[task]} <= set(LABELS[task])
        scores = doc.spans[task].attrs["scores"]
        assert len(scores) == len(doc.spans[task]) and all(0 <= score <= 1 for score in scores)
    pair = nlp(make_pair(nlp, "has pain", "pain"))
    assert set(pair._.mtclinical) == {"implies", "alike"}
    assert sum(pair._.mtclinical["implies"].values()) == pytest.approx(1.0)
    assert list(pair._.mtclinical["implies"]) == LABELS["implies"]
    assert 0.0 <= pair._.mtclinical["alike"] <= 5.0
    assert set(pair.spans) == {"pair"} and pair.spans["pair"].attrs["shortened"] == [0, 0]


def test_ents_are_merged_in_order_and_keep_what_was_there(nlp):
    doc = nlp.make_doc("patient has rash and aspirin 5 mg daily. " * 5)
    doc.ents = [doc.char_span(0, 7, label="EARLIER")]
    doc = nlp(doc)
    assert doc.ents[0].label_ == "EARLIER"
    first = [span for span in doc.spans["drugs"] if span.start >= 1]
    assert {(span.start, span.end) for span in spacy.util.filter_spans(first)} <= {(e.start, e.end) for e in doc.ents}


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_pipe_equals_call_for_every_batch_size(nlp, batch_size):
    one_by_one = [answers(nlp(doc)) for doc in inputs(nlp)]
    assert [answers(doc) for doc in nlp.pipe(inputs(nlp), batch_size=batch_size)] == one_by_one


def test_a_small_budget_changes_nothing(tiny_bert, nlp):
    small = make_nlp(tiny_bert, ents_from=["drugs", "groups"], budget=1).from_bytes(nlp.to_bytes())
    assert [answers(doc) for doc in small.pipe(inputs(small))] == [answers(doc) for doc in nlp.pipe(inputs(nlp))]


def test_two_processes_work_after_the_parent_has_run(nlp):
    expected = [answers(nlp(doc)) for doc in inputs(nlp)]
    with multiprocessing.get_context("fork").Pool(1) as pool:  # a hang shows as a time-out, not for ever
        result = pool.apply_async(len, ([],))
        assert result.get(timeout=30) == 0
    assert [answers(doc) for doc in nlp.pipe(inputs(nlp), n_process=2, batch_size=2)] == expected


FORK = """
import sys, spacy
nlp = spacy.load(sys.argv[1])
texts = ["patient has rash and aspirin 5 mg daily.", "", "no fever"] * 20
alone = [[(s.start, s.end, s.label_) for s in doc.spans["drugs"]] for doc in nlp.pipe(texts)]
two = [[(s.start, s.end, s.label_) for s in doc.spans["drugs"]] for doc in nlp.pipe(texts, n_process=2, batch_size=16)]
assert alone == two and any(alone)
"""


def test_forked_processes_do_not_wait_for_threads_of_the_tokenizer(nlp, tmp_path):
    nlp.to_disk(tmp_path)
    env = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "true"}
    subprocess.run([sys.executable, "-c", FORK, tmp_path], env=env, check=True, capture_output=True, timeout=120)


SPAWN = """
import multiprocessing, sys, spacy
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[2])
    nlp = spacy.load(sys.argv[1])
    texts = ["patient has rash and aspirin 5 mg daily.", "", "no fever"] * 2
    alone = [[(s.start, s.end, s.label_) for s in doc.spans["drugs"]] for doc in nlp.pipe(texts)]
    two = [[(s.start, s.end, s.label_) for s in doc.spans["drugs"]] for doc in nlp.pipe(texts, n_process=2)]
    assert alone == two and any(alone)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_need_not_be_forked(nlp, tmp_path, method):
    nlp.to_disk(tmp_path / "model")
    (tmp_path / "run.py").write_text(SPAWN)
    run = [sys.executable, tmp_path / "run.py", tmp_path / "model", method]
    found = subprocess.run(run, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120))
def test_any_text_has_a_defined_result(nlp, text):
    doc = nlp(text)
    assert doc.text == text and set(doc.spans) == {"drugs", "groups"}
    for group in doc.spans.values():
        assert all(0 <= span.start < span.end <= len(doc) for span in group)


def test_a_long_note_is_covered_without_a_gap(nlp):
    doc = nlp("rash aspirin " * 25_000)
    model = nlp.get_pipe("mtclinical").model
    cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    (pieces,) = cutter.cut([doc])
    windows = list(cutter.windows(pieces))
    assert len(pieces.ids) == 50_000
    kept = numpy.concatenate([window.ids[window.keep[0] : window.keep[1]] for window in windows])
    assert numpy.array_equal(kept, pieces.ids)


def test_a_lone_surrogate_has_a_clear_error(nlp):
    nlp.tokenizer = create_tokenizer_v1()(nlp)
    with pytest.raises(ValueError, match="cannot encode .a lone surrogate. at offset 6") as caught:
        nlp("SECRET\ud800")
    assert "SECRET" not in repr(caught.value)
    with pytest.raises(ValueError, match="at offset 0"):
        list(nlp.pipe(["fine", "\ud800"]))


def test_the_limit_of_a_text_is_raised(nlp):
    assert nlp.max_length >= 10**9


def test_docs_survive_bytes_and_bins(nlp):
    for doc in (nlp(NOTES[0]), nlp(make_pair(nlp, "has pain", "pain"))):
        copies = [Doc(nlp.vocab).from_bytes(doc.to_bytes())]
        stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
        copies += DocBin(store_user_data=True).from_bytes(stored).get_docs(nlp.vocab)
        assert [answers(copy) for copy in copies] == [answers(doc)] * 2


def test_saved_and_loaded_pipelines_answer_alike(tiny_bert, nlp, tmp_path):
    nlp.to_disk(tmp_path / "saved")
    pipelines = [spacy.load(tmp_path / "saved"), spacy.load(tmp_path / "saved")]
    pipelines.append(make_nlp(tiny_bert, ents_from=["drugs", "groups"]).from_bytes(nlp.to_bytes()))
    for loaded in pipelines:
        assert loaded.get_pipe("mtclinical").label_data == LABELS
        assert [answers(doc) for doc in loaded.pipe(inputs(loaded))] == [answers(doc) for doc in nlp.pipe(inputs(nlp))]


def test_other_heads_than_the_saved_ones_are_refused_by_name(tiny_bert, nlp, tmp_path):
    nlp.get_pipe("mtclinical").to_disk(tmp_path / "pipe")
    heads = {**{task: head for task, head in HEADS.items() if task != "drugs"}, "other": HEADS["drugs"]}
    with pytest.raises(ValueError, match=r"only in the config \['other'\], only saved \['drugs'\]"):
        make_nlp(tiny_bert, heads=heads).get_pipe("mtclinical").from_disk(tmp_path / "pipe")
    with pytest.raises(ValueError, match="only saved"):
        make_nlp(tiny_bert, heads=heads).from_bytes(nlp.to_bytes())


def test_learning_works_for_every_kind_of_task(nlp):
    golds = [doc for docs in gold_docs(nlp).values() for doc in docs]
    examples = [Example(copy_words(doc), doc) for doc in golds]
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.01
    first: dict = {}
    nlp.update(examples, sgd=optimizer, losses=first)
    for _ in range(120):
        last: dict = {}
        nlp.update(examples, sgd=optimizer, losses=last)
    assert set(last) == {"mtclinical", *(f"mtclinical_{task}" for task in LABELS)}
    assert all(last[key] < first[key] / 3 for key in first)
    scores = nlp.evaluate(examples)
    assert scores["mtclinical_drugs_f"] == scores["mtclinical_groups_f"] == scores["mtclinical_implies_acc"] == 1.0
    assert scores["mtclinical_alike_pearson"] > 0.95 and scores["mtclinical_score"] > 0.98


def test_gradients_of_parts_of_a_batch_are_accumulated(nlp):
    pipe = nlp.get_pipe("mtclinical")
    examples = [Example(copy_words(doc), doc) for doc in gold_docs(nlp)["drugs"]]
    pipe.update(examples[:1])
    pipe.update(examples[1:])
    head = pipe.model.layers[1:][pipe.tasks.index("drugs")].layers[-1]
    before = head.get_param("W").copy()
    pipe.finish_update(nlp.resume_training())
    assert not numpy.array_equal(before, head.get_param("W"))
    pipe.finish_update(nlp.resume_training())


def test_params_can_be_swapped_for_a_while(nlp):
    pipe = nlp.get_pipe("mtclinical")
    head = pipe.model.layers[1].layers[-1]
    before = head.get_param("W").copy()
    with nlp.use_params({(head.id, "W"): before * 0}):
        assert not head.get_param("W").any()
    assert numpy.array_equal(head.get_param("W"), before)


def test_labels_come_from_examples_where_no_file_has_them(tiny_bert):
    nlp = make_nlp(tiny_bert)
    golds = gold_docs(nlp)
    nlp.initialize(lambda: [Example(copy_words(doc), doc) for docs in golds.values() for doc in docs])
    assert nlp.get_pipe("mtclinical").label_data == LABELS
    assert "drugs:ADE" in nlp.get_pipe("mtclinical").labels


def test_a_head_without_labels_is_refused(tiny_bert):
    nlp = make_nlp(tiny_bert)
    with pytest.raises(ValueError, match="The head of task 'drugs' has no labels"):
        nlp.get_pipe("mtclinical").initialize(lambda: [], labels={**LABELS, "drugs": []})


def test_an_unknown_label_in_gold_is_refused(nlp):
    gold = make_note(nlp, "SECRET rash", drugs=[(7, 11, "Dose")])
    with pytest.raises(
        ValueError, match=r"characters 7:11 has the label 'Dose', which is none of the head's"
    ) as caught:
        nlp.update([Example(nlp.make_doc(gold.text), gold)])
    assert "SECRET" not in str(caught.value)
    pair = make_pair(nlp, "SECRET", "pain")
    pair._.mtclinical["implies"] = {"perhaps": 1.0}
    with pytest.raises(ValueError, match="has the label 'perhaps'"):
        nlp.update([Example(copy_words(pair), pair)])


def test_gold_of_another_kind_is_refused(nlp):
    pair = make_pair(nlp, "a", "b")
    pair.spans["drugs"] = []
    with pytest.raises(ValueError, match="Task 'drugs' reads a note and got a pair"):
        nlp.update([Example(copy_words(pair), pair)])


def test_gold_of_other_tokens_is_refused(nlp):
    gold = Doc(nlp.vocab, words=["5mg", "SECRET", "daily"], spaces=[True, True, False])
    gold.spans["drugs"] = [gold[1:2]]
    other = Doc(nlp.vocab, words=["5", "mg", "SECRET daily"], spaces=[False, True, False])
    with pytest.raises(ValueError, match="has 3 tokens and its gold has 3 others. Convert the corpus") as caught:
        nlp.update([Example(other, gold)])
    assert "SECRET" not in str(caught.value)


def test_two_components_have_a_score_each(tiny_bert, caplog):
    nlp = make_nlp(tiny_bert)
    heads = {"groups": nlp.config["components"]["mtclinical"]["model"]["heads"].pop("groups")}
    config = nlp.config["components"]["mtclinical"]
    second = nlp.add_pipe("mtclinical", "second", config={"model": {**config["model"], "heads": heads}})
    second.initialize(lambda: [], nlp=nlp, labels=LABELS)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    assert "second" in caplog.text and "mtclinical_score" in caplog.text
    golds = [gold for gold in gold_docs(nlp)["drugs"]]
    scores = nlp.evaluate([Example(copy_words(gold), gold) for gold in golds])
    assert scores["second_score"] is None and scores["mtclinical_drugs_f"] is not None
    pair = nlp(make_pair(nlp, "no fever " * 100, "fever"))
    assert set(pair._.mtclinical) == {"alike", "implies"}
    assert pair.spans["pair"].attrs["answered"] == ["alike", "implies"] and pair.spans["pair"].attrs["shortened"][0] > 0


def test_an_untrained_pipeline_says_so(tiny_bert):
    with pytest.raises(ValueError, match="has no labels yet"):
        make_nlp(tiny_bert)("pain")


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"ents_from": ["implies"]}, "ents_from expected entity tasks"),
        ({"budget": 0}, "budget expected a number"),
        ({"thresholds": {"drugs": 50.0}}, "thresholds of 'drugs' expected numbers from 0 to 1"),
        (
            {"thresholds": {"groups": {"ANAT": 0.5, "DISO": -0.1}}},
            "thresholds of 'groups' expected numbers from 0 to 1",
        ),
        ({"candidates": {"drugs": 5.0}}, "candidates of 'drugs' expected numbers from 0 to 1"),
    ],
)
def test_wrong_settings_are_refused(tiny_bert, settings, message):
    with pytest.raises(ValueError, match=message):
        make_nlp(tiny_bert, **settings)


def test_a_document_that_fails_does_not_take_others_with_it(nlp, monkeypatch):
    pipe = nlp.get_pipe("mtclinical")
    predict = pipe.predict
    failed = []

    def fail(docs):
        if any("poison" in doc.text for doc in docs):
            raise RuntimeError("cannot")
        return predict(docs)

    monkeypatch.setattr(type(pipe), "predict", lambda self, docs: fail(list(docs)))
    nlp.set_error_handler(lambda name, proc, docs, error: failed.extend(docs))
    done = list(nlp.pipe(["pain", "poison", "rash", "fever"]))
    assert [doc.text for doc in done] == ["pain", "rash", "fever"]
    assert [doc.text for doc in failed] == ["poison"]
    assert all("drugs" in doc.spans for doc in done)


def test_pipes_are_analysed_without_problems(nlp):
    analysis = nlp.analyze_pipes()
    assert not any(analysis["problems"].values())
    assert "doc.spans" in analysis["summary"]["mtclinical"]["assigns"]


def test_nothing_of_a_note_is_logged(nlp, caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        list(nlp.pipe(["SECRET rash"] * 3))
    captured = capfd.readouterr()
    assert "SECRET" not in caplog.text + captured.out + captured.err


def test_spans_can_be_rendered(nlp):
    doc = nlp(NOTES[0])
    assert "rash" in displacy.render(doc, style="span", options={"spans_key": "drugs"}, jupyter=False)


def test_nothing_on_a_document_is_a_tensor(nlp):
    doc = nlp(NOTES[0])
    assert doc.tensor.size == 0
    assert all(isinstance(score, float) for group in doc.spans.values() for score in group.attrs["scores"])


def test_candidates_do_not_take_the_name_of_a_task(tiny_bert):
    with pytest.raises(ValueError, match="candidates would be given under the name of another task: drugs_candidates"):
        make_nlp(tiny_bert, heads={**HEADS, "drugs_candidates": HEADS["drugs"]}, candidates={"drugs": 0.1})


def test_another_number_of_labels_is_refused(nlp):
    labels = {**LABELS, "drugs": ["ADE", "Dose", "Drug"]}
    with pytest.raises(ValueError, match="The head of task 'drugs' has 2 labels, and 3 are given now. Start from"):
        nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=labels)


def test_a_pair_of_other_than_two_spans_is_told(nlp):
    doc = nlp.make_doc("patient has pain")
    doc.spans["pair"] = [doc[0:1]]
    with pytest.raises(ValueError, match=r"spans\[.pair.\] expected two spans, got 1. Make pairs with make_pair"):
        nlp(doc)
