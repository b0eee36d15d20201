"""README.md: verbs, workflows and registered names are told, the two lines set up, CI runs the line that is there."""

import importlib.metadata
import inspect
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from spacy.cli._util import app
from stand_in import ROOT, heads_of, load_config
from thinc.api import Config
from typer.testing import CliRunner
from weasel.util import load_project_config, parse_config_overrides

from spacy_mtclinical.cli import VERBS
from spacy_mtclinical.cli.encoder import INSTALL

README = (ROOT / "README.md").read_text("utf8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
SAY = """#!/bin/sh
echo "$(basename "$0") $*" >> {said}
case "$*" in "-m venv "*)
  mkdir -p "$3/bin"
  for name in pip python ruff mypy; do cp "$0" "$3/bin/$name"; done
esac
"""
NOTE = "Wound of the left heel .\n"
ANN = "T1\tWOUND 0 22\tWound of the left heel\nT2\tSITE 13 22\tleft heel\n"


def blocks(language):
    found = [text for name, text in BLOCKS if name == language]
    assert found
    return found


def command_lines():
    return [line for block in blocks("bash") for line in block.splitlines()]


def test_the_task_of_ones_own_is_trained_by_the_lines_that_are_there(tiny_bert, tmp_path, monkeypatch):
    for split in ("train", "dev"):
        folder = tmp_path / "notes" / "wounds" / split
        folder.mkdir(parents=True)
        (folder / f"{split}.txt").write_text(NOTE, "utf8")
        (folder / f"{split}.ann").write_text(ANN, "utf8")
    (section,) = (block for block in blocks("ini") if "heads.wounds]" in block)
    (lines,) = (block for block in blocks("bash") if "--task wounds" in block)
    (tmp_path / "configs").mkdir()
    with_head = Config().from_str((ROOT / "configs" / "train.cfg").read_text("utf8") + section, interpolate=False)
    with_head["paths"]["encoder"] = str(tiny_bert)
    with_head.to_disk(tmp_path / "configs" / "train.cfg")
    monkeypatch.chdir(tmp_path)
    for line in lines.splitlines():
        python, flag, module, *arguments = shlex.split(line)
        assert (python, flag, module) == ("python", "-m", "spacy")
        found = CliRunner().invoke(app, arguments)
        assert found.exit_code == 0, found.output
    assert list(heads_of(load_config("training/clinical/config.cfg"))) == ["wounds"]
    assert Path("training/clinical/model-best/config.cfg").exists()


def test_every_verb_is_told_and_there():
    told = set(re.findall(r"spacy mtclinical ([\w-]+)", README))
    assert told == set(VERBS)


def test_more_arguments_are_given_as_the_project_command_takes_them():
    files = [ROOT / "README.md", ROOT / "project.yml", *sorted((ROOT / "docs").glob("*.md"))]
    told = {file.name: re.findall(r'--vars\.\w+ "?--\w*|such as "--\w*', file.read_text("utf8")) for file in files}
    assert {name: found for name, found in told.items() if found} == {}
    assert re.findall(r'`--vars\.(add) "( --[^"]+)"`', README) == [("add", " --unfreeze"), ("add", " --adapter lora")]
    assert parse_config_overrides(["--vars.add", " --adapter lora"]) == {"vars.add": " --adapter lora"}


def test_every_workflow_is_there(tmp_path):
    shutil.copy(ROOT / "project.yml", tmp_path)
    project = load_project_config(tmp_path)
    names = {*project["workflows"], *(command["name"] for command in project["commands"])}
    told = set(re.findall(r"spacy project run ([\w-]+)", README))
    assert told <= names and set(project["workflows"]) <= told
    assert set(re.findall(r"--vars\.(\w+)", README)) <= set(project["vars"])
    for line in re.findall(r"project run [^`\n]*--vars[^`\n]*", README):  # weasel takes the first for the folder
        assert re.fullmatch(r"project run [\w-]+ \. --vars\.\w+ \S+", line), line


def test_every_registered_name_is_told_with_its_settings():
    found = importlib.metadata.distribution("spacy_mtclinical").entry_points
    entries = {entry.name: entry for entry in found if entry.name.startswith("spacy-mtclinical.")}
    rows = dict(re.findall(r"^\| `(spacy-mtclinical\.[\w.]+)` \|(.*)\|$", README, flags=re.MULTILINE))
    assert set(rows) == set(entries)
    for name, entry in entries.items():
        assert re.findall(r"`(\w+)`", rows[name]) == list(inspect.signature(entry.load()).parameters), name


def test_two_lines_do_all_set_up():
    demo, tests = (line for line in command_lines() if line.startswith("python3 -m venv "))
    extras = importlib.metadata.metadata("spacy_mtclinical").get_all("Provides-Extra")
    assert {"demo", "test"} <= set(extras)
    for line, venv, extra in ((demo, ".venv", "demo"), (tests, ".venv-test", "test")):
        steps = line.split(" && ")
        assert steps[0] == f"python3 -m venv {venv}"
        assert steps[1] == f'{venv}/bin/pip install -q -c constraints.txt -e ".[{extra}]"'
        assert all(step.startswith(f"{venv}/bin/") for step in steps[1:])
    assert demo.split(" && ")[2] == ".venv/bin/" + INSTALL.replace("install", "install -q")
    assert demo.endswith(" -m spacy project run demo")


def test_ci_runs_the_line_of_the_readme(tmp_path):
    """A copy of .ci/run, beside this README and with commands that only say what they are given."""
    (line,) = (line for line in command_lines() if line.startswith("python3 -m venv .venv-test "))
    (tmp_path / ".ci").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    shutil.copy(ROOT / "README.md", tmp_path)
    (tmp_path / "said").touch()
    say = tmp_path / "bin" / "python3"
    say.write_text(SAY.format(said=tmp_path / "said"))
    say.chmod(0o755)
    shutil.copy(say, tmp_path / "bin" / "apt-get")
    path = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    found = subprocess.run(["bash", str(tmp_path / ".ci" / "run")], env=path, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    venv, *said = (line for line in (tmp_path / "said").read_text().splitlines() if not line.startswith("apt-get"))
    place = venv.split()[-1]
    assert venv == f"python3 -m venv {place}" and not Path(place).exists()
    wanted = [step.replace(".venv-test/bin/", "").replace('"', "") for step in line.split(" && ")[1:]]
    assert said == [*wanted, "ruff check .", "ruff format --check .", "mypy spacy_mtclinical"]
    assert len(re.findall(r"^ +\d+ s  ", found.stdout, flags=re.MULTILINE)) == 1 + len(said) + 1
