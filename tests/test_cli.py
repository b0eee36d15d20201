"""The command group: lists its verbs without loading them, says what went wrong in one line, and with which status."""

import subprocess
import sys
from importlib import import_module
from types import ModuleType
from typing import Optional

import pytest
import typer
from spacy.cli._util import app
from spacy.util import registry
from typer.testing import CliRunner

from spacy_mtclinical.cli import VERBS
from spacy_mtclinical.formats.records import FormatError

PROBE = """
import sys
from spacy.cli._util import setup_cli
sys.argv = ["spacy", *sys.argv[1:]]
try:
    setup_cli()
finally:
    sys.stderr.write(" ".join(name for name in sys.modules if name.startswith("spacy_mtclinical.")))
"""


def call(*arguments):
    return CliRunner().invoke(app, ["mtclinical", *arguments])


@pytest.fixture
def plan(monkeypatch):
    """Put a function in the place of the verb `plan`."""

    def put(function):
        module = ModuleType("spacy_mtclinical.cli.plan")
        module.plan = function
        monkeypatch.setitem(sys.modules, module.__name__, module)

    return put


def test_is_an_entry_point_of_spacy():
    assert "mtclinical" in registry.cli.get_all()


def test_help_lists_every_verb_and_loads_none():
    found = subprocess.run([sys.executable, "-c", PROBE, "mtclinical", "--help"], capture_output=True, text=True)
    assert found.returncode == 0
    for verb, line in VERBS.items():
        assert any(row.split(maxsplit=1) == [verb, line] for row in found.stdout.splitlines())
    loaded = found.stderr.split()
    assert "spacy_mtclinical.cli" in loaded
    assert not [name for name in loaded if name.startswith(("spacy_mtclinical.cli.", "spacy_mtclinical.datasets"))]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_there_and_explains_itself(verb):
    function = getattr(import_module(f"spacy_mtclinical.cli.{verb}"), verb)
    assert function.__doc__
    found = call(verb, "--help")
    assert found.exit_code == 0
    assert f"mtclinical {verb}" in found.stdout
    assert function.__doc__.split()[0] in found.stdout


def test_a_verb_gets_its_arguments_and_prints_its_result(plan):
    def verb(path: str, *, steps: int = 1, name: Optional[str] = None) -> None:
        """Say what came."""
        typer.echo(f"{path} {steps} {name}")

    plan(verb)
    found = call("plan", "here", "--steps", "3")
    assert (found.exit_code, found.stdout, found.stderr) == (0, "here 3 None\n", "")
    assert "Say what came." in call("plan", "--help").stdout


@pytest.mark.parametrize(
    "error,line",
    [
        (FormatError("a.ann, line 3: expected a\n  span, got none."), "a.ann, line 3: expected a span, got none."),
        (ValueError("Expected a dataset, got 'x'."), "Expected a dataset, got 'x'."),
        (FileNotFoundError(2, "No such file or directory", "a.txt"), "[Errno 2] No such file or directory: 'a.txt'"),
        (ValueError(), "ValueError"),
    ],
)
def test_failure_is_one_line_and_status_1(plan, error, line):
    def verb() -> None:
        raise error

    plan(verb)
    found = call("plan")
    assert found.exit_code == 1
    assert found.stdout == ""
    assert found.stderr.endswith(f"mtclinical plan: {line}\n")
    assert found.stderr.count("\n") == 1


def test_a_verb_may_choose_its_status(plan):
    def verb() -> None:
        raise typer.Exit(1)

    plan(verb)
    found = call("plan")
    assert (found.exit_code, found.stderr) == (1, "")


def test_an_error_of_the_program_says_where_and_not_what(plan):
    def verb() -> None:
        raise KeyError("SECRET")

    plan(verb)
    found = call("plan")
    assert found.exit_code == 1
    assert "test_cli.py" in found.stderr and "unexpected KeyError" in found.stderr
    assert "SECRET" not in found.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["nope"], ["plan", "--nope"], ["plan"], ["plan", "here", "--steps", "x"], ["plan", "here", "bad"]]
)
def test_wrong_use_is_status_2(plan, arguments):
    def verb(path: str, kind: str = typer.Argument("good"), steps: int = 1) -> None:
        if kind == "bad":
            raise typer.BadParameter("expected good")

    plan(verb)
    found = call(*arguments)
    assert found.exit_code == 2
    assert "mtclinical" in found.output
