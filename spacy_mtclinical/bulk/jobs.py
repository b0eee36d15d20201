"""Files to files: everything between a path of notes and a path of answers."""

import time
from pathlib import Path
from typing import Any, Callable, Dict, NamedTuple, Optional, Sequence, Tuple

from ..outputs import check_apart
from . import sources
from .batches import Plan, make_batch_annotator, plan_schema
from .locks import lock_folder
from .manifests import LISTING, Manifest, begin, make_facts, read_manifest
from .pipelines import describe_pipeline, find_kinds, get_pipeline, read_config, stamp_pipeline
from .results import check_json
from .runs import ROWS, Target, check_target, choose_target, finish, run, sum_counts
from .sources import Piece, Source, make_source_schema, open_source


class Outcome(NamedTuple):
    """What was done.

    counts: "inputs", "failed", "unread" (failed for the moment, to be read again), and answers by task.
    before: Inputs that were done by an earlier start of the run.
    seconds: What the others took, the loading of the pipeline not included where one process annotates.
    """

    counts: Dict[str, int]
    before: int
    seconds: float


def annotate_files(
    model: str,
    source_path: Path,
    output: Path,
    *,
    format: Optional[str] = None,
    text: str = "text",
    id: Optional[str] = None,
    pair: Optional[Tuple[str, str]] = None,
    drop: Sequence[str] = (),
    tasks: Optional[Sequence[str]] = None,
    with_text: bool = False,
    max_characters: Optional[int] = None,
    batch_size: Optional[int] = None,
    shard_notes: Optional[int] = None,
    n_process: int = 1,
    gpus: Optional[Sequence[int]] = None,
    gpu_id: int = -1,
    force: bool = False,
    tell: Callable[[str], None] = lambda line: None,
    look: Callable[[Plan, Piece, Any], None] = lambda plan, piece, batch: None,
) -> Outcome:
    """Annotate a folder or file of notes or pairs, or go on with that: one row each, in order, whatever happens.

    model: An installed package or a folder.
    source_path, text, id, pair, drop: See `sources.open_source`.
    output, format: See `runs.choose_target`.
    tasks, with_text, max_characters, batch_size, gpu_id: See `batches.Plan`.
    shard_notes: Notes a shard; the format's own number if None.
    gpus: One process on each of these GPUs, instead of `n_process` on CPU.
    force: Discard what is there, and begin anew.
    tell: Is told in a line what the user should know.
    look: Sees each batch and its answers.
    RAISES: ValueError or OSError for an input, a pipeline or an output that cannot be used, and for an input that
        changes; ChildProcessError if a process died. What is done stays done, and the same call goes on.
    """
    target = choose_target(output, format)
    check_apart(output, source=source_path)
    check_target(target, source=source_path, force=force)
    with lock_folder(target.folder, temporary=(LISTING,)):
        described, kinds = describe_pipeline(model), find_kinds(model)
        source = open_source(
            source_path,
            listing=target.folder / LISTING,
            renew=force or read_manifest(target.folder) is None,
            text=text,
            id=id,
            pair=pair,
            drop=drop,
            limit=max_characters,
        )
        for notice in source.notices:
            tell(notice)
        plan = make_plan(model, source, target)._replace(
            tasks=tuple(tasks) if tasks else None,
            with_text=with_text or target.format.needs_text,
            batch_size=batch_size,
            max_characters=max_characters,
            gpu_id=gpu_id,
            stamp=stamp_pipeline(model),
        )
        schema = plan_schema(plan, make_source_schema(source), kinds=kinds)
        if target.format.is_json:
            check_json(source.others)
        options = {
            "format": target.format.name,
            "text": text,
            "id": id,
            "pair": pair,
            "drop": sorted(drop),
            "tasks": sorted(tasks) if tasks else None,
            "with_text": with_text,
            "max_characters": max_characters,
        }
        if n_process == 1 and gpus is None:
            get_pipeline(model, gpu_id, plan.stamp)  # before anything of an earlier run is discarded
        facts = make_facts(model=described, input=source.identity, options=options)
        size = shard_notes or target.format.notes
        manifest = begin(target.folder, Manifest(facts, source.total, size, {}), force=force)
        before = sum_counts(manifest)["inputs"]
        if before:
            tell(f"{before:,} of {source.total:,} inputs were done before")
        begun = time.monotonic()
        rows = batch_size or read_config(model)["nlp"].get("batch_size") or ROWS
        manifest = run(
            source,
            make_batch_annotator(plan),
            manifest,
            target=target,
            schema=schema,
            rows=rows * max(1, ROWS // rows),
            n_process=n_process,
            gpus=gpus,
            look=lambda piece, batch: look(plan, piece, batch),
        )
        finish(target, manifest)
        return Outcome(sum_counts(manifest), before, time.monotonic() - begun)


def make_plan(model: str, source: Source, target: Target) -> Plan:
    """Plan to read the columns of a source."""
    return Plan(
        model,
        text=sources.TEXT if source.notes else None,
        pair=(sources.FIRST, sources.SECOND) if source.pairs else None,
        id=sources.ID,
        fault=sources.FAULT,
        with_docs=target.format.needs_docs,
    )
