"""Tokens of the pipeline and their labels, without prefixes: the figure of the paper (Mulyar et al. 2020).

A token has the labels of all mentions that touch it; with several, each counts. Tokens of white space are left out.
Equal to none of the datasets' own definitions: a mention of ten tokens weighs ten times one of a single token.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from functools import partial
from typing import Dict, Sequence, Set

from .mentions import Case, Mention
from .metric import Counts, Metric, make_span_metric, tally

TOKEN = "token"
DEFINITION = (
    "micro-averaged over the tokens of the pipeline and their labels, as the paper's own figures are; mentions that "
    "touch none are left out"
)


def configure_word_tokens_v1() -> Metric:
    """Configure the paper's own metric as the one that counts."""
    return make_span_metric(partial(count_tokens, name=""), definitions={"": DEFINITION})


def count_tokens(case: Case, *, name: str = TOKEN) -> Counts:
    """Count labelled tokens."""
    counts: Counts = {}
    starts, ends = [start for start, _ in case.tokens], [end for _, end in case.tokens]
    gold, guess = (label_tokens(mentions, starts, ends) for mentions in (case.gold, case.guess))
    right = {label: len(tokens & guess.get(label, set())) for label, tokens in gold.items()}
    tally(counts, name, wanted=_count(gold), guessed=_count(guess), right=Counter(right))
    return counts


def _count(found: Dict[str, Set[int]]) -> Counter:
    return Counter({label: len(tokens) for label, tokens in found.items()})


def label_tokens(mentions: Sequence[Mention], starts: Sequence[int], ends: Sequence[int]) -> Dict[str, Set[int]]:
    """Label to the numbers of the tokens that a fragment touches."""
    found: Dict[str, Set[int]] = {}
    for mention in mentions:
        tokens = found.setdefault(mention.label, set())
        for start, end in mention.fragments:
            if start < end:
                tokens.update(range(bisect_right(ends, start), bisect_left(starts, end)))
    return found
