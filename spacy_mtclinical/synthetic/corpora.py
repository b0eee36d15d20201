"""All eight corpora in a folder, and the record of what was written there."""

import math
import os
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Callable, Dict, Iterator

from . import i2b2_2010, i2b2_2012, i2b2_2014, mednli, medrqe, n2c2_2018, n2c2_2019, quaero_2014
from .plan import File

RECORD = ".mtclinical-synthetic"  # in the output folder: a line that says what it is, then each file's hash and place
PART = ".mtclinical-synthetic-part"  # the file being written
HEADER = "Invented corpora; the files below may be replaced by `python -m spacy mtclinical synthesize`."
WRITERS: Dict[str, Callable[..., Iterator[File]]] = {
    "n2c2_2019": n2c2_2019.files,
    "mednli": mednli.files,
    "medrqe": medrqe.files,
    "n2c2_2018": n2c2_2018.files,
    "i2b2_2014": i2b2_2014.files,
    "i2b2_2012": i2b2_2012.files,
    "i2b2_2010": i2b2_2010.files,
    "quaero_2014": quaero_2014.files,
}


def write_corpora(output: Path, *, size: float = 1.0, seed: int = 0) -> Dict[str, int]:
    """Write the eight corpora, each in a folder with its task's name, files named as distributed.

    Training documents and those of dev and test share no name, drug, problem, test or template. Where a
    corpus has no dev split, those of dev are the training documents that the converter sends there.

    output: The folder: new, empty, or one written before, whose files are replaced.
    size: 1.0 for about 90 notes an entity task and 700 pairs a pair task; other sizes in proportion.
    seed: The same gives the same files, byte for byte.
    RETURNS: How many documents or pairs each corpus has.
    RAISES: ValueError for a size that is not above 0; FileExistsError if the folder holds anything else.
    """
    if not (size > 0 and math.isfinite(size)):
        raise ValueError(f"Expected a size above 0, got {size}.")
    output = Path(output)
    clear(output)
    counts = {}
    with (output / RECORD).open("w", encoding="utf8", newline="\n") as record:
        record.write(f"{HEADER}\n")
        for name, files in WRITERS.items():
            counts[name] = 0
            for file in files(size=size, rng=Random(f"{name} {seed}")):
                data = file.text.encode("utf8")
                (output / PART).write_bytes(data)
                record.write(f"{sha256(data).hexdigest()} {name}/{file.path}\n")
                record.flush()  # before the file is there, so that a run cut short can be repeated
                path = output / name / file.path
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(output / PART, path)
                counts[name] += file.records
    return counts


def clear(output: Path) -> None:
    """Make the folder, or empty it of what an earlier run wrote.

    RAISES: FileExistsError if there is anything else in it, or a file was changed; nothing is removed then.
    """
    if output.exists() and not output.is_dir():
        raise FileExistsError(f"Expected a folder, got a file: {output}. Name another folder.")
    output.mkdir(parents=True, exist_ok=True)
    hashes = _read_record(output)
    present = sorted(path for path in output.rglob("*") if path.is_symlink() or not path.is_dir())
    foreign = [path for path in present if not _is_ours(path, output=output, hashes=hashes)]
    if foreign:
        raise FileExistsError(
            f"Expected a new or empty folder, or one written by synthesize, got {output} with {len(foreign)} other "
            f"or changed files ({foreign[0].relative_to(output)}). Name another folder, or move them away."
        )
    for path in sorted(present, key=lambda path: path.name == RECORD):  # last, for a run cut short
        path.unlink()


def _is_ours(path: Path, *, output: Path, hashes: Dict[str, str]) -> bool:
    """Whether an earlier run wrote the file and nobody changed it: real corpora can have the same names."""
    place = path.relative_to(output).as_posix()
    if place in (RECORD, PART):
        return bool(hashes) and not path.is_symlink()
    return not path.is_symlink() and hashes.get(place) == sha256(path.read_bytes()).hexdigest()


def _read_record(output: Path) -> Dict[str, str]:
    record = output / RECORD
    lines = record.read_text("utf8").split("\n") if record.is_file() else []
    if not lines or lines[0] != HEADER:
        return {}
    return {RECORD: "", **{place: code for code, _, place in (line.partition(" ") for line in lines[1:])}}
