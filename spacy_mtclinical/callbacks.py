"""Callbacks of the training configuration."""

from typing import Callable

from spacy.language import Language


def create_forget_paths_v1() -> Callable[[Language], Language]:
    """Create the callback for `[training.before_to_disk]` that empties the section [paths] of a saved pipeline.

    A pipeline carries its checkpoint and labels, so the paths of the machine that trained it serve nobody else.
    """

    def forget_paths(nlp: Language) -> Language:
        nlp.config["paths"] = {key: None for key in nlp.config.get("paths", {})}
        return nlp

    return forget_paths
