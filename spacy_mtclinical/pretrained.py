"""The checkpoint that an encoder holds: how it is loaded, how long its input may be, how it cuts texts."""

import os
import threading
from functools import partial
from typing import Any, Dict, List, Optional, Tuple

import torch
from spacy_transformers.layers.transformer_model import huggingface_from_pretrained
from thinc.api import Model

from .windows import Cutter, make_cutter

Names = Tuple[str, ...]
IMPORTED_BY = os.getpid()
DROPOUTS = ("hidden_dropout_prob", "embedding_dropout", "mlp_dropout")  # settings of BERT, and of ModernBERT
ATTENTION_DROPOUTS = ("attention_probs_dropout_prob", "attention_dropout")


def get_shim(model: Model) -> Any:
    """Get what holds the checkpoint: spacy-transformers' HFShim."""
    return model.shims[0] if model.shims else model.layers[0].shims[0]


def load_checkpoint(
    model: Model, X: Any = None, Y: Any = None, *, name: Optional[str], overrides: Dict[Names, Optional[float]]
) -> None:
    """Load the checkpoint, unless a saved pipeline brought its own.

    overrides: Settings of checkpoints, those that one knows being set, to their value.
    RAISES: ValueError if none is named, or it knows none of the settings that have a value.
    """
    from transformers import AutoConfig

    shim = get_shim(model)
    if shim._hfmodel.transformer is None:
        if not name:
            raise ValueError(
                "The encoder has no checkpoint: expected the name or the folder of one, got none. "
                "Set paths.encoder in the config, or --paths.encoder on the command line."
            )
        known = AutoConfig.from_pretrained(name)
        settings: Dict[str, float] = {}
        for names, value in overrides.items():
            found = [key for key in names if hasattr(known, key)]
            if value is not None and not found:
                raise ValueError(
                    f"Encoder.v1 expected a checkpoint with one of {', '.join(names)}, got {type(known).__name__}. "
                    "Leave dropout and attention_dropout unset for it."
                )
            settings.update({key: value for key in found if value is not None})
        shim._hfmodel = huggingface_from_pretrained(name, {"use_fast": True}, settings)
        shim._model = shim._hfmodel.transformer
        # Both remember the folder they came from, and would take its path into the saved pipeline.
        shim._model.config._name_or_path = ""
        shim._hfmodel.tokenizer.name_or_path = ""
        shim._hfmodel.tokenizer.init_kwargs.pop("name_or_path", None)
    model.set_dim("nO", shim._model.config.hidden_size)


def longest_input(transformer: Any) -> int:
    """Count the sub-words that a checkpoint can hold, special ones included."""
    longest = getattr(transformer.config, "max_position_embeddings", None) or 512
    table = getattr(getattr(transformer, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)  # RoBERTa counts positions from after its padding index
    return longest if padding is None else longest - padding - 1


class CutterReader:
    """Tells how Docs become windows for the checkpoint that an encoder holds.

    It looks at a checkpoint once: to look changes settings of the tokenizer, which fails while another thread uses it.
    """

    def __init__(self, **settings: Any):
        """settings: See `make_cutter`."""
        self.settings = settings
        self.known: List[Tuple[Any, Cutter]] = []  # the last tokenizer
        self.lock = threading.Lock()

    def __call__(self, model: Model) -> Cutter:
        """RAISES: ValueError if no checkpoint is loaded, or its tokenizer has no offsets."""
        calm_threads()
        shim = get_shim(model)
        if shim._hfmodel.transformer is None:
            raise ValueError("The encoder holds no checkpoint yet. Call nlp.initialize(), or load a trained pipeline.")
        with self.lock:
            if not self.known or self.known[0][0] is not shim._hfmodel.tokenizer:
                settings = {**self.settings, "window": min(self.settings["window"], longest_input(shim._model))}
                self.known[:] = [(shim._hfmodel.tokenizer, make_cutter(shim._hfmodel.tokenizer, **settings))]
            return self.known[0][1]

    def __reduce__(self) -> Any:
        return partial(CutterReader, **self.settings), ()


def calm_threads() -> None:
    """In a process forked from the one that imported torch, use one thread: with more, torch and tokenizers hang."""
    if os.getpid() != IMPORTED_BY:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        if torch.get_num_threads() > 1:
            torch.set_num_threads(1)
