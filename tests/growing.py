"""What tests of longer runs need: a planned configuration of tiny heads, training in a process that can be killed."""

import multiprocessing
import os
import signal
import time

import spacy
from conftest import ROOT
from spacy import util
from spacy.cli._util import app
from thinc.api import Config
from typer.testing import CliRunner

import spacy_mtclinical.cli  # noqa: F401  (adds its commands to spaCy's)

NAMES = "spacy-mtclinical."
HEADS = {
    "drugs": {"@architectures": NAMES + "EntityHead.v1"},
    "groups": {"@architectures": NAMES + "EntityHead.v1", "nested": True},
    "implies": {"@architectures": NAMES + "PairClassifier.v1"},
    "alike": {"@architectures": NAMES + "PairRegressor.v1", "low": 0.0, "high": 5.0},
}


def call(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write_plan(folder, corpus, encoder, *, heads=None, epochs=2, ents_from=("drugs",)):
    """Write a configuration for a small corpus, without learning rate schedules that depend on anything else."""
    config = Config().from_disk(ROOT / "configs" / "public.cfg", interpolate=False)
    component = config["components"]["mtclinical"]
    component["ents_from"] = list(ents_from)
    component["scorer"]["metrics"] = {}
    component["model"]["heads"] = heads or HEADS
    component["model"]["encoder"].update(mixed_precision=False, context=8, precision="fp32")
    config["vars"]["window"] = 64
    config["corpora"]["train"]["batch_sizes"] = {"drugs": 2}
    folder.mkdir(parents=True, exist_ok=True)
    config.to_disk(folder / "base.cfg")
    found = call(
        *("mtclinical", "plan", folder / "base.cfg", corpus, folder / "plan.cfg"),
        *("--encoder", encoder, "--epochs", epochs),
    )
    assert found.exit_code == 0, found.output
    return folder / "plan.cfg"


def run(arguments, log):
    """What the process does: one command, its output into a file."""
    found = call(*arguments)
    log.write_text(found.output + repr(found.exception))
    os._exit(found.exit_code)


def context():
    """Processes that start from a server which has imported everything, and has computed nothing."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["spacy_mtclinical.encoder", "spacy_mtclinical.cli.train", "growing"])
    return found


def start(arguments, log):
    process = context().Process(target=run, args=([str(argument) for argument in arguments], log))
    process.start()
    return process


def kill_after(process, folder, steps, patience=600.0):
    """Kill a run once it has written the checkpoint of so many steps. RETURNS: Whether it was alive then."""
    until = time.monotonic() + patience
    while process.is_alive() and time.monotonic() < until:
        if any(int(path.name[5:]) >= steps for path in folder.glob("checkpoints/step-*")):
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            return True
        time.sleep(0.002)
    process.join()
    return False


def read_config(path):
    return util.load_config(path, interpolate=False)


def make_child(encoder, heads, *, window=64, context=8, pipe="mtclinical", lang="en", **model):
    """An untrained pipeline whose model has further settings; `encoder` may be None."""
    nlp = spacy.blank(lang)
    section = {
        "@architectures": NAMES + "MultitaskModel.v1",
        "heads": heads,
        "encoder": {
            "@architectures": NAMES + "Encoder.v1",
            "name": None if encoder is None else str(encoder),
            "window": window,
            "context": context,
        },
        **model,
    }
    nlp.add_pipe("mtclinical", name=pipe, config={"model": section, "ents_from": ["drugs"]})
    return nlp


def answers(nlp, docs):
    """All that a pipeline says of documents, to the last bit."""
    found = []
    for doc in nlp.pipe(docs):
        spans = {
            key: ([(span.start, span.end, span.label_) for span in group], dict(group.attrs))
            for key, group in doc.spans.items()
        }
        found.append((spans, dict(doc._.mtclinical), [(ent.start, ent.end, ent.label_) for ent in doc.ents]))
    return found
