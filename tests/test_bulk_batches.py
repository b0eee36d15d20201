"""One function on Arrow: a row for each row, columns as promised, errors in their column, one pipeline a process."""

import ast
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from spacy.language import Language
from trained import make_trained

from spacy_mtclinical.bulk import batches, pipelines
from spacy_mtclinical.bulk.batches import Plan, make_annotator, make_batch_annotator, plan_schema
from spacy_mtclinical.bulk.pipelines import find_kinds
from spacy_mtclinical.bulk.results import list_rows
from spacy_mtclinical.bulk.schema import make_schema

SECRET = "zzsecret"
KINDS = {"alike": "value", "drugs": "entities", "groups": "entities", "implies": "classes"}
TEXTS = ["patient has rash and aspirin 5 mg daily.", "", None, "no fever"]


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    make_trained(tiny_bert).to_disk(folder)
    return str(folder)


def batch_of(**columns):
    return pa.RecordBatch.from_pydict(columns)


def test_a_batch_of_notes(model):
    plan = Plan(model)
    batch = batch_of(id=[1, 2, 3, None], text=TEXTS, ward=["A", "B", "C", "D"])
    found = make_batch_annotator(plan)(batch)
    assert found.schema == plan_schema(plan, batch.schema)
    assert found.schema.names == ["id", "entities", "error", "ward"]
    assert found.column("id").to_pylist() == ["1", "2", "3", None]
    assert found.column("ward").to_pylist() == ["A", "B", "C", "D"]
    assert found.column("error").to_pylist() == [None, None, "Expected a text, got none.", None]
    entities = found.column("entities").to_pylist()
    assert entities[0]["drugs"] and entities[1] == {"drugs": [], "groups": []} and entities[2] is None
    nlp = pipelines.get_pipeline(model)
    doc = nlp(TEXTS[0])
    assert [(e["start"], e["end"], e["label"]) for e in entities[0]["drugs"]] == [
        (span.start_char, span.end_char, span.label_) for span in doc.spans["drugs"]
    ]
    found.validate(full=True)


def test_pairs_and_notes_in_one_batch(model):
    plan = Plan(model, pair=("p", "h"), id=None, with_text=True)
    batch = batch_of(
        text=["rash", None, None, None],
        p=["x", "has pain", "has pain", None],
        h=[None, "pain", None, None],
    )
    found = make_batch_annotator(plan)(batch)
    assert found.schema == plan_schema(plan, batch.schema, kinds=KINDS)
    rows = list_rows(found)
    assert [row["error"] for row in rows] == [
        None,
        None,
        "Second text: expected a text, got none.",
        "Expected a text, got none.",
    ]
    assert rows[0]["text"] == "rash" and sorted(rows[0]["entities"]) == ["drugs", "groups"] and rows[0]["pairs"] == {}
    assert (rows[1]["first"], rows[1]["second"], rows[1]["entities"]) == ("has pain", "pain", {})
    assert sum(rows[1]["pairs"]["implies"].values()) == pytest.approx(1, abs=1e-5)
    assert 0 <= rows[1]["pairs"]["alike"] <= 5 and rows[1]["shortened"] == [0, 0]
    only_pairs = Plan(model, text=None, pair=("p", "h"), id=None, drop=("text",))
    answers = make_batch_annotator(only_pairs)(batch)
    assert answers.schema.names == ["id", "pairs", "shortened", "error"]
    assert answers.column("pairs").null_count == 3


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view(), "dictionary"]
)
def test_text_of_every_type(model, kind):
    texts = pa.array(["no fever", None, "é rash"])
    texts = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    batch = pa.RecordBatch.from_arrays([texts, texts], names=["text", "id"])
    found = make_batch_annotator(Plan(model, with_text=True))(batch)
    assert found.column("text").to_pylist() == ["no fever", None, "é rash"]
    assert found.column("id").to_pylist() == ["no fever", None, "é rash"]


def test_what_cannot_be_annotated_has_an_error_and_the_others_their_answers(model, caplog):
    texts = pa.array([b"rash", f"{SECRET} \xff".encode("latin-1"), f"{SECRET} is long".encode()], pa.binary())
    texts = texts.view(pa.string())
    batch = pa.RecordBatch.from_arrays([texts, pa.array([None, None, "x"])], names=["text", "why"])
    plan = Plan(model, id=None, fault="why", max_characters=8, with_text=True)
    found = make_batch_annotator(plan)(batch)
    errors = [None, "Expected UTF-8, got something else at byte 9.", "x"]
    assert found.column("error").to_pylist() == errors
    plan = plan._replace(fault=None, drop=("why",))
    found = make_batch_annotator(plan)(batch)
    assert found.column("error").to_pylist()[2] == "Expected at most 8 characters, got 16."
    assert found.schema.names == ["id", "text", "entities", "error"]
    assert SECRET not in str(found.to_pydict()) + caplog.text


def test_an_empty_batch_has_its_columns(model):
    batch = batch_of(id=pa.array([], pa.int64()), text=pa.array([], pa.string()))
    found = make_batch_annotator(Plan(model))(batch)
    assert (found.num_rows, found.schema) == (0, plan_schema(Plan(model), batch.schema))


def test_a_batch_goes_through_the_pipeline_whole(model, monkeypatch):
    nlp = pipelines.get_pipeline(model)
    pipe, calls = nlp.pipe, []

    def count(docs, **options):
        docs = list(docs)
        if options.get("as_tuples"):
            calls.append(len(docs))
        return pipe(docs, **options)

    monkeypatch.setattr(nlp, "pipe", count)
    make_annotator(nlp, Plan(model, id=None))(batch_of(text=[f"rash {n}" for n in range(300)]))
    assert calls == [300]


def test_the_function_travels_without_the_pipeline_and_loads_it_once(model, monkeypatch):
    loads = []
    load = pipelines.load_pipeline
    monkeypatch.setattr(pipelines, "load_pipeline", lambda *args, **options: loads.append(1) or load(*args, **options))
    pipelines.load_once.cache_clear()
    batches._get_annotator.cache_clear()
    annotate = make_batch_annotator(Plan(model))
    sent = pickle.dumps(annotate)
    assert len(sent) < 1000 and not loads
    batch = batch_of(id=["1"], text=["no fever"])
    assert pickle.loads(sent)(batch) == annotate(batch)  # noqa: S301  (as Spark and Ray do)
    make_batch_annotator(Plan(model, tasks=("drugs",)))(batch)
    assert loads == [1]


def test_the_schema_is_known_without_weights(tiny_bert, tmp_path):
    make_trained(tiny_bert).to_disk(tmp_path)
    (tmp_path / "mtclinical" / "model").unlink()
    assert find_kinds(str(tmp_path)) == KINDS
    plan = Plan(str(tmp_path), pair=("p", "h"), with_text=True, tasks=("drugs", "implies"))
    names = pa.schema([(name, pa.string()) for name in ("id", "text", "p", "h", "x")])
    assert plan_schema(plan, names) == pa.schema(
        [
            ("id", pa.string()),
            ("text", pa.string()),
            ("first", pa.string()),
            ("second", pa.string()),
            ("entities", pa.struct([("drugs", entities(with_text=True))])),
            ("pairs", pa.struct([("implies", pa.map_(pa.string(), pa.float64()))])),
            ("shortened", pa.list_(pa.int32())),
            ("error", pa.string()),
            ("x", pa.string()),
        ]
    )
    assert make_schema(KINDS) == pa.schema(
        [
            ("id", pa.string()),
            ("entities", pa.struct([("drugs", entities()), ("groups", entities())])),
            ("error", pa.string()),
        ]
    )
    assert make_schema({"alike": "value"}, pairs=True).field("pairs").type == pa.struct([("alike", pa.float64())])


def entities(with_text=False):
    fields = [("start", pa.int32()), ("end", pa.int32()), ("label", pa.string()), ("score", pa.float64())]
    return pa.list_(pa.struct([*fields, ("text", pa.string())] if with_text else fields))


@pytest.mark.parametrize(
    "columns, options, message",
    [
        ({"note": ["a"]}, {"id": None}, "Expected one column 'text', got 0 among note"),
        ({"text": ["a"]}, {}, "Expected one column 'id', got 0 among text"),
        ({"text": [1]}, {"id": None}, "Expected text in column 'text', got int64. Name another column"),
        ({"text": ["a"], "id": [{"a": 1}]}, {}, "Expected identifiers that can be text, got struct<a: int64>"),
        ({"text": ["a"], "error": [1]}, {"id": None}, r"other names than error for the columns .* \(--drop\)"),
        ({"text": ["a"], "id": [1]}, {"tasks": ("drug",)}, "Expected tasks among alike, drugs, .*, got drug"),
        ({"text": ["a"]}, {"id": None, "drop": ("ssn",)}, "Expected the columns to leave out, got none named ssn"),
        ({"text": ["a"]}, {"id": None, "tasks": ("alike", "implies")}, "Expected pairs, which .* read, got notes"),
        (
            {"p": ["a"], "h": ["b"]},
            {"id": None, "text": None, "pair": ("p", "h"), "tasks": ("drugs",)},
            "Expected notes, which the tasks drugs read, got pairs",
        ),
        ({"text": ["a"], "entities": [1], "id": [1], "pairs": [1]}, {}, "other names than entities, pairs for the"),
        ({"note": ["a"], "text": ["b"]}, {"text": "note", "id": None}, "other names than text for the columns"),
    ],
)
def test_columns_that_do_not_fit_are_named(model, columns, options, message):
    with pytest.raises(ValueError, match=message):
        make_batch_annotator(Plan(model, **options))(batch_of(**columns))


@pytest.mark.parametrize("call", [find_kinds, lambda name: make_batch_annotator(Plan(name))(batch_of(text=["a"]))])
def test_a_pipeline_that_is_not_there_is_named(tmp_path, call):
    with pytest.raises(OSError, match="gone"):
        call(str(tmp_path / "gone"))


def test_a_pipeline_without_the_component_is_told(tmp_path):
    import spacy

    spacy.blank("en").to_disk(tmp_path)
    with pytest.raises(ValueError, match="Expected a pipeline with one mtclinical component, got 0"):
        find_kinds(str(tmp_path))


def test_what_a_component_leaves_on_a_doc_cannot_break_the_batch(model):
    nlp = make_nlp_that_leaves(model, "drugs", 5)
    found = make_annotator(nlp, Plan(model, id=None))(batch_of(text=TEXTS[:1]))
    assert found.column("error").to_pylist() == ["Its answers could not be written (TypeError)."]


def make_nlp_that_leaves(model, task, scores):
    import spacy
    from spacy.language import Language

    @Language.component("leaves_odd_scores")
    def leaves_odd_scores(doc):
        doc.spans[task].attrs["scores"] = scores
        return doc

    nlp = spacy.load(model)
    nlp.add_pipe("leaves_odd_scores")
    return nlp


def test_importing_brings_no_tables():
    """pyarrow is imported by the functions that need it, and by one module that is imported by such a function."""
    for file in Path(batches.__file__).parent.rglob("*.py"):
        top = [
            node for node in ast.parse(file.read_text("utf8")).body if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        names = {
            name for node in top for name in (getattr(node, "module", None), *(a.name for a in node.names)) if name
        }
        assert file.name == "parquet.py" or not {"pyarrow", "parquet"} & {name.split(".")[0] for name in names}, file


def test_scores_that_are_none_cost_their_own_row_alone(tiny_bert):
    """Whatever a later component leaves on a Doc."""

    @Language.component("spoil_scores")
    def spoil_scores(doc):
        group = doc.spans["drugs"]
        if doc.text.startswith("odd"):
            doc.spans["drugs"] = [doc[0:1]]
            doc.spans["drugs"].attrs["scores"] = ["high"]
        elif doc.text.startswith("unknown"):
            doc.spans["drugs"] = [doc[0:1], doc[1:2]]
            doc.spans["drugs"].attrs["scores"] = [None, float("nan")]
        else:
            group.attrs["scores"] = [0.12345678] * len(group)
        return doc

    nlp = make_trained(tiny_bert)
    nlp.add_pipe("spoil_scores")
    texts = ["patient has rash", "odd rash", "unknown rash", "aspirin"]
    found = make_annotator(nlp, Plan("m", id=None))(pa.RecordBatch.from_pydict({"text": texts})).to_pylist()
    assert [row["error"] is None for row in found] == [True, False, True, True]
    assert [entity["score"] for entity in found[2]["entities"]["drugs"]] == [None, None]
    assert all(entity["score"] == 0.123457 for entity in found[0]["entities"]["drugs"])
    assert found[1]["entities"] is None


def test_a_pipeline_that_was_trained_anew_is_loaded_anew(tiny_bert, tmp_path):
    """A notebook, or a worker that Spark uses again, holds the earlier one under the same name."""
    batch = batch_of(id=["1"], text=[TEXTS[0]])
    answers = []
    for seed in (0, 0, 1):
        nlp = make_trained(tiny_bert, seed=seed)
        nlp.to_disk(tmp_path / "model")
        plan = Plan(str(tmp_path / "model"), stamp=pipelines.stamp_pipeline(str(tmp_path / "model")))
        answers.append(make_batch_annotator(plan)(batch))
        assert answers[-1] == make_annotator(nlp, plan)(batch)
    assert answers[0] == answers[1] != answers[2]


def test_stamps_tell_pipelines_apart_without_reading_them(model, tmp_path):
    assert pipelines.stamp_pipeline(model) == pipelines.stamp_pipeline(model) != ""
    assert pipelines.stamp_pipeline(str(tmp_path)) == ""


def test_a_package_goes_before_a_folder_of_its_name_as_with_spacy(tiny_bert, tmp_path, monkeypatch):
    package = tmp_path / "site" / "en_zz"
    package.mkdir(parents=True)
    make_trained(tiny_bert).to_disk(package / "en_zz-0.0.0")
    (package / "__init__.py").touch()
    (package / "meta.json").write_text('{"lang": "en", "name": "zz", "version": "0.0.0"}')
    (tmp_path / "work" / "en_zz").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(pipelines.util, "is_package", lambda name: name == "en_zz")
    assert pipelines.find_folder("en_zz") == package / "en_zz-0.0.0"
