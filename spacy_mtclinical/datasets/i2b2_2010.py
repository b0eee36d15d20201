"""i2b2/VA 2010: problems, treatments and tests in discharge summaries and progress notes."""

from pathlib import Path
from typing import Dict, Iterator, List, Optional

from ..formats import i2b2_concept
from ..formats.records import FormatError, Note
from ..report import Report
from .sources import File, choose, open_source, read_files
from .sources import read as read_file

TASK = "i2b2_2010"
KIND = "entities"
LABELS = ("problem", "test", "treatment")
DESCRIPTION = "i2b2/VA 2010 concepts (.con with .txt); dev is cut from train by document"
SPLITS = ("train", "dev", "test")
HINTS = {"reference_standard": "test", "beth|partners": "train"}


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Note]:
    """Read the notes of a split: .con files, with texts beside them or in the folders of the archives."""
    with open_source(path, suffixes=(".con",)) as source:
        candidates = source.with_suffix(".con")
        chosen = choose(source, candidates, split=split, expected=".con and .txt files", cut=True, hints=HINTS)
        texts: Dict[str, List[File]] = {}
        for file in source.files:
            if file.name.lower().endswith(".txt"):
                texts.setdefault(file.stem, []).append(file)
        for doc_id, file, con in read_files(chosen, report=report):
            if chosen.keeps(doc_id):
                if source.single:
                    texts[file.stem] = [File(file.path.with_suffix(".txt"), (file.stem + ".txt",))]
                text = read_file(_find_text(file, texts.get(file.stem, [])), report=report)
                yield i2b2_concept.parse(text, con, doc_id=doc_id, name=str(file))


def _find_text(con: File, texts: List[File]) -> File:
    """The text beside the .con file, in a sibling folder such as txt/, or anywhere if there is only one."""
    for near in (
        [text for text in texts if text.folder == con.folder],
        [text for text in texts if text.folder[:-1] == con.folder[:-1] and con.folder],
        texts,
    ):
        if len(near) == 1:
            return near[0]
    raise FormatError(
        f"{con}: expected one text {con.stem}.txt beside it, in a sibling folder or in test_data, found {len(texts)}. "
        "Unpack the archives of texts and concepts into one folder."
    )
