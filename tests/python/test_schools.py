"""Gaps over schools: clusters against R, and laws of funnels, ranks and contributions."""

import math

import disprop as dp
import polars as pl
import pytest
from shared_data import near, table

SCORE = {
    "id": "score",
    "label": "Score",
    "polarity": "higher_is_better",
    "unit": "points",
    "quantity": {"score": {"column": "score"}},
}
FLAG = {
    "id": "flag",
    "label": "Flag",
    "polarity": "lower_is_better",
    "quantity": {"flag": {"column": "flag"}},
}
METHODS = {
    "CR0": "cr0",
    "CR1": "cr1",
    "CR1S": "cr1_stata",
    "CR2": "cr2",
    "CR3": "cr3",
}


@pytest.fixture(scope="module")
def tallies():
    """An authority of 10,000 pupils over two years, schools kept."""
    cohort = dp.Cohort(dp.synth(10_000, 2, seed=7))
    return cohort.tally(["persistent_absence", "absence", "suspensions"], ["year", "school"])


def oracle(path):
    return pl.read_csv(dp_shared() / "oracles" / "r" / path, infer_schema_length=0)


def dp_shared():
    from shared_data import SHARED

    if not (SHARED / "oracles").is_dir():
        pytest.skip(f"the oracles are not at {SHARED}; set DISPROP_SHARED")
    return SHARED


def spread(values):
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)


@pytest.mark.parametrize("dataset", ["many_schools", "three_schools", "tiny_focal"])
def test_clustered_errors_of_a_gap_are_those_of_club_sandwich(dataset):
    """Standard errors and Satterthwaite's degrees of freedom, from pupil rows to the tidy frame."""
    data = oracle("cluster_ratio_data.csv").filter(pl.col("dataset") == dataset)
    answers = oracle("cluster_ratio.csv").filter(
        (pl.col("dataset") == dataset)
        & (pl.col("quantity") == "mean difference of score")
        & (pl.col("design") == "clustered by school")
    )
    if data.is_empty():
        pytest.skip(f"the oracles have no data set {dataset}")
    pupils = data.select(
        pl.col("focal").alias("group"),
        pl.concat_str(pl.lit("S"), "school").alias("school"),
        pl.col("score").cast(pl.Float64),
    )
    cohort = dp.Cohort(pupils, ethnicity="group", codes="own", school="school", measures=[SCORE])
    tallies = cohort.tally([SCORE], "school")
    sides = [pupils.filter(pl.col("group") == g)["score"].to_list() for g in "10"]
    independent = math.fsum(spread(side) for side in sides)
    checked = 0
    for row in answers.to_dicts():
        method = METHODS.get(row["method"])
        if method is None or row["se"] == "NA":
            continue
        got = tallies.gaps(
            groups="1", cluster="school", cluster_method=method, minimum_clusters=2
        ).to_dict()
        assert near(got["difference"][0], float(row["estimate"]))
        se = math.sqrt(got["design_effect"][0] * independent)
        assert math.isclose(se, float(row["se"]), rel_tol=1e-9), row
        if row["df_or_note"] not in ("NA", "") and method == "cr2":
            df = float(row["df_or_note"])
            assert math.isclose(got["degrees_of_freedom"][0], df, rel_tol=1e-9), row
        checked += 1
    assert checked >= 4


def test_star_pupils_in_79_schools():
    """Kindergarten maths: CR1 and the jackknife worked out here from the rows themselves."""
    frame = table("pupil-level-open-datasets/tennessee_star.csv").select(
        pl.col("ethnicity"),
        pl.col("schoolidk").cast(pl.String).alias("school"),
        pl.col("mathk").cast(pl.Float64, strict=False).alias("score"),
    )
    frame = frame.filter(pl.col("school").is_not_null())
    cohort = dp.Cohort(frame, ethnicity="ethnicity", codes="own", school="school", measures=[SCORE])
    tallies = cohort.tally([SCORE], "school")
    known = frame.drop_nulls().select(
        "school", (pl.col("ethnicity") == "afam").alias("own"), "score"
    )
    schools = {}
    for school, own, score in known.rows():
        sums = schools.setdefault(school, {True: [0.0, 0], False: [0.0, 0]})
        sums[own][0] += score
        sums[own][1] += 1
    total = {
        side: [sum(s[side][i] for s in schools.values()) for i in (0, 1)] for side in (True, False)
    }
    mean = {side: x / n for side, (x, n) in total.items()}
    gap = mean[True] - mean[False]

    def residual(school, side):
        x, n = school[side]
        return (x - mean[side] * n) / total[side][1]

    m = len(schools)
    cr1 = m / (m - 1) * sum((residual(s, True) - residual(s, False)) ** 2 for s in schools.values())
    left_out = []
    for school in schools.values():
        rest = {s: (total[s][0] - school[s][0], total[s][1] - school[s][1]) for s in total}
        left_out.append(rest[True][0] / rest[True][1] - rest[False][0] / rest[False][1])
    jackknife = (m - 1) / m * sum((value - gap) ** 2 for value in left_out)
    independent = math.fsum(
        spread(known.filter(pl.col("own") == side)["score"].to_list()) for side in (True, False)
    )
    assert m == 79
    for method, want in (("cr1", cr1), ("jackknife", jackknife)):
        got = tallies.gaps(groups="afam", cluster="school", cluster_method=method).to_dict()
        assert near(got["difference"][0], gap)
        assert math.isclose(got["design_effect"][0] * independent, want, rel_tol=1e-8)
        assert got["group_clusters"] == [
            sum(1 for school in schools.values() if school[True][1] > 0)
        ]
    wide = tallies.gaps(groups="afam", cluster="school").to_dict()
    narrow = tallies.gaps(groups="afam", by=[]).to_dict()
    assert wide["design_effect"][0] > 10
    assert wide["difference_upper"][0] > narrow["difference_upper"][0]


def test_too_few_schools_withhold_the_interval_and_not_the_gap(tallies):
    row = tallies.gaps(by=[], groups="BCRB", cluster="school", minimum_clusters=10_000).to_dict()
    assert row["difference"][0] is not None
    assert row["difference_lower"] == row["difference_upper"] == [None] * len(row["difference"])
    assert set(row["finding"]) == {"too few to tell"}
    assert all("too_few_clusters" in reason for reason in row["reason"])


def test_the_cluster_is_no_dimension_of_the_gaps(tallies):
    assert tallies.gaps(cluster="school").dimensions == ["year"]
    with pytest.raises(dp.OptionError, match="cluster"):
        tallies.gaps(by=["school"], cluster="school")
    with pytest.raises(dp.DimensionError):
        tallies.gaps(cluster="ward")
    with pytest.raises(dp.OptionError, match="cluster_method"):
        tallies.gaps(cluster="school", cluster_method="cr9")
    with pytest.raises(dp.OptionError, match="cluster"):
        tallies.gaps(cluster="school", baseline="best")


def test_a_seed_gives_the_same_bootstrap_and_another_one_another(tallies):
    def ends(**options):
        gaps = tallies.gaps(
            by=[],
            groups="BCRB",
            cluster="school",
            cluster_method="bootstrap_bca",
            replicates=500,
            **options,
        )
        return gaps.to_dict()["difference_lower"]

    assert ends(seed=3) == ends(seed=3) != ends(seed=4)


def test_published_points_have_an_interval_where_schools_are_clusters():
    """No second moment is known within schools; between them there is one."""
    rows = {
        "school": [f"S{i}" for i in range(8) for _ in "ab"],
        "group": ["Black Caribbean", "White British"] * 8,
        "points": [x for i in range(8) for x in (400 + 9 * i, 2_500 - 20 * i)],
        "pupils": [10, 50] * 8,
    }
    counts = dp.Tallies.from_counts(
        rows,
        measure="ks4_attainment8",
        ethnicity="group",
        numerator="points",
        denominator="pupils",
        by="school",
        exhaustive=True,
    )
    alone = counts.gaps(by=[]).to_dict()
    assert alone["difference_lower"] == [None, None]
    assert all("no_second_moment" in reason for reason in alone["reason"])
    clustered = counts.gaps(cluster="school").to_dict()
    assert None not in clustered["difference_lower"]
    assert clustered["design_effect"] == [None, None]


def test_contributions_sum_to_the_gap_of_all_schools(tallies):
    parts = tallies.contributions().to_polars()
    sums = parts.group_by("measure", "year", "group").agg(
        pl.col("contribution").sum(),
        (pl.col("within") + pl.col("between")).sum().alias("parts"),
        pl.col("gap").first(),
    )
    gaps = tallies.gaps(by="year").to_polars().select("measure", "year", "group", "difference")
    joined = sums.join(gaps, on=["measure", "year", "group"])
    assert len(joined) > 50
    for row in joined.to_dicts():
        assert math.isclose(row["contribution"], row["difference"], abs_tol=1e-9)
        assert math.isclose(row["parts"], row["gap"], abs_tol=1e-9)


def test_ranks_are_reproducible_and_probabilities_add_up(tallies):
    def schools(**options):
        return tallies.school_gaps(by=[], groups="BCRB", **options).to_polars()

    one = schools(among=3)
    assert one.equals(schools(among=3))
    assert not one["rank"].equals(schools(among=3, seed=2)["rank"])
    ranked = one.drop_nulls("rank")
    for key, rows in ranked.group_by("measure"):
        count = rows["schools"][0]
        assert len(rows) == count, key
        assert math.isclose(rows["rank"].sum(), count * (count + 1) / 2, rel_tol=1e-12)
        assert math.isclose(rows["probability_among_worst"].sum(), 3, rel_tol=1e-12)
        assert math.isclose(rows["probability_among_best"].sum(), 3, rel_tol=1e-12)
    own = (ranked["gap"] - ranked["mean_gap"]).abs()
    assert ((ranked["shrunken"] - ranked["mean_gap"]).abs() <= own + 1e-9).all()


def test_a_school_of_one_side_has_no_gap_and_says_why():
    pupils = {
        "school": ["A"] * 4 + ["B"] * 4,
        "ethnicity": ["BCRB", "BCRB", "WBRI", "WBRI", "WBRI", "WBRI", "WBRI", "WBRI"],
        "gld": [1, 0, 1, 0, 1, 1, 0, 1],
    }
    tallies = dp.Cohort(pupils).tally("gld", "school")
    schools = tallies.school_gaps(groups="BCRB").to_dict()
    assert schools["reason"] == ["too_few_clusters", "no_group"]
    funnel = tallies.funnel(groups="BCRB").to_dict()
    assert funnel["position_95"] == [None, None]
    assert funnel["reason"] == ["below_minimum", "below_minimum"]


def test_funnel_limits_hold_the_target_and_widen(tallies):
    for of in ("gap", "group"):
        funnel = tallies.funnel(by=[], groups="BCRB", of=of).to_polars()
        rows = funnel.drop_nulls("limit_95_lower")
        assert len(rows) > 10
        for row in rows.to_dicts():
            assert row["limit_998_lower"] <= row["limit_95_lower"] <= row["target"] + 1e-9
            assert row["target"] - 1e-9 <= row["limit_95_upper"] <= row["limit_998_upper"]
            assert row["limit_95_lower"] <= row["chance_95_lower"] + 1e-9
        small = funnel.filter((pl.col("group_n") < 10) | (pl.col("baseline_n") < 10))
        if of == "gap":
            assert small["position_95"].is_null().all()
