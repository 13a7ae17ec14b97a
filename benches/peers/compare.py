"""Side by side: the same sums and gaps by disprop, polars, DuckDB and pandas.

Four measures x five cuts x ethnicity, in memory to in memory. Every contender runs in a fresh process,
contenders take turns, and medians are printed. Before any time is believed, the sums of every cell of every
cut are compared as exact integers.

    python benches/peers/compare.py                       # smoke: 100,000 rows
    python benches/peers/compare.py --rows 10000000 --repeats 5 --json out.json
    python benches/peers/compare.py --fairness            # fairlearn and aequitas, whole processes
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEASURES = ["absence", "persistent_absence", "suspensions", "ks4_attainment8"]
CUTS: list[list[str]] = [[], ["sex"], ["fsm"], ["sex", "fsm"], ["la"]]
FINE = ["sex", "fsm", "la"]
TEXT = ["la", "sex", "fsm", "ethnicity"]
VALUES = ["sessions_possible", "sessions_absent", "suspensions", "ks4_attainment8"]
UNCLASSIFIED = ["REFU", "NOBT"]
#: Sums of a cell, in order; Attainment 8 in hundredths, so that every sum is an integer.
SUMS = ["n", "x", "d", "xx", "xd", "dd", "pa", "sn", "s", "ss", "an", "a", "aa"]
CONTENDERS = ["disprop", "polars_rolled_up", "polars_five", "duckdb", "pandas"]
#: Packages whose subject is group metrics; Python walks their groups, so they get fewer rows.
FAIRNESS = ["disprop_rust", "disprop", "fairlearn", "aequitas"]
#: With an interval for every share, which fairlearn finds by resampling; aequitas has none.
FAIRNESS_INTERVALS = ["disprop_rust", "disprop", "fairlearn_intervals"]
#: A program that links the crate, not a module that Python loads: benches/src/bin/group_metrics.rs.
RUST = "group_metrics"
RESAMPLES = 100


# --- the work, one function a contender: frame in, {cut: rows of (keys..., sums...)} out ----------------


def polars_sums(pl):
    i = pl.Int64
    x, d = pl.col("sessions_absent").cast(i), pl.col("sessions_possible").cast(i)
    x, d = x.filter(d > 0), d.filter(d > 0)
    s = pl.col("suspensions").cast(i)
    a = (pl.col("ks4_attainment8") * 100).round().cast(i)
    return [
        d.len().cast(i).alias("n"),
        x.sum().alias("x"),
        d.sum().alias("d"),
        (x * x).sum().alias("xx"),
        (x * d).sum().alias("xd"),
        (d * d).sum().alias("dd"),
        (10 * x >= d).sum().cast(i).alias("pa"),
        s.count().cast(i).alias("sn"),
        s.sum().alias("s"),
        (s * s).sum().alias("ss"),
        a.count().cast(i).alias("an"),
        a.sum().alias("a"),
        (a * a).sum().alias("aa"),
    ]


def polars_rolled_up(frame):
    import polars as pl

    fine = frame.lazy().group_by([*FINE, "ethnicity"]).agg(polars_sums(pl)).collect()
    return [fine.group_by([*cut, "ethnicity"]).agg(pl.col(SUMS).sum()) for cut in CUTS]


def polars_five(frame):
    import polars as pl

    lazy = frame.lazy()
    return [lazy.group_by([*cut, "ethnicity"]).agg(polars_sums(pl)).collect() for cut in CUTS]


def polars_gaps(tables):
    """Difference and ratio of each group against all others, by arithmetic on the cells."""
    import polars as pl

    out = []
    for cut, table in zip(CUTS, tables):
        known = table.filter(
            pl.col("ethnicity").is_not_null()
            & ~pl.col("ethnicity").cast(pl.String).is_in(UNCLASSIFIED)
        )
        pairs = [("x", "d"), ("pa", "n"), ("s", "sn"), ("a", "an")]
        columns = []
        for top, bottom in pairs:
            t, b = pl.col(top), pl.col(bottom)
            all_t, all_b = (t.sum().over(cut), b.sum().over(cut)) if cut else (t.sum(), b.sum())
            group, others = t / b, (all_t - t) / (all_b - b)
            columns += [
                (group - others).alias(f"{top}_difference"),
                (group / others).alias(f"{top}_ratio"),
            ]
        out.append(known.with_columns(columns))
    return out


def duckdb_sets(frame):
    import duckdb

    sets = ", ".join("(" + ", ".join([*cut, "ethnicity"]) + ")" for cut in CUTS)
    p = "sessions_possible::BIGINT"
    x = "sessions_absent::BIGINT"
    a = "round(ks4_attainment8 * 100)::BIGINT"
    where = "FILTER (sessions_possible > 0)"
    sql = f"""SELECT sex, fsm, la, ethnicity, grouping(sex, fsm, la) AS level,
        count({p}) {where} AS n, sum({x}) {where} AS x, sum({p}) {where} AS d, sum({x} * {x}) {where} AS xx,
        sum({x} * {p}) {where} AS xd, sum({p} * {p}) {where} AS dd,
        count(*) FILTER (sessions_possible > 0 AND 10 * {x} >= {p}) AS pa,
        count(suspensions) AS sn, sum(suspensions::BIGINT) AS s, sum(suspensions::BIGINT * suspensions::BIGINT) AS ss,
        count(ks4_attainment8) AS an, sum({a}) AS a, sum({a} * {a}) AS aa
        FROM frame GROUP BY GROUPING SETS ({sets})"""
    import polars as pl

    whole = duckdb.sql(sql).pl()
    whole = whole.with_columns(pl.col(SUMS).fill_null(0).cast(pl.Int64))
    level = lambda cut: sum(1 << (2 - FINE.index(d)) for d in FINE if d not in cut)
    return [
        whole.filter(pl.col("level") == level(cut)).select([*cut, "ethnicity", *SUMS])
        for cut in CUTS
    ]


def pandas_rolled_up(frame):
    d = frame["sessions_possible"].astype("int64")
    x = frame["sessions_absent"].astype("int64")
    s = frame["suspensions"].astype("int64")
    a8 = frame["ks4_attainment8"]
    has = a8.notna()
    a = (a8.fillna(0) * 100).round().astype("int64")
    in_share = d > 0
    x = x.where(in_share, 0)
    keys = [*FINE, "ethnicity"]
    work = frame[keys].assign(
        n=in_share.astype("int64"),
        x=x,
        d=d,
        xx=x * x,
        xd=x * d,
        dd=d * d,
        pa=((10 * x >= d) & in_share).astype("int64"),
        sn=1,
        s=s,
        ss=s * s,
        an=has.astype("int64"),
        a=a,
        aa=a * a,
    )
    fine = work.groupby(keys, observed=True, dropna=False)[SUMS].sum().reset_index()
    return [
        fine.groupby([*cut, "ethnicity"], observed=True, dropna=False)[SUMS].sum().reset_index()
        for cut in CUTS
    ]


# --- equality ------------------------------------------------------------------------------------------


def digest(tables) -> str:
    """A fingerprint of every integer of every cell of every cut, whatever the order of rows and null's spelling."""
    import polars as pl

    lines = []
    for cut, table in zip(CUTS, tables):
        if not isinstance(table, pl.DataFrame):
            table = pl.from_pandas(table)
        table = table.with_columns(pl.col([*cut, "ethnicity"]).cast(pl.String))
        # disprop counts the missing as unclassified, and REFU and NOBT under their own codes.
        table = table.with_columns(pl.col("ethnicity").fill_null("UNCL")).select(
            [*cut, "ethnicity", *SUMS]
        )
        for row in table.iter_rows():
            lines.append(f"{cut}{row}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def disprop_tables(tallies):
    """The same columns out of disprop's tallies: Arrow decimals back in whole sessions and hundredths."""
    import polars as pl

    wanted = {
        "absence": {
            "n": ("n", 1),
            "x": ("x", 1),
            "d": ("d", 1),
            "xx": ("xx", 1),
            "xd": ("xd", 1),
            "dd": ("dd", 1),
        },
        "persistent_absence": {"pa": ("x", 1)},
        "suspensions": {"sn": ("n", 1), "s": ("x", 1), "ss": ("xx", 1)},
        "ks4_attainment8": {"an": ("n", 1), "a": ("x", 100), "aa": ("xx", 10_000)},
    }
    tables = []
    for cut in CUTS:
        wire = tallies.roll_up(cut).to_polars()
        keys = [*cut, "ethnicity"]
        table = None
        for measure, columns in wanted.items():
            picked = [
                # Through text: a decimal times a whole number is exact there, as it is not in a float.
                pl.col(column)
                .map_elements(lambda v, by=by: int(v * by), return_dtype=pl.Int64)
                .alias(name)
                for name, (column, by) in columns.items()
            ]
            part = wire.filter(pl.col("measure") == measure).select([*keys, *picked])
            table = (
                part
                if table is None
                else table.join(part, on=keys, how="full", coalesce=True, nulls_equal=True)
            )
        tables.append(table.with_columns(pl.col(SUMS).fill_null(0)))
    return tables


# --- one contender in a fresh process ------------------------------------------------------------------


def load(path: str, contender: str, text: bool):
    import polars as pl

    frame = pl.read_parquet(path, columns=TEXT + VALUES).rechunk()
    if text:
        frame = frame.with_columns(pl.col(TEXT).cast(pl.String))
    elif contender == "duckdb":
        # DuckDB refuses a dictionary of string views.
        frame = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return frame.to_pandas() if contender == "pandas" else frame


def peak_mib() -> float:
    """High-water mark of this program's own memory.

    Not ``ru_maxrss``: a child begins with its parent's, so that every contender showed the size of this script.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def work(contender: str, path: str, text: bool, check: bool) -> dict:
    frame = load(path, contender, text)
    before = peak_mib()
    out: dict = {}
    clock = time.perf_counter
    if contender == "read":
        import polars as pl

        start = clock()
        for name in TEXT + VALUES:
            column = frame[name]
            (column.str.len_bytes() if column.dtype == pl.String else column.to_physical()).sum()
        return {"compute": clock() - start, "peak": peak_mib(), "above_input": peak_mib() - before}
    if contender == "disprop":
        import disprop as dp

        start = clock()
        cohort = dp.Cohort(frame, measures=MEASURES)
        out["encode"] = clock() - start
        start = clock()
        tallies = cohort.tally(MEASURES, by=FINE)
        cuts = [tallies.roll_up(cut) for cut in CUTS]
        out["sums"] = clock() - start
        gaps = [cut.gaps() for cut in cuts]
        out["compute"] = clock() - start
        for threads in (1, 2):
            start = clock()
            cohort.tally(MEASURES, by=FINE, threads=threads)
            out[f"kernel_{threads}"] = clock() - start
        tables = disprop_tables(tallies) if check else None
        out["gaps"] = sum(len(g) for g in gaps)
    else:
        import polars as pl

        function = {
            "polars_rolled_up": polars_rolled_up,
            "polars_five": polars_five,
            "duckdb": duckdb_sets,
            "pandas": pandas_rolled_up,
        }[contender]
        start = clock()
        tables = function(frame)
        out["sums"] = clock() - start
        tables = [t if isinstance(t, pl.DataFrame) else pl.from_pandas(t) for t in tables]
        gaps = polars_gaps(tables)
        out["compute"] = clock() - start
        out["gaps"] = 4 * sum(len(g) for g in gaps)
    out["peak"] = peak_mib()
    out["above_input"] = out["peak"] - before
    if check:
        out["digest"] = digest(tables)
    return out


# --- packages of fairness metrics -----------------------------------------------------------------------


def fairness_work(contender: str, path: str) -> dict:
    """Shares with the outcome by ethnicity, sex and FSM, and each group's gap, as each package gives them.

    All read the same CSV file.
    """
    start = time.perf_counter()
    if contender == "disprop":
        import disprop as dp
        import polars as pl

        outcome = dp.Measure(PERSISTENT)
        cohort = dp.Cohort(pl.read_csv(path), codes="own", measures=[outcome])
        gaps = cohort.gaps([outcome], by=["sex", "fsm"])
        values = {f"{g['group']}|{g['sex']}|{g['fsm']}": g["group_value"] for g in rows_of(gaps)}
        values = {key: value for key, value in values.items() if value is not None}
    elif contender.startswith("fairlearn"):
        import pandas as pd
        from fairlearn.metrics import MetricFrame, selection_rate

        frame = pd.read_csv(path)
        resampled = {"n_boot": RESAMPLES, "ci_quantiles": [0.025, 0.975], "random_state": 1}
        metrics = MetricFrame(
            metrics={"rate": selection_rate},
            y_true=frame["outcome"],
            y_pred=frame["outcome"],
            sensitive_features=frame["ethnicity"],
            control_features=frame[["sex", "fsm"]],
            **(resampled if contender == "fairlearn_intervals" else {}),
        )
        rates = metrics.by_group["rate"]
        metrics.difference()
        metrics.ratio()
        if contender == "fairlearn_intervals":
            _ = metrics.by_group_ci, metrics.difference_ci(), metrics.ratio_ci()
        values = {f"{e}|{s}|{f}": 100 * v for (s, f, e), v in rates.items() if v == v}
    else:
        import pandas as pd
        from aequitas.group import Group

        frame = pd.read_csv(path)
        frame["place"] = frame["ethnicity"] + "|" + frame["sex"] + "|" + frame["fsm"]
        table = frame[["place"]].assign(score=frame["outcome"], label_value=frame["outcome"])
        crosses, _ = Group().get_crosstabs(table, attr_cols=["place"])
        values = dict(zip(crosses["attribute_value"], 100 * crosses["pprev"], strict=True))
    return {"seconds": time.perf_counter() - start, "peak": peak_mib()} | shares(values)


def shares(values: dict[str, float]) -> dict:
    """How many groups there are, and a fingerprint of their shares in per cent to nine decimals."""
    lines = sorted(f"{key}={value:.9f}" for key, value in values.items())
    return {"groups": len(values), "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def rust_program() -> str:
    """Builds the program, as every other crate here is built so that polars is not compiled anew."""
    command = ["cargo", "build", "--release", "--workspace", "--bin", RUST, "--message-format=json"]
    built = subprocess.run(
        command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True, check=True
    )
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    made = (m["executable"] for m in messages if m.get("target", {}).get("name") == RUST)
    return next(path for path in made if path)


def run_rust(program: str, path: str) -> dict:
    """One whole process of the Rust program; what it wrote is read after the clock has stopped."""
    start = time.perf_counter()
    child = subprocess.Popen([program, path], stdout=subprocess.PIPE, text=True)
    written, _ = child.communicate()
    whole = time.perf_counter() - start
    if child.returncode:
        raise SystemExit(f"{RUST} ended with {child.returncode}")
    rows = csv.DictReader(io.StringIO(written))
    values = {f"{r['group']}|{r['sex']}|{r['fsm']}": float(r["share"]) for r in rows if r["share"]}
    # Once more from a small process: a child's high-water mark begins with its parent's.
    meter = (
        "import os, subprocess as s, sys; p = s.Popen(sys.argv[1:], stdout=s.DEVNULL); "
        "print(os.wait4(p.pid, 0)[2].ru_maxrss / 1024)"
    )
    peak = subprocess.check_output([sys.executable, "-S", "-c", meter, program, path])
    return {"whole": whole, "peak": float(peak)} | shares(values)


PERSISTENT = {
    "id": "persistent",
    "label": "Outcome",
    "polarity": "lower_is_better",
    "quantity": {"flag": {"column": "outcome"}},
}


def rows_of(gaps):
    columns = gaps.to_dict()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def fairness(rows: int, repeats: int, seed: int, contenders: list[str]) -> None:
    import disprop as dp
    import polars as pl

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "cohort.csv")
        synth = dp.synth(rows, 1, seed=seed, authorities=4).to_polars().head(rows)
        synth = synth.select(
            pl.col("ethnicity").cast(pl.String).fill_null("not known"),
            pl.col("sex").cast(pl.String),
            pl.col("fsm").cast(pl.String),
            (10 * pl.col("sessions_absent").cast(pl.Int64) >= pl.col("sessions_possible"))
            .fill_null(False)
            .cast(pl.Int8)
            .alias("outcome"),
        )
        synth.write_csv(path)
        program = rust_program()
        runs: dict[str, list[dict]] = {c: [] for c in contenders}
        for _ in range(repeats):
            for contender, list_of in runs.items():
                if contender == "disprop_rust":
                    list_of.append(run_rust(program, path))
                else:
                    list_of.append(run(contender, path, False, extra=["--fairness"]))
    digests = {c: {r["digest"] for r in rs} for c, rs in runs.items()}
    if len(set.union(*digests.values())) != 1:
        raise SystemExit(f"the shares differ, so no time is worth quoting: {digests}")
    print(f"{rows:,} rows of CSV, medians of {repeats}; shares of all groups equal\n")
    print("| | groups | import, read and metrics | whole process | peak |")
    print("|---|--:|--:|--:|--:|")
    for name, rs in runs.items():
        names = [n for n in ("seconds", "whole", "peak") if n in rs[0]]
        of = {n: statistics.median(r[n] for r in rs) for n in names}
        inside = f"{1000 * of['seconds']:,.0f} ms" if "seconds" in of else ""
        print(
            f"| {name} | {rs[0]['groups']} | {inside} "
            f"| {1000 * of['whole']:,.1f} ms | {of['peak']:,.0f} MiB |"
        )


def run(
    contender: str, path: str, text: bool, check: bool = False, extra: list[str] | None = None
) -> dict:
    command = [sys.executable, __file__, "--worker", contender, "--data", path, *(extra or [])]
    command += ["--text"] * text + ["--check"] * check
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    whole = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{contender}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]) | {"whole": whole}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--text", action="store_true", help="text columns rather than enumerations")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fairness", action="store_true", help="fairlearn and aequitas instead")
    parser.add_argument("--intervals", action="store_true", help="with --fairness: intervals too")
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker and given.fairness:
        print(json.dumps(fairness_work(given.worker, given.data)))
        return
    if given.fairness:
        contenders = FAIRNESS_INTERVALS if given.intervals else FAIRNESS
        fairness(given.rows, given.repeats, given.seed, contenders)
        return
    if given.worker:
        print(json.dumps(work(given.worker, given.data, given.text, given.check)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "cohort.parquet")
        import disprop as dp

        synth = dp.synth(given.rows, 1, seed=given.seed, authorities=152).to_polars()
        synth.select(TEXT + VALUES).head(given.rows).write_parquet(path)
        rows = min(given.rows, synth.height)
        del synth
        digests = {c: run(c, path, given.text, check=True)["digest"] for c in given.only}
        if len(set(digests.values())) != 1:
            raise SystemExit(f"the sums differ, so no time is worth quoting: {digests}")
        runs: dict[str, list[dict]] = {c: [] for c in [*given.only, "read"]}
        for _ in range(given.repeats):
            for contender, list_of in runs.items():
                list_of.append(run(contender, path, given.text))
    names = ["encode", "sums", "compute", "whole", "peak", "above_input", "kernel_1", "kernel_2"]
    result = {
        c: {n: statistics.median(r[n] for r in rs) for n in names if n in rs[0]}
        for c, rs in runs.items()
    }
    for figures in result.values():
        figures["total"] = figures.get("encode", 0.0) + figures["compute"]
    columns = "text" if given.text else "enumerations"
    print(f"{rows:,} rows, {columns}, medians of {given.repeats}; sums of all cells equal\n")
    print(
        "| | encode | sums | sums + gaps | encode + sums + gaps | Parquet to gaps, process | peak | above input |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    ms = lambda f, n: f"{1000 * f[n]:,.0f} ms" if n in f else ""
    for name, f in result.items():
        cells = [ms(f, n) for n in ["encode", "sums", "compute", "total", "whole"]]
        print(
            f"| {name} | "
            + " | ".join(cells)
            + f" | {f['peak']:,.0f} MiB | {f['above_input']:,.0f} MiB |"
        )
    if "kernel_1" in result.get("disprop", {}):
        one, two = result["disprop"]["kernel_1"], result["disprop"]["kernel_2"]
        print(
            f"\nkernel on one thread {1000 * one:,.0f} ms, on two {1000 * two:,.0f} ms: "
            f"{one / two:.2f} times as fast"
        )
    if given.json:
        record = {
            "rows": rows,
            "columns": columns,
            "repeats": given.repeats,
            "medians": result,
            "runs": runs,
        }
        given.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
