"""How many gold boundaries fall on tokens, and how fast the tokenizer is, against spaCy's English one.

    MTCLINICAL_DATA=FOLDER python benchmarks/tokenizer.py

FOLDER (by default `../shared/data/public` beside the repository) holds the public corpora as archives (`bc5cdr.tar.xz`)
or unpacked; what is not there is named and left out. Train and dev splits only. Writes `metrics/tokenizer.json`.
"""

import argparse
import os
import random
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import spacy
import srsly
from spacy.tokenizer import Tokenizer

from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.datasets.sources import open_source, read
from spacy_mtclinical.formats.records import Note
from spacy_mtclinical.tokenizer import create_tokenizer_v1

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("MTCLINICAL_DATA", ROOT.parent / "shared" / "data" / "public"))
CORPORA = {  # archive: dataset
    "bc5cdr": "bc5cdr",
    "maccrobat": "maccrobat",
    "meddocan": "meddocan",
    "phee": "phee",
    "quaero": "quaero_2014",
}
Row = Dict[str, Any]
ROUNDS = 3  # of the speed test; the medians are compared


def make_ours() -> Tokenizer:
    return create_tokenizer_v1()(spacy.blank("en"))


def make_english() -> Tokenizer:
    return spacy.blank("en").tokenizer


TOKENIZERS: Dict[str, Callable[[], Tokenizer]] = {"ours": make_ours, "english": make_english}


def find_corpus(name: str) -> Optional[Path]:
    return next((path for path in (DATA / f"{name}.tar.xz", DATA / name) if path.exists()), None)


def count_aligned(tokenizer: Tokenizer, notes: List[Note]) -> Tuple[int, int]:
    """The annotations whose first and last characters are a token's first and last, and all of them."""
    aligned = total = 0
    for note in notes:
        doc = tokenizer(note.text)
        starts = {token.idx for token in doc}
        ends = {token.idx + len(token) for token in doc}
        total += len(note.annotations)
        aligned += sum(a.start in starts and a.end in ends for a in note.annotations)
    return aligned, total


def measure_alignment(name: str, path: Path) -> List[Row]:
    """A row for the types of the dataset's schema, and one for all types if its files hold more."""
    dataset = load_dataset(CORPORA[name])
    notes = [note for split in ("train", "dev") for note in dataset.read(path, split=split)]
    in_schema = [
        Note(note.id, note.text, tuple(a for a in note.annotations if a.label in dataset.LABELS)) for note in notes
    ]
    choices = {"schema": in_schema}
    if getattr(dataset, "PARTIAL", False):
        choices["all"] = notes
    rows = []
    for types, chosen in choices.items():
        row: Row = {"corpus": name, "types": types}
        for tokenizer, make in TOKENIZERS.items():
            aligned, row["spans"] = count_aligned(make(), chosen)
            row[f"{tokenizer}_missed"] = row["spans"] - aligned
            row[f"{tokenizer}_percent"] = round(100 * aligned / row["spans"], 3)
        rows.append(row)
    return rows


def synthetic_texts(number: int = 300) -> List[str]:
    """Invented words, numbers with and without units, and punctuation; far more distinct words than a corpus has."""
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(1, 12))) for _ in range(30_000)]

    def token() -> str:
        if draw.random() < 0.1:
            return f"{draw.randint(0, 9999)}{draw.choice(['mg', 'ml', '%', '/80', ''])}"
        word = draw.choice(words)
        return draw.choice([word, word, word, word.title(), word.upper(), f"{word}{draw.choice(',.;:')}"])

    return [" ".join(token() for _ in range(1000)) for _ in range(number)]


def sample_texts(path: Path) -> Iterator[str]:
    with open_source(path, suffixes=[".txt"]) as source:
        for file in source.with_suffix(".txt"):
            yield read(file)


def measure_speed(name: str, texts: List[str]) -> Row:
    """Characters a second on first sight ("cold") and on second ("warm": spaCy caches by white-space chunk)."""
    characters = sum(map(len, texts))
    speeds: Dict[str, List[float]] = {}
    for _ in range(ROUNDS):
        for name_of, make in TOKENIZERS.items():
            tokenizer = make()
            for state in ("cold", "warm"):
                begun = time.perf_counter()
                for text in texts:
                    tokenizer(text)
                speeds.setdefault(f"{name_of}_{state}", []).append(characters / (time.perf_counter() - begun))
    row: Row = {"texts": name, "characters": characters}
    row.update({key: round(median(values)) for key, values in speeds.items()})
    for state in ("cold", "warm"):
        row[f"ratio_{state}"] = round(row[f"ours_{state}"] / row[f"english_{state}"], 2)
    return row


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    alignment, speed = [], []
    sys.stdout.write(
        f"{'corpus':<12}{'types':<8}{'spans':>8}{'ours %':>10}{'missed':>8}{'english %':>11}{'missed':>8}\n"
    )
    for name in CORPORA:
        path = find_corpus(name)
        if path is None:
            sys.stderr.write(f"{name} is not in {DATA}; left out.\n")
            continue
        for row in measure_alignment(name, path):
            alignment.append(row)
            sys.stdout.write(
                f"{name:<12}{row['types']:<8}{row['spans']:>8}{row['ours_percent']:>10.3f}{row['ours_missed']:>8}"
                f"{row['english_percent']:>11.3f}{row['english_missed']:>8}\n"
            )
    texts = {"synthetic": synthetic_texts()}
    path = find_corpus("mtsamples")
    if path is None:
        sys.stderr.write(f"mtsamples is not in {DATA}; left out.\n")
    else:
        texts["mtsamples"] = list(sample_texts(path))
    sys.stdout.write(f"\n{'characters/s':<14}{'':<6}{'ours':>12}{'english':>12}{'ratio':>8}\n")
    for name, chosen in texts.items():
        row = measure_speed(name, chosen)
        speed.append(row)
        for state in ("cold", "warm"):
            sys.stdout.write(
                f"{name:<14}{state:<6}{row[f'ours_{state}']:>12,}{row[f'english_{state}']:>12,}"
                f"{row[f'ratio_{state}']:>8.2f}\n"
            )
    (ROOT / "metrics").mkdir(exist_ok=True)
    srsly.write_json(ROOT / "metrics" / "tokenizer.json", {"alignment": alignment, "speed": speed})


if __name__ == "__main__":
    main()
