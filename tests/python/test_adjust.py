"""Adjusted gaps, decompositions, segregation and evaluation, against other people's code.

The oracles were made with statsmodels, pyfixest and R; the STAR pupils are compared with plain
numpy on the rows, so that nothing of this library stands on both sides.
"""

import json
import math

import disprop as dp
import polars as pl
import pytest
from shared_data import SHARED, near, table

numpy = pytest.importorskip("numpy")


def oracle(name):
    """Return the cases of an oracle file by name, or skip the test."""
    file = SHARED / "oracles" / "python" / name
    if not file.is_file():
        pytest.skip(f"oracle absent: {file} (set DISPROP_SHARED)")
    return {case["name"]: case for case in json.loads(file.read_text())["cases"]}


def score(column, label="Score", **more):
    """Return the definition of a mean."""
    return {
        "id": column,
        "label": label,
        "polarity": "higher_is_better",
        "unit": "points",
        "quantity": {"score": {"column": column}},
        **more,
    }


def flag(column, label="Flag"):
    """Return the definition of a proportion."""
    return {**score(column, label), "unit": "percent", "quantity": {"flag": {"column": column}}}


def halves(row, name):
    """Return the half widths of an interval."""
    return row[name] - row[f"{name}_lower"], row[f"{name}_upper"] - row[name]


@pytest.fixture(scope="module")
def data():
    """Return the pupils of the clustered oracle as a frame and a cohort with own measures."""
    case = oracle("cluster.json")["data"]
    frame = pl.DataFrame(case["rows"], schema=case["columns"], orient="row")
    frame = frame.with_columns(
        pl.when(pl.col("group") == 1).then(pl.lit("in")).otherwise(pl.lit("out")).alias("of"),
        *(pl.col(name).cast(pl.Int64) for name in ("school", "fsm", "sex", "pa", "susp")),
    )
    measures = [
        score("att8"),
        flag("pa"),
        {**score("susp"), "quantity": {"count": {"column": "susp"}}},
        {
            **score("rate"),
            "unit": "percent",
            "quantity": {"share": {"numerator": "absent", "denominator": "possible"}},
        },
    ]
    cohort = dp.Cohort(
        frame.drop("group", "weight"), ethnicity="of", codes="own", measures=measures
    )
    return frame, cohort.tally(measures, by=["fsm", "sex", "school"])


def only(found, **wanted):
    """Return the one row whose columns have these values."""
    rows = found.to_polars().to_dicts()
    (row,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def test_least_squares_agree_with_statsmodels(data):
    """The oracle adjusts for FSM and sex; HC1 with a normal quantile."""
    _, tallies = data
    found = tallies.adjusted(["fsm", "sex"], by=[], groups=["in"], methods="least_squares")
    want = oracle("cluster.json")["att8 OLS adjusted"]["HC1"]
    row = only(found, measure="att8")
    assert near(row["adjusted_difference"], want["coef"], atol=1e-9)
    for half in halves(row, "adjusted_difference"):
        assert near(half, 1.959963984540054 * want["se"], atol=1e-9)
    want = oracle("cluster.json")["persistent absence linear probability adjusted"]["HC1"]
    row = only(found, measure="pa")
    assert near(row["adjusted_difference"], 100 * want["coef"], atol=1e-9)
    assert near(halves(row, "adjusted_difference")[0], 100 * 1.959963984540054 * want["se"])


def test_logistic_and_poisson_agree_with_statsmodels(data):
    """The odds ratio has the model's own error; the others are compared in their estimates."""
    _, tallies = data
    found = tallies.adjusted(["fsm", "sex"], by=[], groups=["in"], methods=["logistic", "poisson"])
    want = oracle("cluster.json")["persistent absence logit adjusted"]["nonrobust"]
    row = only(found, measure="pa", method="logistic")
    assert near(row["adjusted_odds_ratio"], math.exp(want["coef"]))
    assert near(row["adjusted_odds_ratio_upper"], math.exp(want["ci"][1]), atol=1e-8)
    want = oracle("cluster.json")["suspensions Poisson adjusted"]["nonrobust"]
    row = only(found, measure="susp", method="poisson")
    assert near(row["adjusted_ratio"], math.exp(want["coef"]))
    cases = oracle("cluster.json")
    want = cases["sessions absent Poisson with log(possible) offset adjusted"]["HC0"]
    row = only(found, measure="rate", method="poisson")
    assert near(row["adjusted_ratio"], math.exp(want["coef"]))


def test_raw_gap_by_school_stands_beside_and_agrees_on_its_value(data):
    _, tallies = data
    found = tallies.adjusted(["fsm", "sex"], by=[], groups=["in"], cluster="school")
    want = oracle("cluster.json")["absence rate as a ratio of sums, linearised"]["ref_by_school"]
    row = only(found, measure="rate")
    assert near(row["raw_difference"], 100 * want["diff"])
    assert near(row["raw_ratio"], math.exp(want["log_ratio"]))
    # CR2 with Satterthwaite's t is a little wider than the linearised survey error with z.
    half = halves(row, "raw_difference")[0]
    survey = 100 * 1.959963984540054 * want["diff_se"]
    assert survey < half < 1.6 * survey


WEIGHTINGS = {
    "baseline": "ref_two_fold_weights_second_group",
    "group": "ref_two_fold_weights_first_group",
    "half": "ref_two_fold_reimers_half_half",
    "cotton": "ref_two_fold_cotton_size_weights",
    "pooled": "ref_two_fold_neumark_pooled_without_group_dummy",
    "pooled_with_group": "ref_two_fold_pooled_with_group_dummy",
}


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_oaxaca_blinder_agrees_with_least_squares_by_hand(data, weighting):
    """The case of persistent absence whose first group is ours; percent here, fractions there."""
    _, tallies = data
    file = SHARED / "oracles/python/oaxaca.json"
    cases = json.loads(file.read_text())["cases"]
    (case,) = [c for c in cases if c["name"] == "pa" and c["ref_first_group"] == 1]
    want = case[WEIGHTINGS[weighting]]
    found = tallies.decompose(
        ["fsm", "sex"], method="oaxaca_blinder", weighting=weighting, groups=["in"], by=[]
    ).to_polars()
    rows = found.filter(pl.col("measure") == "pa").to_dicts()
    parts = {row["part"]: row["value"] for row in rows}
    for name in ("gap", "explained", "unexplained"):
        assert near(parts[name], 100 * want[name], atol=1e-10), name
    _, fsm, sex = want["explained_by_column[const,fsm,sex]"]
    assert near(parts["explained: fsm"], 100 * fsm, atol=1e-10)
    assert near(parts["explained: sex"], 100 * sex, atol=1e-10)


def test_three_fold_agrees_with_the_saturated_sums(data):
    """On cells the three parts are those of every combination, added up here from the rows."""
    frame, tallies = data
    found = tallies.decompose(["fsm", "sex"], method="three_fold", groups=["in"], by=[]).to_polars()
    rows = found.filter(pl.col("measure") == "pa").to_dicts()
    parts = {row["part"]: row["value"] for row in rows}
    shares, values = {}, {}
    for (of, fsm, sex), cell in frame.group_by("of", "fsm", "sex", maintain_order=True):
        shares[of, fsm, sex] = cell.height / frame.filter(pl.col("of") == of).height
        values[of, fsm, sex] = cell["pa"].mean()
    cells = [key[1:] for key in shares if key[0] == "in"]
    own = [
        (shares[("in", *c)], shares[("out", *c)], values[("in", *c)], values[("out", *c)])
        for c in cells
    ]
    assert near(parts["endowments"], 100 * sum((s - t) * b for s, t, _, b in own), atol=1e-10)
    assert near(parts["coefficients"], 100 * sum(t * (a - b) for _, t, a, b in own), atol=1e-10)


def test_standardisation_agrees_with_cells_added_by_hand(data):
    _, tallies = data
    name = "direct standardisation: rest reweighted to the group's fsm x sex mix"
    case = oracle("oaxaca.json")[name]
    found = tallies.adjusted(["fsm", "sex"], by=[], groups=["in"], methods="standardised")
    want = case["group_rate"] - case["ref_rest_standardised"]
    assert near(only(found, measure="pa")["adjusted_difference"], 100 * want, atol=1e-10)


def within(quantile, degrees):
    """Return the probability of a t value between plus and minus a quantile, by Simpson's rule."""
    log = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    scale = math.exp(log) / math.sqrt(degrees * math.pi)
    steps = 20_000
    at = [quantile * i / steps for i in range(steps + 1)]
    height = [scale * (1 + x * x / degrees) ** (-(degrees + 1) / 2) for x in at]
    inner = 4 * sum(height[1:-1:2]) + 2 * sum(height[2:-1:2])
    return 2 * quantile / steps / 3 * (height[0] + inner + height[-1])


@pytest.mark.parametrize(("quantity", "factor"), [("score", 1), ("flag", 100)])
def test_clustered_gaps_agree_with_clubsandwich(quantity, factor):
    """CR2 and Satterthwaite's degrees of freedom: raw, and as a regression with one stratum."""
    folder = SHARED / "oracles" / "r"
    if not folder.is_dir():
        pytest.skip(f"oracle absent: {folder} (set DISPROP_SHARED)")
    pupils = pl.read_csv(folder / "cluster_ratio_data.csv").filter(
        pl.col("dataset") == "many_schools"
    )
    (want,) = (
        pl.read_csv(folder / "cluster_ratio.csv", infer_schema_length=0)
        .filter(
            (pl.col("dataset") == "many_schools")
            & (pl.col("quantity") == f"mean difference of {quantity}")
            & (pl.col("method") == "CR2")
        )
        .to_dicts()
    )
    of = pl.when(pl.col("focal") == 1).then(pl.lit("in")).otherwise(pl.lit("out"))
    frame = pupils.select(of.alias("of"), "school", quantity, pl.lit("all").alias("stratum"))
    made = score(quantity) if quantity == "score" else flag(quantity)
    cohort = dp.Cohort(frame, ethnicity="of", codes="own", measures=[made])
    tallies = cohort.tally(made, by=["school", "stratum"])
    found = tallies.adjusted(
        "stratum", by=[], groups=["in"], methods="least_squares", cluster="school"
    )
    row = only(found, measure=quantity)
    error, degrees = float(want["se"]), float(want["df_or_note"])
    for name in ("raw_difference", "adjusted_difference"):
        assert near(row[name], factor * float(want["estimate"]), atol=1e-10)
        for half in halves(row, name):
            assert abs(within(half / factor / error, degrees) - 0.95) < 1e-9, name


# STAR: 79 schools in Tennessee


@pytest.fixture(scope="module")
def star():
    """Return kindergarten pupils with a known group, and their tallies."""
    frame = table("pupil-level-open-datasets/tennessee_star.csv").filter(
        pl.col("mathk").is_not_null() & pl.col("ethnicity").is_not_null()
    )
    frame = frame.select(
        pl.when(pl.col("ethnicity") == "afam")
        .then(pl.lit("afam"))
        .otherwise(pl.lit("other"))
        .alias("of"),
        pl.col("schoolidk").cast(pl.Float64).cast(pl.Int64).alias("house"),
        pl.col("lunchk").fill_null("unknown").alias("lunch"),
        pl.col("gender").alias("sex"),
        pl.col("mathk").cast(pl.Float64).alias("maths"),
        (pl.col("mathk").cast(pl.Float64) >= 500).cast(pl.Int64).alias("above"),
    )
    measures = [score("maths"), flag("above")]
    cohort = dp.Cohort(frame, ethnicity="of", school="house", codes="own", measures=measures)
    return frame, cohort.tally(measures, by=["lunch", "sex", "house"])


def design(frame):
    """Return the indicator of the group, a constant and the indicators of lunch and sex."""
    columns = [(frame["of"] == "afam").cast(pl.Float64), pl.repeat(1.0, frame.height, eager=True)]
    for name in ("lunch", "sex"):
        for level in sorted(set(frame[name]))[1:]:
            columns.append((frame[name] == level).cast(pl.Float64))
    return numpy.column_stack([numpy.asarray(column) for column in columns])


def test_star_regression_by_school_agrees_with_plain_matrices(star):
    """Least squares from 5,870 rows, with the CR2 error of 79 schools by matrix square roots."""
    frame, tallies = star
    z, y = design(frame), frame["maths"].to_numpy()
    bread = numpy.linalg.inv(z.T @ z)
    beta = bread @ z.T @ y
    rest, schools = y - z @ beta, frame["house"].to_numpy()
    meat = numpy.zeros_like(bread)
    for school in numpy.unique(schools):
        own = z[schools == school]
        leverage = own @ bread @ own.T
        values, vectors = numpy.linalg.eigh(numpy.eye(len(own)) - leverage)
        root = numpy.where(values > 1e-10, 1 / numpy.sqrt(numpy.maximum(values, 1e-10)), 0)
        pull = own.T @ (vectors * root @ vectors.T) @ rest[schools == school]
        meat += numpy.outer(pull, pull)
    error = math.sqrt((bread @ meat @ bread)[0, 0])
    found = tallies.adjusted(
        ["lunch", "sex"], by=[], groups=["afam"], methods="least_squares", cluster="house"
    )
    row = only(found, measure="maths")
    assert near(row["adjusted_difference"], beta[0])
    assert row["schools"] == len(set(frame.filter(pl.col("of") == "afam")["house"]))
    # The width over the error is the t quantile of Satterthwaite's degrees of freedom.
    quantile = halves(row, "adjusted_difference")[0] / error
    assert 1.97 < quantile < 2.2, quantile


def test_star_mantel_haenszel_by_school_agrees_with_leaving_out_schools(star):
    frame, tallies = star

    def common(rows):
        top = bottom = 0.0
        for cell in rows.group_by("lunch", "sex", maintain_order=True):
            own = cell[1].filter(pl.col("of") == "afam")["above"]
            others = cell[1].filter(pl.col("of") != "afam")["above"]
            if len(own) and len(others):
                n = len(own) + len(others)
                top += (own.sum() * len(others) - others.sum() * len(own)) / n
                bottom += len(own) * len(others) / n
        return top / bottom

    whole = common(frame)
    schools = sorted(set(frame["house"]))
    assert len(schools) == 79
    squares = sum((common(frame.filter(pl.col("house") != s)) - whole) ** 2 for s in schools)
    error = math.sqrt(78 / 79 * squares)
    row = only(
        tallies.adjusted(["lunch", "sex"], by=[], groups=["afam"], cluster="house"), measure="above"
    )
    assert row["method"] == "mantel_haenszel"
    assert near(row["adjusted_difference"], 100 * whole)
    for half in halves(row, "adjusted_difference"):
        assert near(half, 100 * QUANTILE_78 * error, atol=1e-9)


def test_star_gap_taken_apart_sums_and_agrees_with_sums_of_rows(star):
    frame, tallies = star
    found = tallies.decompose("house", by=[], method="within_between", groups=["afam"])
    parts = {row["part"]: row for row in found.to_polars().to_dicts() if row["measure"] == "maths"}
    own, others = frame.filter(pl.col("of") == "afam"), frame.filter(pl.col("of") != "afam")
    assert near(parts["gap"]["value"], own["maths"].mean() - others["maths"].mean())
    level = frame.group_by("house").agg(pl.col("maths").mean().alias("level"))
    between = [part.join(level, on="house")["level"].mean() for part in (own, others)]
    assert near(parts["between"]["value"], between[0] - between[1], atol=1e-8)
    total = parts["within"]["value"] + parts["between"]["value"]
    assert near(total, parts["gap"]["value"], atol=1e-10)
    assert all(parts[name]["value_lower"] is not None for name in ("within", "between"))
    kitagawa = tallies.decompose(["lunch", "sex"], by=[], groups=["afam"]).to_polars()
    for name in ("maths", "above"):
        rows = kitagawa.filter(pl.col("measure") == name)
        gap = rows.filter(pl.col("part") == "gap")["value"].item()
        assert near(rows.filter(pl.col("part_of") == "gap")["value"].sum(), gap, atol=1e-10)


QUANTILE_78 = 1.9908470685550523  # t, 78 degrees of freedom, 97.5 %


def without_schools(frame, figure):
    """Return a figure of all rows, and of the rows without each school in turn."""
    schools = sorted(set(frame["house"]))
    assert len(schools) == 79
    return figure(frame), [figure(frame.filter(pl.col("house") != s)) for s in schools]


def side_by_cell(frame, column):
    """Return share and mean of every cell of lunch and sex: of the group, of the others."""
    sides = [frame.filter(pl.col("of") == "afam"), frame.filter(pl.col("of") != "afam")]
    cells = [
        {
            key: (cell.height / side.height, cell[column].mean())
            for key, cell in side.group_by("lunch", "sex", maintain_order=True)
        }
        for side in sides
    ]
    assert set(cells[0]) == set(cells[1])
    return [(*cells[0][key], *cells[1][key]) for key in cells[0]]


@pytest.mark.parametrize("column", ["maths", "above"])
def test_star_parts_by_school_agree_with_leaving_out_schools(star, column):
    """Kitagawa's and the three-fold parts with schools as clusters, from rows by plain sums."""
    frame, tallies = star
    parts = {
        "composition": lambda s, r, t, q: (s - t) * (r + q) / 2,
        "rate": lambda s, r, t, q: (r - q) * (s + t) / 2,
        "endowments": lambda s, r, t, q: (s - t) * q,
        "coefficients": lambda s, r, t, q: t * (r - q),
        "interaction": lambda s, r, t, q: (s - t) * (r - q),
    }

    def figures(rows):
        cells = side_by_cell(rows, column)
        return [sum(part(*cell) for cell in cells) for part in parts.values()]

    whole, without = without_schools(frame, figures)
    rows = {}
    for method in ("kitagawa", "three_fold"):
        found = tallies.decompose(
            ["lunch", "sex"], by=[], groups=["afam"], method=method, cluster="house"
        )
        rows |= {r["part"]: r for r in found.to_polars().to_dicts() if r["measure"] == column}
    factor = 1 if column == "maths" else 100
    for number, name in enumerate(parts):
        squares = sum((other[number] - whole[number]) ** 2 for other in without)
        error = math.sqrt(78 / 79 * squares)
        assert near(rows[name]["value"], factor * whole[number], atol=1e-9), name
        for half in halves(rows[name], "value"):
            assert near(half, factor * QUANTILE_78 * error, atol=1e-8), name
    # The whole gap has the clustered interval of `gaps`.
    gap = only(tallies.gaps(by=[], groups=["afam"], cluster="house"), measure=column)
    assert near(rows["gap"]["value_lower"], gap["difference_lower"])


def test_star_what_remains_by_school_agrees_with_fieller_of_left_out_schools(star):
    frame, tallies = star

    def figures(rows):
        cells = side_by_cell(rows, "maths")
        own = sum(s * r for s, r, _, _ in cells)
        others = sum(t * q for _, _, t, q in cells)
        return own - sum(s * q for s, _, _, q in cells), own - others

    (adjusted, raw), without = without_schools(frame, figures)
    away = numpy.array(without) - numpy.array([adjusted, raw])
    (v, c), (_, w) = 78 / 79 * away.T @ away
    square = QUANTILE_78**2
    # (adjusted - rho raw)^2 = t^2 (v - 2 rho c + rho^2 w)
    want = sorted(
        numpy.roots(
            [raw**2 - square * w, -2 * (adjusted * raw - square * c), adjusted**2 - square * v]
        )
    )
    row = only(
        tallies.adjusted(
            ["lunch", "sex"], by=[], groups=["afam"], methods="standardised", cluster="house"
        ),
        measure="maths",
    )
    assert near(row["remaining"], adjusted / raw)
    assert near(row["remaining_lower"], want[0], atol=1e-8)
    assert near(row["remaining_upper"], want[1], atol=1e-8)


def test_what_remains_of_an_unclear_gap_has_its_reason():
    cohort = dp.Cohort(
        {
            "ethnicity": ["BCRB"] * 30 + ["WBRI"] * 60,
            "fsm": [0, 1, 1] * 30,
            "gld": [0, 1, 1] * 30,
        }
    )
    row = cohort.tally("gld", by="fsm").adjusted("fsm", groups="BCRB").to_dict()
    assert row["remaining"] == row["remaining_lower"] == row["remaining_upper"] == [None]
    assert "unbounded (remaining)" in row["reason"][0]


def test_parts_have_intervals_by_dimension_and_outside_the_overlap():
    """Pupils whom nobody else is like: every part sums up, and each has ends that hold it."""
    cohort = dp.Cohort(
        {
            "ethnicity": ["BCRB"] * 40 + ["WBRI"] * 80,
            "fsm": ([0] * 25 + [1] * 15) + ([0] * 60 + [1] * 20),
            "sen": (["E"] * 4 + ["N"] * 36) + ["N"] * 70 + ["K"] * 10,
            "gld": [0, 1] * 12 + [0] * 16 + [0, 1, 1, 1] * 20,
        }
    )
    tallies = cohort.tally("gld", by=["fsm", "sen"])
    for method in ("kitagawa", "oaxaca_blinder", "three_fold"):
        rows = (
            tallies.decompose(["fsm", "sen"], method=method, groups="BCRB").to_polars().to_dicts()
        )
        names = [row["part"] for row in rows]
        assert {"outside_group", "outside_baseline"} <= set(names)
        total = sum(row["value"] for row in rows if row["part_of"] == "gap")
        assert near(total, rows[0]["value"], atol=1e-12)
        for row in rows:
            if row["part"] == "explained: sen":
                # Inside the overlap everyone has no need: there is nothing to explain by it.
                assert (row["value"], row["value_lower"]) == (0.0, None)
                assert row["reason"] == "no_variation (interval)"
            else:
                assert row["value_lower"] < row["value"] < row["value_upper"], row["part"]


def test_published_counts_have_parts_without_intervals():
    tallies = dp.Tallies.from_counts(
        {
            "group": ["Black Caribbean", "White British"] * 2,
            "fsm": ["1", "1", "0", "0"],
            "events": [30, 90, 10, 100],
            "pupils": [100, 400, 120, 1_600],
        },
        measure="suspensions",
        ethnicity="group",
        numerator="events",
        denominator="pupils",
        by="fsm",
        exhaustive=True,
    )
    for method in ("kitagawa", "oaxaca_blinder", "three_fold"):
        rows = tallies.decompose("fsm", method=method, groups="BCRB").to_polars().to_dicts()
        total = sum(row["value"] for row in rows if row["part_of"] == "gap")
        assert near(total, rows[0]["value"], atol=1e-12)
        assert {row["reason"] for row in rows[1:]} == {"no_second_moment (interval)"}


def test_star_segregation_agrees_with_counts_of_rows(star):
    frame, tallies = star
    row = only(tallies.segregation("house", by=[], groups=["afam"]), measure="maths")
    counts = frame.group_by("house").agg(
        (pl.col("of") == "afam").sum().alias("own"), pl.len().alias("all")
    )
    own, everyone = counts["own"].to_numpy().astype(float), counts["all"].to_numpy().astype(float)
    others = everyone - own
    apart = abs(own / own.sum() - others / others.sum()).sum() / 2
    assert near(row["dissimilarity"], apart)
    assert near(row["isolation"], (own / own.sum() * own / everyone).sum())
    assert row["dissimilarity_by_chance"] < 0.1 < row["dissimilarity_beyond_chance"]


# What is asked of every table


def test_all_methods_are_those_that_apply_and_a_named_one_says_why_not(data):
    _, tallies = data
    found = tallies.adjusted("fsm", by=[], groups=["in"], methods="all").to_polars()
    assert set(found.filter(pl.col("measure") == "att8")["method"]) == {
        "standardised",
        "least_squares",
        "poisson",
    }
    assert found.filter(pl.col("measure") == "pa").height == 5
    named = tallies.adjusted("fsm", by=[], groups=["in"], methods="logistic")
    assert "not_a_proportion" in only(named, measure="att8")["reason"]


def test_arguments_are_refused_with_their_name(data):
    _, tallies = data
    with pytest.raises(dp.OptionError, match="methods"):
        tallies.adjusted("fsm", methods="magic")
    with pytest.raises(dp.OptionError, match="method"):
        tallies.decompose("fsm", method="magic")
    with pytest.raises(dp.OptionError, match="weighting"):
        tallies.decompose("fsm", method="oaxaca_blinder", weighting="magic")
    with pytest.raises(dp.DimensionError, match="nowhere"):
        tallies.segregation("nowhere")
    with pytest.raises(dp.OptionError, match="programme"):
        tallies.evaluate({"a": "1", "b": "1"}, before="x", after="y")


def test_tables_name_what_they_are_and_what_not():
    cohort = dp.Cohort(dp.synth(pupils=4_000, years=3, seed=7))
    tallies = cohort.tally("persistent_absence", by=["year", "school", "fsm", "sen"])
    schools = sorted(set(tallies.to_polars()["school"]))
    tables = [
        tallies.adjusted(["fsm", "sen"], by="year"),
        tallies.decompose(["fsm"], by="year"),
        tallies.segregation(by="year"),
        tallies.evaluate(schools[::2], before=["2022/23"], after="2024/25", by=[]),
    ]
    kinds = ["adjusted", "decomposition", "segregation", "evaluation"]
    assert [found.kind for found in tables] == kinds
    for found in tables:
        assert {"group_n", "baseline_n", "reason"} <= set(found.columns)
        assert found.title and found.note
        assert "Not for publication" in repr(found) and found.note[:30] in found._repr_html_()
    assert "free school meals" in tables[0].note
