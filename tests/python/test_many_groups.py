"""Crossed groups, many comparisons, formal rules, indices, numbers of pupils, repeated events."""

import math

import disprop as dp
import polars as pl
import pytest

ROWS = {
    "group": ["Black Caribbean", "Indian", "White British"],
    "events": [30, 10, 60],
    "pupils": [100, 100, 300],
}


def counts(rows=ROWS, measure="persistent_absence", **options):
    return dp.Tallies.from_counts(
        rows,
        measure=measure,
        ethnicity="group",
        numerator="events",
        denominator="pupils",
        exhaustive=True,
        **options,
    )


@pytest.fixture(scope="module")
def crossing():
    cohort = dp.Cohort(dp.synth(6_000, 1, seed=7))
    return cohort.tally("persistent_absence", ["sex", "fsm"])


def test_every_subset_is_there_and_the_empty_one_is_the_plain_gap(crossing):
    crossed = crossing.crossed(["sex", "fsm"]).to_polars()
    assert set(crossed["crossing"]) == {"none", "sex", "fsm", "sex × fsm"}
    plain = crossed.filter(pl.col("crossing") == "none").sort("group")
    gaps = crossing.gaps(by=[]).to_polars().sort("group")
    assert plain["group"].to_list() == gaps["group"].to_list()
    assert plain["difference"].to_list() == gaps["difference"].to_list()
    assert plain["difference_lower"].to_list() == gaps["difference_lower"].to_list()


def test_crossed_groups_are_parts_of_the_whole_cohort(crossing):
    """Group and everyone else make the cohort in every row, and cells add up to the group."""
    crossed = crossing.crossed(["sex", "fsm"], groups=["BCRB", "WBRI"]).to_polars()
    assert crossed.select(pl.col("group_n") + pl.col("baseline_n")).to_series().n_unique() == 1
    whole = crossed.filter(pl.col("crossing") == "none")
    for group, n in whole.select("group", "group_n").rows():
        for crossing_name in ("sex", "fsm", "sex × fsm"):
            cells = crossed.filter(
                (pl.col("group") == group) & (pl.col("crossing") == crossing_name)
            )
            assert cells["group_n"].sum() == n


def test_alike_compares_within_the_cell(crossing):
    alike = crossing.crossed("sex", groups="BCRB", compared_with="alike", by=[]).to_polars()
    within = crossing.gaps(by="sex", groups="BCRB").to_polars()
    cells = alike.filter(pl.col("crossing") == "sex").sort("sex")
    assert cells["difference"].to_list() == within.sort("sex")["difference"].to_list()


def test_small_crossed_groups_are_shown_and_not_judged(crossing):
    crossed = crossing.crossed(["sex", "fsm"], minimum=50).to_polars()
    small = crossed.filter(pl.col("group_n") < 50)
    assert len(small) > 0
    assert small["p_adjusted"].is_null().all() and small["shrunken"].is_null().all()
    judged = crossed.drop_nulls("p_adjusted")
    assert (judged["p_adjusted"] >= judged["p_value"] - 1e-15).all()


@pytest.mark.parametrize("dims", [[], ["sex", "sex"], list("abcdefg")])
def test_dimensions_to_cross_are_one_to_six_and_each_once(crossing, dims):
    with pytest.raises(dp.OptionError, match="dims"):
        crossing.crossed(dims)


def test_holm_over_the_family_that_is_named():
    gaps = counts().gaps()
    tested = gaps.adjust_for_many("holm").to_dict()
    p = tested["p_value"]
    order = sorted(range(3), key=p.__getitem__)
    worst, want = 0.0, {}
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (3 - rank) * p[place]))
        want[place] = worst
    for place, value in want.items():
        assert math.isclose(tested["p_adjusted"][place], value, rel_tol=1e-12)
    alone = gaps.adjust_for_many("holm", family="group").to_dict()
    assert alone["p_adjusted"] == alone["p_value"]
    with pytest.raises(dp.OptionError, match="family"):
        gaps.adjust_for_many(family="school")
    assert "about 0.2 of their intervals" in gaps.adjust_for_many().note
    assert "p_value" not in gaps.to_dict()


def test_the_score_test_by_hand():
    """30 of 100 against 70 of 400: z² with the pooled proportion and n - 1 in place of n."""
    tested = counts().gaps(groups="BCRB").adjust_for_many().to_dict()
    pooled, a, b = 100 / 500, 0.30, 70 / 400
    z = (a - b) / math.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 400) * 500 / 499)
    assert math.isclose(tested["p_value"][0], math.erfc(abs(z) / math.sqrt(2)), rel_tol=1e-9)


def test_idea_minimums_alternate_ratio_and_three_year_flag():
    years = ["2021/22", "2022/23", "2023/24"]
    rows = {
        "year": [y for y in years for _ in "ab"],
        "group": ["Black Caribbean", "White British"] * 3,
        "events": [40, 30] * 3,
        "pupils": [100, 300] * 3,
    }
    gaps = counts(rows, by="year").gaps()
    rules = gaps.formal_rules(threshold=3.0).to_polars()
    own = rules.filter(pl.col("group") == "BCRB")
    assert own["risk_ratio"].to_list() == pytest.approx([4.0] * 3)
    assert own["flag"].to_list() == [None, None, "significant"]
    few = {**rows, "events": [18, 1] * 3, "pupils": [120, 8] * 3}
    wide = {**rows, "events": [100, 5_000] * 3, "pupils": [1_000, 100_000] * 3}
    local = counts(few, by="year").gaps(groups="BCRB")
    assert local.formal_rules().to_dict()["reason"] == ["below_minimum"] * 3
    alternate = local.formal_rules(wider=counts(wide, by="year")).to_dict()
    assert alternate["risk_ratio"] == pytest.approx([3.0] * 3)
    assert alternate["compared_with"] == ["all others in the wider area"] * 3
    assert "outside_four_fifths" not in alternate
    flagged = gaps.formal_rules(four_fifths=True).to_polars()
    assert flagged.filter(pl.col("group") == "BCRB")["outside_four_fifths"].all()
    with pytest.raises(dp.DimensionError):
        counts().gaps().formal_rules(threshold=3.0)
    with pytest.raises(dp.OptionError, match="baseline"):
        counts().gaps(baseline="WBRI").formal_rules()


def test_indices_of_three_groups_by_hand():
    summary = counts().gaps().summary_indices().to_polars()
    value = dict(summary.select("index", "value").rows())
    mean = 100 / 500
    rates, shares = [0.3, 0.1, 0.2], [0.2, 0.2, 0.6]
    assert math.isclose(value["largest_difference"], 20)
    assert math.isclose(value["largest_ratio"], 3)
    assert math.isclose(value["mean_difference_from_best"], 100 * (0.2 + 0 + 0.1) / 3)
    assert math.isclose(value["index_of_disparity"], (0.1 + 0.1 + 0) / 3 / mean)
    between = sum(s * (r - mean) ** 2 for s, r in zip(shares, rates, strict=True))
    assert math.isclose(value["between_group_variance"], 1e4 * between)
    theil = sum(s * r / mean * math.log(r / mean) for s, r in zip(shares, rates, strict=True))
    assert math.isclose(value["theil"], theil, abs_tol=1e-15)
    assert "slope_index" not in value
    ordered = counts().gaps().summary_indices(ordered=True).to_polars()
    assert {"slope_index", "relative_index"} <= set(ordered["index"])
    with pytest.raises(dp.OptionError, match="groups"):
        counts().gaps(groups=["BCRB", {"two": ["BCRB", "WBRI"]}]).summary_indices()


def test_numbers_of_pupils_add_up_on_one_baseline_only():
    gaps = counts().gaps()
    rows = gaps.number_of_pupils().to_polars()
    assert math.isclose(rows["excess_common"].sum(), 0, abs_tol=1e-9)
    own = dict(rows.select("group", "excess").rows())
    assert math.isclose(own["BCRB"], 30 - 100 * 70 / 400)
    sums = gaps.number_of_pupils(sums=True).to_dict()
    assert math.isclose(sums["to_move"][0], 10) and math.isclose(sums["covered"][0], 1)
    named = counts().gaps(baseline=15).number_of_pupils(sums=True).to_dict()
    assert math.isclose(named["sum_of_excess"][0], 100 - 500 * 0.15)


def test_a_dispersion_widens_published_rates_by_its_root():
    rows = {**ROWS, "events": [30, 12, 60]}
    tallies = counts(rows, measure="suspensions")
    narrow = tallies.gaps(dispersion=1.0).to_dict()
    wide = tallies.gaps(dispersion=4.0).to_dict()
    for lower, upper, a, b in zip(
        narrow["difference_lower"],
        narrow["difference_upper"],
        wide["difference_lower"],
        wide["difference_upper"],
        strict=True,
    ):
        assert math.isclose((b - a) / (upper - lower), 2, rel_tol=1e-9)
    assert "quasi_poisson" in wide["method"][0]
    for bad in (0.0, -1.0, math.inf):
        with pytest.raises(dp.OptionError, match="dispersion"):
            tallies.gaps(dispersion=bad)


def test_dispersion_of_rows_is_variance_over_mean():
    events = [5, 0, 0, 1] * 25
    cohort = dp.Cohort({"ethnicity": ["BCRB"] * 100, "suspensions": events})
    row = cohort.tally("suspensions").repeated_events().to_dict()
    mean = sum(events) / 100
    variance = sum((x - mean) ** 2 for x in events) / 99
    assert math.isclose(row["dispersion"][0], variance / mean, rel_tol=1e-12)
    assert math.isclose(row["widening"][0], math.sqrt(variance / mean), rel_tol=1e-12)
    published = counts({**ROWS}, measure="suspensions").repeated_events().to_dict()
    assert set(published["reason"]) == {"no_second_moment"}
