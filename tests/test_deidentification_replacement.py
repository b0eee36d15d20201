"""Masks cover all of a mention, nothing else changes, and the map of offsets leads back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtclinical.deidentification.keys import make_derive
from spacy_mtclinical.deidentification.kinds import DEFAULTS
from spacy_mtclinical.deidentification.mentions import Mention
from spacy_mtclinical.deidentification.policies import Policy, check_policy, deidentify
from spacy_mtclinical.deidentification.replacement import find_new, find_original
from spacy_mtclinical.deidentification.surrogates import Style

SECRET = make_derive(b"a secret of sixteen")
SPANS = st.lists(
    st.builds(
        lambda start, length, label, score: Mention(start, start + length, label, score),
        st.integers(-3, 60),
        st.integers(0, 15),
        st.sampled_from(["PATIENT", "DATE", "AGE", "IDNUM", "CITY", "EMAIL", "NEW"]),
        st.floats(0, 1),
    ),
    max_size=6,
)
TEXTS = st.one_of(st.text(max_size=60), st.text("aZ é0 9.-/\n", min_size=10, max_size=60))


def check(text, done, spans, policy):
    """The laws of every policy."""
    place = new_place = 0
    for own in done.replacements:
        assert text[place : own.start] == done.text[new_place : own.new_start]
        place, new_place = own.end, own.new_end
    assert text[place:] == done.text[new_place:]
    replaced = {place for own in done.replacements for place in range(own.start, own.end)}
    for span in spans:
        if span.score >= policy.threshold:
            assert replaced >= set(range(max(0, span.start), min(len(text), span.end)))
    for own in done.replacements:
        assert find_new(done.replacements, own.start, own.end) == (own.new_start, own.new_end)
        assert find_new(done.replacements, own.start, own.start + 1) == (own.new_start, own.new_end)
        if own.new_end > own.new_start:
            assert find_original(done.replacements, own.new_start, own.new_end) == (own.start, own.end)
    for start in range(len(text)):
        if start not in replaced:
            new = find_new(done.replacements, start, start + 1)
            assert done.text[slice(*new)] == text[start]
            assert find_original(done.replacements, *new) == (start, start + 1)


@settings(max_examples=150, deadline=None)
@given(TEXTS, SPANS, st.sampled_from(["mask", "remove", "surrogate"]), st.floats(0.001, 1))
def test_laws_of_every_policy(text, spans, name, threshold):
    policy = Policy(name, threshold, style=Style("es_ES"))
    done = deidentify(text, spans, [], policy=policy, derive=SECRET)
    check(text, done, spans, policy)
    for own in done.replacements:
        new = done.text[own.new_start : own.new_end]
        if name == "mask":
            assert new == f"[{own.label}]"
        elif name == "remove":
            assert new == ""
        elif DEFAULTS.get(own.label) in ("name", "id", "email", "city"):
            assert new.casefold() != text[own.start : own.end].casefold()


def test_a_note_of_each_policy():
    text = "Mr. Zzsmith, 93, seen 3/4/10."
    spans = [Mention(4, 11, "PATIENT", 0.9), Mention(13, 15, "AGE", 0.9), Mention(22, 28, "DATE", 0.9)]
    assert deidentify(text, spans, [], policy=Policy("mask")).text == "Mr. [PATIENT], [AGE], seen [DATE]."
    assert deidentify(text, spans, [], policy=Policy("remove")).text == "Mr. , , seen ."
    one = deidentify(text, spans, [], policy=Policy("surrogate"), derive=SECRET, patient="1")
    other = deidentify(text, spans, [], policy=Policy("surrogate"), derive=SECRET, patient="2")
    again = deidentify(text, spans, [], policy=Policy("surrogate"), derive=SECRET, patient="1", id="another note")
    assert one == again and one.text != other.text
    assert one.text.startswith("Mr. ") and ", 90+, seen " in one.text
    assert "Zzsmith" not in one.text and "3/4/10" not in one.text


def test_a_note_without_a_patient_is_one_of_its_own():
    text = "Zzsmith"
    spans = [Mention(0, 7, "PATIENT", 0.9)]

    def make(**owner):
        return deidentify(text, spans, [], policy=Policy("surrogate"), derive=SECRET, **owner).text

    assert make(id="a") == make(id="a")
    assert len({make(id=str(number)) for number in range(20)}) > 10
    assert make() == make()
    assert len({make(patient=str(number), id=str(number)) for number in range(20)}) > 10


def test_what_was_masked_for_want_of_a_surrogate_is_told():
    spans = [Mention(0, 2, "DATE", 0.9), Mention(3, 5, "NEW", 0.9)]
    done = deidentify("zz yy", spans, [], policy=Policy("surrogate"), derive=SECRET)
    assert done.text == "[DATE] [NEW]"
    assert [own.masked for own in done.replacements] == [True, False]


@pytest.mark.parametrize(
    "policy, message",
    [
        (Policy("hide"), "policy expected one of mask, remove, surrogate, got 'hide'"),
        (Policy(threshold=0.0), "threshold expected a probability above 0 and up to 1, got 0.0"),
        (Policy(threshold=1.5), "threshold expected a probability above 0 and up to 1, got 1.5"),
        (Policy(threshold=float("nan")), "threshold expected a probability above 0"),
        (Policy("surrogate", style=Style(longest_shift=3)), "shifted by up to 62 days or more, got 3"),
        (Policy("surrogate", style=Style(years="no")), "years expected one of"),
        (Policy("surrogate", style=Style("xx_YY")), "Expected a locale of faker"),
    ],
)
def test_what_cannot_be_done_is_refused_before(policy, message):
    with pytest.raises(ValueError, match=message):
        check_policy(policy, has_secret=True)


def test_surrogates_need_a_secret():
    with pytest.raises(ValueError, match="Surrogates are derived from a secret, and there is none"):
        check_policy(Policy("surrogate"), has_secret=False)
    check_policy(Policy("mask"), has_secret=False)
