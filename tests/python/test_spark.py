"""Spark makes the same tallies, to the last bit: in Python workers, and as SQL.

Counted as skipped where pyspark is absent: `make test-spark` sets it up.
"""

import os
import pathlib
import sys

import disprop as dp
import pytest

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: see `make test-spark`")
pl = pytest.importorskip("polars")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("pandas")

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
