"""One body, every engine: whatever makes tallies makes the same ones, to the last bit.

Spark has its own file, `test_spark.py`, over the same frames.
"""

import disprop as dp
import pytest

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from engine_zoo import BY, MEASURES, expected, roles, zoo  # noqa: E402

ZOO = zoo()


def kernel(threads):
    def engine(name, frame, tmp_path):
        cohort = dp.Cohort(frame, measures=MEASURES, **roles(name))
        return cohort.tally(MEASURES, BY, threads=threads)

    return engine


def shuffled(name, frame, tmp_path):
    return expected(name, frame.sample(fraction=1, shuffle=True, seed=3))


def streamed(size):
    def engine(name, frame, tmp_path):
        parts = (frame[start : start + size] for start in range(0, frame.height, size))
        return dp.tally_stream(parts, MEASURES, BY, **roles(name))

    return engine


def parquet(name, frame, tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(frame.to_arrow(), path, row_group_size=100)
    return dp.tally_stream(path, MEASURES, BY, batch_rows=73, **roles(name))


def merged(name, frame, tmp_path):
    half = max(1, frame.height // 2)
    parts = [part for part in (frame[:half], frame[half:]) if part.height]
    tallies = [expected(name, part) for part in parts]
    return tallies[0] if len(tallies) == 1 else tallies[0].merge(tallies[1])


def kept(name, frame, tmp_path):
    expected(name, frame).save(tmp_path / "kept.parquet")
    return dp.Tallies.load(tmp_path / "kept.parquet")


def duckdb_table(name, frame, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect()
    con.register("arrow", frame.to_arrow())
    con.sql('CREATE TABLE "odd ""name" AS SELECT * FROM arrow')
    return dp.duckdb.tally(con, 'odd "name', MEASURES, BY, **roles(name))


def duckdb_parquet(name, frame, tmp_path):
    pytest.importorskip("duckdb")
    folder = tmp_path / "it's here"
    folder.mkdir()
    for place in range(0, frame.height, 500):
        pq.write_table(frame[place : place + 500].to_arrow(), folder / f"{place}.parquet")
    return dp.duckdb.tally(None, str(folder / "*.parquet"), MEASURES, BY, **roles(name))


ENGINES = {
    "one thread": kernel(1),
    "two threads": kernel(2),
    "shuffled": shuffled,
    "streamed, 1 row a batch": streamed(1),
    "streamed, 97 rows a batch": streamed(97),
    "streamed from parquet": parquet,
    "two parts merged": merged,
    "kept and read back": kept,
    "duckdb table": duckdb_table,
    "duckdb over parquet files": duckdb_parquet,
}


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_bits(engine, name, tmp_path):
    if engine == "streamed, 1 row a batch" and ZOO[name].height > 400:
        frame = ZOO[name][:200]
    else:
        frame = ZOO[name]
    assert ENGINES[engine](name, frame, tmp_path) == expected(name, frame)


PLACE = pl.col("place")
FAULTS = {
    "negative": {"suspensions": pl.when(PLACE % 5 == 0).then(-1).otherwise(0)},
    "unknown_code": {
        "ethnicity": pl.when(PLACE == 3).then(pl.lit("X?")).otherwise("ethnicity"),
    },
    "not_finite": {"ks4_progress8": pl.when(PLACE < 9).then(float("inf")).otherwise(0.0)},
    "out_of_range": {"ks4_progress8": pl.when(PLACE == 0).then(-2e9).otherwise(0.0)},
    "not_a_number": {
        "suspensions": pl.when(PLACE < 4).then(pl.lit("two")).otherwise(pl.lit("1")),
    },
    "not_a_flag": {"he": PLACE % 3},
    "absent_over_possible": {"sessions_absent": pl.lit(9999.0)},
}


@pytest.mark.parametrize("kind", FAULTS)
def test_every_engine_counts_the_same_faults(kind):
    duckdb = pytest.importorskip("duckdb")
    frame = ZOO["plain"].with_columns(**FAULTS[kind])
    con = duckdb.connect()
    con.register("rows", frame.to_arrow())
    engines = {
        "kernel": lambda: expected("plain", frame),
        "stream": lambda: dp.tally_stream(
            (frame[i : i + 250] for i in range(0, frame.height, 250)), MEASURES, BY
        ),
        "duckdb": lambda: dp.duckdb.tally(con, "rows", MEASURES, BY),
    }
    found = {}
    for engine, run in engines.items():
        with pytest.raises(dp.DataError) as caught:
            run()
        refused = [f for f in caught.value.findings if f.severity == "refused"]
        found[engine] = sorted((f.kind, f.column, f.rows, f.message) for f in refused)
    assert found["kernel"] == found["stream"] == found["duckdb"]
    assert [f[0] for f in found["kernel"]] == [kind]


def test_a_pupil_twice_is_counted_by_duckdb_too():
    duckdb = pytest.importorskip("duckdb")
    frame = ZOO["plain"].with_columns(pupil_id=(pl.col("place") // 2).cast(pl.String))
    frame = frame.with_columns(year=pl.lit("2021/22"), school=pl.lit(1))
    con = duckdb.connect()
    con.register("rows", frame.to_arrow())
    with pytest.raises(dp.DataError) as caught:
        dp.duckdb.tally(con, "rows", MEASURES, BY)
    (finding,) = [f for f in caught.value.findings if f.severity == "refused"]
    assert (finding.kind, finding.rows, finding.first_rows) == ("duplicate_pupil", 600, [])
    assert dp.duckdb.tally(con, "rows", MEASURES, BY, pupils=False).cells > 0


def test_what_sql_cannot_do_exactly_is_refused_with_a_reason():
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect()
    con.sql(
        "CREATE TABLE t (ethnicity VARCHAR, ks4_attainment8 DECIMAL(18,9), elg_e01 INT, d DATE)"
    )
    for call, code in [
        (lambda: dp.duckdb.tally(con, "t", "ks4_attainment8"), "engine.unsupported"),
        (lambda: dp.duckdb.tally(con, "t", "gld"), "engine.unsupported"),
        (lambda: dp.duckdb.tally(con, "t", "ks4_attainment8", rows="pupil"), "engine.unsupported"),
        (lambda: dp.duckdb.tally(con, "t", "suspensions"), "measure.columns"),
        (lambda: dp.duckdb.tally(con, "t", "suspensions", "ward"), "dimension.unknown"),
        (lambda: dp.duckdb.tally(con, "t", "suspensions", "d"), "data.refused"),
        (lambda: dp.duckdb.tally(con, 3, "suspensions"), "option.bad"),
    ]:
        with pytest.raises(dp.DispropError) as caught:
            call()
        assert caught.value.code == code
