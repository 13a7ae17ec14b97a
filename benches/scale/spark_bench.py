"""Spark in local mode, a warm session: disprop's ways against the sums written by hand.

The sums by hand are what a careful analyst would write: machine words, Attainment 8 as it comes. They
count no faults, may wrap where numbers are large, and add up binary fractions in no fixed order.
Times of the processor, of this process and of Spark's, are shown as well: they say more than the clock
on a machine that others use.
"""

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
    full = dp.spark.sql(df, "rows", MEASURES, BY)
    ways = {
        "by hand": lambda: spark.sql(BY_HAND).collect(),
        "disprop, SQL": lambda: dp.spark.tally(df, MEASURES, BY, engine="sql"),
        "full statement alone": lambda: spark.sql(full).collect(),
        "disprop, mapInArrow": lambda: dp.spark.tally(df, MEASURES, BY, engine="arrow"),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    results = {}
    for turn in range(repeats + 2):
        for name, way in ways.items():
            start, used = time.perf_counter(), processor()
            results[name] = way()
            # The first turns are those in which Java gets warm.
            if turn > 1:
                taken[name].append((time.perf_counter() - start, processor() - used))
    if results["disprop, mapInArrow"] != results["disprop, SQL"]:
        raise SystemExit("the two ways differ")
    for name, times in taken.items():
        clock, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"  {name:20} {clock:6.2f} s, {cpu:6.2f} s of processor time", flush=True)
    spark.stop()


def processor() -> float:
    """Return the processor time that this process and all it started have used so far."""
    parents, used = {}, {}
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[folder.name] = fields[1]
        used[folder.name] = int(fields[11]) + int(fields[12])
    ours, more = set(), {str(os.getpid())}
    while more:
        ours |= more
        more = {child for child, parent in parents.items() if parent in more} - ours
    return sum(used.get(one, 0) for one in ours) / os.sysconf("SC_CLK_TCK")
