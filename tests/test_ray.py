"""Ray: actors on two nodes give the rows of one process, whatever dies; nothing of a note in a log."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import cluster
import pytest

from spacy_mtclinical import ray as adapter
from spacy_mtclinical.bulk.batches import Plan

ray = pytest.importorskip("ray")
data = pytest.importorskip("ray.data")
NUMBER = 96
OPTIONS = {"text": "note", "id": "note_id", "max_characters": cluster.LONG, "rows": 5}
APART = {"concurrency": 2, "resources": {"place": 1}}
INSTALLED = "en_zzinstalled"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ray")


@pytest.fixture(scope="module")
def model(tiny_bert, folder):
    return cluster.make_model(tiny_bert, folder / "en_mtclinical")


@pytest.fixture(scope="module")
def notes(folder):
    made = cluster.make_notes(NUMBER)
    cluster.write_notes(made, folder / "notes", files=8)
    for name, start in (("a", 0), ("b", NUMBER // 2)):
        cluster.write_notes(made.slice(start, NUMBER // 2), folder / "notes_in_parts" / name, files=2)
    return made


@pytest.fixture(scope="module")
def expected(notes, model):
    return cluster.annotate_here(notes, model)


@pytest.fixture(scope="module")
def packages(model, folder):
    """A folder of packages, with the pipeline as one that is installed."""
    package = folder / "packages" / INSTALLED
    shutil.copytree(model, package / f"{INSTALLED}-0.0.0")
    meta = (package / f"{INSTALLED}-0.0.0" / "meta.json").read_text("utf8")
    (package / "meta.json").write_text(meta, "utf8")
    (package / "__init__.py").write_text(
        "from pathlib import Path\n"
        "from spacy.util import load_model_from_path\n"
        "def load(**overrides):\n"
        f"    return load_model_from_path(Path(__file__).parent / '{INSTALLED}-0.0.0', **overrides)\n"
    )
    told = folder / "packages" / f"{INSTALLED}-0.0.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {INSTALLED}\nVersion: 0.0.0\n")
    return folder / "packages"


@pytest.fixture(scope="module")
def logs():
    """Where Ray writes: its sockets need a short path."""
    made = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    (made / "ray").mkdir()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def nodes(packages, logs):
    """Two nodes with a place for one actor each, of which the second has the pipeline installed."""
    from ray.cluster_utils import Cluster

    patch = pytest.MonkeyPatch()
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DATA_DISABLE_PROGRESS_BARS": "1"}
    for name, value in {**quiet, "RAY_TMPDIR": str(logs)}.items():
        patch.setenv(name, value)
    node = {"num_cpus": 2, "resources": {"place": 1}, "object_store_memory": 10**8}
    head = {**node, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        made.add_node(**node, env_vars={"PYTHONPATH": str(packages)})
        ray.init(address=made.address, log_to_driver=False)
        data.DataContext.get_current().enable_progress_bars = False
        yield made
    finally:
        ray.shutdown()
        made.shutdown()
        patch.undo()


def test_actors_on_two_nodes_give_the_rows_of_one_process(nodes, notes, folder, model, expected):
    seen = folder / "seen"
    seen.mkdir()

    class Telling(adapter.Annotator):
        """Adds which process of which node answered; waits for the other one."""

        def __call__(self, table):
            import pyarrow as pa
            from ray import get_runtime_context

            (seen / str(os.getpid())).touch()
            while len(list(seen.iterdir())) < 2:
                time.sleep(0.05)
            answers = super().__call__(table)
            node = get_runtime_context().get_node_id()
            return answers.append_column("_by", pa.array([f"{node} {os.getpid()}"] * answers.num_rows))

    patch = pytest.MonkeyPatch()
    patch.setattr(adapter, "Annotator", Telling)
    answers = adapter.annotate(data.from_arrow(notes), model=model, **APART, **OPTIONS)
    rows = answers.take_all()
    patch.undo()
    by = {row.pop("_by") for row in rows}
    assert len(by) == 2 == len({name.split()[0] for name in by})
    cluster.check_rows(rows, expected)
    assert rows[0].keys() == {"id", "entities", "error", "year", "tags"}
    assert sum(row["error"] is not None for row in rows) == 2


def test_an_actor_that_is_killed_costs_nothing(nodes, notes, folder, model, expected):
    touched = folder / "touched"
    touched.mkdir()

    class Slow(adapter.Annotator):
        def __call__(self, table):
            time.sleep(0.3)
            (touched / f"{os.getpid()}-{time.time_ns()}").touch()
            return super().__call__(table)

    patch = pytest.MonkeyPatch()
    patch.setattr(adapter, "Annotator", Slow)
    dataset = data.from_arrow([notes.slice(start, 12) for start in range(0, NUMBER, 12)])
    answers = adapter.annotate(dataset, model=model, **APART, **OPTIONS)
    patch.undo()
    job = cluster.Beside(answers.take_all)
    cluster.wait_for(lambda: len(list(touched.iterdir())) > 5)
    killed = int(next(touched.iterdir()).name.split("-")[0])
    assert job.is_alive()
    os.kill(killed, signal.SIGKILL)
    job.join(900)
    assert job.error is None
    cluster.check_rows(job.found, expected)
    assert len({path.name.split("-")[0] for path in touched.iterdir()}) > 1


def test_the_guide_runs_and_goes_on_after_a_stop(nodes, notes, folder, model, expected):
    import pyarrow.parquet as pq

    simple, rest = cluster.find_blocks("spacy_mtclinical.ray")
    cluster.run_block(simple, folder, model)
    assert sorted(int(id) for id in pq.read_table(folder / "answers_of_ray")["id"].to_pylist()) == list(range(NUMBER))
    out = folder / "answers_in_parts"
    write, calls = data.Dataset.write_parquet, []

    def stop(dataset, path):
        calls.append(path)
        write(dataset if len(calls) == 1 else dataset.limit(7), path)
        if len(calls) == 2:
            raise KeyboardInterrupt

    patch = pytest.MonkeyPatch()
    patch.setattr(data.Dataset, "write_parquet", stop)
    with pytest.raises(KeyboardInterrupt):
        cluster.run_block(rest, folder, model)
    patch.undo()
    assert [(part / "_SUCCESS").exists() for part in sorted(out.iterdir())] == [True, False]
    whole = next((out / "a").glob("*.parquet"))
    written = whole.stat().st_mtime_ns
    (out / "b" / "0_000000.parquet").write_bytes(b"PAR1 cut short")
    cluster.run_block(rest, folder, model)
    assert whole.stat().st_mtime_ns == written
    found = pq.read_table(out, columns=["id", "entities", "error", "year", "tags"]).to_pylist()
    assert sorted(int(row["id"]) for row in found) == list(range(NUMBER))
    cluster.check_rows([row for row in found if row["id"] != "7"], [row for row in expected if row["id"] != "7"])


def test_a_pipeline_that_is_missing_on_one_node_is_told_with_the_worker(nodes, notes, folder, model):
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    dataset = data.from_arrow([notes.slice(start, 12) for start in range(0, NUMBER, 12)])
    installed = data.from_arrow(notes.slice(0, 12))
    (there,) = (node["NodeID"] for node in ray.nodes() if node["NodeID"] != nodes.head_node.node_id)
    strategy = NodeAffinitySchedulingStrategy(there, soft=False)
    found = adapter.annotate(installed, model=INSTALLED, scheduling_strategy=strategy, **OPTIONS)
    assert found.count() == 12
    answers = adapter.annotate(dataset, model=INSTALLED, **APART, **OPTIONS)
    told = rf"The worker \S+, process \d+, cannot load the pipeline '{INSTALLED}' \(its folder is .*\)"
    with pytest.raises(Exception, match=told) as error:
        answers.take_all()
    assert cluster.SECRET not in str(error.value)


def test_no_log_quotes_a_note(nodes, logs):
    text = "".join(cluster.read_logs(session / "logs") for session in (logs / "ray").glob("session_2*"))
    assert "cannot load the pipeline" in text
    assert cluster.SECRET not in text and "aspirin" not in text


class FakeDataset:
    def repartition(self, *, target_num_rows_per_block):
        self.rows = target_num_rows_per_block
        return self

    def map_batches(self, function, **options):
        return SimpleNamespace(function=function, rows=self.rows, **options)


@pytest.mark.parametrize(
    "options,device,size,threads",
    [
        ({}, -1, (1, 1), 1),
        ({"concurrency": 3, "num_cpus": 2}, -1, (3, 3), 2),
        ({"concurrency": (1, 4), "num_gpus": 0.5, "num_cpus": 0.5}, 0, (1, 4), 1),
    ],
)
def test_what_the_engine_is_told(options, device, size, threads):
    found = adapter.annotate(FakeDataset(), model="m", pair=["a", "b"], tasks=["t"], memory=10**9, **options)
    plan = Plan("m", pair=("a", "b"), tasks=("t",), gpu_id=device, stamp="")  # not on this machine
    assert found.fn_constructor_kwargs == {"plan": plan, "threads": threads}
    assert (found.compute.min_size, found.compute.max_size) == size
    assert (found.function, found.batch_format, found.memory) == (adapter.Annotator, "pyarrow", 10**9)
    assert found.rows == found.batch_size == 256


def test_an_actor_answers_tables_of_any_pieces(model, notes, expected):
    annotator = adapter.Annotator(Plan(model, text="note", id="note_id", max_characters=cluster.LONG), threads=1)
    cluster.check_rows(annotator(notes).to_pylist(), expected)
    import pyarrow as pa

    pieces = pa.concat_tables([notes.slice(0, 5), notes.slice(5)])
    cluster.check_rows(annotator(pieces).to_pylist(), expected)
    none = annotator(notes.slice(0, 0))
    assert none.num_rows == 0 and none.schema == annotator(notes.slice(0, 1)).schema


def test_the_adapter_is_short():
    assert len(Path(adapter.__file__).read_text("utf8").splitlines()) < 100


def test_importing_brings_no_ray():
    code = "import sys, spacy_mtclinical.ray; sys.exit('ray' in sys.modules or 'pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
