"""DOMAIN 14: England's exclusions and key stage 4, the Ealing trap, and the mechanics."""

from fractions import Fraction

import disprop as dp
import domain_tables as domain
import polars as pl
import pytest
from shared_data import agree, code, keyed, near, printed, table


def exclusions(measure, numerator):
    """Return the tallies of 14.1: eighteen groups, the unclassified, and everyone."""
    frame = pl.DataFrame(
        [
            *(
                {name: row[name] for name in ("code", "headcount", numerator)}
                for row in domain.read(domain.EXCLUSIONS)
            ),
            *(
                {"code": label, **{name: str(sums[name]) for name in ("headcount", numerator)}}
                for label, sums in (
                    ("Unclassified", domain.EXCLUSIONS_UNCLASSIFIED),
                    ("Total", domain.EXCLUSIONS_TOTAL),
                )
            ),
        ]
    )
    return dp.Tallies.from_counts(
        frame,
        measure=measure,
        ethnicity="code",
        numerator=numerator,
        denominator="headcount",
        total="Total",
    )


def less(everyone, *parts):
    """Return a total less some of its parts."""
    return everyone - sum(int(part) for part in parts)


@pytest.mark.parametrize("column", ["suspensions", "once"])
def test_every_row_of_14_1_with_and_without_the_unclassified(column):
    """18 rows; printed to four decimals, and exact against the counts beside them."""
    tallies = exclusions("suspensions" if column == "suspensions" else "suspended_once", column)
    known = keyed(tallies.gaps())
    everyone = keyed(tallies.gaps(unclassified="include"))
    rows = domain.read(domain.EXCLUSIONS)
    total, unclassified = domain.EXCLUSIONS_TOTAL, domain.EXCLUSIONS_UNCLASSIFIED
    for row in rows:
        a, b = everyone[row["code"],], known[row["code"],]
        own = row[column], row["headcount"]
        names = (column, "headcount")
        agree(a, own, [less(total[n], row[n]) for n in names])
        agree(b, own, [less(total[n], row[n], unclassified[n]) for n in names])
        if column == "once":
            assert printed(a["group_value"], row["once_g"], 4), (row, a)
            assert printed(a["baseline_value"], row["once_o_all"], 4), (row, a)
            assert printed(a["ratio"], row["once_rr"], 4), (row, a)
            continue
        assert printed(a["group_value"], row["g"], 4), (row, a)
        assert printed(a["baseline_value"], row["o_all"], 4), (row, a)
        assert printed(a["ratio"], row["rr_all"], 4), (row, a)
        assert printed(b["baseline_value"], row["o_class"], 4), (row, b)
        assert printed(b["ratio"], row["rr_class"], 4), (row, b)
    assert len(rows) == 18


def test_black_caribbean_suspensions_of_14_1_in_headline_figures():
    tallies = exclusions("suspensions", "suspensions")
    got = keyed(tallies.gaps(unclassified="include"))["BCRB",]
    figures = [round(got["group_value"], 2), round(got["baseline_value"], 2)]
    assert figures == [10.20, 4.69] and round(got["ratio"], 3) == 2.173
    assert round(keyed(tallies.gaps())["BCRB",]["ratio"], 3) == 2.187


def test_permanent_exclusions_of_14_1_with_chinese_pupils_withheld():
    """Everyone's count is published, so that only the withheld group has no gap."""
    found = keyed(exclusions("permanent_exclusions", "pex").gaps(unclassified="include"))
    total = domain.EXCLUSIONS_TOTAL
    for row in domain.read(domain.EXCLUSIONS):
        got = found[row["code"],]
        if row["pex"] == "x":
            assert got["finding"] == "withheld" and "suppressed_input" in got["reason"]
            continue
        others = [less(total[name], row[name]) for name in ("pex", "headcount")]
        agree(got, (row["pex"], row["headcount"]), others)
    assert len(found) == 18


def ks4(measure, numerator):
    """Return the tallies of 14.2, without its total row: the rows sum to it."""
    rows = domain.read(domain.KS4)
    return dp.Tallies.from_counts(
        pl.DataFrame([{name: row[name] for name in ("code", "pupils", numerator)} for row in rows]),
        measure=measure,
        ethnicity="code",
        numerator=numerator,
        denominator="pupils",
        exhaustive=True,
    )


KS4_MEASURES = {
    "a8": ("ks4_attainment8", 1),
    "em95": ("ks4_em_95", 100),
    "em94": ("ks4_em_94", 100),
    "ebacc": ("ks4_ebacc_aps", 1),
}


@pytest.mark.parametrize("column", KS4_MEASURES)
def test_every_row_of_14_2_with_and_without_the_unclassified(column):
    """18 groups in four measures; columns printed in DOMAIN also at their four decimals."""
    name, factor = KS4_MEASURES[column]
    tallies = ks4(name, column)
    known, everyone = keyed(tallies.gaps()), keyed(tallies.gaps(unclassified="include"))
    rows = domain.read(domain.KS4)
    names = (column, "pupils")
    sums = {n: sum(Fraction(row[n]) for row in rows) for n in names}
    assert sums == {n: Fraction(domain.KS4_TOTAL[n]) for n in names}
    unclassified = rows[-1]
    assert unclassified["code"] == "UNCL" and len(rows) == 19
    for row in rows[:-1]:
        a, b = everyone[row["code"],], known[row["code"],]
        own = row[column], row["pupils"]
        agree(a, own, [sums[n] - Fraction(row[n]) for n in names], factor)
        others = [sums[n] - Fraction(row[n]) - Fraction(unclassified[n]) for n in names]
        agree(b, own, others, factor)
        if column == "a8":
            assert printed(a["group_value"], row["a8_g"], 4), (row, a)
            assert printed(a["baseline_value"], row["a8_o_all"], 4), (row, a)
            assert printed(b["baseline_value"], row["a8_o_class"], 4), (row, b)
        if column == "em95":
            assert printed(a["group_value"], row["em95_g"], 4), (row, a)
            assert printed(a["baseline_value"], row["em95_o_all"], 4), (row, a)
            assert printed(a["ratio"], row["em95_rr"], 4), (row, a)


def test_unclassified_row_of_14_2_as_a_group_of_its_own():
    """The nineteenth row: its others are all eighteen groups."""
    rows = domain.read(domain.KS4)
    want = rows[-1]
    # By its code the row would be unclassified, as it is everywhere else.
    rows = [*rows[:-1], {**want, "code": "No known group"}]
    for column in ("a8", "em95"):
        name, _ = KS4_MEASURES[column]
        tallies = dp.Tallies.from_counts(
            pl.DataFrame([{n: row[n] for n in ("code", "pupils", column)} for row in rows]),
            measure=name,
            ethnicity="code",
            numerator=column,
            denominator="pupils",
            codes="own",
            exhaustive=True,
        )
        got = keyed(tallies.gaps(groups=["No known group"]))["No known group",]
        assert printed(got["group_value"], want[f"{column}_g"], 4)
        assert printed(got["baseline_value"], want[f"{column}_o_all"], 4)
        if column == "em95":
            assert printed(got["ratio"], want["em95_rr"], 4)


def test_check_line_of_14_2_interval_and_excess():
    tallies = ks4("ks4_em_95", "em95")
    got = keyed(tallies.gaps(unclassified="include", methods=["katz"]))["BCRB",]
    assert (got["group_n"], got["baseline_n"]) == (6933, 516693)
    assert printed(got["ratio"], "0.6193", 4)
    assert printed(got["ratio_lower"], "0.5957", 4) and printed(got["ratio_upper"], "0.6439", 4)
    assert printed(got["excess"], "-1148.2", 1) and "katz" in got["method"]


def test_typed_tables_are_those_of_the_published_files():
    """Every count of 14.1 and 14.2, where the files are there."""
    minor = "Ethnicity Minor "
    england = table("dfe-exclusions-by-ethnicity/exclusions_national_201112_to_201617.csv").filter(
        (pl.col("time_period") == "201617")
        & (pl.col("school_type") == "Total")
        & (pl.col("characteristic_group") == "Ethnicity")
        & pl.col("characteristic").str.starts_with(minor)
    )
    found = {code(row["characteristic"].removeprefix(minor)): row for row in england.to_dicts()}
    typed = domain.read(domain.EXCLUSIONS)
    assert sorted(found) == sorted(row["code"] for row in typed)
    names = {
        "headcount": "headcount",
        "pex": "perm_excl",
        "suspensions": "fixed_excl",
        "once": "one_plus_fixed",
    }
    for row in typed:
        for ours, theirs in names.items():
            assert found[row["code"]][theirs].replace(",", "") == row[ours], row
    schools = table("dfe-ks4-by-ethnicity/ks4_national_char_201718.csv").filter(
        (pl.col("school_characteristic") == "all_state_funded_schools")
        & (pl.col("breakdown") == "Ethnic_major")
        & (pl.col("characteristic_gender") == "Total")
        & (pl.col("characteristic_ethnic_minor") != "Total")
    )
    found = {row["characteristic_ethnic_minor"]: row for row in schools.to_dicts()}
    found = {"UNCL" if name == "Unclassified" else code(name): row for name, row in found.items()}
    names = {
        "pupils": "t_pupils",
        "a8": "t_att8",
        "em95": "t_l2basics_95",
        "em94": "t_l2basics_94",
        "ebacc": "t_ebaccaps",
    }
    typed = domain.read(domain.KS4)
    assert sorted(found) == sorted(row["code"] for row in typed) and len(typed) == 19
    for row in typed:
        for ours, theirs in names.items():
            assert Fraction(found[row["code"]][theirs]) == Fraction(row[ours]), row


# 14.3


def ealing(numerator):
    """Return Ealing's rows of five major groups, with everyone taken from another breakdown."""
    raw = table("dfe-ks4-by-ethnicity/ks4_la_char_201718.csv").filter(
        (pl.col("la_name") == "Ealing") & (pl.col("characteristic_gender") == "Total")
    )
    columns = ["characteristic_ethnic_major", "t_pupils", numerator]
    groups = raw.filter(pl.col("breakdown") == "Ethnic_major").select(columns)
    whole = raw.filter(pl.col("breakdown") == "Free_school_meals").select(
        pl.lit("Total").alias(columns[0]),
        *(pl.col(name).cast(pl.Decimal(20, 2)).sum().cast(pl.String) for name in columns[1:]),
    )
    assert groups.height == 5 and whole.height == 1
    return groups, whole


@pytest.mark.parametrize(
    ("measure", "numerator", "own", "right", "naive"),
    [
        ("ks4_attainment8", "t_att8", "44.3468", "51.3628", "51.7017"),
        ("ks4_em_95", "t_l2basics_95", "40.1421", "55.1092", "56.1246"),
    ],
)
def test_ealing_rows_that_are_missing_move_the_baseline(measure, numerator, own, right, naive):
    """51.36 with everyone named; 51.70 only where the caller gives a word that is not true."""
    groups, whole = ealing(numerator)
    options = {
        "measure": measure,
        "ethnicity": "characteristic_ethnic_major",
        "numerator": numerator,
        "denominator": "t_pupils",
        "chinese": "own",
    }
    black = "Black / African / Caribbean / Black British"
    with_total = dp.Tallies.from_counts(pl.concat([groups, whole]), total="Total", **options)
    got = keyed(with_total.gaps(groups="major"))[black,]
    assert printed(got["group_value"], own, 4) and printed(got["baseline_value"], right, 4)
    assert near(got["coverage"], 2457 / 2853)
    listed = dp.Tallies.from_counts(groups, exhaustive=True, **options)
    got = keyed(listed.gaps(groups="major"))[black,]
    assert printed(got["group_value"], own, 4) and printed(got["baseline_value"], naive, 4)
    with pytest.raises(dp.DataError) as refusal:
        dp.Tallies.from_counts(groups, **options)
    assert [finding.kind for finding in refusal.value.findings] == ["whole_not_stated"]


# 14.4


def sums(cohort, measure):
    """Return (n, events) of a measure by ethnic group."""
    cells = cohort.tally([measure]).to_polars().to_dicts()
    return {cell["ethnicity"]: (cell["n"], float(cell["x"])) for cell in cells}


@pytest.mark.parametrize(
    ("absent", "possible", "persistent", "severe"),
    [(38, 380, 1, 0), (37, 379, 0, 0), (37, 370, 1, 0), (190, 380, 1, 1), (189, 380, 1, 0)],
)
def test_thresholds_of_absence_are_compared_in_whole_numbers(absent, possible, persistent, severe):
    cohort = dp.Cohort(
        {"ethnicity": ["BCRB"], "sessions_absent": [absent], "sessions_possible": [possible]}
    )
    assert sums(cohort, "persistent_absence")["BCRB"] == (1, persistent)
    assert sums(cohort, "severe_absence")["BCRB"] == (1, severe)


def test_enrolments_with_no_possible_session_are_dropped_from_both_sums():
    cohort = dp.Cohort(
        {
            "ethnicity": ["BCRB", "BCRB", "WBRI"],
            "sessions_absent": [0, 40, 10],
            "sessions_possible": [0, 380, 380],
        }
    )
    for measure in ("absence", "attendance", "persistent_absence", "severe_absence"):
        assert {group: n for group, (n, _) in sums(cohort, measure).items()} == {
            "BCRB": 1,
            "WBRI": 1,
        }, measure


def goals(*children):
    """Return a cohort of children with seventeen goals each."""
    frame = {"ethnicity": ["BCRB"] * len(children)}
    for place in range(17):
        frame[f"elg_e{place + 1:02}"] = [child[place] for child in children]
    return frame


def test_good_level_of_development_is_of_the_first_twelve_goals():
    all_but_13 = ["2"] * 12 + ["1"] + ["2"] * 4
    all_but_12 = ["2"] * 11 + ["1"] + ["2"] * 5
    assert sums(dp.Cohort(goals(all_but_13)), "gld")["BCRB"] == (1, 1)
    assert sums(dp.Cohort(goals(all_but_12)), "gld")["BCRB"] == (1, 0)


def test_child_with_a_goal_without_result_leaves_the_denominator_by_default():
    frame = goals(["A"] * 17, ["2"] * 17)
    assert sums(dp.Cohort(frame), "gld")["BCRB"] == (1, 1)
    kept = dp.Cohort(frame, absent_goals="not_achieved")
    assert sums(kept, "gld")["BCRB"] == (2, 1)


@pytest.mark.parametrize(
    ("reading", "maths", "writing", "expected", "higher"),
    [
        ("100", "109", "GDS", 1, 0),
        ("110", "110", "EXS", 1, 0),
        ("110", "110", "GDS", 1, 1),
        ("99", "110", "GDS", 0, 0),
    ],
)
def test_key_stage_2_from_scores_and_writing(reading, maths, writing, expected, higher):
    cohort = dp.Cohort(
        {
            "ethnicity": ["BCRB"],
            "ks2_reading": [reading],
            "ks2_maths": [maths],
            "ks2_writing": [writing],
        }
    )
    assert sums(cohort, "ks2_rwm_expected")["BCRB"] == (1, expected)
    assert sums(cohort, "ks2_rwm_higher")["BCRB"] == (1, higher)


def test_average_points_an_entry_are_a_ratio_of_sums():
    """(180 + 10) points of (3 + 1) entries are 47.5, not the mean of 60 and 10."""
    cohort = dp.Cohort(
        {
            "ethnicity": ["BCRB", "BCRB", "WBRI"],
            "ks5_points_academic": [180, 10, 40],
            "ks5_entries_academic": [3, 1, 1],
        }
    )
    got = keyed(cohort.gaps(["ks5_aps_academic"]))["BCRB",]
    assert got["group_value"] == 47.5


def test_group_that_is_everyone_has_no_gap():
    got = keyed(dp.Cohort({"ethnicity": ["BCRB"] * 20, "gld": [1, 0] * 10}).gaps(["gld"]))["BCRB",]
    assert got["finding"] == "not calculable" and "no_baseline" in got["reason"]
    assert got["difference"] is None and got["ratio"] is None and got["group_value"] == 50


def test_ratio_to_a_baseline_of_zero_is_typed_and_not_infinite():
    frame = {"ethnicity": ["BCRB"] * 30 + ["WBRI"] * 70, "gld": [1] * 3 + [0] * 97}
    got = keyed(dp.Cohort(frame).gaps(["gld"]))["BCRB",]
    assert got["ratio"] is None and "zero_baseline" in got["reason"]
    assert near(got["difference"], 10) and got["difference_lower"] is not None


def test_alternate_comparison_is_the_state():
    """18/120 against 5,000/100,000 of the state: 3.0."""

    def read(events, pupils):
        frame = pl.DataFrame({"group": ["BCRB"], "events": [events], "pupils": [pupils]})
        return dp.Tallies.from_counts(
            frame,
            measure="suspended_once",
            ethnicity="group",
            numerator="events",
            denominator="pupils",
            exhaustive=True,
        )

    gaps = read(18, 120).gaps(baseline=read(5000, 100000), baseline_label="the state")
    assert near(keyed(gaps)["BCRB",]["ratio"], 3.0)
