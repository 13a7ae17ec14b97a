"""The Arrow boundary: one column in every layout Arrow has for it is one column."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

import disprop as dp
import pytest

pa = pytest.importorskip("pyarrow")
hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

CODES = ["BCRB", "WBRI", "MWBC", "REFU"]
WARDS = ["North", "South", "a ward with a long name", " South ", ""]
rows = st.lists(
    st.tuples(
        st.sampled_from(CODES),
        st.none() | st.sampled_from(WARDS),
        st.none() | st.integers(0, 100),
    ),
    min_size=1,
    max_size=60,
)


def tally(table):
    cohort = dp.Cohort(table, columns={"ward": "ward"}, measures=["suspensions"])
    return cohort.tally(["suspensions"], by=["ward"]).to_polars()


def plain(data):
    codes, wards, values = zip(*data, strict=True)
    return {"ethnicity": list(codes), "ward": list(wards), "suspensions": list(values)}


@st.composite
def layouts(draw, values, kinds):
    """Some values as one column: a type that holds them, in chunks, each a slice of more."""
    kind = draw(st.sampled_from(kinds))
    cuts = sorted(draw(st.lists(st.integers(0, len(values)), max_size=3)))
    ends = [0, *cuts, len(values)]
    chunks = []
    for start, end in itertools.pairwise(ends):
        before, after = draw(st.integers(0, 9)), draw(st.integers(0, 9))
        padded = values[:1] * before + values[start:end] + values[-1:] * after
        whole = kind(padded) if callable(kind) else pa.array(padded, type=kind)
        chunks.append(whole.slice(before, end - start))
    return pa.chunked_array(chunks)


def encoded(key):
    def build(values):
        return (
            pa.array(values, pa.string()).dictionary_encode().cast(pa.dictionary(key, pa.string()))
        )

    return build


def with_null_in_dictionary(values):
    """A dictionary whose last value is null, which rows point at in place of being null."""
    known = [*sorted({v for v in values if v is not None}), None]
    keys = pa.array([known.index(v) for v in values], pa.int16())
    return pa.DictionaryArray.from_arrays(keys, pa.array(known, pa.large_string()))


TEXT = [
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    *(
        encoded(key())
        for key in (pa.int8, pa.uint8, pa.int16, pa.uint16, pa.int32, pa.uint32, pa.int64)
    ),
    with_null_in_dictionary,
]
NUMBERS = [
    *(
        t()
        for t in (pa.int8, pa.int16, pa.int32, pa.int64, pa.uint8, pa.uint16, pa.uint32, pa.uint64)
    ),
    pa.float32(),
    pa.float64(),
    pa.decimal128(12, 3),
    pa.decimal128(38, 6),
    pa.string(),
    encoded(pa.int8()),
]


def as_text(values):
    return [None if v is None else str(v) for v in values]


@settings(max_examples=150, deadline=None)
@given(st.data(), rows)
def test_every_layout_of_a_column_is_the_same_column(data, given_rows):
    columns = plain(given_rows)
    wanted = tally(columns)
    kind = data.draw(st.sampled_from(NUMBERS))
    is_text = callable(kind) or kind == pa.string()
    values = as_text(columns["suspensions"]) if is_text else columns["suspensions"]
    table = pa.table(
        {
            "ethnicity": data.draw(layouts(columns["ethnicity"], TEXT)),
            "ward": data.draw(layouts(columns["ward"], TEXT)),
            "suspensions": data.draw(layouts(values, [kind])),
        }
    )
    assert tally(table).equals(wanted)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.integers(-20, 20), min_size=1, max_size=40), st.data())
def test_whole_numbers_are_one_category_in_every_width(numbers, data):
    def cells(column):
        table = pa.table(
            {
                "ethnicity": ["WBRI"] * len(numbers),
                "ward": column,
                "suspensions": [1] * len(numbers),
            }
        )
        return tally(table)

    types = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64()]
    wanted = cells(pa.array(as_text(numbers), pa.string()))
    assert cells(data.draw(layouts(numbers, types))).equals(wanted)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=1, max_size=40), st.integers(0, 6)
)
def test_a_decimal_is_the_float_it_is_nearest_to(hundredths, scale):
    values = [None if v is None else Decimal(v) / 10**scale for v in hundredths]
    codes = ["WBRI"] * len(values)

    def sums(column):
        cohort = dp.Cohort(
            pa.table({"ethnicity": codes, "ks4_progress8": column}), measures=["progress8"]
        )
        return cohort.tally(["progress8"]).to_polars()

    exact = sums(pa.array(values, pa.decimal128(20, scale)))
    assert exact.equals(sums(pa.array([None if v is None else float(v) for v in values])))


def test_dates_are_dimensions_and_read_as_they_are_written():
    days = [dt.date(2023, 9, 1), dt.date(1900, 2, 28), dt.date(2024, 2, 29), None]
    for kind in [
        pa.date32(),
        pa.date64(),
        pa.timestamp("s"),
        pa.timestamp("us"),
        pa.timestamp("ns"),
    ]:
        column = pa.array(days, pa.date32()).cast(kind)
        table = pa.table({"ethnicity": ["WBRI"] * 4, "ward": column, "suspensions": [1] * 4})
        assert tally(table)["ward"].to_list() == ["1900-02-28", "2023-09-01", "2024-02-29", None], (
            kind
        )


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (pa.array([[1], [2]]), "list"),
        (pa.array([{"a": 1}, {"a": 2}]), "struct"),
        (pa.array([b"a", b"b"]), "binary"),
        (pa.array([dt.datetime(2024, 1, 1, 12, 30)] * 2), "date with a time of day"),
        (pa.array([dt.time(12, 30)] * 2), "time of day"),
    ],
)
def test_a_column_that_cannot_be_read_is_named_with_its_type(column, found):
    table = pa.table({"ethnicity": ["WBRI", "BCRB"], "ward": column, "suspensions": [1, 2]})
    with pytest.raises(dp.DispropError, match=f"holds `{found}`") as caught:
        dp.Cohort(table, columns={"ward": "ward"})
    assert "cast" in str(caught.value.findings[0].hint)
    cohort = dp.Cohort(table)
    with pytest.raises(dp.DispropError, match=f"holds `{found}`"):
        cohort.tally(["suspensions"], by=["ward"])
    assert len(cohort.gaps(["suspensions"])) == 2


NUMBERS_4 = [1, 2, 0, 3]
DECIMALS = [Decimal(value) for value in NUMBERS_4]
KEYS = pa.array([0, 1, 2, 3], pa.int8())


def as_dictionary(values):
    return pa.DictionaryArray.from_arrays(KEYS, values)


@pytest.mark.parametrize(
    "column",
    [
        as_dictionary(pa.array(NUMBERS_4)),
        as_dictionary(pa.array(NUMBERS_4, pa.float64())),
        as_dictionary(pa.array(DECIMALS, pa.decimal128(10, 2))),
        as_dictionary(pa.array(as_text(NUMBERS_4), pa.string_view())),
        pa.array(DECIMALS, pa.decimal128(38, 0)),
        pa.chunked_array([pa.array([], pa.int64()), pa.array(NUMBERS_4), pa.array([], pa.int64())]),
        pa.chunked_array([pa.array([9, *NUMBERS_4[:2]]).slice(1), pa.array(NUMBERS_4[2:])]),
        pa.array(as_text(NUMBERS_4), pa.string_view()),
    ],
    ids=lambda column: str(column.type),
)
def test_numbers_behind_keys_and_in_128_bits_are_the_same_numbers(column):
    table = {"ethnicity": ["WBRI", "BCRB"] * 2, "ward": ["North"] * 4}
    wanted = tally({**table, "suspensions": NUMBERS_4})
    assert tally(pa.table({**table, "suspensions": column})).equals(wanted)


def test_a_column_of_nothing_is_a_column_of_missing_values():
    table = {"ethnicity": ["WBRI"] * 4, "ward": pa.nulls(4), "suspensions": NUMBERS_4}
    assert tally(pa.table(table))["ward"].to_list() == [None]
    table |= {"ward": ["North"] * 4, "suspensions": pa.nulls(4)}
    # Nobody has a figure, so there is nothing to add up.
    assert tally(pa.table(table))["n"].sum() == 0


#: Types that the reader of streams knows, and no measure and no dimension has.
FOREIGN = [
    (as_dictionary(pa.array([[value] for value in NUMBERS_4])), "list"),
    (as_dictionary(pa.array([dt.date(2024, 1, day) for day in range(1, 5)])), "date"),
    (pa.array([[1]] * 4, pa.large_list(pa.int64())), "list"),
    (pa.array([[1]] * 4, pa.list_(pa.int64(), 1)), "list"),
    (pa.array([[("a", 1)]] * 4, pa.map_(pa.string(), pa.int64())), "map"),
    (pa.array([b"1"] * 4, pa.binary(1)), "binary"),
    (pa.array([b"1"] * 4, pa.binary_view()), "binary"),
    (pa.array([b"1"] * 4, pa.large_binary()), "binary"),
    (pa.array(NUMBERS_4, pa.float64()).cast(pa.float16()), "float of 16 bits"),
    (pa.array([dt.timedelta(1)] * 4), "duration"),
    (pa.array([(1, 2, 3)] * 4, pa.month_day_nano_interval()), "duration"),
    (pa.array([dt.datetime(2024, 1, 1)] * 4, pa.timestamp("us", "UTC")), "date with a time of day"),
    (
        pa.UnionArray.from_sparse(pa.array([0] * 4, pa.int8()), [pa.array(NUMBERS_4)]),
        "union or extension",
    ),
]
#: Types that the reader of streams does not know: it would give up on the table, or panic.
UNKNOWN = [
    (pa.array(DECIMALS, pa.decimal256(50, 2)), "decimal of 256 bits"),
    (as_dictionary(pa.array(DECIMALS, pa.decimal256(50, 2))), "decimal of 256 bits"),
    (pa.array([[value] for value in DECIMALS], pa.list_(pa.decimal256(50, 2))), "256 bits"),
    (pa.array([d * 100 for d in DECIMALS], pa.decimal128(10, -2)), "decimal of a negative scale"),
    (pa.array([[1]] * 4, pa.list_view(pa.int64())), "list view"),
    (pa.array([[1]] * 4, pa.large_list_view(pa.int64())), "list view"),
    (
        pa.RunEndEncodedArray.from_arrays(pa.array([2, 4], pa.int32()), pa.array([1, 3])),
        "run-end encoded values",
    ),
]


def of_type(case):
    return str(case.type) if hasattr(case, "type") else case


@pytest.mark.parametrize(("column", "found"), FOREIGN + UNKNOWN, ids=of_type)
@pytest.mark.parametrize("role", ["suspensions", "ethnicity", "school", "ward"])
def test_no_column_is_left_out_in_silence(column, found, role):
    """Whatever a column of a type of its own is asked to be, it is named with its type."""
    table = {"ethnicity": ["WBRI", "BCRB"] * 2, "suspensions": NUMBERS_4, role: column}
    table = pa.table(table)

    def use():
        cohort = dp.Cohort(table)
        if role == "school":
            said = [f"{f.column} {f.message}" for f in cohort.findings if f.kind == "wrong_type"]
            raise dp.DataError("; ".join(f"`school` {text}" for text in said))
        return cohort.tally(["suspensions"], by=["ward"] if role == "ward" else None)

    with pytest.raises(dp.DispropError, match=f"`{role}`.*holds `.*{found}`"):
        use()


def test_every_batch_of_a_stream_is_looked_at_likewise():
    reader = pa.table({"ethnicity": ["WBRI"], "suspensions": UNKNOWN[0][0][:1]}).to_reader()
    with pytest.raises(dp.DataError, match="decimal of 256 bits"):
        dp.tally_stream(reader, ["suspensions"])


def test_two_columns_of_one_name_are_named():
    twice = pa.Table.from_arrays(
        [pa.array(["WBRI"]), pa.array([1]), pa.array([2])],
        names=["ethnicity", "suspensions", "suspensions"],
    )
    with pytest.raises(dp.DataError, match="two columns are named `suspensions`") as caught:
        dp.Cohort(twice)
    assert caught.value.code == "frame.unreadable"


def test_a_stream_of_one_column_is_no_table():
    class Column:
        def __arrow_c_stream__(self, requested_schema=None):
            return pa.chunked_array([[1, 2]]).__arrow_c_stream__(requested_schema)

    with pytest.raises(TypeError, match="a column, not a table"):
        dp.Cohort(Column())


def test_an_unreadable_column_in_a_known_role_is_warned_of():
    table = pa.table({"ethnicity": ["WBRI"], "school": pa.array([[1]]), "suspensions": [1]})
    (finding,) = dp.Cohort(table).findings
    assert (finding.kind, finding.column, finding.severity) == ("wrong_type", "school", "warning")


def test_a_published_table_names_the_type_of_a_column_it_cannot_read():
    table = pa.table({"group": ["Total"], "events": pa.array([[1]]), "pupils": [10]})
    with pytest.raises(dp.DispropError, match="holds `list`"):
        dp.Tallies.from_counts(
            table,
            measure="suspensions",
            ethnicity="group",
            numerator="events",
            denominator="pupils",
            total="Total",
        )


def test_blanks_around_an_identifier_do_not_make_another_pupil():
    table = {
        "ethnicity": ["WBRI"] * 4,
        "pupil_id": ["A1", " A1", "a long identifier", "a long identifier  "],
        "suspensions": [1, 2, 3, 4],
    }
    with pytest.raises(dp.DispropError, match="twice"):
        dp.Cohort(table)
    assert dp.Cohort(table, rows="pupil").units == 2


def test_a_sum_over_a_movers_rows_is_held_to_the_limit_of_a_value():
    table = {"ethnicity": ["WBRI"] * 2, "pupil_id": ["A", "A"], "suspensions": [9e8, 9e8]}
    with pytest.raises(dp.DispropError, match="add up to a value beyond"):
        dp.Cohort(table, rows="pupil")
