"""The verb `card`: a README for a trained pipeline, which `spacy package` takes along."""

from pathlib import Path
from typing import Annotated, Optional

import srsly
import typer
from thinc.api import Config

from ..cards import FILE, MARK, About, describe, find_places, list_sources, make_card, read_reports
from ..fingerprints import digest_file
from ..loading import find_component, load_pipeline
from ..outputs import open_aside, write_json
from .encoder import PACKAGED, SHA256, WEIGHTS


def card(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="Its folder, or that of its package.", exists=True, file_okay=False)
    ],
    scores: Annotated[
        Optional[Path],
        typer.Option(help="What evaluate --output wrote. [default: no figures]", exists=True, show_default=False),
    ] = None,
    corpus: Annotated[
        Optional[Path],
        typer.Option(help="The converted corpora, for their sizes.", exists=True, file_okay=False, show_default=False),
    ] = None,
    encoder: Annotated[str, typer.Option(help="The checkpoint that it started from, in words.")] = "",
    config: Annotated[
        Optional[Path],
        typer.Option(
            help="Its training configuration, which names the checkpoint where --encoder does not.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    invented: Annotated[
        Optional[Path],
        typer.Option(help="Where corpora of synthesize are: is it CORPUS, the card says so.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a README.md of another hand.")] = False,
) -> None:
    """Write the README.md of a pipeline, and description and sources into its meta.json.

    Tasks with their labels, figures, corpora with their licences, intended use, limits, use without a network. From
    the folder of a pipeline `spacy package` takes it along; in a folder that `spacy package` made it replaces what is
    there (--force). Of a corpus of your own it says that you have to be asked.
    """
    places = find_places(model)
    readme = places[0] / FILE
    if readme.exists() and MARK not in readme.read_text("utf8") and not force:
        raise ValueError(f"{readme} is there already, and was not written by this command. Say --force to replace it.")
    is_invented = corpus is not None and invented is not None and corpus.resolve() == invented.resolve()
    encoder = encoder or (name_checkpoint(config) if config else "")
    about = About(read_scores(scores) if scores else None, read_reports(corpus) if corpus else {}, encoder, is_invented)
    nlp = load_pipeline(str(places[-1]))
    text = make_card(nlp, about, meta=srsly.read_json(places[0] / "meta.json"))
    told = {"description": describe(nlp), "sources": list_sources(find_component(nlp).tasks, about)}
    for place in places:
        write_json(place / "meta.json", {**srsly.read_json(place / "meta.json"), **told})
        with open_aside(place / FILE) as file:
            file.write(text)
    typer.echo(f"written to {readme}", err=True)


def name_checkpoint(path: Path) -> str:
    """The checkpoint that a training configuration starts from: its name on the hub, or that of its folder."""
    name = str(Config().from_disk(path, interpolate=False).get("paths", {}).get("encoder") or "")
    weights = Path(name) / WEIGHTS
    if weights.exists() and digest_file(weights) == SHA256:
        return PACKAGED
    return Path(name).name if Path(name).is_absolute() or Path(name).exists() else name


def read_scores(path: Path) -> dict:
    """Read what `evaluate` wrote. RAISES: ValueError for another file."""
    found = srsly.read_json(path)
    if not isinstance(found, dict) or not isinstance(found.get("tasks"), dict) or "split" not in found:
        raise ValueError(f"{path}: expected the figures that evaluate --output writes, got something else.")
    return found
