"""A smaller suite, drawn once: whole documents of each task, seeded, the smaller draw part of the larger."""

import random
import shutil
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import spacy
from spacy.tokens import Doc

from ..corpus import LABELS, find_tasks
from ..docbins import make_docbin, read_docs
from ..documents import SUBSET
from ..fingerprints import fingerprint
from ..outputs import read_json, write_json

DRAWN = "drawn.json"


class Size(NamedTuple):
    """How much is drawn. train: share of the training documents; dev: dev documents a task at most, None for all."""

    train: float
    dev: Optional[int]
    seed: int

    @property
    def is_whole(self) -> bool:
        return self.train >= 1.0 and self.dev is None


def draw_suite(corpus: Path, folder: Path, *, tasks: Sequence[str], size: Size, unscored: Sequence[str] = ()) -> Path:
    """Write the train and dev splits of a smaller suite, unless they are there.

    unscored: Tasks that are only trained on, which need no dev.
    Documents of each subset are drawn apart, so that a few long ones among many short ones keep their share.
    RETURNS: The folder to read; the corpus itself where all of it is wanted.
    RAISES: ValueError for a task without train or dev, a share that is none, or a folder drawn otherwise, or from a
        corpus that has changed since.
    """
    if not 0.0 < size.train <= 1.0:
        raise ValueError(f"--size expected a share above 0 and at most 1, got {size.train:g}.")
    for split in ("train", "dev"):
        find_tasks(corpus, split, tasks)
    if size.is_whole:
        return corpus
    asked: Dict[str, Any] = {"corpus": corpus.resolve().name, **size._asdict()}
    mark = folder / DRAWN
    found = read_json(mark) if mark.exists() else {**asked, "tasks": {}}
    if {key: found[key] for key in asked} != asked:
        raise ValueError(
            f"{folder} was drawn otherwise: {found['corpus']}, {found['train']:g} of train, "
            f"{found['dev'] or 'all'} of dev, seed {found['seed']}. Name another output folder."
        )
    for task in [*tasks, *unscored]:
        files = [corpus / task / name for name in ("train.spacy", "dev.spacy", LABELS)]
        source = fingerprint(*(file for file in files if file.exists()))
        if task not in found["tasks"]:
            counts = draw_task(corpus / task, folder / task, size=size)
            found["tasks"][task] = {"source": source, **counts}
            write_json(mark, found)
        elif found["tasks"][task]["source"] != source:
            raise ValueError(
                f"{folder} was drawn from another {task} than {corpus / task} is now. Name another output folder."
            )
    return folder


def draw_task(source: Path, target: Path, *, size: Size) -> Dict[str, int]:
    """Draw both splits of one task, or train where there is no dev. RETURNS: Split to documents."""
    target.mkdir(parents=True, exist_ok=True)
    counts = {}
    for split, share, most in (("train", size.train, None), ("dev", 1.0, size.dev)):
        if not (source / f"{split}.spacy").exists():
            continue
        docs = list(read_docs(source / f"{split}.spacy", spacy.blank("xx").vocab))
        if most is not None:
            share = min(1.0, most / max(1, len(docs)))
        drawn = draw_docs(docs, share=share, seed=f"{size.seed} {split}")
        make_docbin(drawn).to_disk(target / f"{split}.spacy")
        counts[split] = len(drawn)
    shutil.copyfile(source / LABELS, target / LABELS)
    return counts


def draw_docs(docs: List[Doc], *, share: float, seed: str) -> List[Doc]:
    """Draw a share of each subset, at least one document, in the order that they had."""
    subsets: Dict[str, List[int]] = {}
    for index, doc in enumerate(docs):
        subsets.setdefault(str(doc.user_data.get(SUBSET) or ""), []).append(index)
    kept: List[int] = []
    for name, indices in sorted(subsets.items()):
        random.Random(f"{seed} {name}").shuffle(indices)
        kept += indices[: max(1, round(share * len(indices)))]
    return [docs[index] for index in sorted(kept)]
