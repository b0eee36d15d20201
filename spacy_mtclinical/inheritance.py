"""What training starts from besides a checkpoint: the encoder and the heads of a trained pipeline."""

import json
from typing import Any, Dict, List, Mapping, Optional, Sequence

from spacy.language import Language
from thinc.api import Model

from .memory import logger
from .model import copy_head, find_bounds, get_adapters, get_heads

SIZES = ("model_type", "hidden_size", "num_hidden_layers", "vocab_size")
MINDED = ("window", "context", "pair_state", "precision")  # settings of the encoder that change answers


def open_parent(model: Model, nlp: Optional[Language], *, name: str) -> Any:
    """Load the pipeline that `init_from` names, and give its encoder to a model that has none yet.

    name: Of the component in `nlp`, whose section names the checkpoint that the corpora are cut for.
    RETURNS: Its multitask component, or None where init_from is unset.
    RAISES: ValueError if there is no such pipeline, or its tokenizer or checkpoint is another.
    """
    source = model.attrs["init_from"]()
    if source is None:
        return None
    from .loading import find_component, load_pipeline
    from .pretrained import get_shim

    try:
        theirs = load_pipeline(source)
        parent = find_component(theirs)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"init_from expected a trained pipeline, the name of an installed package or a folder, got '{source}': "
            f"{error}"
        ) from None
    own, lent = get_shim(model.get_ref("encoder")), get_shim(parent.model.get_ref("encoder"))
    if nlp is not None:
        section = nlp.config.interpolate()
        for key in ("lang", "tokenizer"):
            check_same(f"[nlp] {key}", section["nlp"][key], theirs.config["nlp"][key], source=source)
        encoder = section["components"].get(name, {}).get("model", {}).get("encoder", {})
        tell_changes(encoder, parent_settings(theirs, parent.name), source=source)
        if encoder.get("name"):
            check_checkpoint(encoder["name"], lent, source=source)
    if own._hfmodel.transformer is None:
        own._hfmodel, own._model = lent._hfmodel, lent._model
        # It was loaded from a folder that is gone, and would take its path into the saved pipeline.
        own._model.config._name_or_path = ""
        own._hfmodel.tokenizer.name_or_path = ""
        own._hfmodel.tokenizer.init_kwargs.pop("name_or_path", None)
    return parent


def parent_settings(nlp: Language, name: str) -> Dict[str, Any]:
    """The section of a pipeline's encoder."""
    return nlp.config.interpolate()["components"][name]["model"]["encoder"]


def check_same(what: str, ours: Any, theirs: Any, *, source: str) -> None:
    """Refuse a difference under which answers would change. RAISES: ValueError naming both."""
    if ours != theirs:
        raise ValueError(f"init_from '{source}' has {what} {theirs}, the config has {ours}. Set the pipeline's.")


def check_checkpoint(name: str, lent: Any, *, source: str) -> None:
    """Compare the checkpoint that a config names with the encoder of a pipeline: sizes and tokenizer.

    RAISES: ValueError saying what differs.
    """
    from transformers import AutoConfig, AutoTokenizer

    ours, theirs = AutoConfig.from_pretrained(name).to_dict(), lent._model.config.to_dict()
    for size in SIZES:
        check_same(f"an encoder with {size}", ours.get(size), theirs.get(size), source=source)
    tokenizer = AutoTokenizer.from_pretrained(name)
    if read_rules(tokenizer) != read_rules(lent._hfmodel.tokenizer):
        raise ValueError(
            f"init_from '{source}' has another sub-word tokenizer than the checkpoint {name}. Set paths.encoder to the "
            "checkpoint that the pipeline was trained from (python -m spacy mtclinical add_task writes it out)."
        )


def read_rules(tokenizer: Any) -> Any:
    """What decides which sub-words a text has."""
    rules = json.loads(tokenizer.backend_tokenizer.to_str())
    return tokenizer.get_vocab(), rules["normalizer"], rules["pre_tokenizer"]


def tell_changes(ours: Dict[str, Any], theirs: Dict[str, Any], *, source: str) -> None:
    """Name the settings of the encoder that are no longer what they were."""
    changes = [f"{key} was {theirs[key]}, is {ours[key]}" for key in MINDED if ours.get(key) != theirs.get(key)]
    if ours and changes:
        logger.warning("init_from %s: other answers are to be expected, since %s", source, "; ".join(changes))


def join_labels(parent: Any, labels: Optional[Dict[str, List[str]]], tasks: Sequence[str]) -> Dict[str, List[str]]:
    """Join the labels from files with those of a parent's heads.

    RETURNS: Task to labels, of the tasks that either knows.
    RAISES: ValueError for a head that has other labels there.
    """
    given = {task: list(labels[task]) for task in tasks if labels and task in labels}
    known = {task: list(found) for task, found in parent.label_data.items() if task in tasks} if parent else {}
    for task in sorted(set(given) & set(known)):
        if given[task] != known[task]:
            raise ValueError(
                f"The head of task '{task}' has the labels {known[task]} in the pipeline of init_from, and "
                f"{given[task]} in the label files. Give the new task another name, or convert its corpus to the "
                "labels of the old one (--map, --label)."
            )
    return {**known, **given}


def check_labelled(labels: Mapping[str, Sequence[str]], kinds: Mapping[str, str]) -> None:
    """Refuse a head without labels, or with one that is empty or there twice.

    kinds: Task to what its head gives, see `model.name_kinds`.
    RAISES: ValueError naming the first such task.
    """
    for task, kind in kinds.items():
        names = list(labels.get(task, ()))
        if kind in ("entities", "classes") and names and (len(set(names)) < len(names) or not all(names)):
            raise ValueError(
                f"The head of task '{task}' expected labels that are neither empty nor there twice, got {names}. Mend "
                "the label files or, where there are none, the gold."
            )
        if kind in ("entities", "classes") and not names:
            raise ValueError(
                f"The head of task '{task}' has no labels: neither the label files nor the examples have any. "
                "Convert a corpus for the task, or delete its section from the config "
                "(python -m spacy mtclinical plan does that for every corpus that is missing)."
            )


def check_counts(before: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]) -> None:
    """Refuse to give a head another number of labels. RAISES: ValueError naming the first such task."""
    for task in sorted(before.keys() & now.keys()):
        if len(before[task]) != len(now[task]):
            raise ValueError(
                f"The head of task '{task}' has {len(before[task])} labels, and {len(now[task])} are given now. Start "
                "from the config that the pipeline was trained by, with init_from, or give the task another name."
            )


def take_over(parent: Any, model: Model) -> Dict[str, float]:
    """Take over a parent's heads of the same name and shape, with their adapters, and say which were not.

    RETURNS: Task to temperature, of the heads taken over that are calibrated and stay as they are.
    RAISES: ValueError for a head that would neither be taken over nor learn.
    """
    heads = get_heads(model)
    theirs = get_heads(parent.model) if parent else {}
    same = [task for task in heads if task in theirs and describe(model, task) == describe(parent.model, task)]
    for task in same:
        copy_head(heads[task], theirs[task])
        if task in get_adapters(model):
            own, lent = (get_adapters(one)[task].layers[0].shims[0] for one in (model, parent.model))
            own.put(lent.take())  # type: ignore[attr-defined]
    only = model.attrs["train_only"]()
    lost = [task for task in heads if only is not None and task not in only and task not in same]
    if lost:
        raise ValueError(
            f"train_only = {only} leaves the heads of {', '.join(lost)} as they are, but they are not trained: no head "
            "of their name and kind is in the pipeline of init_from. Name them in train_only, or take them out."
        )
    if parent:
        others = [task for task in heads if task in theirs and task not in same]
        logger.warning(
            "init_from %s: took over the encoder and %s; %s",
            model.attrs["init_from"](),
            name_tasks("the heads", same),
            "; ".join(
                [
                    name_tasks("new", [task for task in heads if task not in theirs]),
                    name_tasks("of another kind, so begun anew", others),
                    name_tasks("left behind", [task for task in theirs if task not in heads]),
                ]
            ),
        )
    kept = [task for task in same if only is not None and task not in only]
    return {task: value for task, value in (parent.cfg["temperatures"] if parent else {}).items() if task in kept}


def describe(model: Model, task: str) -> Any:
    """The kind of a head and its shape, and the settings of its adapter."""
    head, adapter = get_heads(model)[task], get_adapters(model).get(task)
    kind = [head.attrs.get("reads"), head.attrs.get("nested"), find_bounds(head)]
    shapes = [
        (layer.name, [layer.get_param(name).shape for name in layer.param_names if layer.has_param(name)])
        for layer in head.walk()
    ]
    return kind, shapes, adapter and adapter.attrs["settings"]()


def name_tasks(what: str, tasks: Sequence[str]) -> str:
    """Tasks in a message."""
    return f"{what}: {', '.join(tasks) or 'none'}"
