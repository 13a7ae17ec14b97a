"""England's absence by ethnic group, 2012/13 to 2016/17: every row, and what it mirrors."""

from fractions import Fraction

import disprop as dp
import polars as pl
import pytest
from shared_data import MAIN, agree, aside, code, keyed, kinds, printed, rows, table

FILE = "dfe-absence-by-ethnicity/absence_natcharacteristics.csv"
EXPECTED = "dfe-absence-by-ethnicity/expected_each_group_vs_all_other.csv"
BY = ["year", "school_type"]
MEASURES = {
    "overall_absence": ("absence", "sess_overall", "sess_possible"),
    "persistent_absence": ("persistent_absence", "enrolments_PA_10_exact", "enrolments"),
}


def read(measure, numerator, denominator, frame=None):
    return dp.Tallies.from_counts(
        table(FILE) if frame is None else frame,
        measure=measure,
        ethnicity="characteristic",
        numerator=numerator,
        denominator=denominator,
        pupils="enrolments",
        by=BY,
        exhaustive=True,
    )


def test_every_row_of_720_gaps_to_all_other_groups():
    expected = rows(EXPECTED)
    found = {name: keyed(read(*m).gaps(), *BY) for name, m in MEASURES.items()}
    assert {name: len(found[name]) for name in found} == dict.fromkeys(MEASURES, 360)
    for want in expected:
        got = found[want["measure"]][want["year"], want["school_type"], code(want["group"])]
        agree(
            got,
            (want["group_num"], want["group_den"]),
            (want["others_num"], want["others_den"]),
        )
        assert printed(got["difference"], want["gap_pp"], 4), (want, got)
        assert printed(got["ratio"], want["rate_ratio"], 4), (want, got)
        assert printed(got["group_value"], want["group_pct_computed"], 1), (want, got)
        assert printed(got["baseline_value"], want["others_pct_computed"], 1), (want, got)
        if want["measure"] == "overall_absence":
            assert printed(got["group_value"], want["group_pct_published"], 1), (want, got)
    assert len(expected) == 720


def test_others_are_the_sum_of_raw_rows_of_known_groups():
    """The baseline, added up in fractions from the raw file and no expected one."""
    raw = table(FILE).filter(pl.col("characteristic").str.starts_with("Ethnicity_"))
    majors_alone = ["Ethnicity_Major_Chinese", "Ethnicity_Major_Any_Other_Ethnic_Group"]
    minor = raw.filter(
        pl.col("characteristic").str.starts_with("Ethnicity_Minor_")
        | pl.col("characteristic").is_in(majors_alone)
    )
    sums = {}
    for row in minor.to_dicts():
        label = row["characteristic"].split("_", 2)[2]
        place = sums.setdefault((row["year"], row["school_type"]), {})
        place[code(label)] = (Fraction(row["sess_overall"]), Fraction(row["sess_possible"]))
    found = keyed(read(*MEASURES["overall_absence"]).gaps(), *BY)
    compared = 0
    for place, groups in sums.items():
        assert sorted(groups) == MAIN
        for group, own in groups.items():
            rest = [sums for name, sums in groups.items() if name != group]
            others = tuple(sum(column) for column in zip(*rest, strict=True))
            agree(found[(*place, group)], own, others)
            compared += 1
    assert compared == 360


def test_minority_row_is_the_baseline_of_white_british():
    raw = table(FILE).filter(pl.col("characteristic") == "Ethnicity_Minority_Ethnic_Group")
    found = keyed(read(*MEASURES["overall_absence"]).gaps(groups=["WBRI"]), *BY)
    for row in raw.to_dicts():
        got = found[row["year"], row["school_type"], "WBRI"]
        want = 100 * Fraction(row["sess_overall"]) / Fraction(row["sess_possible"])
        assert got["baseline_value"] == pytest.approx(float(want), rel=1e-9)
    assert raw.height == 20


def test_attendance_is_the_mirror_of_absence_to_the_bit():
    """Attendance is declared on sessions missed, in published figures as in pupil rows."""
    absence = keyed(read("absence", "sess_overall", "sess_possible").gaps(), *BY)
    attended = keyed(read("attendance", "sess_overall", "sess_possible").gaps(), *BY)
    assert absence.keys() == attended.keys() and len(absence) == 360
    for key, a in absence.items():
        b = attended[key]
        assert b["difference"] == -a["difference"], key
        assert b["excess"] == -a["excess"], key
        # Published sessions have no second moment, so there is no interval to be as wide.
        for end in ("difference_lower", "difference_upper", "group_lower", "group_upper"):
            assert a[end] is None and b[end] is None
        assert "no_second_moment" in a["reason"] and "no_second_moment" in b["reason"]


def test_every_label_is_a_group_or_named_as_set_aside():
    tallies = read(*MEASURES["overall_absence"])
    assert kinds(tallies.findings) == {"set_aside"}
    labels = table(FILE)["characteristic"].unique().to_list()
    leaves = set(tallies.to_polars()["ethnicity"])
    assert leaves == {*MAIN, "UNCL"}
    # 19 labels are leaves; the message quotes some of the rest and counts all of them.
    assert aside(tallies) == len(labels) - 19 == 50
