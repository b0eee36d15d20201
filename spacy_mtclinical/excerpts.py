"""Training examples: notes cut into excerpts that fill one window each."""

from typing import Iterator, List, Sequence, Tuple

from spacy.tokens import Doc, Span

from .windows import Cutter, group


def cut_notes(docs: Sequence[Doc], task: str, cutter: Cutter) -> Iterator[Doc]:
    """Cut gold notes into excerpts of one window each, between gold spans as far as these leave room for a cut.

    Excerpts follow each other without a gap. A span longer than half a window, or in a chain of overlapping ones that
    is, may be cut; both parts stay.
    """
    room = cutter.size - len(cutter.note)
    for doc, pieces in zip(docs, cutter.cut(docs)):
        if len(pieces.ids) <= room:
            if len(doc):
                yield make_excerpt(doc, task, 0, len(doc))
            continue
        units = group(pieces)
        ends = [*units.pieces[1:], len(pieces.ids)]
        spans = sorted((span.start, span.end) for span in doc.spans[task])
        bounds = [0]
        first_piece = 0
        for unit, end in enumerate(ends):
            if end - first_piece > room and unit:
                bounds.append(move_out(int(units.first[unit]), spans, bounds[-1]))
                unit_at_bound = int((units.first < bounds[-1]).sum())
                first_piece = int(units.pieces[unit_at_bound])
        for start, stop in zip(bounds, [*bounds[1:], len(doc)]):
            yield make_excerpt(doc, task, start, stop)


def move_out(bound: int, spans: List[Tuple[int, int]], after: int) -> int:
    """Move a bound back to where it cuts no span, but by no more than half the excerpt: then one is cut."""
    moved = bound
    for start, end in reversed(spans):
        if start < moved < end:
            moved = start
    return moved if moved > (after + bound) // 2 else bound


def make_excerpt(doc: Doc, task: str, start: int, end: int) -> Doc:
    """Copy tokens and the task's spans, cut to them, into a Doc of their own."""
    tokens = doc[start:end]
    excerpt = Doc(
        doc.vocab, words=[token.text for token in tokens], spaces=[bool(token.whitespace_) for token in tokens]
    )
    excerpt.spans[task] = [
        Span(excerpt, max(span.start, start) - start, min(span.end, end) - start, label=span.label)
        for span in doc.spans[task]
        if span.start < end and span.end > start
    ]
    return excerpt
