"""A corpus of files to a corpus of gold Docs: read, filter, verify, build, write."""

import json
import math
import os
from collections import Counter
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, Union

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from ..docbins import make_docbin, read_docs
from ..documents import DOC_ID, PAIR
from ..formats.records import Note, Pair
from ..gold import note_to_doc, pair_to_doc
from ..report import UNTYPED, Report
from . import load_dataset
from .splits import normalise
from .verification import verify

TOKENIZER = "spacy-mtclinical.Tokenizer.v1"
LABELS_FILE = "labels.json"
FEW_LABELS, MOST_LABELS, LONGEST_LABEL = 10, 200, 60  # of a schema that is taken from the data
Record = Union[Note, Pair]


def convert_corpus(
    dataset: str,
    input: Path,
    output: Path,
    *,
    split: str,
    task: Optional[str] = None,
    labels: Sequence[str] = (),
    mapping: Optional[Mapping[str, str]] = None,
    lang: str = "en",
    columns: Optional[Mapping[str, str]] = None,
    apart_from: Sequence[Report] = (),
    progress: Callable[[str], None] = lambda message: None,
) -> Report:
    """Convert one split of a dataset to OUTPUT/<task>/<split>.spacy, labels.json and <split>.report.json.

    dataset: A name of `datasets.DATASETS`.
    input: The folder, archive or file with the dataset as distributed.
    task: The key of the gold; the dataset's own by default.
    labels: Only these types are kept, after the mapping, and make the schema.
    mapping: Types to rename, old to new.
    lang: The language of the tokenizer's vocabulary.
    columns: For `pairs`: first, second, answer, kind, see `datasets.pairs.read`.
    apart_from: Splits in OUTPUT with which this one may share no document that came from the same files.
    progress: Told what is being done.
    RAISES: ValueError (FormatError) or OSError for what cannot be converted, FileNotFoundError for a split that is not
        there, SharedDocuments for one that is another's; nothing is written then.
    """
    module = load_dataset(dataset)
    task = task or module.TASK
    if not task:
        raise ValueError(f"Expected the name of a task, since {dataset} has none of its own, got none. Say --task.")
    report = Report(dataset=dataset, task=task, split=split, kind=module.KIND or "classes")
    progress(f"reading {dataset}, split {split}")
    records: List[Record] = list(module.read(input, split=split, report=report, **(columns or {})))
    if module.KIND != "value":
        records = [_name_answer(record) for record in records]
    progress(f"read {len(records):,} notes or pairs from {len(report.files):,} files")
    records = _name_pairs(_drop_copies(records, report=report), report=report)
    records = _rename(records, mapping or {}, report=report)
    _set_schema(report, records, module, labels=labels, mapping=mapping or {})
    if labels or getattr(module, "PARTIAL", False):
        records = _filter(records, report=report)
    folder = Path(output) / task
    _merge_labels(report, folder / LABELS_FILE, is_fixed=module.LABELS is not None)
    nlp = spacy.blank(lang, config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
    docs = make_docbin()
    ids: Counter = Counter()
    keys = set()
    for doc in build_docs(nlp, records, report=report, bounds=getattr(module, "RANGE", None)):
        docs.add(doc)
        ids[doc.user_data[DOC_ID]] += 1
        keys.add(make_key(doc))
    if not len(docs):
        raise (ValueError if records else FileNotFoundError)(
            f"Expected documents, or pairs with an answer, for split {split} of {dataset}, got none "
            f"({len(records):,} without). Check the files; where dev is cut from train, there may be too few groups."
        )
    repeated = sum(count - 1 for count in ids.values())
    if repeated and records and isinstance(records[0], Note):
        report.count("ids_that_repeat_one", repeated)
        report.say(f"{repeated:,} documents have the identifier of another one: files that are there twice?")
    for other in apart_from:
        if set(report.files) & set(other.files) and keys & read_keys(other, output):
            raise SharedDocuments(f"it has documents of {other.split}; name a folder or file for {split}")
    progress(f"writing {len(docs):,} documents to {folder / split}.spacy")
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{split}.spacy", docs.to_bytes())
    _write(folder / f"{split}.report.json", _to_json(report.to_json()))
    _write(folder / LABELS_FILE, _to_json(list(report.labels)))
    return report


class SharedDocuments(ValueError):
    """A split has documents of another one, since no name tells them apart."""


def make_key(doc: Doc) -> str:
    """What tells a document from others: the identifier of a note, the text of a pair, whose identifier is a number."""
    return doc.text if PAIR in doc.spans else doc.user_data[DOC_ID]


def read_keys(report: Report, output: Path) -> Set[str]:
    """Read the keys of the documents that were written for a split."""
    docs = read_docs(Path(output) / report.task / f"{report.split}.spacy", spacy.blank("xx").vocab)
    return {make_key(doc) for doc in docs}


def read_earlier(dataset: str, output: Path, *, splits: Sequence[str]) -> List[Report]:
    """Read of which files splits were made that an earlier run has left, as far as that is known."""
    found = []
    task = load_dataset(dataset).TASK
    for split in splits:
        files = [Path(output) / task / f"{split}{suffix}" for suffix in (".spacy", ".report.json")]
        if all(file.exists() for file in files):
            report = Report(dataset=dataset, task=task, split=split)
            report.files += json.loads(files[1].read_text("utf8"))["files"]["first"]
            found.append(report)
    return found


def _drop_copies(records: Sequence[Record], *, report: Report) -> List[Record]:
    """Keep one of the notes that lie in several folders under one name, with one text: that with most annotations.

    So do a corpus that is there twice, and gold beside the same notes as they were given to participants.
    """
    stems: Dict[str, List[Note]] = {}
    for record in records:
        if isinstance(record, Note):
            stems.setdefault(record.id.rpartition("/")[2], []).append(record)
    kept: Dict[int, Record] = {id(record): record for record in records}
    for stem, notes in stems.items():
        texts: Dict[str, List[Note]] = {}
        for note in notes:
            texts.setdefault(note.text, []).append(note)
        for copies in texts.values():
            if len(copies) == len({note.id for note in copies}) > 1:
                best = max(copies, key=lambda note: len(note.annotations))
                for note in copies:
                    if note is not best:
                        del kept[id(note)]
                if len(texts) == 1:
                    kept[id(best)] = replace(best, id=stem)
    dropped = len(records) - len(kept)
    if dropped:
        report.count("copies_left_out", dropped)
        report.say(f"{dropped:,} documents left out, since another has their name and text, and no fewer annotations")
    return list(kept.values())


def _name_pairs(records: Sequence[Record], *, report: Report) -> List[Record]:
    """Give a name of its own to each pair that has none, or that of an earlier one, as lines of several files have."""
    taken = {record.id for record in records if isinstance(record, Pair)}
    used: Set[str] = set()
    numbers: Dict[str, Iterator[int]] = {}
    found: List[Record] = []
    renamed = 0
    for record in records:
        if isinstance(record, Pair):
            if not record.id or record.id in used:
                own = numbers.setdefault(record.id, count(2 if record.id else 1))
                names = (f"{record.id or 'pair'}-{number}" for number in own)
                record = replace(record, id=next(name for name in names if name not in taken))
                taken.add(record.id)
                renamed += 1
            used.add(record.id)
        found.append(record)
    if renamed:
        report.count("pairs_named_anew", renamed)
        report.say(f"{renamed:,} pairs have no identifier, or that of another one, and were given one")
    return found


def build_docs(
    nlp: Language,
    records: Iterable[Record],
    *,
    report: Report,
    bounds: Optional[Tuple[float, float]] = None,
) -> Iterator[Doc]:
    """Make the gold Docs of notes, each verified against its text, and of pairs, counting what is peculiar.

    A pair without an answer is counted and left out.
    report: Names the task and the schema.
    bounds: The lowest and the highest value of a pair.
    """
    answers: Dict[Tuple[str, str], Set[Any]] = {}
    for record in records:
        if isinstance(record, Note):
            note = verify(record, report=report)
            yield note_to_doc(nlp, note, task=report.task, labels=report.labels, report=report)
        elif record.answer is None:
            report.count("pairs_without_answer")
        else:
            earlier = answers.setdefault((normalise(record.first), normalise(record.second)), set())
            if record.answer in earlier:
                report.count("pairs_that_repeat_one")
            elif earlier:
                report.count("pairs_that_contradict_one")
            earlier.add(record.answer)
            yield pair_to_doc(nlp, record, task=report.task, labels=report.labels, report=report, bounds=bounds)


def _rename(records: Sequence[Record], mapping: Mapping[str, str], *, report: Report) -> List[Record]:
    def new(label: Any) -> Any:
        if label in mapping:
            report.mapped[f"{label} to {mapping[label]}"] += 1
        return mapping.get(label, label)

    if not mapping:
        return list(records)
    return [
        replace(record, annotations=tuple(replace(a, label=new(a.label)) for a in record.annotations))
        if isinstance(record, Note)
        else replace(record, answer=new(record.answer))
        for record in records
    ]


def _set_schema(
    report: Report, records: Sequence[Record], module: ModuleType, *, labels: Sequence[str], mapping: Mapping[str, str]
) -> None:
    """Decide the schema: the types asked for, else the dataset's, else those in the data."""
    if labels and report.kind == "value":
        raise ValueError(f"Expected no labels, since {report.dataset} has values, got {', '.join(labels)}.")
    fixed = None if module.LABELS is None else {mapping.get(label, label) for label in module.LABELS}
    unknown = set(labels) - fixed if fixed is not None else set()
    if unknown:
        raise ValueError(
            f"Expected labels of {report.dataset} ({', '.join(sorted(fixed or ()))}), got {', '.join(sorted(unknown))}."
        )
    answers = [record.answer for record in records if isinstance(record, Pair) and record.answer is not None]
    if module.KIND is None and not labels and answers and all(_is_number(answer) for answer in answers):
        report.kind = "value"
    if labels:
        found, report.labels_from = set(labels), "option"
    elif fixed is not None:
        found = fixed
    elif report.kind == "value":
        found = set()
    else:
        found = {a.label for record in records if isinstance(record, Note) for a in record.annotations if a.label}
        found |= {str(answer) for answer in answers}
        report.labels_from = "data"
        check_names(found, of=report.dataset, pairs=len(answers))
        report.say(f"the schema was taken from these files: {', '.join(sorted(found)) or 'nothing'}")
    report.labels = tuple(sorted(found))


def check_names(labels: Set[str], *, of: str, pairs: int) -> None:
    """Refuse labels that must be texts of another column, since labels are printed and written into reports.

    pairs: How many have these labels, 0 for notes; more than half of them have one of their own where they are texts.
    RAISES: ValueError with their number, and never one of them.
    """
    longest = max(map(len, labels), default=0)
    most = min(MOST_LABELS, max(FEW_LABELS, pairs // 2)) if pairs else MOST_LABELS
    if len(labels) > most or longest > LONGEST_LABEL:
        raise ValueError(
            f"Expected labels in the files of {of}, got {len(labels):,} different ones of up to {longest:,} "
            "characters, which look like texts. Name the column of the labels (--answer), or list them (--label)."
        )


def _filter(records: Sequence[Record], *, report: Report) -> List[Record]:
    """Leave out annotations, and pairs, of types that are not in the schema, and count them."""
    kept: List[Record] = []
    for record in records:
        if isinstance(record, Note):
            report.filtered.update(a.label or UNTYPED for a in record.annotations if a.label not in report.labels)
            kept.append(replace(record, annotations=tuple(a for a in record.annotations if a.label in report.labels)))
        elif record.answer is None or record.answer in report.labels:
            kept.append(record)
        else:
            report.filtered[str(record.answer)] += 1
    return kept


def _merge_labels(report: Report, path: Path, *, is_fixed: bool) -> None:
    """Bring the schema together with that of the splits converted before.

    A dataset's own schema has to be the same. A user's notes may bring further types; a user's pairs may not,
    since every answer that was written names all labels.
    """
    before = json.loads(path.read_text("utf8")) if path.exists() else None
    if before is not None and set(before) != set(report.labels):
        new = set(report.labels) - set(before)
        if is_fixed or (report.kind != "entities" and (new or not report.labels)):
            raise ValueError(
                f"Expected the labels of the splits converted before ({', '.join(before) or 'none'}; {path}), got "
                f"{', '.join(report.labels) or 'none'}. Convert all splits with the same options, into an empty folder."
            )
        report.labels = tuple(sorted({*before, *report.labels}))
    if report.kind not in ("value", "text") and not report.labels:
        raise ValueError(f"Expected labels for task {report.task}, found none in the data. Say --label.")


def _is_number(answer: Any) -> bool:
    try:
        return math.isfinite(float(answer))
    except ValueError:
        return False


def _name_answer(record: Record) -> Record:
    """Make text of an answer that is a number (JSON has such), so that it can be a class."""
    if isinstance(record, Pair) and isinstance(record.answer, float):
        number = record.answer
        return replace(record, answer=str(int(number)) if number.is_integer() else repr(number))
    return record


def _to_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf8")


def _write(path: Path, data: bytes) -> None:
    """Write aside and rename, so that no half-written file is ever found."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(data)
    os.replace(aside, path)
