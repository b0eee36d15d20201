"""The checkpoints that all sides load, and heads for them: those of a trained pipeline, or drawn ones."""

from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy
import spacy
import torch
from numpy.typing import NDArray
from spacy.language import Language
from transformers import AutoModel, AutoTokenizer, BertConfig

from spacy_mtclinical.model import get_heads
from spacy_mtclinical.pretrained import get_shim, longest_input

from .bench import Head

PIPE = "mtclinical"
DENSITY = 1 / 7  # of the sub-words, those that a drawn entity head puts into a span: about what trained heads do
MOST = 1 / 4  # a head that finds more is shifted to DENSITY
ENTITIES = ((3, False), (6, False), (9, False), (23, False), (10, True))  # labels of a drawn head, and whether nested
PAIRS = ("classes", "classes", "number")
ARCHITECTURE = "spacy-mtclinical.{}.v1"


def get_component(nlp: Language) -> Any:
    """Our component of a pipeline."""
    return nlp.get_pipe(PIPE)


def export_checkpoint(source: Path, folder: Path) -> Path:
    """Copy a checkpoint, saying how much its tokenizer may read at once: all that the encoder can hold."""
    return save_checkpoint(AutoModel.from_pretrained(source), AutoTokenizer.from_pretrained(source), folder)


def export_encoder(nlp: Language, folder: Path) -> Path:
    """Save the encoder of a trained pipeline as the checkpoint that every side loads."""
    shim = get_shim(get_component(nlp).model.get_ref("encoder"))
    return save_checkpoint(shim._model, shim._hfmodel.tokenizer, folder)


def draw_large(source: Path, folder: Path) -> Path:
    """Draw the weights of an encoder of BERT's base size, with the tokenizer of a checkpoint."""
    tokenizer = AutoTokenizer.from_pretrained(source)
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id)
    return save_checkpoint(AutoModel.from_config(config), tokenizer, folder)


def save_checkpoint(transformer: Any, tokenizer: Any, folder: Path) -> Path:
    tokenizer.model_max_length = longest_input(transformer)
    transformer.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def read_heads(path: Path) -> Tuple[Language, List[Head], List[Head]]:
    """Load a trained pipeline. RETURNS: It, its heads that read notes, and those that read pairs."""
    nlp = spacy.load(path)
    pipe = get_component(nlp)
    configs = nlp.config.interpolate()["components"][PIPE]["model"]["heads"]
    found: Dict[str, List[Head]] = {"pieces": [], "pair": []}
    for task, head in get_heads(pipe.model).items():
        linear = head.layers[-1]
        weights = (pipe.model.ops.to_numpy(linear.get_param(name)) for name in ("W", "b"))
        found[head.attrs["reads"]].append(Head(task, dict(configs[task]), list(pipe.label_data[task]), *weights))
    return nlp, found["pieces"], found["pair"]


def read_settings(nlp: Language) -> Dict[str, Any]:
    """The settings of a pipeline's encoder, without those that a bench decides."""
    encoder = nlp.config.interpolate()["components"][PIPE]["model"]["encoder"]
    return {name: value for name, value in encoder.items() if name not in ("name", "precision", "@architectures")}


def draw_heads(hidden: NDArray) -> Tuple[List[Head], List[Head]]:
    """Draw entity heads and pair heads.

    An entity head's scores for O are shifted until DENSITY of the sub-words are in a span; going on with a span scores
    a little less than beginning one, so that tags are as consistent as those of trained heads.
    hidden: Hidden states of some notes, shape (piece, width).
    """
    rng = numpy.random.default_rng(0)
    width = hidden.shape[1]
    entities = []
    for number, (n_labels, nested) in enumerate(ENTITIES):
        chains, tags = (n_labels, 3) if nested else (1, 1 + 2 * n_labels)
        W = draw_weights(rng, chains * tags, width).reshape(chains, tags, width)
        W[:, 2::2] = W[:, 1::2]
        b = numpy.zeros((chains, tags), dtype="f")
        b[:, 2::2] = -0.5
        labels = [f"LABEL_{index}" for index in range(n_labels)]
        config = {"@architectures": ARCHITECTURE.format("EntityHead"), "nested": nested}
        head = Head(f"entities_{number}", config, labels, W.reshape(-1, width), b.reshape(-1))
        entities.append(thin_out(head, hidden))
    pairs = []
    for number, kind in enumerate(PAIRS):
        labels = ["no", "yes"] if kind == "classes" else []
        config = {"@architectures": ARCHITECTURE.format("PairClassifier" if labels else "PairRegressor")}
        config.update({} if labels else {"low": 0.0, "high": 5.0})
        n_outputs = max(1, len(labels))
        W, b = draw_weights(rng, n_outputs, width), numpy.zeros(n_outputs, dtype="f")
        pairs.append(Head(f"pairs_{number}", config, labels, W, b))
    return entities, pairs


def thin_out(head: Head, hidden: NDArray) -> Head:
    """Shift the scores for O of an entity head that finds far too much, to where it finds DENSITY.

    So do drawn heads, and those that were trained on another language than that of the notes.
    hidden: Hidden states of some notes, shape (piece, width).
    """
    chains = len(head.labels) if head.config.get("nested") else 1
    scores = (hidden @ head.W.T + head.b).reshape(len(hidden), chains, -1)
    gain = scores[:, :, 1:].max(axis=2) - scores[:, :, 0]  # of any other tag over O
    if (gain.max(axis=1) > 0).mean() <= MOST:
        return head
    b = head.b.reshape(chains, -1).copy()
    b[:, 0] += numpy.quantile(gain, 1 - DENSITY / chains, axis=0)
    return head._replace(b=b.reshape(-1))


def draw_weights(rng: numpy.random.Generator, n_outputs: int, width: int) -> NDArray:
    return (rng.normal(size=(n_outputs, width)) * width**-0.5).astype("f")


def multiply(heads: Sequence[Head], number: int) -> List[Head]:
    """So many heads: the first ones, and copies of all under other names where there are too few."""
    copies = [heads[index % len(heads)] for index in range(number)]
    return [head._replace(task=f"{head.task}_{index // len(heads)}") for index, head in enumerate(copies)]
