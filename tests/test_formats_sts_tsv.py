import pytest
from generated_notes import SECRET, one_line
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import sts_tsv
from spacy_mtclinical.formats.records import FormatError, Pair

SCORES = st.floats(allow_nan=False, allow_infinity=False)


def parse(data, **columns):
    return list(sts_tsv.parse(data, name="a.txt", **columns))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_columns(line_end):
    data = line_end.join(['a "quoted\tb\t3.5', "", "\t \t0\tmore", ""])
    assert parse("\ufeff" + data) == [Pair("1", 'a "quoted', "b", 3.5), Pair("3", "", " ", 0.0)]
    assert parse("x\ty\t2.5\tb\ta", first=4, second=3, score=2) == [Pair("1", "a", "b", 2.5)]
    assert parse("a\tb", score=None) == [Pair("1", "a", "b")]


@given(st.lists(st.tuples(one_line(), one_line(), SCORES), max_size=4))
def test_written_pairs_are_read_back(rows):
    pairs = [Pair(str(i), *row) for i, row in enumerate(rows, start=1)]
    assert parse(sts_tsv.write(pairs)) == pairs
    columns = {"first": 5, "second": 6, "score": 4}
    assert parse(sts_tsv.write(pairs, **columns), **columns) == pairs
    without = [Pair(pair.id, pair.first, pair.second) for pair in pairs]
    assert parse(sts_tsv.write(without), score=None) == without
    assert sts_tsv.parse_scores(sts_tsv.write_scores(pairs), name="a.gs") == [pair.answer for pair in pairs]


def test_the_written_files():
    pairs = [Pair("1", "a", "b", 3.5), Pair("2", "c", "d", 4)]
    assert sts_tsv.write(pairs) == "a\tb\t3.5\nc\td\t4.0\n"
    assert sts_tsv.write_scores(pairs) == "3.5\n4.0\n"
    assert sts_tsv.write(pairs[:1], first=4, second=3, score=1) == "\t3.5\t\tb\ta\n"
    assert sts_tsv.write([Pair("1", "a", "b")], first=1, second=2, score=0) == "\ta\tb\n"


@pytest.mark.parametrize(
    "line, message",
    [
        (SECRET, "expected 3 columns between tabs or more, got 1"),
        (f"{SECRET}\tb", "expected 3 columns between tabs or more, got 2"),
        (f"a\tb\t{SECRET}", "expected a number, got something else of 9 characters"),
        (f"{SECRET}\tb\tnan", "expected a number"),
    ],
)
def test_malformed_lines(line, message):
    with pytest.raises(FormatError, match=f"a.txt, line 2: {message}") as caught:
        parse(f"{SECRET}\tb\t1\n{line}\n")
    assert SECRET not in str(caught.value)


def test_scores_of_a_test_set():
    assert sts_tsv.parse_scores("\ufeff3.5\r\n0\r\n\r\n", name="a.gs") == [3.5, 0.0]
    with pytest.raises(FormatError, match="a.gs, line 2: expected a number"):
        sts_tsv.parse_scores("3.5\n\n1\n", name="a.gs")


@pytest.mark.parametrize(
    "pair, message",
    [
        (Pair("1", f"{SECRET}\t", "b", 1.0), "pair 1: expected a value without separator or line end in column 1"),
        (Pair("1", "a", f"{SECRET}\n", 1.0), "pair 1: expected a value without separator or line end in column 2"),
        (Pair("1", SECRET, "b", "true"), r"pair 1: expected a score \(a number\), got str"),
    ],
)
def test_what_the_format_cannot_hold(pair, message):
    with pytest.raises(FormatError, match=message) as caught:
        sts_tsv.write([pair])
    assert SECRET not in str(caught.value)


def test_a_pair_without_score_has_no_line_of_gold():
    with pytest.raises(FormatError, match="pair 1: expected a score .* got NoneType"):
        sts_tsv.write_scores([Pair("1", "a", "b")])
