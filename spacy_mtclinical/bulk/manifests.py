"""What is done of a run, in one file of its folder, which is whole at any moment."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from .. import __version__
from ..outputs import sync_folder, write_json
from .locks import LOCK

MANIFEST = "_manifest.json"
LISTING = "_inputs.jsonl"
RETIRED = "_retired.json"  # the manifest of a run whose shards are being removed
OURS = re.compile(rf"{LOCK}|({MANIFEST}|{LISTING})(\.part)?|{RETIRED}")
SHARD = re.compile(r"_?(part-\d{5,})(\.\w+){0,2}")  # also one that is not whole
FACTS = ("made_with", "model", "input", "options")
Counts = Dict[str, int]


class Manifest(NamedTuple):
    """What a run is, and what of it is done.

    facts: What it is made with, of which pipeline, input and options: what has to be the same to go on.
    total: Notes and pairs.
    size: Those of a shard; the last may have fewer.
    done: Shard to what was counted in it; "bytes" is the size of its file.
    """

    facts: Dict[str, Any]
    total: int
    size: int
    done: Dict[str, Counts]


def make_facts(*, model: Dict[str, Any], input: Dict[str, Any], options: Dict[str, Any]) -> Dict[str, Any]:
    """State what a run is, as JSON gives it back."""
    made_with = f"spacy_mtclinical {__version__}"
    return json.loads(json.dumps({"made_with": made_with, "model": model, "input": input, "options": options}))


def read_manifest(folder: Path) -> Optional[Manifest]:
    """Read the manifest of a folder, None where there is none. RAISES: ValueError if it is damaged."""
    return _read(folder / MANIFEST)


def _read(path: Path) -> Optional[Manifest]:
    try:
        held = json.loads(path.read_text("utf8"))
        return Manifest({key: held[key] for key in FACTS}, held["total"], held["size"], held["done"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no whole manifest. Name another output, or remove that folder.") from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder. RAISES: OSError."""
    left = count_shards(manifest) - len(manifest.done)
    rest = {"total": manifest.total, "size": manifest.size, "complete": not left, "done": manifest.done}
    write_json(folder / MANIFEST, {**manifest.facts, **rest})
    sync_folder(folder)


def count_shards(manifest: Manifest) -> int:
    """Count the shards of a run: one at least, that an output has its columns."""
    return max(1, -(-manifest.total // manifest.size))


def name_shard(number: int, suffix: str) -> str:
    """The name of a shard's file or folder."""
    return f"part-{number:05}{suffix}"


def begin(folder: Path, manifest: Manifest, *, force: bool) -> Manifest:
    """Begin a run in a folder, or go on with the one that is there.

    force: Remove what is there of any run, and begin anew.
    RETURNS: What is to be done, with the shards that are done.
    RAISES: ValueError for a folder of other files, or a run of another pipeline, input or other options.
    """
    found = None if force else read_manifest(folder)
    if found is None:
        clear(folder)
        write_manifest(folder, manifest)
        return manifest
    differing = [difference for fact in FACTS for difference in compare(found.facts[fact], manifest.facts[fact], fact)]
    if differing:
        raise ValueError(
            f"{folder} holds a run that is another one: {'; '.join(differing)}. Name another output, or say --force to "
            "discard it and begin anew."
        )
    done = {name: counts for name, counts in found.done.items() if is_whole(folder / name, counts)}
    return found._replace(done=done)


def compare(before: Any, now: Any, name: str) -> List[str]:
    """Say what differs of a fact."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = sorted({*before, *now})
        return [part for key in keys for part in compare(before.get(key), now.get(key), f"{name}.{key}")]
    return [] if before == now else [f"{name} was {json.dumps(before)}, is {json.dumps(now)}"]


def is_whole(shard: Path, counts: Counts) -> bool:
    """Whether a shard is there as it was written."""
    return shard.is_dir() or (shard.is_file() and shard.stat().st_size == counts["bytes"])


def clear(folder: Path, *, listed: bool = True) -> None:
    """Remove what a run has written, of shards only those of its manifest; that is put aside first, and removed last.

    listed: Whether shards have to be in a manifest, which says whose they are.
    RAISES: ValueError if there is anything else; nothing is removed then.
    """
    names = sorted(os.listdir(folder))
    manifests = list(filter(None, map(_read, (folder / MANIFEST, folder / RETIRED))))
    shards = {name_shard(number, "") for manifest in manifests for number in range(count_shards(manifest))}
    found = {name: SHARD.fullmatch(name) for name in names if not OURS.fullmatch(name)}
    others = [name for name, shard in found.items() if not shard or (listed and shard[1] not in shards)]
    if others:
        raise ValueError(
            f"Expected a new or empty folder, or one of a run, got {folder}, which holds {others[0]}. "
            "Name another output."
        )
    retire(folder)
    for name in names:
        if name not in (LOCK, LISTING, MANIFEST, RETIRED):
            remove(folder / name)
    remove(folder / RETIRED)


def retire(folder: Path) -> None:
    """End the run of a folder: what is left of it can be removed, and is not gone on with."""
    if (folder / MANIFEST).exists():
        os.replace(folder / MANIFEST, folder / RETIRED)


def remove(path: Path) -> None:
    """Remove a file or a folder, never what a link leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
