"""What trained single-task pipelines say of training examples, for all tasks' student to learn from.

Clark et al. 2019, "BAM! Born-Again Multi-Task Networks": at first the student learns its teachers' scores, and in
the end the gold alone (teacher annealing).
"""

from typing import Mapping, Sequence

import torch
from spacy.tokens import Doc
from spacy.util import logger

from .documents import ADVICE
from .loading import find_component, load_pipeline
from .memory import choose_budget
from .prediction import score_examples


def ask_teachers(
    examples: Mapping[str, Sequence[Doc]], teachers: Mapping[str, str], labels: Mapping[str, Sequence[str]]
) -> None:
    """Write into the training examples of each task that has a teacher, in `Doc.user_data`, how that scores them.

    teachers: Task to a trained pipeline that has a head for it, a package or a folder.
    labels: Task to labels, as the student has them; empty for numbers.
    RAISES: OSError where there is no such pipeline; ValueError where it lacks the head or its labels are others.
    """
    for task, name in teachers.items():
        with torch.random.fork_rng(devices=[]):  # loading draws weights, and has no say in what is learnt
            component = find_component(load_pipeline(name))
        if task not in component.tasks:
            raise ValueError(f"The teacher {name} has no head for '{task}', only for {component.tasks}.")
        theirs = component.label_data[task]
        if list(theirs) != list(labels.get(task, [])):
            raise ValueError(
                f"The teacher {name} was trained for the labels {list(theirs)}, the corpus has "
                f"{list(labels.get(task, []))}. Train the teacher on the same corpus."
            )
        docs, budget = examples.get(task, ()), choose_budget(component.budget)
        logger.info("Task %s: its teacher scores %s training windows, once", task, f"{len(docs):,}")
        for doc, scores in zip(docs, score_examples(component.model, docs, task, budget=budget)):
            doc.user_data[ADVICE] = scores.astype("float16")
