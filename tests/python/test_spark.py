"""Spark makes the same tallies, to the last bit, also when a worker dies on the way.

Counted as skipped where pyspark is absent: `make test-spark` sets it up.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

import disprop as dp
import pytest

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: see `make test-spark`")
pl = pytest.importorskip("polars")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("pandas")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("there is no Java for Spark", allow_module_level=True)

from engine_zoo import BY, MEASURES, expected, roles, zoo  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
ZOO = zoo()
PYTHON = str(pathlib.Path(dp.__file__).parents[1])


def build(master):
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = PYTHON
    return (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "3")
        .config("spark.executor.memory", "512m")
        .config("spark.executorEnv.PYTHONPATH", PYTHON)
        .getOrCreate()
    )


@pytest.fixture(scope="module")
def spark():
    session = build("local[2]")
    yield session
    session.stop()


@pytest.fixture()
def frame(spark, tmp_path):
    def make(table, parts=3):
        path = tmp_path / "rows.parquet"
        pq.write_table(table.to_arrow(), path)
        return spark.read.parquet(str(path)).repartition(parts)

    return make


@pytest.mark.parametrize("name", ZOO)
def test_the_same_bits(frame, name):
    df = frame(ZOO[name])
    assert dp.spark.tally(df, MEASURES, BY, **roles(name)) == expected(name, ZOO[name])


@pytest.mark.parametrize("name", ZOO)
def test_the_same_bits_in_sql(frame, name):
    df = frame(ZOO[name])
    assert dp.spark.tally_sql(df, MEASURES, BY, **roles(name)) == expected(name, ZOO[name])


def test_faults_of_all_partitions_are_added_up(frame):
    bad = ZOO["plain"].with_columns(suspensions=pl.lit(-1))
    for run in (dp.spark.tally, dp.spark.tally_sql):
        with pytest.raises(dp.DataError) as caught:
            run(frame(bad), MEASURES, BY)
        (finding,) = [f for f in caught.value.findings if f.severity == "refused"]
        assert (finding.kind, finding.rows, finding.first_rows) == ("negative", 1200, [])


def test_a_pupil_in_two_partitions_is_found(frame):
    twice = ZOO["plain"].with_columns(
        pupil_id=(pl.col("place") // 2).cast(pl.String), year=pl.lit("2021/22"), school=pl.lit(1)
    )
    for run in (dp.spark.tally, dp.spark.tally_sql):
        with pytest.raises(dp.DataError, match="600 rows"):
            run(frame(twice), MEASURES, BY)
        assert run(frame(twice), MEASURES, BY, pupils=False).cells > 0


def test_a_python_worker_that_dies_is_replaced(frame, tmp_path):
    from pyspark.sql.types import StringType

    marker = tmp_path / "died"

    def code(value):
        # The first worker to come here is killed, as if the machine had run out of memory.
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return value
        os.kill(os.getpid(), signal.SIGKILL)
        return value

    from pyspark.sql.functions import udf

    df = frame(ZOO["plain"], 4)
    df = df.withColumn("ethnicity", udf(code, StringType())("ethnicity"))
    try:
        tallies = dp.spark.tally(df, MEASURES, BY)
    except dp.TallyError as error:  # local mode does not try again
        assert error.code == "stream.broken"
        tallies = dp.spark.tally(df, MEASURES, BY)
    assert marker.exists()
    assert tallies == expected("plain", ZOO["plain"])


def test_a_cluster_of_two_workers_one_of_them_killed_mid_job(spark, tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(ZOO["plain"].to_arrow(), path)
    expected("plain", ZOO["plain"]).save(tmp_path / "expected.parquet")
    spark.stop()
    script = pathlib.Path(__file__).with_name("spark_cluster.py")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([PYTHON, str(script.parent)])}
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True, text=True, timeout=300, env=env, check=False,
    )  # fmt: skip
    assert "CALM same bits" in done.stdout, done.stderr[-3000:]
    assert "KILLED worker" in done.stdout
    assert "AFTER same bits" in done.stdout or "AFTER stream.broken" in done.stdout, done.stdout
