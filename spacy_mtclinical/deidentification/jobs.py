"""Notes through a pipeline to notes without what identifies a patient: a row each, whatever happens."""

from collections import Counter
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from spacy.language import Language

from ..bulk.answers import answer_items
from .keys import Derive
from .mentions import candidates, find_mentions
from .notes import Note, Notes
from .patients import Pattern, find_patient
from .policies import Policy, deidentify
from .replacement import Deidentified

Row = Dict[str, Any]
DIGITS = 16  # of a pseudonym, hexadecimal


class Job(NamedTuple):
    """What is done with each note.

    task: Whose spans identify.
    derive: Of the secret, if there is one.
    pattern: Of the patient in a note's name.
    rename: Whether notes get other names, derived from the secret.
    """

    task: str
    policy: Policy
    derive: Optional[Derive] = None
    pattern: Pattern = None
    rename: bool = False


class Outcome(NamedTuple):
    """What became of a note: the row to be written, and how its text was changed, None where it failed."""

    note: Note
    row: Row
    done: Optional[Deidentified]


def deidentify_notes(nlp: Language, notes: Notes, job: Job, *, batch_size: int, counts: Counter) -> Iterator[Outcome]:
    """De-identify notes in their order.

    counts: Is told of notes, failures, notes without a patient, replaced mentions and masked ones.
    """
    for batch in notes.read(batch_size):
        with nlp.memory_zone():
            answers = answer_items(nlp, [note.item for note in batch], batch_size=batch_size)
            outcomes = [_deidentify(note, answer, job) for note, (_, answer) in zip(batch, answers)]
        for outcome, has_patient in outcomes:
            counts["notes"] += 1
            counts["without a patient"] += not has_patient
            counts["failed"] += outcome.done is None
            for own in outcome.done.replacements if outcome.done else ():
                counts["replaced", own.label] += 1
                counts["masked", own.label] += own.masked
            yield outcome


def _deidentify(note: Note, answer: Any, job: Job) -> Tuple[Outcome, bool]:
    item = note.item
    patient = find_patient(item.id, pattern=job.pattern, named=note.named)
    row: Row = {"id": make_pseudonym(job.derive, "note", item.id) if job.rename and job.derive else item.id}
    row["text"] = None
    if patient is not None and job.derive is not None:
        row["patient"] = make_pseudonym(job.derive, "patient", patient)
    row.update(note.kept)
    if isinstance(answer, str):
        return Outcome(note, {**row, "error": answer}, None), patient is not None
    try:
        spans, units = find_mentions(answer, job.task), candidates(answer, job.task)
        done = deidentify(answer.text, spans, units, policy=job.policy, derive=job.derive, patient=patient, id=item.id)
        done.text.encode("utf8")
    except Exception as error:  # noqa: BLE001  (whatever it was, its message may quote the note)
        reason = f"It could not be de-identified ({type(error).__name__})."
        return Outcome(note, {**row, "error": reason}, None), patient is not None
    return Outcome(note, {**row, "text": done.text, "error": None}, done), patient is not None


def make_pseudonym(derive: Derive, kind: str, name: str) -> str:
    """Another name for a note or a patient, the same for the same secret."""
    return f"{kind}-{derive('pseudonym', kind, name).hex()[:DIGITS]}"


def describe_offsets(outcome: Outcome, *, with_text: bool) -> Row:
    """The line of the map for a note: its name in input and output, and offsets of replaced mentions in both texts."""
    line: Row = {"id": outcome.note.item.id, "new_id": outcome.row["id"]}
    if outcome.done is None:
        return {**line, "error": outcome.row["error"]}
    text, new = outcome.note.item.texts[0], outcome.done.text
    spans: List[Row] = []
    for own in outcome.done.replacements:
        span: Row = {"start": own.start, "end": own.end, "new_start": own.new_start, "new_end": own.new_end}
        span["label"] = own.label
        if with_text:
            span.update(text=text[own.start : own.end], new_text=new[own.new_start : own.new_end])
        spans.append(span)
    return {**line, "characters": len(text), "new_characters": len(new), "spans": spans}
