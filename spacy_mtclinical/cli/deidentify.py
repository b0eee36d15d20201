"""The verb `deidentify`: notes of any number to notes without what identifies a patient."""

import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, List, Optional

import typer

from ..bulk.sources import KINDS as INPUTS
from ..deidentification.dates import LONGEST, SHIFT, YEARS
from ..deidentification.jobs import Job, deidentify_notes, describe_offsets
from ..deidentification.keys import VARIABLE, make_derive, read_secret
from ..deidentification.kinds import KINDS, make_kinds
from ..deidentification.mentions import ask_candidates
from ..deidentification.notes import Notes, open_notes
from ..deidentification.patients import compile_pattern
from ..deidentification.policies import MASK, POLICIES, SURROGATE, THRESHOLD, Policy, check_policy
from ..deidentification.surrogates import Style
from ..deidentification.writing import FILES, check_map, check_place, open_rows
from ..loading import find_component, load_pipeline, read_kinds
from ..outputs import format_line, open_aside
from ..progress import track
from ..scoring.tally import ENTITIES


def deidentify(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The pipeline: an installed package or a folder.")],
    input_path: Annotated[
        Path, typer.Argument(metavar="INPUT", help=f"A folder of .txt files, or a file: {', '.join(INPUTS)}.")
    ],
    output: Annotated[
        Path, typer.Argument(metavar="OUTPUT", help=f"A new folder of .txt files, or a file: {', '.join(FILES)}.")
    ],
    task: Annotated[str, typer.Option(help="The task whose spans identify a patient.")],
    policy: Annotated[str, typer.Option(help=f"What stands in their place: {', '.join(POLICIES)}.")] = MASK,
    threshold: Annotated[
        float, typer.Option(help="Replace what is at least that probable; the lower, the less is left.")
    ] = THRESHOLD,
    text_field: Annotated[str, typer.Option(help="Column or key of a note's text.")] = "text",
    id_field: Annotated[
        Optional[str], typer.Option(help="That of its identifier. [default: id, else the row's number]")
    ] = None,
    keep: Annotated[
        Optional[List[str]],
        typer.Option(help="Write this column as it is; others are left out. Repeatable.", show_default=False),
    ] = None,
    secret_file: Annotated[
        Optional[Path],
        typer.Option(help=f"The file of the secret. [default: environment variable {VARIABLE}]", show_default=False),
    ] = None,
    patient_column: Annotated[
        Optional[str], typer.Option(help="Column or key that tells the patient.", show_default=False)
    ] = None,
    patient_pattern: Annotated[
        Optional[str],
        typer.Option(help="A regular expression, its group the patient in a note's file name.", show_default=False),
    ] = None,
    rename: Annotated[bool, typer.Option("--rename", help="Give notes other names, derived from the secret.")] = False,
    kind: Annotated[
        Optional[List[str]],
        typer.Option(metavar="LABEL=KIND", help=f"Of: {', '.join(KINDS)}. Repeatable.", show_default=False),
    ] = None,
    locale: Annotated[str, typer.Option(help="Of surrogate names and places, as faker has it.")] = "en_US",
    day_first: Annotated[
        Optional[bool],
        typer.Option(help="Whether 3/4 is the third of April. [default: not in en_US]", show_default=False),
    ] = None,
    years: Annotated[str, typer.Option(help=f"What becomes of a year alone: {', '.join(YEARS)}.")] = SHIFT,
    longest_shift: Annotated[int, typer.Option(help="Days by which dates are shifted at most.")] = LONGEST,
    repeat: Annotated[
        bool, typer.Option(help="Replace also what is written like a name or identifier that was found.")
    ] = True,
    map_path: Annotated[
        Optional[Path],
        typer.Option("--map", help="A .jsonl file for the offsets of what was replaced.", show_default=False),
    ] = None,
    map_text: Annotated[bool, typer.Option("--map-text", help="Write THE ORIGINAL MENTIONS into the map.")] = False,
    batch_size: Annotated[
        Optional[int], typer.Option(min=1, help="Notes a batch. [default: the pipeline's]", show_default=False)
    ] = None,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there; never a folder.")] = False,
) -> None:
    """Replace what identifies a patient; nothing else of a text changes.

    A note that fails is not written: a table has a row with its id and the reason in "error", a folder lists it in
    _errors.jsonl. Surrogates agree within a patient, or within a note whose patient is not told. The secret is read
    from a file or the environment variable, never from the command line; who has it can undo the shift of dates. File
    names and identifiers stay unless --rename is said. Exit status: 1 if a note failed or nothing could be done, 2 on
    wrong use.
    """
    changes = dict(_split_kind(own) for own in kind or ())
    try:
        pattern = compile_pattern(patient_pattern)
        secret = read_secret(secret_file)
        style = Style(locale, day_first, years, longest_shift)
        chosen = Policy(policy, threshold, make_kinds(changes), repeat, style)
        check_policy(chosen, has_secret=secret is not None)
        if rename and secret is None:
            raise ValueError("Other names are derived from a secret, and there is none. Name its file (--secret-file).")
        if map_text and map_path is None:
            raise ValueError("Expected --map with --map-text.")
        check_place(output, source=input_path, force=force)
        check_map(map_path, source=input_path, output=output, force=force)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    counts: Counter = Counter()
    job = Job(task, chosen, None if secret is None else make_derive(secret), pattern, rename)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        notes = open_notes(
            input_path, listing=folder / "notes", text=text_field, id=id_field, patient=patient_column, keep=keep or ()
        )
        nlp = load_pipeline(model, gpu_id=gpu_id)
        component = find_component(nlp)
        entities = [name for name, gives in read_kinds(component).items() if gives == ENTITIES]
        if task not in entities:
            raise ValueError(f"Expected a task of entities among {', '.join(entities)}, got '{task}'.")
        if not ask_candidates(component, task, threshold):
            typer.echo("note: the pipeline gives only its own spans, so that no threshold finds more", err=True)
        labels = sorted(set(component.label_data[task]) - set(chosen.kinds))
        _tell(notes, job, unknown=labels if policy == SURROGATE else [])
        write = stack.enter_context(open_rows(output, columns=_list_columns(notes, has_secret=secret is not None)))
        mapping = stack.enter_context(open_aside(map_path)) if map_path is not None else None
        size = batch_size or nlp.batch_size
        outcomes = deidentify_notes(nlp, notes, job, batch_size=size, counts=counts)
        for outcome in track(outcomes, title="notes", total=notes.total):
            write(outcome.row)
            if mapping is not None:
                mapping.write(format_line(describe_offsets(outcome, with_text=map_text)))
    for line in summarise(counts, has_patients=bool(patient_column or patient_pattern)):
        typer.echo(line, err=True)
    if counts["failed"]:
        raise typer.Exit(1)


def _split_kind(change: str) -> List[str]:
    label, separator, kind = change.rpartition("=")
    if not separator or not label:
        raise typer.BadParameter(f"Expected LABEL=KIND, got '{change}'.", param_hint="--kind")
    return [label, kind]


def _list_columns(notes: Notes, *, has_secret: bool) -> List[Any]:
    import pyarrow as pa

    before = ["id", "text", *(["patient"] if has_secret else [])]
    return [*(pa.field(name, pa.string()) for name in before), *notes.fields, pa.field("error", pa.string())]


def _tell(notes: Notes, job: Job, *, unknown: List[str]) -> None:
    for notice in notes.notices:
        typer.echo(f"note: {notice}", err=True)
    if unknown:
        typer.echo(f"note: labels without a kind are masked (--kind gives them one): {', '.join(unknown)}", err=True)
    if notes.dropped:
        typer.echo(f"note: {notes.dropped:,} columns are left out (--keep writes one as it is)", err=True)
    if not job.rename:
        typer.echo("note: names of files and identifiers of rows stay as they are (--rename replaces them)", err=True)


def summarise(counts: Counter, *, has_patients: bool) -> List[str]:
    """Say what was done, and last what failed."""
    replaced = {key[1]: n for key, n in counts.items() if key[0] == "replaced" and n}
    lines = [f"{counts['notes']:,} notes, {sum(replaced.values()):,} mentions replaced"]
    for label, n in sorted(replaced.items()):
        masked = counts["masked", label]
        lines.append(f"  {label}: {n:,}" + (f", of these {masked:,} not understood and masked" if masked else ""))
    if has_patients and counts["without a patient"]:
        lines.append(f"{counts['without a patient']:,} notes do not tell their patient; each counts as one of its own")
    if counts["failed"]:
        lines.append(f'{counts["failed"]:,} of {counts["notes"]:,} notes failed and were not written; see "error"')
    return lines
