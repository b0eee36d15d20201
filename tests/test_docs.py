"""The documentation is code: each block of each page runs in order, or is parsed by what it calls; none is left out."""

import json
import re
import runpy
import shlex
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from pip._internal.commands import create_command
from spacy import util
from spacy.cli._util import app
from spacy.schemas import ConfigSchemaTraining
from stand_in import ROOT, load_config
from thinc.api import Config
from typer.main import get_command
from typer.testing import CliRunner
from weasel.util import load_project_config
from workspace import make_workspace, merge_sections, use_blocks

from spacy_mtclinical.bulk.batches import _get_annotator
from spacy_mtclinical.bulk.pipelines import load_once
from spacy_mtclinical.cli import VERBS

PAGES = {path.name: path.read_text("utf8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
SHOWN = {"text", "bibtex"}  # to be read
ELSEWHERE = {"cluster.md": ("test_spark.py", "test_ray.py")}  # these run its Python, on engines of their own
OPTIONAL = {"medspacy", "negspacy"}  # where one is missing, tests/test_neighbours.py skips with the reason
# What is run here; the others take minutes, a network, a GPU or packages, and are parsed by the command itself.
RUN = {*"annotate card convert deidentify evaluate export leaks plan view".split()}
SPACY_RUN = {"apply", "evaluate", "package"}
PYTHON = re.compile(r"(\.venv(-test)?/bin/)?python3?")
PIP = re.compile(r"(\.venv(-test)?/bin/)?pip")
OTHERS = {"openssl"}
HEAVY = ("--gpus", "--gpu-id", "--help")
BASE = '[paths]\nencoder = null\n\n[nlp]\nlang = "en"\npipeline = ["mtclinical"]\n\n[components]\n'


def blocks_of(name):
    return [(match[1], match[2]) for match in BLOCK.finditer(PAGES[name])]


def lines_of(block):
    """The commands of a shell block, one a line, `&&` apart; comments and redirections are dropped."""
    joined = block.replace("\\\n", " ")
    return [part.strip() for line in joined.splitlines() if line.strip() for part in line.split("&&")]


@pytest.mark.parametrize("name", PAGES)
def test_no_block_is_left_out(name):
    blocks = blocks_of(name)
    assert PAGES[name].count("```") == 2 * len(blocks)
    assert {language for language, _ in blocks} <= {"python", "ini", "bash", "json", *SHOWN}
    for page, tests in ELSEWHERE.items():
        for test in tests:
            assert (ROOT / "tests" / test).exists() and page in PAGES


@pytest.fixture(scope="module")
def base(tiny_bert, tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("docs"), tiny_bert)


@pytest.fixture
def workspace(base, tmp_path, monkeypatch):
    """A folder of its own, in which `en_mtclinical` is a pipeline, whatever is installed."""
    folder = tmp_path / "work"
    shutil.copytree(base, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(util, "is_package", lambda name: False)
    monkeypatch.setattr("socket.socket.connect", None)  # no network is used
    yield folder
    _get_annotator.cache_clear()
    load_once.cache_clear()


@pytest.mark.parametrize("name", PAGES)
def test_blocks_run_in_order(name, workspace, tiny_bert):
    names = {}
    sections = {block: None for language, block in blocks_of(name) if is_section(language, block)}
    use_blocks(workspace, "\n".join(sections))
    done = 0
    for language, block in blocks_of(name):
        if language == "python":
            names = run_python(name, block, names, workspace)
        elif language == "bash":
            for line in lines_of(block):
                run_line(line, workspace)
        elif language == "ini":
            check_sections(block, tiny_bert, workspace)
        elif language == "json":
            assert [json.loads(line) for line in block.splitlines()]
        else:
            assert language in SHOWN
        done += 1
    assert done == len(blocks_of(name))


def is_section(language, block):
    """Whether a block belongs into a whole configuration, and is none itself."""
    return language == "ini" and "factory" not in block and "any_mention" not in block


def run_python(name, block, names, workspace):
    compile(block, name, "exec")
    imported = set(re.findall(r"^(?:import|from) (\w+)", block, flags=re.MULTILINE))
    if name in ELSEWHERE or any(find_spec(module) is None for module in imported & OPTIONAL):
        return names
    (workspace / "block.py").write_text(block, "utf8")
    given = {key: value for key, value in names.items() if not key.startswith("__")}
    return runpy.run_path(str(workspace / "block.py"), init_globals=given)


def run_line(line, workspace):
    """Run a command, or let what it calls parse it."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words.pop(0)
    if ">" in words:
        words = words[: words.index(">")]
    program, *rest = words
    if PIP.fullmatch(program):
        return create_command(rest[0]).parse_args(rest[1:])
    if program == "mkdir":
        assert rest[0] == "-p"
        return [(workspace / place).mkdir(parents=True, exist_ok=True) for place in rest[1:]]
    if program in OTHERS:
        return None
    assert PYTHON.fullmatch(program) and rest[0] == "-m", line
    module, *arguments = rest[1:]
    if module == "pip":
        return create_command(arguments[0]).parse_args(arguments[1:])
    if module in ("venv", "pytest"):
        return None
    assert module == "spacy", line
    if arguments[:2] == ["project", "run"]:
        project = load_project_config(workspace)
        assert arguments[2] in {*project["workflows"], *(command["name"] for command in project["commands"])}, line
    is_run = arguments[0] in SPACY_RUN or (arguments[0] == "mtclinical" and arguments[1] in RUN)
    if not is_run or any(word in HEAVY for word in arguments) or "$" in line:
        return parse(arguments, workspace)
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, f"{line}\n{found.output}\n{found.exception}"
    return None


def parse(arguments, workspace):
    """Let a command of spaCy's take its arguments, and refuse what it does not know."""
    for argument in arguments:
        place = workspace / argument
        if ("/" in argument or Path(argument).suffix) and not argument.startswith("-") and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch() if place.suffix in (".cfg", ".json", ".spacy", ".csv", ".jsonl") else place.mkdir()
    command, name = get_command(app), "spacy"
    while hasattr(command, "commands"):
        name, *arguments = arguments
        assert name in command.commands, f"there is no command {name}"
        command = command.commands[name]
    context = command.make_context(name, list(arguments))
    assert all(word.startswith("--") and "." in word or not word.startswith("-") for word in context.args), context.args


def check_sections(block, encoder, workspace):
    """Sections load with their neighbours and resolve against what is registered."""
    if "factory" in block:
        text = BASE + block
    else:
        text = merge_sections(block).to_str(interpolate=False)
    (workspace / "block.cfg").write_text(text, "utf8")
    nlp = util.load_model_from_config(load_config(workspace / "block.cfg", encoder=encoder), auto_fill=True)
    named = re.findall(r"heads\.(\w+)\]", block)
    assert named and set(named) <= set(nlp.get_pipe("mtclinical").tasks)
    scored = set(re.findall(r"metrics\.(\w+)\]", block))
    assert scored <= set(nlp.get_pipe("mtclinical").scorer.metrics if scored else ())
    if "training" in Config().from_str(text, interpolate=False):
        util.registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)


@pytest.mark.parametrize("name", PAGES)
def test_links_are_there(name):
    here = ROOT if name == "README.md" else ROOT / "docs"
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        assert (here / path).exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", (here / path).read_text("utf8"), flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, target


def test_every_page_is_linked_from_the_readme():
    for name in PAGES:
        assert name == "README.md" or f"](docs/{name})" in PAGES["README.md"], name


@pytest.mark.parametrize("name", PAGES)
def test_verbs_that_are_named_in_a_sentence_are_there(name):
    assert set(re.findall(r"(?<!\.)spacy mtclinical ([\w-]+)", PAGES[name])) <= set(VERBS)


def test_a_line_that_is_wrong_is_noticed(workspace):
    for line in (
        "python -m spacy mtclinical anotate a b",
        "python -m spacy mtclinical plan configs/train.cfg corpus/clinical out.cfg --epoch 3",
        "python -m spacy mtclinical compare configs/public.cfg corpus/public training/compare --sice .25",
        "python -m spacy project run nothing",
        "pip instal spacy",
        "rm -rf training",
    ):
        with pytest.raises((AssertionError, SystemExit, Exception)):
            run_line(line, workspace)
