"""Progress: the stream as it is; a bar on a terminal, lines elsewhere."""

import io

import pytest

from spacy_mtclinical import progress
from spacy_mtclinical.progress import report, track


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("file", [io.StringIO(), Terminal()])
def test_the_stream_passes(file):
    assert list(track(range(5), title="notes", total=5, file=file)) == list(range(5))


def test_elsewhere_it_is_lines_now_and_then(monkeypatch):
    file = io.StringIO()
    list(track(range(5), title="notes", file=file))
    assert file.getvalue() == ""
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    list(track(range(2), title="notes", total=2, file=file))
    first, last = file.getvalue().splitlines()
    assert first.startswith("1 of 2 notes, ") and last.startswith("2 of 2 notes, ")


def test_a_terminal_gets_a_bar():
    file = Terminal()
    list(track(range(5), title="notes", total=5, file=file))
    assert "notes" in file.getvalue()


def test_the_report_names_rate_and_time_left():
    assert report(1000, title="notes", total=3000, seconds=10.0) == "1,000 of 3,000 notes, 100.0 a second, 00:20 left"
    assert report(3, title="notes", total=None, seconds=1.0) == "3 notes, 3.0 a second"
    assert report(0, title="notes", total=3, seconds=0.0) == "0 of 3 notes, 0.0 a second"
