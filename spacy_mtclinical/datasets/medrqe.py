"""RQE: whether every answer to a frequent question also answers a consumer's question."""

import re
from pathlib import Path
from typing import Iterable, Iterator, List, Optional, Sequence

from ..formats import rqe_xml
from ..formats.records import Pair
from ..report import Report
from .sources import File, choose, open_source, prefer, read_files
from .writing import Writing, Written, write_labels

TASK = "medrqe"
KIND = "classes"
LABELS = ("false", "true")
DESCRIPTION = "RQE of AMIA 2016 and MEDIQA 2019 (XML); dev is cut from train by the consumer's question"
SPLITS = ("train", "dev", "test")
HINTS = {"valid(ation)?": "test"}  # MEDIQA 2019's validation set is the test set of AMIA 2016
PREFERRED = (("mediqa2019", "amia2016"), ("amia2016",))  # names cleaned; names as released; anything else


def read(path: Path, *, split: str, report: Optional[Report] = None) -> Iterator[Pair]:
    """Read the pairs of a split: MEDIQA 2019's cleaned copy of the AMIA 2016 files, else the originals, else others."""
    with open_source(path, suffixes=(".xml",)) as source:
        candidates = source.with_suffix(".xml")
        chosen = choose(source, candidates, split=split, expected="an .xml file", cut=True, by_name=True, hints=HINTS)
        preferred = prefer(chosen, _pick(chosen.files))
        for _, file, data in read_files(preferred, report=report):
            for pair in rqe_xml.parse(data, name=str(file)):
                if preferred.keeps(pair.first):
                    yield pair


def _pick(files: Sequence[File]) -> List[File]:
    for words in PREFERRED:
        found = [file for file in files if all(word in file.name.lower() for word in words)]
        if found:
            return found
    return []


def write(pairs: Iterable[Pair], writing: Writing) -> Iterator[Written]:
    """Write the pairs as they are distributed, and their labels as the script of MEDIQA 2019 reads them (1 and 0)."""
    held = list(pairs)
    data = rqe_xml.write(held, root=f"RQE-med-{re.sub(r'[^A-Za-z0-9_.-]', '-', writing.name)}")
    writing.compare_pairs(held, rqe_xml.parse(data, name=writing.name))
    yield Written((f"RQE_{writing.name}_labels.csv",), write_labels(held, {"true": "1", "false": "0"}))
    if writing.with_text:
        yield Written((f"RQE_{writing.name}_pairs_AMIA2016.xml",), data)
