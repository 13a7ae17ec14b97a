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

from engine_zoo import BY, MEASURES, expected, further, of_kernel, roles, told, zoo  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
ZOO = zoo()
FURTHER = further()
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


@pytest.mark.parametrize("engine", ["sql", "arrow"])
@pytest.mark.parametrize("name", ZOO)
def test_the_same_bits(frame, name, engine):
    df = frame(ZOO[name])
    there = dp.spark.tally(df, MEASURES, BY, engine=engine, **roles(name))
    assert there == expected(name, ZOO[name])


@pytest.mark.parametrize("engine", ["sql", "arrow"])
@pytest.mark.parametrize("name", FURTHER)
def test_flags_made_from_raw_fields_and_movers_are_the_same(frame, name, engine):
    rows, measures, by, choices = FURTHER[name]
    there = dp.spark.tally(frame(rows), measures, by, engine=engine, **choices)
    here = of_kernel(rows, measures, by, choices)
    assert there == here
    if engine == "sql":
        assert told(there) == told(here)


@pytest.mark.parametrize("name", ["plain", "ordinary", "ordinary, too large", "extreme values"])
def test_the_same_bits_where_spark_raises_on_overflow(spark, frame, name):
    spark.conf.set("spark.sql.ansi.enabled", "true")
    try:
        there = dp.spark.tally_sql(frame(ZOO[name]), MEASURES, BY, **roles(name))
    finally:
        spark.conf.unset("spark.sql.ansi.enabled")
    assert there == expected(name, ZOO[name])


def test_a_sum_that_leaves_a_machine_word_is_taken_again_in_decimals(spark, frame):
    # 40,000 products of 3e7 squared are beyond 2 to the 63rd.
    large = pl.DataFrame({"ethnicity": ["BCRB"] * 40_000, "suspensions": [30_000_000] * 40_000})
    here = dp.Cohort(large).tally("suspensions")
    for ansi in ("false", "true"):
        spark.conf.set("spark.sql.ansi.enabled", ansi)
        try:
            assert dp.spark.tally(frame(large), "suspensions") == here
        finally:
            spark.conf.unset("spark.sql.ansi.enabled")


def test_what_sql_cannot_do_goes_to_the_workers(frame):
    fine = pl.DataFrame({"ethnicity": ["BCRB", "WBRI"], "ks4_attainment8": ["1.5", "2.25"]})
    fine = fine.with_columns(pl.col("ks4_attainment8").cast(pl.Decimal(18, 9)))
    df = frame(fine, 1)
    assert dp.spark.tally(df, "ks4_attainment8") == dp.Cohort(fine).tally("ks4_attainment8")
    with pytest.raises(dp.TallyError) as caught:
        dp.spark.tally(df, "ks4_attainment8", engine="sql")
    assert caught.value.code == "engine.unsupported"
    with pytest.raises(dp.OptionError):
        dp.spark.tally(df, "ks4_attainment8", engine="scala")


def test_faults_of_all_partitions_are_added_up(frame):
    bad = ZOO["plain"].with_columns(suspensions=pl.lit(-1))
    for engine in ("arrow", "sql"):
        with pytest.raises(dp.DataError) as caught:
            dp.spark.tally(frame(bad), MEASURES, BY, engine=engine)
        (finding,) = [f for f in caught.value.findings if f.severity == "refused"]
        assert (finding.kind, finding.rows, finding.first_rows) == ("negative", 1200, [])


def test_a_pupil_in_two_partitions_is_found(frame):
    twice = ZOO["plain"].with_columns(
        pupil_id=(pl.col("place") // 2).cast(pl.String), year=pl.lit("2021/22"), school=pl.lit(1)
    )
    for engine in ("arrow", "sql"):
        with pytest.raises(dp.DataError, match="600 rows"):
            dp.spark.tally(frame(twice), MEASURES, BY, engine=engine)
        assert dp.spark.tally(frame(twice), MEASURES, BY, engine=engine, pupils=False).cells > 0


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
    tallies = None
    for _ in range(4):
        # Local mode does not try again, and a job may yet be given a worker of the one that died.
        try:
            tallies = dp.spark.tally(df, MEASURES, BY, engine="arrow")
            break
        except dp.TallyError as error:
            assert error.code == "stream.broken"
    assert marker.exists()
    assert tallies == expected("plain", ZOO["plain"])


def test_a_cluster_of_two_workers_one_of_them_killed_mid_job(spark, tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(ZOO["ordinary"].to_arrow(), path)
    expected("ordinary", ZOO["ordinary"]).save(tmp_path / "expected.parquet")
    spark.stop()
    script = pathlib.Path(__file__).with_name("spark_cluster.py")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([PYTHON, str(script.parent)])}
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True, text=True, timeout=300, env=env, check=False,
    )  # fmt: skip
    assert "KILLED worker" in done.stdout, done.stderr[-3000:]
    for engine in ("sql", "arrow"):
        assert f"CALM {engine} same bits" in done.stdout, done.stderr[-3000:]
        after = f"AFTER {engine} "
        assert f"{after}same bits" in done.stdout or f"{after}stream.broken" in done.stdout
