"""A trained pipeline by name or folder, on the device asked for, and its one multitask component."""

import errno
import tempfile
from typing import Dict, List

import spacy
from spacy.language import Language

from .component import MultitaskClinical
from .model import name_kinds


def load_pipeline(name: str, *, gpu_id: int = -1) -> Language:
    """Load a pipeline.

    name: An installed package or a folder.
    gpu_id: The GPU, or -1 for the CPU (spaCy's convention).
    RAISES: OSError or ValueError if there is no such pipeline, no such GPU, no trained component in it, or no room
        for its files in the folder for temporary ones, through which transformers read a tokenizer.
    """
    if gpu_id >= 0:
        spacy.require_gpu(gpu_id)
    try:
        nlp = spacy.load(name)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG):
            raise
        told = f"{error.strerror}, while loading {name}. Set TMPDIR to a folder with more room than"
        raise OSError(error.errno, told, tempfile.gettempdir()) from None
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
