import pytest
from generated_notes import SECRET
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import iob
from spacy_mtclinical.formats.records import Annotation, FormatError, Note

TOKENS = st.one_of(
    st.sampled_from(["a", "#", "é", "😀", "\ufeff", "\u00a0", "\x0c", "x\ry", '"', "O"]),
    st.text(st.characters(exclude_characters=" \t\n\r", exclude_categories=["Cs"]), min_size=1, max_size=4),
)
TAGS = st.sampled_from(["O", "B-Drug", "I-Drug", "E-Drug", "S-Drug", "B-A-B", "I-A-B", "L-A-B", "U-A-B", "I-", "B"])
SENTENCES = st.lists(st.tuples(TOKENS, TAGS), min_size=1, max_size=6)


def parse(data):
    return list(iob.parse(data, name="a.tsv"))


def mentions(note):
    return [(a.label, note.text[a.start : a.end]) for a in note.annotations]


@pytest.mark.parametrize(
    "tags, expected",
    [
        ("O B-X I-X O", [("X", "b c")]),
        ("I-X I-X B-X I-X", [("X", "a b"), ("X", "c d")]),  # IOB1
        ("I-X I-Y B-X B-X", [("X", "a"), ("Y", "b"), ("X", "c"), ("X", "d")]),
        ("B-X E-X S-X S-X", [("X", "a b"), ("X", "c"), ("X", "d")]),  # IOBES
        ("B-X L-X I-X U-X", [("X", "a b"), ("X", "c"), ("X", "d")]),  # BILOU, repaired
        ("E-X O B I", [("X", "a"), ("", "c d")]),
    ],
)
@pytest.mark.parametrize("separator", ["\t", " ", "\tNN\t", " NN  "])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_schemes(tags, expected, separator, line_end):
    (note,) = parse(line_end.join(f"{token}{separator}{tag}" for token, tag in zip("abcd", tags.split())))
    assert (note.id, note.text) == ("1", "a b c d")
    assert mentions(note) == expected


def test_sentences_and_documents():
    data = "\ufeffa\tB-X\n\n\nb\tI-X\n\n-DOCSTART- -X- O\n\n-DOCSTART-\tO\nNew York\tB-Y\n"
    first, second, third = parse(data)
    assert (first.text, mentions(first)) == ("a\nb", [("X", "a"), ("X", "b")])  # a mention ends with its sentence
    assert second == Note("2", "")
    assert (third.id, third.text, mentions(third)) == ("3", "New York", [("Y", "New York")])
    assert parse(iob.write([first, second, third])) == [first, second, third]
    assert parse("") == [] == parse(iob.write([]))


@given(st.lists(st.lists(SENTENCES, max_size=3), max_size=3))
def test_what_is_read_is_written_and_read_back(documents):
    data = ""
    for sentences in documents:
        data += "-DOCSTART-\tO\n\n" + "".join("".join(f"{t}\t{tag}\n" for t, tag in s) + "\n" for s in sentences)
    once = parse(data)
    assert [note.text for note in once] == ["\n".join(" ".join(t for t, _ in s) for s in d) for d in documents]
    assert [n.annotations for n in parse(iob.write(once))] == [n.annotations for n in once]


def test_the_written_file():
    note = Note(
        "x", "He took  zzamol-5,\r\n\r\nno  rash", (Annotation("1", "X", ((9, 15),)), Annotation("2", "Y", ((25, 29),)))
    )
    assert iob.write([note]) == ("-DOCSTART-\tO\n\nHe\tO\ntook\tO\nzzamol-5,\tB-X\n\nno\tO\nrash\tB-Y\n\n")


@pytest.mark.parametrize(
    "line, message",
    [
        (SECRET, "expected a token and its tag"),
        ("\tB-X", "expected a token and its tag"),
        (" \tB-X", "expected a token and its tag"),
        (f"a\t{SECRET}", "expected the tag O"),
        (f"a\tM-{SECRET}", "expected the tag O"),
        ("a\t", "expected the tag O"),
    ],
)
def test_malformed_lines(line, message):
    with pytest.raises(FormatError, match=f"a.tsv, line 2: {message}") as caught:
        parse(f"{SECRET}\tO\n{line}\n")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "spans, offset",
    [
        ([(0, 9), (0, 9)], 0),
        ([(0, 12), (10, 13)], 10),
        ([(10, 15)], 10),
        ([(9, 10)], 9),
        ([(0, 2), (4, 6)], 4),
        ([(3, 3)], 3),
    ],
)
def test_mentions_that_the_format_cannot_hold(spans, offset):
    annotations = tuple(Annotation(str(i), "X", (span,)) for i, span in enumerate(spans))
    with pytest.raises(FormatError, match=f"d1: expected mentions apart.* got another at offset {offset}") as caught:
        iob.write([Note("d1", f"{SECRET} bcd\nef\n", annotations)])
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "note, message",
    [
        (Note("d1", f"{SECRET} -DOCSTART- b"), "d1: expected no -DOCSTART- in a text, got one at offset 10"),
        (Note("d1", SECRET, (Annotation("1", "a\tb", ((0, 9),)),)), "d1, token at 0: expected a value"),
        (Note("d1", SECRET, (Annotation("1", "a", ((0, 10),)),)), "d1: expected offsets within the text"),
        (Note("d1", SECRET, (Annotation("1", "a", ()),)), "d1: expected at least one fragment"),
    ],
)
def test_what_else_the_format_cannot_hold(note, message):
    with pytest.raises(FormatError, match=message) as caught:
        iob.write([note])
    assert SECRET not in str(caught.value)
