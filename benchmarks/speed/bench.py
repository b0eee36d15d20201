"""What all comparisons of one run share: a checkpoint, heads, texts and how often to repeat."""

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

from numpy.typing import NDArray


class Head(NamedTuple):
    """A head with its weights. config: Its section of a pipeline's config. W, b: Shapes (output, width), (output,)."""

    task: str
    config: Dict[str, Any]
    labels: List[str]
    W: NDArray
    b: NDArray


class Bench(NamedTuple):
    """What is measured with.

    encoder: The folder of the checkpoint that every side loads.
    entities, pairs: Heads that read notes, and heads that read pairs.
    notes, couples: The texts of each.
    settings: Of our encoder, see Encoder.v1.
    precision: Of prediction on both sides.
    folder: For what is written on the way.
    quick: Fewer texts and repeats, and one layer of the encoder where memory is measured.
    scale: So many times the usual number of texts, by how quick encoder and device are.
    """

    encoder: Path
    entities: Sequence[Head]
    pairs: Sequence[Head]
    notes: List[str]
    couples: List[Tuple[str, str]]
    settings: Dict[str, Any]
    precision: str
    folder: Path
    quick: bool
    scale: float = 1.0

    @property
    def repeats(self) -> int:
        return 3 if self.quick else 5

    def first(self, number: int, *, quick: int) -> List[str]:
        """So many notes. quick: The number in the quick form."""
        return self.notes[: self.scale_to(number, quick=quick)]

    def scale_to(self, number: int, *, quick: int) -> int:
        return max(6, int(self.scale * (quick if self.quick else number)))
