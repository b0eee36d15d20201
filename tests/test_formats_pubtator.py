import dataclasses

import pytest
from generated_notes import SECRET, facts, notes, one_line
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import pubtator
from spacy_mtclinical.formats.records import Annotation, FormatError, Note

DATA = """11|t|Zzamol and rash. A case|t|report
11|a|Zzamol gave "rash".
11\t0\t6\tZzamol\tChemical\tD1
11\t11\t15\trash\tDisease\tD2|D3\trash|itch
11\tCID\tD1\tD2
11\t34\t40\tZzamol\tChemical

12|t|
12|a|

13|t|No abstract
13\t3\t11\tabstract\tDisease\t-1
"""


def parse(data):
    return list(pubtator.parse(data, name="a.txt"))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_documents(line_end):
    first, second, third = parse("\ufeff" + DATA.replace("\n", line_end))
    assert first.text == 'Zzamol and rash. A case|t|report Zzamol gave "rash".'
    assert first.ignored == {"CID": 1}
    assert first.annotations[0] == Annotation("T1", "Chemical", ((0, 6),), "Zzamol", {"identifier": "D1"})
    assert first.annotations[1].attributes == {"identifier": "D2|D3", "columns": ["rash|itch"]}
    assert first.annotations[2] == Annotation("T3", "Chemical", ((34, 40),), "Zzamol")
    assert (second, third.text) == (Note("12", " "), "No abstract")
    again = parse(pubtator.write([first, second, third]))
    assert again == [dataclasses.replace(first, ignored={}), second, third]


def test_the_written_file():
    note = Note("7", "Rash? Yes, rash.", (Annotation("P0", "ADE", ((11, 15), (0, 4)), "", {"identifier": "D1"}),))
    assert pubtator.write([note]) == "7|t|Rash?\n7|a|Yes, rash.\n7\t0\t15\trash Rash\tADE\tD1\n"
    assert pubtator.write([]) == ""


@given(st.lists(notes(one_line(), identifier=st.sampled_from(["D1", "-1", "D1|D2"])), max_size=3))
def test_written_notes_are_read_back(drawn):
    drawn = [dataclasses.replace(note, id=str(number)) for number, note in enumerate(drawn)]
    once = parse(pubtator.write(drawn))
    assert [(n.id, n.text, facts(n)) for n in once] == [(n.id, n.text, facts(n)) for n in drawn]
    assert parse(pubtator.write(once)) == once


@pytest.mark.parametrize("text", ["a\rb. c", "a \r b", "a\r b", "a.\r b", "\ufeff", "tab\ttab x", " ", "  "])
def test_texts_with_rare_characters_are_read_back(text):
    note = Note("\ufeff1", text, (Annotation("T1", "X", ((0, len(text)),)),))
    (again,) = parse(pubtator.write([note]))
    assert (again.id, again.text, facts(again)) == (note.id, text, facts(note))


@pytest.mark.parametrize(
    "lines, number, message",
    [
        ([f"1\t0\t4\t{SECRET}\tX"], 1, "expected a line of the document above"),
        ([f"1|t|{SECRET}", f"2\t0\t4\t{SECRET}\tX"], 2, "expected a line of the document above"),
        ([f"1|t|{SECRET}", SECRET], 2, "expected a line of the document above"),
        ([f"1|a|{SECRET}"], 1, "expected an abstract once, after the title"),
        ([f"1|t|{SECRET}", f"2|a|{SECRET}"], 2, "expected an abstract once, after the title"),
        ([f"1|t|{SECRET}", f"1|a|{SECRET}", f"1|a|{SECRET}"], 3, "expected an abstract once, after the title"),
        ([f"1|t|{SECRET}", f"1\tx\t4\t{SECRET}\tX"], 2, "expected ID, start, end, text, type between tabs"),
        ([f"1|t|{SECRET}", f"1\t0\t4x\t{SECRET}\tX"], 2, "expected ID, start, end, text, type between tabs"),
        ([f"1|t|{SECRET}", f"1\t0\t4\t{SECRET}"], 2, "expected ID, start, end, text, type between tabs"),
        ([f"1|t|{SECRET}", f"1\t4\t0\t{SECRET}\tX"], 2, "expected an end at or after the start, got 4 to 0"),
    ],
)
def test_malformed_lines(lines, number, message):
    with pytest.raises(FormatError, match=f"a.txt, line {number}: {message}") as caught:
        parse("\n".join(lines))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "note, message",
    [
        (Note("1", f"{SECRET}\nb"), "1: expected a text on one line, got a line end at offset 9"),
        (Note("1", f"{SECRET}\r"), "1: expected a text on one line, got a line end at offset 9"),
        (Note(f"{SECRET}|1", "a"), "expected document identifiers without bar"),
        (
            Note("1", SECRET, (Annotation("T1", "a\tb", ((0, 1),)),)),
            "1, annotation at 0: expected a value .* in column 5",
        ),
        (Note("1", SECRET, (Annotation("T1", "a", ((0, 99),)),)), "1: expected offsets within the text"),
    ],
)
def test_what_the_format_cannot_hold(note, message):
    with pytest.raises(FormatError, match=message) as caught:
        pubtator.write([note])
    assert SECRET not in str(caught.value)
