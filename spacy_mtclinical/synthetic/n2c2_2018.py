"""n2c2 2018 track 2 as distributed: brat files, wrapped text, relations before or after the mentions."""

import re
from dataclasses import replace
from random import Random
from typing import Iterator, List, Tuple

from ..formats import brat
from ..formats.records import Annotation, Fragment, Note
from . import medication
from .banks import fill
from .markup import annotate
from .narrative import capitalise, write_narrative
from .plan import File, Item, Names, documents
from .vocabulary import HELD, SHARED, TRAIN

WIDTH = 76  # characters a line


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the training folder and the gold-standard test folder."""
    names = Names(rng)
    for item in documents(size=size, train=60, held=15):
        doc_id = names.draw(lambda rng: str(rng.randint(100_000, 199_999)), split=item.split, key=str)
        note = write_note(item, doc_id=doc_id, rng=rng)
        folder = "gold-standard-test-data/test" if item.split == "test" else "training_20180910"
        blocks = ["".join(f"{line}\n" for line in relations(note)), brat.write(note)]
        yield File(f"{folder}/{doc_id}.txt", note.text, 1)
        yield File(f"{folder}/{doc_id}.ann", "".join(blocks if item.number % 2 else reversed(blocks)))


def write_note(item: Item, *, doc_id: str, rng: Random) -> Note:
    """Write a note; a mention across a line end has two fragments, in some a span is both ADE and Reason."""
    sections, bank = (medication.TRAIN, TRAIN) if item.is_train else (medication.HELD, HELD)
    words = {**SHARED, **bank}
    lines = write_narrative(sections, words, rng=rng, share=0.4, is_long=item.is_long)
    if item.number % 10 == 0:
        both = medication.BOTH["train" if item.is_train else "held"]
        lines.append(capitalise(fill(both, words, rng=rng)))
    note = annotate("\n".join(lines) + "\n", doc_id=doc_id)
    text = wrap(note.text, width=WIDTH)
    return replace(note, text=text, annotations=tuple(break_at_lines(text, a) for a in note.annotations))


def wrap(text: str, *, width: int) -> str:
    """Replace spaces by line ends so that lines are no longer than `width` where they can be; offsets stay."""
    lines = []
    for line in text.split("\n"):
        while len(line) > width and " " in line[1:width]:
            cut = line.rindex(" ", 1, width)
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


def break_at_lines(text: str, annotation: Annotation) -> Annotation:
    """Cut the fragments of a mention where a line ends."""
    fragments: List[Fragment] = []
    for start, end in annotation.fragments:
        fragments += [match.span() for match in re.compile(r"[^\n]+").finditer(text, start, end)]
    stated = " ".join(text[start:end] for start, end in fragments)
    return replace(annotation, fragments=tuple(fragments), text=stated)


def relations(note: Note) -> List[str]:
    """Relate each attribute to the nearest drug, those before it first."""
    drugs = [annotation for annotation in note.annotations if annotation.label == "Drug"]
    lines: List[str] = []
    for annotation in note.annotations:
        if annotation.label != "Drug" and drugs:
            drug = min(drugs, key=lambda drug: _distance(annotation, drug))
            lines.append(f"R{len(lines) + 1}\t{annotation.label}-Drug Arg1:{annotation.id} Arg2:{drug.id}")
    return lines


def _distance(annotation: Annotation, drug: Annotation) -> Tuple[int, bool]:
    return abs(annotation.start - drug.start), drug.start > annotation.start
