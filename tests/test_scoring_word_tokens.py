"""Labels of tokens against a look at every character; fragments, overlaps and white space by hand."""

import spacy
from cases import CASES, case, law, prf, rate
from conftest import make_note
from hypothesis import given
from spacy.training import Example

from spacy_mtclinical.scoring.word_tokens import configure_word_tokens_v1, count_tokens

NLP = spacy.blank("en")


@law
@given(CASES)
def test_equals_a_look_at_every_character(drawn):
    tokens = [(at, min(at + 2, len(drawn[0]))) for at in range(0, len(drawn[0]), 3)]
    sides = [
        {(t, label) for t in tokens for label, start, end in side if set(range(*t)) & set(range(start, end))}
        for side in drawn[1:]
    ]
    right = len(sides[0] & sides[1])
    found = prf(count_tokens, case(*drawn)._replace(tokens=tokens), name="token")
    assert found == rate(right, len(sides[0]), right, len(sides[1]))


def test_each_token_counts_and_prefixes_do_not():
    """aa bb of gold, bb cc predicted: one of two, one of two; a boundary moved costs a token, not the mention."""
    gold, guess = (make_note(NLP, "aa bb cc", t=[(*place, "X")]) for place in ((0, 5), (3, 8)))
    found = configure_word_tokens_v1()([Example(guess, gold)], "t")
    assert found == {"f": 0.5, "p": 0.5, "r": 0.5, "f_per_type": {"X": {"p": 0.5, "r": 0.5, "f": 0.5}}}


def test_fragments_count_and_what_lies_between_does_not():
    tokens = [(0, 2), (3, 5), (6, 8)]
    one = case("aa bb cc", [("X", (6, 8), (0, 2))], [("X", 0, 8)])._replace(tokens=tokens)
    assert prf(count_tokens, one, name="token") == (2 / 3, 1.0, 0.8)


def test_a_token_has_the_labels_of_all_its_mentions():
    one = case("aa", [("X", 0, 2), ("Y", 0, 1), ("X", 0, 2)], [("Y", 0, 2)])._replace(tokens=[(0, 2)])
    assert prf(count_tokens, one, name="token") == (1.0, 0.5, 2 / 3)


def test_white_space_and_what_lies_outside_have_no_token():
    doc = make_note(NLP, "aa \n bb", t=[(0, 7, "X")])
    doc.spans["t"].attrs["source"] = [{"label": "X", "fragments": [[0, 7]]}, {"label": "X", "fragments": [[90, 95]]}]
    guess = make_note(NLP, "aa \n bb", t=[(0, 2, "X"), (5, 7, "X")])
    assert configure_word_tokens_v1()([Example(guess, doc)], "t")["f"] == 1.0
