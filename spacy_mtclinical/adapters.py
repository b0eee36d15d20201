"""Low-rank adapters (Hu et al. 2021): what the shared encoder says, changed for one task alone."""

import copy
import re
import threading
from functools import partial
from typing import Any, Dict, List, Optional

import torch
from safetensors.torch import load, save
from thinc.api import Model, PyTorchGradScaler, PyTorchShim, get_torch_default_device
from thinc.layers.pytorchwrapper import forward as run_shim

from .arrays import Floats2d
from .attributes import Setting
from .encoder import convert_inputs, convert_outputs, forward
from .pretrained import get_shim
from .quantization import Int8Runner
from .windows import Window

Tensors = Dict[str, torch.Tensor]
NUMBERED = re.compile(r"\.\d+\.")  # in the name of a module: it is part of one of the checkpoint's layers


def build_lora_v1(rank: int = 8, alpha: float = 16.0, dropout: float = 0.05) -> Model[List[Window], Floats2d]:
    """Build an encoder for one task: the shared one, with a product of two narrow matrices beside every linear layer.

    Windows become hidden states, shape (position, width), as Encoder.v1's do, by a pass of its own. The shared weights
    are read, never copied or changed; what learns and what is saved are the narrow matrices. Needs peft (extra `lora`).

    rank: The width of the narrow matrices.
    alpha: Their product counts alpha / rank times.
    dropout: Of what they read, while training.
    RAISES: ValueError for a rank below 1.
    """
    if rank < 1:
        raise ValueError(f"Lora.v1 expected a rank above 0, got {rank}. Mend the config.")
    shim = LoraShim(rank=rank, alpha=alpha, dropout=dropout)
    wrapper: Model = Model(
        "lora", run_shim, attrs={"convert_inputs": convert_inputs, "convert_outputs": convert_outputs}, shims=[shim]
    )
    model: Model[List[Window], Floats2d] = Model(
        "mtclinical_lora", forward, init=init, layers=[wrapper], dims={"nO": None}
    )
    model.attrs.update(
        attach=shim.attach,
        settings=Setting((rank, alpha)),
        training_precision=partial(shim.ask_encoder, "training_precision"),
        precision=shim.ask_precision,
        run_int8=Int8Runner(),  # is only told to forget
    )
    return model


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    """Draw the narrow matrices; their product is 0, so that training starts from what the shared encoder says."""
    shim: LoraShim = get_shim(model)
    shim.put({})
    model.set_dim("nO", shim._model.config.hidden_size)


making = threading.RLock()  # peft changes torch for the whole process while it adapts a module


class LoraShim(PyTorchShim):
    """Holds the narrow matrices. `_model` is the checkpoint with them: copies of its modules around its own weights.

    It is made when it is first asked for, and again when the checkpoint is another or its weights have moved.
    """

    def __init__(self, *, rank: int, alpha: float, dropout: float):
        """See `build_lora_v1`."""
        self._settings = {"r": rank, "lora_alpha": alpha, "lora_dropout": dropout}
        self._encoder: Optional[Model] = None
        self._transformer: Any = None
        self._weights: List[torch.Tensor] = []
        self._places: List[int] = []
        self._put: Tensors = {}
        super().__init__(None)

    def attach(self, encoder: Model, *, frozen: bool) -> None:
        """Say which encoder is adapted; it is read as it is at the time, whether or not it learns."""
        self._encoder = encoder
        self._mixed_precision = get_shim(encoder)._mixed_precision
        self._grad_scaler = PyTorchGradScaler(self._mixed_precision)
        self._grad_scaler.to_(get_torch_default_device())

    def ask_encoder(self, setting: str) -> str:
        """Say what the shared encoder has for a setting. RAISES: ValueError where there is none."""
        if self._encoder is None:
            raise ValueError("Lora.v1 expected a place in [components.mtclinical.model.adapters], got none.")
        return self._encoder.attrs[setting]()

    def ask_precision(self) -> str:
        """Say in what it predicts: as the shared encoder, but for int8, of which it has no graph."""
        return self.ask_encoder("precision").replace("int8", "auto")

    def put(self, tensors: Tensors) -> None:
        """Take these narrow matrices, or new ones where there are none."""
        self._put = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        self._adapted = None

    def take(self) -> Tensors:
        """Give the narrow matrices by the names of the modules that they adapt."""
        return self._put if self._adapted is None else self._adapted.state_dict()

    @property
    def _model(self) -> Any:
        transformer = None if self._encoder is None else get_shim(self._encoder)._model
        if transformer is None:
            return None
        with making:
            moved = self._transformer is not transformer or [w.data_ptr() for w in self._weights] != self._places
            if self._adapted is None or moved:
                self._put = self.take()
                self._adapted = adapt(transformer, self._settings, self._put)
                self._transformer, self._weights = transformer, list(transformer.parameters())
                self._places = [weight.data_ptr() for weight in self._weights]
            return self._adapted

    @_model.setter
    def _model(self, adapted: Any) -> None:
        self._adapted = adapted

    def to_bytes(self) -> bytes:
        """Save the narrow matrices, as safetensors; nothing where there are none yet."""
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.take().items()}
        return save(tensors) if tensors else b""

    def from_bytes(self, bytes_data: bytes) -> "LoraShim":
        """Load the narrow matrices."""
        self.put(load(bytes_data) if bytes_data else {})
        return self


def adapt(transformer: Any, settings: Dict[str, Any], tensors: Tensors) -> Any:
    """Copy the modules of a checkpoint, but not its weights, and put narrow matrices beside its linear layers.

    settings: Of peft's LoraConfig.
    tensors: The narrow matrices, or none for new ones.
    RETURNS: A module whose parameters are the narrow matrices alone.
    RAISES: ValueError where peft is missing, or the matrices do not fit.
    """
    peft = import_peft()
    shared: Dict[int, Any] = {id(buffer): buffer for buffer in transformer.buffers()}
    # peft freezes all parameters that are not its own: these are others, with the same memory.
    shared.update({id(w): torch.nn.Parameter(w.detach(), requires_grad=False) for w in transformer.parameters()})
    adapted = copy.deepcopy(transformer, shared)
    names = [name for name, module in adapted.named_modules() if isinstance(module, torch.nn.Linear)]
    config = peft.LoraConfig(target_modules=[name for name in names if NUMBERED.search(name)], **settings)
    peft.inject_adapter_in_model(config, adapted, low_cpu_mem_usage=bool(tensors))
    for module in adapted.modules():
        for name, tensor in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if not tensor.requires_grad:  # what is shared is neither saved nor learnt here
                delattr(module, name)
                setattr(module, name, tensor.detach())
    if tensors:
        device = next(transformer.parameters()).device
        try:
            adapted.load_state_dict({name: tensor.to(device) for name, tensor in tensors.items()}, assign=True)
        except RuntimeError as error:
            raise ValueError(
                f"The saved adapter does not fit the encoder, or not the rank {settings['r']} of the config. "
                "Use the config.cfg that was saved with the weights, or train anew."
            ) from error
    return adapted.eval()  # peft's own parts would still drop out


def import_peft() -> Any:
    """Import peft, which takes seconds. RAISES: ValueError where it is not installed."""
    try:
        import peft
    except ImportError as error:
        raise ValueError(
            f'An adapter expected peft, got "{error}". Install it with pip install "spacy_mtclinical[lora]".'
        ) from error
    return peft
