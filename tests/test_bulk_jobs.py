"""Runs that are killed, starved, disturbed and begun twice: afterwards the answers are those of an undisturbed one."""

import json
import os
import random
import shutil
import signal
import subprocess
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from children import in_child
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from trained import make_trained
from written import read_written, shards_of

from spacy_mtclinical.bulk import jobs, workers
from spacy_mtclinical.bulk.jobs import annotate_files
from spacy_mtclinical.bulk.manifests import FACTS, Manifest, read_manifest, retire, write_manifest
from spacy_mtclinical.bulk.pipelines import get_pipeline

TOTAL = 41
WORDS = "patient has rash and aspirin 5 mg daily no fever pain".split()
SMALL = {"shard_notes": 4, "batch_size": 2}


@pytest.fixture(scope="module")
def model(tiny_bert, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    make_trained(tiny_bert).to_disk(folder)
    get_pipeline(str(folder))
    return str(folder)


def make_text(number):
    chosen = random.Random(number)
    return " ".join(chosen.choices(WORDS, k=chosen.randint(0, 80)))


@pytest.fixture(scope="module")
def notes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    for number in range(TOTAL):
        (folder / f"{number:02}.txt").write_text(make_text(number))
    (folder / "07.txt").write_bytes(b"\xff\xfe")
    return folder


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": make_text(n), "ward": n}) + "\n" for n in range(TOTAL)))
    return path


@pytest.fixture(scope="module")
def undisturbed(model, notes, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed") / "out.jsonl"
    assert in_child(lambda: annotate_files(model, notes, out, **SMALL)) == 0
    return read_written(out)


def test_one_row_a_note(undisturbed):
    assert [row["id"] for row in undisturbed] == [f"{number:02}.txt" for number in range(TOTAL)]
    assert [row["id"] for row in undisturbed if row["error"]] == ["07.txt"]
    assert sum(len(entities) for row in undisturbed for entities in row["entities"].values()) > TOTAL


@pytest.mark.parametrize("name", ["folder", "out.parquet"])
def test_killed_at_any_moment_nothing_is_lost_and_nothing_twice(model, notes, undisturbed, tmp_path, name):
    out = tmp_path / name
    run = lambda: annotate_files(model, notes, out, **SMALL)  # noqa: E731
    chosen, begun = random.Random(name), time.perf_counter()
    assert in_child(lambda: annotate_files(model, notes, tmp_path / "whole", **SMALL)) == 0
    whole = time.perf_counter() - begun
    shutil.rmtree(tmp_path / "whole")
    statuses = [in_child(run, kill_after=whole * chosen.uniform(0.1, 0.6)) for _ in range(5)]
    last = in_child(run)
    assert -signal.SIGKILL in statuses
    assert last == 0 or (name == "out.parquet" and out.exists())  # killed once all was in place
    assert read_written(out) == undisturbed
    if name == "folder":
        assert sorted(os.listdir(out)) == [
            "_inputs.jsonl",
            "_lock",
            "_manifest.json",
            *(s.name for s in shards_of(out)),
        ]
        assert json.loads((out / "_manifest.json").read_text())["complete"] is True
    else:
        assert os.listdir(tmp_path) == [name]


def test_a_run_that_is_killed_while_it_removes_the_shards_leaves_none(model, notes, tmp_path):
    annotate_files(model, notes, tmp_path / "out.jsonl", **SMALL)
    folder = tmp_path / "out.jsonl.parts"
    folder.mkdir()
    write_manifest(folder, Manifest(dict.fromkeys(FACTS, {}), TOTAL, 4, {}))
    retire(folder)
    for name in ("_lock", "_inputs.jsonl", "part-00001.jsonl"):
        (folder / name).touch()
    with pytest.raises(ValueError, match="out.jsonl is there already. Name another file, or say --force to replace it"):
        annotate_files(model, notes, tmp_path / "out.jsonl", **SMALL)
    assert os.listdir(tmp_path) == ["out.jsonl"]


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("folder, output", [("data", "data"), ("data", "."), ("out.jsonl.parts", "out.jsonl")])
def test_the_folder_of_the_input_is_never_cleared(model, tmp_path, folder, output, force):
    names = ["part-00000.jsonl", "part-00001.jsonl"]
    (tmp_path / folder).mkdir()
    for name in names:
        (tmp_path / folder / name).write_text('{"text": "pain"}\n')
    source = tmp_path / folder / names[0]
    with pytest.raises(ValueError, match="Expected an output outside of the input, got .*, in which the input lies.$"):
        annotate_files(model, source, tmp_path / output, force=force)
    assert sorted(os.listdir(tmp_path / folder)) == names


def test_a_run_that_goes_on_does_what_is_left_and_no_more(model, notes, tmp_path):
    seen = []

    def stop(plan, piece, batch):
        seen.append(batch.num_rows)
        if sum(seen) > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotate_files(model, notes, tmp_path / "out", **SMALL, look=stop)
    assert len(shards_of(tmp_path / "out")) == 2 and not list(tmp_path.glob("out/_part-*"))
    told, seen = [], []
    found = annotate_files(
        model,
        notes,
        tmp_path / "out",
        **SMALL,
        tell=told.append,
        look=lambda plan, piece, batch: seen.append(batch.num_rows),
    )
    assert told == ["8 of 41 inputs were done before"]
    assert (sum(seen), found.before, found.counts["inputs"], found.counts["failed"]) == (TOTAL - 8, 8, TOTAL, 1)
    again = annotate_files(model, notes, tmp_path / "out", **SMALL)
    assert (again.before, again.counts) == (TOTAL, found.counts)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, more than is needed: the kernel counts some pages late."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("name", ["folder", "out.jsonl"])
def test_a_full_disk_ends_the_run_and_with_room_it_goes_on(model, notes, undisturbed, small_disk, name):
    (small_disk / "filler").write_bytes(b"x" * 2_060_000)
    options = {**SMALL, "format": None if name != "folder" else "jsonl"}
    with pytest.raises(OSError, match="No space left on device"):
        annotate_files(model, notes, small_disk / name, **options)
    (small_disk / "filler").unlink()
    assert in_child(lambda: annotate_files(model, notes, small_disk / name, **options)) == 0
    assert [row["id"] for row in read_written(small_disk / name)] == [row["id"] for row in undisturbed]
    assert sorted(os.listdir(small_disk)) == [name]


@pytest.mark.parametrize("name", ["folder", "out.parquet"])
def test_files_that_go_or_shrink_while_they_are_read_are_read_again(model, notes, undisturbed, tmp_path, name):
    copies = tmp_path / "notes"
    copies.mkdir()
    for file in notes.iterdir():
        (copies / file.name).write_bytes(file.read_bytes())
    out = tmp_path / name

    def disturb(plan, piece, batch):
        (copies / "20.txt").unlink(missing_ok=True)
        (copies / "30.txt").write_text("rash")

    first = annotate_files(model, copies, out, **SMALL, look=disturb)
    assert (first.counts["failed"], first.counts["unread"]) == (3, 2)
    rows = read_written(out)
    assert [row["id"] for row in rows if row["error"]] == ["07.txt", "20.txt", "30.txt"]
    assert "as when the run began, got 4. Put the file back, and start again." in rows[30]["error"]
    for file in ("20.txt", "30.txt"):
        (copies / file).write_bytes((notes / file).read_bytes())
    seen = []
    assert in_child(lambda: annotate_files(model, copies, out, **SMALL, look=lambda *done: seen.append(done))) == 0
    assert read_written(out) == undisturbed
    assert sorted(os.listdir(tmp_path)) == sorted(["notes", name])


@pytest.mark.parametrize("change", ["truncate", "remove"])
def test_a_table_that_changes_while_it_is_read_ends_the_run(model, table, tmp_path, change):
    assert in_child(lambda: annotate_files(model, table, tmp_path / "whole.jsonl", **SMALL)) == 0
    data = table.read_bytes()

    def disturb(plan, piece, batch):
        if piece.number == 3:
            table.unlink() if change == "remove" else table.write_bytes(data[:3000])

    with pytest.raises(
        ValueError, match="in.jsonl changed or went away while it was read. Put it back, and start again"
    ):
        annotate_files(model, table, tmp_path / "out", **SMALL, look=disturb)
    assert len(shards_of(tmp_path / "out")) == 3
    table.write_bytes(data)
    assert in_child(lambda: annotate_files(model, table, tmp_path / "out", **SMALL)) == 0
    assert read_written(tmp_path / "out") == read_written(tmp_path / "whole.jsonl")


def test_another_input_is_refused(model, table, tmp_path):
    annotate_files(model, table, tmp_path / "out", **SMALL)
    with table.open("a") as file:
        file.write('{"text": "pain"}\n')
    with pytest.raises(ValueError, match="holds a run that is another one: input.bytes was .* input.sha256 was"):
        annotate_files(model, table, tmp_path / "out", **SMALL)
    with pytest.raises(ValueError, match="options.with_text was false, is true"):
        annotate_files(model, table, tmp_path / "out", **SMALL, with_text=True)
    assert annotate_files(model, table, tmp_path / "out", **SMALL, force=True).counts["inputs"] == TOTAL + 1


def test_the_second_of_two_runs_on_one_output_refuses(model, notes, undisturbed, tmp_path):
    refused = []

    def run_again(plan, piece, batch):
        with pytest.raises(ValueError, match=rf"Another run writes into .*out \(process {os.getpid()}\)") as error:
            annotate_files(model, notes, tmp_path / "out", **SMALL, force=True)
        refused.append(error)

    annotate_files(model, notes, tmp_path / "out", **SMALL, look=run_again)
    assert len(refused) == 11
    assert [row["id"] for row in read_written(tmp_path / "out")] == [row["id"] for row in undisturbed]


def test_several_processes_give_the_same(model, notes, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "START", "fork")
    annotate_files(model, notes, tmp_path / "out.jsonl", **SMALL, n_process=2)
    assert read_written(tmp_path / "out.jsonl") == undisturbed


def test_other_columns_pass_into_every_table(model, table, tmp_path):
    for name in ("out.jsonl", "out.parquet"):
        annotate_files(model, table, tmp_path / name, with_text=True)
        rows = read_written(tmp_path / name)
        assert [(row["id"], row["text"], row["ward"]) for row in rows] == [
            (str(number + 1), make_text(number), number) for number in range(TOTAL)
        ]
    assert read_written(tmp_path / "out.jsonl") == read_written(tmp_path / "out.parquet")
    again = annotate_files(model, tmp_path / "out.parquet", tmp_path / "again", drop=("entities", "error", "ward"))
    assert (again.counts["inputs"], again.counts["failed"]) == (TOTAL, 0)
    with pytest.raises(ValueError, match="Expected other names than entities, error for the columns that pass through"):
        annotate_files(model, tmp_path / "out.parquet", tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("column", ["_id", "_text", "_doc", "_map"])
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_columns_of_any_name_pass(model, tmp_path, column, name):
    (tmp_path / "in.jsonl").write_text(f'{{"text": "pain", "{column}": "x"}}\n{{"text": "rash"}}\n')
    annotate_files(model, tmp_path / "in.jsonl", tmp_path / name)
    assert [row[column] for row in read_written(tmp_path / name)] == ["x", None]


@pytest.mark.parametrize("column", ["text", "first", "second", "entities", "pairs", "shortened"])
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_columns_of_answers_do_not_pass_and_may_be_texts(model, tmp_path, column, name):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"note": "pain", column: "rash"}) + "\n")
    message = rf"Expected other names than {column} for the columns that pass through, .* \(--drop\)"
    with pytest.raises(ValueError, match=message):
        annotate_files(model, path, tmp_path / name, text="note")
    for options in ({"text": "note", "drop": [column]}, {"text": column}, {"pair": ("note", column)}):
        annotate_files(model, path, tmp_path / name, force=True, with_text=True, **options)
        (row,) = read_written(tmp_path / name)
        assert row["error"] is None and (row.get("text") or row["second"]) in ("pain", "rash")


def test_a_column_of_docs_is_not_replaced(model, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "pain", "_doc": "x"}\n')
    with pytest.raises(ValueError, match=r"Expected other names than _doc for the columns .* \(--drop\)"):
        annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.spacy")
    annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.spacy", drop=["_doc"])
    assert len(DocBin(store_user_data=True).from_disk(tmp_path / "out.spacy")) == 1


@pytest.mark.parametrize("begin, end", [('{"a": ', "}"), ("[", "]")])
@pytest.mark.parametrize("depth, reason", [(100, None), (101, "levels"), (450, "levels"), (100_000, "JSON object")])
def test_a_cell_that_is_too_deep_spoils_its_row(model, tmp_path, begin, end, depth, reason):
    cell = begin * depth + "1" + end * depth
    (tmp_path / "in.jsonl").write_text(f'{{"text": "pain", "o": {cell}}}\n{{"text": "rash", "o": NaN}}\n')
    found = annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert found.counts["failed"] == (reason is not None)
    deep, good = read_written(tmp_path / "out.jsonl")
    assert good["error"] is None and (deep["error"] is None if reason is None else reason in deep["error"])


def test_brat_and_spacy(model, notes, undisturbed, tmp_path):
    annotate_files(model, notes, tmp_path / "brat", format="brat", **SMALL)
    folders = shards_of(tmp_path / "brat")
    assert [folder.name for folder in folders] == [f"part-{number:05}" for number in range(11)]
    for number in range(TOTAL):
        file = folders[number // 4] / f"{number:02}.txt"
        assert file.exists() == (number != 7)
        if number != 7:
            assert file.read_bytes() == (notes / file.name).read_bytes()
            mentions = [line for line in file.with_suffix(".ann").read_text().splitlines() if line.startswith("T")]
            assert len(mentions) == sum(map(len, undisturbed[number]["entities"].values()))
    annotate_files(model, notes, tmp_path / "out.spacy", **SMALL)
    docs = list(DocBin(store_user_data=True).from_disk(tmp_path / "out.spacy").get_docs(Vocab()))
    assert [doc.user_data["doc_id"] for doc in docs] == [row["id"] for row in undisturbed]
    assert [len(doc.spans["drugs"]) if doc.spans else 0 for doc in docs] == [
        len(row["entities"].get("drugs", ())) for row in undisturbed
    ]


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet", "out.spacy", "folder"])
def test_an_empty_table_is_an_empty_result(model, tmp_path, name):
    (tmp_path / "in.jsonl").write_text("\n")
    found = annotate_files(model, tmp_path / "in.jsonl", tmp_path / name)
    assert found.counts["inputs"] == 0
    if name != "out.spacy":
        assert read_written(tmp_path / name) == []
    if name == "folder":
        assert pq.read_schema(shards_of(tmp_path / name)[0]).names == ["id", "entities", "error"]
        assert read_manifest(tmp_path / name).total == 0


def test_nothing_is_discarded_before_the_new_run_can_begin(model, notes, tmp_path):
    annotate_files(model, notes, tmp_path / "out", **SMALL)
    before = sorted(os.listdir(tmp_path / "out"))
    for arguments in ((model, tmp_path / "gone"), (str(tmp_path / "gone"), notes)):
        with pytest.raises(OSError, match="gone"):
            annotate_files(*arguments, tmp_path / "out", force=True)
    assert sorted(os.listdir(tmp_path / "out")) == before
    with pytest.raises(ValueError, match="Expected tasks among"):
        annotate_files(model, notes, tmp_path / "new", tasks=["gone"])
    assert not (tmp_path / "new").exists()


def test_a_note_that_is_too_large_is_an_error_row(model, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "pain"}\n{"text": "no pain"}\n')
    found = annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl", max_characters=4)
    assert (found.counts["failed"], found.counts["unread"]) == (1, 0)
    rows = read_written(tmp_path / "out.jsonl")
    assert [row["error"] for row in rows] == [None, "Expected at most 4 characters, got 7."]


@pytest.mark.parametrize("answered", [0, 2, 10])
def test_a_device_that_dies_ends_the_run_and_its_notes_are_annotated_later(model, tmp_path, monkeypatch, answered):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"text": f"pain {number}"}) + "\n" for number in range(20)))
    component = get_pipeline(model).get_pipe("mtclinical")
    predict, calls = component.predict, []

    def fail(docs):
        calls.extend(docs)
        if len(calls) > answered:
            raise RuntimeError(f"CUDA error: unspecified launch failure {docs}")
        return predict(docs)

    options = {"shard_notes": 4, "batch_size": 2, "format": "jsonl"}
    with monkeypatch.context() as patched:
        patched.setattr(component, "predict", fail)
        message = r"^The pipeline fails on everything \(RuntimeError\)\. Start again"
        with pytest.raises(OSError, match=message):
            annotate_files(model, path, tmp_path / "out", **options)
    found = annotate_files(model, path, tmp_path / "out", **options)
    assert (found.before, found.counts["failed"], found.counts["inputs"]) == (answered // 4 * 4, 0, 20)


def test_memory_holds_a_few_batches_and_no_more(model, tmp_path, monkeypatch):
    """Whatever the number of notes, what is alive of them at any moment is bounded."""
    path = tmp_path / "in.parquet"
    texts = pa.array([f"rash {number} " * 5 for number in range(600)])
    pq.write_table(pa.table({"text": texts}), path, row_group_size=50)
    monkeypatch.setattr(jobs, "ROWS", 50)
    seen = []
    annotate_files(
        model,
        path,
        tmp_path / "out",
        shard_notes=100,
        batch_size=50,
        look=lambda plan, piece, batch: seen.append(pa.total_allocated_bytes()),
    )
    assert len(seen) == 12 and max(seen[2:]) < 3 * max(seen[:2])


def test_alone_a_note_is_told_from_a_device_that_dies(model, tmp_path, monkeypatch):
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "Zzsmith, Zzjohn", "text": "pain"}\n{"text": "rash"}\n')
    component = get_pipeline(model).get_pipe("mtclinical")
    predict, dead = component.predict, [True]

    def fail(docs):
        if dead or any(doc.text == "pain" for doc in docs):
            raise RuntimeError("CUDA error")
        return predict(docs)

    monkeypatch.setattr(component, "predict", fail)
    options = {"shard_notes": 1, "format": "jsonl"}
    with pytest.raises(OSError, match=r"^The pipeline fails on everything \(RuntimeError\)\. Start again") as error:
        annotate_files(model, path, tmp_path / "out", **options)
    assert "Zz" not in str(error.value)
    dead.clear()
    found = annotate_files(model, path, tmp_path / "out", **options)
    assert (found.before, found.counts["failed"], found.counts["inputs"]) == (0, 1, 2)


def test_what_failed_in_an_earlier_run_fails_again(model, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": "1", "text": "pain"}\n{"id": "2", "text": null}\n')
    annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.spacy")
    found = annotate_files(model, tmp_path / "out.spacy", tmp_path / "again.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text().splitlines()]
    assert found.counts["failed"] == 1 and [row["id"] for row in rows if row["error"]] == ["2"]


def test_answers_of_pairs_are_counted_of_pairs_that_have_them(model, tmp_path):
    rows = [{"a": "pain", "b": "rash"}, {"a": "pain", "b": None}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl", pair=("a", "b"))
    assert (found.counts["answers of implies"], found.counts["failed"]) == (1, 1)


def test_numbers_of_any_size_pass_through_to_every_kind_of_file(model, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"text": "pain", "mrn": 12345678901234567890123}\n')
    annotate_files(model, tmp_path / "in.jsonl", tmp_path / "out.spacy")
    (doc,) = DocBin().from_disk(tmp_path / "out.spacy").get_docs(Vocab())
    assert str(doc.user_data["mtclinical_columns"]["mrn"]) == "12345678901234567890123"


@pytest.mark.parametrize(
    "name, data, message",
    [
        ("in.jsonl", b'{"note": "pain"}\n' * 3, "expected rows with the key 'text', found none among 3"),
        ("in.csv", b"id,id,text\n1,9,pain\n", "expected each column once, got the name of column 1 more often"),
    ],
)
def test_tables_without_their_columns_are_refused_at_once(model, tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=message):
        annotate_files(model, tmp_path / name, tmp_path / "out.jsonl")


def test_parquet_with_two_columns_of_one_name_is_refused(model, tmp_path):
    arrays = [pa.array(["1"]), pa.array(["2"]), pa.array(["pain"])]
    pq.write_table(pa.Table.from_arrays(arrays, names=["id", "id", "text"]), tmp_path / "in.parquet")
    with pytest.raises(ValueError, match="expected each column once, got 'id' more often. Rename it."):
        annotate_files(model, tmp_path / "in.parquet", tmp_path / "out.jsonl")
