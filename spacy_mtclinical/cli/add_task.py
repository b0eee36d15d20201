"""The verb `add_task`: a training configuration that adds one task to a trained pipeline."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from thinc.api import Config

from ..corpus import find_tasks
from ..docbins import read_docs
from ..experiments.recipes import set_rate
from ..growth import ADAPTERS, add_head, choose_head, list_left, write_tokenizer
from ..loading import find_component, load_pipeline
from .plan import count_epoch

EPOCHS, STEPS = 20.0, 300
RATE, RATE_OF_ALL = 0.005, 0.0001
RATES = {"recurrent": 0.003, "lora": 0.002}  # of an adapter, and of the head that reads it


def add_task(
    config_path: Annotated[Path, typer.Argument(help="configs/grow/add-task.cfg", exists=True, dir_okay=False)],
    pipeline: Annotated[str, typer.Argument(help="Trained pipeline: an installed package or a folder")],
    corpus: Annotated[Path, typer.Argument(help="Folder with a folder a task, as convert writes them")],
    output: Annotated[Path, typer.Argument(help="Configuration to write; the tokenizer goes beside it")],
    task: Annotated[str, typer.Option(help="The task to add; its corpus has this name")],
    adapter: Annotated[
        Optional[str],
        typer.Option(
            help="What the new head reads. none: the last layer; recurrent: every layer, by an LSTM of its own; lora: "
            "a pass of its own, with narrow matrices beside the encoder's layers. "
            "[default: recurrent for entities; none for pairs and with --unfreeze]"
        ),
    ] = None,
    unfreeze: Annotated[
        bool, typer.Option("--unfreeze", help="Train all tasks and the encoder; their corpora have to be there.")
    ] = False,
    epochs: Annotated[
        Optional[float],
        typer.Option(
            min=0.01,
            help="Epochs wanted; max_steps is computed from them. "
            f"[default: {EPOCHS:g}, or as many as make {STEPS} steps without --unfreeze]",
        ),
    ] = None,
    evaluations: Annotated[int, typer.Option(min=1, help="Evaluations on dev over the run")] = 4,
    rate: Annotated[
        Optional[float],
        typer.Option(
            help=f"Learning rate. [default: {RATES['recurrent']}; {RATES['lora']} with lora, {RATE} with none, "
            f"{RATE_OF_ALL} with --unfreeze]"
        ),
    ] = None,
    low: Annotated[Optional[float], typer.Option(help="Least answer of a task whose answers are numbers")] = None,
    high: Annotated[Optional[float], typer.Option(help="Largest answer of such a task")] = None,
) -> None:
    """Write a training configuration that adds a task to a trained pipeline.

    Encoder and old heads stay as they are, bit by bit, and so do the answers of the old tasks; the new head learns from
    what the encoder's layers say. With --adapter lora it learns what else to read there, at the cost of one more pass
    over each text. With --unfreeze everything goes on learning together instead.
    """
    check_adapter(adapter, unfreeze=unfreeze)
    nlp = load_pipeline(pipeline)
    for split in ("train", "dev"):
        find_tasks(corpus, split, [*(find_component(nlp).tasks if unfreeze else ()), task])
    head = choose_head(list(read_docs(corpus / task / "train.spacy", nlp.vocab)), task, low=low, high=high)
    adapter = adapter or ("recurrent" if head["@architectures"].endswith("EntityHead.v1") and not unfreeze else "none")
    base = Config().from_disk(config_path, interpolate=False)
    config = add_head(base, nlp, task, head, source=pipeline, unfreeze=unfreeze, adapter=ADAPTERS.get(adapter))
    for name in list_left(nlp):
        typer.echo(f"left out: the component '{name}'; add it to the trained pipeline (source)", err=True)
    config["paths"]["corpus"] = str(corpus)
    config["paths"]["encoder"] = str(output.parent / "tokenizer")
    write_tokenizer(nlp, output.parent / "tokenizer")
    tasks = sorted([*find_component(nlp).tasks, task]) if unfreeze else [task]
    config["corpora"]["train"]["tasks"] = tasks
    config["corpora"]["dev"]["tasks"] = tasks
    set_rate(config, rate or (RATE_OF_ALL if unfreeze else RATES.get(adapter, RATE)))
    sizes, steps = count_epoch(config)
    epochs = epochs or max(EPOCHS, 0 if unfreeze else STEPS / steps)
    config["corpora"]["train"]["epochs"] = max(1, round(epochs))
    training = config["training"]
    training["max_steps"] = max(1, round(steps * epochs))
    training["eval_frequency"] = max(1, training["max_steps"] // evaluations)
    config.to_disk(output)
    kind = head["@architectures"].partition(".")[2] + (" (nested)" if head.get("nested") else "")
    kind += f" by {ADAPTERS[adapter]['@architectures'].partition('.')[2]}" if adapter in ADAPTERS else ""
    typer.echo(f"{task}: {kind}, {sizes[task]} training windows")
    typer.echo(f"{steps} steps an epoch, {training['max_steps']} steps in {epochs:g} epochs; written to {output}")


def check_adapter(adapter: Optional[str], *, unfreeze: bool) -> None:
    """Refuse an adapter that is none, cannot be made here, or would stand beside an encoder that learns.

    RAISES: typer.BadParameter; ValueError where peft is not installed.
    """
    if adapter not in (None, "none", *ADAPTERS):
        raise typer.BadParameter(f"Expected none or {', '.join(ADAPTERS)}, got '{adapter}'.", param_hint="--adapter")
    if adapter in ADAPTERS and unfreeze:
        raise typer.BadParameter("An adapter leaves the encoder as it is: no --unfreeze.", param_hint="--adapter")
    if adapter == "lora":
        from ..adapters import import_peft

        import_peft()
