"""The faker library (the extra `deid`), loaded when it is first asked for, and its lists of names."""

from functools import lru_cache
from typing import Any, Dict, List, Mapping, NamedTuple

from .codes import fold

INITIALS = 12  # initials that surrogate names may have: those with the most names
MALE, FEMALE, LAST = "male", "female", "last"
LISTS = {MALE: "first_names_male", FEMALE: "first_names_female", LAST: "last_names"}


class Names(NamedTuple):
    """Names of a locale.

    lists: Kind of name to initial to names, each a word of letters; a few initials only.
    weights: Kind of name to name, folded, to how common it is.
    initials: Those that there are, upper case.
    """

    lists: Mapping[str, Mapping[str, List[str]]]
    weights: Mapping[str, Mapping[str, float]]
    initials: List[str]


@lru_cache(maxsize=8)
def get_faker(locale: str) -> Any:
    """Give the generator of a locale.

    RAISES: ValueError if faker is not installed, or has no such locale.
    """
    try:
        from faker import Faker
    except ImportError:
        raise ValueError(
            "Surrogates need the package faker, which is not installed. Run: pip install 'spacy_mtclinical[deid]'"
        ) from None
    try:
        return Faker(locale)
    except AttributeError:
        raise ValueError(f"Expected a locale of faker, such as en_US or es_ES, got '{locale}'.") from None


@lru_cache(maxsize=8)
def get_names(locale: str) -> Names:
    """Give the names of a locale. RAISES: ValueError, see `get_faker`, or where a locale has too few."""
    providers = get_faker(locale).factories[0].get_providers()
    provider = next((own for own in providers if all(hasattr(own, name) for name in LISTS.values())), None)
    lists: Dict[str, Dict[str, List[str]]] = {}
    weights: Dict[str, Dict[str, float]] = {}
    for kind, name in LISTS.items():
        names = getattr(provider, name, ())
        shares = names if isinstance(names, dict) else dict.fromkeys(names, 1.0)
        total = sum(shares.values()) or 1.0
        weights[kind] = {fold(own): share / total for own, share in shares.items()}
        lists[kind] = {}
        for own in sorted(shares):
            if own.isalpha():
                lists[kind].setdefault(fold(own)[0].upper(), []).append(own)
    common = set.intersection(*(set(own) for own in lists.values()))
    best = sorted(common, key=lambda initial: (-min(len(own[initial]) for own in lists.values()), initial))[:INITIALS]
    if len(best) < 2:
        raise ValueError(f"faker has too few names of the locale '{locale}'. Choose another, such as en_US or es_ES.")
    return Names(lists, weights, sorted(best))
