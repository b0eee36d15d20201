"""A tokenizer fine enough that annotated spans begin and end on tokens: one regex in spaCy's own Tokenizer."""

import re
from typing import Callable

from spacy.lang.char_classes import LATIN_UPPER
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from .documents import check_text

# What belongs to the character before it: combining accents, joiners, variation selectors.
MARKS = r"[\u0300-\u036f\u200c\u200d\ufe00-\ufe0f]*"
UPPER = f"[{LATIN_UPPER}]"
OTHER_LETTER = rf"[^\W\d_{LATIN_UPPER}]"

# The tokens inside a run of characters without white space, first alternative first. Each gives back at most what it
# has just read, so the time is linear in the length of the run.
PIECES = "|".join(
    (
        r"\d+",  # 5|mg, NHC|-|150679
        rf"{UPPER}?{OTHER_LETTER}+",  # Edad, mg, Torre|Correo
        rf"{UPPER}{{2,}}(?=s(?!{OTHER_LETTER}|{UPPER}))",  # VT|s
        rf"{UPPER}+(?!{OTHER_LETTER})",  # NHC, DR|Alberto
        r"\s+",
        r".",  # every other character alone: H|., 1|/|2, _
    )
)
PATTERN = f"(?:{PIECES}){MARKS}"


class CheckedTokenizer(Tokenizer):
    """spaCy's tokenizer, with a clear error for what no Doc can hold. (spaCy's own error carries the text.)"""

    def __call__(self, string: str) -> Doc:
        return super().__call__(check_text(string))


def create_tokenizer_v1() -> Callable[[Language], Tokenizer]:
    """Create a factory of tokenizers that cut at punctuation, between letters and digits and where case changes.

    Gold is character offsets, and sub-words are cut by the encoder's own tokenizer; tokens matter only because spaCy's
    spans start and end on them. So there are no exceptions, abbreviations or URLs, and no language. The text is kept
    exactly, white space included.

    Registered as "spacy-mtclinical.Tokenizer.v1", for `[nlp.tokenizer]`.
    RETURNS: A function from the pipeline to its tokenizer.
    """

    def create(nlp: Language) -> Tokenizer:
        # Only infixes: prefixes and suffixes copy the rest of the run for each one taken off, which is quadratic.
        return CheckedTokenizer(nlp.vocab, infix_finditer=re.compile(PATTERN).finditer)

    return create
