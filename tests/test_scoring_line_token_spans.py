"""The 2010 count against a look at every line and token; what the jar does beyond its description, each by hand."""

import re

import pytest
import spacy
from cases import CASES, case, law, mention, most_pairs, prf, rate
from conftest import make_note
from hypothesis import given
from spacy.training import Example

from spacy_mtclinical.scoring.line_token_spans import configure_line_token_spans_v1, count_concepts

NLP = spacy.blank("en")


def place(text, start, end):
    """Line and token of the first and last token that shares a character; what is between white space is one."""
    found = []
    offset = 0
    for number, line in enumerate(text.split("\n"), 1):
        for index, token in enumerate(re.finditer(r"\S+", line)):
            if offset + token.start() < end and start < offset + token.end():
                found.append((number, index))
        offset += len(line) + 1
    return (found[0], found[-1]) if found else ("outside", (start, end))


def do_share_tokens(left, right):
    if "outside" in (left[0], right[0]):
        return left[0] == right[0] and left[1][0] < right[1][1] and right[1][0] < left[1][1]
    return left[0] <= right[1] and right[0] <= left[1]


@law
@given(CASES)
def test_equals_a_look_at_every_line_and_token(drawn):
    text, *sides = drawn
    gold, guess = ([(label, place(text, start, end)) for label, start, end in side] for side in sides)
    equal = most_pairs([[n for n, b in enumerate(guess) if a == b] for a in gold])
    assert prf(count_concepts, case(*drawn)) == rate(equal, len(gold), equal, len(guess))
    both, ours, theirs = len(set(gold) & set(guess)), len(set(gold)), len(set(guess))
    assert prf(count_concepts, case(*drawn), name="distinct") == rate(both, ours, both, theirs)
    near = [[n for n, b in enumerate(guess) if a[0] == b[0] and do_share_tokens(a[1], b[1])] for a in gold]
    right = most_pairs(near)
    assert prf(count_concepts, case(*drawn), name="plain_inexact") == rate(right, len(gold), right, len(guess))


@law
@given(CASES)
def test_inexact_leaves_out_gold_that_was_missed_and_meets_another_class(drawn):
    text, *sides = drawn
    gold, guess = ([(label, place(text, start, end)) for label, start, end in side] for side in sides)
    near = [[n for n, b in enumerate(guess) if a[0] == b[0] and do_share_tokens(a[1], b[1])] for a in gold]
    meets_another = [any(a[0] != b[0] and do_share_tokens(a[1], b[1]) for b in guess) for a in gold]
    right = most_pairs(near)
    left_out = {
        sum(other is None and meets for other, meets in zip(partners, meets_another))
        for partners in list_pairings(near)
        if sum(other is not None for other in partners) == right
    }
    found = prf(count_concepts, case(*drawn), name="inexact")
    assert any(found == rate(right, len(gold) - number, right, len(guess)) for number in left_out)
    turned = case(text, *(side[::-1] for side in sides))
    assert prf(count_concepts, turned, name="inexact") == found


def list_pairings(near):
    """Every way to give each of the gold one prediction of its own, or None."""
    if not near:
        return [()]
    first, *rest = near
    return [
        (partner, *others)
        for partner in (None, *first)
        for others in list_pairings([[n for n in row if n != partner] for row in rest])
    ]


@pytest.mark.parametrize(
    "gold, guess, exact, inexact, plain",
    [
        ([("problem", 0, 10)], [("problem", 0, 10)], (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        ([("problem", 0, 10)], [("problem", 6, 15)], (0, 0, 0), (1, 1, 1), (1, 1, 1)),  # "pain" is shared
        ([("problem", 0, 10)], [("problem", 11, 15)], (0, 0, 0), (0, 0, 0), (0, 0, 0)),
        # offsets within a token are the token's: "chest pa" is "chest pain"
        ([("problem", 0, 10)], [("problem", 0, 8)], (1, 1, 1), (1, 1, 1), (1, 1, 1)),
        # quirk: gold found as another class leaves the recall of the inexact count
        (
            [("problem", 0, 5), ("problem", 6, 10)],
            [("test", 0, 5), ("problem", 6, 10)],
            (1 / 2, 1 / 2, 1 / 2),
            (1 / 2, 1, 2 / 3),
            (1 / 2, 1 / 2, 1 / 2),
        ),
    ],
)
def test_by_hand(gold, guess, exact, inexact, plain):
    one = case("chest pain mild", gold, guess)
    assert prf(count_concepts, one) == pytest.approx(exact)
    assert prf(count_concepts, one, name="inexact") == pytest.approx(inexact)
    assert prf(count_concepts, one, name="plain_inexact") == pytest.approx(plain)


def test_repeated_lines_count_each_and_distinct_ones_once():
    one = case("pain", [("problem", 0, 4)] * 2, [("problem", 0, 4)])
    assert prf(count_concepts, one) == pytest.approx((1, 1 / 2, 2 / 3))
    assert prf(count_concepts, one, name="distinct") == (1, 1, 1)


def test_concepts_cross_lines_and_collapse_fragments():
    one = case("mild\n pain", [mention("problem", (0, 4), (6, 10))], [("problem", 0, 10)])
    assert prf(count_concepts, one) == (1, 1, 1)


def test_what_touches_no_token_stays_in_the_denominators():
    one = case("a  b", [("problem", 9, 12), ("problem", 0, 1)], [("problem", 1, 2), ("problem", 0, 1)])
    assert prf(count_concepts, one) == (1 / 2, 1 / 2, 1 / 2)


def test_documents_are_scored_with_the_token_figure_beside():
    gold, guess = make_note(NLP, "no chest pain", t=[(3, 13, "problem")]), make_note(NLP, "no chest pain", t=[])
    guess.spans["t"] = [guess.char_span(9, 13, label="problem")]
    found = configure_line_token_spans_v1()([Example(guess, gold)], "t")
    assert (list(found)[0], found["f"], found["inexact_f"], found["token_f"]) == ("f", 0.0, 1.0, 2 / 3)
    assert found["f_per_type"] == {"problem": {"p": 0.0, "r": 0.0, "f": 0.0}}
