"""A folder in which the lines of the documentation can run: pipelines, notes, tables, corpora, configurations."""

import json
import re
import shutil

from conftest import HEADS, LABELS, gold_docs, make_nlp
from spacy.training import Example
from stand_in import ROOT, heads_of, load_config, make_pipeline, write_corpus
from thinc.api import Config

NOTE = "Wound of the left heel .\nMr. Zzsmith was seen on 3/4/2010.\n"
ANN = "T1\tWOUND 0 22\tWound of the left heel\nT2\tSITE 13 22\tleft heel\n"
MINE = {"wounds": ("groups", HEADS["groups"]), "alike": ("alike", HEADS["alike"])}
NAMED = {"i2b2_2014", "phee", "stsb"}  # tasks of which a corpus is there
ENCODER = "assets/minilm"


def make_workspace(folder, encoder):
    """Write all that a line may name; returns the folder."""
    shutil.copytree(encoder, folder / ENCODER)
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copy(ROOT / "project.yml", folder)
    shutil.copy(ROOT / "constraints.txt", folder)
    for path, name in (("train.cfg", "clinical"), ("public.cfg", "public")):
        config = load_config(ROOT / "configs" / path)
        for task in set(heads_of(config)) - NAMED:
            del heads_of(config)[task]
        write_corpus(config, folder / "corpus" / name)
    for made in ("training/public", "training/mine", "output"):
        (folder / made).mkdir(parents=True)
    make_pipeline(ROOT / "configs" / "demo.cfg", encoder).to_disk(folder / "en_mtclinical")
    make_pipeline(ROOT / "configs" / "public.cfg", encoder).to_disk(folder / "training" / "public" / "model-best")
    mine = make_mine(encoder)
    for name in ("model-best", "calibrated"):
        mine.to_disk(folder / "training" / "mine" / name)
    write_notes(folder)
    (folder / "secret.txt").write_text("0123456789abcdef0123456789abcdef\n")
    use_blocks(folder, "")
    return folder


def make_mine(encoder):
    """The pipeline that the page on training makes."""
    nlp = make_nlp(encoder, heads={task: head for task, (_, head) in MINE.items()})
    doc = gold_docs(nlp)["groups"][0]
    doc.spans["wounds"] = list(doc.spans.pop("groups"))
    labels = {"wounds": ["SITE", "WOUND"], "alike": LABELS["alike"]}
    nlp.get_pipe("mtclinical").initialize(lambda: [Example(doc.copy(), doc)], nlp=nlp, labels=labels)
    return nlp


def write_notes(folder):
    for task in ("wounds", "smoking"):
        for split in ("train", "dev"):
            place = folder / "notes" / task / split
            place.mkdir(parents=True)
            (place / f"{split}.txt").write_text(NOTE, "utf8")
            (place / f"{split}.ann").write_text(ANN, "utf8")
    (folder / "notes" / "alike").mkdir()
    for split in ("train", "dev"):
        rows = "a\tb\tscore\npain\tno pain\t2.5\nfever\tfever\t5\n"
        (folder / "notes" / "alike" / f"{split}.tsv").write_text(rows, "utf8")
    for name, key in (("notes.jsonl", "text"), ("visits.jsonl", "note")):
        rows = [{"id": "1", key: NOTE, "mrn": "7"}, {"id": "2", key: "no pain", "mrn": "8"}]
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    (folder / "pairs.csv").write_text('id,question,answer\n1,"no pain","pain"\n', "utf8")


def use_blocks(folder, text):
    """Put the sections of a page into the configurations that its lines name, with an encoder that is there."""
    for name in ("train.cfg", "mine.cfg"):
        config = merge_sections(text)
        config["paths"]["encoder"] = ENCODER
        config.to_disk(folder / "configs" / name)


def merge_sections(text):
    """The configuration `configs/train.cfg` with other sections."""
    whole = Config().from_disk(ROOT / "configs" / "train.cfg", interpolate=False)
    for section in re.split(r"^(?=\[)", text, flags=re.MULTILINE)[1:]:
        names = section[1 : section.index("]")].split(".")
        above = "".join(f"[{'.'.join(names[:depth])}]\n" for depth in range(1, len(names)))
        whole = whole.merge(Config().from_str(above + section, interpolate=False))
    return whole
