"""Items to rows: every item gives exactly one row, in order, whatever fails."""

from contextlib import contextmanager, nullcontext
from typing import Any, Callable, ContextManager, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from spacy import util
from spacy.language import Language
from spacy.tokens import Doc

from .documents import EXTENSION, PAIR, SCORES, SHORTENED, make_pair
from .inputs import Item
from .loading import find_component, read_kinds
from .scoring.tally import ENTITIES
from .workers import spread_chunks

Row = Dict[str, Any]

CHUNK_ITEMS = 1024  # items a chunk, save where one batch is larger; a quarter where processes share the work
CHUNK_CHARACTERS = 10_000_000  # characters a chunk, save where one note is longer
DIGITS = 6  # of scores


def annotate_items(
    nlp: Language,
    items: Iterable[Item],
    *,
    batch_size: Optional[int] = None,
    n_process: int = 1,
    with_text: bool = False,
    only: Optional[Sequence[str]] = None,
) -> Iterator[Tuple[Item, Row]]:
    """Annotate a stream of notes and pairs in bounded memory; give each item back with its row of JSON values.

    A row has
        id        as in the item
        entities  task to entities in order of the text, each with start and end (characters, end exclusive), label
                  and score; only for a note
        pairs     task to label to probability, or to a number; only for a pair, which has also
        shortened the sub-words left out of each side
        error     None, or why there is no annotation
    and, where wanted and there is no error, `text` (of a pair `first` and `second`), also of each entity.

    batch_size: Notes and pairs a batch; the pipeline's own if None.
    n_process: Processes that annotate.
    only: The tasks whose answers are wanted; all if None.
    RAISES: ValueError for a pipeline without the trained component or without a task, or for several processes where
        none can be forked;
        ChildProcessError if one dies.
    """
    size = batch_size or nlp.batch_size
    kinds = read_kinds(find_component(nlp))
    unknown = sorted(set(only or ()) - set(kinds))
    if unknown:
        raise ValueError(f"Expected tasks among {', '.join(kinds)}, got {', '.join(unknown)}.")
    tasks = {task: kind for task, kind in kinds.items() if only is None or task in only}
    answer = make_annotator(nlp, tasks=tasks, batch_size=size, with_text=with_text)
    batches = (CHUNK_ITEMS if n_process == 1 else CHUNK_ITEMS // 4) // size
    chunks = cut_chunks(items, count=size * max(1, batches), characters=CHUNK_CHARACTERS)
    if n_process > 1:
        yield from spread_chunks(answer, chunks, n_process=n_process)
        return
    for chunk in chunks:
        for row, item in zip(answer(chunk), chunk):  # in this order, so that the rows are taken to their end
            yield item, row


def make_annotator(
    nlp: Language, *, tasks: Mapping[str, str], batch_size: int, with_text: bool
) -> Callable[[Sequence[Item]], Iterator[Row]]:
    """Make the function that gives the rows of a list of items, in order.

    The vocabulary forgets the words of each list, save the first: they keep the tokenizer's cache warm.
    """
    zone: Callable[[], ContextManager[Any]] = nullcontext

    def annotate(items: Sequence[Item]) -> Iterator[Row]:
        nonlocal zone
        forgets, zone = zone, nlp.memory_zone
        with forgets():
            for item, outcome in answer_chunk(nlp, items, batch_size=batch_size):
                if isinstance(outcome, str):
                    yield make_error_row(item, outcome)
                else:
                    yield make_row(item, outcome, tasks=tasks, with_text=with_text)

    return annotate


def cut_chunks(items: Iterable[Item], *, count: int, characters: int) -> Iterator[List[Item]]:
    """Cut a stream into lists of so many items, or fewer where the next text would make them too long."""
    chunk: List[Item] = []
    length = 0
    for item in items:
        own = sum(map(len, item.texts))
        if chunk and (len(chunk) == count or length + own > characters):
            yield chunk
            chunk, length = [], 0
        chunk.append(item)
        length += own
    if chunk:
        yield chunk


def answer_chunk(nlp: Language, items: Sequence[Item], *, batch_size: int) -> Iterator[Tuple[Item, Any]]:
    """Give each item with its Doc, or with the reason why it has none.

    A component that fails on a batch drops all of it; one that ends the stream drops all that follows. Either way the
    item is missing from what comes out of `nlp.pipe`, and is answered alone.
    """
    done = 0
    for number, doc in pipe_docs(nlp, items, batch_size=batch_size):
        if number >= done:
            yield from ((item, answer_alone(nlp, item)) for item in items[done:number])
            yield items[number], doc
            done = number + 1
    yield from ((item, answer_alone(nlp, item)) for item in items[done:])


def pipe_docs(nlp: Language, items: Sequence[Item], *, batch_size: int) -> Iterator[Tuple[int, Doc]]:
    """Give the number and the Doc of each item that the pipeline did not fail on."""

    def make_docs() -> Iterator[Tuple[Doc, int]]:
        for number, item in enumerate(items):
            doc = make_doc(nlp, item)
            if isinstance(doc, Doc):
                yield doc, number

    with handle_errors(nlp, util.ignore_error):
        stream = nlp.pipe(make_docs(), as_tuples=True, batch_size=batch_size)
        while True:
            try:
                doc, number = next(stream)
            except Exception:  # noqa: BLE001  (the end, or whatever it was: the items are answered alone)
                return
            if isinstance(number, int):  # a component that makes new Docs loses it
                yield number, doc


def answer_alone(nlp: Language, item: Item) -> Any:
    """The Doc of an item, or the reason why it has none; never a part of its text, which an exception may quote."""
    doc = make_doc(nlp, item)
    if isinstance(doc, str):
        return doc
    with handle_errors(nlp, util.raise_error):
        try:
            return nlp(doc)
        except Exception as error:  # noqa: BLE001  (whatever it was, the run goes on)
            return f"The pipeline failed on it ({type(error).__name__})."


def make_doc(nlp: Language, item: Item) -> Any:
    """The Doc of an item before annotation, or the reason why it has none."""
    if item.error:
        return item.error
    try:
        doc = nlp.make_doc(item.texts[0]) if len(item.texts) == 1 else make_pair(nlp, *item.texts)
    except Exception as error:  # noqa: BLE001  (a tokenizer of the user's may raise anything)
        return f"The tokenizer failed on it ({type(error).__name__})."
    if len(item.texts) == 1 and doc.text != item.texts[0]:
        return "The pipeline's tokenizer changes the text, so that offsets would be wrong."
    return doc


@contextmanager
def handle_errors(nlp: Language, handler: Callable[..., Any]) -> Iterator[None]:
    """Set the error handler of a pipeline and of its components for a while."""
    pipes: List[Any] = [pipe for _, pipe in nlp.pipeline if hasattr(pipe, "set_error_handler")]
    before = nlp.default_error_handler, [pipe.get_error_handler() for pipe in pipes]
    nlp.set_error_handler(handler)
    try:
        yield
    finally:
        nlp.default_error_handler = before[0]
        for pipe, own in zip(pipes, before[1]):
            pipe.set_error_handler(own)


def make_row(item: Item, doc: Doc, *, tasks: Mapping[str, str], with_text: bool) -> Row:
    """The row of an annotated item.

    tasks: Task to kind; each entity task has its place in the row of a note, also where nothing was found.
    """
    row: Row = {"id": item.id}
    entity_tasks = [task for task, kind in tasks.items() if kind == ENTITIES]
    if with_text:
        row.update(zip(("text",) if len(item.texts) == 1 else ("first", "second"), item.texts))
    if len(item.texts) == 1:
        row["entities"] = {task: list_entities(doc, task, with_text=with_text) for task in entity_tasks}
        row["pairs"] = {}
    else:
        row["entities"] = {}
        row["pairs"] = {task: _round(answer) for task, answer in sorted(doc._.get(EXTENSION).items()) if task in tasks}
        row["shortened"] = list(doc.spans[PAIR].attrs.get(SHORTENED, (0, 0)))
    return {**row, "error": None}


def make_error_row(item: Item, reason: str) -> Row:
    """The row of an item that could not be annotated, without its text."""
    return {"id": item.id, "entities": {}, "pairs": {}, "error": reason}


def list_entities(doc: Doc, task: str, *, with_text: bool) -> List[Dict[str, Any]]:
    """The entities of a task; the score is None where a later component changed the spans."""
    spans = list(doc.spans.get(task, ()))
    scores = doc.spans[task].attrs.get(SCORES, ()) if spans else ()
    found = []
    for span, score in zip(spans, scores if len(scores) == len(spans) else [None] * len(spans)):
        entity = {"start": span.start_char, "end": span.end_char, "label": span.label_, "score": _round(score)}
        found.append({**entity, "text": span.text} if with_text else entity)
    return found


def _round(value: Any) -> Any:
    if isinstance(value, dict):
        return {label: _round(score) for label, score in value.items()}
    return value if value is None else round(value, DIGITS)
