"""Arrow batch of notes in, Arrow batch of notes without what identifies a patient out: a row each, whatever happens.

What is written for a note follows from the note, the pipeline, the policy and the secret alone: notes of a patient may
be done in any order, in any batches, by any process.
"""

import json
from collections import Counter
from functools import lru_cache, partial
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from spacy.language import Language

from ..bulk.answers import answer_items
from ..loading import find_component, load_pipeline
from ..outputs import format_line
from .keys import Derive, Secret, make_derive
from .mentions import ask_candidates, candidates, compute_exactly, find_mentions
from .notes import Columns, Note, read_notes
from .patients import compile_pattern, find_patient
from .policies import Policy, deidentify
from .replacement import Deidentified
from .writing import guard

Row = Dict[str, Any]
DIGITS = 16  # of a pseudonym, hexadecimal
MAP, COUNTS = PRIVATE = ("_mtclinical_map", "_mtclinical_counts")  # columns that are no part of the output


class Job(NamedTuple):
    """What is done with each note.

    model, gpu_id: The pipeline, an installed package or a folder, and the device, see `loading.load_pipeline`.
    task: Whose spans identify.
    fields: Arrow fields of the columns that are kept.
    pattern: Of the patient in a note's name.
    rename: Whether notes get other names, derived from the secret.
    guard: Whether they go to a table that a spreadsheet may open, see `writing.guard`.
    map_text: Whether the map has the mentions themselves.
    batch_size: Notes a batch of `nlp.pipe`; the pipeline's own if None.
    stamp: See `pipelines.stamp_pipeline`: a process that holds an earlier pipeline of the same name loads this one.
    """

    model: str
    task: str
    policy: Policy
    columns: Columns = Columns()
    fields: Tuple[Any, ...] = ()
    secret: Optional[Secret] = None
    pattern: Optional[str] = None
    rename: bool = False
    guard: bool = False
    map_text: bool = False
    batch_size: Optional[int] = None
    gpu_id: int = -1
    stamp: Optional[str] = None


class Outcome(NamedTuple):
    """What became of a note: the row to be written, how its text was changed, None where it failed, whose it is."""

    note: Note
    row: Row
    done: Optional[Deidentified]
    has_patient: bool


def make_batch_deidentifier(job: Job) -> Callable[[Any], Any]:
    """Make the function from Arrow batch to Arrow batch; it can be pickled and holds no pipeline."""
    return partial(deidentify_batch, job=job)


def make_columns(job: Job) -> Any:
    """The schema of what `deidentify_batch` gives: what is written, then the map's line and the counts as JSON."""
    import pyarrow as pa

    own = ["id", "text", *(["patient"] if job.secret is not None else [])]
    text = pa.string()
    return pa.schema(
        [
            *(pa.field(name, text) for name in own),
            *job.fields,
            *(pa.field(name, text) for name in ("error", *PRIVATE)),
        ]
    )


def deidentify_batch(batch: Any, *, job: Job) -> Any:
    """De-identify a batch of an input, see `make_columns`. RAISES: OSError or ValueError for the pipeline."""
    import pyarrow as pa

    nlp = get_pipeline(job.model, job.gpu_id, job.task, job.policy.threshold, job.stamp)
    derive = None if job.secret is None else make_derive(job.secret.reveal())
    notes = read_notes(batch, job.columns)
    with nlp.memory_zone():
        answers = answer_items(nlp, [note.item for note in notes], batch_size=job.batch_size or nlp.batch_size)
        outcomes = [deidentify_note(note, answer, job, derive) for note, (_, answer) in zip(notes, answers)]
    rows = [{**own.row, MAP: describe_offsets(own, with_text=job.map_text), COUNTS: _count(own)} for own in outcomes]
    schema = make_columns(job)
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


@lru_cache(maxsize=2)
def get_pipeline(name: str, gpu_id: int, task: str, threshold: float, stamp: Optional[str] = None) -> Language:
    """Load a pipeline that gives what is at least so probable, once a process and stamp."""
    nlp = load_pipeline(name, gpu_id=gpu_id)
    compute_exactly(find_component(nlp))
    ask_candidates(find_component(nlp), task, threshold)
    return nlp


def deidentify_note(note: Note, answer: Any, job: Job, derive: Optional[Derive]) -> Outcome:
    """De-identify a note.

    answer: Its Doc, or the reason why it has none.
    """
    item = note.item
    patient = find_patient(item.id, pattern=compile_pattern(job.pattern), named=note.named)
    name = make_pseudonym(derive, "note", item.id) if job.rename and derive else item.id
    row: Row = {"id": guard(name) if job.guard else name}
    if patient is not None and derive is not None:
        row["patient"] = make_pseudonym(derive, "patient", patient)
    row.update(note.kept)
    if isinstance(answer, str):
        return Outcome(note, {**row, "error": answer}, None, patient is not None)
    try:
        spans, units = find_mentions(answer, job.task), candidates(answer, job.task)
        done = deidentify(answer.text, spans, units, policy=job.policy, derive=derive, patient=patient, id=item.id)
        done = guard_text(done) if job.guard else done
        done.text.encode("utf8")
    except Exception as error:  # noqa: BLE001  (whatever it was, its message may quote the note)
        reason = f"It could not be de-identified ({type(error).__name__})."
        return Outcome(note, {**row, "error": reason}, None, patient is not None)
    return Outcome(note, {**row, "text": done.text, "error": None}, done, patient is not None)


def guard_text(done: Deidentified) -> Deidentified:
    """A text that no spreadsheet runs; the offsets in it move with it."""
    text: str = guard(done.text)
    more = len(text) - len(done.text)
    moved = (own._replace(new_start=own.new_start + more, new_end=own.new_end + more) for own in done.replacements)
    return Deidentified(text, tuple(moved))


def make_pseudonym(derive: Derive, kind: str, name: str) -> str:
    """Another name for a note or a patient, the same for the same secret."""
    return f"{kind}-{derive('pseudonym', kind, name).hex()[:DIGITS]}"


def describe_offsets(outcome: Outcome, *, with_text: bool) -> str:
    """The line of the map for a note: its name in input and output, and offsets of replaced mentions in both texts."""
    line: Row = {"id": outcome.note.item.id, "new_id": outcome.row["id"]}
    if outcome.done is None:
        return format_line({**line, "error": outcome.row["error"]})
    text, new = outcome.note.item.texts[0], outcome.done.text
    spans: List[Row] = []
    for own in outcome.done.replacements:
        span: Row = {"start": own.start, "end": own.end, "new_start": own.new_start, "new_end": own.new_end}
        span["label"] = own.label
        if with_text:
            span.update(text=text[own.start : own.end], new_text=new[own.new_start : own.new_end])
        spans.append(span)
    return format_line({**line, "characters": len(text), "new_characters": len(new), "spans": spans})


def _count(outcome: Outcome) -> str:
    replaced: Sequence[Any] = outcome.done.replacements if outcome.done else ()
    counts = Counter(f"replaced {own.label}" for own in replaced)
    counts.update(f"masked {own.label}" for own in replaced if own.masked)
    counts["without a patient"] = int(not outcome.has_patient)
    return json.dumps(counts)


def count_notes(batch: Any) -> Dict[str, int]:
    """Count notes, failures, those without a patient, replaced mentions and masked ones of a batch."""
    column = batch.column("error")
    counts = Counter({"inputs": batch.num_rows, "failed": batch.num_rows - column.null_count})
    for told in batch.column(COUNTS).to_pylist():
        counts.update(json.loads(told))
    return dict(counts)
