"""Imports point one way, and importing has no effect."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import spacy_mtclinical

ROOT = Path(spacy_mtclinical.__file__).parent
ABOVE = {
    "formats": {"documents", "gold", "datasets", "component", "model", "encoder", "corpus", "cli"},
    "tags": {"documents", "windows", "prediction", "model", "component", "corpus", "cli"},
    "windows": {"prediction", "model", "component", "corpus", "targets", "encoder", "cli"},
    "heads": {"documents", "windows", "tags", "model", "component", "corpus", "cli"},
    "component": {"encoder", "corpus", "cli", "datasets", "formats"},
    "scoring": {"cli", "corpus", "encoder", "component"},
}


def imported(file):
    """Name the modules of this package that a file imports, wherever in it."""
    package = file.relative_to(ROOT.parent).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(file.read_text("utf8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield (*base, *name.split("."))[1]


def files_of(part):
    return sorted((ROOT / part).rglob("*.py")) if (ROOT / part).is_dir() else [ROOT / f"{part}.py"]


@pytest.mark.parametrize("part", ABOVE)
def test_imports_point_one_way(part):
    files = files_of(part)
    assert files
    for file in files:
        assert not set(imported(file)) & ABOVE[part], file.name


def test_nobody_imports_the_command_line():
    for file in ROOT.rglob("*.py"):
        if "cli" not in file.relative_to(ROOT).parts:
            assert "cli" not in set(imported(file)), file.name


def test_task_names_occur_in_datasets_alone():
    tasks = ["n2c2_2019", "mednli", "medrqe", "n2c2_2018", "i2b2_2014", "i2b2_2012", "i2b2_2010", "quaero_2014"]
    allowed = {"datasets", "synthetic", "formats", "scoring", "cli"}
    for file in ROOT.rglob("*.py"):
        if not allowed & set(file.relative_to(ROOT).parts):
            assert not [task for task in tasks if task in file.read_text("utf8")], file.name


def test_no_file_grows_past_its_job():
    assert {file.name: n for file in ROOT.rglob("*.py") if (n := len(file.read_text("utf8").splitlines())) > 350} == {}


def test_importing_registers_nothing_and_logs_nothing():
    code = (
        "from spacy.tokens import Doc; import spacy_mtclinical, spacy_mtclinical.component, spacy_mtclinical.corpus;"
        "import sys; sys.exit(Doc.has_extension('mtclinical'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
