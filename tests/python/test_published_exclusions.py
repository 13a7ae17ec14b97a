"""Exclusions: authorities (unrounded) and England (rounded to 5, some counts withheld)."""

from fractions import Fraction

import disprop as dp
import polars as pl
import pytest
from shared_data import MAIN, agree, aside, code, keyed, kinds, near, printed, rows, table

FOLDER = "dfe-exclusions-by-ethnicity"
WHITE_BRITISH = "Ethnicity Minor White British"
MINORITY = "Ethnicity Minority ethnic pupil"
NATIONAL = {
    "perm_excl": "permanent_exclusions",
    "fixed_excl": "suspensions",
    "one_plus_fixed": "suspended_once",
}
LOCAL = {
    "permanent_exclusion": "perm_excl",
    "fixed_period_exclusion": "fixed_excl",
    "pupils_with_1plus_fixed": "one_plus_fixed",
}
SUFFIX = "_201112_to_201617"


def authorities():
    years = ("201112", "201213", "201314", "201415")
    return pl.concat([table(f"{FOLDER}/exclusions_la_{year}.csv") for year in years])


def england(column, **options):
    return dp.Tallies.from_counts(
        table(f"{FOLDER}/exclusions_national{SUFFIX}.csv"),
        measure=NATIONAL[column],
        ethnicity="characteristic",
        numerator=column,
        denominator="headcount",
        by=["time_period"],
        where={"school_type": "Total", "characteristic_group": "Ethnicity"},
        exhaustive=True,
        **options,
    )


def test_every_row_of_1667_white_british_against_the_published_minority_row():
    """Two published rows of each authority, each a group of its own: an exhaustive pair."""
    expected = rows(f"{FOLDER}/expected_la_white_british_vs_all_other_201112_to_201415.csv")
    frame, by = authorities(), ["time_period", "new_la_code"]
    found = {}
    for name, column in LOCAL.items():
        tallies = dp.Tallies.from_counts(
            frame,
            measure=NATIONAL[column],
            ethnicity="characteristic",
            numerator=column,
            denominator="headcount",
            by=by,
            where={"characteristic": [WHITE_BRITISH, MINORITY], "school_type": "Total"},
            codes="own",
            exhaustive=True,
        )
        found[name] = keyed(tallies.gaps(groups=[WHITE_BRITISH]), *by)
    empty_ratios = 0
    for want in expected:
        got = found[want["measure"]][want["time_period"], want["new_la_code"], WHITE_BRITISH]
        agree(
            got,
            (want["group_num"], want["group_den"]),
            (want["others_num"], want["others_den"]),
        )
        # Published rates are half up at two decimals, from the counts in the file.
        assert printed(got["group_value"], want["group_rate_published"], 2), (want, got)
        assert printed(got["baseline_value"], want["others_rate_published"], 2), (want, got)
        assert printed(got["difference"], want["gap_pp_unrounded"], 4), (want, got)
        assert printed(got["ratio"], want["rate_ratio_unrounded"], 4), (want, got)
        if want["rate_ratio_unrounded"] is None:
            assert "zero_baseline" in got["reason"] and got["difference"] is not None
            empty_ratios += 1
    assert (len(expected), empty_ratios) == (1667, 107)


def test_every_row_of_324_national_gaps_of_which_54_are_withheld():
    expected = rows(f"{FOLDER}/expected_national_each_group_vs_all_other.csv")
    found = {column: keyed(england(column).gaps(), "time_period") for column in NATIONAL}
    refused = 0
    for want in expected:
        got = found[want["measure"]][want["time_period"], code(want["group"])]
        if want["status"].startswith("ok"):
            agree(
                got,
                (want["group_num"], want["group_den"]),
                (want["others_num"], want["others_den"]),
            )
            assert printed(got["difference"], want["gap_pp"], 4), (want, got)
            assert printed(got["ratio"], want["rate_ratio"], 4), (want, got)
            continue
        assert want["measure"] == "perm_excl"
        assert got["finding"] == "withheld" and "suppressed_input" in got["reason"], got
        assert got["difference"] is None and got["ratio"] is None and got["excess"] is None
        refused += 1
    assert (len(expected), refused) == (324, 54)


def test_54_withheld_gaps_have_bounds_that_hold_what_may_be_true():
    """`x` is 1 or 2: bounds hold the gap under either reading, and are its ends for other groups.

    The bounds of the withheld group itself may be wider: its own range enters twice.
    """
    raw = table(f"{FOLDER}/exclusions_national{SUFFIX}.csv").filter(
        (pl.col("school_type") == "Total")
        & (pl.col("characteristic_group") == "Ethnicity")
        & pl.col("characteristic").str.starts_with("Ethnicity Minor ")
    )
    found = keyed(england("perm_excl", symbols={"x": (1, 2)}).gaps(), "time_period")
    compared = 0
    for year in ("201314", "201415", "201617"):
        place = raw.filter(pl.col("time_period") == year).to_dicts()
        assert len(place) == 18 and any(row["perm_excl"] == "x" for row in place)
        for row in place:
            gaps = []
            for withheld in ("1", "2"):
                sums = {
                    other["characteristic"]: (
                        Fraction(other["perm_excl"].replace("x", withheld).replace(",", "")),
                        Fraction(other["headcount"].replace(",", "")),
                    )
                    for other in place
                }
                own = sums.pop(row["characteristic"])
                others = tuple(sum(column) for column in zip(*sums.values(), strict=True))
                gaps.append(100 * (own[0] / own[1] - others[0] / others[1]))
            got = found[year, code(row["characteristic"].removeprefix("Ethnicity Minor "))]
            assert got["finding"] == "withheld" and got["difference"] is None
            slack = 1e-12
            assert got["difference_min"] <= float(min(gaps)) + slack, (row, got, gaps)
            assert got["difference_max"] >= float(max(gaps)) - slack, (row, got, gaps)
            if row["perm_excl"] != "x":
                assert near(got["difference_min"], min(gaps)), (row, got, gaps)
                assert near(got["difference_max"], max(gaps)), (row, got, gaps)
            compared += 1
    assert compared == 54


def test_bounds_of_counts_rounded_to_5_hold_every_published_rate():
    raw = table(f"{FOLDER}/exclusions_national{SUFFIX}.csv").filter(
        (pl.col("school_type") == "Total")
        & (pl.col("characteristic_group") == "Ethnicity")
        & pl.col("characteristic").str.starts_with("Ethnicity Minor ")
    )
    compared = 0
    for column in NATIONAL:
        options = {"rounded_to": 5, "symbols": {"x": (1, 2)}}
        found = keyed(england(column, **options).gaps(), "time_period")
        for row in raw.to_dicts():
            group = code(row["characteristic"].removeprefix("Ethnicity Minor "))
            got = found[row["time_period"], group]
            if row[column] == "x":
                assert row[f"{column}_rate"] == "x"
                continue
            published = float(row[f"{column}_rate"])
            low, high = got["group_value_min"], got["group_value_max"]
            assert low - 0.005 - 1e-9 <= published <= high + 0.005 + 1e-9, (row, got)
            assert low <= got["group_value"] <= high
            if got["difference"] is not None:
                assert got["difference_min"] <= got["difference"] <= got["difference_max"]
            compared += 1
    assert compared == 324 - 3


@pytest.mark.parametrize("column", NATIONAL)
def test_every_label_is_a_group_or_named_as_set_aside(column):
    frame = table(f"{FOLDER}/exclusions_national{SUFFIX}.csv")

    def read(rounded_to):
        return dp.Tallies.from_counts(
            frame,
            measure=NATIONAL[column],
            ethnicity="characteristic",
            numerator=column,
            denominator="headcount",
            by=["time_period", "school_type"],
            total="Total",
            rounded_to=rounded_to,
        )

    # Groups rounded to 5 add up to more than the total here and there, unless one says so.
    assert kinds(read(None).findings) == {"set_aside", "groups_exceed_total"}
    tallies = read(5)
    assert kinds(tallies.findings) == {"set_aside"}
    labels = frame["characteristic"].unique().to_list()
    leaves = set(tallies.to_polars()["ethnicity"])
    assert len(leaves) == 20 and set(MAIN) <= leaves
    # Set aside: four major totals, the minority row, and every label crossed with sex.
    crossed = [label for label in labels if label.endswith((" Male", " Female"))]
    assert aside(tallies) == len(labels) - 20 == 5 + len(crossed)
