"""Key stage 4, early years, free school meals, level 3 by 19 and teachers; rates refused."""

from fractions import Fraction

import disprop as dp
import polars as pl
import pytest
from shared_data import MAIN, MAJOR, agree, aside, code, keyed, kinds, near, printed, rows, table

KS4 = "dfe-ks4-by-ethnicity"
KS4_FILE = f"{KS4}/ks4_national_char_201819_to_202122.csv"
EYFSP = "dfe-eyfsp-by-ethnicity"
EYFSP_FILE = f"{EYFSP}/EYFSP_National_1_key_measures_201213_to_201617.csv"
FSM_FILE = "dfe-fsm-by-la-ethnicity/spc_pupils_fsm_ethnicity_201819.csv"
LEVEL3 = "dfe-level2-3-by-19-ethnicity"
STAFF = "dfe-school-workforce-teachers-by-ethnicity"


def own(name, polarity="neither"):
    """Return a measure of one's own: the share of pupils with a flag."""
    return {"id": name, "label": name, "polarity": polarity, "quantity": {"flag": {"column": name}}}


def ks4(measure, numerator, group="All state-funded"):
    return dp.Tallies.from_counts(
        table(KS4_FILE),
        measure=measure,
        ethnicity="ethnicity_minor",
        numerator=numerator,
        denominator="t_pupils",
        by=["time_period"],
        where={"breakdown": "Ethnicity minor", "sex": "Total", "establishment_type_group": group},
        exhaustive=True,
    )


def test_every_row_of_72_key_stage_4_gaps_in_both_measures():
    expected = rows(f"{KS4}/expected_national_each_minor_group_vs_all_other_201819_to_202122.csv")
    points = keyed(ks4("ks4_attainment8", "t_att8").gaps(), "time_period")
    passes = keyed(ks4("ks4_em_95", "t_l2basics_95").gaps(), "time_period")
    for want in expected:
        key = want["time_period"], code(want["group"])
        pupils, others = want["t_pupils"], want["others_t_pupils"]
        got = points[key]
        agree(got, (want["t_att8"], pupils), (want["others_t_att8"], others), factor=1)
        assert printed(got["difference"], want["att8_gap_unrounded"], 4), (want, got)
        assert printed(got["group_value"], want["avg_att8_published"], 1), (want, got)
        got = passes[key]
        agree(got, (want["t_l2basics_95"], pupils), (want["others_t_l2basics_95"], others))
        assert printed(got["difference"], want["pt_95_gap_pp"], 4), (want, got)
        assert printed(got["group_value"], want["pt_95_published"], 1), (want, got)
        assert got["difference_lower"] < got["difference"] < got["difference_upper"]
    assert len(expected) == 72


def eyfsp(level, **options):
    return dp.Tallies.from_counts(
        table(EYFSP_FILE),
        measure="gld",
        ethnicity="characteristic_type",
        numerator="gld_number",
        denominator="number_of_pupils",
        by=["time_period", "gender"],
        where={"characteristic": [f"Ethnicity: {level} group", " "]},
        total=" ",
        **options,
    )


def test_every_row_of_390_early_years_gaps_to_all_pupils_and_to_all_other_groups():
    """Against all pupils: the row with a blank label is the total, unclassified pupils in it.

    Unclassified pupils are no group to the library, so their 30 rows are read with labels taken as
    groups of their own; the file has a gap to all pupils for them and none to other groups.
    """
    expected = rows(f"{EYFSP}/expected_gld_gaps_201213_to_201617.csv")
    by, whole = ("time_period", "gender"), {"baseline": "overall", "unclassified": "include"}
    minor = eyfsp("minor", group_level="main")
    major = eyfsp("major", group_level="major", chinese="own")
    to_all = {"minor": keyed(minor.gaps(**whole), *by), "major": keyed(major.gaps(**whole), *by)}
    to_others = {"minor": keyed(minor.gaps(), *by), "major": keyed(major.gaps(), *by)}
    labels = {
        level: keyed(eyfsp(level, codes="own").gaps(**whole), *by) for level in ("minor", "major")
    }
    unclassified = 0
    for want in expected:
        level = "minor" if "minor" in want["level"] else "major"
        place, label = (want["time_period"], want["gender"]), want["group"]
        mine = want["gld_number"], want["number_of_pupils"]
        everyone = want["all_gld_number"], want["all_pupils"]
        if label == "unclassified":
            got = labels[level][(*place, label)]
            unclassified += 1
            assert want["others_num"] is None
        else:
            group = code(label) if level == "minor" else MAJOR[label.lower()]
            got = to_all[level][(*place, group)]
            other = to_others[level][(*place, group)]
            agree(other, mine, (want["others_num"], want["others_den"]))
            assert printed(other["difference"], want["gap_vs_all_other_known_pp"], 4)
            assert printed(other["ratio"], want["rate_ratio_vs_all_other_known"], 4)
        agree(got, mine, everyone)
        assert printed(got["difference"], want["gap_vs_all_pupils_published"], 1), (want, got)
        assert printed(got["group_value"], want["gld_percent_published"], 0), (want, got)
    assert (len(expected), unclassified) == (390, 30)


def test_every_authority_and_group_of_free_school_meals():
    """All published percentages of 18 groups, and the baseline from the file's own total row.

    The others are everyone less the unclassified less the group. Rows of nobody are absent, so the
    two statuses are places of their own.
    """
    by = ["geographic_level", "region_code", "new_la_code", "phase_type_grouping"]
    by.append("fsm_eligibility")
    frame = table(FSM_FILE)
    tallies = dp.Tallies.from_counts(
        frame,
        measure=own("known_to_be_eligible"),
        ethnicity="characteristic",
        numerator="number_of_pupils",
        denominator="denominator",
        by=by,
        total="Total",
    )
    assert kinds(tallies.findings) == set()
    found = keyed(tallies.gaps(), *by)
    places, compared = {}, 0
    for row in frame.to_dicts():
        places.setdefault(tuple(row[name] or None for name in by), {})[row["characteristic"]] = row
    for place, groups in places.items():

        def sums(label, groups=groups):
            row = groups.get(label, {"number_of_pupils": 0, "denominator": 0})
            return Fraction(row["number_of_pupils"]), Fraction(row["denominator"])

        known = [a - b for a, b in zip(sums("Total"), sums("Unclassified"), strict=True)]
        for label, row in groups.items():
            if label in ("Total", "Unclassified"):
                continue
            got = found[(*place, code(label.rpartition(" - ")[2]))]
            mine = sums(label)
            assert printed(got["group_value"], row["percent_of_pupils"], 2), (row, got)
            others = [a - b for a, b in zip(known, mine, strict=True)]
            if others[1] > 0:
                agree(got, mine, others)
            else:
                assert got["difference"] is None and got["reason"], got
            compared += 1
    skipped = frame.filter(pl.col("characteristic").is_in(["Total", "Unclassified"])).height
    assert compared == frame.height - skipped == 16986


def test_every_row_of_216_level_3_gaps():
    expected = rows(f"{LEVEL3}/expected_level3_each_group_vs_all_other.csv")
    tallies = dp.Tallies.from_counts(
        table(f"{LEVEL3}/level_2_3_attainment_by_19_national_ethnicity.csv"),
        measure=own("level_3_by_19", "higher_is_better"),
        ethnicity="characteristic_ethnic_minority",
        numerator="l3_by19",
        denominator="number_in_ss_cohort",
        by=["time_period"],
        where={"characteristic_group": "Ethnicity Minor"},
        exhaustive=True,
    )
    found = keyed(tallies.gaps(), "time_period")
    for want in expected:
        got = found[want["time_period"], code(want["group"])]
        agree(
            got,
            (want["group_num"], want["group_den"]),
            (want["others_num"], want["others_den"]),
        )
        assert printed(got["group_value"], want["pct_published"], 8), (want, got)
        assert printed(got["difference"], want["gap_pp"], 4), (want, got)
        assert printed(got["ratio"], want["rate_ratio"], 4), (want, got)
    assert len(expected) == 216


def test_every_row_of_100_teacher_shares_of_known_ethnicity():
    """A composition has no outcome: shares come of the exact sums, coverage of the gaps."""
    expected = rows(f"{STAFF}/expected_teacher_share_201920_to_202021.csv")
    region = pl.col("region_name")
    area = (
        pl.when(pl.col("geographic_level") == "National")
        .then(pl.lit("England"))
        .when(region.str.ends_with("London"))
        .then(pl.lit("London"))
        .otherwise(region)
    )
    frame = table(f"{STAFF}/teachers_by_ethnicity_region_201920_to_202021.csv")
    tallies = dp.Tallies.from_counts(
        frame.with_columns(area.alias("area")),
        measure=own("teachers"),
        ethnicity="characteristic",
        numerator="headcount",
        denominator="headcount",
        by=["time_period", "area", "region_name"],
        where={"characteristic_group": "Ethnicity Minor"},
        exhaustive=True,
    ).roll_up(["time_period", "area"])
    assert "fractional_counts" in kinds(tallies.findings)
    sums = {}
    for row in tallies.to_polars().to_dicts():
        place = sums.setdefault((row["time_period"], row["area"]), {})
        place[row["ethnicity"]] = row
    coverage = keyed(tallies.gaps(groups=["AIND"]), "time_period", "area")
    majors = {
        "White": ["WBRI", "WIRI", "WOTH"],
        "Mixed": ["MWBC", "MWBA", "MWAS", "MOTH"],
        "Asian (incl. Chinese)": ["AIND", "APKN", "ABAN", "AOTH", "CHNE"],
        "Black": ["BCRB", "BAFR", "BOTH"],
        "Other": ["OOTH"],
    }
    for want in expected:
        place = sums[want["time_period"], want["area"]]
        known = sum(row["x"] for row in place.values() if row["kind"] == "classified")
        group = sum(place[name]["x"] for name in majors[want["group"]] if name in place)
        # The majors of the file were summed before it was rounded: they agree within 1e-4.
        assert near(float(group), want["teachers_headcount"], rtol=1e-6, atol=2e-4), want
        assert near(float(known - group), want["other_known_teachers"], atol=5e-4), want
        assert printed(float(100 * group / known), want["teacher_share_of_known_pct"], 4), want
        everyone = sum(row["x"] for row in place.values())
        got = coverage[want["time_period"], want["area"], "AIND"]
        assert near(got["coverage"], float(known) / float(everyone)), want
    assert len(expected) == 100


def test_refused_and_not_obtained_beside_each_other_are_two_rows():
    """The workforce files list both; together they are the unclassified."""
    frame = {
        "group": ["White British", "Indian", "Refused", "Information not yet obtained"],
        "events": [10, 20, 3, 4],
        "pupils": [100, 100, 10, 30],
    }
    tallies = dp.Tallies.from_counts(
        frame,
        measure="suspended_once",
        ethnicity="group",
        numerator="events",
        denominator="pupils",
        exhaustive=True,
    )
    got = keyed(tallies.gaps(unclassified="include"))["AIND",]
    agree(got, (20, 100), (17, 140))
    assert near(got["coverage"], 200 / 240)


def test_rates_without_counts_are_refused_with_what_to_ask_for():
    frame = table("dfe-lait-la-ethnicity-rates/lait_ethnicity_measures.csv")
    measures = frame["Short Desc"].unique().to_list()
    assert len(measures) == 25 and frame.height == 39950
    for short in measures:
        with pytest.raises(dp.DataError) as refusal:
            dp.Tallies.from_counts(
                frame.filter(pl.col("Short Desc") == short),
                measure="ks2_rwm_expected",
                ethnicity="Data item",
                numerator="Values",
                by={"year": "Years", "la": "LA and Regions"},
                exhaustive=True,
            )
        found = refusal.value.findings
        assert kinds(found) == {"rates_without_counts"}
        assert "ask the publisher for the number of pupils" in found[0].hint


@pytest.mark.parametrize(
    ("path", "column", "where", "groups", "left"),
    [
        (KS4_FILE, "ethnicity_minor", {"breakdown": "Ethnicity minor"}, 18, 0),
        (EYFSP_FILE, "characteristic_type", {"characteristic": "Ethnicity: minor group"}, 18, 0),
        (FSM_FILE, "characteristic", {"characteristic_group": "Ethnicity"}, 18, 0),
        (
            f"{STAFF}/teachers_by_ethnicity_region_201920_to_202021.csv",
            "characteristic",
            {"geographic_level": "National", "time_period": "202021"},
            16,
            5,
        ),
    ],
)
def test_every_label_is_a_group_or_said_to_be_set_aside(path, column, where, groups, left):
    """A row number makes each row a place, so that only labels are under test."""
    frame = table(path).with_row_index("row").with_columns(pl.lit(1).alias("one"))
    tallies = dp.Tallies.from_counts(
        frame.with_columns(pl.col("row").cast(pl.String)),
        measure="suspensions",
        ethnicity=column,
        numerator="one",
        denominator="one",
        by=["row"],
        where=where,
        exhaustive=True,
    )
    leaves = set(tallies.to_polars().filter(pl.col("kind") == "classified")["ethnicity"])
    assert leaves <= set(MAIN) and len(leaves) == groups
    assert aside(tallies) == left


def test_a_group_of_nobody_has_no_pupils_in_every_family():
    """A blank number beside `no_group` would be a zero that only the careful reader sees."""
    counts = {"g": ["Chinese", "Indian", "Pakistani"], "x": [0, 900, 1000], "n": [0, 20, 25]}
    said = {"ethnicity": "g", "numerator": "x", "denominator": "n", "exhaustive": True}
    tallies = dp.Tallies.from_counts(counts, measure="ks4_attainment8", **said)
    gaps = tallies.gaps().to_dict()
    nobody = gaps["group"].index("CHNE")
    assert gaps["group_n"][nobody] == 0 and gaps["group_value"][nobody] is None
    assert "no_group" in gaps["reason"][nobody]
    released = tallies.gaps().release(dp.Policy(threshold=5, show_zeros=False)).to_dict()
    assert released["finding"][nobody] == "withheld" and released["group_n"][nobody] is None
