"""The head that learns from text alone: what it hides, its gradient, and that no pipeline is handed on with it."""

import shutil

import numpy
import pytest
import spacy
import srsly
from conftest import HEADS, LABELS, ROOT, gold_docs, make_byte_level, make_nlp
from growing import HEADS as PLANNED
from growing import NAMES, call, read_config, write_plan
from hypothesis import given
from hypothesis import strategies as st
from spacy import util
from spacy.tokens import DocBin
from spacy.training import Example

from spacy_mtclinical.experiments.drawing import Size
from spacy_mtclinical.experiments.recipes import read_recipes
from spacy_mtclinical.experiments.trials import make_suite, plan_trial
from spacy_mtclinical.finishing import create_finish_v1, drop_heads
from spacy_mtclinical.heads.masked import NOT_ASKED, build_masked_lm_head_v1, hide
from spacy_mtclinical.loading import read_kinds
from spacy_mtclinical.model import get_heads
from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.targets import make_batch

MASKED = {"@architectures": NAMES + "MaskedLMHead.v1", "share": 0.3}


@pytest.fixture
def nlp(tiny_bert):
    spacy.util.fix_random_seed(0)
    nlp = make_nlp(tiny_bert, heads={**HEADS, "notes": MASKED}, ents_from=["drugs"])
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels={**LABELS, "notes": []})
    return nlp


def examples_of(nlp, texts=("patient has rash and pain daily", "no fever, the aspirin", "")):
    found = []
    for text in texts:
        doc = nlp.make_doc(text)
        doc.spans["notes"] = []
        found.append(Example(doc.copy(), doc))
    return found


@given(
    st.lists(st.integers(5, 99), min_size=1, max_size=60),
    st.floats(0.01, 0.99),
    st.integers(0, 2**31 - 1),
)
def test_what_is_hidden_is_asked_for(ids, share, seed):
    numpy.random.seed(seed)
    shown, asked = hide(numpy.array(ids), share=share, mask=4, n_pieces=100)
    assert len(shown) == len(asked) == len(ids)
    is_asked = asked != NOT_ASKED
    assert is_asked.any()
    assert (asked[is_asked] == numpy.array(ids)[is_asked]).all()
    assert (shown[~is_asked] == numpy.array(ids)[~is_asked]).all()
    assert ((shown >= 0) & (shown < 100)).all()


def test_shares():
    numpy.random.seed(0)
    ids = numpy.full(100_000, 50)
    shown, asked = hide(ids, share=0.15, mask=4, n_pieces=1000)
    is_asked = asked != NOT_ASKED
    assert is_asked.mean() == pytest.approx(0.15, abs=0.01)
    assert (shown == 4).sum() / is_asked.sum() == pytest.approx(0.8, abs=0.02)
    assert (shown[is_asked] == 50).mean() == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="MaskedLMHead.v1 expected a share between 0 and 1"):
        build_masked_lm_head_v1(share=share)


def test_gradient_equals_finite_differences(nlp):
    head = get_heads(nlp.get_pipe("mtclinical").model)["notes"]
    rng = numpy.random.default_rng(0)
    vectors = rng.normal(size=(4, 16))
    truths = numpy.array([7, NOT_ASKED, 9, 30])
    loss, gradient = head.attrs["get_loss"](vectors, truths)
    assert not gradient[1].any()
    for place in ((0, 3), (2, 11), (3, 0)):
        moved = vectors.copy()
        moved[place] += 1e-5
        assert (head.attrs["get_loss"](moved, truths)[0] - loss) / 1e-5 == pytest.approx(gradient[place], rel=1e-3)
    assert head.attrs["get_loss"](vectors, numpy.full(4, NOT_ASKED))[0] == 0.0


def test_it_learns_and_moves_the_encoder_alone(nlp):
    optimizer = build_adamw_v1(0.01)
    model = nlp.get_pipe("mtclinical").model
    others = {task: head.layers[-1].get_param("W").copy() for task, head in get_heads(model).items() if task != "notes"}
    losses = [nlp.update(examples_of(nlp), sgd=optimizer)["mtclinical_notes"] for _ in range(40)]
    assert numpy.mean(losses[-10:]) < 0.8 * numpy.mean(losses[:10])
    for task, weights in others.items():
        assert numpy.array_equal(weights, get_heads(model)[task].layers[-1].get_param("W"))


def test_windows_show_the_mask(nlp):
    docs = [eg.reference for eg in examples_of(nlp)]
    model = nlp.get_pipe("mtclinical").model
    batch, targets = make_batch(model, "notes", docs, docs, [])
    assert len(targets) == sum(window.n_states for window in batch.windows)
    assert any((window.ids == 4).any() for window in batch.windows)
    assert all(window.ids[0] == 2 and window.ids[-1] == 3 for window in batch.windows)
    batch, targets = make_batch(model, "notes", docs[2:], docs[2:], [])
    assert (batch.windows, len(targets)) == ([], 0)


def test_it_answers_nothing(nlp):
    doc = nlp("patient has rash")
    assert "notes" not in doc.spans and "notes" not in doc._.mtclinical
    assert set(read_kinds(nlp.get_pipe("mtclinical"))) == set(LABELS)
    note = gold_docs(nlp)["drugs"][0]
    assert "mtclinical_score" in nlp.evaluate([Example(nlp.make_doc(note.text), note)])


def test_a_checkpoint_without_a_mask_is_refused(tmp_path):
    nlp = make_nlp(make_byte_level(tmp_path, "modernbert"), heads={"notes": MASKED})
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels={"notes": []})
    with pytest.raises(ValueError, match="the checkpoint's tokenizer has no mask token"):
        nlp.update(examples_of(nlp), sgd=build_adamw_v1(0.1))


def test_a_finished_pipeline_answers_alike_without_it(nlp, tmp_path):
    nlp.get_pipe("mtclinical").cfg["temperatures"] = {"drugs": 1.5}
    wanted = nlp("patient has rash and aspirin 5 mg")
    finished = create_finish_v1()(nlp)
    assert finished is not nlp and "notes" in nlp.get_pipe("mtclinical").tasks
    finished.to_disk(tmp_path / "model")
    loaded = spacy.load(tmp_path / "model")
    assert loaded.get_pipe("mtclinical").tasks == sorted(HEADS)
    found = loaded("patient has rash and aspirin 5 mg")
    for task in ("drugs", "groups"):
        assert [(span.start, span.end, span.label_) for span in found.spans[task]] == [
            (span.start, span.end, span.label_) for span in wanted.spans[task]
        ]
        assert found.spans[task].attrs["scores"] == pytest.approx(wanted.spans[task].attrs["scores"])


def test_a_finished_pipeline_has_all_else_of_the_other(tiny_bert, tmp_path):
    heads = {"drugs": HEADS["drugs"], "notes": MASKED}
    nlp = make_nlp(tiny_bert, heads=heads)
    section = nlp.config["components"]["mtclinical"]["model"]
    nlp.add_pipe("mtclinical", "second", config={"model": {**section, "heads": {"groups": HEADS["groups"]}}})
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "X", "pattern": [{"LOWER": "pain"}]}])
    for name in ("mtclinical", "second"):
        nlp.get_pipe(name).initialize(lambda: [], nlp=nlp, labels={**LABELS, "notes": []})
    nlp.disable_pipe("entity_ruler")
    nlp.tokenizer.add_special_case("abcdef", [{"ORTH": "abc"}, {"ORTH": "def"}])
    nlp.meta.update(name="notes", version="9.9.9", description="of our ward")
    create_finish_v1()(nlp).to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.disabled == ["entity_ruler"] and loaded.get_pipe("entity_ruler").patterns == [
        {"label": "X", "pattern": [{"LOWER": "pain"}]}
    ]
    assert [token.text for token in loaded("abcdef")] == ["abc", "def"]
    assert [loaded.meta[key] for key in ("name", "version", "description")] == ["notes", "9.9.9", "of our ward"]
    assert loaded.get_pipe("mtclinical").tasks == ["drugs"] and loaded.get_pipe("second").tasks == ["groups"]
    doc, wanted = loaded("patient has rash"), nlp("patient has rash")
    for task in ("drugs", "groups"):
        assert doc.spans[task].attrs["scores"] == pytest.approx(wanted.spans[task].attrs["scores"])


def test_a_pipeline_without_it_is_finished_as_it_is(tiny_bert):
    nlp = make_nlp(tiny_bert)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    assert drop_heads(nlp) is nlp


def test_a_pipeline_of_nothing_else_is_refused(tiny_bert):
    nlp = make_nlp(tiny_bert, heads={"notes": MASKED})
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels={"notes": []})
    nlp.get_pipe("mtclinical").cfg["labels"] = {"notes": []}
    with pytest.raises(ValueError, match="Expected a head that answers something beside MaskedLMHead.v1"):
        drop_heads(nlp)


def test_it_takes_its_turn_and_is_gone_from_what_is_saved(corpus, tiny_bert, tmp_path):
    """From .txt files by `convert text` to a trained pipeline."""
    nlp = spacy.blank("en")
    for task, docs in gold_docs(nlp).items():
        (tmp_path / "corpus" / task).mkdir(parents=True)
        for split in ("train", "dev"):
            DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "corpus" / task / f"{split}.spacy")
        srsly.write_json(tmp_path / "corpus" / task / "labels.json", LABELS[task])
    (tmp_path / "txt").mkdir()
    for number in range(3):
        (tmp_path / "txt" / f"{number}.txt").write_text("The patient has no pain. " * 5)
    found = call("mtclinical", "convert", "text", tmp_path / "txt", tmp_path / "corpus", "--task", "notes")
    assert found.exit_code == 0, found.output
    path = write_plan(tmp_path, tmp_path / "corpus", tiny_bert, heads={**PLANNED, "notes": MASKED}, epochs=1)
    config = read_config(path)
    assert "notes" in config["corpora"]["train"]["tasks"] and "notes" not in config["corpora"]["dev"]["tasks"]
    config["training"]["before_to_disk"] = {"@callbacks": NAMES + "finish.v1"}
    config.to_disk(path)
    found = call("train", path, "--output", tmp_path / "out")
    assert found.exit_code == 0, found.output
    assert "notes" in found.output
    saved = spacy.load(tmp_path / "out" / "model-last")
    assert saved.get_pipe("mtclinical").tasks == sorted(HEADS)
    assert saved.meta["performance"]
    assert str(tmp_path) not in (tmp_path / "out" / "model-last" / "config.cfg").read_text()


@pytest.mark.parametrize("size", [1.0, 0.5])
def test_a_row_of_a_comparison_may_add_it(corpus, tiny_bert, tmp_path, size):
    """Its text is counted as text that is read; its corpus, drawn as the others, is part of what the trial is."""
    shutil.copytree(corpus, tmp_path / "corpus")
    (tmp_path / "corpus" / "notes").mkdir()
    doc = spacy.blank("en").make_doc("The patient has no pain.")
    doc.spans["notes"] = []
    DocBin(docs=[doc] * 4, store_user_data=True).to_disk(tmp_path / "corpus" / "notes" / "train.spacy")
    srsly.write_json(tmp_path / "corpus" / "notes" / "labels.json", [])
    config = read_config(write_plan(tmp_path, tmp_path / "corpus", tiny_bert))
    recipes = read_recipes(ROOT / "configs" / "recipes" / "masked.cfg")._replace(settings={})
    suite = make_suite(config, tmp_path / "corpus", tmp_path / "out", recipes=recipes, size=Size(size, None, 0))
    row = recipes.rows["masked"]
    assert row.settings["components.mtclinical.model.heads.notes"]["@architectures"] == MASKED["@architectures"]
    row = row._replace(settings={**row.settings, "corpora.train.tasks": sorted([*LABELS, "notes"])})
    trial = plan_trial(suite, row, seed=0)
    assert set(trial.course.windows) == {*LABELS, "notes"} and "notes" in trial.inputs
    assert len(DocBin().from_disk(suite.corpus / "notes" / "train.spacy")) == 4 * size
    assert trial.config["corpora"]["dev"]["tasks"] == sorted(LABELS)
    plain = plan_trial(suite, recipes.rows["round_robin"], seed=0)
    assert set(plain.course.windows) == set(LABELS) and "notes" not in plain.inputs
    assert util.load_model_from_config(trial.config, auto_fill=True).get_pipe("mtclinical").tasks[-1] == "notes"
