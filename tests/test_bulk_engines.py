"""A worker of an engine: its threads, a pipeline that cannot be loaded, and errors that quote nothing."""

import os

import cluster
import pyarrow as pa
import pytest
import torch

from spacy_mtclinical.bulk import engines
from spacy_mtclinical.bulk.batches import Plan
from spacy_mtclinical.bulk.engines import annotate_or_tell, make_worker_annotator, tuple_of

SECRET = cluster.SECRET


@pytest.fixture(autouse=True)
def threads(monkeypatch):
    """What a worker sets is set back."""
    monkeypatch.setenv("RAYON_NUM_THREADS", "1")
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    return cluster.make_model(tiny_bert, tmp_path_factory.mktemp("model"))


def batch_of(**columns):
    return pa.RecordBatch.from_pydict(columns)


def test_a_worker_has_its_threads_and_annotates(model):
    annotate = make_worker_annotator(Plan(model), threads=2)
    assert torch.get_num_threads() == 2 and os.environ["RAYON_NUM_THREADS"] == "2"
    assert annotate(batch_of(id=[1], text=["no fever"])).schema.names == ["id", "entities", "error"]


@pytest.mark.parametrize("name", ["gone", "./gone/deeper", ""])
def test_a_pipeline_that_cannot_be_loaded_is_told_with_the_worker(name):
    message = rf"The worker \S+, process {os.getpid()}, cannot load the pipeline '{name}' \(its folder is .*\): \w+: "
    with pytest.raises(OSError, match=message) as error:
        make_worker_annotator(Plan(name), threads=1)
    assert error.value.__suppress_context__


def test_a_gpu_that_is_not_there_is_told_with_the_worker(model, monkeypatch):
    def require(number):
        raise ValueError("No GPU devices detected")

    monkeypatch.setattr(engines, "require_gpu", require)
    with pytest.raises(OSError, match=r"process \d+, cannot load .* ValueError: No GPU devices detected"):
        make_worker_annotator(Plan(model, gpu_id=0), threads=1)


@pytest.mark.parametrize("kind", [pa.ArrowInvalid, KeyError, UnicodeError])
def test_an_error_of_the_program_says_where_and_not_what(monkeypatch, kind):
    def fail(batch, *, plan):
        raise kind(SECRET)

    monkeypatch.setattr(engines, "annotate_batch", fail)
    message = rf"process {os.getpid()}, met an unexpected {kind.__name__} in fail, test_bulk_engines.py, line \d+"
    with pytest.raises(RuntimeError, match=message) as error:
        annotate_or_tell(batch_of(text=[SECRET]), plan=Plan("m"))
    assert SECRET not in str(error.value) and error.value.__suppress_context__


def test_columns_that_do_not_fit_are_named(model):
    with pytest.raises(ValueError, match="Expected one column 'text', got 0 among note"):
        annotate_or_tell(batch_of(note=["a"]), plan=Plan(model, id=None))


def test_names_become_what_a_plan_can_hold():
    assert (tuple_of(None), tuple_of(["a"]), tuple_of(("b",))) == (None, ("a",), ("b",))
