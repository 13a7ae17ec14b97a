"""Rows that do not fit, every crossing at once, and other engines: measured, and held to be equal.

    python benches/scale/scale.py stream --rows 1e6 1e7 1e8     time and peak memory of a stream
    python benches/scale/scale.py cube --rows 1e7               against DuckDB CUBE and polars
    python benches/scale/scale.py spark --rows 1e7              against sums written by hand
    python benches/scale/scale.py bytes                         bytes a row and a cell, for the model

Every contender is a process of its own; those that are compared are interleaved, and what is shown
is the median. Files are written to a folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

MEASURES = ["persistent_absence", "absence", "suspensions", "ks4_attainment8"]
DIMENSIONS = ["la", "year", "sex", "fsm", "sen"]
COLUMNS = [
    "ethnicity",
    "sessions_possible",
    "sessions_absent",
    "suspensions",
    "ks4_attainment8",
    *DIMENSIONS,
]
TWELVE = [
    "attendance", "absence", "authorised_absence", "unauthorised_absence", "persistent_absence",
    "severe_absence", "suspensions", "suspended_once", "suspended_twice", "permanent_exclusions",
    "ks4_attainment8", "he",
]  # fmt: skip
MORE = ["sessions_authorised", "sessions_unauthorised", "permanent_exclusions", "he"]


def generate(path: pathlib.Path, rows: int) -> None:
    """Write rows of pupils, a million at a time, in 152 areas and ten years."""
    import disprop as dp
    import polars as pl
    import pyarrow.parquet as pq

    base = pl.DataFrame(dp.synth(900_000, 1, seed=11)).select(
        [c for c in dict.fromkeys([*COLUMNS, *MORE])]
    )
    base = base[: min(base.height, 1_000_000)]
    writer, done, turn = None, 0, 0
    while done < rows:
        part = base[: min(base.height, rows - done)]
        place = pl.int_range(pl.len()) * 7919 + turn
        part = part.with_columns(
            la=pl.format("{}", 200 + place % 152),
            year=pl.format("20{}/{}", 14 + place // 13 % 10, 15 + place // 13 % 10),
        ).to_arrow()
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part, row_group_size=262_144)
        done, turn = done + part.num_rows, turn + 1
    writer.close()


def frame(path, extra=()):
    import polars as pl

    # In one piece, as a program that makes its rows has them: nobody is timed putting them together.
    return pl.read_parquet(path, columns=[*COLUMNS, *extra]).rechunk()


# One function a contender: it prints seconds, what came out, and its peak memory.


def stream(path: str) -> dict:
    import disprop as dp

    start = time.perf_counter()
    tallies = dp.tally_stream(path, MEASURES, ["la", "sex", "fsm"])
    gaps = tallies.gaps(by=["sex"])
    return {"seconds": time.perf_counter() - start, "cells": tallies.cells, "gaps": len(gaps)}


def cube_disprop(path: str) -> dict:
    import disprop as dp

    data = frame(path, MORE)
    start = time.perf_counter()
    cohort = dp.Cohort(data, measures=TWELVE)
    encode = time.perf_counter() - start
    cube = cohort.cube(TWELVE, DIMENSIONS)
    cells = sum(cube.tallies(by).cells for by in cube.crossings)
    return {"seconds": time.perf_counter() - start, "encode": encode, "cells": cells}


def sums() -> list[tuple[str, str, str]]:
    """Return numerator, denominator and condition of what the twelve measures sum."""
    p = "sessions_possible"
    return [
        *((c, p, "x") for c in ("sessions_absent", "sessions_authorised", "sessions_unauthorised")),
        *((c, "", "v") for c in ("suspensions", "permanent_exclusions", "ks4_attainment8")),
    ]


def expressions_sql() -> list[str]:
    made = []
    for x, d, kind in sums():
        if kind == "x":
            made += [f"count(*) FILTER ({d} > 0 AND {x} IS NOT NULL)", f"sum({x}) FILTER ({d} > 0)",
                     f"sum({d}) FILTER ({x} IS NOT NULL)", f"sum({x}*{x}) FILTER ({d} > 0)",
                     f"sum({x}*{d})", f"sum({d}*{d}) FILTER ({x} IS NOT NULL)"]  # fmt: skip
        else:
            made += [f"count({x})", f"sum({x})", f"sum({x}*{x})"]
    p, x = "sessions_possible", "sessions_absent"
    made += [f"count(*) FILTER ({x}*10 >= {p} AND {p} > 0)", f"count(*) FILTER ({x}*2 >= {p} AND {p} > 0)",
             "count(*) FILTER (suspensions >= 1)", "count(*) FILTER (suspensions >= 2)",
             "count(*) FILTER (he = 1)", "count(he)"]  # fmt: skip
    return [f"{e} AS s{i}" for i, e in enumerate(made)]


def cube_duckdb(path: str) -> dict:
    import duckdb

    con = duckdb.connect()
    con.register("arrow", frame(path, MORE).to_arrow())
    whole = {c for x, d, _ in sums() for c in (x, d) if c} - {"ks4_attainment8"}
    wide = ", ".join(f"{c}::BIGINT AS {c}" for c in sorted(whole))
    con.sql(f"CREATE TABLE p AS SELECT * REPLACE ({wide}) FROM arrow")
    start = time.perf_counter()
    cut = ", ".join(DIMENSIONS)
    query = f"SELECT ethnicity, {cut}, {', '.join(expressions_sql())} FROM p GROUP BY ethnicity, CUBE ({cut})"
    cells = con.sql(query).to_arrow_table().num_rows
    return {"seconds": time.perf_counter() - start, "cells": cells}


def cube_polars(path: str) -> dict:
    import polars as pl

    data = frame(path, MORE)
    p, exprs = pl.col("sessions_possible").cast(pl.Int64), []
    for x, _, kind in sums():
        v = pl.col(x)
        if kind == "x":
            v = v.cast(pl.Int64)
            exprs += [((p > 0) & v.is_not_null()).sum(), v.filter(p > 0).sum(), p.filter(v.is_not_null()).sum(),
                      (v * v).filter(p > 0).sum(), (v * p).sum(), (p * p).filter(v.is_not_null()).sum()]  # fmt: skip
        else:
            v = v if x == "ks4_attainment8" else v.cast(pl.Int64)
            exprs += [v.count(), v.sum(), (v * v).sum()]
    x = pl.col("sessions_absent").cast(pl.Int64)
    exprs += [((x * 10 >= p) & (p > 0)).sum(), ((x * 2 >= p) & (p > 0)).sum(), (pl.col("suspensions") >= 1).sum(),
              (pl.col("suspensions") >= 2).sum(), (pl.col("he") == 1).sum(), pl.col("he").count()]  # fmt: skip
    exprs = [e.alias(f"s{i}") for i, e in enumerate(exprs)]
    start = time.perf_counter()
    cells = 0
    for size in range(len(DIMENSIONS) + 1):
        for by in itertools.combinations(DIMENSIONS, size):
            cells += data.lazy().group_by("ethnicity", *by).agg(exprs).collect().height
    return {"seconds": time.perf_counter() - start, "cells": cells}


# Which of the sums by hand each of disprop's measures has, and what a whole number there is worth here.
SAME = {
    "absence": {"n": 0, "x": 1, "d": 2, "xx": 3, "xd": 4, "dd": 5},
    "authorised_absence": {"n": 6, "x": 7, "d": 8, "xx": 9, "xd": 10, "dd": 11},
    "unauthorised_absence": {"n": 12, "x": 13, "d": 14, "xx": 15, "xd": 16, "dd": 17},
    "suspensions": {"n": 18, "x": 19, "xx": 20},
    "permanent_exclusions": {"n": 21, "x": 22, "xx": 23},
    "ks4_attainment8": {"n": 24, "x": 25, "xx": 26},
    "persistent_absence": {"n": 0, "x": 27},
    "severe_absence": {"n": 0, "x": 28},
    "suspended_once": {"n": 18, "x": 29},
    "suspended_twice": {"n": 18, "x": 30},
    "he": {"n": 32, "x": 31},
}


def cube_equal(path: str) -> int:
    """Compare every sum of every cell of every crossing with DuckDB's, and return how many there are."""
    import disprop as dp
    import duckdb
    import polars as pl

    data = frame(path, MORE)
    cube = dp.Cohort(data, measures=TWELVE).cube(TWELVE, DIMENSIONS)
    con = duckdb.connect()
    con.register("arrow", data.to_arrow())
    whole = {c for x, d, _ in sums() for c in (x, d) if c} - {"ks4_attainment8"}
    wide = ", ".join(f"{c}::BIGINT AS {c}" for c in sorted(whole))
    con.sql(f"CREATE TABLE p AS SELECT * REPLACE ({wide}) FROM arrow")
    compared = 0
    for by in cube.crossings:
        keys = [*by, "ethnicity"]
        ours = cube.tallies(by).to_polars()
        # A measure may be asked for under another of its names.
        named = dict(zip(TWELVE, ours["measure"].unique(maintain_order=True)))
        query = f"SELECT {', '.join([*keys, *expressions_sql()])} FROM p GROUP BY {', '.join(keys)}"
        theirs = con.sql(query).pl()
        # disprop counts the missing as unclassified.
        texts = [pl.col(c).cast(pl.String) for c in keys]
        theirs = theirs.with_columns(texts).with_columns(pl.col("ethnicity").fill_null("UNCL"))
        for measure, columns in SAME.items():
            # Attainment 8 has two decimals, and a database's float sums have dust beyond them.
            scale = 100 if measure == "ks4_attainment8" else 1
            worth = {"n": 1, "x": scale, "d": scale, "xx": scale**2, "xd": scale**2, "dd": scale**2}
            known = named.get(measure, measure)
            mine = ours.filter(pl.col("measure") == known).select(
                *keys, *[(pl.col(c).cast(pl.Float64) * worth[c]).round() for c in columns]
            )
            other = theirs.select(
                *keys,
                *[
                    (pl.col(f"s{i}").cast(pl.Float64).fill_null(0) * worth[c]).round().alias(c)
                    for c, i in columns.items()
                ],
            )
            if not mine.sort(keys).equals(other.sort(keys)):
                raise SystemExit(
                    f"{measure} by {', '.join(by) or 'nothing'} is not what DuckDB says"
                )
            compared += mine.height * len(columns)
    return compared


CONTENDERS = {f.__name__: f for f in (stream, cube_disprop, cube_duckdb, cube_polars)}


def measure(name: str, path: pathlib.Path) -> dict:
    """Run a contender in a process of its own."""
    words = [sys.executable, __file__, "one", name, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["stream", "cube", "spark", "bytes", "one"])
    parser.add_argument("more", nargs="*")
    parser.add_argument("--rows", nargs="+", type=float, default=[1e6])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), help="of those compared")
    given = parser.parse_args()
    if given.what == "one":
        name, path = given.more
        result = CONTENDERS[name](path)
        # Not ru_maxrss: a child begins with its parent's.
        lines = pathlib.Path("/proc/self/status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        result["peak_mib"] = peak / 1024
        print(json.dumps(result))
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in (int(r) for r in given.rows):
            path = pathlib.Path(folder) / "rows.parquet"
            generate(path, rows)
            size = path.stat().st_size
            print(f"{rows:,} rows, {size / rows:.1f} bytes a row on disk", flush=True)
            if given.what == "spark":
                import spark_bench

                spark_bench.run(path, given.repeats)
                continue
            if given.what == "bytes":
                result = measure("stream", path)
                print(json.dumps({"file": size, "rows": rows, **result}))
                continue
            if given.what == "cube":
                # Below 2^53, floats of whole numbers are exact.
                part = pathlib.Path(folder) / "part.parquet"
                generate(part, min(rows, 200_000))
                print(
                    f"  {cube_equal(str(part)):,} sums of 200,000 rows or fewer equal DuckDB's",
                    flush=True,
                )
            names = (
                ["stream"]
                if given.what == "stream"
                else ["cube_disprop", "cube_duckdb", "cube_polars"]
            )
            names = [name for name in names if name in (given.only or names)]
            results: dict[str, list[dict]] = {name: [] for name in names}
            for _ in range(given.repeats):
                for name in names:
                    results[name].append(measure(name, path))
            for name in names:
                seconds = statistics.median(r["seconds"] for r in results[name])
                peak = max(r["peak_mib"] for r in results[name])
                encode = [r["encode"] for r in results[name] if "encode" in r]
                of_which = f", {statistics.median(encode):.2f} s of it encoding" if encode else ""
                print(f"  {name:14} {seconds:8.2f} s {rows / seconds / 1e6:7.2f} M rows/s {peak:7.0f} MiB peak"
                      f"  {results[name][0]['cells']:,} cells{of_which}", flush=True)  # fmt: skip
            if len({r[0]["cells"] for r in results.values()}) > 1:
                raise SystemExit("the contenders do not agree on the number of cells")
            path.unlink()


if __name__ == "__main__":
    main()
