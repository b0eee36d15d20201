"""Docs to the records that formats are written from: what was predicted, or gold as it was annotated."""

import math
from dataclasses import replace
from typing import Any, Dict, List, Tuple, Union

from spacy.tokens import Doc

from ..datasets.verification import SHIFT
from ..documents import DOC_ID, EXTENSION, PAIR, SOURCE, SUBSET
from ..formats.brat import split_lines
from ..formats.records import Annotation, Note, Pair


def find_id(doc: Doc, *, number: int) -> str:
    """The identifier of a document.

    number: Its place in the file, for the message.
    RAISES: ValueError if it has none.
    """
    doc_id = doc.user_data.get(DOC_ID)
    if not isinstance(doc_id, str) or not doc_id:
        raise ValueError(
            f'Expected an identifier of each document (doc.user_data["{DOC_ID}"], a text), got none for number '
            f"{number}. It names the file or the row. Was the DocBin made with store_user_data=True?"
        )
    return doc_id


def doc_to_note(doc: Doc, *, doc_id: str, task: str, is_gold: bool) -> Tuple[Note, int]:
    """Make the note of a document.

    is_gold: Whether the annotations are those of the source, as they were in the files; else the spans.
    RETURNS: The note, and how many of its annotations the conversion shifted.
    RAISES: ValueError naming a document without the task, or without gold.
    """
    if PAIR in doc.spans:
        raise ValueError(f"Expected notes, got the pair {doc_id!r}. Name the dataset of a pair task, or take it out.")
    if task not in doc.spans:
        known = sorted(doc.spans)
        raise ValueError(
            f"Expected spans of task {task} in each document, got none in {doc_id!r}, which has "
            f"{', '.join(known) or 'no spans at all'}. Name the task (--task), or the right file."
        )
    subset = doc.user_data.get(SUBSET, "")
    if not is_gold:
        spans = (Annotation("", span.label_, ((span.start_char, span.end_char),)) for span in doc.spans[task])
        return Note(doc_id, doc.text, tuple(spans), subset=subset), 0
    source = doc.spans[task].attrs.get(SOURCE)
    if source is None:
        raise ValueError(
            f'Expected gold annotations (attrs["{SOURCE}"]) of task {task} in each document, got none in {doc_id!r}. '
            "Leave out --gold to write the spans."
        )
    annotations = tuple(map(_read_record, source))
    shifted = sum(SHIFT in record["attributes"] for record in source)
    return Note(doc_id, doc.text, annotations, subset=subset), shifted


def cut_lines(note: Note, *, most: float) -> Note:
    """Cut annotations of one fragment at line ends, as brat has them.

    most: Fragments that one may have; an annotation that would get more stays whole.
    """
    cut = ((a, split_lines(note.text, *a.fragments)) for a in note.annotations)
    return replace(note, annotations=tuple(replace(a, fragments=f) if len(f) <= most else a for a, f in cut))


def doc_to_pair(doc: Doc, *, doc_id: str, task: str, kind: str, is_gold: bool) -> Pair:
    """Make the pair of a document, with the most probable label or the number.

    kind: "classes", "value", or "" where the answer decides.
    is_gold: Whether a class has to be certain, as in gold.
    RAISES: ValueError naming a document that is no pair, or has no such answer.
    """
    if PAIR not in doc.spans or len(doc.spans[PAIR]) != 2:
        raise ValueError(
            f'Expected pairs, got document {doc_id!r} without two segments (doc.spans["{PAIR}"]). Make pairs with '
            "make_pair, or name the dataset of an entity task."
        )
    answer = _read_answer(doc._.get(EXTENSION).get(task), doc_id=doc_id, task=task, kind=kind, is_gold=is_gold)
    first, second = ("".join(token.text_with_ws for token in segment) for segment in doc.spans[PAIR])
    return Pair(doc_id, first, second, answer)


def _read_record(record: Dict[str, Any]) -> Annotation:
    fragments = tuple((start, end) for start, end in record["fragments"])
    attributes = {key: value for key, value in record["attributes"].items() if key != SHIFT}
    return Annotation(record["id"], record["label"], fragments, attributes=attributes)


def _read_answer(answer: Any, *, doc_id: str, task: str, kind: str, is_gold: bool) -> Union[str, float]:
    where = f"as the answer of task {task} in pair {doc_id!r}"
    if isinstance(answer, dict) and answer and kind != "value" and all(map(_is_number, answer.values())):
        if is_gold and not is_certain(answer):
            raise ValueError(f"Expected gold, 1 for one label and 0 for the others, {where}, got probabilities.")
        return max(answer, key=lambda label: answer[label])
    if _is_number(answer) and kind != "classes":
        return float(answer)
    expected = {"classes": "a probability of each label", "value": "a number"}.get(kind, "probabilities or a number")
    got = "nothing" if answer is None else f"a {type(answer).__name__} without, or with other values"
    raise ValueError(f"Expected {expected} {where}, got {got}. Name the task (--task), or the right file.")


def is_certain(answer: Any) -> bool:
    """Whether an answer gives 1 to one label and 0 to the others, as gold does."""
    values: List[float] = sorted(answer.values()) if isinstance(answer, dict) else []
    return bool(values) and values[-1] == 1.0 and not any(values[:-1])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
