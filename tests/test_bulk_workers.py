"""Batches spread over processes: every result, in order, and never a wait for one that died."""

import os
import time

import pytest

from spacy_mtclinical.bulk import workers
from spacy_mtclinical.bulk.workers import count_cores, spread


@pytest.fixture(autouse=True)
def quick_start(monkeypatch):
    """Start workers by forking, which takes no time; test_cli_annotate.py starts them as users do."""
    monkeypatch.setattr(workers, "START", "fork")


def square(number):
    return number * number


def die(number):
    os._exit(9)


def fail(number):
    raise OSError("no such pipeline")


def test_processes_give_results_in_order_as_they_are_needed():
    taken = []

    def numbers():
        for number in range(40):
            taken.append(number)
            yield number, "not sent"

    found = spread(square, numbers(), n_process=2, key=lambda pair: pair[0])
    assert next(found) == ((0, "not sent"), 0)
    assert len(taken) <= 2 + 2 * workers.AHEAD
    assert [result for _, result in found] == [number * number for number in range(1, 40)]
    with pytest.raises(OSError, match="no such pipeline"):
        list(spread(fail, [1], n_process=1, key=int))


def test_a_process_that_dies_is_told():
    with pytest.raises(ChildProcessError, match="A process that annotates died, perhaps for want of memory") as error:
        list(spread(die, [1, 2], n_process=1, key=int))
    assert error.value.__suppress_context__


def test_a_worker_ends_with_its_parent(monkeypatch):
    monkeypatch.setattr(workers, "WATCH", 0.01)
    child = os.fork()
    if not child:
        workers._end_with(-1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_cores_are_shared():
    assert 1 <= count_cores() <= (os.cpu_count() or 1)
    assert time.monotonic() > 0
