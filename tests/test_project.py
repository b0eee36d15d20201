"""project.yml: valid, its commands parse, its paths come from somewhere, and what is installed is pinned."""

import importlib.metadata
import re
import shlex
import shutil
import subprocess
from pathlib import PurePosixPath

import pytest
import srsly
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.commands import create_command
from spacy.cli._util import app, parse_config_overrides
from stand_in import ROOT
from thinc.api import Config
from typer.main import get_command
from weasel.schemas import ProjectConfigSchema, validate
from weasel.util import load_project_config

import spacy_mtclinical
from benchmarks.speed.__main__ import read_arguments
from spacy_mtclinical.cli.convert_all import SUITES
from spacy_mtclinical.experiments.recipes import read_recipes

WORKFLOWS = ("demo", "train", "public", "baseline", "compare", "benchmark", "package", "annotate", "all", "add-task")
WORKFLOWS += ("few-shot", "best")
RUNS = ("clinical", "public", "demo")
HEAD_RATE = "components.mtclinical.model.head_rate"
RAW = srsly.read_yaml(ROOT / "project.yml")
NAMES = [command["name"] for command in RAW["commands"]]


@pytest.fixture
def load(tmp_path):
    """Load project.yml as weasel does, which makes its folders, in a folder of its own."""
    shutil.copy(ROOT / "project.yml", tmp_path)
    return lambda **variables: load_project_config(
        tmp_path, overrides={f"vars.{name}": value for name, value in variables.items()}
    )


@pytest.fixture
def commands(load):
    return {command["name"]: command for command in load()["commands"]}


def is_below(path, other):
    return PurePosixPath(other) in (PurePosixPath(path), *PurePosixPath(path).parents)


def is_in_checkout(path, commands):
    made = [output for command in commands.values() for output in command["outputs"]]
    return (ROOT / path).exists() and not any(is_below(path, output) for output in made)


def test_is_valid_and_has_the_workflows(load):
    assert validate(ProjectConfigSchema, RAW) == []
    assert set(load()["workflows"]) == set(WORKFLOWS)
    used = {name for steps in RAW["workflows"].values() for name in steps}
    assert set(NAMES) - used == {"test"}


@pytest.mark.parametrize("name", NAMES)
def test_commands_parse(name, commands, tmp_path, monkeypatch):
    command = commands[name]
    assert all(command[key] for key in ("help", "script", "deps", "outputs"))
    assert not re.search(r"\$\{", " ".join([*command["script"], *command["deps"], *command["outputs"]]))
    monkeypatch.chdir(tmp_path)
    for line in command["script"]:
        python, flag, module, *arguments = shlex.split(line)
        assert (python, flag) == ("python", "-m")
        if module == "pip":
            create_command(arguments[0]).parse_args(arguments[1:])
            continue
        if module == "benchmarks.speed":
            read_arguments(arguments)
            continue
        assert module == "spacy"
        make_paths(tmp_path, arguments)
        group = get_command(app)
        verb, rest = arguments[0], arguments[1:]
        if verb == "mtclinical":
            group = group.commands["mtclinical"]
            verb, rest = rest[0], rest[1:]
        context = group.commands[verb].make_context(verb, list(rest))
        settings = context.args if verb == "train" else []
        parse_config_overrides(list(settings), None)
        assert settings == context.args, f"{verb} does not know {context.args}"


def make_paths(root, arguments):
    """Make what a command would find, since some arguments have to exist."""
    for argument in arguments:
        if "/" in argument and not argument.startswith(".."):
            path = root / argument
            if path.suffix in (".cfg", ".html", ".json", ".jsonl"):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            else:
                path.mkdir(parents=True, exist_ok=True)


@pytest.mark.parametrize("workflow", ["demo", "train", "public", "baseline", "best", "compare", "benchmark", "all"])
def test_starts_from_a_fresh_checkout(workflow, commands):
    """weasel stops at a missing path: each is in the checkout, or an earlier step makes it."""
    made = []
    for name in RAW["workflows"][workflow]:
        for path in commands[name]["deps"]:
            assert is_in_checkout(path, commands) or any(is_below(path, output) for output in made), path
        made += commands[name]["outputs"]


@pytest.mark.parametrize("run", RUNS)
def test_every_path_comes_from_somewhere(run, load):
    commands = {command["name"]: command for command in load(run=run)["commands"]}
    made = [output for command in commands.values() for output in command["outputs"]]
    for command in commands.values():
        for path in command["deps"]:
            assert is_in_checkout(path, commands) or any(is_below(path, output) for output in made), path


def test_variables_reach_the_commands(load):
    config = load(encoder="some/checkpoint", gpu_id=1, demo_epochs=0.5, public_data="/data")
    script = {command["name"]: " ".join(command["script"]) for command in config["commands"]}
    for name in ("demo-train", "train-model", "public-train"):
        assert "--encoder some/checkpoint" in script[name].replace('"', "")
        assert "--gpu-id 1" in script[name]
    assert "--unless some/checkpoint" in script["encoder"].replace('"', "")
    assert "--epochs 0.5 " in script["demo-train"]
    assert "--source /data" in script["public-fetch"].replace('"', "")
    assert RAW["vars"]["version"] == spacy_mtclinical.__version__


def test_the_public_configuration_is_the_best_row():
    recipes = read_recipes(ROOT / "configs" / "recipes" / "compare.cfg")
    quick, averaged = recipes.rows["quick_heads"], recipes.rows["averaged"]
    config = Config().from_disk(ROOT / "configs" / "public.cfg", interpolate=False)
    for row in (quick, averaged):
        assert [config["training"]["optimizer"]["learn_rate"]["initial_rate"]] == row.rates
        assert config["components"]["mtclinical"]["model"]["head_rate"] == row.settings[HEAD_RATE]
        assert config["corpora"]["train"]["schedule"] == row.settings["corpora.train.schedule"]
    assert set(averaged.settings) - set(quick.settings) == {"corpora.train.teachers"} and averaged.teachers
    scripts = {command["name"]: " ".join(command["script"]) for command in RAW["commands"]}
    for name in ("public-train", "public-best"):
        assert f"--warmup {recipes.warmup:g} " in scripts[name] and "--teachers" in scripts[name]
    assert averaged.average == scripts["public-best"].count("mtclinical train ") == 2
    assert float(RAW["vars"]["public_epochs"]) == recipes.epochs


def test_private_corpora_are_described_and_have_no_address():
    assert {asset["dest"] for asset in RAW["assets"]} == {f"assets/{name}" for name in SUITES["clinical"]}
    readme = (ROOT / "assets" / "README.md").read_text("utf8")
    for asset in RAW["assets"]:
        assert set(asset) == {"dest", "description"} and asset["description"]
        assert f"`{asset['dest'].partition('/')[2]}/`" in readme


def test_nothing_that_is_made_can_be_committed(load):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    made = [asset["dest"] + "/x" for asset in RAW["assets"]]
    for run in RUNS:
        made += [f"{output}/x" for command in load(run=run)["commands"] for output in command["outputs"]]
    found = subprocess.run(["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True)
    assert sorted(set(found.stdout.split())) == sorted(set(made))


def test_constraints_pin_what_is_required_and_agree_with_it():
    pins = {}
    for line in (ROOT / "constraints.txt").read_text("utf8").splitlines():
        if not line.startswith("#"):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            pins[canonicalize_name(requirement.name)] = specifier.version
    required = [Requirement(line) for line in importlib.metadata.requires("spacy_mtclinical")]
    assert required
    for requirement in required:
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement.name
    assert pins["torch"] == "2.13.0"
