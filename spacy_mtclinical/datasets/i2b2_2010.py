"""i2b2/VA 2010: problems, treatments and tests in discharge summaries and progress notes."""

from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional

from ..formats import i2b2_concept
from ..formats.line_tokens import make_grid, touched
from ..formats.records import Annotation, FormatError, Note
from ..report import Report
from .patients import find_patient
from .sources import File, choose, open_source, read_files, tell_lone
from .sources import read as read_file
from .writing import Writing, Written, find_place, make_file

TASK = "i2b2_2010"
KIND = "entities"
LABELS = ("problem", "test", "treatment")
DESCRIPTION = "i2b2/VA 2010 concepts (.con with .txt); dev is cut from train by patient"
SPLITS = ("train", "dev", "test")
HINTS = {"reference_standard": "test"}
WEAK = {"beth|partners": "train"}  # folders of the training archive, if no name says more


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split: .con files, with texts beside them or in the folders of the archives.

    The headers of many notes tell the patient; of the others, each is a patient of its own.
    """
    with open_source(path, suffixes=(".con",)) as source:
        settings: Any = {"expected": ".con and .txt files", "cut": True, "hints": HINTS, "weak": WEAK}
        chosen = choose(source, source.with_suffix(".con"), split=split, **settings)
        texts: Dict[str, List[File]] = {}
        for file in source.files:
            if file.name.lower().endswith(".txt"):
                texts.setdefault(file.stem, []).append(file)
        annotated = {file.stem for file in source.with_suffix(".con")}
        folders = set()
        for doc_id, file, con in read_files(chosen, report=report):
            if source.single:
                texts[file.stem] = [File(file.path.with_suffix(".txt"), (file.stem + ".txt",))]
            beside = _find_text(file, texts.get(file.stem, []))
            folders.add(beside.folder)
            text = read_file(beside, report=report)
            if chosen.keeps(find_patient(text, doc_id=doc_id)):
                yield i2b2_concept.parse(text, con, doc_id=doc_id, name=str(file))
        others = [file for stem in sorted(set(texts) - annotated) for file in texts[stem]]
        tell_lone([file for file in others if file.folder in folders], "texts have no .con file", report=report)


def _find_text(con: File, texts: List[File]) -> File:
    """The text beside the .con file, in a sibling folder such as txt/, at the same place below one, or the only one."""
    for near in (
        [text for text in texts if text.folder == con.folder],
        [text for text in texts if text.folder[:-1] == con.folder[:-1] and con.folder],
        [text for text in texts if _differ(text, con) == 1],
        texts,
    ):
        if len(near) == 1:
            return near[0]
    raise FormatError(
        f"{con}: expected one text {con.stem}.txt beside it, in a sibling folder or in test_data, found {len(texts)}. "
        "Unpack the archives of texts and concepts into one folder."
    )


def _differ(one: File, other: File) -> int:
    """How many folders on the way to two files have other names."""
    if len(one.folder) != len(other.folder):
        return -1
    return sum(a != b for a, b in zip(one.folder, other.folder))


def write(notes: Iterable[Note], writing: Writing) -> Iterator[Written]:
    """Write a .con file a note in concept/, where the official scorer finds nothing else, and the texts in txt/."""
    for note in notes:
        place = find_place(note)
        note = writing.keep(writing.prepare(note), _make_check(note.text), loss="tokenless")
        con = i2b2_concept.write(note)
        writing.compare(note, i2b2_concept.parse(note.text, con, doc_id=note.id, name=note.id), has_ids=False)
        yield make_file(place, ".con", con, below="concept")
        if writing.with_text:
            yield make_file(place, ".txt", note.text, below="txt")


def _make_check(text: str) -> Callable[[Annotation], bool]:
    """Make the check of whether an annotation of this text touches a token."""
    grid = make_grid(text)
    return lambda annotation: touched(grid, annotation.start, annotation.end) is not None
