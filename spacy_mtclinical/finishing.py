"""A pipeline as it is handed on: without what only training needs, and without the paths of the machine."""

from typing import Any, Callable, cast

from spacy import util
from spacy.language import Language

from .callbacks import forget_paths
from .component import MultitaskClinical
from .model import copy_head, get_adapters, get_heads

TRAINING = "masked"  # heads that read so answer nothing


def create_finish_v1() -> Callable[[Language], Language]:
    """Create the callback for `[training.before_to_disk]` that leaves out heads which only serve training, such as
    MaskedLMHead.v1, and empties the section [paths]. The pipeline in training keeps its heads."""

    def finish(nlp: Language) -> Language:
        finished = forget_paths(nlp)
        for name in nlp.component_names:
            if isinstance(nlp.get_pipe(name), MultitaskClinical):
                finished = drop_heads(finished, name)
        return finished

    return finish


def drop_heads(nlp: Language, name: str = "mtclinical") -> Language:
    """Make a pipeline without the heads of a component that only serve training.

    RETURNS: The same one if it has none.
    """
    component = cast(MultitaskClinical, nlp.get_pipe(name))
    heads = get_heads(component.model)
    kept = [task for task, head in heads.items() if head.attrs["reads"] != TRAINING]
    if len(kept) == len(heads):
        return nlp
    if not kept:
        raise ValueError("Expected a head that answers something beside MaskedLMHead.v1, got none. Add one.")
    config = nlp.config.copy()
    model = config["components"][component.name]["model"]
    model["heads"] = {task: model["heads"][task] for task in kept}
    if model.get("adapters"):
        model["adapters"] = {task: adapter for task, adapter in model["adapters"].items() if task in kept}
    for setting in ("train_only", "added"):
        if model.get(setting):
            model[setting] = [task for task in model[setting] if task in kept]
    finished = util.load_model_from_config(config, vocab=nlp.vocab)
    finished.meta.update(nlp.meta)
    finished.tokenizer = nlp.tokenizer
    for other_name in nlp.component_names:
        if other_name != name:
            copy: Any = finished.get_pipe(other_name)
            original: Any = nlp.get_pipe(other_name)
            if hasattr(original, "to_bytes"):
                copy.from_bytes(original.to_bytes())
    other = cast(MultitaskClinical, finished.get_pipe(component.name))
    ours, theirs = other.model.get_ref("encoder"), component.model.get_ref("encoder")
    shim: Any = ours.layers[0].shims[0]
    lent: Any = theirs.layers[0].shims[0]
    shim._hfmodel, shim._model = lent._hfmodel, lent._model
    ours.set_dim("nO", theirs.get_dim("nO"))
    for task, head in get_heads(other.model).items():
        copy_head(head, heads[task])
    for task, adapter in get_adapters(other.model).items():
        old_one = get_adapters(component.model)[task]
        own, lent_one = (found.layers[0].shims[0] for found in (adapter, old_one))
        own.put(lent_one.take())  # type: ignore[attr-defined]
        adapter.set_dim("nO", old_one.get_dim("nO"))
    other.cfg.update(
        labels={task: component.cfg["labels"][task] for task in kept},
        temperatures={task: value for task, value in component.cfg["temperatures"].items() if task in kept},
    )
    return finished
