"""Chunks spread over processes: every result, in order, and never a wait for one that died."""

import os

import pytest

from spacy_mtclinical import workers
from spacy_mtclinical.workers import spread_chunks


def test_processes_give_results_in_order():
    chunks = [list(range(start, start + 3)) for start in range(0, 60, 3)]
    found = list(spread_chunks(lambda chunk: [n * n for n in chunk], iter(chunks), n_process=3))
    assert found == [(n, n * n) for n in range(60)]


def test_where_nothing_forks_one_process_is_asked_for(monkeypatch):
    monkeypatch.setattr(workers, "get_all_start_methods", lambda: ["spawn"])
    with pytest.raises(ValueError, match="Expected a system that forks processes"):
        list(spread_chunks(list, [[1]], n_process=2))


def test_a_process_that_dies_is_told():
    def die(chunk):
        os._exit(9)

    with pytest.raises(ChildProcessError, match="A process that annotates died, perhaps for want of memory") as error:
        list(spread_chunks(die, [[1], [2]], n_process=2))
    assert error.value.__suppress_context__


def test_chunks_are_taken_as_they_are_needed():
    taken = []

    def chunks():
        for number in range(100):
            taken.append(number)
            yield [number]

    found = spread_chunks(list, chunks(), n_process=2)
    assert next(found) == (0, 0)
    assert len(taken) <= 6
    found.close()
