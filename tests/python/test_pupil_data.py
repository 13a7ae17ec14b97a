"""Gaps from pupil rows of open teaching data: every row of `expected_gaps.csv`."""

import math
from fractions import Fraction

import disprop as dp
import polars as pl
import pytest
from shared_data import keyed, near, rows, table

FOLDER = "pupil-level-open-datasets"
#: Flags that the expected file made of other columns.
DERIVED = {
    "lunchk_free": pl.when(pl.col("lunchk").is_not_null()).then(pl.col("lunchk") == "free"),
    "Days_ge_20": pl.col("Days").cast(pl.Int64) >= 20,
    "math_ge_60": pl.col("math").cast(pl.Int64) >= 60,
}


def measure(outcome, kind):
    column = outcome.lower()
    quantity = {"score" if kind == "mean" else "flag": {"column": column}}
    unit = "points" if kind == "mean" else "percent"
    return {
        "id": column,
        "label": outcome,
        "polarity": "neither",
        "unit": unit,
        "quantity": quantity,
    }


def cohort(dataset, group_column, outcomes):
    """Return the pupils of one file, with only groups and outcomes as columns, and the measures."""
    frame = table(f"{FOLDER}/{dataset}")
    made = [
        DERIVED.get(outcome, pl.col(outcome)).cast(pl.Float64).alias(outcome.lower())
        for outcome in outcomes
    ]
    measures = [measure(outcome, kind) for outcome, kind in outcomes.items()]
    pupils = dp.Cohort(
        frame.select(pl.col(group_column).alias("group_of_pupil"), *made),
        ethnicity="group_of_pupil",
        codes="own",
        measures=measures,
    )
    return pupils, measures


@pytest.mark.parametrize(
    ("dataset", "count"),
    [("tennessee_star.csv", 18), ("quine_absence_nsw.csv", 4), ("hsb2.csv", 12)],
)
def test_every_row_of_34_gaps_from_pupil_rows(dataset, count):
    """n, sum, mean, spread, the others, gap and ratio, as the file has them: in full precision."""
    expected = [row for row in rows(f"{FOLDER}/expected_gaps.csv") if row["dataset"] == dataset]
    assert len(expected) == count
    outcomes = {row["outcome"]: row["kind"] for row in expected}
    pupils, measures = cohort(dataset, expected[0]["group_column"], outcomes)
    tallies = pupils.tally(measures)
    gaps = tallies.gaps().to_polars().to_dicts()
    found = {(row["measure"], row["group"]): row for row in gaps}
    cells = {(c["measure"], c["ethnicity"]): c for c in tallies.to_polars().to_dicts()}
    assert len(found) == count
    for want in expected:
        name, group = want["outcome"].lower(), want["group"]
        got, cell = found[name, group], cells[name, group]
        factor = 1 if want["kind"] == "mean" else 100
        assert got["group_n"] == cell["n"] == int(want["n"])
        assert got["baseline_n"] == int(want["others_n"])
        assert Fraction(cell["x"]) == Fraction(want["sum"])
        assert near(got["group_value"], factor * float(want["mean_or_rate"])), (want, got)
        assert near(got["baseline_value"], factor * float(want["others_mean_or_rate"])), (want, got)
        gap = factor * float(want["gap"])
        assert near(got["difference"], gap, atol=1e-10), (want, got)
        assert near(got["ratio"], want["ratio"], atol=1e-12), (want, got)
        if want["kind"] != "mean":
            continue
        others = [c for (m, g), c in cells.items() if m == name and g != group]
        others = [c for c in others if c["kind"] == "classified"]
        assert near(spread([cell]), want["sd_ddof1"]), want
        assert near(spread(others), want["others_sd_ddof1"]), want


def spread(cells):
    """Return the standard deviation (n - 1) of the exact sums of some cells."""
    n = sum(cell["n"] for cell in cells)
    x, xx = (sum(Fraction(cell[name]) for cell in cells) for name in ("x", "xx"))
    return math.sqrt((xx - x * x / n) / (n - 1))


def test_pupils_without_a_group_are_unclassified_and_counted():
    """145 children of the STAR file have no ethnicity: on neither side, and in the coverage."""
    pupils, measures = cohort("tennessee_star.csv", "ethnicity", {"mathk": "mean"})
    cells = pupils.tally(measures).to_polars()
    known = cells.filter(pl.col("kind") == "classified")["n"].sum()
    raw = table(f"{FOLDER}/tennessee_star.csv").filter(pl.col("mathk").is_not_null())
    assert pupils.rows == 11598 and known == 5870
    assert known == raw.filter(pl.col("ethnicity").is_not_null()).height
    found = keyed(pupils.gaps(measures))
    assert near(found["afam",]["coverage"], known / raw.height)


def test_schooldays_absence_agrees_with_sums_of_the_raw_file():
    """No expected rows are given for this one: eight pupils more than quine, summed here."""
    pupils, measures = cohort("schooldays_absence.csv", "race", {"absent": "mean"})
    raw = table(f"{FOLDER}/schooldays_absence.csv").to_dicts()
    values = {}
    for row in raw:
        if row["absent"] is not None:
            values.setdefault(row["race"], []).append(Fraction(row["absent"]))
    assert len(values) == 2
    found = keyed(pupils.gaps(measures))
    for group, own in values.items():
        (others,) = (v for name, v in values.items() if name != group)
        got = found[group,]
        assert (got["group_n"], got["baseline_n"]) == (len(own), len(others))
        mine, theirs = sum(own) / len(own), sum(others) / len(others)
        assert near(got["difference"], mine - theirs) and near(got["ratio"], mine / theirs)


def test_measures_given_to_a_cohort_are_what_it_measures():
    """A cohort built with measures of one's own has gaps in them without naming them again."""
    measures = [measure("score", "mean")]
    frame = {"group_of_pupil": ["a", "b", "a", "b"], "score": [1.0, 2.0, 3.0, 5.0]}
    pupils = dp.Cohort(frame, ethnicity="group_of_pupil", codes="own", measures=measures)
    assert pupils.measures == ["score"]
    assert len(pupils.gaps()) == 2
    assert pupils.tally().measures == ["score"]


def test_blank_among_groups_of_ones_own_is_unclassified():
    """A blank in a column of one's own groups is unclassified, and a written label is a group."""
    frame = {"group_of_pupil": ["a", "b", None, "a", None], "gld": [1, 0, 1, 1, 0]}
    cells = dp.Cohort(frame, ethnicity="group_of_pupil", codes="own").tally(["gld"]).to_polars()
    kinds = dict(cells.select("ethnicity", "kind").iter_rows())
    assert kinds == {"a": "classified", "b": "classified", "UNCL": "unclassified"}
