"""Tokenised English notes with clinical concepts and events, for i2b2 2010 and 2012.

Marks: P problem, T treatment, S test (test, lab, vital sign), D department, O occurrence, E evidential. The value
of a P is its assertion, of a T or S "proposed"; no value says present, and done. Both banks follow one guideline:
a mention takes its determiner, its adjectives and an "of" or "in the" phrase; doses and values stand outside.
"""

import re
from random import Random
from typing import Dict, List, Optional, Sequence, Tuple

from .banks import Bank, bank, fill

LONG = 540  # words of a long note
Section = Tuple[str, Tuple[str, ...]]  # heading, sentences to draw from
GENDERS: Tuple[Bank, ...] = (
    bank(He="He", he="he", His="His", his="his", man="man | male | gentleman", title="Mr."),
    bank(He="She", he="she", His="Her", his="her", man="woman | female | lady", title="Mrs. | Ms."),
)

TRAIN: Tuple[Section, ...] = (
    (
        "HISTORY OF PRESENT ILLNESS :",
        (
            "The patient is a {age} year old {man} with a history of [P {disease}] and [P {disease}] .",
            "{He} [O presented] to [D {dept}] with [P {p}] and [P {p}] .",
            "{He} [E complained] of [P {p}] for {n} days before [O admission] .",
            "On [O admission] {he} [E reported] [P {p}] .",
            "{He} [E denied] [P=absent {symptom}] , [P=absent {symptom}] or [P=absent {symptom}] .",
            "{He} was [O seen] in [D {dept}] , where [S {test}] [E showed] [P {p}] .",
            "{His} wife [E reported] [P {symptom}] but no [P=absent {symptom}] .",
            "{He} had been taking [T {drug}] for [P the {disease}] until {n} days ago .",
            "{He} was [O brought] to [D {dept}] because of [P {p}] .",
            "{He} was [O transferred] to [D {dept}] for treatment of [P {p}] .",
            "In [D {dept}] {he} was given [T {drug}] and [T {drug}] for [P {his} {symptom}] .",
            "A friend [E noted] [P {symptom}] , but {he} [E denies] any [P=absent {symptom}] .",
            "{He} [O came] to [D {dept}] for [P {p}] and received [T {drug}] .",
            "On [O arrival] there was [P {p}] .",
            "At home {he} takes [T {drug}] to treat [P {disease}] .",
        ),
    ),
    (
        "PAST MEDICAL HISTORY :",
        (
            "1. [P {disease}] .",
            "2. [P {disease}] , status post [T {procedure}] .",
            "3. [P {severity} {disease}] , treated with [T {drug}] .",
            "[P {disease}] , [P {disease}] and [P {disease}] .",
            "{He} has no history of [P=absent {disease}] .",
            "{His} mother had [P=associated_with_someone_else {disease}] .",
            "{He} had [T {procedure}] and [T {procedure}] .",
        ),
    ),
    (
        "LABORATORY DATA :",
        (
            "[S {lab}] {value} , [S {lab}] {value} , [S {lab}] {value} , [S {lab}] {value} .",
            "[S {lab}] of {value} , [S {lab}] of {value} and [S {lab}] of {value} .",
            "[S The {lab}] was {value} and [S the {lab}] was {value} on [O admission] .",
            "[S {test}] [E revealed] [P {p}] .",
            "[S A {test}] was negative for [P=absent {p}] .",
            "[S {sign}] {vital} , [S {sign}] {vital} , [S {sign}] {vital} .",
            "[S {His} {sign}] was {vital} .",
            "[S The {test}] [E showed] no [P=absent {p}] .",
            "[S {lab}]     {value}     {value}     {value}",
            "[S {test}] in [D {dept}] [E demonstrated] [P {p}] and [P {p}] .",
            "[S {test}] and [S {test}] were normal .",
            "[S A {test}] was done and was normal , with [S {lab}] of {value} .",
        ),
    ),
    (
        "HOSPITAL COURSE :",
        (
            "{He} was [O admitted] to [D {dept}] and started on [T {drug}] for [P {p}] .",
            "[S {test}] was performed and [E revealed] [P {p}] without [P=absent {p}] .",
            "{He} underwent [T {procedure}] , which {he} tolerated well .",
            "[P The {disease}] was treated with [T {drug}] and [T {procedure}] .",
            "[P {His} {symptom}] improved after [T {drug}] .",
            "{He} developed [P {p}] , and [T the {drug}] was stopped .",
            "[P=possible {p}] could not be excluded , so [S a {test}] was obtained .",
            "There was concern for [P=possible {p}] , and {he} received [T {drug}] .",
            "[P=possible {p}] was suspected .",
            "{He} had [P=conditional {symptom}] only on exertion .",
            "[S Repeat {test}] was unremarkable .",
            "{He} remained stable in [D {dept}] on [T the {drug}] .",
            "{He} was [O evaluated] by the consultants , who [E noted] [P {p}] .",
            "The consultants recommended [T=proposed {procedure}] .",
            "[T {drug}] was continued for [P the patient &apos;s {disease}] .",
            "[P The {symptom}] resolved after [T {procedure}] and with [T {drug}] .",
            "While on [T the {drug}] {he} had [P {p}] .",
            "[T {drug}] was begun in [D {dept}] because of [P {p}] .",
            "[T {procedure}] was done without complication , and it helped .",
        ),
    ),
    (
        "DISCHARGE MEDICATIONS :",
        (
            "1. [T {drug}] {strength} p.o. {often} .",
            "2. [T {drug}] {strength} {often} as needed for [P=hypothetical {symptom}] .",
            "3. [T {drug}] {strength} by mouth {often} .",
            "4. [T {drug}] , {strength} , {often} .",
            "5. [T {drug}] , {often} , for [P {disease}] .",
        ),
    ),
    (
        "DISPOSITION :",
        (
            "{He} was [O discharged] home in good condition .",
            "{He} should return to [D {dept}] for [P=hypothetical {symptom}] or [P=hypothetical {symptom}] .",
            "{He} will [O follow up] with {his} doctor for [S=proposed {test}] .",
            "{He} should continue [T {drug}] for {duration} .",
        ),
    ),
)

HELD: Tuple[Section, ...] = (
    (
        "REASON FOR VISIT :",
        (
            "This {age} year old {man} has a past history of [P {disease}] and [P {disease}] .",
            "{He} [O came] to [D {dept}] because of [P {p}] and [P {p}] .",
            "On [O arrival] {he} [E reported] [P {p}] .",
            "{He} [E denies] any [P=absent {symptom}] , [P=absent {symptom}] or [P=absent {symptom}] .",
            "[S A {test}] in [D {dept}] [E demonstrated] [P {p}] .",
            "{His} daughter [E noted] [P {symptom}] and no [P=absent {symptom}] .",
            "{He} was on [T {drug}] at home for [P {his} {disease}] .",
            "{He} was then [O transferred] to [D {dept}] for management of [P {p}] .",
        ),
    ),
    (
        "PREVIOUS ILLNESSES :",
        (
            "1. [P {disease}] and [P {disease}] .",
            "2. [P {disease}] , for which {he} takes [T {drug}] .",
            "3. [P {disease}] , status post [T {procedure}] in the past .",
            "There is no past history of [P=absent {disease}] .",
            "{His} father had [P=associated_with_someone_else {disease}] .",
        ),
    ),
    (
        "RESULTS :",
        (
            "[S {lab}] {value} , [S {lab}] {value} and [S {lab}] {value} .",
            "On [O admission] [S the {lab}] was {value} , with [S {lab}] of {value} .",
            "[S The {test}] [E revealed] [P {p}] and no [P=absent {p}] .",
            "[S {test}] was normal , without [P=absent {p}] .",
            "[S {sign}] was {vital} , [S {sign}] {vital} .",
            "[S {lab}]   {value}   {value}",
        ),
    ),
    (
        "SUBSEQUENT COURSE :",
        (
            "{He} was [O admitted] to [D {dept}] for [P {p}] and received [T {drug}] .",
            "For [P {his} {disease}] {he} was given [T {drug}] and [T {drug}] .",
            "{He} then had [T {procedure}] without complication .",
            "[P The {symptom}] resolved with [T {drug}] and [T {procedure}] .",
            "{He} developed [P {p}] on [T the {drug}] .",
            "[S A {test}] was done because [P=possible {p}] was suspected , and it [E showed] [P {p}] .",
            "[T {drug}] was started in [D {dept}] to treat [P {p}] .",
            "The consultants [E noted] [P {severity} {symptom}] and recommended [T=proposed {procedure}] .",
            "[S Another {test}] was normal .",
        ),
    ),
    (
        "MEDICATIONS ON DISCHARGE :",
        (
            "1. [T {drug}] {strength} {often} by mouth .",
            "2. [T {drug}] , {strength} p.o. {often} .",
            "3. [T {drug}] {strength} {often} for [P {disease}] .",
            "4. [T {drug}] {strength} {often} .",
        ),
    ),
    (
        "PLAN :",
        (
            "{He} was [O discharged] home on [T {drug}] .",
            "{He} should come back to [D {dept}] for any [P=hypothetical {symptom}] or [P=hypothetical {symptom}] .",
            "{He} will [O follow up] next week for [S=proposed {test}] .",
        ),
    ),
)


def write_narrative(
    sections: Sequence[Section],
    words: Bank,
    *,
    rng: Random,
    share: float = 0.3,
    is_long: bool = False,
    memory: Optional[Dict[str, str]] = None,
) -> List[str]:
    """Write the marked-up lines of a note.

    sections: Heading (may be empty) and sentences.
    share: The share of a section's sentences that is drawn, more or less.
    is_long: Whether to write all sections in full, then more of them, until there are over 512 words.
    memory: What named slots hold, see `fill`.
    """
    memory = {} if memory is None else memory
    gender = GENDERS[int(memory.setdefault("gender", str(rng.randrange(2))))]
    lines: List[str] = []
    drawn = 1.0 if is_long else share * rng.uniform(0.75, 1.25)
    while not lines or is_long and count_words(lines) < LONG:
        for heading, sentences in sections:
            chosen = sorted(rng.sample(range(len(sentences)), max(1, round(drawn * len(sentences)))))
            lines += [heading] if heading else []
            lines += [capitalise(fill(sentences[i], {**words, **gender}, rng=rng, memory=memory)) for i in chosen]
        drawn = share
    return lines


def count_words(lines: Sequence[str]) -> int:
    """Count the words of marked-up lines."""
    return sum(not word.startswith("[") for line in lines for word in line.split())


def capitalise(markup: str) -> str:
    """Give a marked-up sentence a capital letter."""
    return re.sub(r"^((?:\[\S+ )*)(\w)", lambda match: match.group(1) + match.group(2).upper(), markup)
