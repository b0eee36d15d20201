"""Batches that do not fit into memory: halved and tried again, told without text, and in the end refused."""

import logging
import os
import subprocess
import sys

import pytest
import torch
from conftest import LABELS, make_nlp

from spacy_mtclinical.memory import choose_budget, halve_budget, is_out_of_memory

# The child takes what it has loaded and a little more for its limit, so that the first batches cannot fit.
SCARCE = """
import resource, sys
import spacy

nlp = spacy.load(sys.argv[1])
pipe = nlp.get_pipe("mtclinical")
notes = [" ".join(["patient has pain"] * 2000)] * 40
one = nlp(notes[0])
expected = [(s.start, s.end, s.label_) for s in one.spans["drugs"]]
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]) * 2**20,) * 2)
pipe.budget = 2**19
docs = list(nlp.pipe(notes, batch_size=40))
assert all([(s.start, s.end, s.label_) for s in doc.spans["drugs"]] == expected for doc in docs)
print(pipe.budget)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of address space are tested on Linux")
def test_a_batch_that_does_not_fit_is_halved_and_nothing_is_lost(tiny_bert, tmp_path):
    nlp = make_nlp(tiny_bert)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    nlp.to_disk(tmp_path)
    # Each of glibc's arenas, of which busy threads make more, reserves address space that the limit counts.
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, "-c", SCARCE, str(tmp_path), "250"]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]
    assert 64 < int(run.stdout.split()[-1]) < 2**19
    assert "did not fit into memory" in run.stderr


def test_the_budget_that_fits_is_remembered_and_a_single_window_is_refused(nlp, monkeypatch, caplog):
    pipe = nlp.get_pipe("mtclinical")
    fits = 100

    def run(model, docs, *, budget, reading):
        if budget > fits:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return predict(model, docs, budget=budget, reading=reading)

    from spacy_mtclinical import component

    predict = component.predict_docs
    monkeypatch.setattr(component, "predict_docs", run)
    pipe.budget = 8192
    with caplog.at_level(logging.WARNING, logger="spacy_mtclinical"):
        pipe(nlp.make_doc("patient has pain"))
    assert 64 <= pipe.budget <= 100
    assert (
        "did not fit into memory (OutOfMemoryError: " in caplog.text
        and "trying again with 4096" in caplog.text
        and "pain" not in caplog.text
    )
    fits = 10
    before = pipe.budget
    with pytest.raises(MemoryError, match=r"A single window of up to 64 sub-words does not fit into memory \(OutOfM"):
        pipe(nlp.make_doc("patient has pain"))
    assert pipe.budget == before


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:120] . DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("could not create a primitive"),
    ],
)
def test_exhausted_memory_is_known(error):
    assert is_out_of_memory(error)


def test_other_errors_are_not_taken_for_it():
    assert not is_out_of_memory(RuntimeError("size mismatch"))
    assert not is_out_of_memory(ValueError("out of memory"))


@pytest.mark.parametrize("threads, budget", [(1, 2048), (2, 2048), (6, 6144), (64, 8192)])
def test_budgets_grow_with_the_threads(monkeypatch, threads, budget):
    monkeypatch.setattr("torch.get_num_threads", lambda: threads)
    assert choose_budget(None) == budget and choose_budget(77) == 77


def test_halving_stops_at_one_window():
    assert halve_budget(100, longest=64, reason="x") == 64
    with pytest.raises(MemoryError, match="shorter window"):
        halve_budget(64, longest=64, reason="x")
