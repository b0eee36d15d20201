"""Inputs: one item a note, row or pair, in order, whatever is wrong with it; no reason quotes a text."""

import json
import os

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin, Span

from spacy_mtclinical import make_pair
from spacy_mtclinical.documents import DOC_ID, PAIR
from spacy_mtclinical.formats.records import FormatError
from spacy_mtclinical.inputs import Item, open_source

SECRET = "zzsecret"
ODD = "a\x00b\x1b[31m \ufeff\u2028\x85 مريض \U0001f600\r\nc\rd\n\n"


def read(path, **options):
    return list(open_source(path, **options).items)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_folder_is_read_by_name_with_its_folders(tmp_path):
    for name in ("b.txt", "a.TXT", "sub/deep/c.txt", "sub/a.txt", "a.ann", "c/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    source = open_source(tmp_path)
    names = ["a.TXT", "b.txt", "c/x.txt", "sub/a.txt", "sub/deep/c.txt"]
    assert list(source.items) == [Item(name, (name,)) for name in names]
    assert (source.total, source.notices) == (5, ())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_note_is_read_as_it_is(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("notes") / "n.txt"
    path.write_bytes(text.encode())
    assert read(path) == [Item("n.txt", (text,))]


def test_a_note_that_cannot_be_read_keeps_its_place(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"zzsecret \xe9")
    (tmp_path / "b.txt").write_text(ODD, "utf8", newline="")
    (tmp_path / "c.txt").symlink_to(tmp_path / "gone")
    (tmp_path / "d.txt").write_bytes(b"")
    os.mkfifo(tmp_path / "e.txt")
    (tmp_path / "f.txt").write_bytes("zzsecret".encode("utf-16"))
    found = read(tmp_path)
    assert [item.id for item in found] == ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt", "f.txt"]
    assert [item.texts for item in found] == [(), (ODD,), (), ("",), (), ()]
    assert found[0].error == "Expected UTF-8, got something else at byte 9. Convert the file to UTF-8."
    assert found[2].error == found[4].error == "Expected a file, found something else or nothing."
    assert SECRET not in str(found)


def test_a_note_without_permission_or_that_vanishes_is_told(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    source = open_source(tmp_path)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: (_ for _ in ()).throw(PermissionError(13, "denied")))
    assert next(source.items).error == "The file could not be read (denied)."
    (tmp_path / "b.txt").unlink()
    assert source.total == 2


def test_a_name_that_is_not_utf8_is_escaped(tmp_path):
    try:
        with open(os.path.join(os.fsencode(tmp_path), b"\xe9.txt"), "w") as file:
            file.write("x")
    except OSError:
        pytest.skip("the file system takes no such name")
    assert read(tmp_path)[0].id.encode("utf8") == b"\\udce9.txt"


def test_links_to_folders_are_told(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("x")
    (tmp_path / "notes" / "loop").symlink_to(tmp_path / "notes")
    source = open_source(tmp_path / "notes")
    assert source.notices == ("1 links to folders were not followed",)
    assert len(list(source.items)) == 1


def test_rows_have_an_identifier_or_their_number(tmp_path):
    rows = [{"id": "n1", "text": "a"}, {"id": 7, "text": "b"}, {"text": "c"}, {"id": None, "text": "d"}]
    path = write(tmp_path / "a.jsonl", *rows, {"id": "\ud800", "text": "e"}, {"id": True, "text": "f"})
    assert read(path) == [
        Item("n1", ("a",)),
        Item("7", ("b",)),
        Item("3", ("c",)),
        Item("4", ("d",)),
        Item("\\ud800", ("e",)),
        Item("6", ("f",)),
    ]


def test_an_identifier_that_was_asked_for_has_to_be_there(tmp_path):
    path = write(tmp_path / "a.jsonl", {"key": "n1", "text": "a"}, {"id": 7, "text": SECRET})
    good, faulty = read(path, id="key")
    assert good == Item("n1", ("a",))
    assert faulty == Item("2", error="Line 2: expected an identifier (text or a number) in 'key', got none.")
    (tmp_path / "a.csv").write_text("id,text\n1,a\n")
    with pytest.raises(FormatError, match="expected a header with one column 'key', got 0"):
        read(tmp_path / "a.csv", id="key")


@pytest.mark.parametrize(
    "row, message",
    [
        ({"id": "n", "note": SECRET}, "Line 1, 'text': expected a text, found no such field."),
        ({"id": "n", "text": 5}, "Line 1, 'text': Expected a text (str), got int."),
        ({"id": "n", "text": None}, "Line 1, 'text': Expected a text (str), got NoneType."),
        ({"id": "n", "text": [SECRET]}, "Line 1, 'text': Expected a text (str), got list."),
        ({"id": "n", "text": f"{SECRET}\ud83d"}, "UTF-8 cannot encode (a lone surrogate) at offset 8."),
    ],
)
def test_a_row_without_text_keeps_its_place(tmp_path, row, message):
    path = write(tmp_path / "a.jsonl", row, {"id": "m", "text": ""})
    faulty, good = read(path)
    assert (faulty.id, faulty.texts, good) == ("n", (), Item("m", ("",)))
    assert message in faulty.error
    assert SECRET not in faulty.error


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_bytes_that_are_not_utf8_spoil_one_row(tmp_path, name):
    (tmp_path / name).write_bytes(b"text\nzzsecret \xe9\n\xc3\xa9\n")
    faulty, good = read(tmp_path / name)
    assert "UTF-8 cannot encode" in faulty.error and SECRET not in faulty.error
    assert good == Item("3", ("é",))


@pytest.mark.parametrize("kind", ["tsv", "csv", "jsonl"])
def test_pairs_are_read_from_their_two_columns(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "jsonl":
        write(path, {"p": "one", "h": "two", "id": 4}, {"p": "", "h": SECRET, "id": 5}, {"p": SECRET})
    else:
        sign = "," if kind == "csv" else "\t"
        path.write_text("".join(sign.join(row) + "\n" for row in (["id", "p", "h"], ["4", "one", "two"])))
    found = read(path, pair=("p", "h"))
    assert found[0] == Item("4", ("one", "two"))
    if kind == "jsonl":
        assert found[1:] == [
            Item("5", ("", SECRET)),
            Item("3", error="Line 3, 'h': expected a text, found no such field."),
        ]


def test_documents_of_a_spacy_file_are_texts_and_pairs(tmp_path):
    nlp = spacy.blank("en")
    note, pair, odd, nameless = nlp(ODD), make_pair(nlp, "one", ""), nlp("a b"), nlp.make_doc("")
    for doc, id in ((note, "n1"), (pair, 7), (odd, "odd")):
        doc.user_data[DOC_ID] = id
    odd.spans[PAIR] = [Span(odd, 0, 1)]
    path = tmp_path / "a.spacy"
    DocBin(docs=[note, pair, odd, nameless], store_user_data=True).to_disk(path)
    assert read(path) == [
        Item("n1", (ODD,)),
        Item("7", ("one", " ")),
        Item("odd", error="Expected a pair of two segments, got 1."),
        Item("4", ("",)),
    ]


def test_an_empty_table_has_no_items(tmp_path):
    (tmp_path / "a.jsonl").write_text("\n\n")
    assert read(tmp_path / "a.jsonl") == []


@pytest.mark.parametrize(
    "name, message",
    [
        ("gone", "Expected notes or pairs at .*gone, found nothing there"),
        ("a.doc", "Expected a folder of .txt files or a file of .txt, .jsonl, .csv, .tsv, .spacy, got .*a.doc"),
        ("empty", "Expected .txt files in .*empty or its folders, found none"),
        ("a.spacy", "a.spacy is no whole .spacy file"),
        ("a.csv", "line 1: expected a header with one column 'text', got 0"),
    ],
)
def test_what_holds_no_items_is_refused_at_once(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    for file in ("a.doc", "a.spacy", "a.csv", "empty/a.doc"):
        (tmp_path / file).write_text(f"{SECRET}\n")
    with pytest.raises((ValueError, OSError), match=message) as error:
        open_source(tmp_path / name)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("name", ["notes", "notes/a.txt", "a.spacy"])
def test_columns_of_pairs_need_a_table(tmp_path, name):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("x")
    DocBin().to_disk(tmp_path / "a.spacy")
    with pytest.raises(ValueError, match=r"Expected a table \(.jsonl, .csv, .tsv\) of pairs, got"):
        open_source(tmp_path / name, pair=("p", "h"))
