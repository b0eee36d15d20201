"""Checkpoints of a training run: each a folder that gets its name when it is whole, and is checked before it is used.

A folder holds `weights.safetensors`, `moments.safetensors` and `state.json`, which has the digests of all three, and
nothing that could run as code. Two are kept, so that a damaged one leaves the one before.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .fingerprints import digest_file, show
from .outputs import read_json, sync_file, sync_folder, write_json

FOLDER, BEGUN, FINISHED, STATE, STEM = "checkpoints", "begun.json", "finished.json", "state.json", "step-"
PIPELINES = ("model-best", "model-last")
KEPT = 2
NAMED = 3  # differences that a message names
Notify = Callable[[str], None]


class Checkpoint(NamedTuple):
    """A whole checkpoint on disk. position: steps that were taken; state: see `training.Progress`."""

    path: Path
    position: int
    state: Dict[str, Any]

    def load(self, name: str) -> Dict[str, Any]:
        """Load the tensors of a file. RAISES: OSError."""
        from safetensors.torch import load_file

        return load_file(self.path / f"{name}.safetensors")


def write_checkpoint(folder: Path, position: int, state: Dict[str, Any], tensors: Dict[str, Dict[str, Any]]) -> None:
    """Write a checkpoint aside, name it, and remove the ones that are no longer needed.

    state: JSON values; floats come back as they were.
    tensors: The name of a file to its tensors.
    RAISES: OSError if the disk is full or cannot be written.
    """
    from safetensors.torch import save_file

    path = folder / f"{STEM}{position:09}"
    aside = path.with_name(f".{path.name}.part")
    remove(aside)
    aside.mkdir(parents=True)
    for name, found in tensors.items():
        save_file(found, aside / f"{name}.safetensors")
    content = {"state": state, "files": {file.name: digest_file(file) for file in sorted(aside.iterdir())}}
    (aside / STATE).write_text(json.dumps({**content, "digest": digest_json(content)}), "utf8")
    for file in aside.iterdir():
        sync_file(file)
    sync_folder(aside)
    remove(path)
    os.replace(aside, path)
    sync_folder(folder)
    for old in [*list_folders(folder)[:-KEPT], *list_parts(folder)]:
        remove(old)


def find_checkpoint(folder: Path) -> Tuple[Optional[Checkpoint], List[Tuple[Path, str]]]:
    """Find the last whole checkpoint. RETURNS: None if there is none, and the damaged ones after it, with reasons."""
    damaged: List[Tuple[Path, str]] = []
    for path in reversed(list_folders(folder)):
        try:
            return read_checkpoint(path), damaged
        except (ValueError, OSError) as error:
            damaged.append((path, str(error)))
    return None, damaged


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint, and compare its files with their digests.

    RAISES: ValueError or OSError saying what is damaged.
    """
    try:
        whole = json.loads((path / STATE).read_text("utf8"))
        content = {"state": whole["state"], "files": whole["files"]}
        is_same = whole["digest"] == digest_json(content)
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{STATE} is no whole JSON file") from None
    if not is_same:
        raise ValueError(f"{STATE} is not what was written")
    for name, wanted in content["files"].items():
        if digest_file(path / name) != wanted:
            raise ValueError(f"{name} is not what was written")
    return Checkpoint(path, int(path.name[len(STEM) :]), content["state"])


def start_anew(output: Path) -> None:
    """Refuse to begin a run where another one is, or a pipeline that was trained without checkpoints.

    RAISES: ValueError naming what to do.
    """
    folder = output / FOLDER
    if (folder / FINISHED).exists():
        raise ValueError(f"{output} holds a finished run. Name another folder, or delete this one to train anew.")
    if (folder / BEGUN).exists() or list_folders(folder):
        raise ValueError(
            f"{output} holds a run that has not ended. Say --resume to go on with it, or name another folder."
        )
    found = [name for name in PIPELINES if (output / name).exists()]
    if found:
        raise ValueError(
            f"{output} holds {' and '.join(found)}, and no checkpoints of the run that made them. Name another folder."
        )


def begin(output: Path, identity: Dict[str, Any]) -> None:
    """Say which run is in a folder, before there is a checkpoint of it."""
    (output / FOLDER).mkdir(parents=True, exist_ok=True)
    write_json(output / FOLDER / BEGUN, {"identity": identity})


def go_on(output: Path, identity: Dict[str, Any], *, notify: Notify) -> Tuple[Optional[Checkpoint], bool]:
    """Find where a run goes on; damaged checkpoints are named and removed.

    identity: What the run is: dotted settings and fingerprints of files.
    RETURNS: The last whole checkpoint, None where nothing was begun, and whether the run has ended.
    RAISES: ValueError for a run of another configuration, or one without a whole checkpoint.
    """
    folder = output / FOLDER
    for name in (FINISHED, BEGUN):
        if (folder / name).exists():
            check_identity(read_json(folder / name)["identity"], identity, output=output)
    if (folder / FINISHED).exists():
        return None, True
    found, damaged = find_checkpoint(folder)
    if found is None and damaged:
        reasons = "; ".join(f"{path.name}: {reason}" for path, reason in damaged)
        raise ValueError(f"{folder} has no whole checkpoint ({reasons}). Delete it to begin anew.")
    if found is not None:
        check_identity(found.state["identity"], identity, output=output)
        for path, reason in damaged:
            notify(f"{path.name} is damaged ({reason}); going on from {found.path.name}")
            remove(path)
    elif not (folder / BEGUN).exists():
        start_anew(output)
    return found, False


def check_identity(found: Dict[str, Any], wanted: Dict[str, Any], *, output: Path) -> None:
    """Compare a run with the one asked for.

    RAISES: ValueError naming the settings or files that differ.
    """
    keys = [key for key in sorted({*found, *wanted}) if found.get(key) != wanted.get(key)]
    if keys:
        parts = [f"{key} was {show(found.get(key))}, is {show(wanted.get(key))}" for key in keys[:NAMED]]
        more = f", and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
        raise ValueError(
            f"{output} holds a run of another configuration: {'; '.join(parts)}{more}. Go on with the configuration "
            "that it was started with, or name another folder."
        )


def finish(folder: Path, record: Dict[str, Any]) -> None:
    """Leave the record of a run that has ended, and remove its checkpoints."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / FINISHED, record)
    (folder / BEGUN).unlink(missing_ok=True)
    for path in [*list_folders(folder), *list_parts(folder)]:
        remove(path)


def list_parts(folder: Path) -> List[Path]:
    """What is left of checkpoints that a kill kept from being whole."""
    return list(folder.glob(f".{STEM}*.part"))


def list_folders(folder: Path) -> List[Path]:
    """The checkpoints in a folder, whole or damaged, the last one last."""
    return sorted(path for path in folder.glob(f"{STEM}*") if path.name[len(STEM) :].isdigit())


def digest_json(value: Any) -> str:
    """The SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value).encode("utf8")).hexdigest()


def remove(path: Path) -> None:
    """Remove a folder and what is in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)
