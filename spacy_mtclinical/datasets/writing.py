"""Records to the files of a dataset as its official scorer reads them, and a count of what the format cannot hold."""

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..formats import brat
from ..formats.records import Annotation, FormatError, Note, Pair

LOSSES = {  # what can happen to a record on its way into a file
    "repaired": "annotations have offsets that the conversion shifted; written as shifted",
    "outside": "annotations lie outside the text; LEFT OUT",
    "tokenless": "annotations touch no token, of which the format's positions are made; LEFT OUT",
    "widened": "annotations begin or end within a token; widened to whole tokens",
    "joined": "annotations have several fragments; joined to one span from the first to the last",
    "attributes": "annotations have attributes that the format cannot hold; written without them",
    "renumbered": "annotations have identifiers that the format cannot hold, or not unique ones; numbered anew",
    "unknown": "annotations have a type that is not in the dataset's schema; written all the same",
    "fragments": "annotations have more fragments than the official scorer can read; written all the same",
    "no polarity": "annotations have no polarity, which the format requires; written as POS",
    "no modality": "annotations have no modality, which the format requires; written as FACTUAL",
    "no identifier": "annotations have no database identifier, which the format requires; written as -1",
    "blank": "pairs have a text of one space, which stands for an empty one too; written as one space",
    "changed": "pairs are not read back as they are",
}
UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]|^\.|^\s|\s$|^[A-Za-z]:")
LONGEST = 200  # bytes of a file's name, short of every file system's limit
HEADER = ("pair_id", "label")


class Written(NamedTuple):
    """A file to write: its place below the output folder (folders, then name), and its text."""

    parts: Tuple[str, ...]
    text: str


class Writing:
    """What is wanted of a dataset's writer, and what it has counted.

    name: Of a file that holds many records, such as "test" in mli_test_v1.jsonl.
    is_gold: Whether the records are gold; predictions get what the format requires and no head gives.
    with_text: Whether texts are written where they have files of their own.
    labels: The dataset's schema, None where it has none of its own.
    """

    def __init__(
        self, name: str, *, is_gold: bool = False, with_text: bool = True, labels: Optional[Sequence[str]] = None
    ) -> None:
        self.name = name
        self.is_gold = is_gold
        self.with_text = with_text
        self.labels = labels
        self.losses: Counter = Counter()
        self.first: Dict[str, str] = {}  # kind of loss to the first document that has it
        self.equal = 0  # records that are read back as they are

    def count(self, loss: str, doc_id: str, n: int = 1) -> None:
        """Add to a count of `LOSSES`."""
        if n:
            self.losses[loss] += n
            self.first.setdefault(loss, doc_id)

    def check_text_wanted(self, what: str) -> None:
        """RAISES: FormatError if texts are not wanted; for formats that cannot do without."""
        if not self.with_text:
            raise FormatError(f"{what} holds texts and annotations in one file: expected both to be wanted, got one.")

    def keep(self, note: Note, holds: Callable[[Annotation], bool], *, loss: str) -> Note:
        """Leave out annotations that the format cannot hold, and count them."""
        kept = tuple(annotation for annotation in note.annotations if holds(annotation))
        self.count(loss, note.id, len(note.annotations) - len(kept))
        return replace(note, annotations=kept)

    def prepare(self, note: Note, **required: Tuple[Any, str]) -> Note:
        """Leave out annotations outside the text, and give predictions the attributes that the format requires.

        required: Attribute to its default and the name of the loss.
        """
        length = len(note.text)
        note = self.keep(note, lambda a: _is_within(a, length=length), loss="outside")
        if self.labels is not None:
            known = {*self.labels, ""} if self.is_gold else set(self.labels)  # gold may have no type
            self.count("unknown", note.id, sum(a.label not in known for a in note.annotations))
        if self.is_gold or not required:
            return note
        defaults = {key: default for key, (default, _) in required.items()}
        for key, (_, loss) in required.items():
            self.count(loss, note.id, sum(key not in annotation.attributes for annotation in note.annotations))
        filled = (replace(a, attributes={**defaults, **a.attributes}) for a in note.annotations)
        return replace(note, annotations=tuple(filled))

    def compare(self, note: Note, again: Note, *, has_ids: bool = True) -> None:
        """Count what a file read back has of a note's annotations, and what it has not.

        has_ids: Whether the format has identifiers.
        """
        for annotation, found in zip(note.annotations, again.annotations):
            before = sum(self.losses.values())
            if found.fragments != annotation.fragments:
                self.count("joined", note.id, len(annotation.fragments) > 1)
                self.count("widened", note.id, (found.start, found.end) != (annotation.start, annotation.end))
            lost = _plain(annotation.attributes).items() - _plain(found.attributes).items()
            self.count("attributes", note.id, bool(lost))
            self.count("renumbered", note.id, has_ids and bool(annotation.id) and annotation.id != found.id)
            self.equal += sum(self.losses.values()) == before

    def compare_pairs(self, pairs: Sequence[Pair], again: Iterable[Pair]) -> None:
        """Count the pairs whose texts and answers a file read back has as they are."""
        for pair, found in zip(pairs, again):
            is_equal = (pair.first, pair.second, pair.answer) == (found.first, found.second, found.answer)
            self.count("changed", pair.id, not is_equal)
            self.count("blank", pair.id, " " in (pair.first, pair.second))
            self.equal += is_equal

    def to_lines(self) -> List[str]:
        """The counts as lines of plain text for a person."""
        return [
            f"  {n:,} {LOSSES[loss]} (first: {self.first[loss]!r})"
            for loss, n in sorted(self.losses.items(), key=lambda item: list(LOSSES).index(item[0]))
        ]


def find_place(note: Note) -> Tuple[str, ...]:
    """The folders and the name, without suffix, that a note's identifier asks for; its subset is a folder.

    RAISES: FormatError naming an identifier that is no safe name of a file.
    """
    parts = tuple(note.id.split("/"))
    if any(not part or UNSAFE.search(part) or len(part.encode("utf8")) > LONGEST for part in parts):
        raise FormatError(
            f"Expected identifiers that can be names of files below the output folder, got {note.id!r}. "
            "Give the document another doc_id: no empty part, no leading dot or white space, no backslash, drive or "
            f"control character, at most {LONGEST} bytes."
        )
    if note.subset and note.subset.upper() not in (part.upper() for part in parts[:-1]):
        return (note.subset, *parts)
    return parts


def make_file(place: Sequence[str], suffix: str, text: str, *, below: str = "") -> Written:
    """A file at a note's place."""
    folders = (below, *place[:-1]) if below else tuple(place[:-1])
    return Written((*folders, place[-1] + suffix), text)


def write_brat_notes(notes: Iterable[Note], writing: Writing, *, readable: Optional[int] = None) -> Iterator[Written]:
    """Write an .ann file a note, and beside it the .txt file.

    readable: The fragments of a mention that the official scorer can read.
    """
    for note in notes:
        place = find_place(note)
        note = writing.prepare(note)
        ann = brat.write(note)
        writing.compare(note, brat.parse(note.text, ann, doc_id=note.id, name=note.id))
        if readable is not None:
            writing.count("fragments", note.id, sum(len(a.fragments) > readable for a in note.annotations))
        yield make_file(place, ".ann", ann)
        if writing.with_text:
            yield make_file(place, ".txt", note.text)


def write_xml_notes(
    notes: Iterable[Note],
    writing: Writing,
    write: Callable[[Note], str],
    parse: Callable[..., Note],
    **required: Tuple[Any, str],
) -> Iterator[Written]:
    """Write an XML file a note.

    write, parse: Those of the format.
    required: See `Writing.prepare`.
    """
    writing.check_text_wanted("The XML of a note")
    for note in notes:
        note = writing.prepare(note, **required)
        xml = write(note)
        writing.compare(note, parse(xml, doc_id=note.id, name=note.id))
        yield make_file(find_place(note), ".xml", xml)


def write_labels(pairs: Iterable[Pair], names: Optional[Mapping[str, str]] = None) -> str:
    """Write identifiers and labels as the scripts of MEDIQA 2019 read them: comma-separated, with a header.

    names: What a label is called there, if not by its own name.
    """
    held = io.StringIO(newline="")
    rows = ((pair.id, (names or {}).get(str(pair.answer), pair.answer)) for pair in pairs)
    csv.writer(held, lineterminator="\n").writerows([HEADER, *rows])
    return held.getvalue()


def _is_within(annotation: Annotation, *, length: int) -> bool:
    return bool(annotation.fragments) and all(0 <= start <= end <= length for start, end in annotation.fragments)


def _plain(attributes: Mapping[str, Any]) -> Dict[str, str]:
    """Attributes as text; those that say nothing are the same as none."""
    return {key: str(value) for key, value in attributes.items() if value or value == 0 and value is not False}
