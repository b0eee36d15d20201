import pytest
from generated_notes import SECRET, texts
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.formats import nli_jsonl
from spacy_mtclinical.formats.records import FormatError, Pair

LABELLED = st.builds(Pair, texts(), texts(), texts(), st.sampled_from(["entailment", "neutral"]))
UNLABELLED = st.builds(Pair, texts(), texts(), texts(), st.none(), st.just({"unlabelled": True}))


def parse(data):
    return list(nli_jsonl.parse(data, name="a.jsonl"))


@pytest.mark.parametrize("line_end, second_line", [("\n", "2"), ("\r\n", "2"), ("\n\n", "3")])
def test_both_layouts(line_end, second_line):
    lines = [
        '{"gold_label":"entailment","pairID":"x-1","sentence1":"a \u2028b","sentence2":"c","sentence1_parse":"(S)"}',
        '{"premise": "d", "hypothesis": "\\u00e9", "label": "neutral"}',
        '{"gold_label":"-","pairID":"x-3","sentence1":"e","sentence2":""}',
    ]
    first, second, third = parse("\ufeff" + line_end.join(lines) + line_end)
    assert first == Pair("x-1", "a \u2028b", "c", "entailment")
    assert second == Pair(second_line, "d", "é", "neutral")
    assert third == Pair("x-3", "e", "", None, {"unlabelled": True})


@given(st.lists(st.one_of(LABELLED, UNLABELLED), max_size=4))
def test_written_pairs_are_read_back(pairs):
    assert parse(nli_jsonl.write(pairs)) == pairs


@pytest.mark.parametrize(
    "line, message",
    [
        (f'{{"sentence1": "{SECRET}"', "expected one JSON object"),
        (f'["{SECRET}"]', "expected one JSON object"),
        ("[" * 100000, "expected one JSON object"),
        ('{"a": ' + "1" * 5000 + "}", "expected (one JSON object|texts for)"),
        (
            f'{{"sentence1": "{SECRET}", "sentence2": "b"}}',
            "expected texts for sentence1, sentence2, gold_label or for",
        ),
        (f'{{"sentence1": "{SECRET}", "sentence2": null, "gold_label": "-"}}', "expected texts for"),
        (f'{{"premise": "{SECRET}", "hypothesis": "b", "label": 1}}', "expected texts for"),
        (f'{{"premise": "{SECRET}", "hypothesis": "\\ud800", "label": "x"}}', ".*lone surrogate at character 0"),
        (
            f'{{"premise": "{SECRET}", "hypothesis": "b", "label": "x", "pairID": []}}',
            "expected a pairID of text, got list",
        ),
    ],
)
def test_malformed_lines(line, message):
    with pytest.raises(FormatError, match=f"a.jsonl, line 2: {message}") as caught:
        parse(f'{{"premise": "{SECRET}", "hypothesis": "b", "label": "x"}}\n{line}\n')
    assert SECRET not in str(caught.value)


def test_scores_are_no_labels():
    with pytest.raises(FormatError, match=r"pair 1: expected a label \(text\) or None, got float"):
        nli_jsonl.write([Pair("1", SECRET, "b", 1.0)])
