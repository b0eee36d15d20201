"""What one task reads of every layer of the shared encoder: their weighted mean, by an LSTM in both directions."""

from functools import partial
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import torch
from safetensors.torch import load, save
from thinc.api import ArgsKwargs, Model, PyTorchGradScaler, PyTorchShim, get_torch_default_device, torch2xp, xp2torch
from thinc.layers.pytorchwrapper import forward as run_shim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from .arrays import Floats2d
from .attributes import Setting
from .encoder import run_layers, take_positions
from .frozen import StateReader
from .pretrained import get_shim
from .windows import Window

Tensors = Dict[str, torch.Tensor]
KEPT_AS = torch.float16  # what an encoder that stays as it is has said, from epoch to epoch


class Layers(NamedTuple):
    """What the encoder says of windows.

    states: Of every layer, the embeddings first. Shape (layer, window, position, width).
    """

    states: torch.Tensor
    windows: List[Window]


class Reader(torch.nn.Module):
    """The mean of the layers by weights that are learnt (Peters et al. 2018), and a bidirectional LSTM over it."""

    def __init__(self, n_layers: int, n_inputs: int, width: int, dropout: float):
        super().__init__()
        self.shares = torch.nn.Parameter(torch.zeros(n_layers))
        self.dropout = torch.nn.Dropout(dropout)
        self.lstm = torch.nn.LSTM(n_inputs, width, batch_first=True, bidirectional=True)

    def forward(self, states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Shapes: (layer, window, position, input) and (window,) to (window, position, 2 * width)."""
        mean = torch.tensordot(self.shares.softmax(0), states, 1)
        packed = pack_padded_sequence(self.dropout(mean), lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=states.shape[2])[0]


def build_recurrent_v1(width: int = 128, dropout: float = 0.1) -> Model[List[Window], Floats2d]:
    """Build what one task reads instead of the encoder's last layer: all of its layers, by an LSTM in both directions.

    Windows become states, shape (position, 2 * width). The encoder's pass is the one that all tasks share; it gets no
    gradient from here.

    width: Of the LSTM, in each direction.
    dropout: Of what it reads, while training.
    RAISES: ValueError for a width below 1.
    """
    if width < 1:
        raise ValueError(f"Recurrent.v1 expected a width above 0, got {width}. Mend the config.")
    shim = RecurrentShim(width, dropout)
    converters = {"convert_inputs": convert_inputs, "convert_outputs": convert_outputs}
    wrapper: Model = Model("recurrent", run_shim, attrs=converters, shims=[shim])
    model: Model[List[Window], Floats2d] = Model(
        "mtclinical_recurrent", forward, init=init, layers=[wrapper], dims={"nO": None}
    )
    model.attrs.update(attach=shim.attach, settings=Setting((width,)), read_layers=partial(read_layers, wrapper))
    return model


def read_layers(wrapper: Model, states: torch.Tensor, windows: List[Window]) -> Floats2d:
    """Turn what all layers say of windows into states. Shape: (position, 2 * width)."""
    return wrapper.predict(Layers(states, windows))


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    """Draw the weights."""
    shim: RecurrentShim = get_shim(model)
    shim.put({})
    model.set_dim("nO", 2 * shim._width)


def forward(model: Model, X: List[Window], is_train: bool) -> Tuple[Floats2d, Callable[[Floats2d], List[Window]]]:
    """Turn windows into states, one after the other, by a pass of the encoder. Shape: (position, 2 * width)."""
    if not X:
        return model.ops.alloc2f(0, model.get_dim("nO")), lambda dY: X
    Y, backprop = model.layers[0](Layers(get_shim(model).ask_encoder(X, is_train=is_train), X), is_train)

    def backprop_windows(dY: Floats2d) -> List[Window]:
        backprop(dY)
        return X

    return Y, backprop_windows


def convert_inputs(model: Model, X: Layers, is_train: bool) -> Tuple[ArgsKwargs, Callable]:
    """Make the reader's arguments."""
    lengths = torch.tensor([len(window.ids) for window in X.windows])
    return ArgsKwargs(args=(X.states, lengths), kwargs={}), lambda gradients: X


def convert_outputs(model: Model, X_Ytorch: Tuple[Layers, torch.Tensor], is_train: bool) -> Tuple[Floats2d, Callable]:
    """Keep the states asked for, and hand their gradient back. Shape: (position, 2 * width)."""
    X, Ytorch = X_Ytorch
    kept = take_positions(Ytorch, X.windows)

    def backprop(dY: Floats2d) -> ArgsKwargs:
        return ArgsKwargs(args=((kept,),), kwargs={"grad_tensors": (xp2torch(dY, device=kept.device),)})

    return torch2xp(kept.detach()), backprop


class RecurrentShim(PyTorchShim):
    """Holds the reader, which is made when its weights are drawn or loaded."""

    def __init__(self, width: int, dropout: float):
        """See `build_recurrent_v1`."""
        super().__init__(None, grad_scaler=PyTorchGradScaler(False))
        self._width, self._dropout = width, dropout
        self._encoder: Any = None
        self._frozen = False
        self._read = StateReader(split_layers)

    def predict(self, inputs: ArgsKwargs) -> Any:
        """As thinc's, but the reader stays without dropout: another thread may be in it."""
        self._model.eval()
        with torch.no_grad():
            return self._model(*inputs.args, **inputs.kwargs)

    def attach(self, encoder: Model, *, frozen: bool) -> None:
        """Say which encoder is read, and whether it stays as it is."""
        self._encoder, self._frozen = encoder, frozen

    def ask_encoder(self, windows: List[Window], *, is_train: bool) -> torch.Tensor:
        """The states of all layers, shape (layer, window, position, width).

        RAISES: ValueError where no encoder is attached.
        """
        if self._encoder is None:
            raise ValueError("Recurrent.v1 expected a place in [components.mtclinical.model.adapters], got none.")
        if not (is_train and self._frozen):
            states = run_layers(self._encoder, windows)[1]
            return states.clone() if is_train else states  # what inference mode made has no place in a graph
        found = self._read(self._encoder, windows)
        rows = [states.transpose(0, 1).float() for states in found]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).permute(2, 0, 1, 3).to(self.device)

    def put(self, tensors: Tensors) -> None:
        """Take these weights, or draw new ones where there are none.

        RAISES: ValueError for weights of another encoder or width.
        """
        if tensors:
            n_layers, n_inputs = len(tensors["shares"]), tensors["lstm.weight_ih_l0"].shape[1]
        else:
            checkpoint = get_shim(self._encoder)._model.config
            n_layers, n_inputs = checkpoint.num_hidden_layers + 1, checkpoint.hidden_size
        self._model = Reader(n_layers, n_inputs, self._width, self._dropout)
        if tensors:
            try:
                self._model.load_state_dict({name: tensor.detach().clone() for name, tensor in tensors.items()})
            except RuntimeError as error:
                raise ValueError(
                    f"The saved adapter does not fit the width {self._width} of the config. "
                    "Use the config.cfg that was saved with the weights, or train anew."
                ) from error
        self._model.to(get_torch_default_device())

    def take(self) -> Tensors:
        """Give the weights by their names; none where none were drawn."""
        return {} if self._model is None else self._model.state_dict()

    def to_bytes(self) -> bytes:
        """Save the weights, as safetensors; nothing where there are none yet."""
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.take().items()}
        return save(tensors) if tensors else b""

    def from_bytes(self, bytes_data: bytes) -> "RecurrentShim":
        """Load the weights."""
        if bytes_data:
            self.put(load(bytes_data))
        return self


def split_layers(encoder: Model, windows: List[Window]) -> List[torch.Tensor]:
    """What the encoder says of each window, without padding. Shape of each: (layer, position, width)."""
    most = torch.finfo(KEPT_AS).max  # some checkpoints say more, which would be infinite
    states = run_layers(encoder, windows)[1].clamp(-most, most).to(KEPT_AS)
    return [states[:, row, : len(window.ids)].cpu().clone() for row, window in enumerate(windows)]
