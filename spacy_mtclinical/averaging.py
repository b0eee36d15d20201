"""The mean of the weights of pipelines that were trained alike from one start: it answers at the price of one of them.

Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing
inference time".
"""

from typing import Iterable, List

from spacy.language import Language

from .inheritance import MINDED, describe, parent_settings
from .loading import find_component
from .snapshots import Tensors, read_weights, restore_weights


def average_pipelines(pipelines: Iterable[Language]) -> Language:
    """Give the first of several pipelines the mean of all their weights. No more than two are held at once.

    RETURNS: The first one, without the temperatures that were fitted to its own scores.
    RAISES: ValueError for fewer than two, or one that differs from the first, see `name_differences`.
    """
    stream = iter(pipelines)
    first, count = next(stream, None), 1
    if first is None:
        raise ValueError("Expected two pipelines at least to average, got none.")
    total: Tensors = {}
    for nlp in stream:
        count += 1
        differences = name_differences(first, nlp)
        if differences:
            raise ValueError(
                f"Pipeline {count} of those to be averaged differs from the first in {', '.join(differences)}. Train "
                "all by one configuration, and change nothing but the order of batches: [corpora.train] seed."
            )
        total = add(total or read_weights(first), read_weights(nlp))
    if not total:
        raise ValueError("Expected two pipelines at least to average, got one.")
    mean = {name: value / count if value.is_floating_point() else value for name, value in total.items()}
    restore_weights(first, mean)
    find_component(first).cfg["temperatures"] = {}
    return first


def name_differences(one: Language, other: Language) -> List[str]:
    """Name what keeps the mean of two pipelines' weights from being a pipeline that knows anything.

    The seed of training counts, since it draws the heads: the mean of heads that began apart knows nothing. The
    checkpoint that both began from is not in a pipeline, and cannot be compared.
    """
    ours, theirs = find_component(one), find_component(other)
    shapes = [{name: value.shape for name, value in read_weights(nlp).items()} for nlp in (one, other)]
    configs = [nlp.config.interpolate() for nlp in (one, other)]
    seeds = [config.get("training", {}).get("seed") for config in configs]
    tokenizers = [config["nlp"]["tokenizer"] for config in configs]
    encoders = [
        {key: parent_settings(nlp, component.name).get(key) for key in MINDED}
        for nlp, component in ((one, ours), (other, theirs))
    ]
    found = {
        "tasks": ours.tasks != theirs.tasks,
        "kinds of heads": ours.tasks == theirs.tasks
        and any(describe(ours.model, task) != describe(theirs.model, task) for task in ours.tasks),
        "the tokenizer": tokenizers[0] != tokenizers[1],
        "settings of the encoder": encoders[0] != encoders[1],
        "labels": ours.label_data != theirs.label_data,
        "shapes of weights": shapes[0] != shapes[1],
        "the seed of training": seeds[0] != seeds[1],
    }
    return [name for name, is_other in found.items() if is_other]


def add(total: Tensors, weights: Tensors) -> Tensors:
    """Sum weights; numbers that are no weights, such as positions, stay."""
    return {name: value + weights[name] if value.is_floating_point() else value for name, value in total.items()}
