"""Converted corpora as examples: round robin for training, task by task for evaluation, label files, batches."""

import random
from itertools import groupby
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Union

import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.vocab import Vocab

from .distillation import ask_teachers
from .docbins import read_docs
from .documents import ADVICE, BATCH, PAIR, TASK, TRUST
from .excerpts import cut_notes
from .schedules import SCHEDULES, count_steps
from .windows import Cutter, make_cutter

Reader = Callable[[Language], Iterator[Example]]
LABELS = "labels.json"


def create_round_robin_corpus_v1(
    path: Union[str, Path],
    encoder: Optional[str],
    *,
    tasks: Optional[List[str]] = None,
    split: str = "train",
    schedule: str = "round_robin",
    window: int = 512,
    note_batch: int = 25,
    pair_batch: int = 40,
    batch_sizes: Optional[Dict[str, int]] = None,
    seed: int = 0,
    epochs: int = 1,
    limit: int = 0,
    teachers: Optional[Dict[str, str]] = None,
) -> Reader:
    """Create the reader of training examples, one window each, in the order of a schedule.

    Each call is the next epoch; each example carries its task and the number of its batch in `Doc.user_data`. The
    reader's `skip` leaves out so many batches of the next ones, as if they had been read.

    path: Folder with a folder a task, as `convert` writes them.
    encoder: Name or folder of the checkpoint, whose tokenizer measures the windows.
    tasks: The tasks to read; all that have the split where None.
    schedule: round_robin, proportional, annealed or loss_sum, see `spacy_mtclinical.schedules`.
    window: Sub-words a training window, special ones included.
    note_batch, pair_batch, batch_sizes: Windows a batch of notes, pairs a batch, and exceptions by task.
    epochs: The epochs wanted, over which `annealed` and the trust in teachers run.
    limit: Windows or pairs a task, drawn once by the seed; 0 for all.
    teachers: Task to a trained pipeline to learn from, see `spacy_mtclinical.distillation`: from it alone at first,
        from the gold alone in the end, in between from a mixture that moves evenly.
    RAISES: ValueError for an unknown schedule, a task without corpus, an empty corpus, or training settings
        under which spaCy would break the schedule.
    """
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule expected one of {sorted(SCHEDULES)}, got '{schedule}'. Mend [corpora.train].")
    cache: Dict[str, List[Doc]] = {}
    epoch = skipped = 0

    def skip(batches: int) -> None:
        nonlocal skipped
        skipped = batches

    def read(nlp: Language) -> Iterator[Example]:
        nonlocal epoch, skipped
        check_streaming(nlp)
        if not cache:
            cache.update(read_windows(nlp.vocab, path, encoder, tasks=tasks, split=split, window=window))
            for task, docs in cache.items():
                if limit and len(docs) > limit:
                    cache[task] = random.Random(seed).sample(docs, limit)
            if teachers:
                ask_teachers(cache, teachers, read_labels_v1(path))
        check_tasks(nlp, cache)
        rng = random.Random(f"{seed} {epoch}")
        progress = min(1.0, epoch / max(1, epochs - 1))
        epoch += 1
        sizes = {task: len(docs) for task, docs in cache.items()}
        per_batch = choose_batch_sizes(cache, note_batch, pair_batch, batch_sizes)
        steps = count_steps(schedule, sizes, per_batch)
        for number, turns in enumerate(SCHEDULES[schedule](sizes, per_batch, rng, progress)):
            if skipped:
                skipped -= 1
                continue
            for task, indices in turns:
                for index in indices:
                    gold = cache[task][index].copy()
                    gold.user_data.update({TASK: task, BATCH: number})
                    if ADVICE in gold.user_data:
                        gold.user_data[TRUST] = min(1.0, (epoch - 1 + number / steps) / epochs)
                    yield Example(copy_words(gold), gold)

    read.skip = skip  # type: ignore[attr-defined]
    return read


def check_streaming(nlp: Language) -> None:
    """Refuse settings under which spaCy lists and shuffles the examples, which would mix the tasks' batches.

    RAISES: ValueError if the config trains from this reader with max_epochs other than -1.
    """
    config = nlp.config.interpolate()
    corpora = config.get("corpora", {})
    training = config.get("training", {})
    reader = str(corpora.get(str(training.get("train_corpus", "")).replace("corpora.", "", 1), {}).get("@readers", ""))
    if reader.startswith("spacy-mtclinical.RoundRobinCorpus") and training.get("max_epochs") != -1:
        raise ValueError(
            f"[training] max_epochs expected -1 (streaming), got {training.get('max_epochs')}: spaCy would shuffle the "
            "examples and break the schedule. Set max_epochs = -1 and max_steps to the steps wanted "
            "(python -m spacy mtclinical plan computes them from the epochs)."
        )


def check_tasks(nlp: Language, tasks: Iterable[str]) -> None:
    """Refuse examples that no head would learn from.

    RAISES: ValueError for a task that a pipeline with heads has none for.
    """
    heads = [task for _, pipe in nlp.pipeline for task in getattr(pipe, "tasks", ())]
    missing = sorted(set(tasks) - set(heads))
    if heads and missing:
        raise ValueError(
            f"[corpora.train] reads {', '.join(missing)}, for which the pipeline has no head; it has {sorted(heads)}. "
            "Add the heads, or take the tasks out. Beside `source = ...` in a component spaCy ignores new heads: write "
            "the whole section of the model instead, with init_from (python -m spacy mtclinical add_task does)."
        )


def read_windows(
    vocab: Vocab,
    path: Union[str, Path],
    encoder: Optional[str],
    *,
    tasks: Optional[Sequence[str]],
    split: str,
    window: int,
) -> Dict[str, List[Doc]]:
    """Read the training windows of each task: excerpts of notes, or whole pairs."""
    from transformers import AutoTokenizer

    if not encoder:
        raise ValueError("The corpus reader got no checkpoint to measure windows with. Set paths.encoder.")
    cutter = make_cutter(AutoTokenizer.from_pretrained(str(encoder)), window=window, context=0)
    found = {}
    for task in find_tasks(path, split, tasks):
        docs = list(read_docs(Path(path) / task / f"{split}.spacy", vocab))
        found[task] = cut_examples(docs, task, cutter)
        if not found[task]:
            raise ValueError(f"{Path(path) / task / f'{split}.spacy'} has no text to learn from. Convert it anew.")
    return found


def cut_examples(docs: Sequence[Doc], task: str, cutter: Cutter) -> List[Doc]:
    """Cut notes into windows; pairs stay as they are."""
    notes = [doc for doc in docs if PAIR not in doc.spans]
    return [doc for doc in docs if PAIR in doc.spans] + list(cut_notes(notes, task, cutter))


def choose_batch_sizes(
    windows: Mapping[str, Sequence[Doc]], notes: int, pairs: int, exceptions: Optional[Mapping[str, int]]
) -> Dict[str, int]:
    """Give each task its examples a batch, by its kind or by name."""
    sizes = {task: pairs if PAIR in docs[0].spans else notes for task, docs in windows.items()}
    sizes.update({task: size for task, size in (exceptions or {}).items() if task in sizes})
    for task, size in sizes.items():
        if size < 1:
            raise ValueError(f"The batch size of task '{task}' expected a number above 0, got {size}.")
    return sizes


def find_tasks(path: Union[str, Path], split: str, tasks: Optional[Sequence[str]]) -> List[str]:
    """Name the tasks that have a split under a folder, sorted.

    RAISES: ValueError if there is none, or one that is asked for is missing.
    """
    present = sorted(file.parent.name for file in Path(path).glob(f"*/{split}.spacy"))
    missing = sorted(set(tasks or ()) - set(present))
    if missing or not present or tasks == []:
        raise ValueError(
            f"Expected {split}.spacy for {', '.join(missing) or 'at least one task'} in a folder a task under {path}, "
            f"found {present or 'none'}. Convert the corpora first (python -m spacy mtclinical convert --help)."
        )
    return [task for task in present if tasks is None or task in tasks]


def copy_words(doc: Doc) -> Doc:
    """Make the bare document that prediction starts from: words, spaces, and the segments of a pair."""
    words, spaces = [token.text for token in doc], [bool(token.whitespace_) for token in doc]
    bare = Doc(doc.vocab, words=words, spaces=spaces)
    if PAIR in doc.spans:
        bare.spans[PAIR] = [Span(bare, span.start, span.end) for span in doc.spans[PAIR]]
    return bare


def create_task_corpus_v1(
    path: Union[str, Path], *, tasks: Optional[List[str]] = None, split: str = "dev", limit: int = 0, seed: int = 0
) -> Reader:
    """Create the reader for evaluation: whole notes and pairs, task by task.

    Prediction gets the bare text, tokenized by the pipeline, and of gold only the segments of a pair.

    path, tasks: See RoundRobinCorpus.v1.
    limit: Documents a task, drawn by the seed, for quick looks while training; 0 for all.
    RAISES: ValueError for a task without corpus, or an empty one.
    """

    def read(nlp: Language) -> Iterator[Example]:
        for task in find_tasks(path, split, tasks):
            docs = list(read_docs(Path(path) / task / f"{split}.spacy", nlp.vocab))
            if not docs:
                raise ValueError(f"{Path(path) / task / f'{split}.spacy'} has no documents. Convert it anew.")
            if limit and len(docs) > limit:
                docs = random.Random(seed).sample(docs, limit)
            for gold in docs:
                bare = copy_words(gold) if PAIR in gold.spans else nlp.make_doc(gold.text)
                yield Example(bare, gold)

    return read


def read_labels_v1(path: Union[str, Path], *, tasks: Optional[List[str]] = None) -> Dict[str, List[str]]:
    """Read the label files that `convert` wrote: task to labels.

    path: Folder with a folder a task.
    RAISES: ValueError if there is none.
    """
    files = sorted(Path(path).glob(f"*/{LABELS}"))
    labels = {file.parent.name: list(srsly.read_json(file)) for file in files}
    if not labels:
        raise ValueError(f"Expected {LABELS} in a folder a task under {path}, found none. Convert the corpora first.")
    return {task: found for task, found in labels.items() if tasks is None or task in tasks}


def configure_task_batches_v1() -> Callable[[Iterable[Example]], Iterator[List[Example]]]:
    """Configure the batcher that cuts where the reader's batch number changes."""
    return batch_by_number


def batch_by_number(examples: Iterable[Example]) -> Iterator[List[Example]]:
    """Yield the batches that the reader made.

    RAISES: ValueError for examples of another reader.
    """
    for number, batch in groupby(examples, key=lambda eg: eg.reference.user_data.get(BATCH)):
        if number is None:
            raise ValueError(
                "TaskBatches.v1 expected examples of RoundRobinCorpus.v1, got some without a batch number. "
                'Set [corpora.train] @readers = "spacy-mtclinical.RoundRobinCorpus.v1".'
            )
        yield list(batch)
