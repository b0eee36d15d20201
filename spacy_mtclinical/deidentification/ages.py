"""Ages as HIPAA's safe harbour wants them: those over 89 are one group, 90 and above (45 CFR 164.514(b)(2)(i)(C))."""

import re
from typing import Optional

from .codes import fold

OLDEST = 89
GROUP = "90+"
MOST_NUMBERS = 3
LONGEST_NUMBER = 3  # digits of an age in months, weeks or days
NUMBER = re.compile(r"(\d+)(?:[.,]\d+)?(\+|(?:'?s\b)?)")
WORD = re.compile(r"[^\W\d_]+")
SHORT = re.compile(
    r"[\s-]*(?:months?|weeks?|days?|hours?|mes(?:es)?|semanas?|dias?|horas?|mois|semaines?|jours?|heures?)\b"
)
OVER = set(
    "ninety nineties hundred noventa cien ciento nonagenarian nonagenario nonagenaria centenarian centenario "
    "centenaria".split()
)
NUMERALS = set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty twenties thirties forties fifties sixties "
    "seventies eighties un uno una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciseis diecisiete dieciocho diecinueve veinte veintiun veintiuno veintidos veintitres veinticuatro "
    "veinticinco veintiseis veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta "
    "ochenta".split()
)
PHASES = set("newborn neonate infant teens teenager adolescent recien nacido nacida lactante adolescente".split())
AROUND = set(
    "year years yr yrs yo y o old aged age month months mo mos week weeks wk wks day days hour hours in the his her "
    "their early mid late of and a an about almost nearly over s th ano anos mes meses semana semanas dia dias hora "
    "horas de edad e medio media con casi an ans mois semaine semaines jour jours heures m d h".split()
)


def cap_age(text: str) -> Optional[str]:
    """An age as it is, if it is at most 89; else with "90+" in the place of the number.

    RETURNS: None where not all of the text was understood.
    """
    words = [(fold(found[0]), found.span()) for found in WORD.finditer(text)]
    numbers = NUMBER.findall(text)
    is_known = all(word in NUMERALS | PHASES | AROUND | OVER for word, _ in words) and len(numbers) <= MOST_NUMBERS
    if not is_known or not (numbers or any(word in NUMERALS | PHASES | OVER for word, _ in words)):
        return None
    if any(char.isnumeric() and not char.isdecimal() for char in text):
        return None
    if any(word in OVER for word, _ in words):
        spelled = [span for word, span in words if word in OVER | NUMERALS]
        text = text[: spelled[0][0]] + GROUP + text[spelled[-1][1] :]
    return NUMBER.sub(lambda found: _cap(found, found.string[found.end() :]), text)


def _cap(found: "re.Match[str]", rest: str) -> str:
    is_short = SHORT.match(fold(rest)) and len(found[1]) <= LONGEST_NUMBER
    return found[0] if is_short or int(found[1]) <= OLDEST else GROUP
