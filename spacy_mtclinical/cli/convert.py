"""The verb `convert`: a corpus as it is distributed to gold Docs for training and scoring."""

from pathlib import Path
from typing import Annotated, Dict, Iterable, List, Optional

import typer

from ..datasets import DATASETS, GENERIC, load_dataset
from ..datasets.conversion import convert_corpus
from ..datasets.pairs import KINDS
from ..datasets.sources import SPLITS, split_named

__all__ = ["convert", "convert_corpus"]
NAMES = ", ".join(DATASETS)


def convert(
    dataset: Annotated[str, typer.Argument(help=f"The dataset: {NAMES}.")],
    input_path: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Its folder, archive or file, as distributed, or one split of it.")
    ],
    output: Annotated[Path, typer.Argument(help="The folder for <task>/<split>.spacy, its report and labels.json.")],
    split: Annotated[
        Optional[str],
        typer.Option(
            help=f"What to convert: {', '.join(SPLITS)}. [default: what INPUT's name says, else train]",
            show_default=False,
        ),
    ] = None,
    task: Annotated[
        Optional[str], typer.Option(help=f"The task's name; needed for {', '.join(GENERIC)}.", show_default=False)
    ] = None,
    label: Annotated[
        Optional[List[str]], typer.Option(help="Keep only this type, after --map. Repeatable.", show_default=False)
    ] = None,
    map_: Annotated[
        Optional[List[str]],
        typer.Option("--map", metavar="OLD=NEW", help="Rename a type. Repeatable.", show_default=False),
    ] = None,
    lang: Annotated[str, typer.Option(help="The language of the vocabulary.")] = "en",
    first: Annotated[Optional[str], typer.Option(help="pairs: column of the first text. [default: first]")] = None,
    second: Annotated[Optional[str], typer.Option(help="pairs: column of the second text. [default: second]")] = None,
    answer: Annotated[Optional[str], typer.Option(help="pairs: column of the answer. [default: answer]")] = None,
    kind: Annotated[Optional[str], typer.Option(help="pairs: tsv, csv or jsonl, if the name does not tell.")] = None,
) -> None:
    """Convert one split of a dataset; print what was kept, repaired and could not be expressed.

    All text, offsets and gold stay as they are in the files. Answers of pairs that are all numbers make a
    regression task, unless --label names them. Exit status: 1 if nothing could be converted, 2 on wrong use.
    """
    if dataset not in DATASETS:
        raise typer.BadParameter(f"Expected one of {NAMES}, got {dataset!r}.", param_hint="DATASET")
    hints = getattr(load_dataset(dataset), "HINTS", None)
    split = split or split_named(input_path.resolve().name, hints=hints) or "train"
    if split not in SPLITS:
        raise typer.BadParameter(f"Expected one of {', '.join(SPLITS)}, got {split!r}.", param_hint="--split")
    if dataset in GENERIC and not task:
        raise typer.BadParameter(f"Expected the name of your task, since {dataset} has none.", param_hint="--task")
    given = {"first": first, "second": second, "answer": answer, "kind": kind}
    columns = {name: value for name, value in given.items() if value is not None}
    if columns and dataset != "pairs":
        raise typer.BadParameter(f"Only pairs has columns, not {dataset}.", param_hint="--" + next(iter(columns)))
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"Expected one of {', '.join(KINDS)}, got {kind!r}.", param_hint="--kind")
    report = convert_corpus(
        dataset,
        input_path,
        output,
        split=split,
        task=task,
        labels=label or (),
        mapping=parse_mapping(map_ or ()),
        lang=lang,
        columns=columns,
        progress=lambda message: typer.echo(message, err=True),
    )
    typer.echo(report.to_table())


def parse_mapping(pairs: Iterable[str]) -> Dict[str, str]:
    """Read OLD=NEW options. RAISES: typer.BadParameter for another form, or two names for one type."""
    mapping: Dict[str, str] = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old and equals and new) or mapping.get(old, new) != new:
            raise typer.BadParameter(f"Expected OLD=NEW, each OLD once, got {pair!r}.", param_hint="--map")
        mapping[old] = new
    return mapping
