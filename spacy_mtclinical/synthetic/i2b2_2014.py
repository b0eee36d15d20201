"""i2b2 2014 as distributed: XML files of patients who come once or twice."""

from dataclasses import replace
from random import Random
from typing import Dict, Iterator

from ..formats import i2b2_phi_xml
from ..formats.records import Note
from . import identities, vocabulary
from .banks import fill
from .markup import annotate
from .narrative import GENDERS, write_narrative
from .plan import File, Item, Names, documents

FOLDERS = {"train": ("training-PHI-Gold-Set1", "training-PHI-Gold-Set2"), "test": ("testing-PHI-Gold-fixed",)}
VISITS = 2  # a patient


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the two training sets and the test set."""
    names = Names(rng)
    patient = ""
    memory: Dict[str, str] = {}
    for item in documents(size=size, train=60, held=16):
        visit = item.number % VISITS
        if visit == 0:
            patient = names.draw(lambda rng: f"{rng.randint(100, 9_999)}", split=item.split, key=str)
            memory = {}
        note = write_note(item, doc_id=f"{patient}-{visit + 1:02d}", rng=rng, memory=memory)
        folders = FOLDERS["test" if item.split == "test" else "train"]
        folder = folders[item.number // VISITS % len(folders)]
        yield File(f"{folder}/{note.id}.xml", i2b2_phi_xml.write(note), 1)


def write_note(item: Item, *, doc_id: str, rng: Random, memory: Dict[str, str]) -> Note:
    """Write a note; its text begins with empty lines, as in the files.

    memory: What all notes of the patient share.
    """
    words = {**vocabulary.SHARED, **identities.SHARED}
    words.update({**vocabulary.TRAIN, **identities.TRAIN} if item.is_train else {**vocabulary.HELD, **identities.HELD})
    sections = identities.TRAIN_NOTES if item.is_train else identities.HELD_NOTES
    lines = write_narrative(sections, words, rng=rng, share=0.35, is_long=item.is_long, memory=memory)
    if item.number % 8 == 0:
        lines.insert(-1, fill(identities.WEEK, GENDERS[0], rng=rng))
    note = annotate("\n\n" + "\n".join(lines) + "\n", doc_id=doc_id, prefix="P", first=0)
    annotations = (replace(a, attributes={"comment": ""}) for a in note.annotations)
    return replace(note, annotations=tuple(annotations))
