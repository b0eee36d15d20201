"""Notes of a Ray Dataset to a row of answers each, by actors that hold the pipeline.

    from spacy_mtclinical.ray import annotate
    answers = annotate(ray.data.read_parquet("notes"), model="en_mtclinical", concurrency=8)

The rest is Ray's: reading, spreading, starting an actor again that died, writing.
"""

from typing import Any, Optional, Sequence, Tuple, Union

from .bulk.batches import Plan, plan_schema
from .bulk.engines import make_worker_annotator, tuple_of
from .bulk.pipelines import stamp_pipeline
from .bulk.runs import ROWS


def annotate(
    dataset: Any,
    *,
    model: str,
    concurrency: Union[int, Tuple[int, int]] = 1,
    num_cpus: float = 1,
    num_gpus: float = 0,
    rows: int = ROWS,
    text: Optional[str] = "text",
    id: Optional[str] = "id",
    pair: Optional[Tuple[str, str]] = None,
    drop: Sequence[str] = (),
    tasks: Optional[Sequence[str]] = None,
    with_text: bool = False,
    max_characters: Optional[int] = None,
    batch_size: Optional[int] = None,
    **engine: Any,
) -> Any:
    """Annotate notes and pairs: a Dataset with a row for each row, whatever happens.

    Nothing runs before the answers are asked for. Blocks may change their order; rows of a block do not.

    model: An installed package or a folder, on every node.
    concurrency: Actors, each with a pipeline of its own; or the fewest and the most.
    num_cpus, num_gpus: Of an actor. It uses as many threads; a share of a GPU is possible.
    rows: Of a block, which one actor takes at a time and puts through the pipeline in one call. Larger blocks are cut,
        smaller ones joined: fewer notes than `rows` times the actors leave some of them idle.
    text, id, pair, drop, tasks, with_text, max_characters, batch_size: See `bulk.batches.Plan`.
    engine: Whatever else `Dataset.map_batches` takes.
    RETURNS: The columns of `bulk.schema.make_schema`, then those of the Dataset that are not read. Taking from it fails
        for columns that do not fit, and with an error that names the worker where the pipeline cannot be loaded.
    """
    from ray.data import ActorPoolStrategy

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
        gpu_id=0 if num_gpus else -1,  # Ray shows an actor its own GPUs alone
    )
    fewest, most = (concurrency, concurrency) if isinstance(concurrency, int) else concurrency
    batches = dataset.repartition(target_num_rows_per_block=rows)  # readers put many files in one block
    return batches.map_batches(
        Annotator,
        fn_constructor_kwargs={"plan": plan, "threads": max(1, int(num_cpus))},
        compute=ActorPoolStrategy(min_size=fewest, max_size=most),
        batch_size=rows,
        batch_format="pyarrow",
        num_cpus=num_cpus,
        num_gpus=num_gpus or None,
        **engine,
    )


class Annotator:
    """The callable that Ray makes an actor of: it loads the pipeline once, and annotates the tables it is given."""

    def __init__(self, plan: Plan, *, threads: int) -> None:
        self.plan = plan
        self.annotate = make_worker_annotator(plan, threads=threads)

    def __call__(self, table: Any) -> Any:
        import pyarrow as pa

        answers = [self.annotate(batch) for batch in table.combine_chunks().to_batches()]
        return pa.Table.from_batches(answers) if answers else plan_schema(self.plan, table.schema).empty_table()
