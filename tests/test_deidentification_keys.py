"""Secrets, whose note it is, and what is derived from both."""

import hashlib
import hmac
import pickle

import pytest

from spacy_mtclinical.deidentification.keys import VARIABLE, make_derive, make_random, pick, read_secret
from spacy_mtclinical.deidentification.patients import compile_pattern, derive_for, find_patient

SECRET = b"zzsecret-zzsecret-zzsecret"


def test_a_secret_from_a_file_or_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert read_secret() is None
    monkeypatch.setenv(VARIABLE, f"{SECRET.decode()}\n")
    assert read_secret() == SECRET
    file = tmp_path / "secret"
    file.write_bytes(b"x" * 16 + b"\n")
    assert read_secret(file) == b"x" * 16
    with pytest.raises(OSError):
        read_secret(tmp_path / "gone")


def test_a_short_secret_is_refused_and_not_shown(tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_bytes(b"zzsecret\n")
    with pytest.raises(ValueError, match=r"a secret of at least 16 bytes in .*secret, got 8\. Make one") as caught:
        read_secret(file)
    assert "zzsecret" not in str(caught.value)
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(ValueError, match=f"in environment variable {VARIABLE}, got 0"):
        read_secret()


def test_what_is_derived_is_the_hmac_of_all_parts():
    derive = make_derive(SECRET)
    message = (1).to_bytes(8, "big") + b"a" + (2).to_bytes(8, "big") + b"bc"
    assert derive("a", "bc") == hmac.new(SECRET, message, hashlib.sha256).digest()
    assert derive("ab", "c") != derive("a", "bc")
    assert derive("\ud800") == derive("\ud800")
    assert make_random(derive, "a").random() == make_random(derive, "a").random()
    assert {pick(derive, str(number), count=3) for number in range(50)} == {0, 1, 2}


def test_what_derives_cannot_be_pickled_and_does_not_show_the_secret():
    derive = derive_for(make_derive(SECRET), patient="1", id=None, text="")
    assert "zzsecret" not in repr(derive)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(derive)


def test_patients_notes_and_texts_do_not_meet():
    derive = make_derive(SECRET)
    owners = [
        derive_for(derive, patient="1", id="1", text="1"),
        derive_for(derive, patient=None, id="1", text="1"),
        derive_for(derive, patient=None, id=None, text="1"),
    ]
    assert len({own("x") for own in owners}) == 3
    assert owners[0]("x") == derive_for(derive, patient="1", id="2", text="2")("x")


@pytest.mark.parametrize(
    "id, pattern, named, expected",
    [
        ("zz/12-3.txt", r"(\d+)-\d+", None, "12"),
        ("zz/x.txt", r"(\d+)-\d+", None, None),
        ("zz/12-3.txt", r"(\d+)-\d+", "P7 ", "P7"),
        ("12", None, None, None),
        (None, r"(\d+)", None, None),
        ("12", r"(x?)\d", None, None),
        (None, None, 7, "7"),
        (None, None, "  ", None),
        (None, None, True, None),
        (None, None, 123.0, "123"),
        (None, None, 1.5, "1.5"),
        ("12-3", r"(\d+)-", float("nan"), "12"),
        (None, None, float("inf"), None),
    ],
)
def test_whose_note_it_is(id, pattern, named, expected):
    assert find_patient(id, pattern=compile_pattern(pattern), named=named) == expected


@pytest.mark.parametrize("pattern, message", [("(", "Expected a regular expression"), (r"\d+", "Expected a group")])
def test_a_pattern_that_cannot_tell_is_refused(pattern, message):
    with pytest.raises(ValueError, match=message):
        compile_pattern(pattern)
