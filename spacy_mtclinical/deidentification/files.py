"""Files to files: notes of any number, shard by shard, to notes without what identifies a patient.

The shards lie in OUTPUT.parts, Parquet of what is written and nothing else, and become the output when all are there.
What the map says of each shard lies in MAP.parts beside the map: never with the output, which goes to others.
"""

import json
import os
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..bulk.items import name_file
from ..bulk.jobs import Outcome
from ..bulk.locks import lock_folder
from ..bulk.manifests import LISTING, Manifest, begin, clear, make_facts, read_manifest, retire
from ..bulk.pipelines import describe_pipeline, find_kinds, read_config, stamp_pipeline
from ..bulk.runs import ROWS, Target, run, sum_counts
from ..bulk.shards import Format, write_parquet
from ..outputs import check_apart, format_line, open_aside
from ..scoring.tally import ENTITIES
from .batches import MAP, PRIVATE, Job, count_notes, get_pipeline, make_batch_deidentifier, make_columns
from .keys import make_derive
from .notes import Notes, open_notes
from .writing import check_map, check_place, is_folder, open_rows

NOTES = 1024  # a shard
Tell = Callable[[str], None]


class Places(NamedTuple):
    """Where the notes are, where they go to, and where the map of offsets goes to, if it is wanted."""

    source: Path
    output: Path
    map: Optional[Path] = None


def check_places(places: Places, *, force: bool) -> None:
    """Refuse to write where the input is, and over anything, unless forced over a file or going on with a run.

    RAISES: ValueError, see `writing.check_place` and `writing.check_map`.
    """
    for path in (places.output, *([places.map] if places.map is not None else [])):
        check_apart(_name_parts(path), source=places.source)
        if _name_parts(path).resolve() in places.source.resolve().parents:
            raise ValueError(f"Expected an output outside of the input, got {path}, in whose shards the input lies.")
    folder = make_target(places).folder
    goes_on = not force and read_manifest(folder) is not None
    if not goes_on and folder.exists() and places.output.exists():  # a run was stopped while it removed its shards
        with lock_parts(places):
            clear_parts(places)
    check_place(places.output, source=places.source, force=force, goes_on=goes_on)
    check_map(places.map, source=places.source, output=places.output, force=force or goes_on)


@contextmanager
def lock_parts(places: Places) -> Iterator[None]:
    """Lock the folders of shards, of the output and of the map. RAISES: ValueError if another run holds one."""
    with ExitStack() as locks:
        locks.enter_context(lock_folder(_name_parts(places.output), temporary=(LISTING,)))
        if places.map is not None:
            locks.enter_context(lock_folder(_name_parts(places.map)))
        yield


def make_target(places: Places) -> Target:
    """Where the shards go to."""
    parts = _name_parts(places.map) if places.map is not None else None
    written = Format("deidentified", ".parquet", NOTES, False, partial(write_part, parts=parts))
    return Target(written, _name_parts(places.output), places.output)


def _name_parts(path: Path) -> Path:
    return path.with_name(f"{path.name}.parts")


@contextmanager
def write_part(path: Path, schema: Any, *, parts: Optional[Path]) -> Iterator[Callable[[Any], None]]:
    """Open a shard of notes; lines of the map go into the folder `parts`, whole before the shard gets its name."""
    import pyarrow as pa

    shown = [field.name for field in schema if field.name not in PRIVATE]
    with ExitStack() as stack:
        lines = stack.enter_context(open_aside(_find_part(parts, path))) if parts is not None else None
        write_own = stack.enter_context(write_parquet(path, pa.schema([schema.field(name) for name in shown])))

        def write(batch: Any) -> None:
            if lines is not None:
                lines.writelines(batch.column(MAP).to_pylist())
            write_own(batch.select(shown))

        yield write


def _find_part(parts: Path, shard: Path) -> Path:
    return parts / f"{shard.stem.lstrip('_')}.jsonl"


def deidentify_files(
    job: Job,
    places: Places,
    *,
    text: str = "text",
    id: Optional[str] = None,
    patient: Optional[str] = None,
    keep: Sequence[str] = (),
    shard_notes: Optional[int] = None,
    n_process: int = 1,
    force: bool = False,
    tell: Tell = lambda line: None,
    look: Callable[[Notes], None] = lambda notes: None,
) -> Outcome:
    """De-identify a folder or file of notes, or go on with that; see `bulk.jobs.annotate_files`.

    job: Without its columns, which come from here.
    text, id, patient, keep: See `notes.open_notes`.
    look: Is shown the input before a note is read.
    RAISES: ValueError or OSError for an input, a pipeline, a task or an output that cannot be used, for an input that
        changes, and for a run that was begun otherwise; ChildProcessError if a process died.
    """
    check_places(places, force=force)
    if keep and is_folder(places.output):
        raise ValueError(f"Expected a table as the output of columns that are kept, got the folder {places.output}.")
    target = make_target(places)
    parts = _name_parts(places.map) if places.map is not None else None
    with lock_parts(places):
        described, kinds = describe_pipeline(job.model), find_kinds(job.model)
        entities = sorted(name for name, gives in kinds.items() if gives == ENTITIES)
        if job.task not in entities:
            raise ValueError(f"Expected a task of entities among {', '.join(entities)}, got '{job.task}'.")
        begun_before = not force and read_manifest(target.folder) is not None
        notes = open_notes(
            *(places.source,),
            listing=target.folder / LISTING,
            renew=not begun_before,
            text=text,
            id=id,
            patient=patient,
            keep=keep,
        )
        job = job._replace(
            columns=notes.columns,
            fields=notes.fields,
            guard=places.output.suffix.lower() == ".csv" and not is_folder(places.output),
            stamp=stamp_pipeline(job.model),
        )
        if n_process == 1:
            get_pipeline(job.model, job.gpu_id, job.task, job.policy.threshold, job.stamp)  # before it is discarded
        look(notes)
        options = _describe(job, places, text=text, id=id, patient=patient)
        facts = make_facts(model=described, input=notes.source.identity, options=options)
        size = shard_notes or NOTES
        manifest = begin(target.folder, Manifest(facts, notes.source.total, size, {}), force=force or not begun_before)
        if parts is not None:  # what the map said of a shard may be gone
            done = {name: counts for name, counts in manifest.done.items() if _find_part(parts, Path(name)).exists()}
            manifest = manifest._replace(done=done)
        before = sum_counts(manifest)["inputs"]
        if before:
            tell(f"{before:,} of {notes.source.total:,} notes were done before")
        begun = time.monotonic()
        rows = job.batch_size or read_config(job.model)["nlp"].get("batch_size") or ROWS
        manifest = run(
            notes.source,
            make_batch_deidentifier(job),
            manifest,
            target=target,
            schema=make_columns(job),
            rows=rows * max(1, ROWS // rows),
            n_process=n_process,
            count=count_notes,
        )
        finish(target, manifest, places, columns=[own for own in make_columns(job) if own.name not in PRIVATE])
        return Outcome(sum_counts(manifest), before, time.monotonic() - begun)


def _describe(job: Job, places: Places, **columns: Any) -> Dict[str, Any]:
    policy = job.policy
    secret = None if job.secret is None else make_derive(job.secret.reveal())("run").hex()[:16]
    return {
        **columns,
        "task": job.task,
        "keep": list(job.columns.keep),
        "policy": {**policy._asdict(), "kinds": dict(policy.kinds), "style": policy.style._asdict()},
        "secret": secret,
        "pattern": job.pattern,
        "rename": job.rename,
        "map": None if places.map is None else name_file(str(places.map.resolve())),
        "map_text": job.map_text,
    }


def finish(target: Target, manifest: Manifest, places: Places, *, columns: List[Any]) -> None:
    """Make the output and the map of the shards, and remove these unless some notes have to be read again.

    RAISES: OSError if something cannot be written; the shards stay.
    """
    shards = [target.folder / name for name in sorted(manifest.done, key=lambda name: (len(name), name))]
    parts = _name_parts(places.map) if places.map is not None else None
    with ExitStack() as stack:
        lines = stack.enter_context(open_aside(places.map)) if places.map is not None else None
        write = stack.enter_context(open_rows(places.output, columns=columns))
        for shard in shards:
            told = read_lines(_find_part(parts, shard)) if parts is not None else repeat("")
            for row, line in pair_up(read_rows(shard), told):
                name = write(row)
                if lines is not None:
                    is_same = name in (None, row["id"])
                    lines.write(line if is_same else format_line({**json.loads(line), "new_id": name}))
    if sum_counts(manifest)["unread"]:
        return
    os.sync()  # what the shards become may be thousands of small files
    clear_parts(places)


def pair_up(rows: Iterable[Dict[str, Any]], told: Iterator[str]) -> Iterator[Tuple[Dict[str, Any], str]]:
    """Give each row of a shard what the map says of it. RAISES: ValueError where that is missing."""
    for row in rows:
        line = next(told, None)
        if line is None:
            raise ValueError("The map lacks what became of some notes. Start again with --force, which begins anew.")
        yield row, line


def read_rows(shard: Path) -> Iterator[Dict[str, Any]]:
    """Read the rows of a shard."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(shard) as file:
        for batch in file.iter_batches(NOTES):
            yield from batch.to_pylist()


def read_lines(part: Path) -> Iterator[str]:
    """Read what the map says of the rows of a shard, a line each."""
    with part.open(encoding="utf8", newline="\n") as file:
        yield from file


def clear_parts(places: Places) -> None:
    """Remove the shards of a run that has ended, the manifest first. RAISES: ValueError if there is anything else."""
    folder = _name_parts(places.output)
    retire(folder)
    parts = _name_parts(places.map) if places.map is not None else None
    if parts is not None and parts.exists():
        clear(parts, listed=False)  # the lock removes the folder
    clear(folder)
