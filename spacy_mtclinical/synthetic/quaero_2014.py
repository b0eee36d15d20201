"""QUAERO FrenchMed as distributed: brat files with CUIs, titles (MEDLINE) and leaflets (EMEA) in three splits."""

import zlib
from dataclasses import replace
from random import Random
from typing import Dict, Iterator, List

from ..formats import brat
from ..formats.records import Annotation, Note
from . import french
from .banks import fill
from .markup import annotate
from .narrative import capitalise
from .plan import File, Item, Names, documents


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write train, dev and test."""
    names = Names(rng)
    for subset, train, held in (("EMEA", 6, 2), ("MEDLINE", 480, 60)):
        for item in documents(size=size, train=train, held=held):
            doc_id = names.draw(_make_leaflet_id if subset == "EMEA" else _make_title_id, split="test", key=str)
            note = write_note(item, doc_id=doc_id, subset=subset, rng=rng)
            path = f"QUAERO_FrenchMed/corpus/{item.split}/{subset}/{doc_id}"
            yield File(f"{path}.txt", note.text, 1)
            yield File(f"{path}.ann", brat.write(note))


def write_note(item: Item, *, doc_id: str, subset: str, rng: Random) -> Note:
    """Write a leaflet, which begins with white space, or a title; the last title of training has no mention."""
    words = {**french.SHARED, **(french.TRAIN if item.is_train else french.HELD)}
    if subset == "EMEA":
        sentences = french.TRAIN_LEAFLET if item.is_train else french.HELD_LEAFLET
        again = [sentence for sentence in sentences if "#" not in sentence]  # discontinuous ones once
        rounds = [sentences, *[again] * (5 if item.is_train else 1)]
        order = [sentence for pool in rounds for sentence in rng.sample(pool, len(pool))]
        markup = "\n \n " + " \n ".join(_write(sentence, words, rng=rng) for sentence in order) + " \n"
    elif item.is_train and item.number == 1:
        markup = french.EMPTY
    else:
        titles = french.TRAIN_TITLES if item.is_train else french.HELD_TITLES
        markup = _write(titles[item.number % len(titles)], words, rng=rng)
    note = annotate(markup, doc_id=doc_id, subset=subset)
    return replace(note, annotations=tuple(map(_with_cuis, note.annotations)))


def _make_leaflet_id(rng: Random) -> str:
    return f"{rng.randint(100, 99_999)}_{rng.randint(1, 4)}"


def _make_title_id(rng: Random) -> str:
    return str(rng.randint(100_000, 99_999_999))


def _write(sentence: str, words: french.Bank, *, rng: Random) -> str:
    return capitalise(french.elide(fill(sentence, words, rng=rng)))


def _with_cuis(annotation: Annotation) -> Annotation:
    """Note a CUI, of some mentions two; the same mention always has the same."""
    code = zlib.crc32(annotation.text.lower().encode("utf8"))
    cuis: List[str] = [f"C{code % 10**7:07d}"]
    if code % 8 == 0:
        cuis.append(f"C{code // 8 % 10**7:07d}")
    attributes: Dict = {"notes": [" ".join(cuis)]}
    return replace(annotation, attributes=attributes)
