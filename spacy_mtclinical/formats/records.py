"""What every file format is parsed into and written from: notes, pairs, annotations."""

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple, Union

Fragment = Tuple[int, int]  # character offsets into Note.text, end exclusive


class FormatError(ValueError):
    """A file is not what its format says. Names the file and line or offset, never the text of a note."""


@dataclass(frozen=True)
class Annotation:
    """One annotated mention, as the file has it.

    id: The file's own identifier, or one made from its position where the format has none.
    label: The type, as in the dataset.
    fragments: One pair of character offsets a fragment, in the file's order.
    text: The mention as the file states it ("" where the format does not); for verification only.
    attributes: Whatever else the file says of it (polarity, CUIs, comment), as JSON values.
    """

    id: str
    label: str
    fragments: Tuple[Fragment, ...]
    text: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """First character of the first fragment in text order."""
        return min(start for start, _ in self.fragments)

    @property
    def end(self) -> int:
        """One past the last character of the last fragment in text order."""
        return max(end for _, end in self.fragments)


@dataclass(frozen=True)
class Note:
    """A text and its annotations. `subset` names a part that is scored apart (EMEA, MEDLINE);
    `ignored` counts what the format holds and this record does not (relations, events), by kind."""

    id: str
    text: str
    annotations: Tuple[Annotation, ...] = ()
    subset: str = ""
    ignored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Two texts and the answer: a label, a score, or None where there is no gold."""

    id: str
    first: str
    second: str
    answer: Optional[Union[str, float]] = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
