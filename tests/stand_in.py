"""What the configurations in configs/ need to run: a tiny corpus with their tasks, a pipeline with their heads."""

from pathlib import Path

import spacy
import srsly
from conftest import gold_docs
from spacy import util
from spacy.tokens import DocBin
from spacy.training import Example

from spacy_mtclinical.documents import DOC_ID

ROOT = Path(__file__).parent.parent
KINDS = {"entities": "EntityHead", "classes": "PairClassifier", "value": "PairRegressor"}
TASKS = {"entities": "drugs", "classes": "implies", "value": "alike"}  # of conftest.gold_docs
LABELS = {"entities": ["ADE", "Drug"], "classes": ["no", "yes"], "value": []}


def load_config(path, **paths):
    """Load a configuration with some of its [paths] replaced."""
    overrides = {f"paths.{key}": str(value) for key, value in paths.items()}
    return util.load_config(path, overrides=overrides, interpolate=False)


def heads_of(config):
    return config["components"]["mtclinical"]["model"]["heads"]


def kind_of(head):
    return next(kind for kind, name in KINDS.items() if name in head["@architectures"])


def docs_for(nlp, task, kind):
    """A few gold documents for a task, invented."""
    docs = gold_docs(nlp)[TASKS[kind]]
    for number, doc in enumerate(docs):
        doc.user_data[DOC_ID] = f"{task}-{number}"
        if kind == "entities":
            doc.spans[task] = list(doc.spans.pop(TASKS[kind]))
        else:
            doc._.mtclinical = {task: doc._.mtclinical[TASKS[kind]]}
    return docs


def write_corpus(config, folder):
    """Write a converted corpus for every head of a configuration."""
    nlp = spacy.blank("en")
    for task, head in heads_of(config).items():
        kind = kind_of(head)
        (folder / task).mkdir(parents=True)
        srsly.write_json(folder / task / "labels.json", LABELS[kind])
        for split in ("train", "dev"):
            docs = docs_for(nlp, task, kind)
            DocBin(docs=docs, store_user_data=True).to_disk(folder / task / f"{split}.spacy")
    return folder


def make_pipeline(path, encoder):
    """Make the pipeline of a configuration with random weights."""
    config = load_config(path, encoder=encoder, corpus="nowhere")
    nlp = util.load_model_from_config(config, auto_fill=True)
    heads = heads_of(config)
    labels = {task: LABELS[kind_of(head)] for task, head in heads.items()}
    task, head = next(iter(heads.items()))
    examples = [Example(doc.copy(), doc) for doc in docs_for(nlp, task, kind_of(head))]
    nlp.get_pipe("mtclinical").initialize(lambda: examples, nlp=nlp, labels=labels)
    return nlp
