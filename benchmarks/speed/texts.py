"""The texts that are measured with: public notes where they are, invented ones otherwise, and pairs of sentences."""

import os
import random
import re
import tempfile
from itertools import islice
from pathlib import Path
from typing import Iterator, List, Tuple

from spacy_mtclinical.datasets.sources import open_source, read
from spacy_mtclinical.synthetic.corpora import write_corpora

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("MTCLINICAL_DATA", ROOT.parent / "shared" / "data" / "public"))
SHORT = 300  # characters; what is shorter among the invented texts is a title
SENTENCE = re.compile(r"[^.\n]{30,200}\.")


def read_notes(source: str) -> List[str]:
    """Read notes in an order drawn once. source: A folder or archive of .txt files."""
    with open_source(Path(source), suffixes=[".txt"]) as files:
        notes = [text for file in files.with_suffix(".txt") if (text := read(file)).strip()]
    if not notes:
        raise ValueError(f"Expected .txt files in {source}, found none with text.")
    random.Random(0).shuffle(notes)
    return notes


def find_notes(source: str) -> Tuple[str, List[str]]:
    """Find notes: those that are named, else the public ones, else invented ones. RETURNS: What they are, and they."""
    found = [source] if source else [str(path) for name in NAMES if (path := DATA / name).exists()]
    if found:
        return Path(found[0]).name.split(".")[0], read_notes(found[0])
    with tempfile.TemporaryDirectory() as folder:
        write_corpora(Path(folder))
        return "synthetic", [note for note in read_notes(folder) if len(note) >= SHORT]


NAMES = ("mtsamples.tar.xz", "mtsamples")


def pair_up(notes: List[str], number: int) -> List[Tuple[str, str]]:
    """Pairs of sentences that follow each other in notes; from the start again where there are too few."""
    sentences = [match.group().strip() for note in notes for match in islice(SENTENCE.finditer(note), 8)]
    pairs = list(zip(sentences, sentences[1:])) or [(notes[0][:80], notes[0][:80])]
    return [pairs[index % len(pairs)] for index in range(number)]


def repeat_notes(notes: List[str], number: int) -> Iterator[str]:
    """So many notes, from the start again where there are too few, without their first words each time."""
    for index in range(number):
        note = notes[index % len(notes)]
        yield note[7 * (index // len(notes)) :] or note
