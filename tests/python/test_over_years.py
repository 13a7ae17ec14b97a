"""Changes, lines, targets and pooled years."""

import math

import disprop as dp
import polars as pl
import pytest

YEARS = ["2021/22", "2022/23", "2023/24"]


def published(events, *, measure="persistent_absence", years=YEARS):
    """Black Caribbean events in 1,000 pupils a year against 400 in 4,000 White British."""
    rows = {
        "year": [year for year in years for _ in "ab"],
        "group": ["Black Caribbean", "White British"] * len(years),
        "events": [x for own in events for x in (own, 400)],
        "pupils": [1_000, 4_000] * len(years),
    }
    return dp.Tallies.from_counts(
        rows,
        measure=measure,
        ethnicity="group",
        numerator="events",
        denominator="pupils",
        by="year",
        exhaustive=True,
    )


def test_pooling_is_addition_and_never_an_average():
    tallies = published([300, 200, 100])
    pooled = tallies.pooled().gaps(groups="BCRB").to_dict()
    assert pooled["year"] == ["2021/22 to 2023/24"]
    assert pooled["group_n"] == [3_000]
    assert math.isclose(pooled["group_value"][0], 20)
    two = tallies.pooled(["2023/24", "2022/23"])
    assert two.dimensions == {"year": ["2022/23 to 2023/24"]}
    assert two.gaps(groups="BCRB").to_dict()["group_n"] == [2_000]


@pytest.mark.parametrize("years", [["2021/22"], ["2021/22", "1999/00"], []])
def test_pooling_needs_two_years_that_are_there(years):
    with pytest.raises(dp.OptionError, match="years"):
        published([300, 200, 100]).pooled(years)


def test_no_pool_and_no_line_across_a_break_in_the_series():
    """A good level of development is a new series from 2021/22 on."""
    years = ["2017/18", "2018/19", "2021/22", "2022/23"]
    tallies = published([500, 520, 600, 620], measure="gld", years=years)
    with pytest.raises(dp.OptionError, match="comparable series"):
        tallies.pooled()
    assert tallies.pooled(["2021/22", "2022/23"]).cells == 2
    line = tallies.gaps(groups="BCRB").slope().to_dict()
    assert (line["from"], line["to"], line["years"]) == (["2021/22"], ["2022/23"], [2])
    assert "2018/19 left out" in line["series_note"][0]


def test_a_line_through_three_years_is_weighted_least_squares():
    events = [300, 280, 230]
    row = published(events).gaps(groups="BCRB").slope().to_dict()
    gaps = [e / 1_000 - 0.1 for e in events]
    weights = [1 / (e / 1_000 * (1 - e / 1_000) / 1_000 + 0.09 / 4_000) for e in events]
    centre = sum(w * t for w, t in zip(weights, range(3), strict=True)) / sum(weights)
    mean = sum(w * g for w, g in zip(weights, gaps, strict=True)) / sum(weights)
    spread = sum(w * (t - centre) ** 2 for w, t in zip(weights, range(3), strict=True))
    slope = (
        sum(w * (t - centre) * (g - mean) for w, t, g in zip(weights, range(3), gaps, strict=True))
        / spread
    )
    assert math.isclose(row["yearly_change"][0], 100 * slope, rel_tol=1e-9)
    reach = 1.959963984540054 / math.sqrt(spread)
    assert math.isclose(row["yearly_change_lower"][0], 100 * (slope - reach), rel_tol=1e-9)
    assert row["finding"] == ["narrowing"]


def test_years_must_be_years():
    with pytest.raises(dp.OptionError, match="year"):
        published([1, 2], years=["spring", "summer"]).gaps().slope()


def test_progress_is_distance_need_and_standing():
    gaps = published([300, 280, 260]).gaps(groups="BCRB")
    row = gaps.progress({"BCRB": 10}, "2026/27").to_dict()
    assert math.isclose(row["gap"][0], 16, rel_tol=1e-12)
    assert math.isclose(row["distance"][0], -6, rel_tol=1e-12)
    assert math.isclose(row["needed_each_year"][0], -2, rel_tol=1e-12)
    assert row["standing"][0] in {"unclear", "on track", "off track"}
    assert gaps.progress(16.5, "2026/27").to_dict()["standing"] == ["met"]
    past = gaps.progress(10, "2023/24").to_dict()
    assert past["needed_each_year"] == [None]
    with pytest.raises(dp.GroupError):
        gaps.progress({"BCRBX": 10}, "2026/27")
    with pytest.raises(dp.OptionError, match="due"):
        gaps.progress(10, "soon")


def test_a_target_takes_the_side_of_the_gap():
    """Attainment below the others by 16 points: five points means five below, not five above."""
    gaps = published([240, 240, 240], measure="gld", years=["2021/22", "2022/23", "2023/24"])
    below = gaps.gaps(groups="WBRI").progress(5, "2026/27").to_dict()
    assert below["gap"][0] < 0 and below["target"] == [-5] and below["standing"] != ["met"]
    above = gaps.gaps(groups="BCRB").progress(5, "2026/27").to_dict()
    assert above["gap"][0] > 5 and above["standing"] == ["met"]


def test_pupils_of_both_years_are_allowed_for_and_none_are_made_up():
    """The covariance is worked out here from the rows."""
    cohort = dp.Cohort(dp.synth(4_000, 2, seed=11))
    gaps = cohort.gaps("absence", by="year", groups="WBRI")
    alone = gaps.over_time().to_dict()
    same = gaps.over_time(same_pupils=cohort).to_dict()
    assert same["change"] == alone["change"]
    assert 0 < same["in_both_n"][0] < min(same["earlier_n"][0], same["later_n"][0])
    assert same["change_lower"][0] > alone["change_lower"][0]
    frame = dp.synth(4_000, 2, seed=11).to_polars()
    with pytest.raises(dp.OptionError, match="same_pupils"):
        without = dp.Cohort(frame.drop(cohort.roles["pupil"]))
        gaps.over_time(same_pupils=without)


def test_schools_of_both_years_enter_as_one():
    cohort = dp.Cohort(dp.synth(6_000, 2, seed=7))
    tallies = cohort.tally("persistent_absence", ["year", "school"])
    changes = tallies.gaps(groups="BCRB", cluster="school").over_time()
    plain = tallies.gaps(groups="BCRB", by="year").over_time()
    assert changes.to_dict()["change"] == plain.to_dict()["change"]
    assert changes.to_dict()["change_lower"] != plain.to_dict()["change_lower"]
    assert "school" in changes.note.lower() and "too wide" not in changes.note


def test_changes_carry_the_numbers_behind_them():
    changes = published([300, 280, 260]).gaps(groups="BCRB").over_time().to_polars()
    assert changes["earlier_n"].to_list() == [1_000] * 3
    assert changes["later_baseline_n"].to_list() == [4_000] * 3
    assert isinstance(changes, pl.DataFrame)
