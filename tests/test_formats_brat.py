import dataclasses

import pytest
from generated_notes import SECRET, notes, one_line
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import brat
from spacy_mtclinical.formats.records import Annotation, FormatError, Note

TEXT = "infection du bras et de la jambe gauche\n"
ANN = """R1\tCause Arg1:T3 Arg2:T1
A1\tNegation T1
A2\tCertainty T3 high
M3\tSeen T3 once
A4\tSeen T3 twice
A5\tNegation E1
T1\tDISO 0 17\tinfection du bras
#1\tAnnotatorNotes T1\tC0000001 C0000009
#2\tAnnotatorNotes T1\ta second
#3\tAnnotatorNotes R1\tof a relation
#4\tTodo T1\tof another kind
T3\tDISO 27 39;0 9\tjambe gauche infection
E1\tDISO:T1
*\tOverlap T1 T3
N1\tReference T1 UMLS:C0000001\tinfection

"""
VALUES = one_line().filter(bool)


def parse(ann, text=TEXT):
    return brat.parse(text, ann, doc_id="d1", name="a.ann")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_kind_of_line(line_end):
    note = parse("\ufeff" + ANN.replace("\n", line_end))
    first, second = note.annotations
    assert first == Annotation(
        "T1", "DISO", ((0, 17),), "infection du bras", {"Negation": True, "notes": ["C0000001 C0000009", "a second"]}
    )
    assert second.fragments == ((27, 39), (0, 9))
    assert (second.start, second.end) == (0, 39)
    assert second.attributes == {"Certainty": "high", "Seen": ["once", "twice"]}
    counts = {"relation": 1, "event": 1, "equivalence": 1, "normalization": 1, "attribute": 1, "note": 2}
    assert note.ignored == counts
    assert parse(brat.write(note)) == dataclasses.replace(note, ignored={})


def test_empty_ann_is_a_note_without_annotations():
    assert parse("") == Note("d1", TEXT)
    assert brat.write(Note("d1", TEXT)) == ""


def test_offsets_off_the_text_are_kept_for_verification():
    (annotation,) = parse(f"T1\tDISO 500 509\t{SECRET}\n").annotations
    assert annotation.fragments == ((500, 509),)


@given(
    notes(
        fragments=3,
        notes=st.lists(one_line(), min_size=1, max_size=2),
        Certainty=st.one_of(VALUES, st.just(True), st.lists(VALUES, min_size=2, max_size=3)),
    )
)
def test_written_notes_are_read_back(note):
    once = parse(brat.write(note), note.text)
    assert [dataclasses.replace(a, text="") for a in once.annotations] == list(note.annotations)
    assert parse(brat.write(once), note.text) == once


def test_the_written_file():
    note = Note(
        "d1",
        "knee\r\npain, rash",
        (
            Annotation("T7", "Reason", ((0, 4), (6, 10)), attributes={"notes": ["C1"], "neg": False, "sure": True}),
            Annotation("T2", "ADE", ((0, 10),), attributes={"level": 2, "comment": ""}),
        ),
    )
    assert brat.write(note) == (
        "T7\tReason 0 4;6 10\tknee pain\n#1\tAnnotatorNotes T7\tC1\nA1\tsure T7\n"
        "T2\tADE 0 10\tknee  pain\nA2\tlevel T2 2\n"
    )


@pytest.mark.parametrize(
    "text, lines",
    [
        ("knee", [(0, 4)]),
        ("knee\npain", [(0, 4), (5, 9)]),
        ("the knee\r\n \n\n  pain\rnow", [(0, 8), (13, 19), (20, 23)]),
        ("knee\n", [(0, 5)]),  # brat refuses it either way; it stays where it is
        ("  \nknee\npain", [(0, 12)]),
        ("\n", [(0, 1)]),
        ("", [(0, 0)]),
    ],
)
def test_lines_of_a_span(text, lines):
    assert brat.split_lines(f"> {text} <", (2, 2 + len(text))) == tuple((2 + start, 2 + end) for start, end in lines)


@pytest.mark.parametrize("ids", [["P0", "P1"], ["T1", "T1"], ["T1", ""], ["T 1", "T2"]])
def test_identifiers_of_other_formats_are_numbered_anew(ids):
    note = Note("d1", TEXT, tuple(Annotation(id_, "DISO", ((0, 9),)) for id_ in ids))
    assert [annotation.id for annotation in parse(brat.write(note)).annotations] == ["T1", "T2"]


@pytest.mark.parametrize(
    "line",
    [
        f"T2 DISO 0 9 {SECRET}",
        f"T2\tDISO 0 9 {SECRET}",
        f"T2\tDISO 0 x\t{SECRET}",
        f"T2\tDISO 0 -1\t{SECRET}",
        f"T2\tDISO 0 9,10 12\t{SECRET}",
        f"T2\tDISO 0 {'9' * 5000}\t{SECRET}",
        f"T2\t 0 9\t{SECRET}",
        f"Q2\t{SECRET}",
        SECRET,
        f"A1\t{SECRET}",
        f"R1 {SECRET}",
    ],
)
def test_broken_lines(line):
    with pytest.raises(FormatError, match=r"a\.ann, line 2: expected a line of brat") as caught:
        parse(f"T1\tDISO 0 9\t{SECRET}\n{line}\n")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "line, message",
    [
        (f"T1\tDISO 1 9\t{SECRET}", "expected an identifier used once"),
        (f"T2\tX 9 1\t{SECRET}", "an end at or after the start"),
    ],
)
def test_lines_that_contradict(line, message):
    with pytest.raises(FormatError, match=rf"a\.ann, line 2: .*{message}") as caught:
        parse(f"T1\tDISO 0 9\t{SECRET}\n{line}\n")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "annotation, message",
    [
        (Annotation("T1", "DISO", ((0, 10),)), r"d1: expected offsets within the text \(0 to 9\), got 0 to 10"),
        (Annotation("T1", "DISO", ((5, 3),)), r"d1: expected offsets within the text \(0 to 9\), got 5 to 3"),
        (Annotation("T1", "DISO", ()), "d1: expected at least one fragment"),
        (Annotation("T1", "", ((1, 9),)), "d1, annotation at 1: expected a label without white space"),
        (Annotation("T1", "X Y", ((1, 9),)), "d1, annotation at 1: expected a label without white space"),
        (
            Annotation("T1", "X", ((1, 9),), "", {"a b": SECRET}),
            "d1, annotation at 1: expected an attribute name without",
        ),
        (
            Annotation("T1", "X", ((1, 9),), "", {"a": SECRET + "\n"}),
            "d1, annotation at 1: expected attributes and notes on",
        ),
        (
            Annotation("T1", "X", ((1, 9),), "", {"notes": [SECRET + "\r"]}),
            "d1, annotation at 1: expected attributes and not",
        ),
        (
            Annotation("T1", "X", ((1, 9),), "", {"a": {SECRET: 1}}),
            "d1, annotation at 1: expected attributes of text, .* dict",
        ),
    ],
)
def test_what_brat_cannot_hold(annotation, message):
    with pytest.raises(FormatError, match=message) as caught:
        brat.write(Note("d1", SECRET, (annotation,)))
    assert SECRET not in str(caught.value)
