"""Documents as `convert` and pipelines leave them, for the tests of their export."""

import spacy
from spacy.tokens import DocBin, Span, SpanGroup

from spacy_mtclinical import make_pair
from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.datasets.conversion import TOKENIZER, build_docs
from spacy_mtclinical.documents import DOC_ID, SCORES, SHORTENED
from spacy_mtclinical.report import Report

NLP = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
TEXT = "Knee and arm\npain .\n"


def save(docs, path):
    DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


def gold(records, dataset, path):
    """Gold records as `convert` saves them."""
    labels = load_dataset(dataset).LABELS if dataset != "pairs" else ("no", "yes")
    report = Report(dataset=dataset, task=dataset, split="test", labels=labels)
    return save(list(build_docs(NLP, records, report=report)), path)


def predicted(path, *, doc_id="d1", text=TEXT, task="i2b2_2010", spans=((0, 1, "problem"),), subset="", scored=True):
    """One document as a pipeline leaves it."""
    doc = NLP(text)
    attrs = {SCORES: [0.5] * len(spans)} if scored else {}
    doc.spans[task] = SpanGroup(doc, attrs=attrs, spans=[Span(doc, *span) for span in spans])
    doc.user_data[DOC_ID] = doc_id
    if subset:
        doc.user_data["subset"] = subset
    return save([doc], path)


def answered(path, task, *answers, first="He rests .", second="He eats ."):
    docs = []
    for number, answer in enumerate(answers, start=1):
        doc = make_pair(NLP, first, second)
        doc._.mtclinical = {task: answer}
        doc.spans["pair"].attrs[SHORTENED] = [0, 0]
        doc.user_data[DOC_ID] = f"x-{number}"
        docs.append(doc)
    return save(docs, path)


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def read(dataset, folder):
    return {record.id: record for record in load_dataset(dataset).read(folder, split="test")}


def plain(attributes):
    return {key: str(value) for key, value in attributes.items() if value not in ("", None)}


def hull(annotation):
    return ((annotation.start, annotation.end),)
