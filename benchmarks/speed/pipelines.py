"""The pipelines that are compared: ours with any heads, and its rivals on the same checkpoint."""

from typing import Any, Callable, Iterable, List, Sequence, Tuple

import numpy
import spacy
import torch
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import get_torch_default_device
from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer, pipeline

from spacy_mtclinical import make_pair
from spacy_mtclinical.windows import Window

from .bench import Bench, Head
from .checkpoints import DENSITY, PIPE, get_component
from .timing import exhaust

BATCH = 64  # documents, as in the configurations of this repository
STOCK_BATCH = 128  # documents, as `spacy init config --gpu` writes
CALLS = 16  # windows at once in a transformers pipeline
NER = {  # as `spacy init config --gpu` writes; the rest of both components is their default
    "@architectures": "spacy.TransitionBasedParser.v2",
    "state_type": "ner",
    "extra_state_tokens": False,
    "hidden_width": 64,
    "maxout_pieces": 2,
    "use_upper": False,
    "tok2vec": {
        "@architectures": "spacy-transformers.TransformerListener.v1",
        "grad_factor": 1.0,
        "pooling": {"@layers": "reduce_mean.v1"},
    },
}


def make_ours(bench: Bench, heads: Sequence[Head], **encoder: Any) -> Language:
    """Make our pipeline with these heads. encoder: Settings of the encoder other than the bench's."""
    tokenizer = {"@tokenizers": "spacy-mtclinical.Tokenizer.v1"}
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": tokenizer, "batch_size": BATCH}})
    settings = {**bench.settings, "name": str(bench.encoder), "precision": bench.precision, **encoder}
    model = {
        "@architectures": "spacy-mtclinical.MultitaskModel.v1",
        "encoder": {"@architectures": "spacy-mtclinical.Encoder.v1", **settings},
        "heads": {head.task: head.config for head in heads},
    }
    ents_from = [head.task for head in heads if "EntityHead" in head.config["@architectures"]]
    pipe: Any = nlp.add_pipe(PIPE, config={"ents_from": ents_from[:3], "model": model})
    labels = {head.task: head.labels for head in heads}
    pipe.initialize(lambda: [], nlp=nlp, labels=labels)
    layers = dict(zip(pipe.tasks, pipe.model.layers[1:]))
    for head in heads:
        linear = layers[head.task].layers[-1]
        linear.set_param("W", linear.ops.asarray(head.W))
        linear.set_param("b", linear.ops.asarray(head.b))
    return nlp


def make_stock(bench: Bench, labels: Sequence[str]) -> Language:
    """Make spaCy's own `transformer` and `ner`, with strided windows of 128 tokens, every 96."""
    nlp = spacy.blank("en", config={"nlp": {"batch_size": STOCK_BATCH}})
    architecture = {"@architectures": "spacy-transformers.TransformerModel.v3", "name": str(bench.encoder)}
    spans = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 128, "stride": 96}
    settings = {"tokenizer_config": {"use_fast": True}, "transformer_config": {}, "get_spans": spans}
    precision = {"mixed_precision": bench.precision != "fp32", "grad_scaler_config": {}}
    nlp.add_pipe("transformer", config={"model": {**architecture, **settings, **precision}})
    nlp.add_pipe("ner", config={"model": NER})
    words = [f"word{index}" for index in range(len(labels))]
    gold = Doc(nlp.vocab, words=words, ents=[f"B-{label}" for label in labels])
    plain = Doc(nlp.vocab, words=words)
    nlp.initialize(lambda: [Example(plain, gold), Example(plain, gold)])
    thin_out_stock(nlp, [note[:1500] for note in bench.notes[:2]])
    return nlp


def thin_out_stock(nlp: Language, notes: Sequence[str]) -> None:
    """Shift the score of the action that leaves a token out until about DENSITY of the tokens are in an entity."""
    ner: Any = nlp.get_pipe("ner")
    lower = ner.model.get_ref("lower")
    low, high = 0.0, 8.0
    for _ in range(8):
        shift = (low + high) / 2
        bias = lower.get_param("b").copy()
        bias[-1] = shift
        lower.set_param("b", bias)
        if count_ents(nlp.pipe(notes)) > DENSITY:
            low = shift
        else:
            high = shift


def count_ents(docs: Iterable[Doc]) -> float:
    """The share of tokens in `Doc.ents`."""
    counts = [(sum(len(ent) for ent in doc.ents), len(doc)) for doc in docs]
    return sum(inside for inside, _ in counts) / max(1, sum(tokens for _, tokens in counts))


def make_plain(bench: Bench, head: Head) -> Callable[[Sequence[str]], Any]:
    """Make transformers' own token classification of notes of any length, with a flat head and windows of ours."""
    tags = ["O", *(f"{tag}-{label}" for label in head.labels for tag in "BI")]
    model = AutoModelForTokenClassification.from_pretrained(bench.encoder, num_labels=len(tags))
    model.config.id2label = dict(enumerate(tags))
    with torch.no_grad():
        model.classifier.weight.copy_(torch.from_numpy(head.W))
        model.classifier.bias.copy_(torch.from_numpy(head.b))
    tokenizer = AutoTokenizer.from_pretrained(bench.encoder)
    tokenizer.model_max_length = min(bench.settings["window"], tokenizer.model_max_length)
    stride = min(2 * bench.settings["context"], tokenizer.model_max_length // 4)
    settings = {"aggregation_strategy": "simple", "stride": stride, "batch_size": CALLS}
    if bench.precision != "fp32":
        settings["torch_dtype"] = torch.bfloat16
    device = get_torch_default_device()
    classify = pipeline("token-classification", model=model, tokenizer=tokenizer, device=device, **settings)
    return lambda notes: classify(list(notes))


def annotate_notes(nlp: Language) -> Callable[[Sequence[str]], None]:
    """The work of annotating notes and keeping nothing."""
    return lambda notes: exhaust(nlp.pipe(notes))


def annotate_pairs(nlp: Language) -> Callable[[Sequence[Tuple[str, str]]], None]:
    """The work of annotating pairs of texts, making their documents included."""
    return lambda couples: exhaust(nlp.pipe(make_pair(nlp, *couple) for couple in couples))


def list_windows(nlp: Language, notes: Iterable[str]) -> List[Window]:
    """The windows that our pipeline cuts notes into."""
    encoder = get_component(nlp).model.get_ref("encoder")
    cutter = encoder.attrs["get_cutter"](encoder)
    return [
        window for pieces in cutter.cut([nlp.make_doc(note) for note in notes]) for window in cutter.windows(pieces)
    ]


def find_hidden(bench: Bench, notes: Sequence[str]) -> NDArray:
    """Hidden states of the sub-words of notes. Shape: (piece, width)."""
    width = AutoConfig.from_pretrained(bench.encoder).hidden_size
    config = {"@architectures": "spacy-mtclinical.EntityHead.v1"}
    empty = Head("any", config, ["LABEL"], numpy.zeros((3, width), dtype="f"), numpy.zeros(3, dtype="f"))
    nlp = make_ours(bench, [empty])
    model = get_component(nlp).model
    return model.ops.to_numpy(model.get_ref("encoder").predict(list_windows(nlp, notes)))
