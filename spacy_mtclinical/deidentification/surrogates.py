"""A mention's surrogate by the kind of its label; a mask where none can be made."""

from functools import lru_cache
from typing import Callable, Dict, Mapping, NamedTuple, Optional

from . import kinds
from .ages import cap_age
from .codes import fold, make_code, make_email, make_ip, make_url
from .dates import LONGEST, SHIFT, choose_shift, make_reading, shift_dates
from .keys import Derive
from .names import make_name
from .places import MAKERS, make_place
from .replacement import Replace, Surrogate, mask


class Style(NamedTuple):
    """How surrogates look.

    locale: Of names and places, as faker has them.
    day_first: Whether 3/4 is the third of April; None: as in the locale.
    years: What becomes of a year that stands alone: "shift", "keep" or "mask".
    longest_shift: Days by which dates are shifted at most.
    """

    locale: str = "en_US"
    day_first: Optional[bool] = None
    years: str = SHIFT
    longest_shift: int = LONGEST


def make_surrogates(derive: Derive, table: Mapping[str, str], style: Style) -> Replace:
    """Make the function from a mention and its label to its surrogate, for one patient.

    No surrogate is what it stands for, whatever the case, save ages up to 89 and years that stand alone.

    derive: Of the patient, see `patients.derive_for`.
    table: Label to kind.
    RAISES: ValueError for a style that there is not; the function, where faker is missing.
    """
    reading = make_reading(style.locale, day_first=style.day_first, years=style.years)
    days = choose_shift(derive, longest=style.longest_shift)
    makers: Dict[str, Callable[[str], Optional[str]]] = {
        kinds.NAME: lambda text: make_name(text, derive, locale=style.locale),
        kinds.DATE: lambda text: shift_dates(text, days, reading),
        kinds.AGE: cap_age,
        kinds.ID: lambda text: make_code(text, derive),
        kinds.EMAIL: lambda text: make_email(text, derive),
        kinds.URL: lambda text: make_url(text, derive),
        kinds.IP: lambda text: make_ip(text, derive),
    }
    free = (kinds.DATE, kinds.AGE)

    @lru_cache(maxsize=4096)
    def replace(text: str, label: str) -> Surrogate:
        kind = table.get(label, kinds.MASK)
        if kind == kinds.MASK:
            return Surrogate(mask(label))
        if kind in MAKERS:
            made = make_place(text, derive, kind=kind, locale=style.locale)
        else:
            made = makers[kind](text)
        if made is None or (kind not in free and fold(made) == fold(text)):
            return Surrogate(mask(label), masked=True)
        return Surrogate(made)

    return replace
