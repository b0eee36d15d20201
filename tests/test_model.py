"""The model: the gradient of the whole, heads that rest, heads in sorted order."""

import numpy
import pytest
from conftest import HEADS, LABELS, gold_docs, make_nlp
from spacy.training import Example
from spacy.util import fix_random_seed, load_model_from_config
from thinc.api import Adam

from spacy_mtclinical.corpus import copy_words
from spacy_mtclinical.model import TaskBatch, build_multitask_model_v1, get_heads, score_windows
from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.targets import make_batch


def examples_of(nlp, task):
    return [Example(copy_words(doc), doc) for doc in gold_docs(nlp)[task]]


def batch_of(nlp, task):
    pipe = nlp.get_pipe("mtclinical")
    docs = gold_docs(nlp)[task]
    return make_batch(pipe.model, task, [copy_words(doc) for doc in docs], docs, pipe.label_data[task])


def encoder_weights(model):
    shim = model.get_ref("encoder").layers[0].shims[0]
    return {name: value.detach().numpy().copy() for name, value in shim._model.named_parameters()}


def head_weights(model):
    return {task: head.layers[-1].get_param("W").copy() for task, head in get_heads(model).items()}


@pytest.mark.parametrize("task", LABELS)
def test_gradient_of_the_encoder_equals_finite_differences(nlp, task):
    model = nlp.get_pipe("mtclinical").model
    shim = model.get_ref("encoder").layers[0].shims[0]
    shim._model.config.hidden_dropout_prob = 0.0
    for module in shim._model.modules():
        if "Dropout" in type(module).__name__:
            module.p = 0.0
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
    batch, targets = batch_of(nlp, task)
    get_loss = get_heads(model)[task].attrs["get_loss"]
    scores, backprop = model.begin_update(batch)
    backprop(get_loss(scores, targets)[1])
    parameter = shim._model.encoder.layer[0].output.dense.weight
    gradient = parameter.grad.numpy().copy()
    index = numpy.unravel_index(abs(gradient).argmax(), gradient.shape)
    around = []
    for step in (-5e-3, 5e-3):
        parameter.data[index] += step
        around.append(get_loss(model.predict(batch).astype("float64"), targets)[0])
        parameter.data[index] -= step
    assert (around[1] - around[0]) / 1e-2 == pytest.approx(gradient[index], rel=0.05, abs=1e-4)


@pytest.mark.parametrize("make_optimizer", [lambda: Adam(0.01), lambda: build_adamw_v1(0.01)])
def test_a_batch_moves_the_encoder_and_its_own_head_and_no_other(nlp, make_optimizer):
    """Also after every head has had a gradient: momentum must not move a head that rests."""
    optimizer = make_optimizer()
    for task in [*LABELS, *LABELS]:
        model = nlp.get_pipe("mtclinical").model
        before, encoder_before = head_weights(model), encoder_weights(model)
        nlp.update(examples_of(nlp, task), sgd=optimizer)
        after, encoder_after = head_weights(model), encoder_weights(model)
        for other in LABELS:
            assert numpy.array_equal(before[other], after[other]) == (other != task), (task, other)
        moved = {name for name, value in encoder_before.items() if not numpy.array_equal(value, encoder_after[name])}
        assert any("layer.0" in name for name in moved) and any("word_embeddings" in name for name in moved)


@pytest.mark.parametrize("make_optimizer", [lambda: Adam(0.001), lambda: build_adamw_v1(0.001)])
def test_head_rate_lets_heads_learn_faster_than_the_encoder(tiny_bert, make_optimizer):
    moved = {}
    for rate in (1.0, 5.0):
        fix_random_seed(0)
        nlp = make_nlp(tiny_bert)
        config = nlp.config.copy()
        config["components"]["mtclinical"]["model"]["head_rate"] = rate
        nlp = load_model_from_config(config)
        nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
        model = nlp.get_pipe("mtclinical").model
        before, encoder = head_weights(model), encoder_weights(model)
        nlp.update(examples_of(nlp, "drugs"), sgd=make_optimizer())
        after = encoder_weights(model)
        moved[rate] = (
            abs(head_weights(model)["drugs"] - before["drugs"]).max(),
            max(abs(after[name] - encoder[name]).max() for name in encoder),
        )
    assert moved[5.0][0] == pytest.approx(5 * moved[1.0][0], rel=0.05)
    assert moved[5.0][1] == pytest.approx(moved[1.0][1], rel=0.05)


def test_other_heads_have_no_gradient(nlp):
    model = nlp.get_pipe("mtclinical").model
    nlp.get_pipe("mtclinical").update(examples_of(nlp, "drugs"))
    for task, head in get_heads(model).items():
        assert head.layers[-1].has_grad("W") is (task == "drugs") or not head.layers[-1].get_grad("W").any()


def test_padding_changes_nothing(nlp):
    """Targets and scores exist for pieces alone, and a note scores alike beside a longer one."""
    model = nlp.get_pipe("mtclinical").model
    batch, targets = batch_of(nlp, "drugs")
    assert len(targets) == sum(window.n_states for window in batch.windows)
    together = model.predict(batch)
    apart = [model.predict(TaskBatch("drugs", [window])) for window in batch.windows]
    assert together == pytest.approx(numpy.concatenate(apart), abs=1e-5)


def test_all_heads_at_once_score_as_each_alone(nlp):
    model = nlp.get_pipe("mtclinical").model
    batch, _ = batch_of(nlp, "drugs")
    both = score_windows(model, batch.windows, ["drugs", "groups"])
    alone = [model.predict(TaskBatch(task, batch.windows)) for task in ("drugs", "groups")]
    assert both == pytest.approx(numpy.concatenate(alone, axis=1), abs=1e-5)


def test_heads_are_in_sorted_order(nlp):
    model = nlp.get_pipe("mtclinical").model
    assert list(get_heads(model)) == sorted(LABELS) == model.attrs["tasks"]


def test_a_model_without_heads_is_refused(tiny_bert):
    with pytest.raises(ValueError, match=r"expected a section \[components.mtclinical.model.heads.TASK\]"):
        make_nlp(tiny_bert, heads={})


def test_a_head_that_is_none_is_refused():
    with pytest.raises(ValueError, match="The head of task 'odd' is str without count_outputs, get_loss, reads, "):
        build_multitask_model_v1(None, {"odd": "head"})


def test_a_name_that_pairs_need_is_refused(tiny_bert):
    with pytest.raises(ValueError, match="The name 'pair' is that of the spans of a pair's two texts"):
        make_nlp(tiny_bert, heads={"pair": HEADS["drugs"]})
