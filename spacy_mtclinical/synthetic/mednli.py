"""MedNLI as distributed: JSON lines in three splits, a premise of a note and a sentence about it.

A statement that the premise makes is entailed, its denial contradicts it, another statement is neutral.
"""

import json
from dataclasses import replace
from random import Random
from typing import Dict, Iterator, List, Tuple

from ..formats import nli_jsonl
from ..formats.records import Pair
from .banks import Bank, fill
from .narrative import GENDERS, capitalise
from .plan import File, Names, scaled
from .vocabulary import HELD, SHARED, TRAIN

LABELS = ("entailment", "contradiction", "neutral")
Statements = Dict[str, Dict[str, Tuple[str, ...]]]  # slot, then label, to sentences

TRAIN_PREMISES = (
    "{He} was admitted with {p#1} and was treated with {drug#1} .",
    "{age} year old {man} with {p#1} , on {drug#1} .",
    "{He} has a history of {p#1} and underwent {procedure#1} .",
    "{He} came to {dept} because of {p#1} and received {drug#1} {strength} .",
    "The {test} showed {p#1} , and {he} had {procedure#1} .",
    "{His} {p#1} improved after {drug#1} .",
    "Past medical history : {p#1} , status post {procedure#1} .",
    "In {dept} {he} was given {drug#1} for {p#1} .",
)
HELD_PREMISES = (
    "{He} presented to {dept} with {p#1} and was started on {drug#1} .",
    "This is a {age} year old {man} with a history of {p#1} who takes {drug#1} .",
    "{He} developed {p#1} after {procedure#1} .",
    "{His} medical problems include {p#1} , for which {he} received {drug#1} .",
    "{test} revealed {p#1} ; {procedure#1} was done .",
    "For {p#1} {he} was put on {drug#1} {often} .",
)
TRAIN_STATEMENTS: Statements = {
    "p#1": {
        "entailment": ("The patient has {p#1} .", "The patient suffers from {p#1} .", "{He} was found to have {p#1} ."),
        "contradiction": (
            "The patient denies {p#1} .",
            "The patient has no {p#1} .",
            "{He} never had {p#1} .",
            "There was no evidence of {p#1} .",
            "The patient does not suffer from {p#1} .",
        ),
    },
    "drug#1": {
        "entailment": (
            "The patient received {drug#1} .",
            "The patient takes a medication .",
            "{He} was given {drug#1} .",
        ),
        "contradiction": (
            "The patient did not receive {drug#1} .",
            "The patient has never taken {drug#1} .",
            "{He} takes no medication .",
            "The patient is not on {drug#1} .",
        ),
    },
    "procedure#1": {
        "entailment": ("The patient had {procedure#1} .", "The patient underwent a procedure ."),
        "contradiction": ("The patient did not have {procedure#1} .", "{He} has never undergone {procedure#1} ."),
    },
}
HELD_STATEMENTS: Statements = {
    "p#1": {
        "entailment": ("{He} has {p#1} .", "{He} suffers from {p#1} .", "The patient was diagnosed with {p#1} ."),
        "contradiction": ("{He} does not have {p#1} .", "{He} denies any {p#1} .", "No {p#1} was found ."),
    },
    "drug#1": {
        "entailment": ("{He} received {drug#1} .", "The patient is on {drug#1} .", "{He} takes a medication ."),
        "contradiction": ("{He} did not get {drug#1} .", "{He} has never received any {drug#1} ."),
    },
    "procedure#1": {
        "entailment": ("{He} underwent {procedure#1} .", "{He} had a procedure ."),
        "contradiction": ("{He} did not undergo {procedure#1} .", "The patient never had {procedure#1} ."),
    },
}
TRAIN_NEUTRAL = (
    "The patient has a family history of {disease} .",
    "The patient has {p} .",
    "{He} lives at home with {his} family .",
    "The patient smokes every day .",
    "{He} was given {drug} .",
    "{His} mother had {disease} .",
    "The patient will have {procedure} next month .",
    "{He} is allergic to {drug} .",
)
HELD_NEUTRAL = (
    "{He} has a family history of {disease} .",
    "The patient suffers from {p} .",
    "{He} lives alone .",
    "{He} is a smoker .",
    "The patient received {drug} .",
    "{His} father had {disease} .",
    "The patient is allergic to {drug} .",
)


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the three splits; each has some pairs without an agreed label."""
    names = Names(rng)
    for split, count in (("train", 500), ("dev", 100), ("test", 100)):
        pairs = [_draw(i, split=split, names=names) for i in range(scaled(count, size=size))]
        rng.shuffle(pairs)
        yield File(f"mli_{split}_v1.jsonl", _with_parses(nli_jsonl.write(pairs)), len(pairs))


def write_pair(label: str, *, is_train: bool, rng: Random, id_: str) -> Pair:
    """Write a pair with this label."""
    words: Bank = {**SHARED, **(TRAIN if is_train else HELD), **rng.choice(GENDERS)}
    statements = TRAIN_STATEMENTS if is_train else HELD_STATEMENTS
    memory: Dict[str, str] = {}
    premise = rng.choice(TRAIN_PREMISES if is_train else HELD_PREMISES)
    first = fill(premise, words, rng=rng, memory=memory)
    if label == "neutral":
        sentence = rng.choice(TRAIN_NEUTRAL if is_train else HELD_NEUTRAL)
    else:
        slot = rng.choice([slot for slot in statements if f"{{{slot}}}" in premise])
        sentence = rng.choice(statements[slot][label])
    second = fill(sentence, words, rng=rng, memory=memory)
    return Pair(id_, capitalise(first), capitalise(second), label)


def _draw(number: int, *, split: str, names: Names) -> Pair:
    def make(rng: Random) -> Pair:
        label = LABELS[number % len(LABELS)]
        return write_pair(label, is_train=split == "train", rng=rng, id_=f"{split}-{number}")

    pair = names.draw(make, split="test", key=lambda pair: f"{pair.first} {pair.second}", repeats=True)
    return replace(pair, answer=None) if number % 50 == 10 else pair


def _with_parses(data: str) -> str:
    """Add the parses that the distribution has and that this project does not read."""
    rows: List[str] = []
    for line in data.split("\n")[:-1]:
        row = json.loads(line)
        for key in ("sentence1", "sentence2"):
            words = row[key].split()
            row[f"{key}_parse"] = f"(ROOT (S {' '.join(f'(X {word})' for word in words)}))"
            row[f"{key}_binary_parse"] = f"{'( ' * (len(words) - 1)}{words[0]} {' ) '.join(words[1:])} )"
        rows.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(rows)
