"""Pairs and what a Doc carries."""

import pytest
import spacy
from spacy.tokens import Doc, DocBin

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import check_text, register_extension


@pytest.fixture(scope="module")
def blank():
    return spacy.blank("en")


@pytest.mark.parametrize(
    "first, second", [("has pain", "no pain"), (" padded \n", "x"), ("🩺 a\x00b", "אב"), ("a ", " ")]
)
def test_segments_hold_their_texts(blank, first, second):
    pair = make_pair(blank, first, second)
    assert [span.text_with_ws for span in pair.spans["pair"]] == [first, second]
    assert pair.text == f"{first}\n{second}"


def test_an_empty_side_holds_one_white_space_token(blank):
    pair = make_pair(blank, "", "pain")
    assert [span.text for span in pair.spans["pair"]] == [" ", "pain"]
    assert len(pair.copy().spans["pair"]) == 2


def test_pairs_survive_bytes_and_bins(blank):
    pair = make_pair(blank, "has pain", "pain")
    pair._.mtclinical["implies"] = {"yes": 1.0, "no": 0.0}
    pair.spans["pair"].attrs["shortened"] = [0, 3]
    copies = [Doc(blank.vocab).from_bytes(pair.to_bytes())]
    copies += (
        DocBin(store_user_data=True)
        .from_bytes(DocBin(docs=[pair], store_user_data=True).to_bytes())
        .get_docs(blank.vocab)
    )
    for copy in copies:
        assert [span.text for span in copy.spans["pair"]] == ["has pain", "pain"]
        assert copy.spans["pair"].attrs["shortened"] == [0, 3]
        assert copy._.mtclinical == {"implies": {"yes": 1.0, "no": 0.0}}


def test_answers_of_one_document_are_not_those_of_another(blank):
    first, second = make_pair(blank, "a", "b"), make_pair(blank, "a", "b")
    first._.mtclinical["implies"] = 1.0
    assert second._.mtclinical == {}


def test_registering_twice_keeps_the_first():
    register_extension()
    before = Doc.get_extension("mtclinical")
    register_extension()
    assert Doc.get_extension("mtclinical") == before


def test_what_no_document_can_hold_is_refused_without_its_text(blank):
    with pytest.raises(ValueError, match=r"lone surrogate\) at offset 6") as caught:
        make_pair(blank, "SECRET\ud800", "b")
    assert "SECRET" not in str(caught.value)
    with pytest.raises(TypeError, match="Expected a text .str., got int"):
        check_text(5)
