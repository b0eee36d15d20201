"""Callbacks of the training configuration."""

from typing import Any, Callable, Dict

from spacy.language import Language

from .heap import trim


def create_forget_paths_v1() -> Callable[[Language], Language]:
    """Create the callback for `[training.before_to_disk]` that empties the section [paths] of a saved pipeline.

    A pipeline carries its checkpoint and labels, so the paths of the machine that trained it serve nobody else.
    """
    return forget_paths


def forget_paths(nlp: Language) -> Language:
    """Empty [paths], and fill in the variables of the optimizer, since `nlp.resume_training` does not do that."""
    optimizer = nlp.config.interpolate().get("training", {}).get("optimizer")
    if optimizer is not None:
        nlp.config["training"]["optimizer"] = optimizer
    nlp.config["paths"] = {key: None for key in nlp.config.get("paths", {})}
    return nlp


def create_trim_memory_v1(every: int = 50) -> Callable[[Language, Dict[str, Any]], None]:
    """Create the callback for `[training.before_update]` that hands memory which is free back to the system.

    Batches of all shapes leave holes in the heap of glibc, which keeps them: training on a CPU grows by gigabytes an
    hour. Where there is another C library, nothing happens.

    every: Steps from one time to the next.
    RAISES: ValueError unless that is above 0.
    """
    if every < 1:
        raise ValueError(
            f"trim_memory.v1 expected a number of steps above 0, got {every}. Mend [training.before_update]."
        )

    def trim_memory(nlp: Language, about: Dict[str, Any]) -> None:
        if about["step"] % every == 0:
            trim()

    return trim_memory
