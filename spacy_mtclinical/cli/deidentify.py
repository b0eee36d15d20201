"""The verb `deidentify`: notes of any number to notes without what identifies a patient."""

from pathlib import Path
from typing import Annotated, Dict, List, Optional

import srsly
import typer

from ..bulk.jobs import Outcome
from ..bulk.pipelines import find_folder, read_config
from ..bulk.sources import KINDS as INPUTS
from ..deidentification.batches import Job
from ..deidentification.dates import LONGEST, SHIFT, YEARS
from ..deidentification.files import Places, check_places, deidentify_files
from ..deidentification.keys import VARIABLE, Secret, read_secret
from ..deidentification.kinds import KINDS, make_kinds
from ..deidentification.notes import Notes
from ..deidentification.patients import compile_pattern
from ..deidentification.policies import MASK, POLICIES, SURROGATE, THRESHOLD, Policy, check_policy
from ..deidentification.surrogates import Style
from ..deidentification.writing import FILES


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
        Optional[str], typer.Option(help="That of its identifier. [default: id, else the line's number]")
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
    shard_notes: Annotated[
        Optional[int],
        typer.Option(min=1, help="Notes a shard: what a stop costs at most. [default: 1024]", show_default=False),
    ] = None,
    n_process: Annotated[int, typer.Option(min=1, help="Processes, on CPU.")] = 1,
    gpu_id: Annotated[int, typer.Option(help="The GPU, -1 for the CPU.")] = -1,
    force: Annotated[
        bool, typer.Option("--force", help="Begin anew, and replace a file that is there; never a folder.")
    ] = False,
) -> None:
    """Replace what identifies a patient; nothing else of a text changes.

    A note that fails is not written: a table has a row with its id and the reason in "error", a folder lists it in
    _errors.jsonl. Stopped at any moment and started again with the same arguments, the run goes on; until it has ended,
    what is done lies in OUTPUT.parts (and, of the map, in MAP.parts). Surrogates agree within a patient, or within a
    note whose patient is not told. The secret is read from a file or the environment variable, never from the command
    line; who has it can undo the shift of dates. File names and identifiers stay unless --rename is said. Exit status:
    1 if a note failed or nothing could be done, 2 on wrong use.
    """
    if n_process > 1 and gpu_id >= 0:
        raise typer.BadParameter("Expected one process on a GPU.", param_hint="--n-process")
    changes = dict(_split_kind(own) for own in kind or ())
    places = Places(input_path, output, map_path)
    try:
        compile_pattern(patient_pattern)
        secret = read_secret(secret_file)
        style = Style(locale, day_first, years, longest_shift)
        chosen = Policy(policy, threshold, make_kinds(changes), repeat, style)
        check_policy(chosen, has_secret=secret is not None)
        if rename and secret is None:
            raise ValueError("Other names are derived from a secret, and there is none. Name its file (--secret-file).")
        if map_text and map_path is None:
            raise ValueError("Expected --map with --map-text.")
        check_places(places, force=force)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    job = Job(
        *(model, task, chosen),
        secret=None if secret is None else Secret(secret),
        pattern=patient_pattern,
        rename=rename,
        map_text=map_text,
        batch_size=batch_size,
        gpu_id=gpu_id,
    )
    found = deidentify_files(
        *(job, places),
        text=text_field,
        id=id_field,
        patient=patient_column,
        keep=list(dict.fromkeys(keep or ())),
        shard_notes=shard_notes,
        n_process=n_process,
        force=force,
        tell=lambda line: typer.echo(f"note: {line}", err=True),
        look=lambda notes: _tell(notes, job),
    )
    for line in summarise(found, has_patients=bool(patient_column or patient_pattern)):
        typer.echo(line, err=True)
    if found.counts["failed"]:
        raise typer.Exit(1)


def _split_kind(change: str) -> List[str]:
    label, separator, kind = change.rpartition("=")
    if not separator or not label:
        raise typer.BadParameter(f"Expected LABEL=KIND, got '{change}'.", param_hint="--kind")
    return [label, kind]


def _tell(notes: Notes, job: Job) -> None:
    unknown = sorted(set(read_labels(job.model, job.task)) - set(job.policy.kinds))
    for notice in notes.source.notices:
        typer.echo(f"note: {notice}", err=True)
    if unknown and job.policy.name == SURROGATE:
        typer.echo(f"note: labels without a kind are masked (--kind gives them one): {', '.join(unknown)}", err=True)
    if notes.dropped:
        typer.echo(f"note: {notes.dropped:,} columns are left out (--keep writes one as it is)", err=True)
    if not job.rename:
        typer.echo("note: names of files and identifiers of rows stay as they are (--rename replaces them)", err=True)


def read_labels(model: str, task: str) -> List[str]:
    """Read the labels of a task of a pipeline, and no weights."""
    components: Dict[str, Dict[str, str]] = read_config(model)["components"]
    (name,) = (name for name, component in components.items() if component.get("factory") == "mtclinical")
    return srsly.read_json(find_folder(model) / name / "cfg")["labels"][task]


def summarise(found: Outcome, *, has_patients: bool) -> List[str]:
    """Say what was done, and last what failed."""
    counts = found.counts
    replaced = {key.partition(" ")[2]: n for key, n in counts.items() if key.startswith("replaced ") and n}
    lines = [f"{counts['inputs']:,} notes, {sum(replaced.values()):,} mentions replaced"]
    for label, n in sorted(replaced.items()):
        masked = counts.get(f"masked {label}", 0)
        lines.append(f"  {label}: {n:,}" + (f", of these {masked:,} not understood and masked" if masked else ""))
    alone = counts.get("without a patient", 0)
    if has_patients and alone:
        lines.append(f"{alone:,} notes do not tell their patient; each counts as one of its own")
    if counts["unread"]:
        lines.append(f"{counts['unread']:,} could not be read; started again, they are read again")
    if counts["failed"]:
        lines.append(f'{counts["failed"]:,} of {counts["inputs"]:,} notes failed and were not written; see "error"')
    return lines
