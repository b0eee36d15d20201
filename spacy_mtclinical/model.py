"""The multitask model: one encoder and the heads, in sorted order."""

from functools import partial
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.api import Model

from .arrays import Floats2d
from .attributes import Setting
from .documents import PAIR
from .frozen import StateReader
from .onednn import multiply
from .windows import Window

READS = ("pieces", "pair", "masked")


class TaskBatch(NamedTuple):
    """Windows to be scored by one head."""

    task: str
    windows: List[Window]


def build_multitask_model_v1(
    encoder: Model,
    heads: Dict[str, Any],
    *,
    init_from: Optional[str] = None,
    train_only: Optional[List[str]] = None,
    added: Sequence[str] = (),
    head_rate: float = 1.0,
    adapters: Optional[Dict[str, Any]] = None,
) -> Model[TaskBatch, Floats2d]:
    """Put heads on an encoder.

    A batch of one task becomes the scores of its head, shape (position, output); the other heads take no
    part and get no gradient.

    encoder: Windows to hidden states, see Encoder.v1.
    heads: A head a task; the name of a config section is the name of the task.
    init_from: A trained pipeline, package or folder, whose encoder and heads training starts from; read when training
        is initialised, never when a pipeline is loaded.
    train_only: Heads that learn, while the encoder and the other heads stay as they are; all learn where unset.
    added: Heads that came to a trained pipeline, each scored by a product of its own: in one matrix product with them
        the scores of the others would change in their last bits.
    head_rate: How many times as fast as the encoder the heads learn.
    adapters: Task to what its head reads instead of the encoder's last layer, see Recurrent.v1 and Lora.v1.
    RAISES: ValueError where there is no head, a section that is none, or a setting that names a head that is not there.
    """
    if not heads:
        raise ValueError(
            "MultitaskModel.v1 expected a section [components.mtclinical.model.heads.TASK] a task, got none. "
            "Add one, for example with @architectures = spacy-mtclinical.EntityHead.v1."
        )
    if PAIR in heads:
        raise ValueError(f"The name '{PAIR}' is that of the spans of a pair's two texts. Give the task another one.")
    for task, head in heads.items():
        check_head(task, head)
        head.attrs.get("attach", bool)(encoder)
    tasks = sorted(heads)
    adapters = adapters or {}
    for setting, named in (("train_only", train_only or ()), ("added", added), ("adapters", adapters)):
        unknown = sorted(set(named) - set(tasks))
        if unknown:
            raise ValueError(f"{setting} expected heads among {tasks}, got {unknown}. Mend the config.")
    for task, adapter in adapters.items():
        if not isinstance(adapter, Model) or "settings" not in adapter.attrs:
            raise ValueError(
                f"The adapter of task '{task}' is {type(adapter).__name__}, expected Recurrent.v1 or Lora.v1."
            )
        adapter.attrs["attach"](encoder, frozen=train_only is not None)
    adapted = sorted(adapters)
    model: Model[TaskBatch, Floats2d] = Model(
        "mtclinical",
        forward,
        init=init,
        layers=[encoder, *(heads[task] for task in tasks), *(adapters[task] for task in adapted)],
        refs={"encoder": encoder},
        attrs={"tasks": tasks, "set_outputs": set_outputs},
    )
    model.attrs.update(
        init_from=Setting(init_from),
        train_only=Setting(train_only),
        added=Setting(added),
        adapted=Setting(adapted),
        head_rate=Setting(head_rate),
        read_states=StateReader(),
    )
    return model


def check_head(task: str, head: Any) -> None:
    """Refuse what is no head. RAISES: ValueError saying what it lacks."""
    attrs = head.attrs if isinstance(head, Model) and head.layers else {}
    missing = [name for name in ("count_outputs", "get_loss") if name not in attrs]
    missing += ["reads"] if attrs.get("reads") not in READS else []
    missing += ["nested"] if attrs.get("reads") == "pieces" and "nested" not in attrs else []
    if missing:
        raise ValueError(
            f"The head of task '{task}' is {type(head).__name__} without {', '.join(missing)}, expected EntityHead.v1, "
            "PairClassifier.v1, PairRegressor.v1 or another chain of layers with their attributes (see "
            "spacy_mtclinical.heads)."
        )


def is_linear(head: Model) -> bool:
    """Whether a head is dropout and one product, which can be taken together with those of others."""
    return [layer.name for layer in head.layers] == ["dropout", "linear"]


def copy_head(own: Model, other: Model) -> None:
    """Give a head the sizes and the weights of another one of its kind."""
    for layer, theirs in zip(own.walk(), other.walk()):
        for dim in theirs.dim_names:
            if theirs.has_dim(dim):
                layer.set_dim(dim, theirs.get_dim(dim))
        for param in theirs.param_names:
            if theirs.has_param(param):
                layer.set_param(param, theirs.get_param(param).copy())


def get_heads(model: Model) -> Dict[str, Model]:
    """Name the heads: task to head."""
    return dict(zip(model.attrs["tasks"], model.layers[1:]))


def get_adapters(model: Model) -> Dict[str, Model]:
    """Name the adapters: task to adapter, of the tasks that have one."""
    return dict(zip(model.attrs["adapted"](), model.layers[1 + len(model.attrs["tasks"]) :]))


def find_bounds(head: Model) -> Optional[List[float]]:
    """The lowest and the highest answer of a head that gives numbers; None of others."""
    get_bounds = head.attrs.get("get_bounds")
    return get_bounds() if get_bounds is not None else None


def set_outputs(model: Model, n_labels: Dict[str, int]) -> None:
    """Tell each head how many labels it has, before it is initialised."""
    for task, head in get_heads(model).items():
        n_outputs = head.attrs["count_outputs"](n_labels[task])
        if n_outputs is not None:
            head.layers[-1].set_dim("nO", n_outputs)


def name_kinds(model: Model) -> Dict[str, str]:
    """Tell what each head that answers gives: "entities", "classes" or a "value"."""
    kinds = {}
    for task, head in get_heads(model).items():
        if head.attrs["reads"] == "pair":
            kinds[task] = "classes" if find_bounds(head) is None else "value"
        elif head.attrs["reads"] == "pieces":
            kinds[task] = "entities"
    return kinds


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    """Load the encoder, then draw the weights of the heads and adapters."""
    encoder = model.get_ref("encoder")
    encoder.initialize()
    adapters = get_adapters(model)
    for adapter in adapters.values():
        adapter.initialize()
    for task, head in get_heads(model).items():
        width = adapters.get(task, encoder).get_dim("nO")
        if not head.layers[-1].has_dim("nO"):
            head.layers[-1].set_dim("nO", width)
        head.initialize(X=head.ops.alloc2f(1, width))


def forward(model: Model, X: TaskBatch, is_train: bool) -> Tuple[Floats2d, Callable[[Floats2d], TaskBatch]]:
    """Score a batch of one task.

    RAISES: ValueError while training a task that train_only leaves out.
    """
    encoder, only = model.get_ref("encoder"), model.attrs["train_only"]()
    adapter = get_adapters(model).get(X.task)
    backprop_encoder: Callable[[Floats2d], Any]
    if is_train and only is not None and X.task not in only:
        raise ValueError(
            f"A batch of task '{X.task}' came to be learnt, but train_only = {only} leaves its head as it is. "
            "Take the task out of [corpora.train] tasks, or name it in train_only."
        )
    if adapter is not None:
        hidden, backprop_encoder = adapter(X.windows, is_train)
    elif is_train and only is not None:
        hidden, backprop_encoder = read_frozen(model, X.windows), lambda d_hidden: None
    else:
        hidden, backprop_encoder = encoder(X.windows, is_train)
    scores, backprop_head = get_heads(model)[X.task](hidden, is_train)

    def backprop(d_scores: Floats2d) -> TaskBatch:
        backprop_encoder(backprop_head(d_scores))
        return X

    return scores, backprop


def read_frozen(model: Model, windows: List[Window]) -> Floats2d:
    """The hidden states of windows by an encoder that stays as it is. Shape: (position, width)."""
    encoder = model.get_ref("encoder")
    states = model.attrs["read_states"](encoder, windows)
    return encoder.ops.xp.concatenate(states) if states else encoder.predict([])


def score_windows(model: Model, windows: Sequence[Window], tasks: Sequence[str]) -> Floats2d:
    """Score windows by several heads at once: one pass of the encoder, one matrix product for all that are linear.

    Heads that were added, adapted ones and those of several layers are scored one by one.

    RETURNS: The heads' scores side by side, in the order of `tasks`. Shape (position, outputs of all).
    """
    heads, adapters = get_heads(model), get_adapters(model)
    one_by_one = {*model.attrs["added"](), *adapters}
    alone = [task for task in tasks if task in one_by_one or not is_linear(heads[task])]
    xp = model.ops.xp
    shared: Any = None
    layers: Any = None
    if any("read_layers" in adapters[task].attrs for task in alone if task in adapters):
        encoder = model.get_ref("encoder")
        shared, layers = encoder.attrs["predict_layers"](encoder, list(windows))
    parts: Dict[str, Any] = {}
    for together in ([task for task in tasks if task not in alone], *([task] for task in alone)):
        if together:
            adapter = adapters.get(together[0])
            if adapter is not None and "read_layers" in adapter.attrs:
                hidden = adapter.attrs["read_layers"](layers, list(windows))
            elif adapter is not None:
                hidden = adapter.predict(list(windows))
            else:
                hidden = shared = model.get_ref("encoder").predict(list(windows)) if shared is None else shared
            if not is_linear(heads[together[0]]):
                parts[together[0]] = heads[together[0]].predict(hidden)
                continue
            linear = [heads[task].layers[-1] for task in together]
            weights = xp.concatenate([layer.get_param("W") for layer in linear])
            biases = xp.concatenate([layer.get_param("b") for layer in linear])
            ends = numpy.cumsum([layer.get_dim("nO") for layer in linear])
            scores = multiply(hidden, weights, biases)
            if len(together) == len(tasks):
                return model.ops.to_numpy(scores)
            parts.update(zip(together, xp.split(scores, ends[:-1].tolist(), axis=1)))
    return model.ops.to_numpy(xp.concatenate([parts[task] for task in tasks], axis=1))


def step(model: Model, optimizer: Any, tasks: Sequence[str]) -> None:
    """Let the optimizer move the encoder, unless it is frozen, and the heads and adapters of some tasks, and no other.

    `Model.finish_update` would step all heads; momentum would then move those that had no gradient.
    """
    heads, adapters = get_heads(model), get_adapters(model)
    for task in tasks:  # first: an adapter is made anew once the encoder's weights lie elsewhere
        if task in adapters:
            adapters[task].finish_update(optimizer)
    if model.attrs["train_only"]() is None and not set(tasks) <= set(adapters):
        model.get_ref("encoder").finish_update(optimizer)
    scaled: Any = partial(optimizer, lr_scale=model.attrs["head_rate"]())
    for task in tasks:
        heads[task].finish_update(scaled)


def check_heads(found: Optional[Sequence[str]], model: Model) -> None:
    """Compare the heads of a saved pipeline with those of the config.

    RAISES: ValueError naming the heads that differ.
    """
    expected = model.attrs["tasks"]
    if found is not None and sorted(found) != expected:
        missing = sorted(set(expected) - set(found))
        extra = sorted(set(found) - set(expected))
        raise ValueError(
            f"The saved weights have not the heads of the config: only in the config {missing}, only saved {extra}. "
            "Use the config.cfg that was saved with the weights, or train anew."
        )
