"""The encoder in int8 on a CPU, by ONNX Runtime: weights once, activations as they come."""

import os
import tempfile
import threading
import warnings
import weakref
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import torch

Inputs = Dict[str, torch.Tensor]  # of the checkpoint's forward pass, shape of each: (window, position)


class Hidden(torch.nn.Module):
    """A checkpoint whose arguments come in order, and which gives its last hidden states."""

    def __init__(self, transformer: Any, names: Tuple[str, ...]):
        super().__init__()
        self.transformer = transformer
        self.names = names

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        return self.transformer(**dict(zip(self.names, tensors))).last_hidden_state


class Int8Runner:
    """Tells a checkpoint's last hidden states in int8.

    The graph is made at the first call and again for other weights; a copy begins with none.
    """

    def __init__(self) -> None:
        self.made: Dict[str, Any] = {}
        self.lock = threading.Lock()  # torch exports one checkpoint at a time

    def __call__(self, transformer: Any, inputs: Optional[Inputs]) -> torch.Tensor:
        """inputs: None to forget the graph, since the weights are about to change."""
        if inputs is None:
            self.made.clear()
            return torch.empty(0)
        with self.lock:
            version = sum(weight._version for weight in transformer.parameters())  # counts changes in place
            if "of" not in self.made or self.made["of"]() is not transformer or self.made["version"] != version:
                self.made.clear()
                self.made.update(of=weakref.ref(transformer), version=version, graph=quantize(transformer, inputs))
            key = f"session of {os.getpid()}"  # its threads do not survive a fork
            if key not in self.made:
                self.made[key] = open_session(self.made["graph"])
            session = self.made[key]
        found = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
        return torch.from_numpy(found[0])

    def __reduce__(self) -> Any:
        return Int8Runner, ()


def quantize(transformer: Any, inputs: Inputs) -> bytes:
    """Export a checkpoint as a graph, and quantize the weights of its products, each output channel by itself.

    RAISES: ValueError where onnx and onnxruntime are not installed, or the checkpoint cannot be exported.
    """
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError as error:
        raise ValueError(
            f"precision = 'int8' expected onnx and onnxruntime, of which {error.name} is missing. "
            'Install them with pip install "spacy_mtclinical[int8]", or choose another precision.'
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        plain, ready, small = (Path(folder) / f"{name}.onnx" for name in ("plain", "ready", "small"))
        try:
            export(transformer, inputs, plain)
        except Exception as error:
            raise ValueError(
                f"precision = 'int8' expected a checkpoint that ONNX can express; {type(transformer).__name__} failed "
                f"with {type(error).__name__}. Choose another precision."
            ) from error
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        # Of products alone: int8 embeddings would cost answers and save no time.
        quantize_dynamic(ready, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8, per_channel=True)
        return small.read_bytes()


def export(transformer: Any, inputs: Inputs, path: Path) -> None:
    """Write a checkpoint as a graph for any number of windows and positions."""
    names = tuple(inputs)
    example = tuple(tensor[:2, :16].contiguous() for tensor in inputs.values())
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is constant in the graph, and of the exporter's age
        torch.onnx.export(
            Hidden(transformer, names).eval(),
            example,
            str(path),
            input_names=list(names),
            output_names=["hidden"],
            dynamic_axes={name: {0: "window", 1: "position"} for name in (*names, "hidden")},
            dynamo=False,
        )


def open_session(graph: bytes) -> Any:
    """Open a graph with as many threads as torch has."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
