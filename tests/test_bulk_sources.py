"""Inputs: one row a note, record or pair, in order, whatever is wrong with it; no reason quotes a text."""

import json
import os

import pyarrow as pa
import pyarrow.parquet
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import DocBin, Span

from spacy_mtclinical import make_pair
from spacy_mtclinical.bulk import sources
from spacy_mtclinical.bulk.items import Item
from spacy_mtclinical.bulk.sources import FAULT, FIRST, ID, SECOND, TEXT, cut_pieces, make_source_schema, pick
from spacy_mtclinical.documents import DOC_ID, PAIR
from spacy_mtclinical.formats.records import FormatError

SECRET = "zzsecret"
ODD = "a\x00b\x1b[31m \ufeff\u2028\x85 مريض \U0001f600\r\nc\rd\n\n"


def open_source(path, **options):
    return sources.open_source(path, listing=path.parent / "list", **options)


def items_of(pieces):
    """The items that batches were made of, save what passes through."""
    found = []
    for piece in pieces:
        for row in piece.batch.to_pylist():
            texts = tuple(row[name] for name in (TEXT, FIRST, SECOND) if row.get(name) is not None)
            found.append(Item(row[ID], texts, row[FAULT] or ""))
    return found


def read(path, **options):
    source = open_source(path, **options)
    pieces = list(source.read([range(source.total)], 256))
    assert all(piece.batch.schema.equals(make_source_schema(source)) for piece in pieces)
    assert sum(piece.batch.num_rows for piece in pieces) == source.total
    return items_of(pieces)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_folder_is_read_by_name_with_its_folders(tmp_path):
    for name in ("b.txt", "a.TXT", "sub/deep/c.txt", "sub/a.txt", "a.ann", "c/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    source = open_source(tmp_path)
    names = ["a.TXT", "b.txt", "c/x.txt", "sub/a.txt", "sub/deep/c.txt"]
    assert items_of(source.read([range(5)], 2)) == [Item(name, (name,)) for name in names]
    assert (source.total, source.notices) == (5, ("1 files that do not end in .txt were not read",))


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


def test_a_note_that_changes_or_vanishes_is_unread_for_the_moment(tmp_path, monkeypatch):
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in "abcd":
        (folder / f"{name}.txt").write_text("text")
    (folder / "e.txt").symlink_to(folder / "gone")
    source = open_source(folder)
    (folder / "a.txt").unlink()
    (folder / "b.txt").write_text("te")
    (folder / "c.txt").write_text("text and more")
    (folder / "f.txt").write_text("new")
    (piece,) = source.read([range(5)], 256)
    assert [item.error for item in items_of([piece])] == [
        "Expected a file, found something else or nothing.",
        "Expected 4 bytes, as when the run began, got 2. Put the file back, and start again.",
        "Expected 4 bytes, as when the run began, got 13. Put the file back, and start again.",
        "",
        "Expected a file, found something else or nothing.",
    ]
    assert piece.unread == 3
    (folder / "g.txt").write_text("new")
    again = open_source(folder, renew=False)
    assert (again.identity, again.total) == (source.identity, 5)
    assert again.notices == ("1 files came after the run had begun, and are not in it",)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: (_ for _ in ()).throw(PermissionError(13, "denied")))
    (piece,) = source.read([range(3, 4)], 256)
    assert (items_of([piece])[0].error, piece.unread) == ("The file could not be read (denied).", 1)


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
    assert len(items_of(source.read([range(1)], 256))) == 1


def test_rows_have_an_identifier_or_their_number(tmp_path):
    rows = [{"id": "n1", "text": "a"}, {"id": 7, "text": "b"}, {"text": "c"}, {"id": None, "text": "d"}]
    path = write(tmp_path / "a.jsonl", *rows, {"id": "\ud800", "text": "e"}, {"id": True, "text": "f"})
    assert read(path) == [
        Item("n1", ("a",)),
        Item("7", ("b",)),
        Item("line 3", ("c",)),
        Item("line 4", ("d",)),
        Item("\\ud800", ("e",)),
        Item("line 6", ("f",)),
    ]
    assert [item.id for item in read(write(tmp_path / "b.jsonl", {"text": "a"}, {"text": "b"}))] == ["1", "2"]


def test_a_row_that_cannot_be_read_has_not_the_identifier_of_another(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n3,a\n4,b,c\n1,d\n")
    assert [item.id for item in read(tmp_path / "a.csv")] == ["3", "line 3", "1"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_columns_to_leave_out_have_to_be_there(tmp_path, kind):
    path, row = tmp_path / f"a.{kind}", {"text": "a", "ssn": SECRET}
    if kind == "parquet":
        pyarrow.parquet.write_table(pa.table({name: [cell] for name, cell in row.items()}), path)
    else:
        path.write_text(json.dumps(row) if kind == "jsonl" else f"text,ssn\na,{SECRET}\n")
    assert not open_source(path, drop=["ssn"]).others
    with pytest.raises(ValueError, match="expected the columns to leave out, found none named SSN, date") as caught:
        open_source(path, drop=["date", "SSN", "ssn"])
    assert SECRET not in str(caught.value)
    with pytest.raises(ValueError, match="Expected a table to leave columns out of, got "):
        open_source(tmp_path, drop=["ssn"])


def test_an_identifier_that_was_asked_for_has_to_be_there(tmp_path):
    path = write(tmp_path / "a.jsonl", {"key": "n1", "text": "a"}, {"id": 7, "text": SECRET})
    good, faulty = read(path, id="key")
    assert good == Item("n1", ("a",))
    assert faulty == Item("line 2", error="Line 2: expected an identifier (text or a number) in 'key', got none.")
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
            Item("line 3", error="Line 3, 'h': expected a text, found no such field."),
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
        (
            "a.doc",
            "Expected a folder of .txt files or a file of .txt, .jsonl, .csv, .tsv, .parquet, .spacy, got .*a.doc",
        ),
        ("empty", "Expected .txt files in .*empty or its folders, found none"),
        ("a.spacy", "a.spacy is no whole .spacy file"),
        ("a.csv", "line 1: expected a header with one column 'text', got 0"),
        ("a.parquet", "a.parquet is no whole Parquet file"),
        ("list", "Expected a folder of .txt files"),
    ],
)
def test_what_holds_no_items_is_refused_at_once(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    for file in ("a.doc", "a.spacy", "a.csv", "a.parquet", "list", "empty/a.doc"):
        (tmp_path / file).write_text(f"{SECRET}\n")
    with pytest.raises((ValueError, OSError), match=message) as error:
        open_source(tmp_path / name)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("name", ["notes", "notes/a.txt", "a.spacy"])
def test_columns_of_pairs_need_a_table(tmp_path, name):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("x")
    DocBin().to_disk(tmp_path / "a.spacy")
    with pytest.raises(ValueError, match=r"Expected a table \(.jsonl, .csv, .tsv, .parquet\) of pairs, got"):
        open_source(tmp_path / name, pair=("p", "h"))


def test_other_columns_pass_with_the_type_of_all_their_cells(tmp_path):
    rows = [
        {"id": 1, "text": "a", "s": "x", "i": 5, "f": 1, "b": True, "o": [1, {"k": None}], "m": 1, "n": None, "big": 1},
        {"id": 2, "text": "b", "s": None, "i": -3, "f": 2.5, "b": None, "o": "é", "m": "1", "late": "y", "big": 2**60},
    ]
    source = open_source(write(tmp_path / "a.jsonl", *rows))
    assert [(field.name, str(field.type)) for field in source.others] == [
        ("s", "string"),
        ("i", "int64"),
        ("f", "double"),
        ("b", "bool"),
        ("o", "string"),
        ("m", "string"),
        ("n", "string"),
        ("big", "string"),
        ("late", "string"),
    ]
    (piece,) = source.read([range(2)], 256)
    assert piece.batch.select([field.name for field in source.others]).to_pylist() == [
        {"s": "x", "i": 5, "f": 1.0, "b": True, "o": '[1, {"k": null}]', "m": "1", "n": None, "big": "1", "late": None},
        {"s": None, "i": -3, "f": 2.5, "b": None, "o": '"é"', "m": '"1"', "n": None, "big": str(2**60), "late": "y"},
    ]
    assert [field.name for field in open_source(tmp_path / "a.jsonl", drop=["o", "m"]).others][4] == "n"


def test_a_cell_that_utf8_cannot_hold_spoils_its_row(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"text,who,n\nzzsecret,M\xfcller,1\nb,Meier,2\n")
    source = open_source(tmp_path / "a.csv")
    (piece,) = source.read([range(2)], 256)
    assert piece.batch.select([FAULT, TEXT, "who", "n"]).to_pylist() == [
        {FAULT: "Line 2, 'who': expected UTF-8, got something else.", TEXT: None, "who": None, "n": "1"},
        {FAULT: None, TEXT: "b", "who": "Meier", "n": "2"},
    ]
    path = write(tmp_path / "a.jsonl", {"text": "a", "o": {"k": ["\ud800"]}}, {"text": 5, "o": "\ud800"})
    first, second = read(path)
    assert first.error == "Line 1, 'o': expected UTF-8, at most 100 levels deep, got something else."
    assert second.error == "Line 2, 'text': Expected a text (str), got int."


TOTAL = 11


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The same notes in every kind of input."""
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "notes").mkdir()
    texts = [f"text {number}" for number in range(TOTAL)]
    for number, text in enumerate(texts):
        (folder / "notes" / f"{number:02}.txt").write_text(text)
    write(folder / "a.jsonl", *({"text": text} for text in texts))
    (folder / "a.csv").write_text("\n".join(["text", *texts]))
    DocBin(docs=[spacy.blank("en").make_doc(text) for text in texts]).to_disk(folder / "a.spacy")
    pa.parquet.write_table(pa.table({"text": texts}), folder / "a.parquet", row_group_size=4)
    names = ("notes", "a.jsonl", "a.csv", "a.spacy", "a.parquet")
    return {name: open_source(folder / name) for name in names}


@pytest.mark.parametrize("name", ["notes", "a.jsonl", "a.csv", "a.spacy", "a.parquet"])
@settings(max_examples=15, deadline=None)
@given(bounds=st.sets(st.integers(0, TOTAL), max_size=6), count=st.integers(1, 5))
def test_any_ranges_give_their_rows_and_no_others(opened, name, bounds, count):
    ranges = [range(*bound) for bound in zip(sorted(bounds)[::2], sorted(bounds)[1::2])]
    found = [[] for _ in ranges]
    for piece in opened[name].read(ranges, count):
        assert 1 <= piece.batch.num_rows <= count
        texts = piece.batch.column(TEXT).cast(pa.string()).to_pylist()
        found[piece.number] += texts
    assert found == [[f"text {number}" for number in wanted] for wanted in ranges]
    assert opened[name].total == TOTAL


def test_long_texts_make_smaller_batches(monkeypatch):
    monkeypatch.setattr(sources, "CHARACTERS", 10)
    items = [(0, Item(str(length), ("a" * length,))) for length in (4, 6, 1, 20, 5, 5)]
    pieces = cut_pieces(iter(items), count=3, names=(TEXT,))
    assert [[item.id for item in items_of([piece])] for piece in pieces] == [["4", "6"], ["1"], ["20"], ["5", "5"]]


def test_no_more_is_read_than_is_wanted():
    taken = []

    def stream():
        for number in range(100):
            taken.append(number)
            yield number

    assert list(pick(stream(), [range(2, 4), range(6, 7)])) == [(0, 2), (0, 3), (1, 6)]
    assert taken == list(range(7))
    assert list(pick(stream(), [])) == []


@pytest.mark.parametrize("change", ["truncate", "remove", "touch"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.spacy"])
def test_a_file_that_changes_is_found_out(tmp_path, name, change):
    path = tmp_path / name
    if name == "a.parquet":
        pa.parquet.write_table(pa.table({"text": ["a", "b"]}), path)
    elif name == "a.spacy":
        DocBin(docs=[spacy.blank("en").make_doc("a")]).to_disk(path)
    else:
        path.write_text('{"text": "a"}\n' if name == "a.jsonl" else "text\na\n")
    source = open_source(path)
    source.check()
    before = path.read_bytes()
    if change == "remove":
        path.unlink()
    else:
        path.write_bytes(before[: None if change == "touch" else -2])
        os.utime(path, (1, 1))
    with pytest.raises(
        ValueError, match="changed or went away while it was read. Put it back, and start again to go on"
    ):
        source.check()
    path.write_bytes(before)
    assert open_source(path).identity == source.identity


def test_a_cell_of_another_kind_than_before_is_told_without_it(tmp_path):
    path = write(tmp_path / "a.jsonl", {"text": "a", "n": 1})
    source = open_source(path)
    write(path, {"text": "a", "n": SECRET})
    with pytest.raises(ValueError, match="Column 'n' changed while it was read. Start again.") as error:
        list(source.read([range(1)], 256))
    assert SECRET not in str(error.value) and error.value.__suppress_context__


@pytest.mark.parametrize(
    "name, data, message",
    [
        ("a.csv", b"text,n,n\na,1,2\n", "line 1: expected each column once, got the name of column 2 more often"),
        ("a.csv", b"text,\xe9\na,1\n", "Expected keys that UTF-8 can hold, got another one by line 2"),
        ("a.jsonl", b'{"text": "a", "\\ud800": 1}\n', "Expected keys that UTF-8 can hold, got another one by line 1"),
    ],
)
def test_columns_that_cannot_pass_are_refused(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=message):
        open_source(tmp_path / name)


def test_a_thousand_keys_are_enough(tmp_path):
    path = write(tmp_path / "a.jsonl", *({"text": "a", f"k{number}": 1} for number in range(1001)))
    with pytest.raises(ValueError, match="Expected at most 1,000 keys in all rows together, got more by line 1,?000"):
        open_source(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("x" * 41)
    (item,) = read(tmp_path / "a.txt", limit=10)
    assert item.error == "Expected at most 40 bytes, got 41."


def test_a_damaged_list_is_told(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("x")
    (tmp_path / "list").write_text("[1\n")
    with pytest.raises(ValueError, match="list, line 1: expected a name and a size. Start anew with --force."):
        open_source(tmp_path / "notes", renew=False)
