"""i2b2 2010 as distributed: tokenised text with concept, assertion and relation files."""

import re
from dataclasses import replace
from random import Random
from typing import Iterator, List

from ..formats import i2b2_concept
from ..formats.records import Note
from . import narrative
from .banks import Bank, digits
from .markup import annotate
from .plan import File, Item, Names, documents
from .vocabulary import HELD, SHARED, TRAIN

LABELS = {"P": "problem", "T": "treatment", "S": "test"}
LONG_MENTION = re.compile(r"(\[[PTS](?:=\S+)? [^\[\] ]+) ([^\[\]]+\])")
RELATIONS = {("treatment", "problem"): "TrAP", ("test", "problem"): "TeRP", ("problem", "problem"): "PIP"}


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the two training folders and the test folders."""
    names = Names(rng)
    for item in documents(size=size, train=60, held=15):
        note = write_note(item, doc_id=_name(item, names=names), rng=rng)
        concepts = i2b2_concept.write(note).split("\n")[:-1]  # a line an annotation, in order
        relations = _relations(note, concepts)
        assertions = [
            f'{line}||a="{annotation.attributes.get("value", "present")}"'
            for line, annotation in zip(concepts, note.annotations)
            if annotation.label == "problem"
        ]
        if item.is_train and item.number % 9 == 1:
            concepts.insert(1, concepts[0])
        if item.split == "test":
            text, standard, concept = "test_data", "reference_standard_for_test_data", "concepts"
        else:
            root = "concept_assertion_relation_training_data"
            standard, concept = f"{root}/{'beth' if note.id.startswith('record') else 'partners'}", "concept"
            text = f"{standard}/txt"
        yield File(f"{text}/{note.id}.txt", note.text, 1)
        yield File(f"{standard}/{concept}/{note.id}.con", _join(concepts))
        yield File(f"{standard}/ast/{note.id}.ast", _join(assertions))
        yield File(f"{standard}/rel/{note.id}.rel", _join(relations))


def write_note(item: Item, *, doc_id: str, rng: Random) -> Note:
    """Write a note, some with lines that begin with a space and with a concept on two lines."""
    sections, bank = (narrative.TRAIN, TRAIN) if item.is_train else (narrative.HELD, HELD)
    words: Bank = {**SHARED, **bank}
    lines = ["Admission Date :", digits(f"{rng.randint(2031, 2069)}-03-1~", rng=rng)]
    lines += narrative.write_narrative(sections, words, rng=rng, is_long=item.is_long)
    if item.is_train and item.number % 8 == 2:
        lines.append('There was [P a " pins and needles " sensation] .')
    for i in rng.sample(range(2, len(lines)), 2) if item.number % 3 == 0 else ():
        lines[i] = " " + lines[i]
    broken = [i for i, line in enumerate(lines) if LONG_MENTION.search(line)]
    for i in rng.sample(broken, 1) if item.number % 4 == 0 else ():
        lines[i] = LONG_MENTION.sub(r"\1\n\2", lines[i], count=1)
    note = annotate("\n".join(lines).replace("&apos;", "'") + "\n", doc_id=doc_id)
    kept = (replace(a, label=LABELS[a.label]) for a in note.annotations if a.label in LABELS)
    return replace(note, annotations=tuple(kept))


def _name(item: Item, *, names: Names) -> str:
    def make(rng: Random) -> str:
        if item.split == "test":
            return f"{rng.randrange(10_000):04d}"
        return f"record-{rng.randint(100, 99_999)}" if item.number % 2 else f"{rng.randrange(10**9):09d}"

    return names.draw(make, split=item.split, key=str)


def _relations(note: Note, concepts: List[str]) -> List[str]:
    """Relate neighbours on a line, as the distribution does in files that this project does not read."""
    related = []
    for i, (first, second) in enumerate(zip(note.annotations, note.annotations[1:])):
        kind = RELATIONS.get((first.label, second.label))
        if kind and "\n" not in note.text[first.start : second.end]:
            ends = [concept.rpartition("||")[0] for concept in concepts[i : i + 2]]
            related.append(f'{ends[0]}||r="{kind}"||{ends[1]}')
    return related


def _join(lines: List[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
