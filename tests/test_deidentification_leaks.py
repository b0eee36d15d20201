"""What is left, counted by hand; and the verb that reports it."""

import pytest
import spacy
import srsly
from spacy.cli._util import app
from spacy.language import Language
from spacy.tokens import Span
from trained import make_trained
from typer.testing import CliRunner

from spacy_mtclinical.cli.leaks import format_share, parse_thresholds
from spacy_mtclinical.deidentification.kinds import DEFAULTS
from spacy_mtclinical.deidentification.leaks import Case, measure_leaks, read_gold
from spacy_mtclinical.deidentification.mentions import Mention
from spacy_mtclinical.documents import SOURCE

#       0123456789012345678901234567
TEXT = "Zz Qo, of Xtown, 12-34; ok."
GOLD = [("PATIENT", [(0, 5)]), ("CITY", [(10, 15)]), ("IDNUM", [(17, 19), (20, 22)]), ("IDNUM", [(30, 34)])]


def test_what_is_left_is_counted():
    spans = [Mention(0, 2, "PATIENT", 0.9), Mention(17, 22, "IDNUM", 0.9), Mention(24, 26, "CITY", 0.9)]
    units = [Mention(3, 5, "PATIENT", 0.05), Mention(10, 15, "CITY", 0.01)]
    empty = Case("ok", [], [], [])
    high, low = measure_leaks([Case(TEXT, GOLD, spans, units), empty], [0.5, 0.01], kinds=DEFAULTS, repeat=False)
    assert high["threshold"] == 0.5
    assert high["characters"] == {"total": 13, "left": 7, "share": 7 / 13}
    assert high["mentions"] == {"total": 4, "left": 3, "share": 3 / 4, "whole": 2}
    assert high["notes"] == {"total": 2, "left": 1, "share": 1 / 2}
    assert high["others"] == {"total": 11, "replaced": 3, "share": 3 / 11}
    assert high["types"]["PATIENT"]["mentions"] == {"total": 1, "left": 1, "share": 1.0, "whole": 0}
    assert high["types"]["CITY"]["characters"] == {"total": 5, "left": 5, "share": 1.0}
    assert high["types"]["IDNUM"]["mentions"] == {"total": 2, "left": 1, "share": 0.5, "whole": 1}
    assert low["characters"]["left"] == 0
    assert low["mentions"] == {"total": 4, "left": 1, "share": 1 / 4, "whole": 1}  # one lies outside of the text
    assert low["others"] == high["others"]


def test_nothing_has_no_share():
    (found,) = measure_leaks([Case("", [], [], [])], [0.5], kinds=DEFAULTS)
    assert [found[key]["share"] for key in ("characters", "mentions", "notes", "others")] == [None, None, 0.0, None]
    assert format_share(found["characters"]) == "-"


def test_a_mention_without_letters_counts_by_its_characters():
    case = Case("a !? b", [("IDNUM", [(2, 4)])], [Mention(2, 3, "IDNUM", 1.0)], [])
    (found,) = measure_leaks([case], [0.5], kinds=DEFAULTS)
    assert found["mentions"] == {"total": 1, "left": 1, "share": 1.0, "whole": 0}


def test_gold_is_read_as_it_was_annotated():
    doc = spacy.blank("en")("aspirin 5 mg")
    doc.spans["phi"] = [Span(doc, 0, 1, "PATIENT")]
    assert read_gold(doc, "phi") == [("PATIENT", [(0, 7)])]
    doc.spans["phi"].attrs[SOURCE] = [{"id": "1", "label": "X", "fragments": [[0, 1], [3, 4]], "attributes": {}}]
    assert read_gold(doc, "phi") == [("X", [(0, 1), (3, 4)])]


@pytest.mark.parametrize("text", [".5 .1 .01", ".01,.5,.1", " 0.5, 0.1 1e-2"])
def test_thresholds_are_read_in_any_order(text):
    assert parse_thresholds(text) == [0.5, 0.1, 0.01]


@Language.component("test_find_aspirin")
def find_aspirin(doc):
    doc.spans["drugs"] = [Span(doc, token.i, token.i + 1, "Drug") for token in doc if token.text == "aspirin"]
    doc.spans.pop("drugs_candidates", None)
    return doc


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    nlp = make_trained(tiny_bert)
    nlp.add_pipe("test_find_aspirin")
    nlp.meta.update({"name": "tiny", "version": "1.2.3"})
    folder = tmp_path_factory.mktemp("model")
    nlp.to_disk(folder)
    return folder


def leaks(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "leaks", *map(str, arguments)])


def test_a_table_and_a_file(model, corpus, tmp_path):
    found = leaks(model, corpus, "--task", "drugs", "--thresholds", ".5,.1", "--output", tmp_path / "leaks.json")
    assert found.exit_code == 0, found.output
    assert found.stdout.splitlines() == [
        "en_tiny 1.2.3 on drugs of corpus0, split dev: 3 documents".replace("corpus0", corpus.name),
        "",
        "threshold  characters left  mentions left  left whole   notes left  others replaced",
        "0.5            4 (22.22 %)    1 (33.33 %)           1  1 (33.33 %)       0 (0.00 %)",
        "0.1            4 (22.22 %)    1 (33.33 %)           1  1 (33.33 %)       0 (0.00 %)",
        "",
        "mentions left, by type  gold        at 0.5        at 0.1",
        "ADE                        1  1 (100.00 %)  1 (100.00 %)",
        "Drug                       2    0 (0.00 %)    0 (0.00 %)",
    ]
    result = srsly.read_json(tmp_path / "leaks.json")
    assert [own["threshold"] for own in result["thresholds"]] == [0.5, 0.1]
    assert result["candidates"] is True and result["documents"] == 3
    assert str(tmp_path) not in str(result)


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        (["--task", "alike"], 1, "Expected a task of entities among drugs, groups, got 'alike'"),
        (["--task", "drugs", "--split", "gone"], 1, "gone.spacy"),
        (["--task", "drugs", "--thresholds", "zero"], 2, "could not convert string to float"),
        (["--task", "drugs", "--thresholds", "0"], 2, "threshold expected a probability above 0"),
        (["--task", "drugs", "--thresholds", ""], 2, "Expected probabilities, got none"),
        ([], 2, "--task"),
    ],
)
def test_what_cannot_be_measured(model, corpus, arguments, status, message):
    found = leaks(model, corpus, *arguments)
    assert found.exit_code == status
    assert message in found.output
