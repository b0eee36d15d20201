"""What trained single-task pipelines say of training examples, for all tasks' student to learn from.

Clark et al. 2019, "BAM! Born-Again Multi-Task Networks": at first the student learns its teachers' scores, and in
the end the gold alone (teacher annealing).
"""

from typing import List, Mapping, Sequence, Union

from spacy.tokens import Doc

from .arrays import Floats2d
from .documents import ADVICE
from .loading import find_component, load_pipeline
from .memory import choose_budget
from .prediction import score_examples


def ask_teachers(
    examples: Mapping[str, Sequence[Doc]],
    teachers: Mapping[str, Union[str, Sequence[str]]],
    labels: Mapping[str, Sequence[str]],
) -> None:
    """Write into the training examples of each task that has a teacher, in `Doc.user_data`, how that scores them.

    teachers: Task to a trained pipeline that has a head for it, a package or a folder, or to several: then the mean of
        their scores is taken, which is the geometric mean of the probabilities that they give.
    labels: Task to labels, as the student has them; empty for numbers.
    RAISES: OSError where there is no such pipeline; ValueError where it lacks the head or its labels are others, or for
        an empty list.
    """
    for task, named in teachers.items():
        names = [named] if isinstance(named, str) else list(named)
        if not names:
            raise ValueError(f"Task '{task}' expected a teacher, got an empty list. Name one, or leave the task out.")
        docs = examples.get(task, ())
        advice = [ask(name, task, docs, labels=labels.get(task, [])) for name in names]
        for doc, scores in zip(docs, zip(*advice)):
            doc.user_data[ADVICE] = (sum(scores) / len(scores)).astype("float16")


def ask(name: str, task: str, docs: Sequence[Doc], *, labels: Sequence[str]) -> List[Floats2d]:
    """What one teacher says of training examples. Shape of each: (position, output)."""
    component = find_component(load_pipeline(name))
    if task not in component.tasks:
        raise ValueError(f"The teacher {name} has no head for '{task}', only for {component.tasks}.")
    theirs = component.label_data[task]
    if list(theirs) != list(labels):
        raise ValueError(
            f"The teacher {name} was trained for the labels {list(theirs)}, the corpus has {list(labels)}. Train the "
            "teacher on the same corpus."
        )
    return score_examples(component.model, docs, task, budget=choose_budget(component.budget))
