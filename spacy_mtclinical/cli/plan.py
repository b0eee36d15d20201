"""The verb `plan`: a training configuration for the corpora that are there."""

from pathlib import Path
from typing import Annotated, Any, List, Optional

import spacy
import typer
from thinc.api import Config

from ..corpus import choose_batch_sizes, read_windows
from ..experiments.recipes import set_warmup
from ..planning import keep_tasks, read_teachers
from ..schedules import count_steps


def plan(
    config_path: Annotated[Path, typer.Argument(help="Configuration to start from", exists=True, dir_okay=False)],
    corpus: Annotated[Path, typer.Argument(help="Folder with a folder a task, as convert writes them")],
    output: Annotated[Path, typer.Argument(help="Configuration to write")],
    encoder: Annotated[str, typer.Option(help="Name or folder of the checkpoint")] = "",
    epochs: Annotated[float, typer.Option(help="Epochs wanted; max_steps is computed from them", min=0.01)] = 3.0,
    evaluations: Annotated[int, typer.Option(help="Evaluations on dev over the run", min=1)] = 3,
    warmup: Annotated[
        Optional[float],
        typer.Option(
            help="Share of the steps over which a schedule with warm-up rises. [default: as in it]",
            min=0.0,
            max=1.0,
            show_default=False,
        ),
    ] = None,
    only: Annotated[Optional[List[str]], typer.Option(help="Train this task only (repeatable)")] = None,
    teachers: Annotated[str, typer.Option(help="Table that baseline wrote, whose models teach their tasks")] = "",
) -> None:
    """Write a training configuration for the corpora that are there.

    Heads without a corpus are named and left out, and max_steps is computed from the epochs wanted.
    """
    config = Config().from_disk(config_path, interpolate=False)
    missing = keep_tasks(config, corpus, only)
    for task in missing:
        typer.echo(f"left out: {task} (no {corpus / task / 'train.spacy'})", err=True)
    config["paths"]["corpus"] = str(corpus)
    if encoder:
        config["paths"]["encoder"] = encoder
    if teachers:
        train = config["corpora"]["train"]
        config["paths"]["teachers"] = read_teachers(Path(teachers), train["tasks"])
        train["teachers"] = "${paths.teachers}"
    sizes, steps = count_epoch(config)
    training = config["training"]
    training["max_epochs"] = -1
    training["max_steps"] = max(1, round(steps * epochs))
    training["eval_frequency"] = max(1, training["max_steps"] // evaluations)
    if warmup is not None:
        set_warmup(config, share=warmup, steps=training["max_steps"])
    config["corpora"]["train"]["epochs"] = max(1, round(epochs))
    output.parent.mkdir(parents=True, exist_ok=True)
    config.to_disk(output)
    for task, size in sizes.items():
        typer.echo(f"{task}: {size} training windows")
    typer.echo(f"{steps} steps an epoch, {training['max_steps']} steps in {epochs:g} epochs; written to {output}")


def count_epoch(config: Config) -> Any:
    """Count the training windows of each task, and the steps of an epoch."""
    train = config.interpolate()["corpora"]["train"]
    nlp = spacy.blank(config["nlp"]["lang"])
    windows = read_windows(
        nlp.vocab, train["path"], train["encoder"], tasks=train["tasks"], split="train", window=train.get("window", 512)
    )
    sizes = {task: len(docs) for task, docs in windows.items()}
    limit = train.get("limit", 0)
    if limit:
        sizes = {task: min(size, limit) for task, size in sizes.items()}
    per_batch = choose_batch_sizes(
        windows, train.get("note_batch", 25), train.get("pair_batch", 40), train.get("batch_sizes")
    )
    return sizes, count_steps(train.get("schedule", "round_robin"), sizes, per_batch)
