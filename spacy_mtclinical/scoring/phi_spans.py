"""Protected health information as sets of (category, start, end, type) a note, as the 2014 i2b2 challenge counts it.

What its script (evaluate.py) does beyond its description is done here too:
- mentions that are equal collapse; in the relaxed count also those that begin alike and end within two characters;
- where several are within two characters of one, the shorter of the two sets says how many are right;
- its tokens are runs of ASCII letters and digits, and a mention without any is one empty token at its end;
- its HIPAA set never includes IDNUM, for a stray space in its pattern (`hipaa_idnum` does).
"""

import re
from typing import Dict, List, Optional, Sequence, Tuple

from ..formats.i2b2_phi_xml import CATEGORIES
from .mentions import Case, Mention
from .metric import Counts, Metric, make_span_metric, tally
from .word_tokens import DEFINITION, TOKEN, count_tokens

Keys = Dict[Tuple[str, str, int, int], Optional[str]]  # category, type, start and end to label
Ends = Dict[Tuple[str, str, int], Dict[int, Optional[str]]]  # category, type and start to ends and labels
REACH = 2  # characters between ends
ALNUM = re.compile("[a-zA-Z0-9]+")
IDNUM = ("ID", "IDNUM")
HIPAA = (
    ("NAME", "PATIENT"),
    ("LOCATION", "CITY"),
    ("LOCATION", "STREET"),
    ("LOCATION", "ZIP"),
    ("LOCATION", "ORGANIZATION"),
    ("DATE", ""),
    ("CONTACT", "PHONE"),
    ("CONTACT", "FAX"),
    ("CONTACT", "EMAIL"),
    ("ID", "SSN"),
    ("ID", "MEDICALRECORD"),
    ("ID", "HEALTHPLAN"),
    ("ID", "ACCOUNT"),
    ("ID", "LICENSE"),
    ("ID", "VEHICLE"),
    ("ID", "DEVICE"),
    ("ID", "BIOID"),
    ("AGE", ""),
)  # how category and type begin
STRICT = "category, type and offsets equal, equal ones once, micro-averaged"
RELAXED = "category, type and start equal, ends within 2 characters, micro-averaged"
TOKENS = "category, type and offsets of runs of letters and digits equal, micro-averaged"
HIPAA_ONLY = ", of the types that the script of i2b2 2014 counts for HIPAA's (without IDNUM)"
DEFINITIONS = {
    "": f"{STRICT} (strict, the primary one of i2b2 2014)",
    "relaxed": RELAXED,
    "phi_token": TOKENS,
    "hipaa": STRICT + HIPAA_ONLY,
    "hipaa_relaxed": RELAXED + HIPAA_ONLY,
    "hipaa_phi_token": TOKENS + HIPAA_ONLY,
    "hipaa_idnum": f"{STRICT}, of HIPAA's types with IDNUM",
    "binary": "offsets equal whatever the type, equal ones once, micro-averaged",
    "binary_phi_token": "offsets of runs of letters and digits equal whatever the type, micro-averaged",
    TOKEN: DEFINITION,
}


def configure_phi_spans_v1() -> Metric:
    """Configure the metric."""
    official = [name for name in DEFINITIONS if name != TOKEN]
    return make_span_metric(count_phi, count_tokens, definitions=DEFINITIONS, zero=official)


def count_phi(case: Case) -> Counts:
    """Count a note by all definitions."""
    counts: Counts = {}
    gold, guess = (list_keys(mentions) for mentions in (case.gold, case.guess))
    for prefix, kept in (("", None), ("hipaa_", HIPAA)):
        wanted, guessed = keep(gold, kept), keep(guess, kept)
        count_equal(counts, prefix.rstrip("_"), wanted, guessed)
        count_relaxed(counts, f"{prefix}relaxed", wanted, guessed)
        count_equal(counts, f"{prefix}phi_token", cut_tokens(wanted, case.text), cut_tokens(guessed, case.text))
    count_equal(counts, "hipaa_idnum", keep(gold, (*HIPAA, IDNUM)), keep(guess, (*HIPAA, IDNUM)))
    count_equal(counts, "binary", drop_types(gold), drop_types(guess))
    tokens = (drop_types(cut_tokens(keys, case.text)) for keys in (gold, guess))
    count_equal(counts, "binary_phi_token", *tokens)
    return counts


def list_keys(mentions: Sequence[Mention]) -> Keys:
    """What mentions are compared by, and their labels; a type without a category has that of the challenge."""
    found: Keys = {}
    for mention in mentions:
        category = str(mention.attributes.get("category") or CATEGORIES.get(mention.label, "OTHER"))
        found.setdefault((category.upper(), mention.label.upper(), *mention.hull), mention.label)
    return found


def keep(keys: Keys, among: Optional[Sequence[Tuple[str, str]]]) -> Keys:
    """Those whose category and type begin as one of some do; all for None."""
    if among is None:
        return keys
    return {
        key: label
        for key, label in keys.items()
        if any(key[0].startswith(category) and key[1].startswith(type_) for category, type_ in among)
    }


def cut_tokens(keys: Keys, text: str) -> Keys:
    """Their runs of letters and digits."""
    found: Keys = {}
    for (category, type_, start, end), label in keys.items():
        spans = [match.span() for match in ALNUM.finditer(text, start, end)] if start >= 0 else []
        for span in spans or [(end, end)]:
            found[(category, type_, *span)] = label
    return found


def drop_types(keys: Keys) -> Keys:
    """Their offsets alone."""
    return {("", "", start, end): None for _, _, start, end in keys}


def count_equal(counts: Counts, name: str, gold: Keys, guess: Keys) -> None:
    """Count equal keys."""
    tally(counts, name, wanted=gold.values(), guessed=guess.values())
    tally(counts, name, right=(label for key, label in gold.items() if key in guess))


def count_relaxed(counts: Counts, name: str, gold: Keys, guess: Keys) -> None:
    """Count keys that are equal up to the reach of their ends."""
    gold_ends, guess_ends = collapse(gold), collapse(guess)
    found, precise = find_near(gold_ends, guess_ends), find_near(guess_ends, gold_ends)
    fewer = found if sum(map(len, gold_ends.values())) < sum(map(len, guess_ends.values())) else precise
    right = [label for label, is_found in fewer if is_found]
    missed, spurious = ([label for label, is_found in side if not is_found] for side in (found, precise))
    tally(counts, name, right=right, wanted=[*right, *missed], guessed=[*right, *spurious])


def collapse(keys: Keys) -> Ends:
    """What begins alike to the ends that are not within reach of one before, and their labels."""
    found: Ends = {}
    for (category, type_, start, end), label in keys.items():
        ends = found.setdefault((category, type_, start), {})
        if all(abs(end - other) > REACH for other in ends):
            ends[end] = label
    return found


def find_near(ends: Ends, others: Ends) -> List[Tuple[Optional[str], bool]]:
    """The label of each, and whether an end among others is within reach."""
    return [
        (label, any(abs(end - other) <= REACH for other in others.get(key, ())))
        for key, found in ends.items()
        for end, label in found.items()
    ]
