"""Items to rows: each exactly one, in order, equal to what the pipeline says of it alone, whatever fails."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import raise_error
from trained import make_trained

from spacy_mtclinical import make_pair
from spacy_mtclinical.bulk import sources
from spacy_mtclinical.bulk.answers import handle_errors
from spacy_mtclinical.bulk.batches import Plan, make_annotator
from spacy_mtclinical.bulk.items import Item
from spacy_mtclinical.bulk.results import list_rows

SECRET = "zzsecret"
ODD = ["", " ", "\n\r\n", "pain\x00rash \x1b[31m", "no \U0001f600\u200d\U0001fa7a pain", "مريض pain\r\nrash", "x" * 300]
ITEMS = [
    *(Item(f"n{number}", (text,)) for number, text in enumerate(ODD)),
    Item("bad", error="Expected UTF-8."),
    Item("p1", ("has pain", "pain")),
    Item("p2", ("", "rash " * 200)),
    *(Item(f"m{number}", (f"patient has rash {number} and aspirin",)) for number in range(20)),
]


@pytest.fixture(scope="module")
def trained(tiny_bert):
    return make_trained(tiny_bert)


@pytest.fixture
def nlp(trained):
    """The same pipeline, for tests that add components to it."""
    yield trained
    for name in trained.pipe_names:
        if name != "mtclinical":
            trained.remove_pipe(name)


PLAN = Plan("", sources.TEXT, (sources.FIRST, sources.SECOND), sources.ID, sources.FAULT)


def rows_of(nlp, items, *, size=16, **options):
    annotate = make_annotator(nlp, PLAN._replace(**options))
    rows = []
    for start in range(0, len(items), size):
        names = (sources.TEXT, sources.FIRST, sources.SECOND)
        batch = sources.make_batch(items[start : start + size], names=names, others=())
        rows += list_rows(annotate(batch))
    assert [row["id"] for row in rows] == [item.id for item in items]
    return rows


def alone(nlp, item):
    """What the pipeline says of one item, by its plain interface."""
    if item.error:
        return {"id": item.id, "entities": {}, "pairs": {}, "error": item.error}
    if len(item.texts) == 2:
        pair = nlp(make_pair(nlp, *item.texts))
        answers = {"alike": pair._.mtclinical["alike"], "implies": pair._.mtclinical["implies"]}
        shortened = pair.spans["pair"].attrs["shortened"]
        return {"id": item.id, "entities": {}, "pairs": answers, "shortened": shortened, "error": None}
    doc = nlp(item.texts[0])
    entities = {
        task: [
            {"start": span.start_char, "end": span.end_char, "label": span.label_, "score": score}
            for span, score in zip(doc.spans[task], doc.spans[task].attrs["scores"])
        ]
        for task in ("drugs", "groups")
    }
    return {"id": item.id, "entities": entities, "pairs": {}, "error": None}


def near(value):
    """The same, but for the last digits of scores."""
    if isinstance(value, dict):
        return {key: near(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [near(inner) for inner in value]
    return pytest.approx(value, abs=1e-4) if isinstance(value, float) else value


@pytest.mark.parametrize("options", [{}, {"batch_size": 1}, {"batch_size": 3}, {"size": 5}, {"size": 1000}])
def test_rows_are_what_the_pipeline_says_of_each_alone(trained, options):
    found = rows_of(trained, ITEMS, **options)
    assert found == [near(alone(trained, item)) for item in ITEMS]
    assert any(row["entities"].get("drugs") for row in found)
    assert found[ITEMS.index(Item("p2", ("", "rash " * 200)))]["shortened"][1] > 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_offsets_give_the_text_back(trained, texts):
    rows = rows_of(trained, [Item(str(n), (text,)) for n, text in enumerate(texts)], with_text=True)
    for text, row in zip(texts, rows):
        assert (row["text"], row["error"], sorted(row["entities"])) == (text, None, ["drugs", "groups"])
        for entities in row["entities"].values():
            for entity in entities:
                assert text[entity["start"] : entity["end"]] == entity["text"] != ""


def test_text_is_in_the_rows_only_if_asked_for(trained):
    items = [Item("n", (f"{SECRET} pain",)), Item("p", (SECRET, "pain")), Item("e", error="Expected UTF-8.")]
    assert SECRET not in str(rows_of(trained, items))
    note, pair, error = rows_of(trained, items, with_text=True)
    assert (note["text"], pair["first"], pair["second"]) == (f"{SECRET} pain", SECRET, "pain")
    assert set(error) == {"id", "entities", "pairs", "error"}


class Batches(Pipe):
    """A component that fails on a whole batch, as spaCy's own do, on one Doc, or ends the stream."""

    def __init__(self, way):
        self.way = way

    def __call__(self, doc):
        if SECRET in doc.text:
            raise KeyError(doc.text)
        return doc

    def pipe(self, stream, *, batch_size):
        for doc in stream:
            if self.way == "ends":
                yield self(doc)
            elif self.way == "new":
                yield Doc(doc.vocab, words=[token.text for token in doc], spaces=[bool(t.whitespace_) for t in doc])
            elif self.way == "twice":
                yield doc
                yield doc
            elif self.way == "batch" and ("rash 7" in doc.text or SECRET in doc.text):
                self.get_error_handler()("batches", self, [doc], KeyError(doc.text))
            else:
                yield doc


Language.factory("batches", func=lambda nlp, name, way: Batches(way))


@Language.component("fails_on_secrets")
def fails_on_secrets(doc):
    if SECRET in doc.text:
        raise KeyError(doc.text)
    return doc


@pytest.mark.parametrize("way", ["function", "batch", "ends", "new", "twice", "head"])
def test_every_item_has_one_row_whatever_a_component_does(nlp, way, monkeypatch, caplog, capfd):
    items = list(ITEMS)
    items[15:15] = [Item("s1", (f"rash {SECRET}",)), Item("s2", (SECRET, "x"))]
    expected = [near(alone(nlp, item)) if SECRET not in str(item) else None for item in items]
    if way == "function":
        nlp.add_pipe("fails_on_secrets", first=True)
    elif way == "head":
        component = nlp.get_pipe("mtclinical")
        predict = component.predict
        monkeypatch.setattr(component, "predict", lambda docs: predict([fails_on_secrets(doc) for doc in docs]))
    elif way in ("new", "twice"):
        nlp.add_pipe("batches", config={"way": way}, first=True)
        items, expected = ITEMS[:5], expected[:5]
    else:
        nlp.add_pipe("batches", config={"way": way}, first=True)
    found = rows_of(nlp, items, batch_size=4)
    for item, row, wanted in zip(items, found, expected):
        if SECRET in str(item.texts):
            assert row["error"] in (
                "The pipeline failed on it (KeyError).",
                "The pipeline failed on it (ValueError).",  # as spaCy wraps it
            )
        else:
            assert row == wanted
    assert SECRET not in str(found) + caplog.text + str(capfd.readouterr())


def test_notes_that_fail_are_no_pipeline_that_fails(nlp):
    nlp.add_pipe("fails_on_secrets", first=True)
    secrets = [Item(str(number), (SECRET,) * (number % 2 + 1)) for number in range(4)]
    for items in (secrets, [Item("n", ("pain",)), *secrets], secrets[:1]):
        errors = [row["error"] for row in rows_of(nlp, items) if row["id"] != "n"]
        assert errors and set(errors) == {"The pipeline failed on it (ValueError)."}  # as spaCy wraps it


def test_a_pipeline_that_fails_on_short_texts_is_tried_on_what_it_answered(nlp):
    @Language.component("fails_on_short_texts")
    def fails_on_short_texts(doc):
        if len(doc) < 5:
            raise KeyError(doc.text)
        return doc

    nlp.add_pipe("fails_on_short_texts", first=True)
    rows = rows_of(nlp, [Item("1", ("patient has rash and aspirin",)), Item("2", ("pain",)), Item("3", ("rash",))])
    assert [row["error"] is None for row in rows] == [True, False, False]


@pytest.mark.parametrize("change", [str.upper, str.strip])
def test_a_tokenizer_that_changes_the_text_is_found_out(nlp, change, monkeypatch):
    make_doc = nlp.make_doc
    monkeypatch.setattr(nlp, "make_doc", lambda text: make_doc(change(text)))
    good, bad = rows_of(nlp, [Item("1", ("9",)), Item("2", ("pain ",))])
    assert (good["error"], bad["error"]) == (
        None,
        "The pipeline's tokenizer changes the text, so that offsets would be wrong.",
    )


def test_a_tokenizer_that_fails_is_told_without_its_words(nlp, monkeypatch):
    def fail(text):
        raise KeyError(text)

    monkeypatch.setattr(nlp, "tokenizer", fail)
    assert [row["error"] for row in rows_of(nlp, [Item("1", (SECRET,)), Item("2", (SECRET, "x"))])] == [
        "The tokenizer failed on it (KeyError)."
    ] * 2


def test_spans_that_a_later_component_changed_have_no_score(nlp):
    @Language.component("changes_spans")
    def changes_spans(doc):
        spans = [Span(doc, 0, 1, label="Drug"), Span(doc, 0, 2, label="ADE")]
        doc.spans["drugs"] = SpanGroup(doc, name="drugs", attrs={"scores": [0.5]}, spans=spans)
        del doc.spans["groups"]
        return doc

    nlp.add_pipe("changes_spans")
    (row,) = rows_of(nlp, [Item("1", ("patient has rash",))])
    drugs = [(0, 7, "Drug", None), (0, 11, "ADE", None)]
    assert [tuple(entity.values()) for entity in row["entities"]["drugs"]] == drugs
    assert row["entities"]["groups"] == []


def test_words_are_forgotten_save_those_of_the_first_batch(trained):
    batch = [sources.make_batch([Item("", (f"word{n}x",))], names=(sources.TEXT,), others=()) for n in range(3)]
    annotate = make_annotator(trained, PLAN._replace(pair=None))
    annotate(batch[0])
    words = len(trained.vocab.strings)
    annotate(batch[1])
    annotate(batch[2])
    assert len(trained.vocab.strings) == words and "word0x" in trained.vocab.strings
    assert trained("pain").text == "pain"


def test_error_handlers_are_put_back(nlp, monkeypatch):
    component = nlp.get_pipe("mtclinical")
    own = lambda *args: None  # noqa: E731
    monkeypatch.setattr(component, "error_handler", own, raising=False)
    with pytest.raises(ZeroDivisionError):
        with handle_errors(nlp, raise_error):
            assert component.get_error_handler() is raise_error
            raise ZeroDivisionError
    assert component.get_error_handler() is own
    rows_of(nlp, ITEMS)
    assert component.get_error_handler() is own
