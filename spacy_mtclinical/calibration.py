"""Temperatures: what the scores of a head are divided by, so that they can be believed (Guo et al. 2017).

One number a head, fitted on documents with gold. The best labels of pairs stay what they were; of spans nearly all do.
"""

import random
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.training import Example

from .annotations import name_answers, write_spans
from .component import MultitaskClinical
from .documents import EXTENSION
from .memory import choose_budget
from .model import find_bounds, get_heads
from .prediction import Reading, join_notes, read_rounds, score_examples, share_out
from .scoring.calibration import PAIRS, SPANS, list_bins, score_answers, score_spans
from .tags import log_softmax

COARSE = numpy.geomspace(0.2, 5.0, 9)  # steps of a factor 1.5
FINE = numpy.geomspace(1 / 1.5, 1.5, 9)  # around the best of them, steps of 11 %
Scored = Tuple[float, bool]  # the score of an answer, whether it is right


class Calibration(NamedTuple):
    """A fitted temperature. before, after: Expected calibration errors on documents that it was not fitted on."""

    temperature: float
    before: Optional[float]
    after: Optional[float]
    fitted: int
    measured: int


def calibrate_task(
    component: MultitaskClinical, task: str, examples: Sequence[Example], *, seed: int = 0
) -> Calibration:
    """Fit the temperature of a head on one half of some documents and measure it on the other.

    RAISES: ValueError for fewer than two documents, or a head that gives numbers.
    """
    if find_bounds(get_heads(component.model)[task]) is not None:
        raise ValueError(f"Task '{task}' gives numbers, which have no probability to calibrate. Leave it out.")
    if len(examples) < 2:
        raise ValueError(f"Task '{task}': expected two documents at least, got {len(examples)}.")
    order = random.Random(seed).sample(list(examples), len(examples))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    fit, measure = (make_answerer(component, task, half) for half in halves)
    temperature = fit_temperature(fit)
    now = component.cfg["temperatures"].get(task, 1.0)
    before, after = (find_error(measure(value), component, task) for value in (now, temperature))
    return Calibration(temperature, before, after, fitted=len(halves[0]), measured=len(halves[1]))


def fit_temperature(answer: Callable[[float], Sequence[Scored]]) -> float:
    """Find the temperature under which right answers have high scores and wrong ones low: the least mean log loss.

    answer: Temperature to the scores of all answers, and whether they are right.
    RETURNS: 1 where there is no answer.
    Targets are smoothed (Platt 1999): answers that are all right would otherwise ask for a temperature of 0.
    """
    if not answer(1.0):
        return 1.0

    def find_loss(temperature: float) -> float:
        scores, right = (numpy.array(column, dtype="float64") for column in zip(*answer(float(temperature))))
        n_right = numpy.count_nonzero(right)
        target = numpy.where(right, (n_right + 1) / (n_right + 2), 1 / (len(right) - n_right + 2))
        scores = numpy.clip(scores, 1e-6, 1 - 1e-6)
        return float(-(target * numpy.log(scores) + (1 - target) * numpy.log(1 - scores)).mean())

    best = min(COARSE, key=find_loss)
    return float(min(best * FINE, key=find_loss))


def make_answerer(
    component: MultitaskClinical, task: str, examples: Sequence[Example]
) -> Callable[[float], List[Scored]]:
    """Run the encoder over documents once; make the function that answers at any temperature."""
    model, labels = component.model, {task: component.label_data[task]}
    docs = [eg.predicted for eg in examples]
    scores = score_examples(model, docs, task, budget=choose_budget(component.budget))
    if get_heads(model)[task].attrs["reads"] == "pair":

        def answer_pairs(temperature: float) -> List[Scored]:
            for doc, row in zip(docs, scores):
                probabilities = numpy.exp(log_softmax(row / temperature))[0]
                doc._.set(EXTENSION, name_answers({task: probabilities}, labels))
            return list(score_answers(examples, task))

        return answer_pairs
    cutter = model.get_ref("encoder").attrs["get_cutter"](model.get_ref("encoder"))
    joined = join_notes(list(cutter.cut(docs)), [len(doc) for doc in docs])
    together = numpy.concatenate(scores)

    def answer_notes(temperature: float) -> List[Scored]:
        rounds = [together.copy()]
        found, _ = read_rounds(model, [task], rounds, joined, Reading(temperatures={task: temperature}))
        for doc, spans in zip(docs, share_out(found[task], joined)):
            write_spans(doc, task, spans, labels[task])
        return list(score_spans(examples, task))

    return answer_notes


def find_error(scored: Sequence[Scored], component: MultitaskClinical, task: str) -> Optional[float]:
    """The expected calibration error; None where there is no answer."""
    is_pair = get_heads(component.model)[task].attrs["reads"] == "pair"
    bins = list_bins(scored, definition=PAIRS if is_pair else SPANS)
    return float(bins["error"]) if bins else None


def set_temperatures(component: MultitaskClinical, temperatures: Mapping[str, float]) -> None:
    """Let a component answer at some temperatures from now on, also once saved and loaded again."""
    kept: Dict[str, float] = {**component.cfg["temperatures"], **temperatures}
    component.cfg["temperatures"] = {task: value for task, value in kept.items() if value != 1.0}
