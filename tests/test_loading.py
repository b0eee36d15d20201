"""Pipelines by name or folder: what is none is named."""

import errno
import os

import pytest
import spacy
from conftest import make_nlp
from trained import make_trained

from spacy_mtclinical.loading import find_component, load_pipeline, read_kinds


def test_a_folder_gives_the_pipeline_and_its_component(tiny_bert, tmp_path):
    make_trained(tiny_bert).to_disk(tmp_path / "model")
    nlp = load_pipeline(str(tmp_path / "model"))
    component = find_component(nlp)
    assert component is nlp.get_pipe("mtclinical")
    assert read_kinds(component) == {"alike": "value", "drugs": "entities", "groups": "entities", "implies": "classes"}


def test_a_pipeline_without_the_component_or_with_several_is_refused(tiny_bert, tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "model")
    with pytest.raises(ValueError, match=r"one mtclinical component, got 0 among \['sentencizer'\]"):
        load_pipeline(str(tmp_path / "model"))
    twice = make_trained(tiny_bert)
    twice.add_pipe("mtclinical", name="more", config={"model": twice.config["components"]["mtclinical"]["model"]})
    with pytest.raises(ValueError, match="one mtclinical component, got 2"):
        find_component(twice)


def test_a_pipeline_that_is_not_trained_is_refused(tiny_bert):
    with pytest.raises(ValueError, match="Expected a trained pipeline, got one whose heads have no labels"):
        find_component(make_nlp(tiny_bert))


def test_a_disk_for_temporary_files_that_is_full_is_named(tmp_path, monkeypatch):
    def fail(name):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(spacy, "load", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(OSError, match="while loading some_model. Set TMPDIR to a folder with more room than") as caught:
        load_pipeline("some_model")
    assert str(tmp_path) in str(caught.value) and caught.value.errno == errno.ENOSPC


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match="nothing_of_that_name"):
        load_pipeline("nothing_of_that_name")
