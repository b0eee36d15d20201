"""The shared encoder: windows of sub-words in, hidden states out, by any Hugging Face checkpoint."""

import inspect
import os
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy
import torch
from spacy.util import SimpleFrozenDict
from spacy_transformers.data_classes import HFObjects
from spacy_transformers.layers.hf_wrapper import HFWrapper
from spacy_transformers.layers.transformer_model import huggingface_from_pretrained
from thinc.api import ArgsKwargs, Model, get_torch_default_device, torch2xp, xp2torch

from .arrays import Floats2d
from .windows import Cutter, Window, make_cutter, split_lengths

Backprop = Callable[[Floats2d], List[Window]]
IMPORTED_BY = os.getpid()
CALL = 256  # a training call costs as much time as so many sub-words, measured with MiniLM on 2 cores
STRIDE = 16  # training lengths are multiples of it: every new shape leaves holes in the heap and kernels in a cache


def build_encoder_v1(
    name: Optional[str] = None,
    *,
    window: int = 512,
    context: int = 64,
    dropout: Optional[float] = None,
    attention_dropout: Optional[float] = None,
    mixed_precision: bool = False,
) -> Model[List[Window], Floats2d]:
    """Build the encoder around spacy-transformers' shim, which loads, saves and holds the checkpoint.

    Windows become the last hidden states of the positions they keep, one after the other, shape
    (position, width).

    name: A Hugging Face name or a folder; read when training is initialised, never when a pipeline is loaded.
    window: Sub-words a window, special ones included; at most what the checkpoint can hold.
    context: Sub-words of context on each side of a window's core.
    dropout, attention_dropout: Instead of the checkpoint's own while training. Attention dropout other than 0
        sends CPU training down torch's slow attention path.
    mixed_precision: Autocast, on a GPU, or to bfloat16 on a CPU that computes in it; ignored on any other.
    RAISES: ValueError for a window that leaves no core.
    """
    if context < 0 or window - 2 * context < 16:
        raise ValueError(
            f"Encoder.v1 expected windows with a core of 16 sub-words at least, got window = {window}, "
            f"context = {context}. Make the window longer or the context shorter."
        )
    wrapper = HFWrapper(
        HFObjects(None, None, None, SimpleFrozenDict(), SimpleFrozenDict()),
        convert_inputs=convert_inputs,
        convert_outputs=convert_outputs,
        mixed_precision=mixed_precision and get_torch_default_device().type == "cuda",
        grad_scaler_config={},
    )
    overrides = {"hidden_dropout_prob": dropout, "attention_probs_dropout_prob": attention_dropout}
    encoder: Model[List[Window], Floats2d] = Model(
        "mtclinical_encoder",
        forward,
        init=lambda model, X=None, Y=None: load(model, name, overrides),
        layers=[wrapper],
        dims={"nO": None},
    )
    # Functions are not saved with the model: what a pipeline does follows from its config.
    encoder.attrs["get_cutter"] = lambda model: get_cutter(model, window=window, context=context)
    encoder.attrs["precision"] = lambda: choose_autocast(mixed_precision)
    return encoder


def get_shim(model: Model) -> Any:
    """Get what holds the checkpoint: spacy-transformers' HFShim."""
    return model.shims[0] if model.shims else model.layers[0].shims[0]


def load(model: Model, name: Optional[str], overrides: Dict[str, Optional[float]]) -> None:
    """Load the checkpoint, unless a saved pipeline brought its own.

    RAISES: ValueError if none is named.
    """
    shim = get_shim(model)
    if shim._hfmodel.transformer is None:
        if not name:
            raise ValueError(
                "The encoder has no checkpoint: expected the name or the folder of one, got none. "
                "Set paths.encoder in the config, or --paths.encoder on the command line."
            )
        settings = {key: value for key, value in overrides.items() if value is not None}
        shim._hfmodel = huggingface_from_pretrained(name, {"use_fast": True}, settings)
        shim._model = shim._hfmodel.transformer
        # Both remember the folder they came from, and would take its path into the saved pipeline.
        shim._model.config._name_or_path = ""
        shim._hfmodel.tokenizer.name_or_path = ""
        shim._hfmodel.tokenizer.init_kwargs.pop("name_or_path", None)
    model.set_dim("nO", shim._model.config.hidden_size)


def choose_autocast(mixed_precision: bool) -> torch.autocast:
    """Autocast to bfloat16 on a CPU that computes in it; others would be slower with it. On GPU the shim autocasts."""
    on_cpu = get_torch_default_device().type == "cpu"
    has_units = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)  # private to torch: where it is gone, none
    enabled = mixed_precision and on_cpu and has_units()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled)


def forward(model: Model, X: List[Window], is_train: bool) -> Tuple[Floats2d, Backprop]:
    """Pad windows of about one length together, run them, and keep the states asked for.

    RETURNS: Hidden states, shape (position, width).
    """
    if not X:
        return model.ops.alloc2f(0, model.get_dim("nO")), lambda dY: X
    calm_threads()
    counts = numpy.array([window.keep[1] - window.keep[0] for window in X])
    starts = numpy.cumsum(counts) - counts
    rows, outputs, backprops = [], [], []
    # Prediction hands over windows of about one length; a batch drawn for training has all lengths.
    parts = split_lengths([len(window.ids) for window in X], call=CALL) if is_train else [list(range(len(X)))]
    with model.attrs["precision"]():
        for part in parts:
            Y, backprop = model.layers[0]([X[index] for index in part], is_train)
            rows.append(numpy.concatenate([numpy.arange(counts[index]) + starts[index] for index in part]))
            outputs.append(Y)
            backprops.append(backprop)
    Y = model.ops.xp.concatenate(outputs)[model.ops.asarray(numpy.concatenate(rows).argsort())]

    def backprop_windows(dY: Floats2d) -> List[Window]:
        for row, backprop in zip(rows, backprops):
            backprop(dY[model.ops.asarray(row)])
        return X

    return Y, backprop_windows


def convert_inputs(model: Model, X: List[Window], is_train: bool) -> Tuple[ArgsKwargs, Callable]:
    """Pad windows into the tensors that the checkpoint's forward pass accepts. Shape of each: (window, position)."""
    transformer = get_shim(model)._model
    lengths = numpy.array([len(window.ids) for window in X])
    longest = int(lengths.max())
    if is_train:
        longest = max(longest, min(-(-longest // STRIDE) * STRIDE, longest_input(transformer)))
    real = numpy.arange(longest) < lengths[:, None]
    ids = numpy.full(real.shape, transformer.config.pad_token_id or 0, dtype="int64")
    ids[real] = numpy.concatenate([window.ids for window in X])
    inputs = {"input_ids": ids, "attention_mask": real.astype("int64")}
    if (transformer.config.to_dict().get("type_vocab_size") or 0) > 1 and "token_type_ids" in accepted(transformer):
        inputs["token_type_ids"] = numpy.zeros(real.shape, dtype="int64")
        inputs["token_type_ids"][real] = numpy.concatenate([window.types for window in X])
    device = get_shim(model).device
    kwargs: Dict[str, Any] = {key: torch.from_numpy(value).to(device) for key, value in inputs.items()}
    return ArgsKwargs(args=(), kwargs=kwargs), lambda gradients: []


def accepted(transformer: Any) -> List[str]:
    """Name the arguments of a checkpoint's forward pass."""
    return list(inspect.signature(transformer.forward).parameters)


def convert_outputs(model: Model, X_Ytorch: Tuple[List[Window], Any], is_train: bool) -> Tuple[Floats2d, Callable]:
    """Keep the hidden states asked for. Shape: (position, width)."""
    X, Ytorch = X_Ytorch
    hidden = Ytorch.last_hidden_state
    n_positions = hidden.shape[1]
    rows = [numpy.arange(*window.keep) + index * n_positions for index, window in enumerate(X)]
    kept = hidden.flatten(0, 1)[torch.from_numpy(numpy.concatenate(rows)).to(hidden.device)].float()

    def backprop(dY: Floats2d) -> ArgsKwargs:
        return ArgsKwargs(args=((kept,),), kwargs={"grad_tensors": (xp2torch(dY, device=kept.device),)})

    return torch2xp(kept.detach()), backprop


def get_cutter(model: Model, *, window: int, context: int) -> Cutter:
    """Describe how Docs become windows for the checkpoint that the encoder holds.

    RAISES: ValueError if no checkpoint is loaded, or its tokenizer has no offsets.
    """
    calm_threads()
    shim = get_shim(model)
    if shim._hfmodel.transformer is None:
        raise ValueError("The encoder holds no checkpoint yet. Call nlp.initialize(), or load a trained pipeline.")
    limit = min(window, longest_input(shim._model))
    return make_cutter(shim._hfmodel.tokenizer, window=limit, context=context)


def longest_input(transformer: Any) -> int:
    """Count the sub-words that a checkpoint can hold, special ones included."""
    longest = getattr(transformer.config, "max_position_embeddings", None) or 512
    table = getattr(getattr(transformer, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)  # RoBERTa counts positions from after its padding index
    return longest if padding is None else longest - padding - 1


def calm_threads() -> None:
    """In a process forked from the one that imported torch, use one thread: with more, torch hangs there."""
    if os.getpid() != IMPORTED_BY and torch.get_num_threads() > 1:
        torch.set_num_threads(1)
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
