"""A pipeline that has learnt to find a few words, for tests of what other tools make of its answers."""

import re

import spacy
from conftest import make_nlp, make_note
from spacy.training import Example
from thinc.api import Adam

HEADS = {
    "groups": {"@architectures": "spacy-mtclinical.EntityHead.v1", "nested": True},
    "alike": {"@architectures": "spacy-mtclinical.PairRegressor.v1", "low": 0.0, "high": 5.0},
}
LABELS = {"groups": ["ANAT", "DISO"], "alike": []}
FOUND = re.compile("(?i)(?P<DISO>fever|pain|rash)|(?P<ANAT>arm)")
TEXTS = (
    "Patient has no fever, but pain.",
    "The patient has fever and no rash.",
    "No rash, no fever. Pain in the arm.",
    "Rash of the arm, no pain.",
    "Denies pain; has fever.",
    "The patient has fever and no rash. Denies pain in the arm.",
    "no fever",
    "no pain",
    "pain",
    "has pain",
)
MOST_STEPS = 200


def note_of(nlp, text):
    """A gold note: the words that are to be found."""
    return make_note(nlp, text, groups=[(*match.span(), match.lastgroup) for match in FOUND.finditer(text)])


def groups_of(doc):
    return [(span.start, span.end, span.label_) for span in doc.spans["groups"]]


def make_fitted(encoder):
    """Train on the texts until they are known, and as many steps again: how many that takes differs by processor."""
    spacy.util.fix_random_seed(0)
    nlp = make_nlp(encoder, heads=HEADS, ents_from=["groups"])
    gold = [note_of(nlp, text) for text in TEXTS]
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    optimizer = Adam(0.02)

    def step():
        nlp.update([Example(nlp.make_doc(doc.text), doc) for doc in gold], sgd=optimizer)

    for taken in range(1, MOST_STEPS + 1):
        step()
        if all(groups_of(nlp(doc.text)) == groups_of(doc) for doc in gold):
            for _ in range(taken):
                step()
            return nlp
    raise AssertionError(f"the texts are not known after {MOST_STEPS} steps")
