"""Discharge summaries as n2c2 2018 has them: drugs, their attributes, reasons and adverse drug events.

Both banks follow one guideline: a problem is marked only where a drug is given for it (Reason) or caused it (ADE).
"""

from typing import Tuple

from .narrative import Section

SIG = "[Form {form}] Sig: [Dosage {dosage}] [Form {form}] [Route {sigroute}] [Frequency {frequency}]"
BOTH = {  # a problem from one drug and reason for another: the same span twice
    "train": "[ADE,Reason {symptom}] due to [Drug {drug}] was treated with [Drug {drug}].",
    "held": "[ADE,Reason {symptom}] caused by [Drug {drug}] was relieved with [Drug {drug}].",
}

TRAIN: Tuple[Section, ...] = (
    (
        "Allergies:",
        (
            "[Drug {drug}] (causes [ADE {symptom}])",
            "[Drug {drug}] / [Drug {drug}]",
            "[Drug {drug}], [Drug {drug}], [Drug {drug}]",
            "No known allergies",
        ),
    ),
    (
        "History of Present Illness:",
        (
            "{age} year old {man} with a history of {disease} and {disease} who presents with {symptom}.",
            "{He} denied {symptom}, {symptom} or {symptom}.",
            "{He} was taking [Drug {drug}] [Strength {strength}] [Frequency {often}] for [Reason {p}].",
            "In {dept} {he} received [Drug {drug}] [Strength {strength}] [Route {route}] for [Reason {p}].",
            "{He} developed [ADE {p}] after starting [Drug {drug}].",
            "{He} was found to have {p} on {test}.",
            "At home {he} used [Drug {drug}] for [Reason {p}] and [Drug {drug}] [Strength {strength}].",
            "{He} came to {dept} after {procedure} without {symptom}.",
        ),
    ),
    (
        "Pertinent Results:",
        (
            "{lab}-{value}  {lab}-{value}  {lab}-{value}  {lab}-{value}",
            "The {test} showed {p} and {p}.",
            "{test}: no evidence of {disease}.",
        ),
    ),
    (
        "Brief Hospital Course:",
        (
            "{He} began [Drug {drug}] [Strength {strength}] [Route {route}] [Frequency {often}] for [Reason {p}].",
            "[Drug {drug}] was stopped because of [ADE {p}].",
            "{He} completed a [Duration {course}] course of [Drug {drug}] for [Reason {p}].",
            "For [Reason {p}], {he} was given [Route {route}] [Drug {drug}] for [Duration {duration}].",
            "The [ADE {symptom}] was thought to be due to [Drug {drug}].",
            "{He} had [ADE {p}] from [Drug {drug}], which was changed to [Drug {drug}].",
            "{He} underwent {procedure} and recovered well.",
            "[Reason {p}]: {he} was treated with [Drug {drug}] and [Drug {drug}].",
            "{disease}: stable, no change.",
            "[Drug {drug}] [Strength {strength}] [Frequency {often}] was continued for [Reason {p}].",
            "The [Drug {drug}] was held due to [ADE {p}] that was caused by [Drug {drug}].",
            "{His} [Reason {symptom}] was treated with [Drug {drug}] for another [Duration {duration}].",
        ),
    ),
    (
        "Discharge Medications:",
        (
            f"1. [Drug {{drug}}] [Strength {{strength}}] {SIG}.",
            f"2. [Drug {{drug}}] [Strength {{strength}}] {SIG} for [Duration {{duration}}].",
            f"3. [Drug {{drug}}] [Strength {{strength}}] {SIG} as needed for [Reason {{symptom}}].",
            "4. [Drug {drug}] [Strength {strength}] [Form {form}] [Route {route}] [Frequency {often}]",
        ),
    ),
    (
        "Discharge Instructions:",
        (
            "Please take [Drug {drug}] for [Duration {duration}] and then stop.",
            "Take [Drug {drug}] [Frequency {often}] for another [Duration {duration}].",
            "Call your doctor if you have {symptom} or {symptom}.",
        ),
    ),
)

HELD: Tuple[Section, ...] = (
    (
        "Drug allergies:",
        (
            "[Drug {drug}] (gives [ADE {symptom}])",
            "[Drug {drug}], [Drug {drug}]",
        ),
    ),
    (
        "Presenting history:",
        (
            "This is a {age} year old {man} with {disease} and {disease}.",
            "{He} came to {dept} with {symptom} and denies {symptom}.",
            "At home {he} takes [Drug {drug}] [Strength {strength}] [Frequency {often}] for [Reason {p}].",
            "{He} received [Drug {drug}] [Strength {strength}] [Route {route}] in {dept} for [Reason {p}].",
            "{He} developed [ADE {p}] after a dose of [Drug {drug}].",
        ),
    ),
    (
        "Results:",
        (
            "{lab} {value}, {lab} {value}, {lab} {value}",
            "{test} showed {p} without {p}.",
        ),
    ),
    (
        "Hospital stay:",
        (
            "[Drug {drug}] [Strength {strength}] [Route {route}] [Frequency {often}] was started for [Reason {p}].",
            "The [Drug {drug}] was then stopped due to [ADE {p}].",
            "{He} was given a [Duration {course}] course of [Drug {drug}] for [Reason {p}].",
            "{He} was treated for [Reason {p}] with [Route {route}] [Drug {drug}] for [Duration {duration}].",
            "{His} [ADE {symptom}] was felt to be caused by [Drug {drug}].",
            "After {procedure} {he} did well.",
            "[Reason {p}]: {he} was given [Drug {drug}].",
        ),
    ),
    (
        "Medications at discharge:",
        (
            f"1. [Drug {{drug}}] [Strength {{strength}}] {SIG}",
            f"2. [Drug {{drug}}] [Strength {{strength}}] {SIG} as needed for [Reason {{symptom}}]",
            "3. [Drug {drug}] [Strength {strength}] [Route {route}] [Frequency {often}] for [Duration {duration}]",
        ),
    ),
    (
        "Instructions:",
        (
            "You should take [Drug {drug}] for another [Duration {duration}].",
            "Come back if you have any {symptom} or {symptom}.",
        ),
    ),
)
