"""Arrow batch in, Arrow batch out: the one function that the command, Spark and Ray call.

    annotate = make_batch_annotator(Plan("en_mtclinical", text="note", id="note_id"))
    answers = annotate(batch)                    # a pyarrow.RecordBatch with a row for each row
    schema = plan_schema(plan, batch.schema)     # its schema, known without weights and without running

The function is small and can be sent to another process, which loads the pipeline when it is first called there.
"""

import time
from contextlib import nullcontext
from functools import lru_cache, partial
from typing import Any, Callable, ContextManager, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc

from ..documents import DOC_ID
from ..heap import give_back
from ..loading import find_component, read_kinds
from .answers import answer_items
from .items import Item, name_file
from .pipelines import choose_tasks, find_kinds, get_pipeline
from .rows import Row, make_entities_column, make_error_row, make_row
from .schema import ENTITIES_OF, ERROR, ID, make_schema

RecordBatch = Any  # pyarrow.RecordBatch: importing this module does not import pyarrow
INTERVAL = 0.2  # seconds between givings-back of free memory: between two batches there is most of it
DOC = "_doc"  # the column of Docs, as bytes


class Plan(NamedTuple):
    """What is wanted of which columns by which pipeline.

    model: An installed package or a folder, on every machine that annotates.
    text: The column of a note's text; None where all are pairs.
    pair: The columns of a pair's two texts. With `text`, a row is a pair where its text is null.
    id: The column of the identifier, which becomes text; None: identifiers are null.
    fault: A column that says why a row has no text, null where it has one; becomes the error.
    drop: Columns that do not pass through.
    tasks: The tasks whose answers are wanted; all if None.
    with_text: Texts and mentions into the answers.
    with_docs: Docs as bytes into a column "_doc".
    batch_size: Notes and pairs a batch of `nlp.pipe`; the pipeline's own if None.
    max_characters: A longer text gets an error; None: no limit.
    gpu_id: The GPU, or -1 for the device that the process has chosen.
    stamp: See `pipelines.get_pipeline`: a process that holds an earlier pipeline of the same name loads this one.
    """

    model: str
    text: Optional[str] = "text"
    pair: Optional[Tuple[str, str]] = None
    id: Optional[str] = "id"
    fault: Optional[str] = None
    drop: Tuple[str, ...] = ()
    tasks: Optional[Tuple[str, ...]] = None
    with_text: bool = False
    with_docs: bool = False
    batch_size: Optional[int] = None
    max_characters: Optional[int] = None
    gpu_id: int = -1
    stamp: Optional[str] = None


def make_batch_annotator(plan: Plan) -> Callable[[RecordBatch], RecordBatch]:
    """Make the function from Arrow batch to Arrow batch; it can be pickled and holds no pipeline."""
    return partial(annotate_batch, plan=plan)


def annotate_batch(batch: RecordBatch, *, plan: Plan) -> RecordBatch:
    """Annotate a batch of notes and pairs: a row for each row, in order, whatever happens.

    The batch goes through `nlp.pipe` in one call. A row that cannot be annotated has the reason in its `error`.

    RETURNS: The columns of `schema.make_schema`, then those of the batch that the plan does not read.
    RAISES: ValueError for columns that are missing or hold no text; OSError or ValueError if the pipeline cannot be
        loaded, see `loading.load_pipeline`.
    """
    return _get_annotator(plan)(batch)


def plan_schema(plan: Plan, schema: Any, *, kinds: Optional[Mapping[str, str]] = None) -> Any:
    """Tell the schema of the answers to batches of a schema, without running or loading weights.

    kinds: Task to kind of the pipeline, where that is known; its folder is read if None.
    RAISES: ValueError for columns that are missing, hold no text, or have names that the answers need.
    """
    import pyarrow as pa

    texts = [name for name in (plan.text, *(plan.pair or ())) if name is not None]
    read = [*texts, *(name for name in (plan.id, plan.fault) if name is not None)]
    for name in read:
        if schema.names.count(name) != 1:
            raise ValueError(
                f"Expected one column '{name}', got {schema.names.count(name)} among {', '.join(schema.names)}."
            )
    for name in texts:
        if not is_text(schema.field(name).type):
            raise ValueError(f"Expected text in column '{name}', got {schema.field(name).type}. Name another column.")
    missing = sorted(set(plan.drop) - set(schema.names))
    if missing:
        raise ValueError(f"Expected the columns to leave out, got none named {', '.join(missing)}.")
    others = [field for field in schema if field.name not in (*read, *plan.drop)]
    wanted = choose_tasks(dict(find_kinds(plan.model) if kinds is None else kinds), plan.tasks)
    notes, pairs = plan.text is not None, plan.pair is not None
    reads = {"notes": "entities" in wanted.values(), "pairs": any(kind != "entities" for kind in wanted.values())}
    if not (notes and reads["notes"] or pairs and reads["pairs"]):
        got = " and ".join(name for name, is_there in (("notes", notes), ("pairs", pairs)) if is_there)
        raise ValueError(
            f"Expected {' or '.join(name for name, does in reads.items() if does)}, which the tasks "
            f"{', '.join(sorted(wanted))} read, got {got}. Name other tasks, or the columns of the texts."
        )
    if plan.with_docs:
        others.append(pa.field(DOC, pa.binary()))
    return make_schema(wanted, notes=notes, pairs=pairs, with_text=plan.with_text, others=others)


def is_text(kind: Any) -> bool:
    """Whether a column of an Arrow type can hold text, or bytes of UTF-8."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    is_string = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return is_string or types.is_binary(kind) or types.is_large_binary(kind) or types.is_null(kind)


@lru_cache(maxsize=8)
def _get_annotator(plan: Plan) -> Callable[[RecordBatch], RecordBatch]:
    return make_annotator(get_pipeline(plan.model, plan.gpu_id, plan.stamp), plan)


def make_annotator(nlp: Language, plan: Plan) -> Callable[[RecordBatch], RecordBatch]:
    """Make the function that annotates batches by a pipeline that is loaded.

    The vocabulary forgets the words of each batch, save the first: they keep the tokenizer's cache warm. (spaCy keeps
    some 35 bytes of each distinct word that it forgets.)
    """
    kinds = read_kinds(find_component(nlp))
    wanted = choose_tasks(kinds, plan.tasks)
    gave_back = time.monotonic()
    zone: Callable[[], ContextManager[Any]] = nullcontext

    def annotate(batch: RecordBatch) -> RecordBatch:
        nonlocal zone, gave_back
        schema = plan_schema(plan, batch.schema, kinds=kinds)
        rows: List[Row] = []
        forgets, zone = zone, nlp.memory_zone
        with forgets():
            items = read_items(batch, plan)
            for item, outcome in answer_items(nlp, items, batch_size=plan.batch_size or nlp.batch_size):
                rows.append(_describe(item, outcome, kinds=wanted, plan=plan))
        answers = make_batch(batch, rows, ids=[item.id for item in items], schema=schema, with_docs=plan.with_docs)
        gave_back = give_back(gave_back, interval=INTERVAL)
        return answers

    return annotate


def _describe(item: Item, outcome: Union[Doc, str], *, kinds: Mapping[str, str], plan: Plan) -> Row:
    if isinstance(outcome, str):
        return make_error_row(outcome)
    try:
        row = make_row(item, outcome, kinds=kinds, with_text=plan.with_text)
        if plan.with_docs:
            outcome.user_data[DOC_ID] = item.id
            row[DOC] = outcome.to_bytes()
        return row
    except Exception as error:  # noqa: BLE001  (a component of the user's may leave anything on a Doc)
        return make_error_row(f"Its answers could not be written ({type(error).__name__}).")


def make_batch(batch: RecordBatch, rows: List[Row], *, ids: List[Any], schema: Any, with_docs: bool) -> RecordBatch:
    """Put rows of answers, and the columns that pass through, into the columns of a schema."""
    import pyarrow as pa

    last = schema.get_field_index(ERROR)
    columns = []
    for index, field in enumerate(schema):
        if field.name == ENTITIES_OF and index < last:
            columns.append(make_entities_column([row.get(field.name) for row in rows], field.type))
        elif field.name == ID:
            columns.append(pa.array(ids, field.type))
        elif index > last and not (with_docs and field.name == DOC):
            columns.append(batch.column(field.name))
        else:
            columns.append(pa.array([row.get(field.name) for row in rows], field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def read_items(batch: RecordBatch, plan: Plan) -> List[Item]:
    """Read the notes and pairs of a batch."""
    faults = batch.column(plan.fault).to_pylist() if plan.fault else [None] * batch.num_rows
    ids: List[Any] = read_ids(batch.column(plan.id)) if plan.id else [None] * batch.num_rows
    notes = read_cells(batch.column(plan.text)) if plan.text else [None] * batch.num_rows
    sides = [read_cells(batch.column(name)) for name in plan.pair or ()]
    items = []
    for row, (id, fault, note) in enumerate(zip(ids, faults, notes)):
        cells = [side[row] for side in sides]
        if plan.text and (note is not None or cells in ([], [None, None])):
            cells = [note]
        items.append(Item(id, error=fault) if fault else make_item(id, cells, plan.max_characters))
    return items


def make_item(id: str, cells: Sequence[Optional[bytes]], most: Optional[int]) -> Item:
    """Make an item of the text cells of a row: one of a note, two of a pair."""
    texts = []
    begins = ("First text: expected", "Second text: expected") if len(cells) == 2 else ("Expected",)
    for begin, data in zip(begins, cells):
        if data is None:
            return Item(id, error=f"{begin} a text, got none.")
        try:
            texts.append(data.decode("utf8"))
        except UnicodeDecodeError as error:
            return Item(id, error=f"{begin} UTF-8, got something else at byte {error.start}.")
        if most is not None and len(texts[-1]) > most:
            return Item(id, error=f"{begin} at most {most:,} characters, got {len(texts[-1]):,}.")
    return Item(id, tuple(texts))


def read_cells(column: Any) -> List[Optional[bytes]]:
    """Read the bytes of each text: an Arrow string may hold what is no UTF-8, and a file may say so of one row."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_large_binary(column.type) and not pa.types.is_binary(column.type):
        column = column.cast(pa.binary() if pa.types.is_string(column.type) else pa.large_binary())
    return column.to_pylist()


def read_ids(column: Any) -> List[Optional[str]]:
    """Read identifiers as text. RAISES: ValueError for a type that is none of text, number and the like."""
    import pyarrow as pa

    try:
        if not is_text(column.type):
            return column.cast(pa.string()).to_pylist()
    except pa.ArrowException:
        raise ValueError(f"Expected identifiers that can be text, got {column.type}. Name another column.") from None
    return [None if cell is None else name_file(cell.decode("utf8", "surrogateescape")) for cell in read_cells(column)]
