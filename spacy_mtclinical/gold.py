"""Gold documents: annotated notes and answered pairs become Docs as training and scoring read them."""

import math
import re
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span

from .documents import DOC_ID, EXTENSION, SOURCE, SUBSET, check_text, find_overlapped, make_pair
from .formats.records import Annotation, Note, Pair
from .report import Report

NAME = re.compile(r"[\w+./-]{1,30}")
Hull = Tuple[int, int, str]  # first character, one past the last, label


def note_to_doc(nlp: Language, note: Note, *, task: str, labels: Sequence[str], report: Report) -> Doc:
    """Make the gold Doc of a note: spans where they fall on tokens, and every annotation in `source`.

    nlp: The pipeline whose tokenizer cuts the text.
    task: The key of the span group.
    labels: The schema.
    report: Counts what was kept and what could not be.
    RAISES: ValueError for a label that is not in the schema.
    """
    doc = nlp.tokenizer(check_text(note.text))
    seen: Set[Hull] = set()
    spans: List[Span] = []
    for annotation in note.annotations:
        _check_label(annotation, note=note, task=task, labels=labels)
        report.count("annotated", label=annotation.label)
        if len(annotation.fragments) > 1:
            report.count("discontinuous", label=annotation.label)
        if not annotation.fragments:
            report.count("unusable", label=annotation.label)
            continue
        hull = (annotation.start, annotation.end, annotation.label)
        if not annotation.label:
            report.count("untyped", label=annotation.label)
        elif not is_inside(annotation, length=len(note.text)):
            report.count("unusable", label=annotation.label)
        elif hull in seen:
            report.count("duplicates", label=annotation.label)
        else:
            span = doc.char_span(hull[0], hull[1], label=annotation.label)
            report.count("not_alignable" if span is None else "spans", label=annotation.label)
            spans += [] if span is None else [span]
        seen.add(hull)
    spans.sort(key=lambda span: (span.start, span.end, span.label_))
    for by_label, outcome in ((False, "lost_if_flat"), (True, "lost_if_nested")):
        for span in find_overlapped(spans, by_label=by_label):
            report.count(outcome, label=span.label_)
    doc.spans[task] = spans
    doc.spans[task].attrs[SOURCE] = [source_record(annotation) for annotation in note.annotations]
    doc.user_data[DOC_ID] = note.id
    if note.subset:
        doc.user_data[SUBSET] = note.subset
        report.subsets[note.subset] += 1
    report.count("documents")
    report.count("characters", len(note.text))
    report.count("tokens", len(doc))
    if not note.annotations:
        report.count("documents_without_annotations")
    report.ignored.update(note.ignored)
    return doc


def pair_to_doc(
    nlp: Language,
    pair: Pair,
    *,
    task: str,
    labels: Sequence[str],
    report: Report,
    bounds: Optional[Tuple[float, float]] = None,
) -> Doc:
    """Make the gold Doc of a pair, with its answer in `doc._.mtclinical[task]`.

    labels: The schema of a classification; empty for a value.
    bounds: The lowest and highest value there can be, where that is known.
    RAISES: ValueError for an answer that is missing, not in the schema, or out of bounds.
    """
    answer = _answer(pair, task=task, labels=labels, bounds=bounds)
    doc = make_pair(nlp, pair.first, pair.second)
    doc._.set(EXTENSION, {task: answer})
    doc.user_data[DOC_ID] = pair.id
    report.count("pairs")
    report.count("tokens", len(doc))
    if labels:
        report.answers[str(pair.answer)] += 1
    if not pair.first.strip() or not pair.second.strip():
        report.count("pairs_with_an_empty_text")
    return doc


def source_record(annotation: Annotation) -> Dict[str, Any]:
    """One annotation as the JSON record that `doc.spans[task].attrs["source"]` holds."""
    return {
        "id": annotation.id,
        "label": annotation.label,
        "fragments": [list(fragment) for fragment in annotation.fragments],
        "attributes": dict(annotation.attributes),
    }


def is_inside(annotation: Annotation, *, length: int) -> bool:
    """Whether every fragment holds characters of a text of this length."""
    return bool(annotation.fragments) and all(0 <= start < end <= length for start, end in annotation.fragments)


def _check_label(annotation: Annotation, *, note: Note, task: str, labels: Sequence[str]) -> None:
    if annotation.label and annotation.label not in labels:
        offset = annotation.start if annotation.fragments else "none"
        raise ValueError(
            f"Expected one of the labels of task {task} ({', '.join(labels)}), got {show(annotation.label)} in "
            f"document {note.id!r} at offset {offset}. Filter or rename it with --label or --map, or mend the file."
        )


def show(label: Any) -> str:
    """What a message says of a label or number: itself if it is one word; of what may be a text, its length alone."""
    text = str(label)
    return repr(label) if label is None or NAME.fullmatch(text) else f"{len(text):,} characters that are no label"


def _answer(pair: Pair, *, task: str, labels: Sequence[str], bounds: Optional[Tuple[float, float]]) -> Any:
    if labels:
        if pair.answer not in labels:
            raise ValueError(
                f"Expected one of the labels of task {task} ({', '.join(labels)}) as the answer of pair {pair.id!r}, "
                f"got {show(pair.answer)}. Mend the file, or name the right column."
            )
        return {label: float(label == pair.answer) for label in labels}
    low, high = bounds or (-math.inf, math.inf)
    try:
        value = float("nan" if pair.answer is None else pair.answer)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and low <= value <= high):
        raise ValueError(
            f"Expected a number from {low:g} to {high:g} as the answer of pair {pair.id!r} of task {task}, "
            f"got {show(pair.answer)}. Mend the file, or name the right column."
        )
    return value
