""".spacy files, and the functions that packages bring for what they hold."""

import os
import subprocess
import sys

# What catalogue finds by itself, before and after, with a package that brings functions and one registered later.
ASK = """
import numpy
import spacy
from srsly.msgpack import msgpack_decoders, msgpack_encoders
from spacy_mtclinical.docbins import make_docbin, read_docs
registries = (msgpack_decoders, msgpack_encoders)
nlp = spacy.blank("en")
before = [registry.get_all() for registry in registries]
assert all("brought" in found for found in before), before
doc = nlp("Denies pain.")
doc.user_data["kept"] = numpy.arange(3.0)
make_docbin([doc]).to_disk("notes.spacy")
for registry, found in zip(registries, before):
    assert registry.get_all() == found and not registry.entry_points
    registry.register("later", func=found["brought"])
    assert registry.get_all() == {**found, "later": found["brought"]}
(read,) = read_docs("notes.spacy", nlp.vocab)
assert read.text == doc.text and read.user_data["kept"].tolist() == [0.0, 1.0, 2.0]
import brought
assert brought.calls["decode"] and brought.calls["encode"], brought.calls
"""
BROUGHT = """
from collections import Counter
calls = Counter()


def decode(found, chain=None):
    calls["decode"] += 1
    return chain(found) if chain else found


def encode(found, chain=None):
    calls["encode"] += 1
    return chain(found) if chain else found
"""


def test_functions_that_packages_bring_for_msgpack_are_found_and_used(tmp_path):
    (tmp_path / "brought.py").write_text(BROUGHT)
    (tmp_path / "brought-1.dist-info").mkdir()
    (tmp_path / "brought-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1\n")
    (tmp_path / "brought-1.dist-info" / "entry_points.txt").write_text(
        "[srsly_msgpack_decoders]\nbrought = brought:decode\n[srsly_msgpack_encoders]\nbrought = brought:encode\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
