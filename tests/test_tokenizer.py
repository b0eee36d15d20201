"""The tokenizer: keeps every text, cuts where annotations begin and end, and takes linear time."""

import time

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_mtclinical.datasets import load_dataset
from spacy_mtclinical.tokenizer import create_tokenizer_v1

CONFIG = {"nlp": {"tokenizer": {"@tokenizers": "spacy-mtclinical.Tokenizer.v1"}}}


TOKENIZER = create_tokenizer_v1()(spacy.blank("xx"))
CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from(" \n\t\r\0\x1c\x85\xa0\u2028aAéÉsS19.,-/_\ufeff\u0301\u200d\ufe0f😷🩺شא中µßǅ²½"),
)


@settings(max_examples=300, deadline=None)
@given(st.text(CHARACTERS, max_size=60))
def test_text_is_kept_and_every_character_is_in_order(text):
    doc = TOKENIZER(text)
    assert doc.text == text
    assert "".join(token.text_with_ws for token in doc) == text
    assert all(len(token) > 0 for token in doc)


@settings(max_examples=100, deadline=None)
@given(st.text(CHARACTERS, max_size=30))
def test_tokens_of_a_chunk_are_the_same_from_the_cache(text):
    once = TOKENIZER(text)
    again = TOKENIZER(text)
    assert [token.text_with_ws for token in again] == [token.text_with_ws for token in once]


@pytest.mark.parametrize(
    "text,tokens",
    [
        ("", []),
        ("   ", ["   "]),
        ("pain\n\n rash", ["pain", "\n\n ", "rash"]),
        ("aspirin 5mg.", ["aspirin", "5", "mg", "."]),
        ("Edad:62 años", ["Edad", ":", "62", "años"]),
        ("NHC-150679", ["NHC", "-", "150679"]),
        ("H.", ["H", "."]),
        ("08/03/2031", ["08", "/", "03", "/", "2031"]),
        ("TorreCorreo", ["Torre", "Correo"]),
        ("DRAlba", ["DR", "Alba"]),
        ("two VTs and USs", ["two", "VT", "s", "and", "US", "s"]),
        ("USsa As", ["U", "Ssa", "As"]),
        ("HbA1c_x", ["Hb", "A", "1", "c", "_", "x"]),
        ("d'Éluard l’œil", ["d", "'", "Éluard", "l", "’", "œil"]),
        ("\ufeffDatos", ["\ufeff", "Datos"]),
        ("cafe\u0301s E\u0301cole", ["cafe\u0301", "s", "E\u0301", "cole"]),
        ("β-blocker 5µg", ["β", "-", "blocker", "5", "µg"]),
        ("...", [".", ".", "."]),
        ("a\0b", ["a", "\0", "b"]),
        ("胸痛3日", ["胸痛", "3", "日"]),
    ],
)
def test_cuts(text, tokens):
    assert [token.text for token in TOKENIZER(text)] == tokens


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "A" * 1_000_000, "A" * 999_999 + "s", "A1." * 333_333, "aA" * 500_000, "a \n" * 333_333],
    ids=["letters", "capitals", "plural", "mixed", "case", "note"],
)
def test_time_is_linear_in_the_length_of_a_token(text):
    tokenizer = create_tokenizer_v1()(spacy.blank("xx"))
    begun = time.perf_counter()
    doc = tokenizer(text)
    assert time.perf_counter() - begun < 20  # 2 seconds on a small machine; quadratic time takes minutes
    assert doc.text == text


def test_is_found_by_name_and_survives_saving(tmp_path):
    nlp = spacy.blank("en", config=CONFIG)
    text = "Edad:62, 5mg VTs"
    tokens = [token.text for token in nlp(text)]
    assert tokens == ["Edad", ":", "62", ",", "5", "mg", "VT", "s"]
    nlp.to_disk(tmp_path)
    assert [token.text for token in spacy.load(tmp_path)(text)] == tokens
    for other in (spacy.blank("en", config=CONFIG), spacy.blank("en")):
        other.tokenizer.from_bytes(nlp.tokenizer.to_bytes())
        infixes = other.tokenizer.infix_finditer.__self__.pattern
        assert infixes == nlp.tokenizer.infix_finditer.__self__.pattern
    assert [token.text for token in spacy.blank("en", config=CONFIG).from_bytes(nlp.to_bytes())(text)] == tokens


def test_serves_two_processes():
    nlp = spacy.blank("en", config=CONFIG)
    texts = ["Edad:62", "", "5mg", "NHC-150679"] * 3
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    assert [[token.text for token in doc] for doc in docs] == [[token.text for token in nlp(text)] for text in texts]


@pytest.mark.parametrize(
    "archive,dataset,least",
    [
        ("bc5cdr", "bc5cdr", 99.9),
        ("maccrobat", "maccrobat", 99.9),
        ("meddocan", "meddocan", 99.9),
        ("quaero", "quaero_2014", 99.9),
        ("phee", "phee", 99.6),
    ],
)
def test_gold_boundaries_fall_on_tokens(public_corpus, archive, dataset, least):
    module = load_dataset(dataset)
    aligned = total = 0
    for split in ("train", "dev"):
        for note in module.read(public_corpus(archive), split=split):
            doc = TOKENIZER(note.text)
            assert doc.text == note.text
            starts = {token.idx for token in doc}
            ends = {token.idx + len(token) for token in doc}
            found = [a.start in starts and a.end in ends for a in note.annotations if a.label in module.LABELS]
            aligned += sum(found)
            total += len(found)
    assert total > 9_000
    assert 100 * aligned / total >= least


def test_is_as_fast_as_the_english_tokenizer():
    texts = [f"Day {day}: patient{day} had 5mg/day of drug{day} (p.o.), pulse {60 + day}." for day in range(3000)]
    seconds = {}
    for name in ("ours", "english"):
        rounds = []
        for _ in range(2):
            tokenizer = create_tokenizer_v1()(spacy.blank("en")) if name == "ours" else spacy.blank("en").tokenizer
            begun = time.perf_counter()
            for text in texts:
                tokenizer(text)
            rounds.append(time.perf_counter() - begun)
        seconds[name] = min(rounds)
    assert seconds["ours"] < seconds["english"]
