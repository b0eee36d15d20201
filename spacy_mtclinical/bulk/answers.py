"""Items to Docs: each gives its Doc or the reason why it has none, in order, whatever fails."""

from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

from spacy import util
from spacy.language import Language
from spacy.tokens import Doc

from ..documents import make_pair
from .items import Item, is_note

FAILED = "The pipeline failed on it"
PROBE = "no pain"  # what any pipeline can annotate


def answer_items(nlp: Language, items: Sequence[Item], *, batch_size: int) -> Iterator[Tuple[Item, Any]]:
    """Give each item with its Doc, or with the reason why it has none.

    A component that fails on a batch drops all of it; one that ends the stream drops all that follows. Either way the
    item is missing from what comes out of `nlp.pipe`, and is answered alone.

    RAISES: OSError if the pipeline fails on all that is left, and then on what it did not fail on before.
    """
    done = 0
    for number, doc in pipe_docs(nlp, items, batch_size=batch_size):
        if number >= done:
            yield from ((item, answer_alone(nlp, item)) for item in items[done:number])
            yield items[number], doc
            done = number + 1
    rest = [(item, answer_alone(nlp, item)) for item in items[done:]]
    check_pipeline(nlp, rest, known=items[done - 1] if done else None)
    yield from rest


def check_pipeline(nlp: Language, answers: Sequence[Tuple[Item, Any]], *, known: Optional[Item]) -> None:
    """Tell a device that is out of order, and fails on everything, from items that a pipeline fails on.

    answers: Items, each with its Doc or the reason why it has none.
    known: An item that was answered before; a short text is tried if None.
    RAISES: OSError if no item has a Doc, naming the first file on which the pipeline failed. What identifies the row of
        a table is a cell of it, and is not told.
    """
    failed = [(item, answer) for item, answer in answers if isinstance(answer, str) and answer.startswith(FAILED)]
    if not failed or any(isinstance(answer, Doc) for _, answer in answers):
        return
    first, reason = failed[0]
    if isinstance(answer_alone(nlp, known or Item("", (PROBE,) * len(first.texts))), str):
        where = f", first on '{first.id}'" if is_note(first.id) else ""
        raise OSError(
            f"The pipeline fails on everything{reason[len(FAILED) : -1]}{where}. Start again to go on; if it stops "
            "there again, leave that one out."
        )


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
            return f"{FAILED} ({type(error).__name__})."


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
