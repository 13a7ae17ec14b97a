"""One body, every engine: whatever makes tallies makes the same ones, to the last bit.

Spark has its own file, `test_spark.py`, over the same frames.
"""

import disprop as dp
import pytest

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

from engine_zoo import BY, MEASURES, expected, further, of_kernel, roles, told, zoo  # noqa: E402

ZOO = zoo()
FURTHER = further()


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


@pytest.mark.parametrize("name", FURTHER)
def test_flags_made_from_raw_fields_and_movers_are_the_same_in_duckdb(name):
    duckdb = pytest.importorskip("duckdb")
    frame, measures, by, choices = FURTHER[name]
    con = duckdb.connect()
    con.register("rows", frame.to_arrow())
    there = dp.duckdb.tally(con, "rows", measures, by, **choices)
    here = of_kernel(frame, measures, by, choices)
    assert there == here
    assert told(there) == told(here)


@pytest.mark.parametrize("name", [n for n in FURTHER if not n.startswith("movers")])
def test_flags_made_from_raw_fields_are_the_same_in_a_stream(name):
    frame, measures, by, choices = FURTHER[name]
    parts = (frame[start : start + 97] for start in range(0, frame.height, 97))
    assert dp.tally_stream(parts, measures, by, **choices) == of_kernel(*FURTHER[name])


def test_the_quick_statement_is_used_where_it_is_proven_and_only_there():
    duckdb = pytest.importorskip("duckdb")
    from disprop._disprop import SqlPlan

    schema = [("ethnicity", "text"), ("ks4_progress8", "fraction"), ("suspensions", "whole")]

    def quick(values, events, measures=("ks4_progress8", "suspensions")):
        con = duckdb.connect()
        frame = pl.DataFrame(
            {"ethnicity": ["BCRB"] * len(values), "ks4_progress8": values, "suspensions": events}
        )
        con.register("rows", frame.to_arrow())
        plan = SqlPlan("duckdb", "rows", schema, list(measures))
        found = plan.quick_tallies(con.sql(plan.quick).to_arrow_table())
        full = plan.tallies(con.sql(plan.sql).to_arrow_table())
        assert found is None or found == full == dp.Cohort(frame).tally(list(measures))
        return found is not None

    assert quick([0.29, -1.15, None, float("nan")], [0, 3, None, 1])
    assert quick([46.51, 0.07], [0, 4_095])
    assert not quick([0.123], [1]), "not whole in hundredths"
    assert not quick([0.1 + 0.2 + 1e-6], [1]), "nearly whole is not whole"
    # Just below 2 to the 24th, two products stay below 2 to the 63rd.
    largest = 2**24 - 1
    assert quick([0.0, 0.0], [largest, largest])
    assert not quick([0.0], [30_000_001]), "beyond what it takes"
    # 2 to the 25th squared is 2 to the 50th: 2 to the 13th rows are too many.
    assert quick([0.0] * 8_191, [largest + 1] * 8_191)
    assert not quick([0.0] * 8_192, [largest + 1] * 8_192)


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


OTHERS = {
    "unknown_goal": ("raw fields", {"elg_e03": pl.lit("3")}, "gld"),
    "unknown_outcome": ("raw fields", {"ks2_maths": pl.lit("79")}, "ks2_rwm_higher"),
    "not_a_flag": ("raw fields, flagged", {"ks2_in_denominator": pl.lit(2)}, "ks2_rwm_expected"),
    "out_of_range": ("movers", {"suspensions": pl.lit(900_000_000)}, "suspensions"),
    "unknown_code": ("movers", {"ethnicity": pl.lit("X?")}, "suspensions"),
    "duplicate_pupil": ("movers", {"school": pl.lit(1)}, "suspensions"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_faults_of_raw_fields_and_of_movers_are_counted_alike(kind):
    duckdb = pytest.importorskip("duckdb")
    name, changed, measure = OTHERS[kind]
    frame, _, by, choices = FURTHER[name]
    frame = frame.with_columns(**changed)
    con = duckdb.connect()
    con.register("rows", frame.to_arrow())
    found = []
    for run in (
        lambda: of_kernel(frame, [measure], by, choices),
        lambda: dp.duckdb.tally(con, "rows", [measure], by, **choices),
    ):
        with pytest.raises(dp.DataError) as caught:
            run()
        refused = [f for f in caught.value.findings if f.severity == "refused"]
        found.append(sorted((f.kind, f.column, f.rows, f.message) for f in refused))
    assert found[0] == found[1]
    assert kind in {f[0] for f in found[0]}


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
    con.sql("CREATE TABLE q (ethnicity VARCHAR, suspensions INT)")
    con.sql("CREATE TABLE p (ethnicity VARCHAR, suspensions INT, upn VARCHAR)")
    for call, code in [
        (lambda: dp.duckdb.tally(con, "t", "ks4_attainment8"), "engine.unsupported"),
        (lambda: dp.duckdb.tally(con, "t", "gld"), "measure.columns"),
        (lambda: dp.duckdb.tally(con, "t", "ks2_rwm_higher"), "measure.columns"),
        (lambda: dp.duckdb.tally(con, "t", "suspensions", rows="pupil"), "measure.columns"),
        (lambda: dp.duckdb.tally(con, "q", "suspensions", rows="pupil"), "data.refused"),
        (
            lambda: dp.duckdb.tally(con, "p", "suspensions", rows="pupil", pupil="upn"),
            "engine.unsupported",
        ),
        (lambda: dp.duckdb.tally(con, "t", "suspensions"), "measure.columns"),
        (lambda: dp.duckdb.tally(con, "t", "suspensions", "ward"), "dimension.unknown"),
        (lambda: dp.duckdb.tally(con, "t", "suspensions", "d"), "data.refused"),
        (lambda: dp.duckdb.tally(con, 3, "suspensions"), "option.bad"),
    ]:
        with pytest.raises(dp.DispropError) as caught:
            call()
        assert caught.value.code == code


def test_wherever_duckdb_has_the_rows_they_are_found(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    frame = ZOO["plain"]
    here = expected("plain", frame)
    database = tmp_path / "pupils.db"
    halves = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(frame[:500].to_arrow(), halves[0])
    pq.write_table(frame[500:].to_arrow(), halves[1])
    con = duckdb.connect()
    con.register("arrow", frame.to_arrow())
    con.sql(f"ATTACH '{database}' AS other; CREATE SCHEMA other.census")
    con.sql("CREATE TABLE other.census.pupils AS SELECT * FROM arrow")
    con.sql("CREATE VIEW shown AS SELECT * FROM other.census.pupils")
    for source in (
        "shown",
        ("other", "census", "pupils"),
        con.sql("FROM shown"),
        con.view("shown"),
    ):
        assert dp.duckdb.tally(con, source, MEASURES, BY) == here
    # A relation knows its own connection, whatever else is called as it is asked for.
    con.sql("CREATE TABLE disprop_rows (x INTEGER)")
    assert dp.duckdb.tally(None, con.sql("FROM shown"), MEASURES, BY) == here
    con.close()
    assert dp.duckdb.tally(database, ("census", "pupils"), MEASURES, BY) == here
    assert dp.duckdb.tally(None, halves, MEASURES, BY) == here
    assert dp.duckdb.tally(None, tmp_path / "*.parquet", MEASURES, BY) == here


def test_a_source_that_is_not_there_is_told_of_before_anything_runs(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect()
    for source, hint in [("census.pupils", '("schema", "table")'), ("SELECT 1", "con.sql")]:
        with pytest.raises(dp.DataError) as caught:
            dp.duckdb.tally(con, source, "suspensions")
        assert caught.value.code == "engine.source"
        assert hint in caught.value.hint
    with pytest.raises(dp.DataError) as caught:
        dp.duckdb.tally(None, str(tmp_path / "*.parquet"), "suspensions")
    assert caught.value.code == "engine.source"
    with pytest.raises(dp.OptionError, match=r"disprop\.Cohort"):
        dp.duckdb.tally(con, ZOO["plain"], "suspensions")


def test_what_duckdb_says_of_a_value_is_not_passed_on(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    con = duckdb.connect()
    con.sql("CREATE TABLE t AS SELECT 'BCRB' AS ethnicity, 'Zyzzyva 99' AS s")
    con.sql("CREATE VIEW v AS SELECT ethnicity, CAST(s AS INTEGER) AS suspensions FROM t")
    with pytest.raises(dp.TallyError) as caught:
        dp.duckdb.tally(con, "v", "suspensions")
    assert caught.value.code == "stream.broken"
    assert "Zyzzyva" not in str(caught.value)
