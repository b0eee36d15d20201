"""Training that goes on exactly where it was killed: spaCy's own loop, with the steps already taken told, not taken.

Going on, spaCy's loop gets an empty batch for each step that was taken, which moves its counters and schedules and
nothing else; then weights, moments and random states are put back, and the reader goes on where it was.
"""

import os
import shutil
import sys
import time
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.training.initialize import init_nlp
from spacy.training.loop import (
    DIR_MODEL_BEST,
    DIR_MODEL_LAST,
    create_before_to_disk_callback,
    create_evaluation_callback,
    create_train_batches,
    train_while_improving,
    update_meta,
)
from spacy.util import registry, resolve_dot_names
from thinc.api import Config, fix_random_seed, set_gpu_allocator

from .checkpoints import FOLDER, Checkpoint, begin, finish, remove, write_checkpoint
from .corpus import LABELS, find_tasks
from .fingerprints import fingerprint, flatten
from .outputs import sync_file, sync_folder
from .snapshots import (
    read_moments,
    read_random,
    read_weights,
    restore_moments,
    restore_random,
    restore_weights,
)

ROW = ("step", "epoch", "score", "other_scores", "losses", "words", "seconds")  # of the history, an evaluation each


class Progress(NamedTuple):
    """What a checkpoint remembers beside tensors.

    history: An evaluation each, see ROW. losses: since the last one. words, seconds: since the beginning.
    """

    history: List[Dict[str, Any]]
    losses: Dict[str, float]
    words: int
    seconds: int
    random: Dict[str, Any]
    identity: Dict[str, Any]


def identify(config: Config) -> Dict[str, Any]:
    """Say what a run is: its settings by dotted keys, and fingerprints of the files that it learns from.

    config: As it was read, not interpolated. Where files lie ([paths]) does not matter, what they hold does.
    RAISES: ValueError unless it trains from RoundRobinCorpus.v1, which alone can go on where it was.
    """
    plain = config.interpolate()
    section = str(plain["training"]["train_corpus"]).partition(".")[2]
    train = plain["corpora"].get(section, {})
    dev = plain["corpora"].get(str(plain["training"]["dev_corpus"]).partition(".")[2], {})
    if not str(train.get("@readers", "")).startswith("spacy-mtclinical.RoundRobinCorpus"):
        raise ValueError(
            f"[corpora.{section}] expected spacy-mtclinical.RoundRobinCorpus.v1, got {train.get('@readers')}: only "
            "that reader can go on where it was. Use it, or train with python -m spacy train."
        )
    found = dict(flatten({key: value for key, value in config.items() if key != "paths"}))
    readers = [(train, "train")]
    if str(dev.get("@readers", "")).startswith("spacy-mtclinical.TaskCorpus"):
        readers.append((dev, "dev"))
    for reader, split in readers:
        split = reader.get("split", split)
        for task in find_tasks(reader["path"], split, reader.get("tasks")):
            for file in (Path(reader["path"]) / task / name for name in (f"{split}.spacy", LABELS)):
                if file.exists():  # a corpus made by hand may do without labels
                    found[f"{task}/{file.name}"] = fingerprint(file)
    models = {"encoder": train.get("encoder")}
    models.update({f"teacher of {task}": name for task, name in (train.get("teachers") or {}).items()})
    for component, settings in plain["components"].items():
        models[f"init_from of {component}"] = settings.get("model", {}).get("init_from")
    found.update({what: fingerprint_model(name) for what, name in models.items() if name})
    return found


def fingerprint_model(name: str) -> str:
    """A digest of a folder; the name of a package, or of a checkpoint on the hub, as it is."""
    return fingerprint(Path(name)) if Path(name).is_dir() else name


def train(
    config: Config,
    output: Path,
    *,
    identity: Dict[str, Any],
    start: Optional[Checkpoint] = None,
    minutes: float = 10.0,
    use_gpu: int = -1,
) -> None:
    """Initialise the pipeline of a configuration and train it as `spacy train` does, with checkpoints.

    config: As it was read, not interpolated.
    output: Gets `model-best`, `model-last`, and `checkpoints`, which a finished run leaves as a record only.
    identity: What the run is, see `identify`.
    start: The checkpoint to go on from, see `checkpoints.go_on`.
    minutes: From one checkpoint to the next; one is written after each evaluation too. 0: after each step.
    RAISES: OSError if a checkpoint cannot be written; what the components raise.
    """
    begun = time.monotonic()
    nlp = init_nlp(config, use_gpu=use_gpu)
    begin(output, identity)
    config = nlp.config.interpolate()
    if config["training"]["seed"] is not None:
        fix_random_seed(config["training"]["seed"])
    if use_gpu >= 0 and config["training"]["gpu_allocator"]:
        set_gpu_allocator(config["training"]["gpu_allocator"])
    T = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    train_corpus, dev_corpus = resolve_dot_names(config, [T["train_corpus"], T["dev_corpus"]])
    optimizer, done = T["optimizer"], start.position if start else 0
    past = Progress(**start.state) if start else Progress([], {}, 0, 0, {}, identity)
    history = list(past.history)
    train_corpus.skip(done)
    batches = create_train_batches(nlp, train_corpus, T["batcher"], T["max_epochs"])
    steps = train_while_improving(
        nlp,
        optimizer,
        chain(repeat((0, []), done), batches),
        retell(past.history, create_evaluation_callback(nlp, dev_corpus, T["score_weights"])),
        dropout=T["dropout"],
        accumulate_gradient=T["accumulate_gradient"],
        patience=T["patience"],
        max_steps=T["max_steps"],
        eval_frequency=T["eval_frequency"],
        exclude=T["frozen_components"],
        annotating_components=T["annotating_components"],
        before_update=after(done, T["before_update"]),
    )
    before_to_disk = create_before_to_disk_callback(T["before_to_disk"])

    def save(names: List[str]) -> None:
        with nlp.use_params(optimizer.averages):
            save_pipeline(before_to_disk(nlp), output, names)

    with nlp.select_pipes(disable=T["frozen_components"]):
        log_step, close = T["logger"](nlp, sys.stdout, sys.stderr)
    written = time.monotonic()
    try:
        for info, is_best in follow(steps, done, past, lambda: restore(nlp, optimizer, start)):
            if info["step"] < done:
                log_step(None)
                continue
            if is_best is not None:
                with nlp.select_pipes(disable=T["frozen_components"]):
                    update_meta(T, nlp, info)
                history.append({key: make_plain(info[key]) for key in ROW})
                save([DIR_MODEL_LAST, DIR_MODEL_BEST] if is_best else [DIR_MODEL_LAST])
                info["output_path"] = str(output / DIR_MODEL_LAST)
            log_step(info if is_best is not None else None)
            if is_best is not None or time.monotonic() - written >= 60 * minutes:
                losses = {} if is_best is not None else make_plain(info["losses"])
                state = Progress(history, losses, info["words"], info["seconds"], read_random(), identity)
                tensors = {"weights": read_weights(nlp), "moments": read_moments(nlp, optimizer)}
                write_checkpoint(output / FOLDER, info["step"] + 1, state._asdict(), tensors)
                written = time.monotonic()
    finally:
        close()
    if start and history:
        with nlp.select_pipes(disable=T["frozen_components"]):
            update_meta(T, nlp, history[-1])
    save([DIR_MODEL_LAST])
    seconds = past.seconds + time.monotonic() - begun
    finish(output / FOLDER, {"history": history, "seconds": seconds, "identity": identity})


def follow(
    steps: Iterator[Any], done: int, past: Progress, restore: Callable[[], None]
) -> Iterator[Tuple[Dict[str, Any], Optional[bool]]]:
    """Follow spaCy's loop, and put the run back where it was after the last step that was taken.

    RETURNS: What spaCy reports of each step, counted from the beginning of the run, and whether it is the best.
    """
    for _, info, is_best in steps:
        if info["step"] == done - 1:
            restore()
            if is_best is None:
                info["losses"].update(past.losses)
        info["words"] += past.words
        info["seconds"] += past.seconds
        yield info, is_best


def restore(nlp: Language, optimizer: Any, start: Optional[Checkpoint]) -> None:
    """Put back all that the steps had changed."""
    if start is not None:
        restore_weights(nlp, start.load("weights"))
        restore_moments(nlp, optimizer, start.load("moments"))
        restore_random(start.state["random"])


def retell(history: List[Dict[str, Any]], evaluate: Callable[[], Any]) -> Callable[[], Tuple[float, Any]]:
    """Make the evaluation that first tells what was found before."""
    rows = iter(history)

    def evaluate_or_tell() -> Tuple[float, Any]:
        for row in rows:
            return row["score"], row["other_scores"]
        return evaluate()

    return evaluate_or_tell


def after(done: int, before_update: Optional[Callable]) -> Optional[Callable]:
    """Keep a callback from the steps that are only told."""
    if before_update is None or not done:
        return before_update

    def call(nlp: Language, about: Dict[str, Any]) -> None:
        if about["step"] >= done:
            before_update(nlp, about)

    return call


def save_pipeline(nlp: Language, output: Path, names: List[str]) -> None:
    """Save a pipeline under one name or more, each of which is the old or the new one, never a part of it."""
    first = output / f".{names[0]}.part"
    remove(first)
    nlp.to_disk(first)
    for name in reversed(names):
        aside = output / f".{name}.part"
        if aside != first:
            remove(aside)
            shutil.copytree(first, aside)
        for path in aside.rglob("*"):
            sync_folder(path) if path.is_dir() else sync_file(path)
        remove(output / name)
        os.replace(aside, output / name)
    sync_folder(output)


def make_plain(value: Any) -> Any:
    """Scores as JSON holds them: numpy's numbers as Python's."""
    if isinstance(value, dict):
        return {str(key): make_plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [make_plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value
