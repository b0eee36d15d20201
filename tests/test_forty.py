"""Forty heads on one tiny encoder: trained for a round, saved, loaded, and they answer."""

import spacy
import srsly
from growing import NAMES, call, write_plan
from spacy.tokens import Doc, DocBin

from spacy_mtclinical import make_pair

KINDS = [
    {"@architectures": NAMES + "EntityHead.v1"},
    {"@architectures": NAMES + "EntityHead.v1", "nested": True},
    {"@architectures": NAMES + "PairClassifier.v1"},
    {"@architectures": NAMES + "PairRegressor.v1", "low": 0.0, "high": 5.0},
]
HEADS = {f"task{number:02}": KINDS[number % 4] for number in range(40)}


def write_corpus(folder):
    nlp = spacy.blank("en")
    for number, (task, head) in enumerate(HEADS.items()):
        labels = []
        if "EntityHead" in head["@architectures"]:
            doc = nlp.make_doc("patient has rash and pain")
            labels = [f"A{number}", f"B{number}"]
            doc.spans[task] = [doc.char_span(12, 16, labels[0]), doc.char_span(21, 25, labels[1])]
        else:
            doc = make_pair(nlp, "has pain", "no pain")
            if "Classifier" in head["@architectures"]:
                labels = ["no", "yes"]
            doc._.mtclinical = {task: {"yes": 1.0, "no": 0.0} if labels else 3.0}
        (folder / task).mkdir(parents=True)
        srsly.write_json(folder / task / "labels.json", labels)
        for split in ("train", "dev"):
            DocBin(docs=[doc], store_user_data=True).to_disk(folder / task / f"{split}.spacy")
    return folder


def test_forty_heads(tiny_bert, tmp_path):
    plan = write_plan(tmp_path, write_corpus(tmp_path / "corpus"), tiny_bert, heads=HEADS, epochs=1, ents_from=[])
    found = call("train", plan, "--output", tmp_path / "out")
    assert found.exit_code == 0, found.output
    nlp = spacy.load(tmp_path / "out" / "model-last")
    assert nlp.get_pipe("mtclinical").tasks == sorted(HEADS)
    note = nlp("patient has rash")
    pair: Doc = nlp(make_pair(nlp, "has pain", "no pain"))
    assert set(note.spans) == {task for task, head in HEADS.items() if "Entity" in head["@architectures"]}
    assert set(pair._.mtclinical) == set(HEADS) - set(note.spans)
    assert all(0.0 <= pair._.mtclinical[task] <= 5.0 for task, head in HEADS.items() if head.get("high"))
