"""What a head should have said: gold Docs of one task to windows and training targets."""

import math
from numbers import Real
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model

from .arrays import Array
from .documents import ADVICE, EXTENSION, PAIR, TASK, TRUST, has_words_of, name_document
from .heads.masked import hide
from .model import TaskBatch, find_bounds, get_heads
from .prediction import tag_places
from .tags import label_spans, spread_tags
from .windows import Cutter, Units, Window, group


def is_annotated(doc: Doc, task: str) -> bool:
    """Whether a Doc has gold for a task: the key is there, also where nothing was found."""
    return task in doc.spans or task in doc._.get(EXTENSION)


def collect_labels(examples: Iterable[Example], tasks: Sequence[str]) -> Dict[str, List[str]]:
    """Collect the labels that the gold of examples has: task to labels, sorted."""
    found: Dict[str, set] = {task: set() for task in tasks}
    for eg in examples:
        for task in tasks:
            answer = eg.reference._.get(EXTENSION).get(task)
            found[task].update(answer if isinstance(answer, dict) else ())
            found[task].update(span.label_ for span in eg.reference.spans.get(task, ()))
    return {task: sorted(labels) for task, labels in found.items()}


def make_batches(
    model: Model, examples: Sequence[Example], labels: Mapping[str, Sequence[str]]
) -> List[Tuple[List[Example], TaskBatch, Array]]:
    """Make a batch of each task's examples, all before one is learnt from: what is refused leaves no gradient behind.

    An example belongs to the task that its reader drew it for, or else to every task it has gold for.

    RETURNS: The examples of each batch, and what `make_batch` makes of them.
    RAISES: ValueError, see `make_batch`.
    """
    batches = []
    for task in get_heads(model):
        concerned = [eg for eg in examples if eg.reference.user_data.get(TASK) == task or belongs(eg.reference, task)]
        if concerned:
            predicted, gold = [eg.predicted for eg in concerned], [eg.reference for eg in concerned]
            batches.append((concerned, *make_batch(model, task, predicted, gold, labels[task])))
    return batches


def belongs(gold: Doc, task: str) -> bool:
    """Whether a Doc that was drawn for no task in particular has gold for one."""
    return not gold.user_data.get(TASK) and is_annotated(gold, task)


def make_batch(
    model: Model, task: str, predicted: Sequence[Doc], gold: Sequence[Doc], labels: Sequence[str]
) -> Tuple[TaskBatch, Array]:
    """Cut Docs into windows and line their gold up with the positions that the head scores.

    predicted: Docs to be scored. gold: the same texts with gold, tokenized alike.
    RETURNS: The batch and the targets: tags, shape (piece, chain), classes, shape (pair,), numbers, or the sub-words
        that were hidden, shape (piece,).
    RAISES: ValueError for gold of another kind, another tokenization, or a label that the head does not have.
    """
    head = get_heads(model)[task]
    encoder = model.get_ref("encoder")
    cutter: Cutter = encoder.attrs["get_cutter"](encoder)
    indices = {label: index for index, label in enumerate(labels)}
    for guess, truth in zip(predicted, gold):
        check_kind(task, head, guess, truth)
    if head.attrs["reads"] == "masked":
        return hide_pieces(
            model, task, [window for pieces in cutter.cut(predicted) for window in cutter.windows(pieces)]
        )
    if head.attrs["reads"] == "pair":
        windows = [cutter.pair_window(doc)[0] for doc in predicted]
        return TaskBatch(task, windows), follow_advice(task, head, gold, read_answers(task, head, gold, indices))
    windows = []
    tags = []
    for truth, pieces in zip(gold, cutter.cut(predicted)):
        windows.extend(cutter.windows(pieces))
        units = group(pieces)
        unit_tags = tag_gold(task, truth, units, indices, nested=head.attrs["nested"])
        tags.append(spread_tags(unit_tags, units.pieces, len(pieces.ids)))
    return TaskBatch(task, windows), follow_advice(task, head, gold, numpy.concatenate(tags))


def hide_pieces(model: Model, task: str, windows: Sequence[Window]) -> Tuple[TaskBatch, Array]:
    """Hide sub-words of windows from the encoder, and ask for them.

    RAISES: ValueError if the checkpoint has no sub-word that stands for a hidden one.
    """
    shim: Any = model.get_ref("encoder").layers[0].shims[0]
    mask = shim._hfmodel.tokenizer.mask_token_id
    if mask is None:
        raise ValueError(
            f"Task '{task}': the checkpoint's tokenizer has no mask token, which MaskedLMHead.v1 needs. Take the head "
            "out, or another checkpoint."
        )
    share = get_heads(model)[task].attrs["share"]
    batch, targets = [], [numpy.zeros(0, dtype="int64")]
    for window in windows:
        own = slice(*window.keep)
        ids = window.ids.copy()
        ids[own], asked = hide(window.ids[own], share=share, mask=mask, n_pieces=shim._model.config.vocab_size)
        batch.append(window._replace(ids=ids))
        targets.append(asked)
    return TaskBatch(task, batch), numpy.concatenate(targets)


def follow_advice(task: str, head: Model, gold: Sequence[Doc], targets: Array) -> Array:
    """Mix targets with what a teacher says of the same examples, if one was asked.

    RAISES: ValueError for advice on other sub-words or labels.
    """
    if not gold or any(ADVICE not in doc.user_data for doc in gold):
        return targets
    advice = numpy.concatenate([doc.user_data[ADVICE] for doc in gold]).astype("f")
    if advice.shape != (len(targets), head.layers[-1].get_dim("nO")):
        raise ValueError(
            f"Task '{task}': expected a teacher's scores of shape {(len(targets), head.layers[-1].get_dim('nO'))}, got "
            f"{advice.shape}. Train teachers with the same tokenizer and the same labels."
        )
    return head.attrs["blend"](targets, advice, gold[0].user_data[TRUST])


def check_kind(task: str, head: Model, guess: Doc, truth: Doc) -> None:
    """Refuse gold that the head cannot learn from."""
    wanted = "pair" if head.attrs["reads"] == "pair" else "note"
    got = "pair" if PAIR in guess.spans else "note"
    if wanted != got:
        raise ValueError(f"Task '{task}' reads a {wanted} and got a {got}. Check that the corpus belongs to the task.")
    if not is_annotated(truth, task) and head.attrs["reads"] != "masked":
        raise ValueError(f"Task '{task}' got a {got} without gold for it. Leave it out, or convert the corpus anew.")
    if not has_words_of(guess, truth):
        raise ValueError(
            f"Task '{task}': the document to learn from has {len(guess)} tokens and its gold has {len(truth)} others. "
            "Convert the corpus with the tokenizer of the pipeline (see [nlp.tokenizer])."
        )


def tag_gold(task: str, doc: Doc, units: Units, indices: Dict[str, int], *, nested: bool) -> Array:
    """Tags of a gold note's units. Shape (unit, chain)."""
    triples = []
    for span in doc.spans[task]:
        if span.label_ not in indices:
            raise ValueError(unknown_label(task, span.label_, indices, f"characters {span.start_char}:{span.end_char}"))
        triples.append((span.start, span.end, indices[span.label_]))
    return label_spans(tag_places(units, triples), len(units.pieces), len(indices), nested=nested)[0]


def read_answers(task: str, head: Model, gold: Sequence[Doc], indices: Dict[str, int]) -> Array:
    """Classes or numbers of gold pairs. Shape (pair,)."""
    answers: List[float] = []
    is_number = find_bounds(head) is not None
    for number, doc in enumerate(gold, 1):
        answer = doc._.get(EXTENSION)[task]
        if not (is_finite(answer) if is_number else isinstance(answer, dict) and answer):
            wanted = "a finite number" if is_number else "a dict of label to share"
            raise ValueError(
                f"Task '{task}': the gold of pair {name_document(doc, number)} expected {wanted}, got "
                f"{type(answer).__name__}. Convert the corpus anew, or mend Doc._.{EXTENSION}."
            )
        if not is_number:
            best = max(answer, key=answer.get)
            if best not in indices:
                raise ValueError(unknown_label(task, best, indices, "a pair"))
            answers.append(indices[best])
        else:
            answers.append(answer)
    return numpy.array(answers, dtype="f" if is_number else "i")


def is_finite(answer: Any) -> bool:
    """Whether an answer is a number that can be learnt from."""
    return isinstance(answer, Real) and not isinstance(answer, bool) and math.isfinite(answer)


def unknown_label(task: str, label: str, known: Dict[str, int], place: str) -> str:
    """Say that gold has a label that the head was not made for."""
    return (
        f"Task '{task}': the gold of {place} has the label '{label}', which is none of the head's {sorted(known)}. "
        "Convert the corpus anew with a label filter or map, or train with labels that include it."
    )
