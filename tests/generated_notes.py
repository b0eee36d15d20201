"""Hypothesis strategies for the laws of the formats: invented texts with awkward characters, and mentions."""

from hypothesis import strategies as st

from spacy_mtclinical.formats.records import Annotation, Note

SECRET = "Xanthippe"  # stands in malformed inputs and must not stand in messages
AWKWARD = [
    "\n",
    "\r\n",
    "\n\n",
    " ",
    "  ",
    "\t",
    "&",
    "&amp;",
    "]]>",
    "<b>",
    '"',
    "'",
    "é",
    "ﬁ",
    "日",
    "😀",
    "\ufeff",
    "a",
    "B",
    "|",
]
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=4)
PIECES = st.one_of(st.sampled_from(AWKWARD), WORDS)
LABELS = st.sampled_from(["Drug", "ADE", "LOCATION-OTHER", "Maladie_é"])


def texts(pieces=PIECES):
    return st.lists(pieces, max_size=12).map("".join)


def one_line(pieces=PIECES):
    """Texts without tab and line end."""
    return texts(pieces).map(lambda text: text.replace("\t", "").replace("\n", "").replace("\r", ""))


def xml_texts():
    """Texts that XML 1.0 can hold."""
    return texts().map(lambda text: "".join(char for char in text if char not in "\ufffe\uffff"))


@st.composite
def notes(draw, text_strategy=None, labels=LABELS, fragments=1, **attributes):
    """A note of a text and up to five mentions, of up to so many fragments in any order; attributes are strategies."""
    text = draw(text_strategy if text_strategy is not None else texts())
    offsets = st.integers(0, len(text))
    spans = st.tuples(offsets, offsets).map(lambda span: (min(span), max(span)))
    annotations = []
    for number in range(1, draw(st.integers(0, 5)) + 1):
        drawn = tuple(draw(st.lists(spans, min_size=1, max_size=fragments)))
        held = {key: draw(strategy) for key, strategy in attributes.items()}
        annotations.append(Annotation(f"T{number}", draw(labels), drawn, attributes=held))
    return Note("d1", text, tuple(annotations))


def facts(note):
    """What must come back of each mention in a format of one span a mention: label, start, end."""
    return [(annotation.label, annotation.start, annotation.end) for annotation in note.annotations]
