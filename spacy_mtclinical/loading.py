"""A trained pipeline by name or folder, on the device asked for, and its one multitask component."""

from typing import Dict, List

import spacy
from spacy.language import Language

from .component import MultitaskClinical
from .model import name_kinds


def load_pipeline(name: str, *, gpu_id: int = -1) -> Language:
    """Load a pipeline.

    name: An installed package or a folder.
    gpu_id: The GPU, or -1 for the CPU (spaCy's convention).
    RAISES: OSError or ValueError if there is no such pipeline, no such GPU, or no trained component in it.
    """
    if gpu_id >= 0:
        spacy.require_gpu(gpu_id)
    nlp = spacy.load(name)
    find_component(nlp)
    return nlp


def find_component(nlp: Language) -> MultitaskClinical:
    """Find the multitask component of a pipeline.

    RAISES: ValueError if there is none, several, or one that is not trained.
    """
    found: List[MultitaskClinical] = [pipe for _, pipe in nlp.pipeline if isinstance(pipe, MultitaskClinical)]
    if len(found) != 1:
        raise ValueError(
            f"Expected a pipeline with one mtclinical component, got {len(found)} among {nlp.pipe_names}. "
            "Name a pipeline that was trained with this package."
        )
    if not found[0].label_data:
        raise ValueError("Expected a trained pipeline, got one whose heads have no labels yet. Train it first.")
    return found[0]


def read_kinds(component: MultitaskClinical) -> Dict[str, str]:
    """Tell what each task that is answered gives: "entities", "classes" or a "value"."""
    return name_kinds(component.model)
