"""The logger: a column a task with its full name, losses and scores, JSON lines, progress, other loggers beside."""

import io
import json
from types import SimpleNamespace

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config

from spacy_mtclinical import logger
from spacy_mtclinical.logger import create_console_logger_v1, find_columns

TASKS = ["an_entity_task_with_a_long_name", "implies", "alike"]
LOSSES = {"mtclinical": 12.5, "mtclinical_implies": 12.0, "mtclinical_alike": 0.5}
SCORES = {
    "mtclinical_score": 0.4,
    "mtclinical_an_entity_task_with_a_long_name_f": 0.5,
    "mtclinical_an_entity_task_with_a_long_name_p": 0.6,
    "mtclinical_an_entity_task_with_a_long_name_f_per_type": {"Drug": {"f": float("nan")}},
    "mtclinical_implies_acc": 1 / 3,
    "speed": 1234.5,
}


def pipeline(weights=None, max_steps=10, **components):
    components = components or {"mtclinical": SimpleNamespace(is_trainable=True, tasks=TASKS)}
    weights = {"mtclinical_score": 1.0} if weights is None else weights
    return SimpleNamespace(
        pipeline=list(components.items()),
        pipe_names=list(components),
        config={"training": {"max_steps": max_steps, "score_weights": weights}},
    )


def info(step=0, *, losses=LOSSES, scores=SCORES, score=0.4, **more):
    return {"epoch": 0, "step": step, "score": score, "losses": losses, "other_scores": scores, **more}


def log(nlp, *infos, stderr=None, **settings):
    """The table that these steps give."""
    stdout = io.StringIO()
    log_step, finalize = create_console_logger_v1(**settings)(nlp, stdout, stderr or io.StringIO())
    for step in infos:
        log_step(step)
    finalize()
    return stdout.getvalue().splitlines()


def test_table():
    assert log(pipeline(), info(20)) == [
        "epoch     step         an_entity_task_with_a_long_name   implies     alike     total",
        "                                                     f       acc",
        "    0       20  loss                                 -     12.00      0.50     12.50",
        "    0       20  score                            50.00     33.33         -     40.00",
    ]


def test_header_comes_again_only_when_it_changes():
    later = info(2, scores={**SCORES, "mtclinical_alike_pearson": -0.25})
    table = log(pipeline(), info(0), None, info(1), later, info(3), later)
    assert [line.split()[:3] for line in table if "loss" not in line] == [
        ["epoch", "step", TASKS[0]],
        ["f", "acc"],
        ["0", "0", "score"],
        ["0", "1", "score"],
        ["epoch", "step", TASKS[0]],
        ["f", "acc", "pearson"],
        ["0", "2", "score"],
        ["0", "3", "score"],
        ["0", "2", "score"],
    ]
    assert table[-1].split()[-2:] == ["-25.00", "40.00"]
    assert table[-3].split()[-2:] == ["-", "40.00"]


@pytest.mark.parametrize("losses,scores,score", [({}, {}, None), ({}, {"mtclinical_implies_acc": None}, 0.0)])
def test_what_is_missing_is_a_dash(losses, scores, score):
    loss, scored = log(pipeline(), info(losses=losses, scores=scores, score=score))[-2:]
    assert loss.split()[3:] == ["-"] * 4
    assert scored.split()[3:] == ["-"] * 3 + ["-" if score is None else "0.00"]


def test_columns_of_any_pipeline():
    nlp = pipeline(
        {"ents_f": 0.5, "tag_acc": 0.5, "speed": 0.0, "ents_per_type": None},
        tok2vec=SimpleNamespace(is_trainable=True),
        ner=SimpleNamespace(is_trainable=True),
        sentencizer=SimpleNamespace(),
    )
    step = info(losses={"ner": 2.0, "tok2vec": 1.0}, scores={"ents_f": 0.5, "speed": 99.0})
    assert [column.title for column in find_columns(nlp, {})] == [
        "tok2vec",
        "ner",
        "ents_f",
        "tag_acc",
        "speed",
        "total",
    ]
    assert [line.split() for line in log(nlp, step)] == [
        ["epoch", "step", "tok2vec", "ner", "ents_f", "tag_acc", "speed", "total"],
        ["0", "0", "loss", "1.00", "2.00", "3.00"],
        ["0", "0", "score", "50.00", "-", "99.00", "40.00"],
    ]


def test_a_metric_of_its_own_has_a_column_if_it_is_weighted():
    weights = {"mtclinical_score": 0.5, "mtclinical_implies_acc": 0.3, "mtclinical_alike_spearman": 0.2}
    titles = [column.title for column in find_columns(pipeline(weights), SCORES)]
    assert titles == [*TASKS, "mtclinical_alike_spearman", "total"]


def test_json_lines_are_appended(tmp_path):
    path = tmp_path / "logs" / "log.jsonl"
    log(pipeline(), info(0, score=float("nan")), None, output_file=str(path))
    log(pipeline(), info(7, seconds=3, words=40), None, info(9), output_file=str(path))
    first, second, third = (json.loads(line) for line in path.read_text("utf8").splitlines())
    assert (first["step"], first["score"], first["seconds"]) == (0, None, None)
    assert (second["step"], second["score"], second["seconds"], second["words"]) == (7, 0.4, 3, 40)
    assert third["losses"] == LOSSES
    per_type = "mtclinical_an_entity_task_with_a_long_name_f_per_type"
    assert third["scores"].pop(per_type) == {"Drug": {"f": None}}
    assert third["scores"] == pytest.approx({key: value for key, value in SCORES.items() if key != per_type})


def test_a_file_that_cannot_be_written_stops_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        log(pipeline(), output_file=str(tmp_path / "file" / "log.jsonl"))


@pytest.mark.parametrize("max_steps,line", [(10, "Step 2 of 10 after 00:40\n"), (0, "Step 2 after 00:40\n")])
def test_without_a_terminal_progress_is_a_line_now_and_then(monkeypatch, max_steps, line):
    seconds = iter([0, 10, 20, 40, 60])
    monkeypatch.setattr(logger, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    stderr = io.StringIO()
    log(pipeline(max_steps=max_steps), None, None, None, None, stderr=stderr)
    assert stderr.getvalue() == line


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_progress_is_a_bar():
    stderr = Terminal()
    log(pipeline(), info(0), *[None] * 9, info(10), stderr=stderr)
    assert "0/10" in stderr.getvalue()
    assert "\n" not in stderr.getvalue()


@pytest.mark.parametrize("stderr", [Terminal(), io.StringIO()])
def test_progress_can_be_left_out(monkeypatch, stderr):
    monkeypatch.setattr(logger, "INTERVAL", 0.0)
    assert len(log(pipeline(), info(0), None, None, stderr=stderr, progress_bar=False)) == 4
    assert stderr.getvalue() == ""


CHAIN = """
[logger]
@loggers = "spacy.ChainLogger.v1"

[logger.logger1]
@loggers = "spacy-mtclinical.console_logger.v1"
output_file = {path}

[logger.logger2]
@loggers = "spacy.LookupLogger.v1"
patterns = ["^score"]
"""


def test_trains_beside_another_logger(tmp_path):
    pytest.importorskip("spacy_loggers")
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat")
    docs = [nlp.make_doc("pain"), nlp.make_doc("no pain")]
    for doc, yes in zip(docs, (1.0, 0.0)):
        doc.cats = {"yes": yes, "no": 1.0 - yes}
    DocBin(docs=docs).to_disk(tmp_path / "corpus.spacy")
    config = nlp.config.copy()
    config["paths"].update(train=str(tmp_path / "corpus.spacy"), dev=str(tmp_path / "corpus.spacy"))
    config["training"].update(max_steps=2, eval_frequency=1)
    chain = CHAIN.format(path=json.dumps(str(tmp_path / "log.jsonl")))
    config["training"]["logger"] = Config().from_str(chain)["logger"]
    stdout = io.StringIO()
    train(init_nlp(config), stdout=stdout, stderr=io.StringIO())
    lines = [line.split() for line in stdout.getvalue().splitlines()]
    assert ["epoch", "step", "textcat", "cats_score", "total"] in lines
    assert [line[:3] for line in lines if line[2:3] == ["loss"]] == [[str(n), str(n), "loss"] for n in range(3)]
    assert sum(line[:2] == ["score", "->"] for line in lines) == 3
    assert [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text("utf8").splitlines()] == [0, 1, 2]
