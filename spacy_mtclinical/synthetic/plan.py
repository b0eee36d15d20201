"""What is to be written: how many documents of which split, and names that the converter sends to that split."""

from random import Random
from typing import Callable, Iterator, NamedTuple, Set, TypeVar

from ..datasets.splits import side

DRAWS = 10_000
LONG_EVERY = 30  # of so many notes the first is a long one
Thing = TypeVar("Thing")


class File(NamedTuple):
    """A file to write: its place below the corpus's folder, its text, the documents or pairs that it adds."""

    path: str
    text: str
    records: int = 0


class Item(NamedTuple):
    """A document to write."""

    split: str
    number: int
    is_long: bool

    @property
    def is_train(self) -> bool:
        return self.split == "train"


def scaled(count: int, *, size: float) -> int:
    """How many are wanted at this size, at least two."""
    return max(2, round(count * size))


def documents(*, size: float, train: int, held: int) -> Iterator[Item]:
    """List the documents wanted: at size 1 `train` for training, `held` for each of dev and test."""
    for split, count in (("train", train), ("dev", held), ("test", held)):
        for number in range(scaled(count, size=size)):
            yield Item(split, number, number % LONG_EVERY == 0)


class Names:
    """Draws things whose key the converter's rule sends to the split wanted, and which no other has if that can be."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.taken: Set[str] = set()

    def draw(
        self, make: Callable[[Random], Thing], *, split: str, key: Callable[[Thing], str], repeats: bool = False
    ) -> Thing:
        """Draw until the key is new and falls on the side wanted.

        split: "train" or "dev"; for "test" only the key has to be new.
        repeats: Whether the last resort is a key that is not new.
        RAISES: ValueError if `make` gave none in 10,000 draws.
        """
        for number in range(DRAWS):
            thing = make(self.rng)
            name = key(thing)
            if split not in (side(name), "test"):
                continue
            if name not in self.taken:
                self.taken.add(name)
                return thing
            if repeats and number > DRAWS // 20:
                return thing
        raise ValueError(
            f"Expected another {split} document in {DRAWS} draws, got none after {len(self.taken)}. "
            "Ask for a smaller size."
        )
