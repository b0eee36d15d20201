"""What an encoder that stays as it is says is read once, within the room there is."""

from types import SimpleNamespace

import numpy
import pytest

from spacy_mtclinical.frozen import StateReader
from spacy_mtclinical.windows import Window


def make_window(*ids):
    return Window(numpy.array(ids), numpy.zeros(len(ids), dtype="int64"), (0, len(ids)))


def make_encoder():
    """As much of an encoder as tells one checkpoint from another."""
    return SimpleNamespace(layers=[SimpleNamespace(shims=[SimpleNamespace(_model=object())])])


@pytest.fixture
def seen():
    return []


@pytest.fixture
def read(seen):
    def say(encoder, windows):
        seen.extend(window.ids.tolist() for window in windows)
        return [window.ids.astype("float32") for window in windows]

    return say


A, B = make_window(1, 2, 3), make_window(4, 5)


def test_windows_are_read_once_and_given_in_order(read, seen):
    reader, encoder = StateReader(read), make_encoder()
    for _ in range(2):
        found = reader(encoder, [B, A, B])
        assert [states.tolist() for states in found] == [[4, 5], [1, 2, 3], [4, 5]]
    assert sorted(seen) == [[1, 2, 3], [4, 5]]
    assert reader(encoder, []) == []


def test_what_does_not_fit_is_read_again(read, seen):
    reader, encoder = StateReader(read, room=A.ids.astype("float32").nbytes), make_encoder()
    for _ in range(2):
        reader(encoder, [A, B])
    assert seen.count([1, 2, 3]) == 1 and seen.count([4, 5]) == 2


def test_another_checkpoint_is_read_anew(read, seen):
    reader = StateReader(read)
    reader(make_encoder(), [A])
    reader(make_encoder(), [A])
    assert len(seen) == 2


def test_windows_that_keep_other_places_are_others(read, seen):
    reader, encoder = StateReader(read), make_encoder()
    reader(encoder, [A, A._replace(keep=(0, 1)), A._replace(mean=True)])
    assert len(seen) == 3
