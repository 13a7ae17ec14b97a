"""Streams, kept tallies, and what happens when either goes wrong."""

import subprocess
import sys
import textwrap

import disprop as dp
import pytest

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

MEASURES = ["persistent_absence", "suspensions", "ks4_attainment8", "gld"]
BY = ["sex", "fsm"]


@pytest.fixture(scope="module")
def rows():
    return dp.synth(4000, 2, seed=5).to_polars()


@pytest.fixture(scope="module")
def whole(rows):
    return dp.Cohort(rows, measures=MEASURES).tally(MEASURES, BY)


@pytest.fixture()
def parquet(rows, tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(rows.to_arrow(), path, row_group_size=1000)
    return path


def stream(source, **options):
    return dp.tally_stream(source, MEASURES, BY, **options)


def parts(rows, size=700):
    return (rows[start : start + size] for start in range(0, rows.height, size))


def test_every_source_gives_the_tallies_of_the_whole(rows, whole, parquet, tmp_path):
    second = tmp_path / "more"
    second.mkdir()
    half = rows.height // 2
    pq.write_table(rows[:half].to_arrow(), second / "a.parquet")
    pq.write_table(rows[half:].to_arrow(), second / "b.parquet")
    table = rows.to_arrow()
    sources = {
        "parquet": parquet,
        "text path": str(parquet),
        "pattern": str(second / "*.parquet"),
        "list of paths": [second / "b.parquet", second / "a.parquet"],
        "generator": parts(rows),
        "reader": pa.RecordBatchReader.from_batches(table.schema, table.to_batches(333)),
        "table of chunks": pa.Table.from_batches(table.to_batches(501)),
        "polars": rows,
        "lazy": rows.lazy(),
        "pandas": (part.to_pandas() for part in parts(rows)),
    }
    for name, source in sources.items():
        assert stream(source, batch_rows=777) == whole, name


def test_duckdb_relations_and_plain_cursors_are_sources(rows, whole, parquet):
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    relation = connection.from_parquet(str(parquet))
    assert stream(relation, batch_rows=777) == whole

    class Cursor:
        def __init__(self):
            self.description = [(name,) for name in rows.columns]
            self.rows = iter(rows.rows())

        def fetchmany(self, size):
            return [row for _, row in zip(range(size), self.rows, strict=False)]

    assert stream(Cursor(), batch_rows=5000) == whole


def test_progress_is_honest(parquet, rows):
    seen = []
    stream(parquet, batch_rows=1000, progress=seen.append)
    assert [p.rows for p in seen][-1] == rows.height == seen[-1].total
    assert seen[0].left is None, "one batch is no pace"
    assert all(p.left is not None and p.left >= 0 for p in seen[1:])
    assert seen[-1].left == 0
    seen = []
    stream(parts(rows), progress=seen.append)
    assert {(p.total, p.left) for p in seen} == {(None, None)}


def test_a_stream_that_raises_halfway_gives_nothing(rows):
    class Odd(Exception):
        pass

    def source():
        yield rows[:500]
        raise Odd("pupil SMITH")

    with pytest.raises(Odd):
        stream(source())
    builder = dp.TallyBuilder(MEASURES, BY)
    batches = rows.to_arrow().to_batches(500)

    def arrow():
        yield batches[0]
        raise ValueError("pupil SMITH")

    reader = pa.RecordBatchReader.from_batches(batches[0].schema, arrow())
    with pytest.raises(dp.TallyError) as caught:
        builder.add(reader)
    assert caught.value.code == "stream.broken"
    assert "SMITH" not in str(caught.value)
    for call in (builder.tallies, builder.state, lambda: builder.add(rows)):
        with pytest.raises(dp.TallyError) as caught:
            call()
        assert caught.value.code == "stream.broken"


def test_what_progress_raises_ends_the_work(parquet):
    def stop(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        stream(parquet, batch_rows=500, progress=stop)


def test_a_truncated_parquet_file_is_refused(parquet):
    data = parquet.read_bytes()
    for size in (0, 3, 100, len(data) // 2, len(data) - 1):
        parquet.write_bytes(data[:size])
        with pytest.raises(dp.DataError) as caught:
            stream(parquet)
        assert caught.value.code == "file.unreadable", size
    # Pages damaged, footer whole: it opens, and fails on the way.
    middle = len(data) // 3
    parquet.write_bytes(data[:middle] + bytes(200_000) + data[middle + 200_000 :])
    with pytest.raises(dp.DataError) as caught:
        stream(parquet)
    assert caught.value.code == "file.unreadable"


def test_findings_count_rows_through(rows, tmp_path):
    bad = rows.with_columns(
        suspensions=pl.when(pl.int_range(pl.len()).is_in([10, 3000])).then(-1).otherwise(0)
    )
    with pytest.raises(dp.DataError) as caught:
        stream(parts(bad, 999))
    (finding,) = [f for f in caught.value.findings if f.severity == "refused"]
    assert (finding.kind, finding.rows, finding.first_rows) == ("negative", 2, [11, 3001])


def test_limits_are_errors_with_a_code(rows):
    with pytest.raises(dp.TallyError) as caught:
        dp.tally_stream(parts(rows), MEASURES, ["school", "sex"], memory_limit=100_000)
    assert caught.value.code == "stream.memory"
    assert "memory_limit" in caught.value.hint
    with pytest.raises(dp.TallyError) as caught:
        dp.tally_stream(parts(rows), MEASURES, ["school", "sex"], max_cells=50)
    assert caught.value.code == "tallies.too_many_cells"


def test_columns_nobody_needs_are_not_read(parquet):
    builder = dp.TallyBuilder("suspensions", "sex", pupils="never")
    names = pq.read_schema(parquet).names
    assert set(builder.columns_read(names)) == {"ethnicity", "sex", "suspensions"}


def test_other_keywords_are_refused():
    with pytest.raises(TypeError, match="etnicity"):
        dp.TallyBuilder("suspensions", etnicity="x")
    with pytest.raises(dp.OptionError):
        dp.TallyBuilder("suspensions", pupils="always")
    with pytest.raises(TypeError, match="no source"):
        dp.tally_stream(3, "suspensions")
    with pytest.raises(FileNotFoundError):
        dp.tally_stream("nowhere.parquet", "suspensions")


# Kept tallies.


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.feather", "t.ipc"])
def test_kept_tallies_come_back_whole(whole, tmp_path, name):
    whole.save(tmp_path / name)
    back = dp.Tallies.load(tmp_path / name)
    assert back == whole
    assert [str(f) for f in back.findings] == [str(f) for f in whole.findings]
    assert back.gaps(groups="main").to_dict() == whole.gaps(groups="main").to_dict()
    assert sorted(p.name for p in tmp_path.iterdir()) == [name]


def test_years_are_kept_apart_and_merged_later(rows, tmp_path):
    years = rows["year"].unique().sort().to_list()
    for year in years:
        cohort = dp.Cohort(rows.filter(pl.col("year") == year), measures=MEASURES)
        cohort.tally(MEASURES, ["year", "sex"]).save(tmp_path / f"{year[:4]}.parquet")
    kept = [dp.Tallies.load(path) for path in sorted(tmp_path.iterdir())]
    merged = kept[0].merge(kept[1])
    assert merged == dp.Cohort(rows, measures=MEASURES).tally(MEASURES, ["year", "sex"])


def test_published_counts_and_extra_codes_are_kept(tmp_path):
    table = {
        "g": ["Black Caribbean", "Asian Welsh", "Total"],
        "x": [9, "c", 300],
        "n": [90, 9, 900],
    }
    published = dp.Tallies.from_counts(
        table, measure="suspensions", ethnicity="g", numerator="x", denominator="n",
        total="Total", extra_codes={"AWEL": ("Asian Welsh", "AOTH")}, symbols={"c": (1, 5)},
    )  # fmt: skip
    published.save(tmp_path / "p.parquet")
    back = dp.Tallies.load(tmp_path / "p.parquet")
    assert back == published
    assert back.gaps().to_dict() == published.gaps().to_dict()


def test_every_damaged_byte_is_noticed(tallies, tmp_path):
    path = tmp_path / "t.arrow"
    tallies.save(path)
    data = path.read_bytes()
    noticed = 0
    for place in range(0, len(data), 37):
        damaged = bytearray(data)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        try:
            back = dp.Tallies.load(path)
        except dp.TallyError as error:
            assert error.code == "tallies.checkpoint"
            noticed += 1
        else:
            assert back == tallies, f"byte {place}: other tallies passed for these"
    assert noticed > 10
    for size in (0, 10, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        with pytest.raises(dp.TallyError):
            dp.Tallies.load(path)


def test_foreign_later_and_missing_files_are_refused_with_a_reason(tallies, tmp_path, rows):
    path = tmp_path / "t.parquet"
    pq.write_table(rows.to_arrow(), path)
    with pytest.raises(dp.TallyError, match="no column `checkpoint`"):
        dp.Tallies.load(path)
    table = pa.table(tallies._checkpoint())
    place = table.schema.get_field_index("checkpoint")
    texts = table.column(place).to_pylist()
    texts[0] = texts[0].replace('"version":1', '"version":7')
    pq.write_table(table.set_column(place, "checkpoint", pa.array(texts, pa.string())), path)
    with pytest.raises(dp.TallyError, match="version 7"):
        dp.Tallies.load(path)
    with pytest.raises(FileNotFoundError):
        dp.Tallies.load(tmp_path / "none.parquet")
    with pytest.raises(dp.OptionError):
        tallies.save(tmp_path / "t.csv")
    with pytest.raises(dp.TallyError) as caught:
        tallies.save(tmp_path / "no" / "t.parquet")
    assert caught.value.code == "tallies.not_written"


def run(code, **options):
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, **options
    )


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
def test_a_full_disk_leaves_what_was_there(tallies, whole, tmp_path, name):
    path = tmp_path / name
    tallies.save(path)
    done = run(
        f"""
        import signal, resource, disprop as dp
        cohort = dp.Cohort(dp.synth(4000, 2, seed=5), measures=["absence"])
        tallies = cohort.tally("absence", ["school", "sex"])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            tallies.save({str(path)!r})
        except dp.TallyError as error:
            print(error.code, error.hint)
        """
    )
    assert done.stdout.startswith("tallies.not_written"), done.stderr
    assert "as it was" in done.stdout
    assert [p.name for p in tmp_path.iterdir()] == [name], "no half-written file is left"
    assert dp.Tallies.load(path) == tallies


def test_ctrl_c_ends_a_stream_with_nothing_kept():
    # The stream itself sends the signal, after its third batch; no clock is waited for.
    done = run(
        """
        import os, signal, disprop as dp
        rows = dp.synth(4000, 1, seed=5).to_polars()
        builder = dp.TallyBuilder("suspensions", "sex")
        def batches():
            for turn in range(1000):
                if turn == 3:
                    os.kill(os.getpid(), signal.SIGINT)
                yield rows
        try:
            dp.tally_stream(batches(), "suspensions", "sex")
        except KeyboardInterrupt:
            print("interrupted")
        """
    )
    assert done.stdout.strip() == "interrupted", done.stderr


def test_memory_is_bounded_by_cells_not_by_rows(parquet):
    # Forty times the rows: the peak of the process must not follow.
    code = f"""
        import resource, sys, disprop as dp, pyarrow.parquet as pq
        times = int(sys.argv[1])
        table = pq.read_table({str(parquet)!r}).to_batches(1000)
        def batches():
            for _ in range(times):
                yield from table
        t = dp.tally_stream(batches(), "suspensions", ["sex", "fsm"])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        """
    few, many = (
        int(
            subprocess.run(  # noqa: S603
                [sys.executable, "-c", textwrap.dedent(code), str(times)],
                capture_output=True, text=True, check=True,
            ).stdout
        )
        for times in (2, 80)
    )  # fmt: skip
    assert many < few + 40_000, (few, many)


def test_the_command_line_streams_a_parquet_file(run, parquet, tmp_path):
    words = ["gaps", parquet, "--measure", "suspensions", "--by", "sex", "--group", "BCRB"]
    whole, streamed = tmp_path / "whole.csv", tmp_path / "streamed.csv"
    assert run(*words, "--out", whole)[0] == 0
    code, _, err = run(*words, "--stream", "--out", streamed)
    assert code == 0, err
    assert streamed.read_text() == whole.read_text()
    assert run(*words[:2], "--stream")[0] == 2


def test_a_cursor_is_read_on_the_thread_that_made_it(rows):
    # SQLite refuses to be read from any other.
    import sqlite3

    con = sqlite3.connect(":memory:")
    some = rows.select("ethnicity", "suspensions").with_columns(pl.col("ethnicity").cast(pl.String))
    con.execute("CREATE TABLE pupils (ethnicity TEXT, suspensions INTEGER)")
    con.executemany("INSERT INTO pupils VALUES (?, ?)", some.rows())
    cursor = con.execute("SELECT * FROM pupils")
    there = dp.tally_stream(cursor, "suspensions", batch_rows=5000)
    assert there == dp.Cohort(some).tally("suspensions")


def test_a_pupil_written_with_blanks_around_is_remembered(rows):
    twice = pl.DataFrame(
        {"pupil_id": ["a1", " a1"], "ethnicity": ["BCRB"] * 2, "suspensions": [0, 0]}
    )
    with pytest.raises(dp.DataError, match="stands twice"):
        dp.tally_stream((twice[:1], twice[1:]), "suspensions", pupils="remember")


def test_importing_the_package_imports_nothing_that_is_not_asked_for():
    code = """
        import sys
        before = set(sys.modules)
        import disprop
        assert {m for m in set(sys.modules) - before if "disprop" not in m} == set()
        disprop.duckdb, disprop.spark, disprop.read, disprop.tally_stream, disprop.Progress
        assert not {"polars", "pyarrow", "duckdb", "pyspark", "pandas"} & set(sys.modules)
        assert {"read", "spark"} <= set(dir(disprop))
        try:
            disprop.tally_steam
        except AttributeError as error:
            assert "tally_steam" in str(error)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)  # noqa: S603
