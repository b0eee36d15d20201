"""Trials: training runs planned from recipes, each with a folder of its own, a fingerprint of what it stands on, and
a result once it is finished."""

from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from thinc.api import Config

from ..corpus import LABELS
from ..fingerprints import digest, fingerprint, flatten, show
from ..outputs import read_json
from ..planning import find_heads, keep_tasks
from .courses import Course, Load, measure_loads, plan_epochs, plan_subwords
from .drawing import Size, draw_suite
from .recipes import Recipes, Row, change, set_rate, set_warmup

CONFIG, SETTINGS, LOG, MODEL = "config.cfg", "settings.json", "log.txt", "model"
RESAMPLED, RESULT = "resampled.json", "result.json"
TRAINING = "training"  # what a trial goes on from, gone once it is finished
AVERAGE = "average"  # among the settings of a trial: its runs, where there are several
TRAINED = "corpora.train.tasks"  # what a row reads, where it is more than what is scored
NAMED = 3  # settings that a message names


class Suite(NamedTuple):
    """What every trial of a comparison stands on.

    config: The configuration that all recipes change. corpus: The folder that all of them read.
    reference: What round robin reads, which is what each row shall read.
    loads: Training windows by task, for windows of so many sub-words.
    prints: Fingerprints: "encoder", and each task's files.
    """

    config: Config
    corpus: Path
    out: Path
    tasks: List[str]
    recipes: Recipes
    reference: Course
    loads: Dict[int, Dict[str, Load]]
    prints: Dict[str, str]


class Trial(NamedTuple):
    """One training run. task: of a single-task model. inputs: fingerprints of the files that it reads."""

    name: str
    folder: Path
    row: str
    task: Optional[str]
    rate: Optional[float]
    seed: int
    config: Config
    inputs: Dict[str, Any]
    course: Course

    @property
    def is_finished(self) -> bool:
        return (self.folder / RESULT).exists()

    @property
    def result(self) -> Dict[str, Any]:
        return read_json(self.folder / RESULT)

    @property
    def settings(self) -> Dict[str, Any]:
        config = {key: value for key, value in self.config.items() if key != "paths"}
        return {"config": dict(flatten(config)), "inputs": self.inputs}


def make_suite(
    config: Config,
    corpus: Path,
    out: Path,
    *,
    recipes: Recipes,
    size: Size,
    tasks: Optional[List[str]] = None,
    notify: Callable[[str], None] = lambda message: None,
) -> Suite:
    """Draw the corpora, fit the configuration to them, and count what an epoch reads.

    config: Not interpolated; [paths] names the encoder.
    RAISES: ValueError for a corpus that is missing or has no dev split, or a folder drawn otherwise.
    """
    config = config.copy()
    change(config, recipes.settings)
    heads = set(find_heads(config))
    for task in keep_tasks(config, corpus, tasks):
        notify(f"left out: {task} (no {corpus / task / 'train.spacy'})")
    kept = list(config["corpora"]["train"]["tasks"])
    named = {task for row in recipes.rows.values() for task in row.settings.get(TRAINED, ())}
    unscored = [task for task in sorted(named - heads) if (corpus / task / "train.spacy").exists()]
    folder = draw_suite(corpus, out / "corpus", tasks=kept, size=size, unscored=unscored)
    config["paths"]["corpus"] = str(folder)
    loads: Dict[int, Dict[str, Load]] = {}
    encoder = Path(config["paths"]["encoder"] or "")
    prints = {"encoder": fingerprint(encoder) if encoder.is_dir() else str(encoder)}
    for task in kept:
        prints[task] = fingerprint(*(folder / task / name for name in ("train.spacy", "dev.spacy", LABELS)))
    plain = config.interpolate()
    reference = plan_epochs(plain, find_loads(plain, kept, loads), epochs=recipes.epochs)
    return Suite(config, folder, out, kept, recipes, reference, loads, prints)


def find_loads(config: Config, tasks: List[str], known: Dict[int, Dict[str, Load]]) -> Dict[str, Load]:
    """The training windows of some tasks under a configuration, counted once for each length of window."""
    train = config["corpora"]["train"]
    window = train.get("window", 512)
    if window not in known:
        known[window] = measure_loads(Path(train["path"]), train["encoder"], tasks=train["tasks"], window=window)
    missing = [task for task in tasks if task not in known[window]]
    if missing:
        known[window].update(measure_loads(Path(train["path"]), train["encoder"], tasks=missing, window=window))
    return {task: known[window][task] for task in tasks}


def plan_trial(
    suite: Suite,
    row: Row,
    *,
    seed: int,
    rate: Optional[float] = None,
    task: Optional[str] = None,
    teachers: Optional[Dict[str, "Trial"]] = None,
) -> Trial:
    """Plan one run of a row: its configuration, how long it trains, where it goes.

    task: The one task of a single-task model; None for all of them together.
    teachers: The single-task models, for a row that wants them: [paths.teachers] names their folders.
    RAISES: ValueError where the recipe does not fit the configuration.
    """
    config = suite.config.copy()
    tasks = [task] if task else suite.tasks
    inputs: Dict[str, Any] = {name: suite.prints[name] for name in ["encoder", *tasks]}
    if row.teachers:
        found = teachers or {}
        config["paths"]["teachers"] = {name: str(trial.folder / MODEL) for name, trial in found.items()}
        inputs["teachers"] = {name: f"{trial.name} {digest(trial.settings)}" for name, trial in found.items()}
    if row.average > 1:
        inputs[AVERAGE] = row.average
    change(config, row.settings)
    if task:
        keep_tasks(config, suite.corpus, [task])
    if rate is not None:
        set_rate(config, rate)
    config.setdefault("system", {})["seed"] = seed
    config["training"]["seed"] = config["corpora"]["train"]["seed"] = seed
    plain = config.interpolate()
    subwords = suite.reference.subwords
    if task:
        loads = find_loads(suite.config.interpolate(), [task], suite.loads)
        subwords = suite.reference.passes[task] * loads[task].subwords
    reads = plain["corpora"]["train"]["tasks"]
    inputs.update({name: fingerprint(suite.corpus / name / "train.spacy") for name in reads if name not in suite.tasks})
    course = plan_subwords(plain, find_loads(plain, reads, suite.loads), subwords=subwords * row.reads)
    training = config["training"]
    training["max_epochs"] = -1
    training["max_steps"] = course.steps
    training["eval_frequency"] = max(1, course.steps // suite.recipes.evaluations)
    config["corpora"]["train"]["epochs"] = course.epochs
    set_warmup(config, share=suite.recipes.warmup, steps=course.steps)
    name = "/".join([row.name, *([task] if task else []), name_run(rate, seed)])
    return Trial(name, suite.out / "runs" / name, row.name, task, rate, seed, config, inputs, course)


def name_run(rate: Optional[float], seed: int) -> str:
    """The last part of a trial's folder."""
    return f"seed-{seed}" if rate is None else f"rate-{rate:g}-seed-{seed}"


def find_seeds(suite: Suite, row: str, rate: Optional[float], task: Optional[str] = None) -> List[int]:
    """The seeds of the trials that are finished, whatever their settings."""
    folder = suite.out / "runs" / row / (task or "")
    stem = name_run(rate, 0)[:-1]
    found = (file.parent.name for file in folder.glob(f"{stem}*/{RESULT}"))
    return sorted(int(name[len(stem) :]) for name in found if name[len(stem) :].isdigit())


def find_differences(trial: Trial) -> List[str]:
    """How the settings of a trial that is on disk differ from those planned; empty where it is the same."""
    found = read_json(trial.folder / SETTINGS)
    differences = []
    for part, planned in trial.settings.items():
        there = found.get(part, {})
        keys = [key for key in sorted({*planned, *there}) if planned.get(key) != there.get(key)]
        differences += [f"{key} was {show(there.get(key))}, is {show(planned.get(key))}" for key in keys]
    return differences


def check_same(trials: List[Trial]) -> None:
    """Refuse to mix results.

    RAISES: ValueError naming a finished trial whose settings are not the ones planned.
    """
    for trial in trials:
        differences = find_differences(trial) if trial.is_finished else []
        if differences:
            more = f", and {len(differences) - NAMED} more" if len(differences) > NAMED else ""
            raise ValueError(
                f"{trial.folder} was finished with other settings: {'; '.join(differences[:NAMED])}{more}. Name "
                "another output folder, or remove this one to run it anew."
            )
