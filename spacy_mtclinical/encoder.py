"""The shared encoder: windows of sub-words in, hidden states out, by any Hugging Face checkpoint."""

import inspect
import os
from functools import cache, partial
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy
import torch
from spacy.util import SimpleFrozenDict
from spacy_transformers.data_classes import HFObjects
from spacy_transformers.layers.hf_wrapper import HFWrapper
from thinc.api import ArgsKwargs, Model, get_torch_default_device, torch2xp, xp2torch

from .arrays import Floats2d
from .attention import quick_attention
from .attributes import Setting
from .onednn import quick_linear
from .pretrained import (
    ATTENTION_DROPOUTS,
    DROPOUTS,
    CutterReader,
    calm_threads,
    get_shim,
    load_checkpoint,
    longest_input,
)
from .quantization import Int8Runner
from .windows import Window, split_lengths

Backprop = Callable[[Floats2d], List[Window]]
PAIR_STATES = ("first", "mean")
PRECISIONS = ("fp32", "bf16", "fp16", "int8", "auto")
CALL = 256  # a training call costs as much time as so many sub-words, measured with MiniLM on 2 cores
KERNELS = "32"  # for a few shapes of batches, see `round_up`; more of them are no quicker and take memory
STRIDE = 16  # training lengths are multiples of it: every new shape leaves holes in the heap and kernels in a cache


def build_encoder_v1(
    name: Optional[str] = None,
    *,
    window: int = 512,
    context: int = 64,
    dropout: Optional[float] = None,
    attention_dropout: Optional[float] = None,
    mixed_precision: bool = False,
    precision: str = "fp32",
    pair_state: str = "first",
) -> Model[List[Window], Floats2d]:
    """Build the encoder around spacy-transformers' shim, which loads, saves and holds the checkpoint.

    Windows become the last hidden states of the positions they keep, one after the other, shape
    (position, width).

    name: A Hugging Face name or a folder; read when training is initialised, never when a pipeline is loaded.
    window: Sub-words a window, special ones included; at most what the checkpoint can hold.
    context: Sub-words of context on each side of a window's core.
    dropout, attention_dropout: Instead of the checkpoint's own while training. Attention dropout other than 0
        sends CPU training down torch's slow attention path.
    mixed_precision: Autocast while training, on a GPU, or to bfloat16 on a CPU that computes in it; ignored on others.
    precision: Of prediction: fp32, bf16, fp16, or auto, the quickest of them that the device computes in. int8
        quantizes the encoder on a CPU, by ONNX Runtime when it first predicts, and is as auto on a GPU.
    pair_state: What pair heads read: the state of the "first" sub-word ([CLS], as in the paper) or the "mean" of all.
    RAISES: ValueError for a window that leaves no core, an unknown precision or an unknown state of pairs.
    """
    if pair_state not in PAIR_STATES:
        raise ValueError(f"pair_state expected one of {', '.join(PAIR_STATES)}, got '{pair_state}'. Mend the config.")
    if precision not in PRECISIONS:
        raise ValueError(f"precision expected one of {', '.join(PRECISIONS)}, got '{precision}'. Mend the config.")
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
    overrides = {DROPOUTS: dropout, ATTENTION_DROPOUTS: attention_dropout}
    encoder: Model[List[Window], Floats2d] = Model(
        "mtclinical_encoder",
        forward,
        init=partial(load_checkpoint, name=name, overrides=overrides),
        layers=[wrapper],
        dims={"nO": None},
    )
    encoder.attrs.update(
        get_cutter=CutterReader(window=window, context=context, pair_state=pair_state),
        training_precision=partial(choose_training_precision, mixed_precision=mixed_precision),
        precision=Setting(precision),
        predict_layers=predict_layers,
        run_int8=Int8Runner(),
    )
    return encoder


def has_bf16_units() -> bool:
    """Whether the device in use is a CPU that computes in bfloat16; any other CPU is slower with it."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)  # private to torch: where it is gone, none
    return get_torch_default_device().type == "cpu" and bool(supported())


def choose_training_precision(*, mixed_precision: bool) -> str:
    """Find in what a CPU computes while training: bf16 where it has units for it, else fp32."""
    return "bf16" if mixed_precision and has_bf16_units() else "fp32"


def choose_precision(precision: str) -> str:
    """Find what a precision means on the device in use: fp32, bf16, fp16, or int8 on a CPU."""
    device = get_torch_default_device().type
    if precision == "auto" and device == "cpu":
        return "bf16" if has_bf16_units() else "fp32"
    if precision in ("auto", "int8") and device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "fp32" if precision == "auto" else precision


def autocast(precision: str) -> torch.autocast:
    """Let torch compute in a precision on the device in use. precision: See `choose_precision`."""
    dtype = torch.float16 if precision == "fp16" else torch.bfloat16
    return torch.autocast(get_torch_default_device().type, dtype=dtype, enabled=precision in ("bf16", "fp16"))


def forward(model: Model, X: List[Window], is_train: bool) -> Tuple[Floats2d, Backprop]:
    """Turn windows into the hidden states asked for, one after the other. Shape: (position, width)."""
    if not X:
        return model.ops.alloc2f(0, model.get_dim("nO")), lambda dY: X
    calm_threads()
    limit_kernels()
    if is_train:
        return train_windows(model, X)
    return predict_windows(model, X), lambda dY: X


def predict_windows(model: Model, X: List[Window]) -> Floats2d:
    """Run windows of about one length as one batch. RETURNS: Hidden states, shape (position, width)."""
    precision = choose_precision(model.attrs["precision"]())
    inputs = make_inputs(model, X)
    with torch.inference_mode():
        if precision == "int8":
            hidden = model.attrs["run_int8"](get_shim(model)._model, inputs)
        else:
            hidden = run_forward(model, inputs, precision).last_hidden_state
        return torch2xp(take_positions(hidden, X).float())


def predict_layers(model: Model, X: List[Window]) -> Tuple[Floats2d, torch.Tensor]:
    """Run windows of about one length as one batch, and keep what every layer says.

    RETURNS: Hidden states as `predict_windows` gives them, to the last bit; and those of all layers, see `run_layers`.
    """
    last, layers = run_layers(model, X)
    with torch.inference_mode():
        if choose_precision(model.attrs["precision"]()) == "int8":
            return predict_windows(model, X), layers
        return torch2xp(take_positions(last, X).float()), layers


def run_layers(model: Model, X: List[Window]) -> Tuple[torch.Tensor, torch.Tensor]:
    """Run windows as one batch; where the encoder predicts in int8, in the precision of "auto" instead.

    RETURNS: The last hidden states, shape (window, position, width); and those of all layers, the embeddings first,
        shape (layer, window, position, width).
    """
    calm_threads()
    limit_kernels()
    precision = choose_precision(model.attrs["precision"]().replace("int8", "auto"))
    with torch.inference_mode():
        found = run_forward(model, make_inputs(model, X), precision, output_hidden_states=True)
        return found.last_hidden_state, torch.stack(found.hidden_states).float()


def run_forward(model: Model, inputs: Dict[str, Any], precision: str, **wanted: bool) -> Any:
    """Run the checkpoint as prediction does. wanted: What else it gives."""
    transformer = get_shim(model)._model
    transformer.eval()  # whatever its own flag says: another thread may be doing this, the modules in it still to come
    with autocast(precision), quick_linear(precision):
        return transformer(**inputs, **wanted)


def train_windows(model: Model, X: List[Window]) -> Tuple[Floats2d, Backprop]:
    """Run windows of a batch drawn for training, which has all lengths: those of about one length together.

    RETURNS: Hidden states, shape (position, width).
    """
    model.attrs["run_int8"](None, None)  # its weights would be those of before
    counts = numpy.array([window.n_states for window in X])
    starts = numpy.cumsum(counts) - counts
    rows, outputs, backprops = [], [], []
    precision = model.attrs["training_precision"]()
    with autocast(precision), quick_attention(precision):
        for part in split_lengths([len(window.ids) for window in X], call=CALL):
            Y, backprop = model.layers[0]([X[index] for index in part], True)
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
    """Make the arguments of a training step's forward pass."""
    return ArgsKwargs(args=(), kwargs=make_inputs(model, X, stride=STRIDE)), lambda gradients: []


def make_inputs(model: Model, X: List[Window], *, stride: int = 1) -> Dict[str, Any]:
    """Pad windows into the tensors that the checkpoint's forward pass accepts. Shape of each: (window, position).

    stride: Positions are a multiple of it at least, where the checkpoint can hold so many; see `round_up`.
    """
    shim = get_shim(model)
    transformer = shim._model
    lengths = numpy.array([len(window.ids) for window in X])
    longest = int(lengths.max())
    longest = max(longest, min(round_up(longest, stride), longest_input(transformer)))
    real = numpy.arange(longest) < lengths[:, None]
    ids = numpy.full(real.shape, transformer.config.pad_token_id or 0, dtype="int64")
    ids[real] = numpy.concatenate([window.ids for window in X])
    inputs = {"input_ids": ids, "attention_mask": real.astype("int64")}
    if (getattr(transformer.config, "type_vocab_size", 0) or 0) > 1 and "token_type_ids" in accepted(transformer):
        inputs["token_type_ids"] = numpy.zeros(real.shape, dtype="int64")
        inputs["token_type_ids"][real] = numpy.concatenate([window.types for window in X])
    return {key: torch.from_numpy(value).to(shim.device) for key, value in inputs.items()}


def round_up(length: int, stride: int) -> int:
    """Round a length up to a multiple of a stride, or of the power of two that is a 32nd to a 64th of it.

    What comes in few shapes finds its kernels made: making them takes 2 to 5 % of a forward pass.
    """
    stride = max(stride, 2 ** max(0, length.bit_length() - 6))
    return -(-length // stride) * stride


def accepted(transformer: Any) -> List[str]:
    """Name the arguments of a checkpoint's forward pass."""
    return list_arguments(transformer.__class__)


@cache
def list_arguments(architecture: Any) -> List[str]:
    return list(inspect.signature(architecture.forward).parameters)


def convert_outputs(model: Model, X_Ytorch: Tuple[List[Window], Any], is_train: bool) -> Tuple[Floats2d, Callable]:
    """Keep the hidden states asked for, and hand their gradient back. Shape: (position, width)."""
    X, Ytorch = X_Ytorch
    kept = take_positions(Ytorch.last_hidden_state, X).float()

    def backprop(dY: Floats2d) -> ArgsKwargs:
        scale_gradients(get_shim(model))
        return ArgsKwargs(args=((kept,),), kwargs={"grad_tensors": (xp2torch(dY, device=kept.device),)})

    return torch2xp(kept.detach()), backprop


def scale_gradients(shim: Any) -> None:
    """Multiply the gradients of earlier parts of a step by the scale of mixed precision, before one more is added.

    thinc divides all of a module's gradients by it after each part, which would leave nothing of the earlier ones.
    """
    if shim._grad_scaler._enabled:
        for parameter in shim._model.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(shim._grad_scaler._scale)


def take_positions(hidden: torch.Tensor, X: List[Window]) -> torch.Tensor:
    """Take the states that windows keep, or the mean of each window's.

    hidden: Shape (window, position, width).
    RETURNS: Shape (position, width), or (window, width).
    """
    if X[0].mean:
        ends = torch.tensor([window.keep[1] for window in X], device=hidden.device)
        kept = (torch.arange(hidden.shape[1], device=hidden.device) < ends[:, None]).to(torch.float32)
        return torch.einsum("wpd,wp->wd", hidden.float(), kept / ends[:, None])
    if hidden.device.type == "cpu" and not hidden.requires_grad:
        states = hidden.numpy() if hidden.dtype == torch.float32 else hidden.float().numpy()
        return torch.from_numpy(numpy.concatenate([row[slice(*window.keep)] for row, window in zip(states, X)]))
    rows = [numpy.arange(*window.keep) + index * hidden.shape[1] for index, window in enumerate(X)]
    chosen = torch.from_numpy(numpy.concatenate(rows)).to(hidden.device)
    return hidden.flatten(0, 1)[chosen]


def limit_kernels() -> None:
    """Let oneDNN keep few of the kernels that it makes for each shape of a batch, unless it has begun or been told.

    By default it keeps 1,024, which over thousands of notes come to more than 100 MB.
    """
    for setting in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):  # oneDNN's own, and torch's way to it
        os.environ.setdefault(setting, KERNELS)
