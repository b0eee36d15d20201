"""What was taken for what: nothing is lost, equal labels first, classes of pairs."""

from collections import Counter

import spacy
from cases import CASES, law, mention
from conftest import make_note
from hypothesis import given
from spacy.training import Example

from spacy_mtclinical import make_pair
from spacy_mtclinical.scoring.confusion import list_confusion, pair_answers, pair_mentions, pair_spans

NLP = spacy.blank("en")


@law
@given(CASES)
def test_every_mention_is_there_once_and_equal_ones_on_the_diagonal(drawn):
    gold, guess = ([mention(*one) for one in side] for side in drawn[1:])
    found = list_confusion(pair_mentions(gold, guess))
    labels, matrix = found["labels"], found["matrix"]
    for side, lines, left in ((drawn[1], matrix, found["missed"]), (drawn[2], zip(*matrix), found["spurious"])):
        totals = Counter({label: sum(line) + left.get(label, 0) for label, line in zip(labels, lines)})
        assert +totals == Counter(label for label, *_ in side)
    equal = Counter(map(tuple, drawn[1])) & Counter(map(tuple, drawn[2]))
    assert sum(matrix[n][n] for n in range(len(labels))) == sum(equal.values())


def test_spans_of_equal_offsets_are_taken_for_one_another():
    gold = make_note(NLP, "aa bb cc dd", t=[(0, 2, "X"), (0, 2, "Y"), (3, 5, "X"), (6, 8, "Y")])
    guess = make_note(NLP, "aa bb cc dd", t=[(0, 2, "Z"), (0, 2, "Y"), (3, 5, "X"), (9, 11, "X")])
    assert list_confusion(pair_spans([Example(guess, gold)], "t")) == {
        "labels": ["X", "Y", "Z"],
        "matrix": [[1, 0, 1], [0, 1, 0], [0, 0, 0]],
        "missed": {"Y": 1},
        "spurious": {"X": 1},
    }


def test_discontinuous_gold_is_met_from_its_first_fragment_to_its_last():
    gold = make_note(NLP, "aa bb cc", t=[])
    gold.spans["t"].attrs["source"] = [{"label": "X", "fragments": [[6, 8], [0, 2]]}]
    found = list_confusion(pair_spans([Example(make_note(NLP, "aa bb cc", t=[(0, 8, "Y")]), gold)], "t"))
    assert found["matrix"] == [[0, 1], [0, 0]]


def test_pairs_by_their_most_probable_label_and_those_without_an_answer():
    docs = []
    for answer in ({"no": 1.0, "yes": 0.0}, {"no": 0.4, "yes": 0.6}, {"no": 1.0, "yes": 0.0}, None):
        docs.append(make_pair(NLP, "a", "b"))
        if answer:
            docs[-1]._.mtclinical["t"] = answer
    examples = [Example(docs[1], docs[0]), Example(docs[3], docs[2])]
    assert list_confusion(pair_answers(examples, "t")) == {
        "labels": ["no", "yes"],
        "matrix": [[0, 1], [0, 0]],
        "missed": {"no": 1},
        "spurious": {},
    }


def test_nothing_is_an_empty_table():
    assert list_confusion(iter([])) == {"labels": [], "matrix": [], "missed": {}, "spurious": {}}
