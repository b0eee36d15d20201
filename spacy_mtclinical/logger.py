"""The training log: a table with a column a task, a progress bar, and every number in a JSONL file."""

import math
import sys
import time
from pathlib import Path
from typing import IO, Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import srsly
from spacy.language import Language
from tqdm import tqdm

Info = Dict[str, Any]  # what spaCy's training loop reports, see spacy.training.loop.train_while_improving
LogStep = Callable[[Optional[Info]], None]
Close = Callable[[], None]
SetupLogger = Callable[[Language, IO, IO], Tuple[LogStep, Close]]

METRICS = ("f", "acc", "pearson")  # how the key of a task's score ends; the first that is there is shown
TOTAL = "total"
NARROWEST = 8  # characters, room for 12345.67
INTERVAL = 30.0  # seconds between lines of progress where there is no terminal


class Column(NamedTuple):
    """A column of the table: its title, the keys of its loss and its score, and what that score is."""

    title: str
    loss: Optional[str] = None
    score: Optional[str] = None
    metric: str = ""

    @property
    def width(self) -> int:
        return max(len(self.title), NARROWEST)


def create_console_logger_v1(progress_bar: bool = True, output_file: Optional[str] = None) -> SetupLogger:
    """Create a training logger: a column a task, two lines an evaluation.

    The lines are the losses since the last evaluation and the scores in percent. A component with `tasks` has a column
    for each of them, from the loss "<pipe>_<task>" and the score "<pipe>_<task>_f" (or "_acc", "_pearson"); any other
    trainable component has one for its loss, and any other score of `[training.score_weights]` one for itself. What is
    not known is "-". The table goes to stdout, progress to stderr: a bar over `training.max_steps` on a terminal, else
    a line now and then.

    Other loggers run beside it in spacy-loggers' chain:

        [training.logger]
        @loggers = "spacy.ChainLogger.v1"

        [training.logger.logger1]
        @loggers = "spacy-mtclinical.console_logger.v1"

        [training.logger.logger2]
        @loggers = "spacy.WandbLogger.v5"
        project_name = "mtclinical"

    ("spacy.MLflowLogger.v2" likewise. WandbLogger before v5 and MLflowLogger before v2 print spaCy's own table too.)
    Registered as "spacy-mtclinical.console_logger.v1".

    progress_bar: Whether progress is shown.
    output_file: A file to append all losses and scores to, one JSON object an evaluation; None for no file.
    RETURNS: The function that spaCy calls with the pipeline, stdout and stderr.
    RAISES: OSError, when training starts, if the file cannot be written.
    """

    def setup_logger(nlp: Language, stdout: IO = sys.stdout, stderr: IO = sys.stderr) -> Tuple[LogStep, Close]:
        if output_file is not None:
            Path(output_file).parent.mkdir(parents=True, exist_ok=True)
            Path(output_file).touch()
        max_steps = nlp.config["training"]["max_steps"]
        advance, close = _show_progress(max_steps, stderr) if progress_bar else (_nothing, _nothing)
        columns: List[Column] = []

        def log_step(info: Optional[Info]) -> None:
            nonlocal columns
            advance()
            if info is None:
                return
            found = find_columns(nlp, info["other_scores"], known=columns)
            lines = rows(found, info, pipes=nlp.pipe_names)
            if found != columns:
                lines = header(found) + lines
            columns = found
            with tqdm.external_write_mode(stdout):
                stdout.write("".join(f"{line}\n" for line in lines))
                stdout.flush()
            if output_file is not None:
                srsly.write_jsonl(output_file, [record(info)], append=True, append_new_line=False)

        return log_step, close

    return setup_logger


def find_columns(nlp: Language, scores: Dict[str, Any], *, known: Sequence[Column] = ()) -> List[Column]:
    """Find the columns for a pipeline and the scores of an evaluation.

    known: The columns of the evaluation before; a score that was there then and is missing now keeps its place.
    """
    metrics = {column.loss: column.metric for column in known}
    columns = []
    shown = set()
    for pipe, component in nlp.pipeline:
        if not getattr(component, "is_trainable", False):
            continue
        tasks = getattr(component, "tasks", ())
        for task in tasks:
            key = f"{pipe}_{task}"
            metric = next((metric for metric in METRICS if f"{key}_{metric}" in scores), metrics.get(key, ""))
            columns.append(Column(task, key, f"{key}_{metric}", metric))
            shown.add(f"{key}_{metric}")
        if tasks:
            shown.add(f"{pipe}_score")  # their mean
        else:
            columns.append(Column(pipe, loss=pipe))
    weights = nlp.config["training"]["score_weights"]
    columns += [Column(key, score=key) for key, weight in weights.items() if weight is not None and key not in shown]
    return columns + [Column(TOTAL, TOTAL, TOTAL)]


def header(columns: Sequence[Column]) -> List[str]:
    """Write the lines above the table: what each column is and, where there are tasks, by what it is scored."""
    titles = _line("epoch", "step", "", columns, [column.title for column in columns])
    metrics = _line("", "", "", columns, [column.metric for column in columns])
    return [titles, metrics] if metrics else [titles]


def rows(columns: Sequence[Column], info: Info, *, pipes: Sequence[str]) -> List[str]:
    """Write the losses and the scores of one evaluation, a line each.

    pipes: The names of the components, whose losses make the total.
    """
    of_pipes = [float(loss) for key, loss in info["losses"].items() if key in pipes]
    losses = {**info["losses"], TOTAL: sum(of_pipes) if of_pipes else None}
    scores = {**info["other_scores"], TOTAL: info["score"]}
    where = str(info["epoch"]), str(info["step"])
    return [
        _line(*where, "loss", columns, [_cell(losses, column.loss, 1) for column in columns]),
        _line(*where, "score", columns, [_cell(scores, column.score, 100) for column in columns]),
    ]


def record(info: Info) -> Dict[str, Any]:
    """Keep all numbers of one evaluation as JSON values; what is not finite is None."""
    return {
        "epoch": info["epoch"],
        "step": info["step"],
        "score": _plain(info["score"]),
        "losses": _plain(info["losses"]),
        "scores": _plain(info["other_scores"]),
        "seconds": info.get("seconds"),
        "words": info.get("words"),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return float(value) if math.isfinite(value) else None


def _cell(values: Dict[str, Any], key: Optional[str], factor: int) -> str:
    if key is None:
        return ""
    value = values.get(key)
    if value is None or isinstance(value, dict):
        return "-"
    return f"{float(value) * (1 if key == 'speed' else factor):.2f}"  # spaCy's score "speed" is words a second


def _line(epoch: str, step: str, kind: str, columns: Sequence[Column], cells: Sequence[str]) -> str:
    aligned = [cell.rjust(column.width) for column, cell in zip(columns, cells)]
    return "  ".join([epoch.rjust(5), step.rjust(7), kind.ljust(5), *aligned]).rstrip()


def _nothing() -> None:
    """Where no progress is shown."""


def _show_progress(max_steps: int, stderr: IO) -> Tuple[Close, Close]:
    """A function to call at each step, the first being step 0, and one for the end.

    max_steps: The last step, 0 if there is none.
    """
    bar = tqdm(
        total=max_steps or None, file=stderr, unit="step", leave=False, dynamic_ncols=True, disable=not stderr.isatty()
    )
    begun = last = time.monotonic()
    step = -1

    def advance() -> None:
        nonlocal last, step
        step += 1
        now = time.monotonic()
        if not bar.disable:
            bar.update(step - bar.n)
        elif now - last >= INTERVAL:
            last = now
            of = f" of {max_steps}" if max_steps else ""
            stderr.write(f"Step {step}{of} after {tqdm.format_interval(now - begun)}\n")
            stderr.flush()

    return advance, bar.close
