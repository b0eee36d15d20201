"""The pipe: one component that owns the encoder and every head."""

import time
from types import MappingProxyType
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

import srsly
from spacy import util
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model, Optimizer, set_dropout_rate

from .annotations import check_candidates, check_tasks, check_thresholds, write_answers
from .documents import register_extension
from .heap import give_back
from .inheritance import check_counts, check_labelled, join_labels, open_parent, take_over
from .memory import choose_budget, halve_budget, is_out_of_memory, logger
from .model import TaskBatch, check_heads, get_heads, name_kinds, step
from .prediction import Found, Reading, count_longest, predict_docs
from .targets import collect_labels, make_batches

DEFAULT_CONFIG = """
[mtclinical]
ents_from = []
budget = null
thresholds = {}
candidates = {}

[mtclinical.model]
@architectures = "spacy-mtclinical.MultitaskModel.v1"

[mtclinical.model.heads]

[mtclinical.model.encoder]
@architectures = "spacy-mtclinical.Encoder.v1"

[mtclinical.scorer]
@scorers = "spacy-mtclinical.task_scorer.v1"

[mtclinical.scorer.metrics]
"""

LONGEST_TEXT = 10**9  # characters; spaCy's own limit guards a parser's memory, which is not used here


@Language.factory(
    "mtclinical",
    assigns=["doc.ents", "doc.spans", "doc._.mtclinical"],
    default_config=Config().from_str(DEFAULT_CONFIG)["mtclinical"],
    default_score_weights={"mtclinical_score": 1.0},
)
def make_mtclinical(
    nlp: Language,
    name: str,
    model: Model,
    ents_from: List[str],
    budget: Optional[int],
    thresholds: Dict[str, Union[float, Dict[str, float]]],
    candidates: Dict[str, float],
    scorer: Optional[Callable],
) -> "MultitaskClinical":
    """Make the component that answers every task of its heads.

    model: See MultitaskModel.v1.
    ents_from: Entity tasks merged into `Doc.ents`, the first named winning where they overlap.
    budget: Sub-words an encoder batch while predicting, padding included; by the device where unset. Halved where
        memory runs out.
    thresholds: Task to the least score of its spans, or to that of each label.
    candidates: Task to the least probability with which a single place that may have a label is given, whether or not
        it lies in an answer, in `Doc.spans["TASK_candidates"]`: for uses that must not miss anything.
    scorer: Scores examples, see task_scorer.v1.
    """
    nlp.max_length = max(nlp.max_length, LONGEST_TEXT)
    return MultitaskClinical(
        nlp.vocab,
        model,
        name,
        ents_from=ents_from,
        budget=budget,
        thresholds=thresholds,
        candidates=candidates,
        scorer=scorer,
    )


class MultitaskClinical(TrainablePipe):
    """Entity tasks answer in `Doc.spans[task]`, pair tasks in `Doc._.mtclinical[task]`, some also in `Doc.ents`."""

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "mtclinical",
        *,
        ents_from: Sequence[str] = (),
        budget: Optional[int] = None,
        thresholds: Mapping[str, Union[float, Dict[str, float]]] = MappingProxyType({}),
        candidates: Mapping[str, float] = MappingProxyType({}),
        scorer: Optional[Callable] = None,
    ):
        """Make the pipe.

        RAISES: ValueError if a setting names a task that has no entity head, or the budget is not positive.
        """
        register_extension()
        heads = get_heads(model)
        entity_tasks = [task for task, head in heads.items() if head.attrs["reads"] == "pieces"]
        check_tasks(entity_tasks, ents_from=ents_from, thresholds=thresholds, candidates=candidates)
        check_candidates(candidates, list(heads))
        if budget is not None and budget < 1:
            raise ValueError(f"budget expected a number of sub-words above 0, got {budget}. Mend the config.")
        self.vocab = vocab
        self.model = model
        self.name = name
        self.scorer = scorer
        self.thresholds = dict(thresholds)
        self.cfg: Dict[str, Any] = {"labels": {}, "temperatures": {}, "thresholds": self.thresholds}
        self.ents_from = list(ents_from)
        self.budget = budget
        self.candidates = dict(candidates)
        self._stepped: List[str] = []
        self._gave_back = time.monotonic()

    @property
    def labels(self) -> Tuple[str, ...]:
        """The labels of all tasks, each as "task:label"."""
        return tuple(f"{task}:{label}" for task in self.tasks for label in self.cfg["labels"].get(task, ()))

    @property
    def label_data(self) -> Dict[str, List[str]]:
        """Task to labels, as `initialize` takes them and `spacy init labels` saves them."""
        return self.cfg["labels"]

    @property
    def tasks(self) -> List[str]:
        """The names of the tasks, sorted."""
        return self.model.attrs["tasks"]

    def __call__(self, doc: Doc) -> Doc:
        """Answer for one note or pair."""
        return next(self.pipe([doc], batch_size=1), doc)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Answer for a stream of notes and pairs in any mixture, in order.

        Where a batch fails, its documents are tried one by one, and the error handler gets those that fail alone.
        """
        handle = self.get_error_handler()
        for docs in util.minibatch(stream, size=batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
                done = docs
            except Exception as error:  # noqa: BLE001  (whatever it was, the error handler decides)
                done = []
                if len(docs) == 1:
                    handle(self.name, self, docs, error)
                else:
                    logger.warning("A batch of %d failed (%s); trying one by one", len(docs), type(error).__name__)
                    done = list(self.pipe(docs, batch_size=1))
            yield from done

    def predict(self, docs: Iterable[Doc]) -> List[Found]:
        """Find the answers without changing the documents."""
        docs = list(docs)
        if not self.cfg["labels"]:
            raise ValueError(
                f"The component '{self.name}' has no labels yet. Call nlp.initialize(), or load a trained pipeline."
            )
        reading = Reading(temperatures=self.cfg["temperatures"], candidates=self.candidates)
        given = self.budget
        while True:
            budget = choose_budget(self.budget)
            try:
                found = predict_docs(self.model, docs, budget=budget, reading=reading)
                self._gave_back = give_back(self._gave_back)
                return found
            except Exception as error:  # noqa: BLE001  (each device has an exception of its own)
                if not is_out_of_memory(error):
                    raise
                reason = f"{type(error).__name__}: {error}"  # of torch, and no text of a note
                # Outside of this block, so that the traceback no longer holds what was computed.
            try:
                self.budget = halve_budget(budget, longest=count_longest(self.model), reason=reason)
            except MemoryError:
                self.budget = given
                raise

    def set_annotations(self, docs: Iterable[Doc], scores: List[Found]) -> None:
        """Write answers into documents."""
        for doc, found in zip(docs, scores):
            write_answers(doc, found, self.cfg["labels"], ents_from=self.ents_from, thresholds=self.thresholds)

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from examples, task by task; losses are kept for the pipe and for each of its tasks.

        An example belongs to the task that its reader drew it for, or else to every task it has gold for. A
        batch of several tasks is one step on the sum of their losses.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, "MultitaskClinical.update")
        set_dropout_rate(self.model, drop)
        for concerned, batch, targets in make_batches(self.model, examples, self.cfg["labels"]):
            loss = self._learn(concerned, batch, targets)
            losses[self.name] += loss
            key = f"{self.name}_{batch.task}"
            losses[key] = losses.get(key, 0.0) + loss
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def finish_update(self, sgd: Optimizer) -> None:
        """Move the encoder and the heads that learnt something since the last step, and no other head."""
        if self._stepped:
            step(self.model, sgd, sorted(set(self._stepped)))
            moved = self.tasks if self.model.attrs["train_only"]() is None else self._stepped
            for task in moved:  # whose scores were calibrated as they had been
                self.cfg["temperatures"].pop(task, None)
            self._stepped = []

    def get_loss(self, examples: Iterable[Example], scores: Any) -> Tuple[float, Any]:
        """The loss of the scores of one task, and its gradient.

        scores: The task, its head's scores, shape (position, output), and the targets.
        """
        task, Y, targets = scores
        return get_heads(self.model)[task].attrs["get_loss"](Y, targets)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
        """Score predictions, task by task. See task_scorer.v1."""
        if self.scorer is None:
            return {}
        return self.scorer(examples, name=self.name, kinds=name_kinds(self.model), **kwargs)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """Load the checkpoint, size the heads by their labels, and draw their weights.

        labels: Task to labels, from a file; where a task is missing there, from the pipeline of init_from, or else
            from the examples.
        RAISES: ValueError for a head without labels, or for a pipeline that cannot be started from.
        """
        heads = get_heads(self.model)
        pipes = [] if nlp is None else [name for name, pipe in nlp.pipeline if isinstance(pipe, MultitaskClinical)]
        if len(pipes) > 1:
            logger.warning("mtclinical_score will be the last one's of %s; each has its <name>_score", ", ".join(pipes))
        parent = open_parent(self.model, nlp, name=self.name)
        found = join_labels(parent, labels, self.tasks)
        if len(found) < len(heads):
            validate_get_examples(get_examples, "MultitaskClinical.initialize")
            found.update(collect_labels(get_examples(), [task for task in heads if task not in found]))
        check_labelled(found, name_kinds(self.model))
        check_counts(self.cfg["labels"], found)
        self.cfg["labels"] = {task: found.get(task, []) for task in self.tasks}
        check_thresholds(self.thresholds, self.cfg["labels"])
        self.model.attrs["set_outputs"](self.model, {task: len(names) for task, names in self.cfg["labels"].items()})
        self.model.initialize()
        self.cfg["temperatures"] = take_over(parent, self.model)

    def to_disk(self, path: Any, *, exclude: Iterable[str] = ()) -> None:
        """Save labels and weights."""
        util.to_disk(
            path,
            {
                "cfg": lambda p: srsly.write_json(p, self._saved_cfg()),
                "vocab": lambda p: self.vocab.to_disk(p, exclude=exclude),
                "model": lambda p: self.model.to_disk(p),
            },
            exclude,
        )

    def from_disk(self, path: Any, *, exclude: Iterable[str] = ()) -> "MultitaskClinical":
        """Load labels and weights.

        RAISES: ValueError if the saved heads are not those of the config, or thresholds name other labels.
        """
        readers: Dict[str, Callable[[Any], Any]] = {
            "cfg": lambda p: self._load_cfg(srsly.read_json(p)),
            "vocab": lambda p: self.vocab.from_disk(p, exclude=exclude),
            "model": lambda p: self.model.from_disk(p),
        }
        util.from_disk(path, readers, exclude)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Save labels and weights."""
        return util.to_bytes(
            {
                "cfg": lambda: srsly.json_dumps(self._saved_cfg()),
                "vocab": lambda: self.vocab.to_bytes(exclude=exclude),
                "model": self.model.to_bytes,
            },
            exclude,
        )

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "MultitaskClinical":
        """Load labels and weights.

        RAISES: ValueError if the saved heads are not those of the config.
        """
        util.from_bytes(
            bytes_data,
            {
                "cfg": lambda b: self._load_cfg(srsly.json_loads(b)),
                "vocab": lambda b: self.vocab.from_bytes(b, exclude=exclude),
                "model": self.model.from_bytes,
            },
            exclude,
        )
        return self

    def _saved_cfg(self) -> Dict[str, Any]:
        return {key: self.cfg[key] for key in ("labels", "temperatures")} | {"tasks": self.tasks}

    def _load_cfg(self, saved: Dict[str, Any]) -> None:
        check_heads(saved["tasks"], self.model)
        check_thresholds(self.thresholds, saved["labels"])
        self.cfg["labels"] = saved["labels"]
        self.cfg["temperatures"] = saved.get("temperatures", {})

    def _learn(self, examples: List[Example], batch: TaskBatch, targets: Any) -> float:
        if not batch.windows:
            return 0.0
        scores, backprop = self.model.begin_update(batch)
        loss, d_scores = self.get_loss(examples, (batch.task, scores, targets))
        backprop(d_scores)
        self._stepped.append(batch.task)
        return loss
