"""A .spacy file to the files of a dataset."""

from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Callable, Iterator, List, Optional, Sequence, Set, Union

import spacy

from ..bulk.items import REASON
from ..datasets import DATASETS, load_dataset
from ..datasets.writing import Writing
from ..docbins import read_docs
from ..documents import ANSWERED, EXTENSION, PAIR, SCORES, SOURCE
from ..formats.brat import JOINED
from ..formats.records import Note, Pair
from .folder import check_folder, write_folder
from .records import cut_lines, doc_to_note, doc_to_pair, find_id, is_certain

SHOWN = 5  # names that are listed
FILE = ".txt"  # what the identifiers of a folder's notes end in after `annotate`, and no identifier of a dataset does
Record = Union[Note, Pair]


def export_corpus(
    dataset: str,
    predicted: Path,
    output: Path,
    *,
    task: Optional[str] = None,
    is_gold: bool = False,
    with_text: bool = True,
    force: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> List[str]:
    """Write the documents of a .spacy file in the format of a dataset, named as its official scorer expects.

    dataset: A name of `datasets.DATASETS`.
    predicted: The .spacy file; its name names files that hold many records.
    task: The key of spans or answers; the dataset's own by default.
    is_gold: Whether gold is written as it was annotated; else the spans.
    with_text: Whether texts are written too where they have files of their own.
    force: Whether files in the folder may be replaced.
    RETURNS: What was written and what the format could not hold, as lines for a person.
    RAISES: ValueError (FormatError) or OSError for what cannot be written; nothing is written then.
    """
    module = load_dataset(dataset)
    if not hasattr(module, "write"):
        able = [name for name in DATASETS if hasattr(load_dataset(name), "write")]
        raise ValueError(f"Expected a dataset that can be written ({', '.join(able)}), got {dataset}.")
    task = task or module.TASK
    if not task:
        raise ValueError(f"Expected the name of a task, since {dataset} has none of its own, got none. Say --task.")
    check_folder(output, force=force)
    name = predicted.stem.lstrip(".") or "documents"
    writing = Writing(name, is_gold=is_gold, with_text=with_text, labels=module.LABELS or None)
    seen: Counter = Counter()
    progress(f"reading {predicted}")
    most = JOINED.get(dataset, 1)
    records = read_records(predicted, module, task=task, writing=writing, seen=seen, most=most)
    left = write_folder(module.write(records, writing), output, force=force)
    return [*describe(dataset, task=task, writing=writing, seen=seen), *_describe_others(output, left)]


def read_records(
    file: Path, module: ModuleType, *, task: str, writing: Writing, seen: Counter, most: float
) -> Iterator[Record]:
    """Read the records of a .spacy file, and count them.

    most: The fragments that a span over line ends may be cut into; gold is not cut.
    RAISES: ValueError naming a document that has no identifier, another's, or no answer to the task, or that could not
        be annotated.
    """
    names: Set[str] = set()
    for number, doc in enumerate(read_docs(file, spacy.blank("xx").vocab), start=1):
        doc_id = find_id(doc, number=number)
        if REASON in doc.user_data:
            raise ValueError(
                f"Expected answers in each document, got none in {doc_id!r}, which could not be annotated "
                f"({doc.user_data[REASON]}). Mend it and annotate again."
            )
        if not writing.is_gold:
            doc_id = doc_id.removesuffix(FILE)
        if doc_id in names:
            raise ValueError(f"Expected an identifier of its own for each document, got {doc_id!r} twice. Rename one.")
        names.add(doc_id)
        seen["documents"] += 1
        if module.KIND == "entities":
            note, shifted = doc_to_note(doc, doc_id=doc_id, task=task, is_gold=writing.is_gold)
            writing.count("repaired", doc_id, shifted)
            seen["annotations"] += len(note.annotations)
            seen["scored"] += SCORES in doc.spans[task].attrs
            seen["gold"] += SOURCE in doc.spans[task].attrs
            yield note if writing.is_gold else cut_lines(note, most=most)
        else:
            kind = module.KIND or ""
            yield doc_to_pair(doc, doc_id=doc_id, task=task, kind=kind, is_gold=writing.is_gold)
            answered = doc.spans[PAIR].attrs.get(ANSWERED, ())
            seen["certain"] += task not in answered or is_certain(doc._.get(EXTENSION)[task])
    if not names:
        raise ValueError(f"Expected documents, got none in {file}. Name another file.")


def describe(dataset: str, *, task: str, writing: Writing, seen: Counter) -> List[str]:
    """Say which of predictions and gold was written, and what became of it."""
    lines = []
    if "annotations" not in seen:
        what = "gold answers" if writing.is_gold else "answers"
        lines.append(f"{dataset}: the {what} of task {task} in {seen['documents']:,} pairs")
    else:
        what = "gold annotations, as they were in the files," if writing.is_gold else "spans"
        size = f"{seen['documents']:,} documents, {seen['annotations']:,} annotations"
        lines.append(f"{dataset}: the {what} of task {task} in {size}")
    if not writing.is_gold and seen["scored"]:
        lines.append(f"  {seen['scored']:,} documents hold predictions (their spans have scores)")
    if not writing.is_gold and seen["gold"]:
        lines.append(
            f"  {seen['gold']:,} documents hold GOLD, not predictions: those of its spans that fall on tokens are "
            "written (--gold writes the annotations as they were in the files)"
        )
    if not writing.is_gold and seen["certain"]:
        lines.append(
            f"  {seen['certain']:,} pairs may hold GOLD: no pipeline answered them, or the answer is as certain as gold"
        )
    return [*lines, f"  {writing.equal:,} are read back as they are", *writing.to_lines()]


def _describe_others(output: Path, left: Sequence[Path]) -> List[str]:
    if not left:
        return []
    told = ", ".join(map(str, left[:SHOWN])) + (", ..." if len(left) > SHOWN else "")
    return [f"  {output} also holds {len(left):,} files of before, which a scorer may read: {told}"]
