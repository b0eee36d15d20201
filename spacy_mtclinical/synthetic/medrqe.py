"""RQE as distributed: XML with questions of consumers (CHQ) and frequently asked ones (FAQ).

Who has the answer to an FAQ has one to the CHQ (true) if both ask the same of the same topic.
"""

from dataclasses import replace
from random import Random
from typing import Dict, Iterator, List, Tuple

from ..formats import rqe_xml
from ..formats.records import Pair
from .banks import Bank, fill
from .plan import File, Names, scaled
from .vocabulary import HELD, SHARED, TRAIN

Questions = Dict[str, Tuple[Tuple[str, ...], Tuple[str, ...]]]  # what is asked to CHQs and FAQs

TRAIN_QUESTIONS: Questions = {
    "treatment": (
        (
            "I was told that I have {topic#1} . what can I take for {topic#1}",
            "how can {topic#1} be treated in a {age} year old",
            "my son has {topic#1} , is there a cure for {topic#1} ?",
        ),
        ("What are the treatments for {topic#1} ?", "How is {topic#1} treated ?"),
    ),
    "cause": (
        (
            "why did I get {topic#1} ? nobody in my family has {topic#1}",
            "my doctor says it is {topic#1} . where does {topic#1} come from",
        ),
        ("What causes {topic#1} ?", "What are the causes of {topic#1} ?"),
    ),
    "symptom": (
        (
            "I think I have {topic#1} , how would I know that it is {topic#1} ?",
            "what are the signs of {topic#1} , I feel weak",
        ),
        ("What are the symptoms of {topic#1} ?", "What does {topic#1} look like ?"),
    ),
    "heredity": (
        (
            "my mother has {topic#1} . will my children get {topic#1}",
            "both my aunts have {topic#1} , am I at risk of {topic#1} too ?",
        ),
        ("Is {topic#1} inherited ?", "Who is at risk for {topic#1} ?"),
    ),
    "prevention": (
        (
            "how do I avoid {topic#1} in the future ?",
            "can my husband do something so that {topic#1} does not come back",
        ),
        ("How can {topic#1} be prevented ?", "Can you prevent {topic#1} ?"),
    ),
}
HELD_QUESTIONS: Questions = {
    "treatment": (
        (
            "I have had {topic#1} for years . is there a drug for {topic#1} ?",
            "my wife needs help with {topic#1} , how to treat {topic#1}",
        ),
        ("What is the treatment for {topic#1} ?", "Which medicines help against {topic#1} ?"),
    ),
    "cause": (
        (
            "what can be the reason for {topic#1} ? I have {topic#1}",
            "our baby has {topic#1} and I want to know why {topic#1} happens",
        ),
        ("Why do people get {topic#1} ?", "What is the cause of {topic#1} ?"),
    ),
    "symptom": (
        ("could it be {topic#1} ? tell me the first signs of {topic#1}", "how does one feel with {topic#1}"),
        ("What are common symptoms of {topic#1} ?", "What are the signs of {topic#1} ?"),
    ),
    "heredity": (
        (
            "my grandfather had {topic#1} , can {topic#1} be passed on ?",
            "is my daughter likely to have {topic#1} if I have {topic#1}",
        ),
        ("Does {topic#1} run in families ?", "Is {topic#1} genetic ?"),
    ),
    "prevention": (
        ("please tell me what to do against getting {topic#1} again", "can a diet keep me from {topic#1} ?"),
        ("How do you prevent {topic#1} ?", "What protects from {topic#1} ?"),
    ),
}
OPENINGS = ("", "", "hello , ", "hi doctor , ", "please help me . ")


def files(*, size: float, rng: Random) -> Iterator[File]:
    """Write the training and the test pairs; dev is the part of the training file that the converter's rule says."""
    names = Names(rng)
    train = _draw(scaled(500, size=size), split="train", names=names)
    train += _draw(scaled(100, size=size), split="dev", names=names)
    train.append(replace(train[0], second=train[0].second))
    train.append(replace(train[1], second=""))
    for pairs, split in ((train, "train"), (_draw(scaled(100, size=size), split="test", names=names), "test")):
        numbered = [replace(pair, id=str(number)) for number, pair in enumerate(pairs, 1)]
        text = rqe_xml.write(numbered, root=f"RQE-med-{split}")
        yield File(f"RQE_{split}_pairs_AMIA2016.xml", text, len(pairs))


def write_pair(answer: str, *, is_train: bool, rng: Random) -> Pair:
    """Write a pair with this answer, its texts padded."""
    words: Bank = {**SHARED, **(TRAIN if is_train else HELD)}
    questions = TRAIN_QUESTIONS if is_train else HELD_QUESTIONS
    memory: Dict[str, str] = {}
    asked, other = rng.sample(list(questions), 2)
    first = rng.choice(OPENINGS) + fill(rng.choice(questions[asked][0]), words, rng=rng, memory=memory)
    if answer == "true":
        second = fill(rng.choice(questions[asked][1]), words, rng=rng, memory=memory)
    else:
        topics = tuple(topic for topic in words["topic"] if topic not in memory.values())
        second = fill(rng.choice(questions[other][1]), {**words, "topic": topics}, rng=rng)
    return Pair("", f" {first} ", f"\n {second} ", answer, {"type": "originalQ-shortQ"})


def _draw(count: int, *, split: str, names: Names) -> List[Pair]:
    def make(rng: Random) -> Pair:
        return write_pair(("true", "false")[len(pairs) % 2], is_train=split == "train", rng=rng)

    pairs: List[Pair] = []
    while len(pairs) < count:
        pairs.append(names.draw(make, split=split, key=lambda pair: pair.first, repeats=True))
    return names.rng.sample(pairs, len(pairs))
