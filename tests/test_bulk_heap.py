"""Free memory is given back, now and then, and where the system cannot do that nothing happens."""

import ctypes

from spacy_mtclinical.bulk import heap
from spacy_mtclinical.bulk.heap import make_release


def test_it_is_given_back_now_and_then(monkeypatch):
    calls = []
    monkeypatch.setattr("pyarrow.default_memory_pool", lambda: calls.append("arrow") or Pool())
    release = make_release()
    release()
    assert calls == []
    monkeypatch.setattr(heap, "INTERVAL", 0.0)
    release()
    release()
    assert calls == ["arrow", "arrow"]


def test_another_system_does_not_mind(monkeypatch):
    monkeypatch.setattr(ctypes, "pythonapi", object())
    monkeypatch.setattr(heap, "INTERVAL", 0.0)
    make_release()()


class Pool:
    def release_unused(self):
        pass
