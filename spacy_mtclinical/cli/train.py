"""The verb `train`: `spacy train` whose killed runs go on exactly where they were."""

import logging
from pathlib import Path
from typing import Annotated, Optional

import typer
from spacy import util
from spacy.cli._util import import_code, parse_config_overrides, setup_gpu, show_validation_error

from .. import training
from ..checkpoints import go_on, start_anew
from ..planning import check_sources

CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True}  # overrides, as `spacy train` takes them


def train(
    ctx: typer.Context,
    config_path: Annotated[Path, typer.Argument(help="Training configuration.", exists=True, dir_okay=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the pipelines and checkpoints.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run that OUTPUT holds; begin one where there is none.")
    ] = False,
    minutes: Annotated[
        float, typer.Option(min=0.0, help="From one checkpoint to the next; 0 for one after each step.")
    ] = 10.0,
    code: Annotated[Optional[Path], typer.Option("--code", "-c", help="Python file to import first.")] = None,
    gpu_id: Annotated[int, typer.Option("--gpu-id", "-g", help="The GPU, -1 for the CPU.")] = -1,
    verbose: Annotated[bool, typer.Option("--verbose", "-V", help="Say more, as spaCy does.")] = False,
) -> None:
    """Train as `spacy train` does, with checkpoints from which a killed run goes on.

    On a CPU, a run that was killed and went on ends with the weights of one that was not. Settings of the
    configuration may follow, as in --training.max_steps 100. A run that is there is never overwritten: --resume goes on
    with it, and refuses where the configuration or the corpus is another.
    """
    for argument in ctx.args:
        if argument.startswith("--") and "." not in argument:
            raise typer.BadParameter(f"no such option, and no setting of the configuration: {argument}")
    util.logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    overrides = parse_config_overrides(ctx.args)
    import_code(code)
    setup_gpu(gpu_id)
    with show_validation_error(config_path):
        config = util.load_config(config_path, overrides=overrides, interpolate=False)
        identity = training.identify(config)
    check_sources(config)
    start = None
    if resume:
        start, ended = go_on(output, identity, notify=tell)
        if ended:
            tell(f"{output}: this run has ended already")
            return
    else:
        start_anew(output)
    tell(f"going on after {start.position} steps" if start else "beginning")
    with show_validation_error(config_path, hint_fill=False):
        training.train(config, output, identity=identity, start=start, minutes=minutes, use_gpu=gpu_id)
    typer.echo(f"saved to {output / 'model-last'}")


def tell(line: str) -> None:
    """Say how it stands."""
    typer.echo(line, err=True)
