"""ClinicalSTS 2019 as distributed: sentence pairs between tabs, the test scores in a file of their own.

A sentence makes five statements, each of another kind. One that the other sentence makes too (in the same or in other
words) is worth a point, one of the same kind about another thing half a point.
"""

from dataclasses import replace
from random import Random
from typing import Dict, Iterator, List, Tuple

from ..formats import sts_tsv
from ..formats.records import Pair
from .banks import Bank, fill
from .plan import File, Names, scaled
from .vocabulary import HELD, SHARED, TRAIN

STATEMENTS = 5  # a sentence; the highest score
Kinds = Tuple[Tuple[str, str], ...]  # two wordings a kind of statement

TRAIN_KINDS: Kinds = (
    ("seen for {disease#1}", "came because of {disease#1}"),
    ("takes {drug#2} daily", "on daily {drug#2}"),
    ("complains of {symptom#3}", "reports {symptom#3}"),
    ("underwent {procedure#4}", "had {procedure#4} done"),
    ("scheduled for {test#5}", "will return for {test#5}"),
    ("works as a {job#6}", "employed as a {job#6}"),
    ("allergic to {drug#7}", "allergy to {drug#7}"),
    ('asked about "{topic#8}"', 'was told about "{topic#8}"'),
    ("normal {lab#9}", "{lab#9} in the normal range"),
    ("lives with {relative#10}", "shares a home with {relative#10}"),
)
HELD_KINDS: Kinds = (
    ("treated for {disease#1}", "admitted with {disease#1}"),
    ("takes {drug#2} at night", "uses {drug#2} at bedtime"),
    ("has {symptom#3}", "suffers from {symptom#3}"),
    ("has had {procedure#4}", "was given {procedure#4}"),
    ("needs another {test#5}", "waiting for {test#5}"),
    ("retired {job#6}", "used to work as a {job#6}"),
    ("must not take {drug#7} (allergy)", "known allergy to {drug#7}"),
    ('worried about "{topic#8}"', 'wants to know about "{topic#8}"'),
    ("high {lab#9}", "elevated {lab#9}"),
    ("cared for by {relative#10}", "supported by {relative#10}"),
)
PEOPLE_TRAIN: Bank = {"job": ("nurse", "farmer", "driver", "cook"), "relative": ("a son", "a sister", "two friends")}
PEOPLE_HELD: Bank = {"job": ("teacher", "painter", "clerk"), "relative": ("a daughter", "a brother", "neighbours")}


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the training pairs, the test pairs and their scores; dev is what the converter's rule says."""
    names = Names(rng)
    train = _draw(scaled(500, size=size), split="train", names=names)
    train += _draw(scaled(100, size=size), split="dev", names=names)
    test = _draw(scaled(100, size=size), split="test", names=names)
    yield File("clinicalSTS2019.train.txt", sts_tsv.write(train), len(train))
    yield File("clinicalSTS2019.test.txt", sts_tsv.write([replace(pair, answer=None) for pair in test]), len(test))
    yield File("clinicalSTS2019.test.gs.sim.txt", sts_tsv.write_scores(test))


def write_pair(halves: int, *, is_train: bool, rng: Random) -> Pair:
    """Write a pair.

    halves: The score in half points, 0 to 10.
    """
    words: Bank = {**SHARED, **({**TRAIN, **PEOPLE_TRAIN} if is_train else {**HELD, **PEOPLE_HELD})}
    kinds = TRAIN_KINDS if is_train else HELD_KINDS
    order = rng.sample(range(len(kinds)), len(kinds))
    similar = rng.choice([n for n in range(halves % 2, 4, 2) if n <= halves and (halves + n) // 2 <= STATEMENTS])
    same = (halves - similar) // 2
    memory: Dict[str, str] = {}
    first = [fill(rng.choice(kinds[i]), words, rng=rng, memory=memory) for i in order[:STATEMENTS]]
    second = [fill(rng.choice(kinds[i]), words, rng=rng, memory=memory) for i in order[:same]]
    others = _without(words, memory)
    rest = order[same : same + similar] + order[STATEMENTS : 2 * STATEMENTS - same - similar]
    second += [fill(rng.choice(kinds[i]), others, rng=rng) for i in rest]
    return Pair("", _join(first, rng=rng), _join(second, rng=rng), halves / 2)


def _without(words: Bank, memory: Dict[str, str]) -> Bank:
    """The bank without the fillers that are used."""
    used = set(memory.values())
    return {slot: tuple(filler for filler in fillers if filler not in used) for slot, fillers in words.items()}


def _join(statements: List[str], *, rng: Random) -> str:
    return f"Patient {', '.join(rng.sample(statements, len(statements)))}."


def _draw(count: int, *, split: str, names: Names) -> List[Pair]:
    def make(rng: Random) -> Pair:
        return write_pair(len(pairs) % (2 * STATEMENTS + 1), is_train=split == "train", rng=rng)

    pairs: List[Pair] = []
    while len(pairs) < count:
        pairs.append(names.draw(make, split=split, key=lambda pair: pair.first, repeats=True))
    return names.rng.sample(pairs, len(pairs))
