import re

import pytest
from generated_notes import SECRET, notes, texts
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import i2b2_concept
from spacy_mtclinical.formats.records import Annotation, FormatError, Note

TEXT = (
    "Admission Note :\n"
    " The patient denies chest pain .\n"
    "She was given aspirin 81 mg for mild\n"
    "headache today .\n"
    'a "5 "  tube\x0cwas seen\n'
)
CON = """c="chest pain" 2:4 2:5||t="problem"
c="aspirin" 3:3 3:3||t="treatment"
c="mild headache" 3:7 4:0||t="problem"
c="a "5 " tube" 5:0 5:3||t="treatment"
c="aspirin" 3:3 3:3||t="treatment"
"""
GREEDY = 'c="x" 1:0 1:0||t="y" 5:0 5:0||t="treatment"\n'


def parse(con, text=TEXT):
    return i2b2_concept.parse(text, con, doc_id="d1", name="a.con")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_positions(line_end):
    text = TEXT.replace("\n", line_end)
    note = parse(CON.replace("\n", line_end) + line_end, text)
    found = [re.sub(r"\s+", " ", text[a.start : a.end]) for a in note.annotations]
    assert found == ["chest pain", "aspirin", "mild headache", 'a "5 " tube', "aspirin"]
    assert [a.id for a in note.annotations] == ["C1", "C2", "C3", "C4", "C5"]  # the repeated line is kept
    assert note.annotations[0] == Annotation("C1", "problem", (note.annotations[0].fragments), "chest pain")
    assert i2b2_concept.write(note) == CON
    assert i2b2_concept.widened(note) == 0


def test_the_quoted_text_is_read_greedily():
    (concept,) = parse(GREEDY).annotations
    assert (concept.text, concept.label) == ('x" 1:0 1:0||t="y', "treatment")


def test_a_line_that_begins_with_white_space_has_an_empty_first_token():
    text = "\t \ta b\n \n"
    assert [
        a.fragments for a in parse('c="a" 1:1 1:1||t="x"\nc="a" 1:0 1:1||t="x"\nc="" 2:0 2:0||t="x"', text).annotations
    ] == [
        ((3, 4),),
        ((3, 4),),
        ((7, 7),),
    ]


def test_white_space_is_that_of_ascii():
    (concept,) = parse('c="b" 1:1 1:1||t="x"', "a\u00a0a\u2003a b\x85c").annotations
    assert concept.fragments == ((6, 9),)


def test_empty_con_and_empty_text():
    assert parse("", "") == Note("d1", "")
    assert i2b2_concept.write(Note("d1", "")) == ""


@given(st.data())
def test_written_notes_are_read_back(data):
    text = data.draw(texts())
    spans = [match.span() for match in re.finditer(r"[^ \t\n\r\f\v]+", text)]
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(spans), st.sampled_from(spans)), max_size=4)) if spans else []
    annotations = tuple(
        Annotation(f"C{i}", "problem", ((min(a, b)[0], max(a, b)[1]),)) for i, (a, b) in enumerate(drawn, start=1)
    )
    note = Note("d1", text, annotations)
    once = parse(i2b2_concept.write(note), text)
    assert [a.fragments for a in once.annotations] == [a.fragments for a in annotations]
    assert i2b2_concept.widened(note) == 0
    assert all(a.text == " ".join(re.split(r"[ \t\n\r\f\v]+", text[a.start : a.end].lower())) for a in once.annotations)
    assert parse(i2b2_concept.write(once), text) == once


@given(notes(fragments=2))
def test_any_span_is_widened_to_the_tokens_it_touches(note):
    tokens = [match.span() for match in re.finditer(r"[^ \t\n\r\f\v]+", note.text)]
    touched = []
    for a in note.annotations:
        touched.append([(s, e) for s, e in tokens if s < a.end and e > a.start and a.start < a.end])
    if not all(touched):
        with pytest.raises(
            FormatError, match="d1: expected an annotation that touches a token, got white space or not"
        ):
            i2b2_concept.write(note)
        return
    again = parse(i2b2_concept.write(note), note.text)
    assert [(a.start, a.end) for a in again.annotations] == [(t[0][0], t[-1][1]) for t in touched]
    covered = [{i for s, e in a.fragments for i in range(s, e)} for a in note.annotations]
    whole = [{i for s, e in t for i in range(s, e)} for t in touched]
    assert i2b2_concept.widened(note) == sum(not w <= c for w, c in zip(whole, covered))


def test_a_widened_concept_states_the_words_of_its_tokens():
    note = Note("d1", "NHC-150679, seen", (Annotation("P0", "ID", ((4, 10),), "150679"),))
    assert i2b2_concept.write(note) == 'c="nhc-150679," 1:0 1:0||t="ID"\n'
    assert i2b2_concept.widened(note) == 1


@pytest.mark.parametrize(
    "line, message",
    [
        ('c="SECRET" 9:0 9:0||t="test"', "expected a line from 1 to 6, got 9"),
        ('c="SECRET" 0:0 1:0||t="test"', "expected a line from 1 to 6, got 0"),
        ('c="SECRET" 1:0 1:3||t="test"', "expected a token below 3 in line 1 of the text, got 3"),
        ('c="SECRET" 6:1 6:1||t="test"', "expected a token below 1 in line 6 of the text, got 1"),
        ('c="SECRET" 1:2 1:1||t="test"', "expected an end at or after the start"),
        ('c="SECRET" 1:a 1:1||t="test"', "expected c="),
        ('c="SECRET" 1:1||t="test"', "expected c="),
        ('c="SECRET" 1:0 1:0||t="problem"||a="absent"', "expected c="),
        ('c="SECRET" 1:0 1:0||r="TrAP"||c="SECRET" 1:0 1:0', "expected c="),
        ("SECRET", "expected c="),
    ],
)
def test_malformed_lines(line, message):
    with pytest.raises(FormatError, match=f"a.con, line 3: {message}") as caught:
        parse('c="note" 1:1 1:1||t="test"\n\n' + line.replace("SECRET", SECRET), TEXT + SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "annotation, message",
    [
        (Annotation("1", "x", ((9, 11),)), "touches a token, got white space or nothing at 9 to 11"),
        (Annotation("1", "x", ((2, 2),)), "touches a token, got white space or nothing at 2 to 2"),
        (Annotation("1", "x", ((2, 99),)), "offsets within the text"),
        (Annotation("1", 'x"', ((2, 9),)), "annotation at 0: expected a label without quote"),
    ],
)
def test_what_the_format_cannot_hold(annotation, message):
    with pytest.raises(FormatError, match=f"d1.*{message}") as caught:
        i2b2_concept.write(Note("d1", SECRET + "  \n", (annotation,)))
    assert SECRET not in str(caught.value)
