"""As many pairs as can be, against trying everything; chains that one pair pushes along."""

from cases import do_overlap, law, most_pairs
from hypothesis import given
from hypothesis import strategies as st

from spacy_mtclinical.scoring.matching import find_overlaps, match

PLACES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)).map(lambda p: (p[0], p[0] + p[1])), max_size=6)


@law
@given(PLACES, PLACES)
def test_overlaps_are_found_in_order(left, right):
    assert find_overlaps(left, right) == [[n for n, b in enumerate(right) if do_overlap(a, b)] for a in left]


@law
@given(st.lists(st.lists(st.integers(0, 4), max_size=4), max_size=5))
def test_as_many_as_can_be_have_a_partner_of_their_own(candidates):
    partners = match(candidates, 5)
    taken = [partner for partner in partners if partner is not None]
    assert len(taken) == len(set(taken)) == most_pairs(candidates)
    assert all(partner is None or partner in options for partner, options in zip(partners, candidates))


def test_a_long_chain_moves_along():
    candidates = [[number, number + 1] for number in range(3000)] + [[0]]
    assert match(candidates, 3001) == [*range(1, 3001), 0]
