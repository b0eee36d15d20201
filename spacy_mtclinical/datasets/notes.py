"""Notes of datasets that keep a document in files of its own: brat, XML."""

from dataclasses import replace
from pathlib import Path
from typing import Callable, Iterator, Optional

from ..formats import brat
from ..formats.records import FormatError, Note
from ..report import Report
from .sources import Chosen, File, Hints, Source, choose, open_source, read, read_files, tell_lone

Subset = Callable[[File, str], str]  # a file and its text to the part of the corpus it belongs to
Group = Callable[..., str]  # a text and `doc_id` to the key of the group that stays on one side of a split


def read_brat_notes(
    path: Path,
    *,
    split: str,
    group: Optional[Group] = None,
    subset: Optional[Subset] = None,
    report: Optional[Report] = None,
) -> Iterator[Note]:
    """Read the notes of a split from .ann files and the texts beside them.

    group: Makes the key of a document's group; dev is cut from train by group, if there is none. Without it, dev has
        to be there.
    RAISES: FileNotFoundError if there is no such file, FormatError for an .ann file without a text.
    """
    with open_source(path, suffixes=(".ann",)) as source:
        candidates = source.with_suffix(".ann")
        chosen = choose(source, candidates, split=split, expected=".ann and .txt files", cut=bool(group))
        _count_lone_texts(source, chosen, report=report)
        for doc_id, file, ann in read_files(chosen, report=report):
            text = read(find_text(source, file), report=report)
            if group is None or chosen.keeps(group(text, doc_id=doc_id)):
                note = brat.parse(text, ann, doc_id=doc_id, name=str(file))
                yield replace(note, subset=subset(file, text)) if subset else note


def read_xml_notes(
    path: Path,
    parse: Callable[..., Note],
    *,
    split: str,
    group: Optional[Callable[[str], str]] = None,
    hints: Optional[Hints] = None,
    report: Optional[Report] = None,
) -> Iterator[Note]:
    """Read the notes of a split from XML files.

    parse: Makes a Note of a file's text, given `doc_id` and `name`.
    group: Makes the key of a document's group from its identifier; dev is cut from train by group, if there
        is none. Without it, dev has to be there.
    """
    with open_source(path, suffixes=(".xml",)) as source:
        candidates = source.with_suffix(".xml")
        chosen = choose(source, candidates, split=split, expected=".xml files", cut=bool(group), hints=hints)
        for doc_id, file, xml in read_files(chosen, report=report):
            if group is None or chosen.keeps(group(doc_id)):
                yield parse(xml, doc_id=doc_id, name=str(file))


def find_text(source: Source, file: File) -> File:
    """The .txt file beside a file, of the same name.

    RAISES: FormatError if there is none.
    """
    name = file.stem + ".txt"
    if source.single and file.path.with_name(name).exists():
        return File(file.path.with_name(name), (name,))
    beside = source.at((*file.folder, name))
    if beside is not None:
        return beside
    raise FormatError(f"{file}: expected its text {name} beside it, found none. Add the text, or take the file away.")


def _count_lone_texts(source: Source, chosen: Chosen, *, report: Optional[Report]) -> None:
    annotated = {(*file.folder, file.stem + ".txt") for file in chosen.files}
    folders = {file.folder for file in chosen.files}
    texts = [file for file in source.files if file.name.endswith(".txt") and file.folder in folders]
    lone = [file for file in texts if file.parts not in annotated]
    tell_lone(lone, "texts have no annotation file", report=report)
