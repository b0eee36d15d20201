"""One-to-one matching of spans that overlap."""

from bisect import bisect_left
from typing import List, Optional, Sequence, Tuple

Place = Tuple[int, int]


def find_overlaps(left: Sequence[Place], right: Sequence[Place]) -> List[List[int]]:
    """For each of the left, the indices of the right that share a character with it, ascending."""
    order = sorted(range(len(right)), key=lambda index: right[index])
    starts = [right[index][0] for index in order]
    longest = max((end - start for start, end in right), default=0)
    found = []
    for start, end in left:
        nearby = order[bisect_left(starts, start - longest) : bisect_left(starts, end)]
        found.append(sorted(index for index in nearby if right[index][1] > start and right[index][0] < end))
    return found


def match(candidates: Sequence[Sequence[int]], size: int) -> List[Optional[int]]:
    """Pair as many as can be, each with one at most, by augmenting paths (Kuhn).

    candidates: For each of the left, those of the right that it may be paired with.
    size: How many are on the right.
    RETURNS: For each of the left, its partner or None.
    """
    owner: List[Optional[int]] = [None] * size
    partner: List[Optional[int]] = [None] * len(candidates)
    for root in range(len(candidates)):
        path = _find_path(root, candidates, owner)
        for left, right in path:
            owner[right], partner[left] = left, right
    return partner


def _find_path(root: int, candidates: Sequence[Sequence[int]], owner: Sequence[Optional[int]]) -> List[Tuple[int, int]]:
    """The pairs to make so that one more of the left has a partner; none where that cannot be."""
    seen = set()
    stack = [(root, iter(candidates[root]))]
    path: List[Tuple[int, int]] = []
    while stack:
        left, options = stack[-1]
        for right in options:
            if right not in seen:
                seen.add(right)
                path.append((left, right))
                other = owner[right]
                if other is None:
                    return path
                stack.append((other, iter(candidates[other])))
                break
        else:
            stack.pop()
            if path:
                path.pop()
    return []
