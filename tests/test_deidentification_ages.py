"""Ages over 89 become one group; younger ones stay; what is not understood is not guessed."""

import pytest

from spacy_mtclinical.deidentification.ages import cap_age


@pytest.mark.parametrize(
    "text, expected",
    [
        ("89", "89"),
        ("90", "90+"),
        ("93yo", "90+yo"),
        ("102 year old", "90+ year old"),
        ("90s", "90+"),
        ("80's", "80's"),
        ("95 months", "95 months"),
        ("120 days", "120 days"),
        ("1200 days", "90+ days"),
        ("93 años", "90+ años"),
        ("93 años y 2 meses", "90+ años y 2 meses"),
        ("45 años", "45 años"),
        ("ninety-three", "90+"),
        ("noventa y dos años", "90+ años"),
        ("a hundred and two", "a 90+"),
        ("nonagenaria", "90+"),
        ("forty five years", "forty five years"),
        ("cuarenta y dos años", "cuarenta y dos años"),
        ("recién nacido", "recién nacido"),
        ("ninety 95", "90+ 90+"),
        ("90+", "90+"),
    ],
)
def test_an_age(text, expected):
    assert cap_age(text) == expected


@pytest.mark.parametrize("text", ["elderly", "", "45 Zzamol", "—", "²", "9½", "1 2 3 4", "years"])
def test_what_is_not_understood_is_not_guessed(text):
    assert cap_age(text) is None
