"""Spark: two executors give the rows of one process, whatever dies; classic and Connect; nothing of a note in a log."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import cluster
import pytest

from spacy_mtclinical import spark as adapter
from spacy_mtclinical.bulk.batches import Plan

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.skipif(not shutil.which("java"), reason="Spark needs Java")
NUMBER = 96
OPTIONS = {"text": "note", "id": "note_id", "max_characters": cluster.LONG}
SMALL = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xss2m"  # JVMs that start quickly
PASSING = "year:int,tags:array<string>"
LOGGING = """
rootLogger.level = info
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c: %m%n%ex
"""
CONNECT = "org.apache.spark.sql.connect.SparkConnectPlugin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def model(tiny_bert, folder):
    return cluster.make_model(tiny_bert, folder / "en_mtclinical")


@pytest.fixture(scope="module")
def notes(folder):
    made = cluster.make_notes(NUMBER)
    cluster.write_notes(made, folder / "notes", files=4)
    return made


@pytest.fixture(scope="module")
def expected(notes, model):
    return cluster.annotate_here(notes, model)


@pytest.fixture(scope="module")
def port():
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def spark(folder, port):
    """A session of two executors of one core each; the logs of all are in files of the folder."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "localhost",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.execution.arrow.maxRecordsPerBatch": "5",
        "spark.driver.extraJavaOptions": f"{SMALL} -Dlog4j2.configurationFile={folder}/log4j2.properties",
        "spark.executor.extraJavaOptions": SMALL,
        "spark.executor.memory": "512m",
    }
    if pyspark.__version__ >= "4":
        settings.update({"spark.plugins": CONNECT, "spark.connect.grpc.binding.port": str(port)})
    (folder / "log4j2.properties").write_text(LOGGING)
    (folder / "home").mkdir()
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name in ("bin", "jars", "sbin"):
            (folder / "home" / entry.name).symlink_to(entry)
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").config(map=settings)
    patch = pytest.MonkeyPatch()
    patch.setenv("PYSPARK_PYTHON", sys.executable)
    patch.setenv("SPARK_HOME", str(folder / "home"))  # where executors write their logs
    patch.setenv("SPARK_LOCAL_DIRS", str(folder / "scratch"))
    stderr = os.dup(2)
    with (folder / "driver.log").open("wb") as log:
        os.dup2(log.fileno(), 2)  # the JVM inherits it
        try:
            session = builder.getOrCreate()
            session.sparkContext.setLogLevel("INFO")
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    yield session
    session.stop()
    patch.undo()


@pytest.fixture
def df(spark, notes, folder):
    return spark.read.parquet(str(folder / "notes")).repartition(8)


def collect(answers):
    return [row.asDict(recursive=True) for row in answers.collect()]


def look_at_workers(spark):
    """Run eight tasks that wait, and tell what Python workers there are: folder of the executor, and facts of each."""

    def look(batches):
        import os
        import time

        import pyarrow as pa

        for _ in batches:
            time.sleep(0.3)
        torch = sys.modules.get("torch")
        pipelines = sys.modules.get("spacy_mtclinical.bulk.pipelines")
        facts = {
            "executor": os.path.basename(os.getcwd()),
            "folder": os.getcwd(),
            "pid": os.getpid(),
            "daemon": os.getppid(),
            "threads": torch.get_num_threads() if torch else 0,
            "loaded": pipelines.load_once.cache_info().misses if pipelines else 0,
        }
        yield pa.RecordBatch.from_pylist([facts])

    schema = "executor string, folder string, pid long, daemon long, threads long, loaded long"
    found = spark.range(0, 8, 1, 8).mapInArrow(look, schema).collect()
    return {row["executor"]: row for row in found}


def test_two_executors_give_the_rows_of_one_process(spark, df, model, expected):
    tracker = spark.sparkContext.statusTracker()
    before = len(tracker.getJobIdsForGroup(None))
    answers = adapter.annotate(df, model=model, **OPTIONS)
    fields = "struct<drugs:{0},groups:{0}>".format("array<struct<start:int,end:int,label:string,score:double>>")
    assert answers.schema.simpleString() == f"struct<id:string,entities:{fields},error:string,{PASSING}>"
    assert len(tracker.getJobIdsForGroup(None)) == before  # nothing has run
    rows = collect(answers)
    cluster.check_rows(rows, expected)
    errors = {row["id"]: row["error"] for row in rows if row["error"]}
    long = len(f"{cluster.SECRET} no fever ") * cluster.LONG
    assert errors == {
        "3": "Expected a text, got none.",
        "7": f"Expected at most {cluster.LONG:,} characters, got {long:,}.",
    }
    workers = look_at_workers(spark)
    assert len(workers) == 2
    assert {row["loaded"] for row in workers.values()} == {1}
    assert {row["threads"] for row in workers.values()} == {1}


def test_connect_uses_nothing_but_data_frames(spark, port, folder, model, expected):
    if pyspark.__version__ < "4":
        pytest.skip("PySpark 3.5 brings no Connect server")
    from pyspark.sql.connect.session import SparkSession as Remote

    remote = Remote.builder.remote(f"sc://localhost:{port}").create()
    df = remote.read.parquet(str(folder / "notes"))
    kinds = {"drugs": "entities", "groups": "entities"}
    answers = adapter.annotate(df, model=model, kinds=kinds, **OPTIONS)
    assert answers.columns == ["id", "entities", "error", "year", "tags"]
    cluster.check_rows(collect(answers), expected)
    remote.stop()


def test_the_guide_runs_and_goes_on_after_a_stop(spark, folder, model, notes, expected):
    simple, rest = cluster.find_blocks("spacy_mtclinical.spark")
    cluster.run_block(simple, folder, model, spark=spark)
    assert len(collect(spark.read.parquet(str(folder / "answers")))) == NUMBER
    names = cluster.run_block(rest[: rest.index("notes = ")], folder, model)
    out = folder / "answers_by_year"
    source = spark.read.parquet(str(folder / "notes"))
    options = {"id": "note_id", "by": "year", "rounds": 3, "partitions": 4, "model": model, "text": "note"}
    slow = source.mapInArrow(cluster.make_slow(0.2), source.schema)
    job = cluster.Beside(lambda: names["annotate_rest"](slow, str(out), **options))
    cluster.wait_for(lambda: len(list(out.glob("year=*/part-*.parquet"))) > 1)
    while job.is_alive():
        time.sleep(0.5)
        spark.sparkContext.cancelAllJobs()
    assert job.error is not None
    assert 0 < len(count_ids(spark, out)) < NUMBER
    leftover = out / "_temporary" / "0" / "_temporary"
    leftover.mkdir(parents=True, exist_ok=True)
    (leftover / "part-00000.parquet").write_bytes(b"PAR1 cut short")
    cluster.run_block(rest, folder, model, spark=spark)
    assert count_ids(spark, out) == list(range(NUMBER))
    next(out.glob("year=*/part-*.parquet")).unlink()  # as where a commit was not finished
    assert len(count_ids(spark, out)) < NUMBER
    cluster.run_block(rest, folder, model, spark=spark)
    found = collect(spark.read.parquet(str(out)).select("id", "entities", "error", "year", "tags"))
    assert sorted(int(row["id"]) for row in found) == list(range(NUMBER))
    whole = [row for row in expected if row["id"] != "7"]  # which has no limit here
    cluster.check_rows([row for row in found if row["id"] != "7"], whole)


def count_ids(spark, out):
    return sorted(int(row["id"]) for row in spark.read.parquet(str(out)).select("id").collect())


def test_a_pipeline_that_is_missing_on_one_worker_is_told_with_its_name(spark, folder, model, df, monkeypatch):
    """As `spark.archives` puts it where each executor runs, here where one of them does."""
    workers = look_at_workers(spark)
    good, bad = sorted(workers)
    os.symlink(model, f"{workers[good]['folder']}/en_mtclinical")
    released = folder / "released"

    def wait(batches):  # else the executor that can does the work of the other
        import os
        import time

        until = time.monotonic() + 120
        while os.path.basename(os.getcwd()) == good and not released.exists() and time.monotonic() < until:
            time.sleep(0.1)
        yield from batches

    monkeypatch.chdir(folder)
    waiting = df.select("note_id", "note").repartition(2).mapInArrow(wait, "note_id long, note string")
    answers = adapter.annotate(waiting, model="en_mtclinical", **OPTIONS)
    told = rf"The worker \S+, process \d+, cannot load the pipeline 'en_mtclinical' \(its folder is \S+/{bad}\)"
    with pytest.raises(Exception, match=told) as error:
        answers.collect()
    released.touch()
    assert cluster.SECRET not in str(error.value)


def test_a_worker_and_an_executor_that_are_killed_cost_nothing(spark, folder, model, df, expected):
    touched = folder / "touched"
    touched.mkdir()
    first, second = look_at_workers(spark).values()
    slow = df.mapInArrow(cluster.make_slow(0.4, str(touched)), df.schema)
    job = cluster.Beside(lambda: collect(adapter.annotate(slow, model=model, **OPTIONS)))
    cluster.wait_for(lambda: len(list(touched.iterdir())) > 6)  # three batches a task, two tasks at once: one is done
    for pid in children_of(first["daemon"]):
        os.kill(pid, signal.SIGKILL)
    cluster.wait_for(lambda: len(list(touched.iterdir())) > 10)
    assert job.is_alive()
    os.kill(parent_of(second["daemon"]), signal.SIGKILL)
    job.join(900)
    assert job.error is None
    cluster.check_rows(job.found, expected)


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_no_log_quotes_a_note(spark, folder):
    driver = (folder / "driver.log").read_text("utf8", "replace")
    executors = cluster.read_logs(folder / "home" / "work")
    assert "Lost task" in driver and "Running task" in executors
    assert "cannot load the pipeline" in executors and "cannot load the pipeline" in driver
    assert not [text for text in (cluster.SECRET, "aspirin") if text in driver + executors]


def make_frame(**columns):
    from pyspark.sql.types import ArrayType, LongType, StringType, StructField, StructType

    kinds = {"long": LongType(), "string": StringType(), "texts": ArrayType(StringType())}
    schema = StructType([StructField(name, kinds[kind]) for name, kind in columns.items()])
    return SimpleNamespace(schema=schema, mapInArrow=lambda function, schema: (function, schema))


@pytest.mark.parametrize(
    "columns,options,message",
    [
        ({"note": "string"}, {"id": None}, "Expected one column 'text', got 0 among note"),
        ({"text": "long"}, {"id": None}, "Expected text in column 'text', got bigint. Name another column"),
        ({"text": "texts"}, {"id": None}, "Expected text in column 'text', got array<string>"),
        ({"text": "string"}, {}, "Expected one column 'id', got 0 among text"),
        ({"text": "string", "error": "long"}, {"id": None}, "other names than error for the columns"),
        ({"text": "string"}, {"id": None, "tasks": ["no"]}, "Expected tasks among drugs, groups, got no"),
    ],
)
def test_columns_that_do_not_fit_are_named_at_once(model, columns, options, message):
    with pytest.raises(ValueError, match=message):
        adapter.annotate(make_frame(**columns), model=model, **options)


def test_a_pipeline_that_the_driver_cannot_find_is_named(tmp_path):
    with pytest.raises(OSError, match="Expected a pipeline .* got '.*gone'"):
        adapter.annotate(make_frame(text="string", id="long"), model=str(tmp_path / "gone"))


def test_pairs_have_a_schema_too(model):
    frame = make_frame(id="long", a="string", b="string", ward="texts")
    kinds = {"implies": "classes", "alike": "value"}
    _, schema = adapter.annotate(frame, model="elsewhere", text=None, pair=["a", "b"], kinds=kinds)
    pairs = "pairs:struct<alike:double,implies:map<string,double>>,shortened:array<int>"
    assert schema.simpleString() == f"struct<id:string,{pairs},error:string,ward:array<string>>"


@pytest.mark.parametrize("gpus,device", [([], -1), (["3"], 3)])
def test_a_task_tells_threads_and_gpu(monkeypatch, gpus, device):
    import pyarrow as pa

    resources = {"gpu": SimpleNamespace(addresses=gpus)} if gpus else {}
    task = SimpleNamespace(cpus=lambda: 3, resources=lambda: resources)
    monkeypatch.setattr(pyspark.TaskContext, "get", lambda: task)
    told = []

    def make(plan, *, threads):
        told.append((plan.gpu_id, threads))
        return lambda batch: batch

    monkeypatch.setattr(adapter, "make_worker_annotator", make)
    empty, full = pa.RecordBatch.from_pydict({"text": []}), pa.RecordBatch.from_pydict({"text": ["a"]})
    assert list(adapter.annotate_task([empty, full, empty, full], plan=Plan("m"))) == [full, full]
    assert told == [(device, 3)]


def test_the_driver_loads_no_pipeline(model):
    """What goes to the workers is small, and neither weights nor torch's threads are touched here."""
    from pyspark import cloudpickle

    function, _ = adapter.annotate(make_frame(text="string", id="long"), model=model)
    assert len(cloudpickle.dumps(function)) < 2000


def test_the_adapter_is_short():
    assert len(Path(adapter.__file__).read_text("utf8").splitlines()) < 100


def test_importing_brings_no_spark():
    code = "import sys, spacy_mtclinical.spark; sys.exit('pyspark' in sys.modules or 'pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
