"""Surrogates for places, institutions and professions, by faker."""

from typing import Any, Callable, Dict, Optional

from .codes import TRIES, fold, make_code
from .faking import get_faker
from .keys import Derive, make_random
from .kinds import CITY, COUNTRY, HOSPITAL, ORGANIZATION, PROFESSION, STATE, STREET

HOSPITALS = {"en": "{} Hospital", "es": "Hospital {}", "fr": "Hôpital {}", "de": "Klinikum {}"}
LONGEST_ACRONYM = 5  # letters


def make_place(text: str, derive: Derive, *, kind: str, locale: str) -> Optional[str]:
    """Something of the same kind, in the same case; numbers and acronyms become others of the same shape.

    RETURNS: None where no other was found.
    RAISES: ValueError without faker, see `faking.get_faker`.
    """
    is_acronym = text.isupper() and text.isalpha() and len(text) <= LONGEST_ACRONYM
    if is_acronym or not any(map(str.isalpha, text)):
        return make_code(text, derive, kind=kind)
    faker = get_faker(locale)
    key = " ".join(fold(text).split())
    random = make_random(derive, kind, key)
    for _ in range(TRIES):
        faker.seed_instance(random.getrandbits(64))
        made = " ".join(MAKERS[kind](faker, text, locale).split())
        if key not in fold(made):
            return made.upper() if text.isupper() else made.lower() if text.islower() else made
    return None


def _make_street(faker: Any, text: str, locale: str) -> str:
    return faker.street_address() if any(map(str.isdigit, text)) else faker.street_name()


def _make_state(faker: Any, text: str, locale: str) -> str:
    names = (name for name in ("state", "region", "administrative_unit", "city") if hasattr(faker, name))
    return getattr(faker, next(names))()


def _make_hospital(faker: Any, text: str, locale: str) -> str:
    return HOSPITALS.get(locale[:2], HOSPITALS["en"]).format(faker.last_name())


MAKERS: Dict[str, Callable[[Any, str, str], str]] = {
    CITY: lambda faker, text, locale: faker.city(),
    STATE: _make_state,
    COUNTRY: lambda faker, text, locale: faker.country(),
    STREET: _make_street,
    HOSPITAL: _make_hospital,
    ORGANIZATION: lambda faker, text, locale: faker.company(),
    PROFESSION: lambda faker, text, locale: faker.job(),
}
