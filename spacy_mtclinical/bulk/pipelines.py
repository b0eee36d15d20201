"""What a trained pipeline is and answers, read from its folder without its weights; and loaded once a process."""

import gc
import hashlib
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

import srsly
from spacy import util
from spacy.language import Language
from spacy.vocab import Vocab

from ..component import MultitaskClinical
from ..loading import load_pipeline, read_kinds

PART = 2**20  # bytes read at once
KEPT = 2  # pipelines that a process holds


def get_pipeline(name: str, gpu_id: int = -1, stamp: Optional[str] = None) -> Language:
    """Load a pipeline, once a process. RAISES: OSError or ValueError, see `loading.load_pipeline`.

    stamp: See `stamp_pipeline`, which is asked if None; with another one it is loaded anew.

    What the process holds then is taken out of Python's search for garbage: half a million objects that stay, which
    each full search would visit. Spans are made by the thousand, and make such searches frequent.
    """
    return load_once(name, gpu_id, stamp_pipeline(name) if stamp is None else stamp)


@lru_cache(maxsize=KEPT)
def load_once(name: str, gpu_id: int, stamp: str) -> Language:
    """See `get_pipeline`."""
    nlp = load_pipeline(name, gpu_id=gpu_id)
    gc.collect()
    gc.freeze()
    return nlp


def find_folder(name: str) -> Path:
    """Find the folder of a pipeline, as `spacy.load` does.

    name: An installed package or a folder.
    RAISES: OSError if there is none.
    """
    folder = Path(name)
    if util.is_package(name):
        package = Path(str(import_module(name).__file__)).parent
        meta = util.get_model_meta(package)
        folder = package / f"{meta['lang']}_{meta['name']}-{meta['version']}"
    if not (folder / "config.cfg").is_file() or not (folder / "meta.json").is_file():
        raise OSError(
            f"Expected a pipeline (an installed package, or a folder with config.cfg and meta.json), got '{name}'."
        )
    return folder


def stamp_pipeline(name: str) -> str:
    """Tell a pipeline from an earlier or later one of the same name: by sizes and times of its files, without reading
    them. RETURNS: A digest; nothing where the pipeline is not on this machine."""
    try:
        folder = find_folder(name)
    except OSError:
        return ""
    found = [(path.relative_to(folder).as_posix(), path.stat()) for path in sorted(folder.rglob("*")) if path.is_file()]
    told = "\n".join(f"{place} {stat.st_size} {stat.st_mtime_ns}" for place, stat in found)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def read_config(name: str) -> Dict[str, Any]:
    """Read the configuration of a pipeline. RAISES: OSError if there is no such pipeline."""
    return util.load_config(find_folder(name) / "config.cfg", interpolate=True)


def find_kinds(name: str) -> Dict[str, str]:
    """Tell what each task of a pipeline gives: "entities", "classes" or a "value"; reads no weights.

    RAISES: OSError if there is no such pipeline, ValueError if it has not one mtclinical component.
    """
    components = read_config(name)["components"]
    found = [component for component in components.values() if component.get("factory") == "mtclinical"]
    if len(found) != 1:
        raise ValueError(f"Expected a pipeline with one mtclinical component, got {len(found)} in '{name}'.")
    model = util.registry.resolve({"model": found[0]["model"]})["model"]
    return read_kinds(MultitaskClinical(Vocab(), model))


def choose_tasks(kinds: Dict[str, str], tasks: Optional[Sequence[str]]) -> Dict[str, str]:
    """Keep the kinds of some tasks, or of all. RAISES: ValueError for a task that is not there."""
    unknown = sorted(set(tasks or ()) - set(kinds))
    if unknown:
        raise ValueError(f"Expected tasks among {', '.join(sorted(kinds))}, got {', '.join(unknown)}.")
    return {task: kind for task, kind in kinds.items() if tasks is None or task in tasks}


def describe_pipeline(name: str) -> Dict[str, Any]:
    """Tell name, version and SHA-256 of a pipeline: two with the same give the same answers.

    RAISES: OSError if there is no such pipeline.
    """
    folder = find_folder(name)
    meta = srsly.read_json(folder / "meta.json")
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\n{hash_file(file)}\n".encode())
    return {
        "name": f"{meta.get('lang', '')}_{meta.get('name', '')}",
        "version": meta.get("version", ""),
        "sha256": digest.hexdigest(),
    }


def hash_file(file: Path) -> str:
    """The SHA-256 of a file of any size. RAISES: OSError if it cannot be read."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while part := stream.read(PART):
            digest.update(part)
    return digest.hexdigest()
