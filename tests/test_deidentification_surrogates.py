"""Surrogates: never what they stand for, the same within a patient, of the same gender, case and shape."""

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtclinical.deidentification import faking
from spacy_mtclinical.deidentification.codes import fold, make_code
from spacy_mtclinical.deidentification.faking import FEMALE, LAST, MALE, get_faker, get_names
from spacy_mtclinical.deidentification.keys import make_derive
from spacy_mtclinical.deidentification.kinds import DEFAULTS, KINDS, make_kinds
from spacy_mtclinical.deidentification.names import make_name
from spacy_mtclinical.deidentification.patients import derive_for
from spacy_mtclinical.deidentification.surrogates import Style, make_surrogates

SECRET = make_derive(b"a secret of sixteen")


def for_patient(patient):
    return derive_for(SECRET, patient=patient, id=None, text="")


def name(text, patient="1", locale="en_US"):
    return make_name(text, for_patient(patient), locale=locale)


def replacing(patient="1", **style):
    return make_surrogates(for_patient(patient), DEFAULTS, Style(**style))


@pytest.mark.parametrize("patient", ["1", "2", "3"])
def test_parts_of_a_name_agree(patient):
    first, last = name("John Smith", patient).split()
    assert name("Smith", patient) == last and name("John", patient) == first
    assert name("Mr. Smith", patient) == f"Mr. {last}"
    assert name("SMITH, JOHN", patient) == f"{last.upper()}, {first.upper()}"
    assert name("Smith, J.", patient) == f"{last}, {first[0]}."
    assert name("J.S.", patient) == f"{first[0]}.{last[0]}."
    assert name("JS", patient) == first[0] + last[0]
    assert name("Dr. John  Smith's", patient) == f"Dr. {first}  {last}'s"
    assert name("john smith", patient) == f"{first} {last}".lower()
    assert name("Smith-Smith", patient) == f"{last}-{last}"


def test_names_keep_their_gender():
    names = get_names("en_US")
    for number in range(20):
        assert fold(name("John", str(number))) in names.weights[MALE]
        assert fold(name("Mary", str(number))) in names.weights[FEMALE]
        assert fold(name("Smith", str(number))) in names.weights[LAST]
    assert fold(name("Gonzalo", locale="es_ES")) in get_names("es_ES").weights[MALE]


def test_patients_differ_and_runs_do_not():
    found = {name("John Smith", str(number)) for number in range(50)}
    assert len(found) > 40
    assert found == {name("John Smith", str(number)) for number in range(50)}


@pytest.mark.parametrize("text", ["María de la Cruz Pérez", "MARÍA DE LA CRUZ PÉREZ"])
def test_particles_stay_and_accents_do_not_matter(text):
    words = name(text, locale="es_ES").split()
    assert [word.lower() for word in words[1:3]] == ["de", "la"]
    assert fold(name("Perez", locale="es_ES")) == fold(words[-1])
    assert words[-1].isupper() == text.isupper()


@pytest.mark.parametrize(
    "text, kept",
    [
        ("DO VAN MINH", []),
        ("Dr. do van minh", ["Dr"]),
        ("DI LA CHEN", []),
        ("JOHN E SMITH", []),
        ("y perez lopez", []),
        ("maria de la cruz", ["de", "la"]),
        ("JUAN DEL RIO'S", ["DEL", "S"]),
        ("John van Smith", ["van"]),
    ],
)
def test_particles_stay_only_where_they_are_no_name(text, kept):
    before, after = re.findall(r"\w+", text), re.findall(r"\w+", name(text))
    assert len(before) == len(after)
    assert [old for old, new in zip(before, after) if old == new] == kept


@pytest.mark.parametrize("text", ["—", " ", "", "…", "🙂"])
def test_without_letters_and_digits_there_is_no_surrogate(text):
    assert name(text) is None
    assert make_code(text, for_patient("1")) is None


def test_particles_and_titles_alone_are_names():
    for text in ("De La", "Dr", "de", "Jr"):
        assert fold(name(text)) != fold(text)


TEXTS = st.one_of(
    st.text(max_size=12),
    st.text("aB éñ.-,'’1", max_size=10),
    st.from_regex(r"[A-Z][a-z]{1,6}( [A-Z]\.)? [A-Z][a-z]{1,8}", fullmatch=True),
)
NAMES_AND_IDS = sorted(label for label, kind in DEFAULTS.items() if kind in ("name", "id", "email", "url", "ip"))


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(NAMES_AND_IDS), st.sampled_from(["en_US", "es_ES"]))
def test_no_surrogate_is_what_it_stands_for(text, label, locale):
    made = replacing(locale=locale)(text, label)
    assert fold(made.text) != fold(text)
    assert made.masked == (made.text == f"[{label}]")
    assert made == replacing(locale=locale)(text, label)
    made.text.encode("utf8")


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from(sorted(set(DEFAULTS) - set(NAMES_AND_IDS))))
def test_any_text_has_a_surrogate_of_any_kind(text, label):
    made = replacing()(text, label)
    if DEFAULTS[label] not in ("age", "date"):
        assert fold(made.text) != fold(text)


@pytest.mark.parametrize("text", ["(617) 555-0123", "AB-12/34.x", "000-00-0000", "02134", "7", "q"])
def test_identifiers_keep_their_shape(text):
    def shape(code):
        return re.sub("[A-Z]", "A", re.sub("[a-z]", "a", re.sub("[0-9]", "9", code)))

    made = make_code(text, for_patient("1"))
    assert shape(made) == shape(text) and made != text


def test_an_identifier_is_the_same_however_it_is_punctuated():
    assert re.sub(r"\D", "", make_code("617-555-0123", for_patient("1"))) == re.sub(
        r"\D", "", make_code("(617) 555 0123", for_patient("1"))
    )


@pytest.mark.parametrize(
    "label, text, expected",
    [
        ("EMAIL", "zz12@clinic.example", r"[a-z]{2}\d{2}@example\.org"),
        ("URL", "http://www.zz.example/a", r"https://www\.example\.org/[a-z]+"),
        ("IPADDR", "1.2.3.4", r"10\.\d+\.\d+\.\d+"),
        ("HOSPITAL", "Zz General Hospital", r"\w+ Hospital"),
        ("HOSPITAL", "ZGH", r"[A-Z]{3}"),
        ("CITY", "PORT ZZ", r"[A-Z' .-]+"),
        ("CITY", "02134", r"\d{5}"),
        ("STATE", "ZZ", r"[A-Z]{2}"),
        ("STATE", "North Zz", r"[A-Z][a-z]+.*"),
        ("COUNTRY", "Zzland", r"[A-Z].*"),
        ("STREET", "12 Zz Street", r".*\d.*"),
        ("STREET", "Zz Street", r"[^\d]+"),
        ("ORGANIZATION", "Zz Motors", r".+"),
        ("PROFESSION", "zz driver", r"[^A-Z]+"),
        ("DEPARTMENT", "Zz", r"\[DEPARTMENT\]"),
        ("ANYTHING", "Zz", r"\[ANYTHING\]"),
    ],
)
def test_other_kinds(label, text, expected):
    assert re.fullmatch(expected, replacing()(text, label).text)


@pytest.mark.parametrize(
    "label, text, expected",
    [("DATE", "zz", "[DATE]"), ("AGE", "zz", "[AGE]"), ("PATIENT", "—", "[PATIENT]")],
)
def test_what_cannot_be_understood_is_masked_and_says_so(label, text, expected):
    assert replacing()(text, label) == (expected, True)


def test_every_label_of_the_tables_has_a_kind():
    assert set(DEFAULTS.values()) <= set(KINDS)
    assert make_kinds({"X": "name"})["X"] == "name"
    with pytest.raises(ValueError, match="Label 'X': expected a kind among name, date, .*, got 'nome'"):
        make_kinds({"X": "nome"})


def test_a_locale_that_there_is_not_and_a_package_that_is_missing(monkeypatch):
    with pytest.raises(ValueError, match="Expected a locale of faker, such as en_US or es_ES, got 'xx_YY'"):
        get_faker("xx_YY")
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(ValueError, match="need the package faker, which is not installed"):
        get_faker.__wrapped__("en_US")


def test_a_locale_without_lists_of_names_is_refused(monkeypatch):
    class Nobody:
        factories = [type("Generator", (), {"get_providers": staticmethod(lambda: [])})]

    monkeypatch.setattr(faking, "get_faker", lambda locale: Nobody)
    with pytest.raises(ValueError, match="faker has too few names of the locale 'zz'"):
        get_names.__wrapped__("zz")
