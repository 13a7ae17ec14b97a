"""Tests by name, effect sizes and the estimated dispersion, against arithmetic done here."""

import itertools
import math

import disprop as dp
import pytest

PUPILS = {
    "ethnicity": ["BCRB"] * 4 + ["WBRI"] * 4,
    "gld": [1, 0, 0, 0, 1, 1, 1, 0],
    "ks4_attainment8": [40.0, 42.0, 44.0, 46.0, 50.0, 54.0, 58.0, 62.0],
    "suspensions": [5, 0, 0, 1, 0, 1, 0, 0],
    "sessions_possible": [380] * 8,
    "sessions_absent": [40, 0, 10, 20, 5, 0, 3, 9],
}


def rows():
    """Return a cohort of the pupils above."""
    return dp.Cohort(PUPILS)


def published(events=(60, 400)):
    """Return tallies of published suspensions."""
    return dp.Tallies.from_counts(
        {
            "group": ["Black Caribbean", "White British"],
            "events": list(events),
            "pupils": [1_000, 9_000],
        },
        measure="suspensions",
        ethnicity="group",
        numerator="events",
        denominator="pupils",
        exhaustive=True,
    )


def test_exact_tests_of_one_in_four_against_three_in_four():
    gaps = rows().gaps("gld", groups="BCRB")
    chances = [math.comb(4, k) * math.comb(4, 4 - k) / math.comb(8, 4) for k in range(5)]
    two_sided = chances[0] + chances[1] + chances[3] + chances[4]
    p = {name: gaps.tests(name).to_dict()["p_value"][0] for name in ("fisher", "permutation")}
    assert math.isclose(p["fisher"], two_sided, rel_tol=1e-12)
    assert math.isclose(p["permutation"], two_sided, rel_tol=1e-12)
    assert gaps.tests("mid_p").to_dict()["p_value"][0] < two_sided
    pearson = gaps.tests("pearson").to_dict()
    assert math.isclose(pearson["statistic"][0], 8 * (1 * 1 - 3 * 3) ** 2 / 4**4, rel_tol=1e-12)


def test_the_test_of_the_whole_is_that_of_the_rest():
    cohort = rows()
    rest = cohort.gaps("gld", groups="BCRB").tests("fisher").to_dict()["p_value"]
    whole = cohort.gaps("gld", groups="BCRB", baseline="overall").tests("fisher").to_dict()
    assert whole["p_value"] == rest


@pytest.mark.parametrize("unclassified", ["exclude", "include"])
def test_means_against_everyone_are_tested_against_the_rest(unclassified):
    """A group's own pupils are in the whole: only the rest of it is another sample."""
    pupils = {name: [*values, values[-1]] for name, values in PUPILS.items()}
    cohort = dp.Cohort({**pupils, "ethnicity": [*PUPILS["ethnicity"], "REFU"]})
    measures, policy = ["ks4_attainment8", "absence"], {"unclassified": unclassified}
    rest = cohort.gaps(measures, groups="BCRB", **policy)
    whole = cohort.gaps(measures, groups="BCRB", baseline="overall", **policy)
    assert whole.to_dict()["difference"] != rest.to_dict()["difference"]
    for name in (None, "welch"):
        found, want = whole.tests(name).to_dict(), rest.tests(name).to_dict()
        assert found["p_value"] == want["p_value"]
        assert found["statistic"] == want["statistic"]
        assert found["reason"] == [None, None]
        assert found["difference"] == whole.to_dict()["difference"]
    adjusted = whole.adjust_for_many("holm").to_dict()
    assert adjusted["p_value"] == rest.tests().to_dict()["p_value"]


def test_without_a_name_each_gap_has_the_test_that_fits():
    gaps = rows().gaps(["gld", "ks4_attainment8", "absence"], groups="BCRB")
    assert gaps.tests().to_dict()["test"] == ["score", "welch", "welch"]
    assert gaps.tests("welch").to_dict()["reason"] == ["no_method", None, None]
    assert gaps.tests("permutation").to_dict()["reason"] == [None, "no_method", "no_method"]
    adjusted = gaps.adjust_for_many("holm", family="measure").to_dict()
    assert adjusted["p_value"] == gaps.tests().to_dict()["p_value"]


def test_correction_of_a_named_test():
    gaps = rows().gaps("gld", minimum=0)
    tested = gaps.adjust_for_many("bonferroni", test="fisher")
    alone = gaps.tests("fisher").to_dict()["p_value"]
    found = tested.to_dict()
    assert found["p_value"] == alone
    assert found["p_adjusted"] == [min(1.0, len(alone) * p) for p in alone]
    assert "fisher" in tested.note


def test_exact_tests_of_published_events():
    """Five of five events in a group of as many pupils as the rest: one in 16, two-sided."""
    gaps = published((5, 0)).gaps(groups="BCRB")
    chance = (1_000 / 10_000) ** 5
    found = gaps.tests("conditional_exact").to_dict()
    assert math.isclose(found["p_value"][0], chance, rel_tol=1e-12)
    assert found["statistic"] == [None]
    assert math.isclose(gaps.tests("mid_p").to_dict()["p_value"][0], chance, rel_tol=1e-12)
    whole = published((5, 0)).gaps(groups="BCRB", baseline="overall")
    assert whole.tests("conditional_exact").to_dict()["p_value"] == found["p_value"]
    # With a dispersion events do not come singly, and the rest of the tests are of pupils.
    stated = published().gaps(groups="BCRB", dispersion=3.0)
    assert stated.tests("conditional_exact").to_dict()["reason"] == ["no_method"]
    assert gaps.tests("fisher").to_dict()["reason"] == ["no_method"]
    assert rows().gaps("gld").tests("conditional_exact").to_dict()["reason"][0] == "no_method"


def schools_of(count):
    """Return pupils of some schools, four a school, with scores, flags and sessions."""
    return {
        "ethnicity": ["BCRB", "BCRB", "WBRI", "WBRI"] * count,
        "school": [f"S{i // 4}" for i in range(4 * count)],
        "ks4_attainment8": [40.0 + i * 37 % 23 + 3 * (i % 4 > 1) for i in range(4 * count)],
        "gld": [int(i * 13 % 7 > 2) for i in range(4 * count)],
        "sessions_possible": [380 - i % 9 for i in range(4 * count)],
        "sessions_absent": [i * 29 % 61 for i in range(4 * count)],
    }


@pytest.mark.parametrize(
    ("measure", "x", "d"),
    [
        ("ks4_attainment8", "ks4_attainment8", None),
        ("gld", "gld", None),
        ("absence", "sessions_absent", "sessions_possible"),
    ],
)
def test_permutation_of_whole_schools_counts_every_change_of_sign(measure, x, d):
    pupils = schools_of(8)
    cohort = dp.Cohort(pupils)
    gaps = cohort.gaps(measure, groups="BCRB", cluster="school")
    found = gaps.tests("permutation").to_dict()
    below = pupils[d] if d else [1] * 32
    rows_ = list(zip(pupils["ethnicity"], pupils["school"], pupils[x], below, strict=True))

    def sums(keep):
        kept = [(a, b) for e, s, a, b in rows_ if keep(e, s)]
        return sum(a for a, _ in kept), sum(b for _, b in kept)

    top, bottom = sums(lambda _e, _s: True)
    common = top / bottom
    sides = {code: sums(lambda e, _s, code=code: e == code)[1] for code in ("BCRB", "WBRI")}
    parts = []
    for school in sorted(set(pupils["school"])):
        own, other = (
            sums(lambda e, s, code=code, school=school: e == code and s == school)
            for code in ("BCRB", "WBRI")
        )
        away = [(a - common * b) / sides[c] for c, (a, b) in zip(sides, (own, other), strict=True)]
        parts.append(away[0] - away[1])
    hits = 0
    for signs in itertools.product([1, -1], repeat=8):
        total = sum(s * p for s, p in zip(signs, parts, strict=True))
        hits += abs(total) >= abs(sum(parts)) - 1e-9
    assert found["test"] == ["permutation"]
    assert math.isclose(found["p_value"][0], hits / 256, rel_tol=1e-12)
    whole = cohort.gaps(measure, groups="BCRB", baseline="overall", cluster="school")
    assert whole.tests("permutation").to_dict()["p_value"] == found["p_value"]


def test_permutation_of_many_schools_is_drawn_from_a_seed():
    cohort = dp.Cohort(schools_of(40))

    def p(seed):
        gaps = cohort.gaps("ks4_attainment8", groups="BCRB", cluster="school", seed=seed)
        return gaps.tests("permutation").to_dict()["p_value"][0]

    assert p(1) == p(1) != p(2)
    assert math.isclose(p(1), p(2), abs_tol=0.01)
    few = dp.Cohort(schools_of(4)).gaps("gld", groups="BCRB", cluster="school")
    assert few.tests("permutation").to_dict()["reason"] == ["too_few_clusters"]
    fixed = cohort.gaps("gld", groups="BCRB", baseline=50, cluster="school")
    assert fixed.tests("permutation").to_dict()["reason"] == ["no_method"]


def test_every_test_of_the_list_can_be_asked_for():
    listed = dp.methods().to_polars()
    names = set(listed.filter(listed["scale"] == "test")["method"])
    assert {"score", "fisher", "permutation", "welch", "conditional_exact"} <= names
    for name in names:
        assert len(rows().gaps("gld").tests(name)) == 2


def test_unknown_tests_and_clusters_are_refused():
    gaps = rows().gaps("gld")
    with pytest.raises(dp.DispropError, match="permutation") as caught:
        gaps.tests("anova")
    assert caught.value.code == "stats.unknown_method"
    cohort = dp.Cohort({**PUPILS, "school": ["A", "B"] * 4})
    clustered = cohort.gaps("gld", cluster="school", minimum_clusters=2)
    with pytest.raises(dp.OptionError, match="independent"):
        clustered.tests("fisher")
    assert set(clustered.tests().to_dict()["test"]) <= {"cluster_cr2", None}


def test_effect_sizes():
    gaps = rows().gaps(["gld", "ks4_attainment8", "absence"], groups="BCRB")
    found = gaps.effect_sizes().to_dict()
    assert found["effect"] == ["cohen_h", "hedges_g", None]
    h = 2 * math.asin(math.sqrt(0.25)) - 2 * math.asin(math.sqrt(0.75))
    assert math.isclose(found["effect_size"][0], h, rel_tol=1e-12)
    variance = (20 / 3 + 80 / 3) / 2
    k = 6
    j = math.gamma(k / 2) / (math.sqrt(k / 2) * math.gamma((k - 1) / 2))
    assert math.isclose(found["effect_size"][1], j * (43 - 56) / math.sqrt(variance), rel_tol=1e-9)
    assert found["reason"] == [None, None, "no_method"]
    whole = rows().gaps("gld", groups="BCRB", baseline="overall").effect_sizes().to_dict()
    assert whole["reason"] == ["overlaps_baseline"]
    fixed = rows().gaps("gld", groups="BCRB", baseline=60).effect_sizes().to_dict()
    assert fixed["reason"] == ["no_method"]


def test_estimated_dispersion_is_quasi_poisson_with_both_sides():
    tallies = rows().tally("suspensions")
    one = tallies.gaps(groups="BCRB", dispersion="estimated").to_dict()
    # Sums 6 and 1 over 4 pupils a side; squared deviations 17 and 0.75.
    phi = (17 / 1.5 + 0.75 / 0.25) / 6
    both = tallies.repeated_events(groups="BCRB").to_dict()["dispersion_both"][0]
    assert math.isclose(both, phi, rel_tol=1e-12)
    z = 1.959963984540054
    reach = z * math.sqrt(phi * (1 / 6 + 1 / 1))
    assert math.isclose(one["ratio_upper"][0], 6 * math.exp(reach), rel_tol=1e-9)
    width = one["difference_upper"][0] - one["difference_lower"][0]
    assert math.isclose(width, 100 * 2 * z * math.sqrt(phi * (6 / 16 + 1 / 16)), rel_tol=1e-9)
    assert "quasi_poisson" in one["method"][0]
    plain = tallies.gaps(groups="BCRB").to_dict()
    assert plain["difference"] == one["difference"]
    assert plain["ratio"] == one["ratio"]


def test_published_events_have_no_dispersion_to_estimate():
    found = published().gaps(groups="BCRB", dispersion="estimated").to_dict()
    assert found["difference_lower"] == [None]
    assert "no_second_moment" in found["reason"][0]
    with pytest.raises(dp.OptionError, match="estimated"):
        published().gaps(dispersion="guessed")


@pytest.mark.parametrize("baseline", ["all_others", "overall", 5.0])
def test_a_stated_dispersion_divides_the_statistic_once(baseline):
    def statistic(phi):
        gaps = published().gaps(groups="BCRB", baseline=baseline, dispersion=phi)
        return gaps.tests("score").to_dict()["statistic"][0]

    assert math.isclose(statistic(4.0), statistic(None) / 4, rel_tol=1e-9)
