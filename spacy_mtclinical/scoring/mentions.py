"""Mentions as plain values: gold as it was annotated and spans as they were predicted, a case a document."""

from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from spacy.tokens import Doc
from spacy.training import Example

from ..documents import SOURCE

Place = Tuple[int, int]  # first character, one past the last


class Mention(NamedTuple):
    """One annotated or predicted mention; fragments in the order of the file, none where it had none."""

    label: str
    fragments: Tuple[Place, ...]
    id: str = ""
    attributes: Mapping[str, Any] = {}

    @property
    def hull(self) -> Place:
        """From the first character of all fragments to the last; (-1, -1) without fragments."""
        if len(self.fragments) < 2:
            return self.fragments[0] if self.fragments else (-1, -1)
        return min(start for start, _ in self.fragments), max(end for _, end in self.fragments)


class Case(NamedTuple):
    """A document to score.

    tokens: Start and end of the tokens that are not white space, in text order.
    """

    text: str
    gold: Sequence[Mention]
    guess: Sequence[Mention]
    tokens: Sequence[Place] = ()


def read_case(eg: Example, task: str) -> Case:
    """Read gold and predictions of a document."""
    columns = eg.reference.to_array(["IDX", "LENGTH", "IS_SPACE"])
    starts, lengths, _ = columns[columns[:, 2] == 0].T
    tokens = list(zip(starts.tolist(), (starts + lengths).tolist()))
    return Case(eg.reference.text, read_annotated(eg.reference, task), read_spans(eg.predicted, task), tokens)


def read_annotated(doc: Doc, task: str) -> List[Mention]:
    """Read gold as the source had it; its spans where the source is not known."""
    source = doc.spans[task].attrs.get(SOURCE)
    if source is None:
        return read_spans(doc, task)
    return [read_record(record) for record in source]


def read_record(record: Dict[str, Any]) -> Mention:
    """Read one record of the source."""
    fragments = tuple((start, end) for start, end in record["fragments"])
    return Mention(record["label"], fragments, record.get("id", ""), record.get("attributes", {}))


def read_spans(doc: Doc, task: str) -> List[Mention]:
    """Read the spans of a document; none where it has none for the task."""
    if task not in doc.spans:
        return []
    return [Mention(span.label_, ((span.start_char, span.end_char),)) for span in doc.spans[task]]
