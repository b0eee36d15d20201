"""Everything that a step of training changes, as tensors by name: weights, moments of the optimizer, random states."""

import random
from typing import Any, Dict, Iterator, Tuple

import numpy
import torch
from spacy.language import Language
from thinc.api import Model, Optimizer

from .arrays import Array

Key = Tuple[int, str]  # how thinc's optimizers know a parameter: the number of its layer or shim, its name
Tensors = Dict[str, torch.Tensor]
MOMENTS = ("mom1", "mom2", "averages")  # of thinc's own optimizers
COUNTS = "nr_update"


def walk(nlp: Language) -> Iterator[Tuple[str, Any]]:
    """Yield every layer and shim of a pipeline's models, named by its place: numbers differ from process to process."""
    for pipe, component in nlp.pipeline:
        model = getattr(component, "model", None)
        if isinstance(model, Model):
            for place, layer in enumerate(model.walk()):
                yield f"{pipe}.{place}", layer
                for number, shim in enumerate(layer.shims):
                    yield f"{pipe}.{place}.{number}", shim


def read_weights(nlp: Language) -> Tensors:
    """Read the weights of a pipeline, without copying those that are on the CPU."""
    found: Tensors = {}
    for place, part in walk(nlp):
        if isinstance(part, Model):
            names = [name for name in part.param_names if part.has_param(name)]
            found.update({f"{place}/{name}": as_tensor(part.ops.to_numpy(part.get_param(name))) for name in names})
        else:
            state = part._model.state_dict()
            found.update({f"{place}/{name}": value.detach().cpu().contiguous() for name, value in state.items()})
    return found


def restore_weights(nlp: Language, found: Tensors) -> None:
    """Put weights back. RAISES: KeyError where they are those of another pipeline."""
    for place, part in walk(nlp):
        if isinstance(part, Model):
            for name in part.param_names:
                if part.has_param(name):
                    value: Any = part.ops.asarray(found[f"{place}/{name}"].numpy().copy())
                    part.set_param(name, value)
        else:
            part._model.load_state_dict({name: found[f"{place}/{name}"] for name in part._model.state_dict()})


def name_keys(nlp: Language) -> Dict[Key, str]:
    """Name each parameter that an optimizer may meet by its place."""
    names = {}
    for place, part in walk(nlp):
        own = part.param_names if isinstance(part, Model) else [name for name, _ in part._model.named_parameters()]
        names.update({(part.id, name): f"{place}/{name}" for name in own})
    return names


def read_moments(nlp: Language, optimizer: Optimizer) -> Tensors:
    """Read what an optimizer remembers of each parameter: thinc's own, or AdamW.v1."""
    names = name_keys(nlp)
    found: Tensors = {}
    for kind in MOMENTS:
        for key, value in (getattr(optimizer, kind) or {}).items():
            found[f"{kind}:{names[key]}"] = as_tensor(value if isinstance(value, numpy.ndarray) else value.get())
    for key, count in optimizer.nr_update.items():
        found[f"{COUNTS}:{names[key]}"] = torch.tensor(count)
    if hasattr(optimizer, "get_moments"):
        for key, state in optimizer.get_moments().items():
            found.update({f"{kind}:{names[key]}": value.detach().cpu() for kind, value in state.items()})
    return found


def restore_moments(nlp: Language, optimizer: Optimizer, found: Tensors) -> None:
    """Put back what an optimizer remembers."""
    keys = {name: key for key, name in name_keys(nlp).items()}
    ops = {part.id: part.ops for _, part in walk(nlp) if isinstance(part, Model)}
    states: Dict[Key, Tensors] = {}
    for kind_name, value in found.items():
        kind, _, name = kind_name.partition(":")
        key = keys[name]
        if kind in MOMENTS:
            own = ops.get(key[0], next(iter(ops.values())))
            getattr(optimizer, kind)[key] = own.asarray(value.numpy().copy())
        elif kind == COUNTS:
            optimizer.nr_update[key] = int(value)
        else:
            states.setdefault(key, {})[kind] = value
    if states:
        optimizer.set_moments(states)  # type: ignore[attr-defined]


def read_random() -> Dict[str, Any]:
    """Read the states of the random generators of Python, numpy and torch as JSON values."""
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = numpy.random.get_state(legacy=True)
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [name, numpy.asarray(keys).tolist(), position, has_gauss, cached],
        "torch": torch.get_rng_state().numpy().tobytes().hex(),
        "cuda": [state.numpy().tobytes().hex() for state in torch.cuda.get_rng_state_all()],
    }


def restore_random(found: Dict[str, Any]) -> None:
    """Put the random generators back."""
    version, numbers, gauss = found["python"]
    random.setstate((version, tuple(numbers), gauss))
    name, keys, position, has_gauss, cached = found["numpy"]
    numpy.random.set_state((name, numpy.array(keys, dtype="uint32"), position, has_gauss, cached))
    torch.set_rng_state(as_bytes(found["torch"]))
    if found["cuda"] and len(found["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([as_bytes(state) for state in found["cuda"]])


def as_tensor(array: Array) -> torch.Tensor:
    """A numpy array as a tensor, sharing its memory."""
    return torch.from_numpy(numpy.ascontiguousarray(array))


def as_bytes(text: str) -> torch.Tensor:
    """Hexadecimal digits as a tensor of bytes."""
    return torch.frombuffer(bytearray.fromhex(text), dtype=torch.uint8)
