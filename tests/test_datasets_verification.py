import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.datasets.verification import SHIFTS, find_shift, matches, verify
from spacy_mtclinical.formats.records import Annotation, Note
from spacy_mtclinical.report import Report

TEXT = "one two three four five six seven eight nine ten eleven twelve"
WORDS = TEXT.split()


def annotate(word, by=0, *, id="T1", text=None):
    start = TEXT.index(word) + by
    return Annotation(id, "Number", ((start, start + len(word)),), word if text is None else text, {"kept": True})


def check(annotations, text=TEXT):
    report = Report(dataset="brat", task="t", split="train")
    return verify(Note("n1", text, tuple(annotations)), report=report), report


def test_what_matches_is_left_alone():
    annotations = tuple(annotate(word) for word in WORDS[1:])
    note, report = check(annotations)
    assert note.annotations == annotations
    assert (report.types, report.shifts) == ({}, {})


@pytest.mark.parametrize("shift", SHIFTS)
def test_a_document_off_by_a_constant_is_shifted_and_says_so(shift):
    words = ["three", "eight", "eleven"]
    note, report = check([annotate(word, -shift) for word in words])
    assert [note.text[a.start : a.end] for a in note.annotations] == words
    assert [dict(a.attributes) for a in note.annotations] == [{"kept": True, "shift": shift}] * 3
    assert report.types["Number"] == {"repaired": 3}
    assert report.shifts == {"n1": shift}


def test_annotations_that_match_stay_where_they_are():
    # As in a file of i2b2 2014, whose offsets are right up to a character that was counted as several.
    note, report = check([annotate("three"), annotate("eleven", 4), annotate("eight", 4)])
    assert [note.text[a.start : a.end] for a in note.annotations] == ["three", "eleven", "eight"]
    assert "shift" not in note.annotations[0].attributes
    assert report.types["Number"] == {"repaired": 2}


def test_a_shift_may_leave_one_in_ten_which_stay_as_they_are():
    # As in QUAERO's 118_2 of one copy: 409 of 412 are one too high.
    wrong = Annotation("T0", "Number", ((4, 7),), "zwei")
    note, report = check([wrong] + [annotate(word, 1) for word in WORDS[2:] if word != "ten"])
    assert note.annotations[0] == wrong
    assert report.types["Number"] == {"repaired": 9, "mismatched": 1}
    note, report = check([wrong] + [annotate(word, 1) for word in WORDS[2:7]])
    assert report.types["Number"] == {"mismatched": 6}
    assert report.shifts == {}


@pytest.mark.parametrize(
    "annotations",
    [
        [annotate("three", text="drei")],
        [annotate("three", 1), annotate("eight", -1)],
        [annotate("eight", 5)],
        [Annotation("T1", "Number", ((len(TEXT) + 9, len(TEXT) + 12),), "ten")],
        [Annotation("T1", "Number", ((5, 8),), "two")],  # three letters may match by chance
    ],
)
def test_what_no_single_shift_explains_stays_and_is_counted(annotations):
    note, report = check(annotations)
    assert note.annotations == tuple(annotations)
    assert report.types["Number"] == {"mismatched": len(annotations)}


def test_what_states_no_text_cannot_be_verified():
    _, report = check([annotate("three", text="")])
    assert report.types["Number"] == {"unstated": 1}


@pytest.mark.parametrize(
    "text, fragments, stated",
    [
        ("chest\n  Pain", ((0, 12),), "chest pain"),
        ("infection du bras et jambe gauche", ((0, 9), (21, 33)), "infection jambe gauche"),
        ("pt&apos;s leg", ((0, 13),), "pt's leg"),
        ("pt's leg", ((0, 8),), "pt&apos;s leg"),
        ("A&amp;B", ((0, 7),), "A&B"),
        ('the "rash"', ((4, 10),), "&quot;rash&quot;"),
        ("Stra\u00dfe", ((0, 6),), "STRASSE"),
    ],
)
def test_white_space_letter_case_and_entities_make_no_difference(text, fragments, stated):
    assert matches(text, Annotation("T1", "X", fragments, stated))


def test_of_equal_shifts_the_smallest_is_taken():
    text = "aaaa aaaa aaaa"
    assert find_shift(text, [Annotation("T1", "X", ((4, 8),), "aaaa")]) == (1, [True])


@given(
    st.text("ab \n", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8), st.text("ab", max_size=4)))
)
def test_nothing_is_dropped_and_only_what_then_matches_is_moved(text, found):
    annotations = [Annotation(f"T{i}", "X", ((at, at + n),), stated) for i, (at, n, stated) in enumerate(found)]
    note, report = check(annotations, text)
    assert [a.id for a in note.annotations] == [a.id for a in annotations]
    for before, after in zip(annotations, note.annotations):
        assert after == before or matches(text, after) and not matches(text, before)
    moved = sum(a.attributes.get("shift") is not None for a in note.annotations)
    assert report.total("repaired") == moved
