"""Notes of arbitrary Unicode through the whole command: no crash, no lost row, offsets that give the text back.

MTCLINICAL_FUZZ is the number of notes; benchmarks/fuzz.py runs this with 10,000.
"""

import json
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trained import make_trained
from written import read_written

from spacy_mtclinical.bulk.jobs import annotate_files

NOTES = int(os.environ.get("MTCLINICAL_FUZZ", "150"))
LEAST, MOST = 20, 40  # notes a run
AWKWARD = [
    "\n",
    "\r\n",
    "\x00",
    "\x85",
    "\u2028",
    "\ufeff",
    "e\u0301",
    "\U0001f468\u200d\U0001f9b3",
    "\ud800",
    "ﬁ",
    "İ",
    "ß",
]
TEXTS = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),
    st.lists(
        st.one_of(
            st.sampled_from([*AWKWARD, "rash ", "aspirin", "5 mg", "\u0645\u0631\u064a\u0636 "]), st.text(max_size=4)
        )
    ).map("".join),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=5), st.integers(1, 200)),
)
seen: Counter = Counter()


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    make_trained(tiny_bert).to_disk(folder)
    return str(folder)


def is_text(text):
    try:
        return text.encode("utf8") is not None
    except UnicodeEncodeError:
        return False


@settings(max_examples=-(-NOTES // LEAST), deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(texts=st.lists(TEXTS, min_size=LEAST, max_size=MOST), name=st.sampled_from(["out.jsonl", "out.parquet"]))
def check_notes(model, folder, texts, name):
    source, out = folder / "in.jsonl", folder / name
    source.write_text("".join(json.dumps({"text": text, "n": n}) + "\n" for n, text in enumerate(texts)))
    found = annotate_files(model, source, out, with_text=True, force=True, shard_notes=16)
    rows = read_written(out)
    assert [(row["id"], row["n"]) for row in rows] == [(str(n + 1), n) for n in range(len(texts))]
    for text, row in zip(texts, rows):
        assert (row["error"] is None) == is_text(text)
        if row["error"] is None:
            assert row["text"] == text
            for entities in row["entities"].values():
                for entity in entities:
                    assert text[entity["start"] : entity["end"]] == entity["text"] != ""
                    seen["entities"] += 1
    assert found.counts["failed"] == sum(not is_text(text) for text in texts)
    seen.update(notes=len(texts), failed=found.counts["failed"], runs=1, characters=sum(map(len, texts)))


def test_arbitrary_notes(model, tmp_path):
    check_notes(model, tmp_path)
    assert seen["notes"] >= NOTES and seen["entities"] > NOTES and seen["failed"]
