"""The verb `plan`: a training configuration for the corpora that are there."""

from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

import spacy
import typer
from thinc.api import Config

from ..corpus import choose_batch_sizes, read_windows
from ..schedules import count_steps

HEADS = ("components", "mtclinical", "model", "heads")


def plan(
    config_path: Annotated[Path, typer.Argument(help="Configuration to start from", exists=True, dir_okay=False)],
    corpus: Annotated[Path, typer.Argument(help="Folder with a folder a task, as convert writes them")],
    output: Annotated[Path, typer.Argument(help="Configuration to write")],
    encoder: Annotated[str, typer.Option(help="Name or folder of the checkpoint")] = "",
    epochs: Annotated[float, typer.Option(help="Epochs wanted; max_steps is computed from them", min=0.01)] = 3.0,
    evaluations: Annotated[int, typer.Option(help="Evaluations on dev over the run", min=1)] = 3,
    only: Annotated[Optional[List[str]], typer.Option(help="Train this task only (repeatable)")] = None,
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
    sizes, steps = count_epoch(config)
    training = config["training"]
    training["max_epochs"] = -1
    training["max_steps"] = max(1, round(steps * epochs))
    training["eval_frequency"] = max(1, training["max_steps"] // evaluations)
    config["corpora"]["train"]["epochs"] = max(1, round(epochs))
    output.parent.mkdir(parents=True, exist_ok=True)
    config.to_disk(output)
    for task, size in sizes.items():
        typer.echo(f"{task}: {size} training windows")
    typer.echo(f"{steps} steps an epoch, {training['max_steps']} steps in {epochs:g} epochs; written to {output}")


def keep_tasks(config: Config, corpus: Path, only: Optional[List[str]]) -> List[str]:
    """Take the heads without a corpus out of a configuration, and out of what refers to them.

    RETURNS: The tasks left out for want of a corpus.
    RAISES: ValueError if no head is left.
    """
    heads: Dict[str, Any] = config
    for key in HEADS:
        heads = heads[key]
    wanted = [task for task in heads if not only or task in only]
    kept = sorted(task for task in wanted if (corpus / task / "train.spacy").exists())
    if not kept:
        raise ValueError(
            f"None of the corpora is there: expected train.spacy in {corpus} for one of {', '.join(sorted(wanted))}. "
            "Convert one (assets/README.md says where each is requested), or run the workflows that need none of "
            "them: spacy project run demo, spacy project run public."
        )
    for task in set(heads) - set(kept):
        del heads[task]
    component = config["components"]["mtclinical"]
    component["ents_from"] = [task for task in component.get("ents_from", []) if task in kept]
    metrics = component.get("scorer", {}).get("metrics", {})
    for task in set(metrics) - set(kept):
        del metrics[task]
    config["corpora"]["train"]["tasks"] = kept
    config["corpora"]["dev"]["tasks"] = [task for task in kept if (corpus / task / "dev.spacy").exists()]
    return sorted(set(wanted) - set(kept))


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
