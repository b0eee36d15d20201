"""Dates are shifted in their own format; intervals stay; what is not understood is not guessed."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtclinical.deidentification.dates import check_longest, choose_shift, make_reading, shift_dates
from spacy_mtclinical.deidentification.keys import make_derive

ENGLISH, SPANISH = make_reading("en_US"), make_reading("es_ES")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2010-03-04", "2010-04-13"),
        ("2010/03/04", "2010/04/13"),
        ("20100304", "20100413"),
        ("3/4/10", "4/13/10"),
        ("03/04/2010", "04/13/2010"),
        ("11/25/2010", "01/04/2011"),
        ("25/11/2010", "04/01/2011"),
        ("3/4", "4/13"),
        ("03/04 /2010", "04/13 /2010"),
        ("03/2010", "04/2010"),
        ("2010-03", "2010-04"),
        ("March 4, 2010", "April 13, 2010"),
        ("MARCH 4TH, 2010", "APRIL 13th, 2010"),
        ("Mar. 4 '10", "Apr. 13 '10"),
        ("4 Mar", "13 Apr"),
        ("04MAR2010", "13APR2010"),
        ("4-Mar-10", "13-Apr-10"),
        ("4th of March 2010", "13th of April 2010"),
        ("22 Nov 2010", "1 Jan 2011"),
        ("November 23rd", "January 2nd"),
        ("March 2010", "April 2010"),
        ("march", "april"),
        ("Sept. 5, 2010", "Oct. 15, 2010"),
        ("Thursday, March 4, 2010", "Tuesday, April 13, 2010"),
        ("Thu", "Tue"),
        ("2010-03-04T10:30:00Z", "2010-04-13T10:30:00Z"),
        ("March 4 10:30 am", "April 13 10:30 am"),
        ("from 3/4/10 to 3/8/10", "from 4/13/10 to 4/17/10"),
        ("2/29/2012", "4/9/2012"),
        ("29 February", "9 April"),
        ("4 de marzo de 2010", "13 de abril de 2010"),
        ("marzo del 2010", "abril del 2010"),
        ("4 mars 2010", "13 avril 2010"),
    ],
)
def test_a_date_moves_by_forty_days_in_its_format(text, expected):
    assert shift_dates(text, 40, ENGLISH) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("04/03/2010", "13/04/2010"),
        ("4/3/10", "13/4/10"),
        ("Marzo de 2010", "Abril de 2010"),
        ("4 de Marzo del 2010", "13 de Abril del 2010"),
        ("4 mar 2010", "13 abr 2010"),
        ("día 4 de marzo", "día 13 de abril"),
        ("jueves 4 de marzo", "martes 13 de abril"),
        ("setiembre de 2010", "octubre de 2010"),
        ("desde 04-03-2010 hasta 08-03-2010", "desde 13-04-2010 hasta 17-04-2010"),
    ],
)
def test_spanish_dates_have_the_day_first(text, expected):
    assert shift_dates(text, 40, SPANISH) == expected


@pytest.mark.parametrize(
    "text",
    ["winter", "2070s", "31/02/2010", "2010-13-45", "M", "4", "the 4th", "4-6 March", "1010", "", "—", "٣/٤/٢٠١٠"]
    + ["March 4, 2010 Zzamol", "3/4/10 room 12", "9999-12-31x", "03/04-03/06/2010/11", "²"],
)
def test_what_is_not_understood_is_not_guessed(text):
    assert shift_dates(text, 40, ENGLISH) is None


@pytest.mark.parametrize(
    "years, days, expected",
    [
        ("shift", 40, "2010"),
        ("shift", 200, "2011"),
        ("shift", -200, "2009"),
        ("keep", 200, "2010"),
        ("mask", 200, None),
    ],
)
def test_a_year_alone_is_treated_as_asked(years, days, expected):
    assert shift_dates("2010", days, make_reading("en_US", years=years)) == expected
    assert shift_dates("in 2010", days, make_reading("en_US", years=years)) == (expected and f"in {expected}")


def test_the_order_can_be_said():
    assert shift_dates("03/04/2010", 40, make_reading("en_US", day_first=True)) == "13/05/2010"
    assert shift_dates("03/04/2010", 40, make_reading("es_ES", day_first=False)) == "04/13/2010"


def test_settings_that_cannot_be_met_are_refused():
    with pytest.raises(ValueError, match="years expected one of shift, keep, mask, got 'sometimes'"):
        make_reading("en_US", years="sometimes")
    with pytest.raises(ValueError, match="shifted by up to 62 days or more, got 30"):
        check_longest(30)


FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%d %b %Y", "%d%b%Y", "%A, %B %d, %Y", "%Y%m%d")
DAYS = st.dates(date(1902, 1, 1), date(2098, 12, 31)).filter(lambda day: day.month != 5)  # "May" is full and short


@settings(max_examples=60, deadline=None)
@given(st.lists(DAYS, min_size=2, max_size=2), st.sampled_from(FORMATS), st.integers(-334, 334))
def test_intervals_stay(days, form, shift):
    def plain(text):
        return re.sub(r"(?<!\d)0(?=\d)", "", text)

    for day in days:
        expected = (day + timedelta(shift)).strftime(form)
        assert plain(shift_dates(day.strftime(form), shift, ENGLISH)) == plain(expected)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=20), st.integers(-334, 334))
def test_any_text_is_read_without_an_error(text, days):
    for reading in (ENGLISH, SPANISH):
        shifted = shift_dates(text, days, reading)
        assert shifted is None or isinstance(shifted, str)


def test_a_patient_has_one_shift_that_changes_month_and_weekday():
    shifts = {choose_shift(make_derive(bytes([n]) * 16)) for n in range(200)}
    assert len(shifts) > 100 and min(shifts) < 0 < max(shifts)
    assert all(31 <= abs(own) <= 334 and own % 7 for own in shifts)
    assert choose_shift(make_derive(b"a" * 16)) == choose_shift(make_derive(b"a" * 16))
    for own in shifts:
        assert shift_dates("Monday", own, ENGLISH) != "Monday"
        assert shift_dates("March", own, ENGLISH) not in ("March", None)
        assert shift_dates("March 2010", own, ENGLISH) != "March 2010"


def test_a_shift_of_a_year_masks_a_date_that_would_come_back():
    assert shift_dates("March", 365, ENGLISH) is None
    assert shift_dates("4 March", 365, ENGLISH) is None
    assert shift_dates("4 March 2010", 365, ENGLISH) == "4 March 2011"
