"""Free memory is given back, now and then, and where the system cannot do that nothing happens."""

import ctypes
import time

import pyarrow
import pytest

from spacy_mtclinical import heap
from spacy_mtclinical.heap import give_back


class Pool:
    def __init__(self):
        self.released = 0

    def release_unused(self):
        self.released += 1


def test_it_is_given_back_now_and_then(monkeypatch):
    pool = Pool()
    monkeypatch.setattr(pyarrow, "default_memory_pool", lambda: pool)
    now = time.monotonic()
    assert give_back(now) == now and pool.released == 0
    assert give_back(now - heap.INTERVAL) > now and pool.released == 1


def test_another_system_does_not_mind(monkeypatch):
    monkeypatch.setattr(ctypes, "pythonapi", object())
    assert give_back(0.0) > 0


def test_a_stream_gives_back_between_its_batches(nlp, monkeypatch):
    from spacy_mtclinical import component

    calls = []
    monkeypatch.setattr(component, "give_back", lambda last: calls.append(last) or 1.0 + last)
    list(nlp.pipe(["patient has pain"] * 6, batch_size=2))
    assert calls[1:] == pytest.approx([calls[0] + 1.0, calls[0] + 2.0])
