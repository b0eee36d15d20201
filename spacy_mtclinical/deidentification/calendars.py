"""Names of months and days of the week in English, Spanish and French, found in any and written in the same form."""

from typing import Dict, List, NamedTuple, Tuple

from .codes import fold

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
SHORT_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
}
SHORT_DAYS = {"en": "Mon Tue Wed Thu Fri Sat Sun"}
SEPTEMBERS = ("sept", "set")  # other ways to write it short


class Named(NamedTuple):
    """A name: its number, counted from 0, and all names of the same form."""

    number: int
    names: Tuple[str, ...]


def list_names(language: str, tables: List[Dict[str, str]]) -> Dict[str, Named]:
    """Folded name to what it names; where languages share a name, it is the one's that is asked for."""
    found: Dict[str, Named] = {}
    for own in sorted(MONTHS, key=lambda other: (other != language, other)):
        for table in tables:
            names = tuple(table.get(own, "").split())
            for number, name in enumerate(names):
                found.setdefault(fold(name), Named(number, names))
    return found


def list_months(language: str) -> Dict[str, Named]:
    """Folded name, full or short, to month."""
    short = Named(8, tuple(SHORT_MONTHS.get(language, SHORT_MONTHS["en"]).split()))
    long = Named(8, tuple(MONTHS["es"].split()))
    return {**list_names(language, [MONTHS, SHORT_MONTHS]), **dict.fromkeys(SEPTEMBERS, short), "setiembre": long}


def list_days(language: str) -> Dict[str, Named]:
    """Folded name, full or short, to day of the week, Monday first."""
    return list_names(language, [DAYS, SHORT_DAYS])


def rename(word: str, named: Named, number: int) -> str:
    """Another name of the same form, in the case of a word."""
    name = named.names[number]
    return name.upper() if word.isupper() else name.lower() if word.islower() else name[0].upper() + name[1:]
