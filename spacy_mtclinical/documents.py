"""What a Doc carries: the answers of pair tasks, the two segments of a pair, its identifier."""

from typing import Any, Dict, Iterable, List, Sequence, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

EXTENSION = "mtclinical"
PAIR = "pair"
SHORTENED = "shortened"
ANSWERED = "answered"  # of spans["pair"]: the tasks that a pipeline answered
SOURCE = "source"
SCORES = "scores"
CANDIDATES = "{task}_candidates"  # key in Doc.spans
DOC_ID = "doc_id"  # key in Doc.user_data
SUBSET = "subset"  # key in Doc.user_data
TASK = "mtclinical_task"  # key in Doc.user_data: the task that a training example was drawn for
BATCH = "mtclinical_batch"  # key in Doc.user_data: the batch it belongs to
ADVICE = "mtclinical_advice"  # key in Doc.user_data: how a teacher scores it, shape (position, output)
TRUST = "mtclinical_trust"  # key in Doc.user_data: the share of the gold beside such advice, 0 to 1
SEPARATOR = "\n"
NAMED = 5  # documents that a message names
WORDS: List[Union[int, str]] = ["ORTH", "SPACY"]  # what tells one text from another, token by token


def has_words_of(doc: Doc, other: Doc) -> bool:
    """Whether two documents have the same words and spaces, and so the same text."""
    return len(doc) == len(other) and bool((doc.to_array(WORDS) == other.to_array(WORDS)).all())


def name_document(doc: Doc, number: int) -> str:
    """The identifier of a document, or its number."""
    return str(doc.user_data.get(DOC_ID) or f"number {number}")


def name_some(names: Sequence[str]) -> str:
    """The first few of a list of names."""
    return ", ".join(names[:NAMED]) + (", and more" if len(names) > NAMED else "")


def find_overlapped(spans: Iterable[Span], *, by_label: bool) -> List[Span]:
    """Find the spans, each once, that overlap a longer one, or one as long before it: one layer of tags has no place
    for them.

    by_label: Only those that overlap another of their own label, since each label has a layer.
    """
    layers: Dict[Any, Dict[Any, Span]] = {}
    for span in spans:
        layers.setdefault(by_label and span.label, {})[span.start, span.end, span.label] = span
    kept = {id(span) for layer in layers.values() for span in filter_spans(layer.values())}
    return [span for layer in layers.values() for span in layer.values() if id(span) not in kept]


def register_extension() -> None:
    """Register `Doc._.mtclinical` (an empty dict by default) unless it is there already."""
    if not Doc.has_extension(EXTENSION):
        Doc.set_extension(EXTENSION, default={})


def check_text(text: object) -> str:
    """Return the text, or raise where no Doc could hold it.

    RAISES: TypeError if it is not a string, ValueError if UTF-8 cannot hold it.
    """
    if not isinstance(text, str):
        raise TypeError(f"Expected a text (str), got {type(text).__name__}.")
    try:
        text.encode("utf8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The text holds a character that UTF-8 cannot encode (a lone surrogate) at offset {error.start}. "
            "Decode the source with its true encoding, or replace the character."
        ) from None
    return text


def make_pair(nlp: Language, first: str, second: str) -> Doc:
    """Make the document of a sentence pair, for `nlp(...)` and `nlp.pipe(...)`.

    The two segments are the spans of `doc.spans["pair"]`; a separator token stands between them, and an
    empty text becomes one white-space token (spaCy cannot copy a Doc with an empty span).

    nlp: The pipeline whose tokenizer cuts the texts.
    first, second: The two texts, each of any length.
    RAISES: TypeError or ValueError for what is no text, see `check_text`.
    """
    register_extension()
    words: List[str] = []
    spaces: List[bool] = []
    bounds: List[Tuple[int, int]] = []
    for text in (first, second):
        if bounds:
            words.append(SEPARATOR)
            spaces.append(False)
        start = len(words)
        tokens = list(nlp.tokenizer(check_text(text) or " "))
        words.extend(token.text for token in tokens)
        spaces.extend(bool(token.whitespace_) for token in tokens)
        bounds.append((start, len(words)))
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    doc.spans[PAIR] = [Span(doc, start, end) for start, end in bounds]
    return doc
