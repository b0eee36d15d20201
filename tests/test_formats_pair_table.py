import pytest
from generated_notes import SECRET, one_line, texts
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import pair_table
from spacy_mtclinical.formats.records import FormatError, Pair

COLUMNS = {"first": "first", "second": "second", "answer": "answer"}


def parse(data, *, kind, **columns):
    return list(pair_table.parse(data, name="a.txt", kind=kind, **{**COLUMNS, **columns}))


@pytest.mark.parametrize(
    "kind, data",
    [
        ("tsv", 'q\tlabel\tp\n"b\tyes\ta, 1\nd\t\tc\n'),
        ("csv", 'q,label,p\n"""b",yes,"a, 1"\nd,,c\n'),
        ("jsonl", '{"q": "\\"b", "label": "yes", "p": "a, 1"}\n{"q": "d", "label": null, "p": "c"}\n'),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_table_of_each_kind(kind, data, line_end):
    data = "\ufeff" + data.replace("\n", line_end)
    pairs = [Pair("1", "a, 1", '"b', "yes"), Pair("2", "c", "d")]
    assert parse(data, kind=kind, first="p", second="q", answer="label") == pairs
    unanswered = [Pair(pair.id, pair.first, pair.second) for pair in pairs]
    assert parse(data, kind=kind, first="p", second="q", answer=None) == unanswered


@pytest.mark.parametrize("kind, side", [("tsv", one_line()), ("csv", texts()), ("jsonl", texts())])
@given(data=st.data())
def test_written_pairs_are_read_back(kind, side, data):
    answers = st.sampled_from(["yes", "no, never", None])
    if kind == "jsonl":
        answers = st.one_of(answers, st.floats(allow_nan=False, allow_infinity=False))
    rows = data.draw(st.lists(st.tuples(side, side, answers), max_size=4))
    pairs = [Pair(str(i), *row) for i, row in enumerate(rows, start=1)]
    assert parse(pair_table.write(pairs, kind=kind), kind=kind) == pairs


def test_answers_in_json():
    lines = "".join(
        f'{{"first": "a", "second": "b", "answer": {value}}}\n' for value in ("3", "2.5", "true", "false", '""')
    )
    assert [pair.answer for pair in parse(lines, kind="jsonl")] == [3.0, 2.5, "true", "false", None]


@pytest.mark.parametrize(
    "kind, data, message",
    [
        ("tsv", "", "a.txt: expected a header line, got an empty file"),
        ("csv", "", "a.txt: expected a header line, got an empty file"),
        ("tsv", f"{SECRET}\tb\tc\n", "a.txt, line 1: expected one column 'first', got 0"),
        ("csv", f"first,first,{SECRET}\n", "a.txt, line 1: expected one column 'first', got 2"),
        ("tsv", f"first\tsecond\tanswer\n{SECRET}\tb\n", "a.txt, line 2: expected 3 columns, got 2"),
        ("csv", f"first,second,answer\n{SECRET},b,c,d\n", "a.txt, line 2: expected 3 columns, got 4"),
        ("csv", f'first,second,answer\n"{SECRET},b,c\n', "a.txt, line 2: expected csv, got a quote out of place"),
        ("csv", f'first,second,answer\n"{SECRET}"x,b,c\n', "a.txt, line 2: expected csv, got a quote out of place"),
        ("csv", f"first,second,answer\n{SECRET * 20000},b,c\n", "a.txt, line 2: expected csv, .* value over 131072"),
        ("jsonl", f'{{"first": "{SECRET}"}}', "a.txt, line 1: expected texts for 'first' and 'second'"),
        ("jsonl", f'{{"first": "{SECRET}", "second": 1}}', "a.txt, line 1: expected texts for 'first' and 'second'"),
        (
            "jsonl",
            f'{{"first": "{SECRET}", "second": "b"}}',
            "a.txt, line 1: expected an answer for 'answer', got none",
        ),
        (
            "jsonl",
            f'{{"first": "{SECRET}", "second": "b", "answer": []}}',
            "a.txt, line 1: expected a label or .* list",
        ),
        (
            "jsonl",
            f'{{"first": "{SECRET}", "second": "b", "answer": NaN}}',
            "a.txt, line 1: expected a label or .* float",
        ),
        (
            "jsonl",
            '{"first": "", "second": "", "answer": 1' + "0" * 400 + "}",
            "a.txt, line 1: expected a label or .* int",
        ),
        ("jsonl", f'{{"first": "{SECRET}\\ud800", "second": "b", "answer": "c"}}', "a.txt, line 1: .* lone surrogate"),
        ("jsonl", SECRET, "a.txt, line 1: expected one JSON object"),
    ],
)
def test_malformed_tables(kind, data, message):
    with pytest.raises(FormatError, match=message) as caught:
        parse(data, kind=kind)
    assert SECRET not in str(caught.value)


def test_what_a_tsv_cannot_hold():
    with pytest.raises(
        FormatError, match="pair 1: expected a value without separator or line end in column 2"
    ) as caught:
        pair_table.write([Pair("1", "a", f"{SECRET}\t", "c")], kind="tsv")
    assert SECRET not in str(caught.value)


def test_other_kinds_are_refused():
    with pytest.raises(ValueError, match="Expected a kind of tsv, csv, jsonl, got 'xlsx'"):
        parse("", kind="xlsx")
    with pytest.raises(ValueError, match="Expected a kind of tsv, csv, jsonl, got 'xlsx'"):
        pair_table.write([], kind="xlsx")
