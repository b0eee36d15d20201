"""The verb `convert_all`: every corpus that is there, all splits, in one process."""

from pathlib import Path
from typing import Annotated, Dict, List, Optional, Sequence, Tuple

import typer

from ..datasets import DATASETS, GENERIC, load_dataset
from ..datasets.conversion import SharedDocuments, convert_corpus, read_earlier
from ..datasets.sources import SPLITS
from ..report import OUTCOMES, Report

Names = Tuple[str, ...]  # what a corpus's folder may be called
NAMED = [name for name in DATASETS if name not in GENERIC]
SUITES: Dict[str, Dict[str, Names]] = {
    "clinical": {
        name: (name,) for name in "i2b2_2010 i2b2_2012 i2b2_2014 mednli medrqe n2c2_2018 n2c2_2019 quaero_2014".split()
    },
    "public": {
        "bc5cdr": ("bc5cdr",),
        "maccrobat": ("maccrobat",),
        "meddocan": ("meddocan",),
        "medrqe": ("medrqe", "rqe"),
        "phee": ("phee",),
        "quaero_2014": ("quaero_2014", "quaero"),
        "snli": ("snli",),
        "stsb": ("stsb",),
    },
}


def convert_all(
    assets: Annotated[
        Path, typer.Argument(help="The folder with a folder a dataset, as distributed.", exists=True, file_okay=False)
    ],
    output: Annotated[Path, typer.Argument(help="The folder for <task>/<split>.spacy, reports and labels.json.")],
    dataset: Annotated[
        Optional[List[str]], typer.Option(help="Only this dataset. Repeatable.", show_default=False)
    ] = None,
    suite: Annotated[str, typer.Option(help=f"Which datasets: {', '.join(SUITES)}.")] = "clinical",
    split: Annotated[
        Optional[List[str]], typer.Option(help="Only this split. Repeatable. [default: all]", show_default=False)
    ] = None,
) -> None:
    """Convert all corpora that are there; name those that are not, and the splits that one lacks.

    Prints a line a split; the whole report is the file beside it. A damaged corpus does not keep the others from
    being converted. Exit status: 1 if there was none at all, or one could not be converted; 2 on wrong use.
    """
    if suite not in SUITES:
        raise typer.BadParameter(f"Expected one of {', '.join(SUITES)}, got {suite!r}.", param_hint="--suite")
    for name in dataset or ():
        if name not in NAMED:
            raise typer.BadParameter(f"Expected one of {', '.join(NAMED)}, got {name!r}.", param_hint="--dataset")
    for name in split or ():
        if name not in SPLITS:
            raise typer.BadParameter(f"Expected one of {', '.join(SPLITS)}, got {name!r}.", param_hint="--split")
    places = {name: names for suite_names in SUITES.values() for name, names in suite_names.items()}
    wanted = {name: places[name] for name in dataset} if dataset else SUITES[suite]
    found = {name: find_corpus(assets, names) for name, names in wanted.items()}
    splits = [name for name in SPLITS if not split or name in split]
    converted, damaged = 0, []
    for name, folder in found.items():
        if folder is None:
            typer.echo(f"left out: {name} ({_describe_gap(name, assets=assets, output=output)})", err=True)
            continue
        outcomes = convert_splits(name, folder, output, splits=splits)
        converted += outcomes.count("converted")
        if "failed" in outcomes:
            damaged.append(name)
    if damaged:
        raise ValueError(
            f"Expected whole corpora, could not convert {', '.join(damaged)}. Mend them, or take their folders away."
        )
    if not converted:
        raise ValueError(
            f"None of the corpora is there: expected a folder in {assets} for one of {', '.join(wanted)}. "
            "assets/README.md says where each is requested. Without any of them: python -m spacy project run public "
            "(public corpora), or python -m spacy project run demo (invented ones)."
        )


def find_corpus(assets: Path, names: Names) -> Optional[Path]:
    """Find a corpus's folder, by the first of its names that is there and not empty; say which others are."""
    folders = [assets / name for name in names if (assets / name).is_dir()]
    found = [folder for folder in folders if any(not path.name.startswith(".") for path in folder.iterdir())]
    for folder in found[1:]:
        typer.echo(f"note: {folder} was passed over, since {found[0]} is there: move its files there", err=True)
    return found[0] if found else None


def convert_splits(dataset: str, folder: Path, output: Path, *, splits: Sequence[str]) -> List[str]:
    """Convert the splits that a corpus has; print a line each, and name those that it lacks or that are damaged.

    A corpus whose files no name assigns to a split would be its own test set: a split with documents of an earlier
    one is left out.
    RETURNS: What became of each split: "converted", "left out" or "failed".
    """
    reports = read_earlier(dataset, output, splits=[split for split in SPLITS if split not in splits])
    outcomes = []
    for split in splits:
        try:
            report = convert_corpus(dataset, folder, output, split=split, apart_from=reports)
        except (FileNotFoundError, SharedDocuments) as error:
            kept = f"; {split}.spacy of an earlier run stays" if (output / dataset / f"{split}.spacy").exists() else ""
            typer.echo(f"left out: {dataset} {split} ({str(error).partition('. ')[0]}{kept})", err=True)
            outcomes.append("left out")
        except (ValueError, OSError) as error:
            typer.echo(f"failed: {dataset} {split}: {error}", err=True)
            outcomes.append("failed")
        else:
            reports.append(report)
            outcomes.append("converted")
            typer.echo(describe(report))
            for notice in report.notices:
                typer.echo(f"note: {dataset} {split}: {notice}", err=True)
    return outcomes


def describe(report: Report) -> str:
    """A line about a split: its size, and what became of its annotations where that is not nothing."""
    size = f"{report.counts['pairs']:,} pairs" if report.counts["pairs"] else f"{report.counts['documents']:,} notes"
    line = f"{report.task} {report.split}: {size}"
    if report.types:
        told = [f"{name.replace('_', ' ')} {report.percent(name):.2f} %" for name in OUTCOMES if report.total(name)]
        line += f", {report.total('annotated'):,} annotations: {', '.join(told)}"
    return line


def _describe_gap(name: str, *, assets: Path, output: Path) -> str:
    kept = output / load_dataset(name).TASK
    return f"no files in {assets / name}" + (f"; {kept} of an earlier run stays" if kept.exists() else "")
