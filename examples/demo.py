"""The main job on real figures and on a synthetic authority; run it with `make demo`.

(a) Gaps of 18 ethnic groups to all other groups in England's suspensions of 2016/17 and key stage 4
results of 2017/18, from published counts (DfE; typed with their source in data-samples/).
(b) Gaps in every pupil-level measure, by year, in a synthetic authority: no real pupil.
"""

from __future__ import annotations

from pathlib import Path

import disprop as dp
import polars as pl

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data-samples"
OUT = ROOT / "out"

GROUPS = ["BCRB", "MWBC", "BSOM", "main"]


def write(gaps: dp.Gaps, name: str) -> None:
    """Write the tidy table, one row a gap, full precision."""
    OUT.mkdir(exist_ok=True)
    path = OUT / name
    pl.DataFrame(gaps).write_csv(path)
    print(f"→ {len(gaps)} gaps written to {path.relative_to(ROOT)}\n")


def publish(out: dp.Publication, name: str, area: str, about: str, code: str = "England") -> None:
    """Write a report, a workbook and open-data files of what was released."""
    words = {"area": area, "about": about}
    where = OUT if name == "" else OUT / name
    where.mkdir(exist_ok=True, parents=True)
    files = [
        out.report(where / "report.html", **words),
        out.excel(where / "gaps.xlsx", **words),
        *out.ees(where / "ees", area=code),
    ]
    withheld = sum(part.withheld for part in out.values())
    print(f"Disclosure control ({out.policy['name']}) withholds {withheld} results. Written:")
    for file in files[:2]:
        print(f"  → {Path(file).relative_to(ROOT)}")
    print(
        f"  → {len(files) - 2} open-data files with metadata in "
        f"{(where / 'ees').relative_to(ROOT)}/\n"
    )


def published() -> None:
    """Compute gaps from published counts: the total row is named, never inferred."""
    parts: dict[str, dp.Gaps] = {}
    print("═══ England, 2016/17: suspensions and permanent exclusions (published counts) ═══\n")
    exclusions = pl.read_csv(SAMPLES / "suspensions_england_201617.csv", infer_schema=False)
    for measure, column in [
        ("suspensions", "fixed_excl"),
        ("suspended_once", "one_plus_fixed"),
        ("permanent_exclusions", "perm_excl"),
    ]:
        tallies = dp.Tallies.from_counts(
            exclusions,
            measure=measure,
            ethnicity="characteristic",
            numerator=column,
            denominator="headcount",
            by=["time_period"],
            total="Total",
            rounded_to=5,
        )
        gaps = tallies.gaps()
        if measure == "suspensions":
            print(gaps)
            including = tallies.gaps(groups="BCRB", unclassified="include").to_dict()
            print(
                "With unclassified pupils among the others, Black Caribbean pupils' rate is "
                f"{including['group_value'][0]:.2f} per 100 against "
                f"{including['baseline_value'][0]:.2f}, ratio {including['ratio'][0]:.3f}.\n"
            )
        write(gaps, f"england_201617_{measure}.csv")
        parts[measure] = gaps

    print("═══ England, 2017/18: key stage 4 (published counts) ═══\n")
    results = pl.read_csv(SAMPLES / "ks4_england_201718.csv", infer_schema=False)
    for measure, column in [
        ("ks4_em_95", "t_l2basics_95"),
        ("ks4_em_94", "t_l2basics_94"),
        ("ks4_attainment8", "t_att8"),
        ("ks4_ebacc_aps", "t_ebaccaps"),
    ]:
        gaps = dp.Tallies.from_counts(
            results,
            measure=measure,
            ethnicity="characteristic",
            numerator=column,
            denominator="t_pupils",
            by=["time_period"],
            total="Total",
        ).gaps()
        if measure in {"ks4_em_95", "ks4_attainment8"}:
            print(gaps)
        write(gaps, f"england_201718_{measure}.csv")
        parts[measure] = gaps
    publish(
        dp.release(parts, dp.Policy.none(reason="counts that DfE has published already")),
        "england",
        "England",
        "Counts published by the Department for Education, Open Government Licence v3.0.",
    )


def synthetic() -> None:
    """Compute gaps from pupil rows: a synthetic authority over three years."""
    print("═══ A synthetic authority, three years, 60,000 pupils a year (no real pupil) ═══\n")
    cohort = dp.Cohort(dp.synth(pupils=60_000, years=3, seed=7))
    print(cohort)
    for finding in cohort.findings:
        print(f"  {finding.severity}: {finding}")
    tallies = cohort.tally(by=["year", "la", "school", "sex", "fsm"])
    gaps = tallies.gaps(by=["year"], groups=GROUPS)
    latest = sorted(set(gaps.to_dict()["year"]))[-1]
    print(f"\nThe latest year, {latest}, three groups:\n")
    print(tallies.only("year", latest).gaps(by=[], groups=["BCRB", "MWBC", "BSOM"]))
    write(gaps, "synthetic_authority_by_year.csv")
    write(
        tallies.gaps(by=["year", "sex", "fsm"], groups=GROUPS), "synthetic_authority_by_sex_fsm.csv"
    )
    main = tallies.gaps(by=["year"])
    publish(
        dp.release({"gaps": main, "changes": main.over_time()}, dp.Policy.preset("lt5")),
        "",
        "a synthetic authority",
        "All pupils are synthetic: no real pupil is in these figures.",
        "307=x=x",
    )


if __name__ == "__main__":
    published()
    synthetic()
    print(f"Everything is in {OUT.relative_to(ROOT)}/: one row a gap; a number that is not there")
    print("has a reason beside it. The CSV files at the top are raw results, not for publication;")
    print("report.html, gaps.xlsx and ees/ (here and in england/) went through disclosure control.")
    print(
        "The report of real figures is england/report.html; that of synthetic pupils report.html."
    )
