"""A run over an input: shard by shard, each whole and on the disk before it counts, and going on where it ended."""

import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..outputs import sync_file, sync_folder
from ..progress import track
from .locks import lock_folder
from .manifests import LISTING, Manifest, clear, count_shards, name_shard, read_manifest, remove, write_manifest
from .schema import ENTITIES_OF, ERROR, PAIRS_OF, SHORTENED
from .shards import FORMATS, Format
from .sources import Piece, Source
from .workers import spread

ROWS = 256  # of a batch, save where one of `nlp.pipe` is larger
Answered = Tuple[Piece, Any]
DEFAULT = "parquet"


class Target(NamedTuple):
    """Where answers go: a folder of shards, and the file that they are joined to, if that is wanted."""

    format: Format
    folder: Path
    whole: Optional[Path]


def choose_target(output: Path, format: Optional[str]) -> Target:
    """Find out what an output is to be.

    output: A file that ends in .parquet, .jsonl or .spacy, or else a folder.
    format: The name of a format; that of the file, or Parquet, if None.
    RAISES: ValueError for a format that is none, or not the file's.
    """
    if format is not None and format not in FORMATS:
        raise ValueError(f"Expected one of {', '.join(FORMATS)}, got '{format}'.")
    joined = {known.suffix: name for name, known in FORMATS.items() if known.join is not None}
    suffix = output.suffix.lower()
    if suffix in joined and not output.is_dir():
        if format not in (None, joined[suffix]):
            raise ValueError(f"Expected a name that fits the format {format}, got {output}. Name a folder.")
        return Target(FORMATS[joined[suffix]], output.with_name(f"{output.name}.parts"), output)
    if suffix in (".csv", ".tsv", ".txt", ".json", ".ann"):
        raise ValueError(f"Expected a folder, or a file that ends in {', '.join(joined)}, got {output}.")
    return Target(FORMATS[format or DEFAULT], output, None)


def check_target(target: Target, *, source: Path, force: bool) -> None:
    """Refuse to write into the folder of the input, and to replace an output that is whole.

    RAISES: ValueError if the input lies in the folder, or the output is there and nothing is left to be done.
    """
    read = source.resolve()
    if target.folder.resolve() in (read, *read.parents):
        raise ValueError(f"Expected an output outside of the input, got {target.folder}, in which the input lies.")
    if target.whole is not None and target.whole.exists() and not force and read_manifest(target.folder) is None:
        if target.folder.exists():  # its run was stopped while it removed the shards
            with lock_folder(target.folder, temporary=(LISTING,)):
                clear(target.folder)
        raise ValueError(f"{target.whole} is there already. Name another file, or say --force to replace it.")


def count_answers(batch: Any) -> Dict[str, int]:
    """Count rows, failures and answers of a batch."""
    import pyarrow.compute as pc

    counts = {"inputs": batch.num_rows, "failed": batch.num_rows - batch.column(ERROR).null_count}
    for name, what in ((ENTITIES_OF, "entities"), (PAIRS_OF, "answers")):
        if name in batch.schema.names:
            column = batch.column(name)
            for field in column.type:
                own = pc.struct_field(column, field.name)  # unlike `field`, it is null where the whole is
                found = pc.sum(pc.list_value_length(own)).as_py() if what == "entities" else pc.count(own).as_py()
                counts[f"{what} of {field.name}"] = found or 0
    if SHORTENED in batch.schema.names:
        counts["pairs shortened"] = sum(any(sides or ()) for sides in batch.column(SHORTENED).to_pylist())
    return counts


def run(
    source: Source,
    function: Callable[[Any], Any],
    manifest: Manifest,
    *,
    target: Target,
    schema: Any,
    rows: int = ROWS,
    n_process: int = 1,
    gpus: Optional[Sequence[int]] = None,
    look: Callable[[Piece, Any], None] = lambda piece, batch: None,
    count: Callable[[Any], Mapping[str, int]] = count_answers,
) -> Manifest:
    """Annotate what is left to be done of a run, in bounded memory.

    Shards in which notes could not be read for the moment are done again. A shard is written aside, gets its name when
    it is on the disk and the input is still what it was, and is in the manifest after that.

    function: Arrow batch to Arrow batch of answers, see `batches.make_batch_annotator`.
    schema: Of the answers.
    rows: A batch at most; one of `nlp.pipe` goes into it whole.
    look: Sees each batch and its answers.
    count: Counts in a batch of answers what the manifest keeps; "inputs" and "failed" at least.
    RAISES: ValueError or OSError if the input changed, the pipeline cannot be loaded, or nothing can be written;
        ChildProcessError if a process died. What is done stays done.
    """
    todo = [number for number in range(count_shards(manifest)) if not is_done(manifest, target, number)]
    ranges = [range(n * manifest.size, min(manifest.total, (n + 1) * manifest.size)) for n in todo]
    left = sum(map(len, ranges))
    pieces = source.read(ranges, rows) if left else iter(())
    answered: Iterator[Answered] = ((piece, function(piece.batch)) for piece in pieces)
    if n_process > 1 or gpus is not None:
        processes = n_process if gpus is None else len(gpus)
        answered = spread(function, pieces, n_process=processes, key=get_batch, gpus=gpus)
    tracked = track(answered, title="inputs", total=manifest.total, done=manifest.total - left, count=count_piece)
    streams: List[Any] = [answered, tracked]
    with ExitStack() as stack:
        for stream in streams:
            stack.callback(stream.close)  # ends the processes and the bar
        for number, wanted in zip(todo, ranges):
            name = name_shard(number, target.format.suffix)
            found = take(tracked, len(wanted), look)
            counts = write_shard(found, target, name, schema=schema, expected=len(wanted), source=source, count=count)
            manifest = manifest._replace(done={**manifest.done, name: counts})
            write_manifest(target.folder, manifest)
    return manifest


def is_done(manifest: Manifest, target: Target, number: int) -> bool:
    """Whether a shard is done and all its notes could be read."""
    counts = manifest.done.get(name_shard(number, target.format.suffix))
    return counts is not None and not counts["unread"]


def get_batch(piece: Piece) -> Any:
    """What of a piece goes to another process."""
    return piece.batch


def count_piece(found: Answered) -> int:
    """Count the notes of a batch."""
    return found[0].batch.num_rows


def take(answered: Iterator[Answered], rows: int, look: Callable[[Piece, Any], None]) -> Iterator[Answered]:
    """Take batches of so many rows together from a stream, and not the next one: it is not even read then."""
    while rows > 0:
        found = next(answered, None)
        if found is None:
            return
        look(*found)
        rows -= count_piece(found)
        yield found


def write_shard(
    found: Iterable[Answered],
    target: Target,
    name: str,
    *,
    schema: Any,
    expected: int,
    source: Source,
    count: Callable[[Any], Mapping[str, int]],
) -> Dict[str, int]:
    """Write a shard aside and rename it once it is whole and on the disk.

    expected: Its rows.
    RETURNS: What was counted in it.
    RAISES: ValueError if the input changed; OSError if it cannot be written. Nothing is left then.
    """
    aside, shard = target.folder / f"_{name}", target.folder / name
    counts: Counter = Counter({"inputs": 0, "failed": 0, "unread": 0})
    with _removed_on_failure(aside):
        with target.format.write(aside, schema) as write:
            for piece, batch in found:
                write(batch)
                counts.update(count(batch))
                counts["unread"] += piece.unread
        source.check()
        if counts["inputs"] != expected:
            raise ValueError("The input has not the notes that it had when the run began. Start again to go on.")
        if aside.is_dir():
            os.sync()  # thousands of small files
            remove(shard)
        else:
            sync_file(aside)
        os.replace(aside, shard)
        sync_folder(target.folder)
    return {**counts, "bytes": shard.stat().st_size}


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    remove(path)
    try:
        yield
    except BaseException:
        remove(path)
        raise


def finish(target: Target, manifest: Manifest) -> None:
    """Join the shards to one file, if that is wanted, and remove them unless some notes have to be read again.

    RAISES: OSError if it cannot be written; the shards stay.
    """
    if target.whole is None or target.format.join is None:
        return
    shards = [target.folder / name for name in sorted(manifest.done, key=lambda name: (len(name), name))]
    aside = target.whole.with_name(f"{target.whole.name}.part")
    with _removed_on_failure(aside):
        target.format.join(shards, aside)
        sync_file(aside)
        os.replace(aside, target.whole)
        sync_folder(target.whole.parent)
    if not sum_counts(manifest)["unread"]:
        clear(target.folder)


def sum_counts(manifest: Manifest) -> Dict[str, int]:
    """Sum what was counted in the shards."""
    counts: Counter = Counter({"inputs": 0, "failed": 0, "unread": 0})
    for done in manifest.done.values():
        counts.update(done)
    del counts["bytes"]
    return counts


def describe_counts(counts: Dict[str, int]) -> List[str]:
    """Say what was counted, a line each; failures are not among them."""
    return [
        f"  {what}: {n:,}" for what, n in sorted(counts.items()) if n and what not in ("inputs", "failed", "unread")
    ]
