"""Dates shifted by a number of days, in their own format.

A text is read from left to right: dates are shifted, and only punctuation, times of the day and words such as "of" may
stand between them. Where the year, or the day too, is not said, the shift is that of the middle of what it may be.
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Dict, List, NamedTuple, Optional

from .calendars import Named, list_days, list_months, rename
from .codes import fold
from .keys import Derive, make_random

SHIFT, KEEP, MASK = YEARS = ("shift", "keep", "mask")  # what becomes of years that stand alone
SHORTEST, LONGEST = 31, 334  # days: a month that stands alone becomes another month
NOMINAL = (2001, 2000)  # the years that a date without year is taken to be in; the second has a 29 February
PIVOT = 70  # two digits from here on are of the last century
BETWEEN = set(
    "of the on in to from through thru and until at de del el la los al a y e en desde hasta dia ano mes le du au "
    "et".split()
)
END, ALONE = r"(?![0-9])", r"(?![0-9])(?!\s*[-/.]\s*[0-9])"
SEP, SAME = r"\s*(?P<s>[-/.])\s*", r"\s*(?P=s)\s*"
DAY, MONTH, TWO = r"(?P<d>[0-9]{1,2})", r"(?P<m>[0-9]{1,2})", rf"(?P<a>[0-9]{{1,2}}){SEP}(?P<b>[0-9]{{1,2}})"
FULL_YEAR = r"(?P<y>(?:1[89]|2[01])[0-9]{2})"
ANY_YEAR = rf"(?P<y>(?:1[89]|2[01])[0-9]{{2}}|['’][0-9]{{2}}){END}"
WORD = r"(?P<word>[^\W\d_]+)"
ORDINAL = r"(?P<o>st|nd|rd|th|er|º|°|ª)?"
BEFORE_MONTH = r"(?:\s*[-/.]?\s*(?:(?:of|de)\s+)?)"
BEFORE_YEAR = r"(?:\.?(?:\s*,?\s*(?:(?:of|de|del)\s+)?|\s*[-/]\s*))"


class Reading(NamedTuple):
    """How dates are read.

    day_first: Whether 3/4 is the third of April.
    years: See YEARS.
    """

    months: Dict[str, Named]
    days: Dict[str, Named]
    day_first: bool
    years: str


def choose_shift(derive: Derive, *, longest: int = LONGEST) -> int:
    """The days by which a patient's dates are shifted: 31 at least and not whole weeks, either way.

    RAISES: ValueError if there is no room for a choice.
    """
    check_longest(longest)
    random = make_random(derive, "dates")
    days = [own for own in range(SHORTEST, longest + 1) if own % 7]
    return days[random.randrange(len(days))] * (1 if random.randrange(2) else -1)


def check_longest(longest: int) -> None:
    """RAISES: ValueError for a longest shift that leaves no choice."""
    if longest < 2 * SHORTEST:
        raise ValueError(f"Expected dates to be shifted by up to {2 * SHORTEST} days or more, got {longest}.")


@lru_cache(maxsize=16)
def make_reading(locale: str, *, day_first: Optional[bool] = None, years: str = SHIFT) -> Reading:
    """How dates of a locale, such as es_ES, are read; the month comes first in en_US alone, unless it is said.

    RAISES: ValueError for another treatment of years.
    """
    if years not in YEARS:
        raise ValueError(f"years expected one of {', '.join(YEARS)}, got '{years}'.")
    language = locale[:2]
    first = locale != "en_US" if day_first is None else day_first
    return Reading(list_months(language), list_days(language), first, years)


def shift_dates(text: str, days: int, reading: Reading) -> Optional[str]:
    """A text of dates, shifted.

    RETURNS: None where there is no date, or something else than dates.
    """
    made: List[str] = []
    place = count = 0
    while place < len(text):
        for pattern, shift in PATTERNS:
            found = pattern.match(text, place)
            new = shift(found, days, reading) if found else None
            if found and new is not None:
                count += pattern is not TIME
                made.append(new)
                place = found.end()
                break
        else:
            if text[place].isalnum():
                return None
            made.append(text[place])
            place += 1
    return "".join(made) if count else None


def move(year: int, month: int, day: int, days: int) -> Optional[date]:
    """A day some days later; None where there is no such day."""
    try:
        return date(year, month, day) + timedelta(days)
    except (ValueError, OverflowError):
        return None


def move_nominal(month: int, day: int, days: int) -> Optional[date]:
    """A day of a year that is not known, some days later; None where that is the same day again."""
    new = move(NOMINAL[0], month, day, days) or move(NOMINAL[1], month, day, days)
    return None if new is None or (new.month, new.day) == (month, day) else new


def read_year(digits: str) -> int:
    """A year of four digits, or of two with or without an apostrophe."""
    number = int(digits.lstrip("'’"))
    return number if len(digits) == 4 else number + (1900 if number >= PIVOT else 2000)


def write_year(digits: str, year: int) -> str:
    """A year in the form of another."""
    return f"{year:04d}" if len(digits) == 4 else f"{digits[:-2]}{year % 100:02d}"


def write_number(like: str, number: int, *others: str) -> str:
    """A day or month, with a leading zero where another of two digits does not rule that out."""
    is_padded = len(like) == 2 and (like[0] == "0" or not any(len(own) == 1 for own in others))
    return f"{number:02d}" if is_padded else str(number)


def fill(found: "re.Match[str]", **values: str) -> str:
    """The text of a match with some groups replaced."""
    text, start = found[0], found.start()
    for name in sorted(values, key=found.start, reverse=True):
        text = text[: found.start(name) - start] + values[name] + text[found.end(name) - start :]
    return text


def shift_numbers(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """Year, month and day as numbers."""
    year, month, day = found["y"], found["m"], found["d"]
    new = move(int(year), int(month), int(day), days)
    if new is None:
        return None
    numbers = {"m": write_number(month, new.month, day), "d": write_number(day, new.day, month)}
    return fill(found, y=write_year(year, new.year), **numbers)


def shift_slashes(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """Two numbers, day and month in the order that is read or else in the other, and perhaps a year."""
    groups = found.groupdict()
    first, second, year = found["a"], found["b"], groups.get("y")
    if year is None and found["s"] != "/" and found.string[found.end() :].lstrip()[:1].isalpha():
        return None  # two days of a month, as in "4-6 March"
    for day_first in (reading.day_first, not reading.day_first):
        day, month = (first, second) if day_first else (second, first)
        if year is None:
            new = move_nominal(int(month), int(day), days)
        else:
            new = move(read_year(year), int(month), int(day), days)
        if new is not None:
            numbers = write_number(day, new.day, month), write_number(month, new.month, day)
            a, b = numbers if day_first else numbers[::-1]
            return fill(found, a=a, b=b, **({} if year is None else {"y": write_year(year, new.year)}))
    return None


def shift_month(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """A month as a number, and a year."""
    new = move(int(found["y"]), int(found["m"]), 15, days)
    if new is None:
        return None
    return fill(found, y=write_year(found["y"], new.year), m=write_number(found["m"], new.month))


def shift_words(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """A month's name, with or without day and year."""
    groups = found.groupdict()
    named = reading.months.get(fold(found["word"]))
    if named is None:
        return None
    day, year = groups.get("d"), groups.get("y")
    middle = int(day) if day else 15
    if year is None:
        new = move_nominal(named.number + 1, middle, days)
    else:
        new = move(read_year(year), named.number + 1, middle, days)
    if new is None or (not day and not year and new.month == named.number + 1):
        return None
    values = {"word": rename(found["word"], named, new.month - 1)}
    if day:
        values["d"] = f"{new.day:02d}" if day[0] == "0" else str(new.day)
        if (groups.get("o") or "").lower() in ("st", "nd", "rd", "th"):
            values["o"] = find_ordinal(new.day)
    if year is not None:
        values["y"] = write_year(year, new.year)
    return fill(found, **values)


def find_ordinal(day: int) -> str:
    """The English ending of a number up to 31."""
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def shift_word(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """A day of the week, or a word that may stand between dates."""
    word = fold(found["word"])
    named = reading.days.get(word)
    if named is not None:
        return rename(found["word"], named, (named.number + days) % 7)
    return found[0] if word in BETWEEN else None


def shift_year(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """A year that stands alone."""
    if reading.years == MASK:
        return None
    new = move(read_year(found["y"]), 7, 2, days)
    return found[0] if reading.years == KEEP else None if new is None else write_year(found["y"], new.year)


def keep_time(found: "re.Match[str]", days: int, reading: Reading) -> Optional[str]:
    """A time of the day."""
    return found[0]


def _compile(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE)


TIME = _compile(
    r"(?:T(?=[0-9]))?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:\s*(?:[ap]\.?m\b\.?|hrs?\b|h\b|Z\b))?"
)
PATTERNS = (
    (TIME, keep_time),
    (_compile(rf"{FULL_YEAR}{SEP}{MONTH}{SAME}{DAY}{END}"), shift_numbers),
    (_compile(rf"{FULL_YEAR}(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}}){END}"), shift_numbers),
    (_compile(rf"{TWO}{SAME}(?P<y>[0-9]{{4}}|[0-9]{{2}}){END}"), shift_slashes),
    (_compile(rf"{MONTH}{SEP}{FULL_YEAR}{END}"), shift_month),
    (_compile(rf"{FULL_YEAR}{SEP}{MONTH}{ALONE}"), shift_month),
    (_compile(rf"{TWO}{ALONE}"), shift_slashes),
    (_compile(rf"{DAY}[-/]{WORD}[-/](?P<y>[0-9]{{2}}){END}"), shift_words),
    (_compile(rf"{DAY}{ORDINAL}{BEFORE_MONTH}{WORD}{BEFORE_YEAR}{ANY_YEAR}"), shift_words),
    (_compile(rf"{DAY}{ORDINAL}{BEFORE_MONTH}{WORD}"), shift_words),
    (_compile(rf"{WORD}\.?\s*[-/]?\s*{DAY}{END}{ORDINAL}{BEFORE_YEAR}{ANY_YEAR}"), shift_words),
    (_compile(rf"{WORD}{BEFORE_YEAR}{ANY_YEAR}"), shift_words),
    (_compile(rf"{WORD}\.?\s*[-/]?\s*{DAY}{END}(?!:){ORDINAL}"), shift_words),
    (_compile(WORD), shift_words),
    (_compile(WORD), shift_word),
    (_compile(rf"{ANY_YEAR}(?![^\W_])"), shift_year),
)
