"""The 2014 counts against Python's own sets, as the script has them; what it does beyond its description, by hand."""

import re

import pytest
import spacy
from cases import case, law, mention, prf, rate
from conftest import make_note
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from spacy_mtclinical.scoring.fragment_spans import configure_fragment_spans_v1
from spacy_mtclinical.scoring.phi_spans import configure_phi_spans_v1, count_phi

NLP = spacy.blank("en")
TEXT = "Dr. Ab-2, 93yo; é!"
PHI = st.tuples(st.sampled_from(["DATE", "IDNUM", "SSN", "STATE"]), st.integers(0, 2), st.integers(3, len(TEXT)))
SIDES = st.lists(PHI, max_size=7)
CATEGORY = {"DATE": "DATE", "IDNUM": "ID", "SSN": "ID", "STATE": "LOCATION"}
HIPAA = {"DATE", "SSN"}


class Tag:
    """A mention that is equal to others as the script's fuzzy equality has it."""

    def __init__(self, label, start, end, *, reach):
        self.begin, self.end, self.reach = (CATEGORY[label], label, start), end, reach

    def __eq__(self, other):
        return self.begin == other.begin and abs(self.end - other.end) <= self.reach

    def __hash__(self):
        return hash(self.begin)


def count_sets(gold, guess):
    gold, guess = set(gold), set(guess)
    right = len(gold.intersection(guess))
    return rate(right, right + len(gold - guess), right, right + len(guess - gold))


def tokens(side):
    """Runs of letters and digits, as splitting at them leaves them; one empty one at the end if there is none."""
    found = []
    for label, start, end in side:
        parts = re.split(r"([a-zA-Z0-9]+)", TEXT[start:end])
        at = start
        for number, part in enumerate(parts):
            at += len(part)
            if number % 2:
                found.append((label, at - len(part), at))
        if len(parts) == 1:
            found.append((label, at, at))
    return found


@law
@given(SIDES, SIDES)
def test_equals_sets_with_the_equality_of_the_script(gold, guess):
    one = case(TEXT, gold, guess)
    sides = gold, guess
    kept = [[phi for phi in side if phi[0] in HIPAA] for side in sides]
    with_idnum = [[phi for phi in side if phi[0] in {*HIPAA, "IDNUM"}] for side in sides]
    for name, both in (("", sides), ("hipaa", kept)):
        prefix = f"{name}_" if name else ""
        assert prf(count_phi, one, name=name) == count_sets(*both)
        fuzzy = ([Tag(*phi, reach=2) for phi in side] for side in both)
        assert prf(count_phi, one, name=f"{prefix}relaxed") == count_sets(*fuzzy)
        assert prf(count_phi, one, name=f"{prefix}phi_token") == count_sets(*map(tokens, both))
    assert prf(count_phi, one, name="hipaa_idnum") == count_sets(*with_idnum)
    assert prf(count_phi, one, name="binary") == count_sets(*([phi[1:] for phi in side] for side in sides))
    bare = ([phi[1:] for phi in tokens(side)] for side in sides)
    assert prf(count_phi, one, name="binary_phi_token") == count_sets(*bare)


RIGHT, WRONG = (1, 1, 1), (0, 0, 0)


@pytest.mark.parametrize(
    "gold, guess, figures",
    [
        ([("DATE", 0, 4)], [("DATE", 0, 6)], {"": WRONG, "relaxed": RIGHT, "binary": WRONG}),  # ends within 2
        ([("DATE", 0, 4)], [("DATE", 0, 7)], {"relaxed": WRONG}),
        ([("DATE", 0, 4)], [("DATE", 1, 4)], {"relaxed": WRONG}),  # but begin alike
        ([("DATE", 0, 4)], [("AGE", 0, 4)], {"": WRONG, "binary": RIGHT, "binary_phi_token": RIGHT}),
        ([("DATE", 0, 4)] * 2, [("DATE", 0, 4)], {"": RIGHT, "binary": RIGHT}),  # duplicates collapse
        # the category counts, and the type, in any case
        ([mention("DATE", 0, 4, category="AGE")], [("DATE", 0, 4)], {"": WRONG}),
        ([mention("Date", 0, 4, category="date")], [("DATE", 0, 4)], {"": RIGHT}),
        # quirk: HIPAA's set never includes IDNUM
        (
            [("SSN", 0, 4), ("IDNUM", 5, 9)],
            [("SSN", 0, 4)],
            {"": (1, 1 / 2, 2 / 3), "hipaa": RIGHT, "hipaa_relaxed": RIGHT, "hipaa_idnum": (1, 1 / 2, 2 / 3)},
        ),
        # of LOCATION, CITY is in HIPAA's set and STATE is not
        ([("STATE", 0, 4), ("CITY", 5, 9)], [("STATE", 0, 4)], {"hipaa": WRONG, "": (1, 1 / 2, 2 / 3)}),
    ],
)
def test_by_hand(gold, guess, figures):
    one = case("." * 9, gold, guess)
    for name, expected in figures.items():
        assert prf(count_phi, one, name=name) == pytest.approx(expected), name


def test_tokens_are_runs_of_ascii_letters_and_digits():
    """2071-03-04 is three tokens; of "Zoé" the last letter is none."""
    text = "2071-03-04 Zoé"
    found = prf(count_phi, case(text, [("DATE", 0, 10)], [("DATE", 0, 7)]), name="phi_token")
    assert found == pytest.approx((1, 2 / 3, 4 / 5))
    assert prf(count_phi, case(text, [("PATIENT", 11, 14)], [("PATIENT", 11, 13)]), name="phi_token") == RIGHT


def test_a_mention_without_letters_and_digits_is_one_empty_token():
    one = case("(!)", [("OTHER", 0, 3)], [("OTHER", 1, 3)])
    assert prf(count_phi, one, name="phi_token") == RIGHT
    assert prf(count_phi, case("(!)", [("OTHER", 0, 3)], []), name="phi_token") == WRONG


def test_documents_are_scored_by_type_as_gold_names_them():
    gold, guess = (
        make_note(NLP, "Ms. Ab 93", t=[(4, 6, "PATIENT"), (7, 9, "AGE")]),
        make_note(NLP, "Ms. Ab 93", t=[(7, 9, "AGE")]),
    )
    found = configure_phi_spans_v1()([Example(guess, gold)], "t")
    assert (list(found)[0], found["p"], found["r"]) == ("f", 1.0, 1 / 2)
    assert {label: figures["f"] for label, figures in found["f_per_type"].items()} == {"AGE": 1.0, "PATIENT": 0.0}
    assert set(configure_phi_spans_v1().definitions) == {name for name in found if name.endswith("f")}


@pytest.mark.parametrize("metric", [configure_phi_spans_v1(), configure_fragment_spans_v1()])
def test_nothing_at_all_is_0_as_the_scripts_have_it(metric):
    doc = make_note(NLP, "Nothing.", t=[])
    found = metric([Example(doc.copy(), doc)], "t")
    official = {name: value for name, value in found.items() if name.endswith("f") and not name.startswith("token")}
    assert found["f"] == 0.0 and found["token_f"] == 1.0
    assert {name for name, value in official.items() if value} <= {"plain_f", "overlap_f"}
