"""What leaves: policies, released tables, what is published together."""

from __future__ import annotations

import pathlib

import disprop as dp
import pytest

GAPS = ["persistent_absence", "severe_absence"]


@pytest.fixture(scope="module")
def cohort() -> dp.Cohort:
    return dp.Cohort(dp.synth(pupils=6_000, years=2, seed=7))


def test_a_withheld_row_holds_no_number(cohort: dp.Cohort) -> None:
    out = cohort.gaps(GAPS, by=["school", "year"]).release(dp.Policy.preset("lt5"))
    frame = out.to_polars()
    withheld = frame.filter(frame["finding"] == "withheld")
    assert withheld.height == out.withheld > 0
    numbers = [name for name, kind in withheld.schema.items() if kind.is_numeric()]
    for name in set(numbers) - {"level"}:
        assert withheld[name].null_count() == withheld.height, name
    assert set(withheld["reason"]) == {"withheld"}


def test_no_shown_count_is_small(cohort: dp.Cohort) -> None:
    out = cohort.gaps(GAPS, by=["school"]).release(dp.Policy.preset("lt10"))
    frame = out.to_polars().filter(out.to_polars()["finding"] != "withheld")
    for name in ("group_n", "baseline_n"):
        assert ((frame[name] == 0) | (frame[name] >= 10)).all()


def test_the_public_log_tells_no_row_from_another(cohort: dp.Cohort) -> None:
    gaps = cohort.gaps(GAPS, by=["school"])
    public = gaps.release(dp.Policy(threshold=5)).log
    assert public.columns == ["table", "measure", "rule", "why"]
    internal = gaps.release(dp.Policy(threshold=5, audience="internal"))
    assert len(internal.log) == internal.withheld


def test_what_is_published_together_is_withheld_together(cohort: dp.Cohort) -> None:
    years = cohort.gaps(GAPS, by="year")
    tables = {"years": years, "pooled": cohort.gaps(GAPS), "changes": years.over_time()}
    out = dp.release(tables, dp.Policy.preset("lt10"))
    assert out.keys() == ["years", "pooled", "changes"]
    hidden = out["years"].to_polars().filter(out["years"].to_polars()["finding"] == "withheld")
    changes = out["changes"].to_polars()
    pairs = set(zip(hidden["measure"], hidden["group"], strict=True))
    for row in changes.iter_rows(named=True):
        gone = row["finding"] == "withheld"
        assert gone == ((row["measure"], row["group"]) in pairs)
        assert gone == (row["change"] is None or row["reason"] == "withheld")


def test_a_table_without_its_gaps_is_not_checked_and_so_withheld(cohort: dp.Cohort) -> None:
    changes = cohort.gaps(GAPS, by="year").over_time()
    out = dp.release({"changes": changes}, dp.Policy.preset("lt5"))
    assert out["changes"].withheld == len(changes)


def test_policies() -> None:
    policy = dp.Policy.from_toml('name = "ours"\nthreshold = 6\naudience = "governors"')
    assert (policy.name, policy.audience, policy.threshold) == ("ours", "governors", 6)
    assert dp.Policy.from_toml(policy.to_toml()) == policy
    with pytest.raises(TypeError):
        dp.Policy()  # type: ignore[call-arg]
    with pytest.raises(dp.ReleaseError) as failed:
        dp.Policy.none(" ")
    assert failed.value.code == "policy.bad"
    with pytest.raises(dp.OptionError):
        dp.Policy.preset("lt7")


def test_the_stamp_is_on_every_output(cohort: dp.Cohort) -> None:
    policy = dp.Policy.preset("lt5")
    out = dp.release({"a": cohort.gaps(GAPS)}, policy)
    assert out["a"].policy["hash"] == policy.hash == out.trail()["policy"]["hash"]
    assert out["a"].trail(inputs={"f.csv": "00"})["inputs"] == {"f.csv": "00"}
    assert policy.describe() in out["a"].note


def test_a_released_table_stands_up_to_the_attacker(cohort: dp.Cohort) -> None:
    policy = dp.Policy.preset("lt5")
    out = cohort.gaps("persistent_absence", by=["year"]).release(policy)
    found = dp.audit({"gaps": out}, policy=policy, dimensions=["year"]).to_dict()
    assert len(found["range"]) == out.withheld
    assert set(found["range"]) <= {"safe"}
    assert "pupils_least" not in found


def test_the_command_finds_what_one_subtraction_gives_away(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from disprop.cli import main

    file = tmp_path / "theirs.csv"
    file.write_text(
        "ethnicity,pupils,rate,group,baseline_n,baseline_value\n"
        "x,30,20.0,a,100,9.0\nx,60,10.0,b,70,12.9\nx,c,c,c,c,c\n",
        encoding="utf-8",
    )
    words = ["audit", str(file), "--threshold", "5", "--column", "group_n=pupils"]
    assert main([*words, "--column", "group_value=rate"]) == 1
    said = capsys.readouterr()
    assert "worked out" in said.out
    assert "pupils_least" not in said.out


def test_a_group_that_was_published_as_withheld_takes_no_other_with_it_under_none():
    counts = {
        "group": ["WBRI", "BCRB", "AIND", "CHNE", "Total"],
        "excluded": ["60", "9", "7", "x", "80"],
        "pupils": [300, 90, 60, 45, 495],
    }
    tallies = dp.Tallies.from_counts(
        counts, measure="permanent_exclusions", ethnicity="group", numerator="excluded",
        denominator="pupils", total="Total",
    )  # fmt: skip

    def withheld(policy):
        rows = tallies.gaps().release(policy).to_dict()
        found = zip(rows["group"], rows["finding"], strict=True)
        return {group for group, finding in found if finding == "withheld"}

    assert withheld(dp.Policy.none(reason="published already")) == {"CHNE"}
    # The total less the others would tell it, so that one more goes.
    assert len(withheld(dp.Policy.preset("lt5"))) == 2


def test_schools_that_no_gaps_of_the_release_tell_apart_do_not_leave():
    tallies = dp.Cohort(dp.synth(6000, years=1, seed=7)).tally(
        "persistent_absence", ["year", "school"]
    )
    gaps, funnel = tallies.gaps(by=["year"]), tallies.funnel(by=["year"])
    policy = dp.Policy.preset("lt5")
    rows = dp.release({"gaps": gaps, "funnel": funnel}, policy)["funnel"].to_dict()
    assert set(rows["group_n"]) == {None}
    by_school = tallies.gaps(by=["year", "school"])
    together = dp.release({"gaps": gaps, "by school": by_school, "funnel": funnel}, policy)
    shown = [n for n in together["funnel"].to_dict()["group_n"] if n is not None]
    assert shown and min(n for n in shown if n) >= 5


def test_a_figure_over_few_withheld_gaps_stays_back(cohort: dp.Cohort) -> None:
    """One equation over two withheld gaps could tell both; over many it tells neither."""
    by_fsm = cohort.gaps(GAPS, by=["fsm"])
    adjusted = cohort.tally(GAPS, by=["fsm"]).adjusted(["fsm"], by=[])
    policy = dp.Policy.preset("lt10")
    out = dp.release({"all": cohort.gaps(GAPS), "fsm": by_fsm, "adjusted": adjusted}, policy)
    fsm, shown = out["fsm"].to_polars(), out["all"].to_polars()
    gone = fsm.filter(fsm["finding"] == "withheld")
    beneath = set(zip(gone["measure"], gone["group"], strict=True))
    open_ = shown.filter(shown["finding"] != "withheld")
    kept = set(zip(open_["measure"], open_["group"], strict=True))
    assert beneath & kept
    frame = out["adjusted"].to_polars()
    for row in frame.iter_rows(named=True):
        key = (row["measure"], row["group"])
        assert (row["finding"] == "withheld") == (key in beneath or key not in kept), key
    # Where the gaps by FSM are not published, nothing is hidden there.
    alone = dp.release({"all": cohort.gaps(GAPS), "adjusted": adjusted}, policy)
    assert alone["adjusted"].withheld < out["adjusted"].withheld


def test_tables_in_a_ring_leave_together(cohort: dp.Cohort) -> None:
    """Each two of them have a dimension in common, and no table holds all three."""
    cuts = [["year", "sex"], ["sex", "fsm"], ["fsm", "year"]]
    policy = dp.Policy.preset("lt5")
    of = {"-".join(by): cohort.gaps("persistent_absence", by=by) for by in cuts}
    ring = dp.release(of, policy)
    shown = {name: len(gaps) - ring[name].withheld for name, gaps in of.items()}
    assert all(shown.values()), shown
    # What two tell of each other, a third tells as well.
    two = dp.release(dict(list(of.items())[:2]), policy)
    assert all(ring[name].withheld >= two[name].withheld for name in list(of)[:2])


def test_schools_of_the_last_year_add_up_to_that_year(cohort: dp.Cohort, tmp_path) -> None:
    tallies = cohort.tally("persistent_absence", by=["year", "school"])
    kept = tmp_path / "latest.parquet"
    tallies.only("year", "2023/24").save(kept)
    for latest in (tallies.only("year", "2023/24"), dp.Tallies.load(kept)):
        parts = {"years": tallies.gaps(by="year"), "schools": latest.gaps(by="school")}
        out = dp.release(parts, dp.Policy.preset("lt5"))
        years, schools = (out[name].to_polars() for name in parts)
        shown = years.filter((years["year"] == "2023/24") & years["group_n"].is_not_null())
        assert shown.height > 0
        for group in shown["group"]:
            rows = schools.filter(schools["group"] == group)
            # The year less the schools that are shown must not be one school.
            assert rows.filter(rows["finding"] == "withheld").height != 1, group


def test_one_value_beside_all_is_refused(cohort: dp.Cohort) -> None:
    tallies = cohort.tally("persistent_absence", by=["sex"])
    girls, policy = tallies.only("sex", "F").gaps(), dp.Policy.preset("lt5")
    with pytest.raises(dp.ReleaseError, match="one value of `sex` stands beside one of all") as e:
        dp.release({"girls": girls, "all": tallies.gaps(by=[])}, policy)
    assert e.value.hint and "publish the table by `sex`" in e.value.hint
    # Alone, and beside the table that holds boys as well, it may leave.
    dp.release({"girls": girls}, policy)
    dp.release({"girls": girls, "all": tallies.gaps(by=[]), "sex": tallies.gaps(by="sex")}, policy)


def test_a_number_of_pupils_shown_for_one_measure_is_known_for_all(cohort: dp.Cohort) -> None:
    out = dp.release(
        {
            "by sex": cohort.gaps("severe_absence", by="sex"),
            "overall": cohort.gaps("persistent_absence"),
        },
        dp.Policy.preset("lt5"),
    )
    by_sex, overall = out["by sex"].to_polars(), out["overall"].to_polars()
    told = overall.filter(overall["group_n"].is_not_null())
    for group, n in zip(told["group"], told["group_n"], strict=True):
        rows = by_sex.filter(by_sex["group"] == group)
        hidden = rows.filter(rows["finding"] == "withheld")
        assert hidden.height != 1 or rows["group_n"].null_count() != 1, (group, n)


def test_the_authority_keeps_its_rows_where_schools_protect_each_other() -> None:
    cohort = dp.Cohort(dp.synth(pupils=20_000, years=2, seed=3))
    tallies = cohort.tally([*GAPS, "suspensions"], by=["year", "school"])
    years, policy = tallies.gaps(by="year"), dp.Policy.preset("lt5")
    schools = tallies.only("year", "2023/24").gaps(by="school")
    both = dp.release({"years": years, "schools": schools}, policy)["years"]
    assert both.withheld <= years.release(policy).withheld + 2


PARTS = {
    "severe_absence": "persistent_absence",
    "suspended_twice": "suspended_once",
    "ks2_rwm_higher": "ks2_rwm_expected",
    "ks4_em_95": "ks4_em_94",
    "he_high_tariff": "he",
}


@pytest.mark.parametrize("seed", range(1, 13))
def test_a_measure_that_is_part_of_another_is_not_narrowed_by_it(seed: int) -> None:
    # Releases take the two as unrelated. A reader knows better: no more pupils have the one than
    # the other, and the withheld ones add up to what the shown ones leave of the whole.
    cohort = dp.Cohort(dp.synth(pupils=(3_000, 8_000, 20_000)[seed % 3], years=1, seed=seed))
    gaps = cohort.gaps([*PARTS, *PARTS.values()])
    raw, out = gaps.to_polars(), gaps.release(dp.Policy.preset("lt5")).to_polars()

    def events(measure: str) -> dict[str, int]:
        rows = raw.filter(raw["measure"] == measure).iter_rows(named=True)
        return {
            r["group"]: round((r["group_n"] or 0) * (r["group_value"] or 0) / 100) for r in rows
        }

    def hidden(measure: str) -> set[str]:
        rows = out.filter((out["measure"] == measure) & (out["finding"] == "withheld"))
        return set(rows["group"])

    for part, whole in PARTS.items():
        mine, theirs, gone = events(part), events(whole), hidden(part)
        left = sum(mine[group] for group in gone)
        most = {g: left if g in hidden(whole) else min(theirs[g], left) for g in gone}
        for group in gone if left >= 5 else ():
            least = max(0, left - sum(most[other] for other in gone - {group}))
            assert most[group] - least >= 5 or most[group] == 0, (part, group)
