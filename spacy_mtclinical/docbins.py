""".spacy files: their documents, and what makes srsly quick at packing and unpacking them."""

from functools import partial
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator

import catalogue
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab
from srsly.msgpack import msgpack_decoders, msgpack_encoders

from .documents import register_extension


def read_docs(file: Path, vocab: Vocab) -> Iterator[Doc]:
    """Read the documents of a .spacy file.

    RAISES: ValueError naming a file that is damaged.
    """
    register_extension()
    try:
        yield from make_docbin().from_disk(file).get_docs(vocab)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001  (zlib, msgpack and spaCy each raise their own)
        kind = type(error).__name__
        raise ValueError(f"{file} is no whole .spacy file ({kind}). Convert the corpus anew.") from None


def make_docbin(docs: Iterable[Doc] = ()) -> DocBin:
    """Make a DocBin that keeps everything of its documents."""
    quicken_msgpack()
    return DocBin(docs=docs, store_user_data=True)


def quicken_msgpack() -> None:
    """Make srsly quick at finding the functions that packages bring for msgpack.

    It asks for all of them at each value that it packs or unpacks, three times a document, and each time goes through
    the entry points of all packages and tests every function registered anywhere: most of the time that a file takes.
    What packages there are is looked up when catalogue is imported, so the same is found.
    """
    for registry in (msgpack_decoders, msgpack_encoders):
        if registry.entry_points:
            for name, function in registry.get_entry_points().items():
                registry.register(name, func=function)
            registry.entry_points = False
            registry.get_all = partial(find_all, tuple(registry.namespace))  # type: ignore[method-assign]


def find_all(namespace: Any) -> Dict[str, Any]:
    """All functions of a namespace by name, as `catalogue.Registry.get_all` gives them without entry points."""
    return {keys[-1]: found for keys, found in catalogue.REGISTRY.copy().items() if keys[:-1] == namespace}
