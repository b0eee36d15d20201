"""The multitask model: one encoder and the heads, in sorted order."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from thinc.api import Model

from .arrays import Floats2d
from .windows import Window


class TaskBatch(NamedTuple):
    """Windows to be scored by one head."""

    task: str
    windows: List[Window]


def build_multitask_model_v1(encoder: Model, heads: Dict[str, Any]) -> Model[TaskBatch, Floats2d]:
    """Put heads on an encoder.

    A batch of one task becomes the scores of its head, shape (position, output); the other heads take no
    part and get no gradient.

    encoder: Windows to hidden states, see Encoder.v1.
    heads: A head a task; the name of a config section is the name of the task.
    RAISES: ValueError where there is no head, or a section that is none.
    """
    if not heads:
        raise ValueError(
            "MultitaskModel.v1 expected a section [components.mtclinical.model.heads.TASK] a task, got none. "
            "Add one, for example with @architectures = spacy-mtclinical.EntityHead.v1."
        )
    for task, head in heads.items():
        if not isinstance(head, Model) or "reads" not in head.attrs:
            raise ValueError(
                f"The head of task '{task}' is {type(head).__name__}, expected EntityHead.v1, PairClassifier.v1, "
                "PairRegressor.v1 or a registered architecture with their attributes (see spacy_mtclinical.heads)."
            )
    tasks = sorted(heads)
    return Model(
        "mtclinical",
        forward,
        init=init,
        layers=[encoder, *(heads[task] for task in tasks)],
        refs={"encoder": encoder},
        attrs={"tasks": tasks, "set_outputs": set_outputs},
    )


def get_heads(model: Model) -> Dict[str, Model]:
    """Name the heads: task to head."""
    return dict(zip(model.attrs["tasks"], model.layers[1:]))


def set_outputs(model: Model, n_labels: Dict[str, int]) -> None:
    """Tell each head how many labels it has, before it is initialised."""
    for task, head in get_heads(model).items():
        head.layers[-1].set_dim("nO", head.attrs["count_outputs"](n_labels[task]))


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    """Load the encoder, then draw the weights of the heads."""
    encoder = model.get_ref("encoder")
    encoder.initialize()
    for head in get_heads(model).values():
        head.layers[-1].set_dim("nI", encoder.get_dim("nO"))
        head.initialize()


def forward(model: Model, X: TaskBatch, is_train: bool) -> Tuple[Floats2d, Callable[[Floats2d], TaskBatch]]:
    """Score a batch of one task."""
    hidden, backprop_encoder = model.get_ref("encoder")(X.windows, is_train)
    scores, backprop_head = get_heads(model)[X.task](hidden, is_train)

    def backprop(d_scores: Floats2d) -> TaskBatch:
        backprop_encoder(backprop_head(d_scores))
        return X

    return scores, backprop


def score_windows(model: Model, windows: Sequence[Window], tasks: Sequence[str]) -> Floats2d:
    """Score windows by several heads at once: one pass of the encoder, one matrix product.

    RETURNS: The heads' scores side by side, in the order of `tasks`. Shape (position, outputs of all).
    """
    hidden = model.get_ref("encoder").predict(list(windows))
    heads = get_heads(model)
    linear = [heads[task].layers[-1] for task in tasks]
    xp = model.ops.xp
    weights = xp.concatenate([layer.get_param("W") for layer in linear])
    biases = xp.concatenate([layer.get_param("b") for layer in linear])
    return model.ops.to_numpy(hidden @ weights.T + biases)


def step(model: Model, optimizer: Any, tasks: Sequence[str]) -> None:
    """Let the optimizer move the encoder and the heads of some tasks, and leave every other head as it is.

    `Model.finish_update` would step all heads; momentum would then move those that had no gradient.
    """
    heads = get_heads(model)
    for part in (model.get_ref("encoder"), *(heads[task] for task in tasks)):
        part.finish_update(optimizer)


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
