"""A Doc's answers as one row of plain values, and the entities of many rows as a column of a table."""

import math
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

import numpy
from spacy.tokens import Doc

from ..documents import EXTENSION, PAIR, SCORES, SHORTENED
from ..scoring.tally import CLASSES, ENTITIES
from .items import Item
from .schema import ENTITIES_OF, ERROR, FIRST, PAIRS_OF, SECOND, TEXT
from .schema import SHORTENED as SHORTENED_OF

Row = Dict[str, Any]
DIGITS = 6  # of scores


class Entities(NamedTuple):
    """The entities of a task in a note. Shape of each: (entity,); the scores are None where they are not known."""

    starts: List[int]
    ends: List[int]
    labels: List[str]
    scores: List[Optional[float]]
    texts: List[str]


def make_row(item: Item, doc: Doc, *, kinds: Mapping[str, str], with_text: bool) -> Row:
    """The row of an annotated item, as `schema.make_schema` describes it, save its identifier.

    kinds: Task to kind; each entity task has its place in the row of a note, also where nothing was found.
    """
    row: Row = {}
    if with_text:
        row.update(zip((TEXT,) if len(item.texts) == 1 else (FIRST, SECOND), item.texts))
    if len(item.texts) == 1:
        tasks = [task for task, kind in kinds.items() if kind == ENTITIES]
        row[ENTITIES_OF] = {task: read_entities(doc, task, with_text=with_text) for task in tasks}
    else:
        answers = doc._.get(EXTENSION)
        row[PAIRS_OF] = {task: read_answer(answers[task], kinds[task]) for task in kinds if task in answers}
        row[SHORTENED_OF] = [int(count) for count in doc.spans[PAIR].attrs.get(SHORTENED, (0, 0))]
    return row


def make_error_row(reason: str) -> Row:
    """The row of an item that could not be annotated, without its text."""
    return {ERROR: reason}


def read_entities(doc: Doc, task: str, *, with_text: bool) -> Entities:
    """The entities of a task; their scores are None where a later component changed the spans."""
    spans = list(doc.spans.get(task, ()))
    scores = doc.spans[task].attrs.get(SCORES, ()) if spans else ()
    if len(scores) != len(spans):
        scores = [None] * len(spans)
    return Entities(
        [span.start_char for span in spans],
        [span.end_char for span in spans],
        [span.label_ for span in spans],
        [None if score is None else float(score) for score in scores],
        [span.text for span in spans] if with_text else [],
    )


def list_entities(doc: Doc, task: str) -> List[Row]:
    """The entities of a task, without their text, each as a row of its own."""
    found = read_entities(doc, task, with_text=False)
    keys = ("start", "end", "label", "score")
    scores = [round_score(score) for score in found.scores]
    return [dict(zip(keys, entity)) for entity in zip(found.starts, found.ends, found.labels, scores)]


def make_entities_column(cells: Sequence[Optional[Mapping[str, Entities]]], kind: Any) -> Any:
    """The entities of many rows, None where a row has none, as an Arrow array.

    kind: Its type, see `schema.make_schema`.
    """
    import pyarrow as pa

    nothing = Entities([], [], [], [], [])
    columns = []
    for field in kind:
        found = [nothing if cell is None else cell[field.name] for cell in cells]
        entity = field.type.value_type
        scores = numpy.array([score for note in found for score in note.scores], dtype="float64").round(DIGITS)
        values = [
            pa.array([start for note in found for start in note.starts], pa.int32()),
            pa.array([end for note in found for end in note.ends], pa.int32()),
            pa.array([label for note in found for label in note.labels], pa.string()),
            pa.array(scores, pa.float64(), mask=~numpy.isfinite(scores)),
        ]
        if entity.num_fields > len(values):
            values.append(pa.array([text for note in found for text in note.texts], pa.string()))
        counts = numpy.cumsum([0, *(len(note.starts) for note in found)], dtype="int32")
        entities = pa.StructArray.from_arrays(values, fields=list(entity))
        columns.append(pa.ListArray.from_arrays(pa.array(counts), entities).cast(field.type))
    mask = pa.array([cell is None for cell in cells], pa.bool_())
    return pa.StructArray.from_arrays(columns, fields=list(kind), mask=mask)


def read_answer(answer: Any, kind: str) -> Any:
    """The answer of a pair task: label to probability, or a number."""
    if kind == CLASSES:
        return [(label, round_score(score)) for label, score in answer.items()]
    return round_score(answer)


def round_score(score: Any) -> Any:
    """A number with six digits; None for one that is not known or not finite."""
    return None if score is None or not math.isfinite(score) else round(float(score), DIGITS)
