"""The package as an analyst uses it: any table in, gaps out."""

import ast
import doctest
import json
import pathlib
import signal
import subprocess
import sys
import threading
import time

import disprop as dp
import pytest

pl = pytest.importorskip("polars")


def only(gaps):
    """Returns the one row of some gaps."""
    (row,) = gaps.to_polars().to_dicts()
    return row


# Tables in


def engines(columns):
    pandas = pytest.importorskip("pandas")
    pyarrow = pytest.importorskip("pyarrow")
    frame = pl.DataFrame(columns)
    yield "polars", frame
    yield "polars of several chunks", pl.concat([frame[:150], frame[150:]], rechunk=False)
    yield "polars categories", frame.with_columns(pl.col("ethnicity").cast(pl.Categorical))
    yield (
        "polars enumeration",
        frame.with_columns(pl.col("ethnicity").cast(pl.Enum(["WBRI", "BCRB"]))),
    )
    yield "polars small integers", frame.with_columns(pl.col("suspensions").cast(pl.UInt8))
    yield "polars decimals", frame.with_columns(pl.col("suspensions").cast(pl.Decimal(10, 2)))
    yield "polars text", frame.with_columns(pl.col("suspensions").cast(pl.String))
    yield "polars slice", pl.concat([frame, frame])[100:500]
    yield "pandas", pandas.DataFrame(columns)
    yield "pandas categories", pandas.DataFrame(columns).astype({"ethnicity": "category"})
    yield "pandas nullable", pandas.DataFrame(columns).astype({"suspensions": "Int64"})
    yield "pandas floats", pandas.DataFrame(columns).astype({"suspensions": "float32"})
    table = pyarrow.table(columns)
    yield "pyarrow", table
    yield "pyarrow slice", pyarrow.concat_tables([table, table]).slice(100, 400)
    yield (
        "pyarrow dictionary",
        table.set_column(0, "ethnicity", table["ethnicity"].dictionary_encode()),
    )
    yield "pyarrow batches", pyarrow.Table.from_batches(table.to_batches(max_chunksize=7))
    yield "pyarrow reader", table.to_reader(max_chunksize=33)
    yield "dict of lists", columns
    yield "dict of tuples", {name: tuple(values) for name, values in columns.items()}


def test_every_kind_of_table_gives_the_same_tallies(columns):
    wanted = dp.Cohort(columns).tally("suspensions")
    halves = {name: values[100:] + values[:100] for name, values in columns.items()}
    rotated = dp.Cohort(halves).tally("suspensions")
    assert rotated == wanted, "row order"
    for name, table in engines(columns):
        assert dp.Cohort(table).tally("suspensions") == wanted, name


def test_a_duckdb_relation_is_a_table(columns):
    duckdb = pytest.importorskip("duckdb")
    frame = pl.DataFrame(columns)  # noqa: F841 - read by name from the query
    with duckdb.connect() as connection:
        relation = connection.sql("select * from frame")
        assert dp.Cohort(relation).tally("suspensions") == dp.Cohort(columns).tally("suspensions")


class OldPandas:
    """A frame whose Arrow stream needs a package that is not there."""

    def __init__(self, frame):
        self.frame = frame
        self.columns = frame.columns

    def __arrow_c_stream__(self, requested_schema=None):
        raise ImportError("`pyarrow` is required for this operation")

    def __getitem__(self, name):
        return self.frame[name]

    def to_numpy(self):
        return self.frame.to_numpy()


def test_pandas_without_pyarrow_is_read_column_by_column(columns):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(columns)
    wanted = dp.Cohort(columns).tally("suspensions")
    assert dp.Cohort(OldPandas(frame)).tally("suspensions") == wanted
    nullable = frame.astype({"suspensions": "Int64"})
    assert dp.Cohort(OldPandas(nullable)).tally("suspensions") == wanted


def test_missing_values_are_in_no_denominator():
    given = [1, None, 0, None]
    wanted = dp.Cohort({"ethnicity": ["BCRB"] * 4, "suspensions": given}).tally("suspensions")
    for values in (
        pl.Series(given),
        pl.Series([1.0, None, 0.0, None]),
        pl.Series(["1", None, "0", ""]),
    ):
        table = pl.DataFrame({"ethnicity": ["BCRB"] * 4, "suspensions": values})
        assert dp.Cohort(table).tally("suspensions") == wanted
    row = only(
        dp.Cohort({"ethnicity": ["BCRB"] * 4, "suspensions": given}).gaps(
            groups="BCRB", measures="suspensions"
        )
    )
    assert row["group_n"] == 2


# Tables out


def test_gaps_leave_as_an_arrow_stream(cohort):
    gaps = cohort.gaps("suspensions", groups="BCRB")
    frame = pl.DataFrame(gaps)
    assert frame.equals(gaps.to_polars())
    assert frame.to_dict(as_series=False) == gaps.to_dict()
    pyarrow = pytest.importorskip("pyarrow")
    assert pyarrow.table(gaps).num_rows == len(gaps) == 1
    pandas = pytest.importorskip("pandas")
    assert list(pandas.DataFrame.from_arrow(gaps).columns) == frame.columns
    assert list(gaps.to_pandas().columns) == frame.columns


def test_an_unread_stream_is_freed(cohort):
    gaps = cohort.gaps("suspensions", groups="BCRB")
    for _ in range(50):
        gaps.__arrow_c_stream__()


def test_tallies_leave_exactly(tallies):
    frame = pl.DataFrame(tallies)
    assert frame.height > 0
    assert frame.columns == list(tallies.to_dict())


# Gaps


def test_a_gap_is_group_minus_all_others(cohort):
    row = only(cohort.gaps("suspensions", groups="BCRB"))
    assert (row["group_n"], row["baseline_n"]) == (100, 300)
    assert row["group_value"] == pytest.approx(30)
    assert row["baseline_value"] == pytest.approx(40 / 3)
    assert row["difference"] == pytest.approx(30 - 40 / 3)
    assert row["ratio"] == pytest.approx(2.25)
    assert row["finding"] == "worse"
    assert row["level"] == 0.95
    assert row["method"]


@pytest.mark.parametrize(
    ("baseline", "value"),
    [("overall", 17.5), ("WBRI", 40 / 3), (95.0, 95.0), (20, 20.0)],
)
def test_baselines(cohort, baseline, value):
    row = only(cohort.gaps("suspensions", groups="BCRB", baseline=baseline))
    assert row["baseline_value"] == pytest.approx(value)
    assert row["difference"] == pytest.approx(30 - value)


def test_the_best_placed_group_is_the_best_of_those_asked_for(cohort):
    rows = cohort.gaps("suspensions", baseline="best").to_dict()
    found = dict(zip(rows["group"], rows["baseline_value"], strict=True))
    assert found["BCRB"] == pytest.approx(40 / 3)
    assert found["WBRI"] is None
    assert "is_baseline" in rows["reason"][rows["group"].index("WBRI")]


def test_the_baseline_can_be_the_same_group_elsewhere(cohort, columns):
    more = {**columns, "suspensions": [2 * x for x in columns["suspensions"]]}
    elsewhere = dp.Cohort(more).tally("suspensions")
    gaps = cohort.gaps("suspensions", groups="BCRB", baseline=elsewhere, baseline_label="England")
    row = only(gaps)
    assert row["baseline_value"] == pytest.approx(60)
    assert "England" in row["baseline"]


def test_groups_are_words_codes_labels_and_named_sets(cohort):
    gaps = cohort.gaps(
        "suspensions",
        groups=["BCRB", "White - British", {"Heritage": ["BCRB", "MWBC"], "One": "BCRB"}],
    )
    assert gaps.groups == ["BCRB", "WBRI", "Heritage", "One"]
    found = gaps.to_dict()
    assert found["difference"][0] == found["difference"][2] == found["difference"][3]
    assert found["difference"][1] == pytest.approx(-found["difference"][0])
    assert len(cohort.gaps("suspensions", groups="major")) == 2
    assert len(cohort.gaps("suspensions")) == 2


def test_options_change_the_interval_and_the_finding(cohort):
    plain = only(cohort.gaps("suspended_once", groups="BCRB"))
    wide = only(cohort.gaps("suspended_once", groups="BCRB", level=0.99))
    other = only(cohort.gaps("suspended_once", groups="BCRB", methods=["miettinen_nurminen"]))
    small = only(cohort.gaps("suspended_once", groups="BCRB", minimum=101))
    matters = only(cohort.gaps("suspended_once", groups="BCRB", matters=50.0))
    assert wide["difference_lower"] < plain["difference_lower"]
    assert "newcombe" in plain["method"] and "miettinen_nurminen" in other["method"]
    assert other["difference"] == plain["difference"]
    assert small["finding"] == "too few to tell"
    assert matters["finding"] != plain["finding"]


def test_unclassified_pupils_are_excluded_included_or_bounded(columns):
    table = {name: list(values) for name, values in columns.items()}
    table["ethnicity"][-60:] = ["REFU"] * 60
    cohort = dp.Cohort(table)
    rows = {
        policy: only(cohort.gaps("suspensions", groups="BCRB", unclassified=policy))
        for policy in ("exclude", "include", "bounds")
    }
    assert rows["exclude"]["baseline_n"] == 240
    assert rows["include"]["baseline_n"] == 300
    assert {row["unclassified"][:7] for row in rows.values()} == {"exclude", "include", "bounds"}
    assert rows["exclude"]["coverage"] == pytest.approx(0.85)


def test_dimensions_and_their_margins(tallies):
    assert tallies.dimensions == {"year": ["2020/21", "2021/22"]}
    years = tallies.gaps(groups="BCRB").to_dict()
    assert years["year"] == ["2020/21", "2021/22"]
    assert len(tallies.gaps(groups="BCRB", by=[])) == 1
    halves = [tallies.only("year", year).roll_up([]) for year in tallies.dimensions["year"]]
    assert halves[0] + halves[1] == tallies.roll_up([])
    assert halves[0].merge(halves[1]) == tallies.roll_up([])


def test_threads_change_nothing():
    cohort = dp.Cohort(dp.synth(20_000, 2, seed=3))
    one = cohort.tally(by=["year", "sex"], threads=1)
    assert one == cohort.tally(by=["year", "sex"], threads=2)


# Measures

OWN = {
    "id": "late",
    "label": "Late marks",
    "polarity": "lower_is_better",
    "quantity": {"flag": {"column": "late"}},
}
TOML = """
id = "late"
label = "Late marks"
polarity = "lower_is_better"
[quantity.flag]
column = "late"
"""


def test_an_authoritys_own_measure_is_data_in_three_forms(columns):
    measures = [dp.Measure(OWN), dp.Measure(json.dumps(OWN)), dp.Measure(TOML)]
    assert measures[0] == measures[1] == measures[2]
    assert len(set(measures)) == 1
    assert dp.Measure(measures[0].to_dict()) == measures[0]
    cohort = dp.Cohort({**columns, "late": columns["suspensions"]}, measures=OWN)
    row = only(cohort.gaps(OWN, groups="BCRB"))
    assert (row["measure"], row["unit"]) == ("late", "%")
    assert row["group_value"] == pytest.approx(30)


def test_the_catalogue_holds_together():
    measures = dp.measures()
    assert len(measures) == len({measure.id for measure in measures}) > 20
    for measure in measures:
        assert dp.Measure(measure.to_dict()) == measure
        assert measure.label and measure.source and measure.columns
        assert measure.id in repr(measure)


def test_lists_of_groups_and_methods():
    codes = dp.groups().to_dict()
    assert {"BCRB", "BSOM", "CHNE"} <= set(codes["code"])
    chinese = codes["code"].index("CHNE")
    assert codes["major"][chinese] != dp.groups(chinese="own").to_dict()["major"][chinese]
    assert {"newcombe", "katz", "woolf", "welch"} <= set(dp.methods().to_dict()["method"])


def test_synth_is_the_same_for_the_same_seed():
    first, again, other = (dp.synth(600, 1, seed=seed).to_polars() for seed in (5, 5, 6))
    assert first.equals(again)
    assert not first.equals(other)


# Errors


def test_the_tree_of_exceptions(cohort):
    calls = {
        "data.refused": (dp.DataError, lambda: dp.Cohort({"suspensions": [1]})),
        "measure.unknown": (dp.MeasureError, lambda: cohort.gaps("suspnsions")),
        "measure.columns": (dp.MeasureError, lambda: cohort.gaps("ks4_attainment8")),
        "measure.bad": (dp.MeasureError, lambda: dp.Measure({**OWN, "quantity": {}})),
        "dimension.unknown": (dp.DimensionError, lambda: cohort.tally(by="yaer")),
        "group.unknown": (dp.GroupError, lambda: cohort.gaps(groups="Martian")),
        "option.bad": (dp.OptionError, lambda: cohort.gaps(unclassified="drop")),
        "stats.level": (dp.OptionError, lambda: cohort.gaps(level=95)),
    }
    for code, (kind, call) in calls.items():
        with pytest.raises(kind) as caught:
            call()
        error = caught.value
        assert isinstance(error, dp.DispropError) and isinstance(error, ValueError)
        assert error.code == code
        assert error.context["message"] in str(error)
        assert error.hint is None or error.hint in str(error)
        assert bool(error.findings) == (code == "data.refused")
    assert dp.DispropError.code is None and dp.DispropError.findings == []


def test_what_is_no_table_is_a_type_error():
    with pytest.raises(TypeError, match="`list` is not a table"):
        dp.Cohort([1, 2])


# On screen


def test_hostile_labels_are_escaped_on_screen():
    label = "<script>alert('x')</script>"
    cohort = dp.Cohort(
        {"ethnicity": [label] * 20 + ['"&'] * 20, "suspensions": [1] * 10 + [0] * 30}, codes="own"
    )
    gaps = cohort.gaps("suspensions", groups="leaves")
    page = gaps._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert label in repr(gaps)
    assert "<script" not in cohort.gaps("suspensions", by="ethnicity")._repr_html_()


def test_what_is_shown_says_what_it_is(cohort, tallies):
    gaps = cohort.gaps("suspensions", by="year", groups="BCRB")
    for shown in (repr(gaps), gaps._repr_html_()):
        assert "Not for publication" in shown
        assert "Black Caribbean" in shown
    assert gaps.note.startswith('"All other groups"')
    assert "more rows" in gaps.to_text(1)
    assert repr(cohort).startswith("<disprop.Cohort: 400 rows")
    assert repr(tallies).startswith("<disprop.Tallies: suspensions")
    assert repr(dp.groups()).startswith("<disprop.Table:")


def test_tables_of_results_print_under_the_banner_with_their_note():
    cohort = dp.Cohort(dp.synth(pupils=3_000, years=2, seed=7))
    changes = cohort.gaps("persistent_absence", by="year", groups="main").over_time()
    assert changes.kind == "changes" and "later gap less the earlier" in changes.note
    for shown in (repr(changes), changes._repr_html_(), changes.to_text(3), changes.to_html(3)):
        assert "Not for publication" in shown and changes.title in shown
        assert "no clear change" in shown
    assert "more rows" in changes.to_text(3)
    assert '<th scope="col">Group</th>' in changes.to_html(3)
    assert changes.to_polars().shape == changes.shape
    assert "Not for publication" not in dp.groups()._repr_html_()


# Time


def test_import_is_quick_and_needs_nothing():
    code = "import disprop, sys; print(*sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"polars", "pandas", "pyarrow", "numpy", "rich"} & set(done.stdout.split())
    best = min(importing() for _ in range(5))
    assert best < 50, f"{best} ms"


def importing():
    """Returns how much work the import is, in milliseconds of one core, whatever else runs."""
    code = "from time import process_time_ns as t; a = t(); import disprop; print(t() - a)"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1e6


@pytest.fixture(scope="module")
def large():
    table = dp.synth(300_000, 1, seed=2)
    return dp.Cohort(table), table


def test_other_threads_run_while_rust_works(large):
    _, table = large
    steps, done = [], threading.Event()

    def count():
        while not done.is_set():
            steps.append(time.perf_counter())

    thread = threading.Thread(target=count)
    thread.start()
    started = time.perf_counter()
    dp.Cohort(table)
    ended = time.perf_counter()
    done.set()
    thread.join()
    # Were the lock held, the thread would stand still for all but the switches at both ends.
    between = [step for step in steps if started < step < ended]
    gaps = [b - a for a, b in zip([started, *between], [*between, ended], strict=True)]
    assert max(gaps) < 0.8 * (ended - started)


def test_ctrl_c_stops_a_long_tally(large):
    cohort, _ = large
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        while time.perf_counter() - started < 30:
            cohort.tally(by=["school", "sex", "fsm", "sen", "eal"])
    timer.join()
    assert time.perf_counter() - started < 10


# The stubs


def test_the_examples_of_the_stubs_run():
    place = pathlib.Path(dp.__file__).with_name("_disprop.pyi")
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
        text = isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node)
        if text and ">>>" in text:
            runner.run(parser.get_doctest(text, {}, node.name, str(place), node.lineno))
    assert runner.tries > 10
    assert runner.failures == 0


def test_every_public_method_of_the_stubs_has_an_example():
    place = pathlib.Path(dp.__file__).with_name("_disprop.pyi")
    without = [
        f"{holder.name}.{node.name}"
        for holder in ast.parse(place.read_text(encoding="utf-8")).body
        if isinstance(holder, ast.ClassDef) and not holder.name.startswith("_")
        for node in holder.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and "property" not in {getattr(d, "id", "") for d in node.decorator_list}
        and ">>>" not in (ast.get_docstring(node) or "")
    ]
    assert without == []


def test_a_group_of_twenty_without_suspensions_is_too_few_to_tell():
    rows = {
        "ethnicity": ["CHNE"] * 20 + ["WBRI"] * 400,
        "suspensions": [0] * 20 + [1] * 9 + [4] * 7 + [0] * 384,
    }
    frame = dp.Cohort(rows).gaps("suspensions").to_polars()
    row = next(row for row in frame.to_dicts() if row["group"] == "CHNE")
    assert row["difference"] < 0 and row["difference_upper"] < 0
    assert row["finding"] == "too few to tell"
