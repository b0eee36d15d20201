"""A Doc to windows of sub-words and back to tokens.

A note of any length is covered by windows without a gap: each piece (sub-word) belongs to the core of exactly
one window, and windows overlap so that a core has context on both sides. A pair is one window, built as the
checkpoint's own tokenizer builds it, and shortened longest side first where the encoder cannot hold it.
"""

from itertools import chain
from typing import Any, Iterator, List, NamedTuple, Sequence, Tuple

import numpy
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc

from .arrays import Ints1d
from .documents import PAIR

TEXT_PART = 20_000  # characters that the sub-word tokenizer reads as one text
PARTS = 16  # such texts at once: what it says of each character takes much memory


class Window(NamedTuple):
    """One row of the encoder's input.

    keep: The positions whose hidden states are read.
    mean: Whether their mean is read instead.
    """

    ids: Ints1d
    types: Ints1d
    keep: Tuple[int, int]
    mean: bool = False

    @property
    def n_states(self) -> int:
        """How many states are read."""
        return 1 if self.mean else self.keep[1] - self.keep[0]


class Pieces(NamedTuple):
    """The sub-words of a Doc and the tokens they lie in. Shape of each: (piece,)."""

    ids: Ints1d
    first: Ints1d  # token in which the piece starts
    last: Ints1d  # token in which the piece ends


class Units(NamedTuple):
    """The smallest groups of pieces whose edges are token edges. Shape of each: (unit,)."""

    pieces: Ints1d  # the first piece
    first: Ints1d  # the first token
    last: Ints1d  # the last token


class Frame(NamedTuple):
    """The special sub-words that a checkpoint puts around one text or two, and the types of the segments."""

    before: List[int]
    between: List[int]
    after: List[int]
    types: Tuple[int, int, int, int, int]  # before, first, between, second, after

    def __len__(self) -> int:
        return len(self.before) + len(self.between) + len(self.after)


class Cutter(NamedTuple):
    """How Docs become windows for one checkpoint.

    tokenizer: The checkpoint's fast tokenizer, as the tokenizers library has it.
    note, pair: The special sub-words.
    size: Sub-words a window, special ones included.
    context: Sub-words of context at least on each side of a core.
    pair_state: What is read of a pair: the state of its "first" sub-word, or the "mean" of all.
    """

    tokenizer: Any
    note: Frame
    pair: Frame
    size: int
    context: int
    pair_state: str

    def cut(self, docs: Sequence[Doc]) -> Iterator[Pieces]:
        """Cut each Doc into sub-words."""
        parts: List[Tuple[str, int]] = []
        counts = []
        for doc in docs:
            found = list(split_text(doc.text))
            parts.extend(found)
            counts.append(len(found))
        encodings = self._encode([part for part, _ in parts])
        starts = iter(start for _, start in parts)
        for doc, count in zip(docs, counts):
            found_parts = [_read(next(encodings), next(starts)) for _ in range(count)]
            yield align(doc, *(numpy.concatenate(column) for column in zip(*found_parts))) if count else NO_PIECES

    def _encode(self, parts: Sequence[str]) -> Iterator[Any]:
        for start in range(0, len(parts), PARTS):
            yield from self.tokenizer.encode_batch(parts[start : start + PARTS], add_special_tokens=False)

    def windows(self, pieces: Pieces) -> Iterator[Window]:
        """Cover a note with windows; their cores, in order, are its pieces."""
        frame = self.note
        for start, end, core_start, core_end in cover(len(pieces.ids), self.size - len(frame), self.context):
            ids = numpy.concatenate((frame.before, pieces.ids[start:end], frame.after)).astype("int64")
            shift = len(frame.before) - start
            yield Window(ids, numpy.full(len(ids), frame.types[1]), (core_start + shift, core_end + shift))

    def pair_window(self, doc: Doc) -> Tuple[Window, Tuple[int, int]]:
        """Build the window of a pair.

        RETURNS: The window, and the sub-words left out of each side.
        """
        sides = [side.text for side in doc.spans[PAIR]]
        if len(sides) != 2:
            raise ValueError(f'doc.spans["{PAIR}"] expected two spans, got {len(sides)}. Make pairs with make_pair.')
        first, second = (e.ids for e in self.tokenizer.encode_batch(sides, add_special_tokens=False))
        kept = shorten(len(first), len(second), self.size - len(self.pair))
        frame = self.pair
        segments = (frame.before, first[: kept[0]], frame.between, second[: kept[1]], frame.after)
        ids = numpy.array([piece for segment in segments for piece in segment], dtype="int64")
        types = numpy.repeat(frame.types, [len(segment) for segment in segments])
        keep, mean = ((0, len(ids)), True) if self.pair_state == "mean" else ((0, 1), False)
        return Window(ids, types, keep, mean), (len(first) - kept[0], len(second) - kept[1])


def make_cutter(tokenizer: Any, *, window: int, context: int, pair_state: str = "first") -> Cutter:
    """Read from a Hugging Face tokenizer how it frames one text and two.

    window: Sub-words a window, special ones included.
    context, pair_state: See Cutter.
    RAISES: ValueError if the tokenizer is not a fast one, which alone knows character offsets.
    """
    if not tokenizer.is_fast:
        raise ValueError(
            f"Expected a fast tokenizer (one with character offsets), got {type(tokenizer).__name__}. "
            "Use a checkpoint that has a tokenizer.json, or convert its tokenizer with transformers."
        )
    backend = tokenizer.backend_tokenizer
    note, pair = read_frame(tokenizer, "a"), read_frame(tokenizer, "a", "a")
    backend.no_truncation()
    backend.no_padding()
    context = min(context, (window - len(note)) // 4)
    return Cutter(tokenizer=backend, note=note, pair=pair, size=window, context=context, pair_state=pair_state)


def read_frame(tokenizer: Any, *texts: str) -> Frame:
    """Find the special sub-words around and between texts, and the types, from what the tokenizer makes of them."""
    encoded = tokenizer(*texts, add_special_tokens=True, return_token_type_ids=True)
    sides = encoded.sequence_ids(0)
    ids, types = encoded["input_ids"], encoded["token_type_ids"]
    starts = [sides.index(side) for side in range(len(texts))]
    ends = [len(sides) - sides[::-1].index(side) for side in range(len(texts))]
    between = slice(ends[0], starts[-1])
    places = (0, starts[0], ends[0] if between.stop > between.start else starts[0], starts[-1], len(ids) - 1)
    return Frame(
        before=ids[: starts[0]],
        between=ids[between],
        after=ids[ends[-1] :],
        types=tuple(types[place] for place in places),  # type: ignore[arg-type]
    )


def split_text(text: str) -> Iterator[Tuple[str, int]]:
    """Split a long text where no sub-word tokenizer joins: before a single space between two other characters.

    RETURNS: The parts, which joined are the text, each with its offset.
    """
    start = 0
    while len(text) - start > TEXT_PART:
        stop = start + 2 * TEXT_PART + 1
        end = text.find(" ", start + TEXT_PART, stop)
        while end != -1 and (text[end - 1].isspace() or text[end + 1 : end + 2].isspace()):
            end = text.find(" ", end + 1, stop)
        if end == -1:
            end = start + TEXT_PART
        yield text[start:end], start
        start = end
    if start < len(text):
        yield text[start:], start


def _read(encoding: Any, shift: int) -> Tuple[Ints1d, Ints1d, Ints1d]:
    ids = numpy.array(encoding.ids, dtype="int64")
    offsets = numpy.fromiter(chain.from_iterable(encoding.offsets), dtype="int64", count=2 * len(ids)) + shift
    return ids, offsets[::2], offsets[1::2]


def align(doc: Doc, ids: Ints1d, starts: Ints1d, ends: Ints1d) -> Pieces:
    """Find the tokens of pieces.

    ids, starts, ends: Vocabulary index and character offsets, shape (piece,).
    """
    places = doc.to_array([IDX, LENGTH]).astype("int64").reshape(-1, 2)
    token_starts = places[:, 0]
    first = numpy.searchsorted(token_starts, starts, side="right") - 1
    # Byte-level vocabularies count the space before a word as part of its first piece.
    first += (starts >= token_starts[first] + places[first, 1]) & (first + 1 < len(doc))
    last = numpy.maximum(numpy.searchsorted(token_starts, ends, side="left") - 1, first)
    return Pieces(ids, first, last)


NO_PIECES = Pieces(*(numpy.zeros(0, dtype="int64") for _ in range(3)))


def group(pieces: Pieces) -> Units:
    """Group pieces into units: a new one starts where a piece starts in a token that no earlier piece touched."""
    if not len(pieces.ids):
        return Units(*NO_PIECES)
    reached = numpy.maximum.accumulate(pieces.last)
    fresh = numpy.append(True, pieces.first[1:] > reached[:-1])
    starts = numpy.flatnonzero(fresh)
    ends = numpy.append(starts[1:], len(fresh)) - 1
    return Units(starts, pieces.first[starts], reached[ends])


def cover(n_pieces: int, size: int, context: int) -> List[Tuple[int, int, int, int]]:
    """Cover a note with as few windows as give each core its context, all of about one length.

    RETURNS: (start, end, first of the core, end of the core) a window, in pieces; the cores partition the note.
    """
    if n_pieces <= size:
        return [(0, n_pieces, 0, n_pieces)] if n_pieces else []
    overlap = 2 * context
    count = -(-(n_pieces - overlap) // (size - overlap))
    length = -(-(n_pieces + overlap * (count - 1)) // count)
    starts = [index * (n_pieces - length) // (count - 1) for index in range(count)]
    edges = [0] + [(start + last + length) // 2 for start, last in zip(starts[1:], starts)] + [n_pieces]
    return [(start, start + length, edges[index], edges[index + 1]) for index, start in enumerate(starts)]


def shorten(first: int, second: int, room: int) -> Tuple[int, int]:
    """Take sub-words from the longer side until both fit, from the first where they are equal.

    RETURNS: The lengths kept.
    """
    excess = max(0, first + second - room)
    level = min(excess, abs(first - second))
    rest = excess - level
    cut_first = (level if first >= second else 0) + -(-rest // 2)
    cut_second = (level if second > first else 0) + rest // 2
    return first - cut_first, second - cut_second


def batch_windows(windows: Sequence[Window], budget: int) -> List[List[int]]:
    """Sort windows by length and batch them, padding included, by a budget of sub-words.

    RETURNS: Indices into `windows`, a list a batch; each window in exactly one.
    """
    batches: List[List[int]] = []
    width = 0
    for index in sorted(range(len(windows)), key=lambda index: -len(windows[index].ids)):
        if not batches or width * (len(batches[-1]) + 1) > budget:
            batches.append([])
            width = len(windows[index].ids)
        batches[-1].append(index)
    return batches


def split_lengths(lengths: Sequence[int], *, call: int) -> List[List[int]]:
    """Split rows into the parts that cost least when each part is padded to its longest row.

    call: What a part costs beside its sub-words, in sub-words.
    RETURNS: Indices into `lengths`, a list a part; each row in exactly one.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    longest = numpy.array([lengths[index] for index in order])
    costs = numpy.zeros(1)  # of the cheapest split of the first rows
    cuts = []
    for end in range(1, len(order) + 1):
        ways = costs + longest[:end] * (end - numpy.arange(end)) + call
        cuts.append(int(ways.argmin()))
        costs = numpy.append(costs, ways.min())
    parts: List[List[int]] = []
    end = len(order)
    while end:
        parts.append(order[cuts[end - 1] : end])
        end = cuts[end - 1]
    return parts
