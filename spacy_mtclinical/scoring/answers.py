"""Answers of pair tasks: accuracy of labels, Pearson's r of numbers."""

from typing import Any, Dict, List

import numpy
from spacy.training import Example

from ..documents import EXTENSION


def score_accuracy(examples: List[Example], task: str) -> Dict[str, Any]:
    """The share of pairs whose most probable label is the gold one; None where there are no pairs.

    A pair without an answer counts as wrong.
    """
    if not examples:
        return {"acc": None}
    right = 0
    for eg in examples:
        gold = eg.reference._.get(EXTENSION)[task]
        guess = eg.predicted._.get(EXTENSION).get(task)
        right += bool(guess) and best_label(guess) == best_label(gold)
    return {"acc": right / len(examples)}


def best_label(answer: Dict[str, float]) -> str:
    """The most probable label."""
    return max(answer, key=lambda label: answer[label])


def score_pearson(examples: List[Example], task: str) -> Dict[str, Any]:
    """Pearson's correlation of predicted and gold numbers.

    None where there are fewer than two pairs, or the gold is constant; 0 where the predictions are.
    RAISES: ValueError if a pair has no answer: leaving it out would flatter the figure.
    """
    gold = numpy.array([eg.reference._.get(EXTENSION)[task] for eg in examples], dtype="float64")
    if len(gold) < 2 or gold.std() == 0:
        return {"pearson": None}
    answers = [eg.predicted._.get(EXTENSION).get(task) for eg in examples]
    if None in answers:
        raise ValueError(f"Task '{task}': {answers.count(None)} of {len(answers)} pairs have no predicted number.")
    guess = numpy.array(answers, dtype="float64")
    if guess.std() == 0:
        return {"pearson": 0.0}
    return {"pearson": float(numpy.corrcoef(gold, guess)[0, 1])}
