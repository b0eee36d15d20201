"""A Doc's answers as one row of plain values, and the column of a table back to such rows."""

import math
from typing import Any, Dict, List, Mapping

from spacy.tokens import Doc

from ..documents import EXTENSION, PAIR, SCORES, SHORTENED
from ..scoring.tally import CLASSES, ENTITIES
from .items import Item
from .schema import ENTITIES_OF, ERROR, FIRST, PAIRS_OF, SECOND, TEXT
from .schema import SHORTENED as SHORTENED_OF

Row = Dict[str, Any]
DIGITS = 6  # of scores


def make_row(item: Item, doc: Doc, *, kinds: Mapping[str, str], with_text: bool) -> Row:
    """The row of an annotated item, as `schema.make_schema` describes it, save its identifier.

    kinds: Task to kind; each entity task has its place in the row of a note, also where nothing was found.
    """
    row: Row = {}
    if with_text:
        row.update(zip((TEXT,) if len(item.texts) == 1 else (FIRST, SECOND), item.texts))
    if len(item.texts) == 1:
        tasks = [task for task, kind in kinds.items() if kind == ENTITIES]
        row[ENTITIES_OF] = {task: list_entities(doc, task, with_text=with_text) for task in tasks}
    else:
        answers = doc._.get(EXTENSION)
        row[PAIRS_OF] = {task: read_answer(answers[task], kinds[task]) for task in kinds if task in answers}
        row[SHORTENED_OF] = [int(count) for count in doc.spans[PAIR].attrs.get(SHORTENED, (0, 0))]
    return row


def make_error_row(reason: str) -> Row:
    """The row of an item that could not be annotated, without its text."""
    return {ERROR: reason}


def list_entities(doc: Doc, task: str, *, with_text: bool) -> List[Row]:
    """The entities of a task; the score is None where a later component changed the spans."""
    spans = list(doc.spans.get(task, ()))
    scores = doc.spans[task].attrs.get(SCORES, ()) if spans else ()
    found = []
    for span, score in zip(spans, scores if len(scores) == len(spans) else [None] * len(spans)):
        entity = {"start": span.start_char, "end": span.end_char, "label": span.label_, "score": round_score(score)}
        found.append({**entity, "text": span.text} if with_text else entity)
    return found


def read_answer(answer: Any, kind: str) -> Any:
    """The answer of a pair task: label to probability, or a number."""
    if kind == CLASSES:
        return [(label, round_score(score)) for label, score in answer.items()]
    return round_score(answer)


def round_score(score: Any) -> Any:
    """A number with six digits; None for one that is not known or not finite."""
    return None if score is None or not math.isfinite(score) else round(float(score), DIGITS)
