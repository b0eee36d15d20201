"""What a step changes is put back exactly, whichever optimizer made it, in a pipeline made anew."""

import random

import numpy
import pytest
import spacy
import torch
from conftest import LABELS, gold_docs, make_nlp
from spacy.training import Example
from thinc.api import Adam

from spacy_mtclinical.optimizer import build_adamw_v1
from spacy_mtclinical.snapshots import (
    read_moments,
    read_random,
    read_weights,
    restore_moments,
    restore_random,
    restore_weights,
)

OPTIMIZERS = {
    "AdamW.v1": lambda: build_adamw_v1(0.01),
    "Adam": lambda: Adam(0.01, use_averages=True),
    "Adam without averages": lambda: Adam(0.01, use_averages=False),
}


def make(tiny_bert):
    nlp = make_nlp(tiny_bert)
    nlp.get_pipe("mtclinical").initialize(lambda: [], nlp=nlp, labels=LABELS)
    return nlp


def learn(nlp, optimizer, rounds):
    for _ in range(rounds):
        for docs in gold_docs(nlp).values():
            nlp.update([Example(doc.copy(), doc) for doc in docs], sgd=optimizer, drop=0.2)


def draw():
    return random.random(), numpy.random.uniform(), torch.rand(1).item()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_learning_goes_on_where_it_was(name, tiny_bert, monkeypatch):
    nlp, optimizer = make(tiny_bert), OPTIMIZERS[name]()
    learn(nlp, optimizer, 2)
    weights = {key: value.clone() for key, value in read_weights(nlp).items()}
    moments = {key: value.clone() for key, value in read_moments(nlp, optimizer).items()}
    states = read_random()
    learn(nlp, optimizer, 2)

    spacy.util.fix_random_seed(5)
    other, again = make(tiny_bert), OPTIMIZERS[name]()
    restore_weights(other, weights)
    restore_moments(other, again, moments)
    restore_random(states)
    learn(other, again, 2)
    for read in (read_weights, lambda nlp: read_moments(nlp, optimizer if nlp is not other else again)):
        found, wanted = read(other), read(nlp)
        assert found.keys() == wanted.keys() and found
        assert [key for key in found if not torch.equal(found[key], wanted[key])] == []


def test_random_generators_go_on_where_they_were():
    random.gauss(0, 1), numpy.random.normal()  # both keep half of a pair
    states = read_random()
    first = draw(), random.gauss(0, 1), numpy.random.normal()
    restore_random(states)
    assert (draw(), random.gauss(0, 1), numpy.random.normal()) == first


def test_places_do_not_depend_on_the_process(tiny_bert):
    first, second = read_weights(make(tiny_bert)), read_weights(make(tiny_bert))
    assert first.keys() == second.keys()
    assert any(key.startswith("mtclinical.") and "embeddings" in key for key in first)
