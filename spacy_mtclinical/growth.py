"""A configuration that adds a task to a trained pipeline: its sections, the new head, and what learns."""

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import Config

from .documents import EXTENSION, PAIR
from .loading import find_component

NAMES = "spacy-mtclinical."
ADAPTERS: Dict[str, Dict[str, Any]] = {
    "recurrent": {"@architectures": NAMES + "Recurrent.v1", "width": 128, "dropout": 0.1},
    "lora": {"@architectures": NAMES + "Lora.v1", "rank": 8, "alpha": 16.0, "dropout": 0.05},
}
TAKEN = ("lang", "tokenizer", "batch_size")  # of the section [nlp]


def choose_head(docs: Sequence[Doc], task: str, *, low: Optional[float], high: Optional[float]) -> Dict[str, Any]:
    """Choose a head by the gold of a task: entities, nested where those of two labels overlap, classes, or a number.

    low, high: The bounds of a number.
    RAISES: ValueError for a number without bounds, or documents without gold.
    """
    pairs = [doc for doc in docs if PAIR in doc.spans]
    answers = [pair._.get(EXTENSION)[task] for pair in pairs if task in pair._.get(EXTENSION)]
    if answers:
        if isinstance(answers[0], dict):
            return {"@architectures": NAMES + "PairClassifier.v1"}
        if low is None or high is None:
            raise ValueError(f"The answers of task '{task}' are numbers: say between which (--low, --high).")
        return {"@architectures": NAMES + "PairRegressor.v1", "low": low, "high": high}
    if not any(task in doc.spans for doc in docs):
        raise ValueError(f"The corpus of task '{task}' has no gold for it. Convert it with --task {task}.")
    return {"@architectures": NAMES + "EntityHead.v1", "nested": any(overlaps(doc, task) for doc in docs)}


def overlaps(doc: Doc, task: str) -> bool:
    """Whether spans of different labels overlap."""
    spans = sorted((span.start, span.end, span.label_) for span in doc.spans.get(task, ()))
    last: Dict[str, int] = {}
    for start, end, label in spans:
        if any(other != label and until > start for other, until in last.items()):
            return True
        last[label] = max(end, last.get(label, 0))
    return False


def add_head(
    base: Config,
    nlp: Language,
    task: str,
    head: Dict[str, Any],
    *,
    source: str,
    unfreeze: bool = False,
    adapter: Optional[Dict[str, Any]] = None,
) -> Config:
    """Put a pipeline's component with one more head into a configuration.

    base: Has the sections [paths], [corpora], [training] and [initialize].
    source: The name of the pipeline, to start from.
    unfreeze: Whether the encoder and the old heads go on learning.
    adapter: The section of what the new head reads instead of the encoder, if it does.
    RETURNS: A new configuration.
    RAISES: ValueError if the pipeline has a head of that name.
    """
    component = find_component(nlp)
    if task in component.tasks:
        raise ValueError(
            f"The pipeline {source} has a head for '{task}' already, with the labels {component.label_data[task]}. "
            "Give the new task another name."
        )
    theirs = nlp.config.interpolate()  # its variables would be those of `base`
    section = theirs["components"][component.name]
    model = section["model"]
    model["heads"][task] = head
    model["encoder"]["name"] = None
    model["init_from"] = "${paths.init_from}"
    model["train_only"] = None if unfreeze else [task]
    model["added"] = [*model.get("added", []), task]
    if adapter is not None:
        model["adapters"] = {**(model.get("adapters") or {}), task: adapter}
    if not unfreeze:
        model["head_rate"] = 1.0  # the rate is that of the head
    config = base.copy()
    config["paths"]["init_from"] = source
    config.setdefault("vars", {})["window"] = model["encoder"]["window"]
    config["nlp"] = {key: theirs["nlp"][key] for key in TAKEN}
    config["nlp"]["pipeline"] = [component.name]
    config["components"] = {component.name: section}
    labels = config["initialize"]["components"].pop("mtclinical")
    if not unfreeze:
        labels["labels"]["tasks"] = [task]  # the others keep theirs
    config["initialize"]["components"][component.name] = labels
    return config


def list_left(nlp: Language) -> List[str]:
    """The components of a pipeline that `add_head` leaves out."""
    return [name for name in nlp.pipe_names if name != find_component(nlp).name]


def write_tokenizer(nlp: Language, folder: Path) -> None:
    """Write what measures training windows: a pipeline's sub-word tokenizer, with the settings of its encoder."""
    from .pretrained import get_shim

    shim = get_shim(find_component(nlp).model.get_ref("encoder"))
    folder.mkdir(parents=True, exist_ok=True)
    shim._model.config.save_pretrained(folder)
    shim._hfmodel.tokenizer.save_pretrained(folder)
