"""A task is added by the verb `add_task` and `spacy train`; what would be ignored in silence is refused."""

import shutil

import pytest
import spacy
import srsly
from conftest import LABELS, ROOT, gold_docs
from growing import HEADS, NAMES, answers, call, read_config, write_plan
from spacy.tokens import DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import create_train_batches
from spacy.util import registry, resolve_dot_names
from trained import make_trained

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID
from spacy_mtclinical.growth import choose_head, overlaps

TEMPLATE = ROOT / "configs" / "grow" / "add-task.cfg"


@pytest.fixture(scope="module")
def parent(tiny_bert, tmp_path_factory):
    """A pipeline as `spacy train` leaves it."""
    folder = tmp_path_factory.mktemp("parent") / "model"
    make_trained(tiny_bert, ents_from=["drugs"]).to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def grown(corpus, tmp_path_factory):
    """The corpus, and that of a new task."""
    folder = tmp_path_factory.mktemp("corpora")
    shutil.copytree(corpus, folder, dirs_exist_ok=True)
    nlp = spacy.blank("en")
    docs = gold_docs(nlp)["drugs"]
    for index, doc in enumerate(docs):
        doc.spans["wounds"] = [Span(doc, span.start, span.end, "WOUND") for span in doc.spans.pop("drugs")]
        doc.user_data[DOC_ID] = f"wounds-{index}"
    (folder / "wounds").mkdir()
    for split in ("train", "dev"):
        DocBin(docs=docs, store_user_data=True).to_disk(folder / "wounds" / f"{split}.spacy")
    srsly.write_json(folder / "wounds" / "labels.json", ["WOUND"])
    return folder


def test_a_task_is_added_and_nothing_else_changes(parent, grown, tmp_path):
    config = tmp_path / "wounds" / "config.cfg"
    found = call(
        *("mtclinical", "add_task", TEMPLATE, parent, grown, config),
        *("--task", "wounds", "--epochs", 3, "--adapter", "none"),
    )
    assert found.exit_code == 0, found.output
    assert "wounds: EntityHead.v1, 3 training windows" in found.output
    assert "1 steps an epoch, 3 steps in 3 epochs" in found.output
    found = call("train", config, "--output", tmp_path / "out")
    assert found.exit_code == 0, found.output
    old, new = spacy.load(parent), spacy.load(tmp_path / "out" / "model-last")
    texts = ["patient has rash and aspirin 5 mg daily.", "no fever, aspirin daily", ""]
    for (found, _, ents), (wanted, _, old_ents) in zip(
        answers(new, [new.make_doc(text) for text in texts]), answers(old, [old.make_doc(text) for text in texts])
    ):
        assert {key: value for key, value in found.items() if key != "wounds"} == wanted and "wounds" in found
        assert ents == old_ents
    assert new.get_pipe("mtclinical").label_data == {**LABELS, "wounds": ["WOUND"]}
    for file in (tmp_path / "out" / "model-last").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert str(parent).encode() not in data and str(tmp_path).encode() not in data, file.name


def test_all_tasks_go_on_together_if_asked(parent, grown, tmp_path):
    arguments = ["mtclinical", "add_task", TEMPLATE, parent, grown, tmp_path / "config.cfg", "--task", "wounds"]
    found = call(*arguments, "--unfreeze")
    assert found.exit_code == 0, found.output
    config = read_config(tmp_path / "config.cfg")
    model = config["components"]["mtclinical"]["model"]
    assert model["train_only"] is None and model["added"] == ["wounds"]
    assert config["corpora"]["train"]["tasks"] == sorted([*LABELS, "wounds"])
    assert config["training"]["optimizer"]["learn_rate"]["initial_rate"] == 0.0001
    nlp = init_nlp(config)
    before = nlp.get_pipe("mtclinical").model.to_bytes()
    T = registry.resolve(nlp.config.interpolate()["training"])
    (reader,) = resolve_dot_names(nlp.config.interpolate(), [T["train_corpus"]])
    batches = create_train_batches(nlp, reader, T["batcher"], -1)
    for _ in range(len(LABELS) + 1):
        T["optimizer"].step_schedules()  # the first rate is 0
        nlp.update(next(batches)[1], sgd=T["optimizer"])
    assert nlp.get_pipe("mtclinical").model.to_bytes() != before


def test_without_the_old_corpora_all_tasks_cannot_go_on(parent, grown, tmp_path):
    shutil.copytree(grown / "wounds", tmp_path / "corpora" / "wounds")
    arguments = ["mtclinical", "add_task", TEMPLATE, parent, tmp_path / "corpora", tmp_path / "config.cfg"]
    found = call(*arguments, "--task", "wounds", "--unfreeze")
    assert found.exit_code == 1
    assert "Expected train.spacy for alike, drugs, groups, implies" in found.output


def test_a_task_that_is_there_is_not_added_again(parent, grown, tmp_path):
    found = call("mtclinical", "add_task", TEMPLATE, parent, grown, tmp_path / "config.cfg", "--task", "drugs")
    assert found.exit_code == 1
    assert "has a head for 'drugs' already, with the labels ['ADE', 'Drug']. Give the new task" in found.output
    assert not list(tmp_path.iterdir())


def test_a_task_without_corpus_is_refused(parent, grown, tmp_path):
    found = call("mtclinical", "add_task", TEMPLATE, parent, grown, tmp_path / "config.cfg", "--task", "nope")
    assert found.exit_code == 1 and "Expected train.spacy for nope" in found.output


def test_other_components_are_named(parent, grown, tmp_path):
    nlp = spacy.load(parent)
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "model")
    arguments = ["add_task", TEMPLATE, tmp_path / "model", grown, tmp_path / "config.cfg"]
    found = call("mtclinical", *arguments, "--task", "wounds")
    assert found.exit_code == 0, found.output
    assert "left out: the component 'sentencizer'" in found.output


@pytest.mark.parametrize(
    "spans, nested",
    [
        ([(0, 2, "A"), (2, 4, "B")], False),
        ([(0, 2, "A"), (1, 3, "A")], False),
        ([(0, 3, "A"), (1, 2, "B")], True),
        ([(0, 2, "A"), (0, 2, "B")], True),
    ],
)
def test_heads_are_nested_where_labels_overlap(spans, nested):
    doc = spacy.blank("en").make_doc("a b c d")
    doc.spans["x"] = [Span(doc, *span) for span in spans]
    assert overlaps(doc, "x") is nested
    assert choose_head([doc], "x", low=None, high=None) == {"@architectures": NAMES + "EntityHead.v1", "nested": nested}


def test_heads_of_pairs():
    nlp = spacy.blank("en")
    pair = make_pair(nlp, "a", "b")
    pair._.mtclinical["x"] = {"yes": 1.0}
    for docs in ([pair], [make_pair(nlp, "without", "an answer"), pair]):
        assert choose_head(docs, "x", low=None, high=None) == {"@architectures": NAMES + "PairClassifier.v1"}
    pair._.mtclinical["x"] = 2.0
    assert choose_head([pair], "x", low=0.0, high=4.0)["high"] == 4.0
    with pytest.raises(ValueError, match="The answers of task 'x' are numbers: say between which"):
        choose_head([pair], "x", low=None, high=None)
    with pytest.raises(ValueError, match="The corpus of task 'y' has no gold for it"):
        choose_head([nlp.make_doc("a")], "y", low=None, high=None)
    with pytest.raises(ValueError, match="The corpus of task 'y' has no gold for it"):
        choose_head([pair], "y", low=0.0, high=4.0)


@pytest.fixture
def sourced(parent, grown, tiny_bert, tmp_path):
    """A configuration that takes the component from elsewhere and wants a new head in it."""
    config = read_config(write_plan(tmp_path, grown, tiny_bert, heads={**HEADS, "wounds": HEADS["drugs"]}))
    config["components"]["mtclinical"] = {"source": str(parent), "model": {"heads": {"wounds": HEADS["drugs"]}}}
    config.to_disk(tmp_path / "sourced.cfg")
    return tmp_path / "sourced.cfg"


def test_spacy_train_with_a_source_and_a_new_head_is_refused(sourced, tmp_path):
    found = call("train", sourced, "--output", tmp_path / "out")
    assert found.exit_code == 1
    text = " ".join(str(found.exception).split())
    assert "[corpora.train] reads wounds, for which the pipeline has no head" in text
    assert "Beside `source = ...` in a component spaCy ignores new heads" in text and "init_from" in text


@pytest.mark.parametrize("verb", ["train", "plan"])
def test_our_verbs_refuse_it_before_they_begin(verb, sourced, grown, tmp_path):
    rest = {"train": ["--output", tmp_path / "out"], "plan": [grown, tmp_path / "out" / "planned.cfg"]}[verb]
    found = call("mtclinical", verb, sourced, *rest)
    assert found.exit_code == 1
    assert "[components.mtclinical] has `source`, beside which spaCy ignores the settings of a model" in found.output
    assert not (tmp_path / "out").exists()
