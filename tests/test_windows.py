"""Docs to windows and back: nothing is skipped, whatever the text."""

import time

import numpy
import pytest
import spacy
from conftest import make_tiny_bert
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from spacy_mtclinical import make_pair
from spacy_mtclinical.windows import (
    TEXT_PART,
    batch_windows,
    cover,
    group,
    make_cutter,
    shorten,
    split_lengths,
    split_text,
)


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


@pytest.fixture(scope="module")
def cutter(tmp_path_factory):
    folder = make_tiny_bert(tmp_path_factory.mktemp("windows"))
    return make_cutter(AutoTokenizer.from_pretrained(folder), window=32, context=4)


@given(st.integers(0, 5000), st.integers(16, 510), st.integers(0, 100))
def test_cores_partition_a_note_and_have_context(n_pieces, size, context):
    context = min(context, (size - 1) // 2)
    windows = cover(n_pieces, size, context)
    assert [core_start for _, _, core_start, _ in windows] == [0, *(end for *_, end in windows)][: len(windows)]
    assert (windows[-1][3] if windows else 0) == n_pieces
    for start, end, core_start, core_end in windows:
        assert 0 <= start <= core_start < core_end <= end <= n_pieces and end - start <= size
        assert core_start == 0 or core_start - start >= context
        assert core_end == n_pieces or end - core_end >= context


@given(st.integers(0, 700), st.integers(0, 700), st.integers(2, 600))
def test_pairs_are_shortened_longest_side_first(first, second, room):
    kept = shorten(first, second, room)
    assert sum(kept) == min(room, first + second)
    if sum(kept) < first + second:
        assert abs(kept[0] - kept[1]) <= 1 or min(kept) == min(first, second)
    assert kept[0] <= first and kept[1] <= second and min(kept) >= 0


@given(st.lists(st.integers(1, 300), max_size=40), st.integers(100, 2000))
def test_every_window_is_in_one_batch(lengths, budget):
    from spacy_mtclinical.windows import Window

    windows = [Window(numpy.zeros(length), numpy.zeros(length), (0, length)) for length in lengths]
    batches = batch_windows(windows, budget)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(st.lists(st.integers(1, 300), min_size=1, max_size=7))
def test_splitting_lengths_costs_least(lengths):
    def cost(parts):
        return sum(max(lengths[i] for i in part) * len(part) + 100 for part in parts)

    parts = split_lengths(lengths, call=100)
    assert sorted(index for part in parts for index in part) == list(range(len(lengths)))
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    ways = []
    for cuts in range(2 ** (len(order) - 1)):
        way = [[order[0]]]
        for place, index in enumerate(order[1:]):
            way.append([index]) if cuts >> place & 1 else way[-1].append(index)
        ways.append(cost(way))
    assert cost(parts) == min(ways)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_pieces_lie_in_tokens_and_units_do_not_overlap(nlp, cutter, text):
    doc = nlp.make_doc(text)
    (pieces,) = cutter.cut([doc])
    assert (pieces.first <= pieces.last).all() and (pieces.last < max(1, len(doc))).all()
    units = group(pieces)
    assert (units.first[1:] > units.last[:-1]).all()
    windows = list(cutter.windows(pieces))
    assert sum(window.n_states for window in windows) == len(pieces.ids)
    cores = [window.ids[window.keep[0] : window.keep[1]] for window in windows]
    assert numpy.array_equal(numpy.concatenate(cores) if cores else [], pieces.ids)


def test_parts_of_a_long_text_give_the_pieces_of_the_whole(any_encoder, nlp):
    tokenizer = AutoTokenizer.from_pretrained(any_encoder)
    cutter = make_cutter(tokenizer, window=64, context=8)
    text = "patient has pain  and\n\nrash. " * 2000
    assert len(list(split_text(text))) > 2
    (pieces,) = cutter.cut([nlp.make_doc(text)])
    assert pieces.ids.tolist() == tokenizer(text, add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize("text", ["ab  " * 1_000_000, " " * 4_000_000])
def test_split_text_takes_time_in_proportion(text):
    begun = time.process_time()
    assert sum(len(part) for part, _ in split_text(text)) == len(text)
    assert time.process_time() - begun < 5.0  # 40 s where each part looks for its end up to the end of the text


@pytest.mark.parametrize("text", ["", "a" * 100_000, " ".join("x" * 30_000), "\n" * 50_000, "no space" * 9000])
def test_split_text_keeps_every_character(text):
    parts = list(split_text(text))
    assert "".join(part for part, _ in parts) == text
    assert [start for _, start in parts] == list(numpy.cumsum([0, *(len(part) for part, _ in parts)]))[: len(parts)]
    assert all(len(part) <= 2 * TEXT_PART for part, _ in parts)


def test_windows_are_what_the_tokenizer_makes_of_notes_and_pairs(any_encoder, nlp):
    tokenizer = AutoTokenizer.from_pretrained(any_encoder)
    cutter = make_cutter(tokenizer, window=64, context=8)
    (pieces,) = cutter.cut([nlp.make_doc("patient has pain")])
    (window,) = cutter.windows(pieces)
    assert window.ids.tolist() == tokenizer("patient has pain")["input_ids"]
    window, shortened = cutter.pair_window(make_pair(nlp, "patient has", "no pain"))
    expected = tokenizer("patient has", "no pain", return_token_type_ids=True)
    assert window.ids.tolist() == expected["input_ids"]
    assert window.types.tolist() == expected["token_type_ids"]
    assert shortened == (0, 0)


def test_a_long_pair_is_shortened_and_says_so(cutter, nlp):
    window, shortened = cutter.pair_window(make_pair(nlp, "pain " * 50, "rash " * 5))
    assert len(window.ids) == 32 and shortened == (26, 0)


def test_a_slow_tokenizer_is_refused():
    class Slow:
        is_fast = False

    with pytest.raises(ValueError, match="Expected a fast tokenizer .* got Slow"):
        make_cutter(Slow(), window=64, context=8)
