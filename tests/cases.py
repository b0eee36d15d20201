"""Cases for metrics: mentions as (label, start, end) or with fragments, small random ones, and figures from counts."""

from hypothesis import settings
from hypothesis import strategies as st
from pytest import approx

from spacy_mtclinical.scoring.mentions import Case, Mention
from spacy_mtclinical.scoring.metric import add_up, compute_ratios, name_figures, tabulate

law = settings(max_examples=60, deadline=None)  # a busy machine is no error


def mention(label, *fragments, id="", **attributes):
    """A mention of fragments, or of one start and end."""
    if fragments and isinstance(fragments[0], int):
        fragments = (fragments,)
    return Mention(label, tuple(fragments), id, attributes)


def case(text, gold, guess):
    """A case of mentions as tuples of `mention`."""
    sides = ([one if isinstance(one, Mention) else mention(*one) for one in side] for side in (gold, guess))
    return Case(text, *sides, tokens=[])


def prf(count, *cases, name=""):
    """p, r and f of what a function counts, by one of its definitions."""
    table = tabulate([count(one) for one in cases])
    found = name_figures(compute_ratios(add_up(table.kinds, table.counts.sum(axis=(0, 1))), [name]))
    return tuple(found[f"{name}_{letter}" if name else letter] for letter in "prf")


def rate(recalled, wanted, precise, guessed):
    """p, r and f as they are defined, by hand."""
    if not wanted and not guessed:
        return approx((1.0, 1.0, 1.0))
    p, r = precise / guessed if guessed else 0.0, recalled / wanted if wanted else 0.0
    return approx((p, r, 2 * p * r / (p + r) if p + r else 0.0))


def most_pairs(candidates):
    """The size of the largest one-to-one matching, by trying everything."""
    if not candidates:
        return 0
    first, *rest = candidates
    best = most_pairs(rest)
    for other in first:
        best = max(best, 1 + most_pairs([[index for index in options if index != other] for options in rest]))
    return best


def do_overlap(left, right):
    return left[0] < right[1] and right[0] < left[1]


LETTERS = st.text(alphabet="ab1. \n", min_size=0, max_size=14)


def mentions_in(text, labels="XY", most=4):
    """Lists of (label, start, end) within a text, repeated ones too."""
    if not text:
        return st.just([])
    starts = st.integers(0, len(text) - 1)
    places = starts.flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text))))
    found = st.tuples(st.sampled_from(list(labels)), places).map(lambda one: (one[0], *one[1]))
    return st.lists(found, max_size=most)


CASES = LETTERS.flatmap(lambda text: st.tuples(st.just(text), mentions_in(text), mentions_in(text)))
