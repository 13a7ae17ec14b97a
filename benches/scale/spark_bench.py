"""Spark in local mode, a warm session: both of disprop's ways against the sums written by hand."""

from __future__ import annotations

import os
import pathlib
import statistics
import sys
import time

import disprop as dp
from scale import MEASURES

BY = ["la", "sex", "fsm"]
BY_HAND = """
SELECT la, sex, fsm, ethnicity,
  count(IF(d > 0 AND x IS NOT NULL, 1, NULL)), count(IF(d > 0 AND x * 10 >= d, 1, NULL)),
  sum(IF(d > 0, x, NULL)), sum(IF(x IS NOT NULL, d, NULL)), sum(IF(d > 0, x * x, NULL)),
  sum(x * d), sum(IF(x IS NOT NULL, d * d, NULL)),
  count(s), sum(s), sum(s * s), count(a), sum(a), sum(a * a)
FROM (SELECT *, CAST(sessions_absent AS BIGINT) AS x, CAST(sessions_possible AS BIGINT) AS d,
  CAST(suspensions AS BIGINT) AS s, ks4_attainment8 AS a FROM rows)
GROUP BY la, sex, fsm, ethnicity
"""


def run(path: pathlib.Path, repeats: int) -> None:
    """Print medians of the three, interleaved, after one unmeasured turn."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    df = spark.read.parquet(str(path))
    df.createOrReplaceTempView("rows")
    ways = {
        "by hand": lambda: spark.sql(BY_HAND).collect(),
        "disprop, mapInArrow": lambda: dp.spark.tally(df, MEASURES, BY),
        "disprop, SQL": lambda: dp.spark.tally_sql(df, MEASURES, BY),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    results = {}
    for turn in range(repeats + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            results[name] = way()
            if turn:
                taken[name].append(time.perf_counter() - start)
    if results["disprop, mapInArrow"] != results["disprop, SQL"]:
        raise SystemExit("the two ways differ")
    for name, seconds in taken.items():
        print(f"  {name:20} {statistics.median(seconds):6.2f} s", flush=True)
    spark.stop()
