"""Notes of a Spark DataFrame to a row of answers each, by the workers of Spark.

    from spacy_mtclinical.spark import annotate
    answers = annotate(notes, model="en_mtclinical", text="note", id="note_id")

Nothing but the DataFrame's own `mapInArrow` is used, so that this works with Spark Connect too.
"""

from functools import partial
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Tuple

from .bulk.batches import Plan, RecordBatch, plan_schema
from .bulk.engines import make_worker_annotator, tuple_of
from .bulk.pipelines import stamp_pipeline
from .bulk.schema import ERROR

TEXTS = ("string", "varchar", "char", "binary", "void")  # Spark's names of types that can hold text
GPU = "gpu"


def annotate(
    df: Any,
    *,
    model: str,
    text: Optional[str] = "text",
    id: Optional[str] = "id",
    pair: Optional[Tuple[str, str]] = None,
    drop: Sequence[str] = (),
    tasks: Optional[Sequence[str]] = None,
    with_text: bool = False,
    max_characters: Optional[int] = None,
    batch_size: Optional[int] = None,
    kinds: Optional[Mapping[str, str]] = None,
) -> Any:
    """Annotate notes and pairs: a DataFrame with a row for each row, in its partition, whatever happens.

    Nothing runs before the answers are asked for; their schema is known at once. Each Python worker loads the pipeline
    when its first batch comes, and uses as many threads as `spark.task.cpus` says, and the GPU of its task if it has
    one. An Arrow batch (`spark.sql.execution.arrow.maxRecordsPerBatch` rows) goes through the pipeline in one call.

    model: An installed package or a folder, on every worker; a relative one is looked for where the worker runs.
    text, id, pair, drop, tasks, with_text, max_characters, batch_size: See `bulk.batches.Plan`.
    kinds: Task to kind (`bulk.pipelines.find_kinds` tells), where the pipeline is not on the driver's machine.
    RETURNS: The columns of `bulk.schema.make_schema`, then those of the DataFrame that are not read.
    RAISES: ValueError for columns that are missing, hold no text or have names that the answers need; OSError if the
        pipeline is not there. A job fails with an error that names the worker where it cannot be loaded.
    """
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    plan = Plan(
        model,
        text=text,
        pair=tuple_of(pair),
        id=id,
        drop=tuple(drop),
        tasks=tuple_of(tasks),
        with_text=with_text,
        batch_size=batch_size,
        max_characters=max_characters,
        stamp=stamp_pipeline(model),
    )
    given = df.schema
    planned = plan_schema(plan, describe_columns(given, texts=(text, *(pair or ()))), kinds=kinds)
    own = planned.get_field_index(ERROR) + 1
    fields = from_arrow_schema(planned).fields
    schema = StructType([*fields[:own], *(given[field.name] for field in fields[own:])])
    return df.mapInArrow(partial(annotate_task, plan=plan), schema)


def describe_columns(schema: Any, *, texts: Sequence[Optional[str]]) -> Any:
    """The columns of a DataFrame for `plan_schema`, which asks for their names and whether texts can be texts.

    RAISES: ValueError for a text column of another type.
    """
    import pyarrow as pa

    for field in schema:
        if field.name in texts and field.dataType.typeName() not in TEXTS:
            kind = field.dataType.simpleString()
            raise ValueError(f"Expected text in column '{field.name}', got {kind}. Name another column.")
    return pa.schema([(field.name, pa.string()) for field in schema])


def annotate_task(batches: Iterable[RecordBatch], *, plan: Plan) -> Iterator[RecordBatch]:
    """Annotate the batches of a task, in a Python worker of Spark, which runs one task after the other."""
    from pyspark import TaskContext

    annotate = None
    for batch in batches:
        if annotate is None and batch.num_rows:
            task = TaskContext.get()
            threads = 1 if task is None else task.cpus()
            gpus = [] if task is None or GPU not in task.resources() else task.resources()[GPU].addresses
            plan = plan._replace(gpu_id=int(gpus[0]) if gpus else -1)
            annotate = make_worker_annotator(plan, threads=threads)
        if annotate is not None and batch.num_rows:
            yield annotate(batch)
