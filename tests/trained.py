"""A pipeline with labels and random weights, for tests of what comes after training."""

from conftest import LABELS, make_nlp, make_note
from spacy.training import Example


def make_trained(encoder, **settings):
    nlp = make_nlp(encoder, **settings)
    note = make_note(nlp, "pain", drugs=[])
    nlp.get_pipe("mtclinical").initialize(lambda: [Example(nlp.make_doc("pain"), note)], nlp=nlp, labels=LABELS)
    return nlp
