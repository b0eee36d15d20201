"""A pipeline with labels and random weights, for tests of what comes after training."""

from conftest import LABELS, make_nlp, make_note
from spacy import util
from spacy.training import Example


def make_trained(encoder, *, labels=None, seed=0, **settings):
    util.fix_random_seed(seed)
    nlp = make_nlp(encoder, **settings)
    examples = [Example(nlp.make_doc("pain"), make_note(nlp, "pain", drugs=[]))]
    nlp.get_pipe("mtclinical").initialize(lambda: examples, nlp=nlp, labels=labels or LABELS)
    return nlp
