//! Adjusted gaps, decompositions, segregation and evaluation, from pupil rows to their tables.

use disprop::adjust::{AdjustOptions, Adjusted, Method};
use disprop::decompose::{DecomposeOptions, Decomposed, Split, Weighting};
use disprop::evaluate::{Arm, EvaluateOptions, Evaluation, Programme, Statistic};
use disprop::gaps::{Baseline, GroupChoice, Unclassified, Verdict};
use disprop::{Cohort, Columns, GapOptions, Tallies, measure};
use disprop_stats::mantel_haenszel::{self, DifferenceVariance};
use disprop_stats::stratum::Stratum;
use disprop_stats::{Level, NotCalculable, Proportion};
use polars::prelude::df;
use proptest::prelude::*;

/// Pupils alike: code, FSM, school, year, their number and how many reach a good level.
type Alike = (&'static str, u8, u16, u16, u32, u32);

fn cohort(cells: &[Alike]) -> Cohort {
    let (mut code, mut fsm, mut school, mut year, mut gld) =
        (vec![], vec![], vec![], vec![], vec![]);
    for (c, f, s, y, n, reached) in cells {
        for pupil in 0..*n {
            code.push(*c);
            fsm.push(*f);
            school.push(i64::from(*s));
            year.push(format!("{}/{:02}", y, (y + 1) % 100));
            gld.push(u8::from(pupil < *reached));
        }
    }
    let frame = df!(
        "ethnicity" => code, "fsm" => fsm, "urn" => school, "year" => year, "gld" => gld,
    );
    Cohort::new(frame.unwrap(), Columns::npd()).unwrap()
}

fn tallies(cells: &[Alike], by: &[&str]) -> Tallies {
    let gld = measure("gld").unwrap();
    cohort(cells).tally(&[gld], by).unwrap()
}

fn black_caribbean() -> GapOptions {
    GapOptions {
        groups: vec![GroupChoice::Code("BCRB".into())],
        by: Some(Vec::new()),
        ..GapOptions::default()
    }
}

fn adjusted(tallies: &Tallies, strata: &[&str], methods: &[Method]) -> Adjusted {
    let options = AdjustOptions {
        gaps: black_caribbean(),
        strata: strata.iter().map(ToString::to_string).collect(),
        methods: methods.to_vec(),
        cluster: None,
    };
    tallies.adjusted(&options).unwrap()
}

fn decomposed(tallies: &Tallies, over: &[&str], split: Split) -> Decomposed {
    let options = DecomposeOptions {
        gaps: black_caribbean(),
        over: over.iter().map(ToString::to_string).collect(),
        split,
        cluster: None,
    };
    tallies.decompose(&options).unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 + 1e-9 * b.abs()
}

const TWO: &[Alike] = &[
    ("BCRB", 1, 1, 2023, 40, 14),
    ("BCRB", 0, 1, 2023, 20, 12),
    ("WBRI", 1, 1, 2023, 50, 20),
    ("AIND", 1, 1, 2023, 30, 15),
    ("WBRI", 0, 1, 2023, 150, 100),
    ("AIND", 0, 1, 2023, 60, 50),
];

#[test]
fn mantel_haenszel_from_rows_is_that_of_the_tables() {
    let row = adjusted(&tallies(TWO, &["fsm"]), &["fsm"], &[]).rows[0].clone();
    let tables = [
        Stratum::new(Proportion::new(12, 20), Proportion::new(150, 210)),
        Stratum::new(Proportion::new(14, 40), Proportion::new(35, 80)),
    ];
    assert_eq!(row.method, Method::MantelHaenszel);
    let want = mantel_haenszel::difference(&tables, DifferenceVariance::Sato).unwrap();
    assert_eq!(row.difference.value, Ok(want.estimate));
    assert_eq!(row.difference.interval, want.interval(Level::P95));
    assert_eq!(
        row.ratio.value,
        mantel_haenszel::ratio(&tables).map(|e| e.estimate)
    );
    assert_eq!(
        row.odds_ratio.value,
        mantel_haenszel::odds_ratio(&tables).map(|e| e.estimate)
    );
    assert_eq!(row.homogeneity, mantel_haenszel::homogeneity(&tables, true));
    assert_eq!((row.support.strata, row.support.compared), (2, 2));
    assert_eq!((row.raw.group.n, row.raw.baseline.n), (Some(60), Some(290)));
}

#[test]
fn one_stratum_is_the_crude_gap_whatever_the_method() {
    let one: Vec<Alike> = TWO.iter().map(|c| (c.0, 1, c.2, c.3, c.4, c.5)).collect();
    let found = adjusted(&tallies(&one, &["fsm"]), &["fsm"], &Method::ALL);
    assert_eq!(found.rows.len(), 5);
    for row in &found.rows {
        let raw = row.raw.difference.value.unwrap();
        assert!(near(row.difference.value.unwrap(), raw), "{:?}", row.method);
        assert!(
            near(row.ratio.value.unwrap(), row.raw.ratio.value.unwrap()),
            "{:?}",
            row.method
        );
        if row.odds_ratio.method == "logistic" {
            assert!(near(
                row.odds_ratio.value.unwrap(),
                row.raw.odds_ratio.value.unwrap()
            ));
        }
    }
}

#[test]
fn a_stratum_without_a_counterpart_is_counted_and_said() {
    let mut cells = TWO.to_vec();
    cells.push(("BCRB", 1, 2, 2023, 5, 1));
    cells.push(("WBRI", 0, 3, 2023, 7, 1));
    let found = adjusted(
        &tallies(&cells, &["fsm", "urn"]),
        &["fsm", "urn"],
        &Method::ALL,
    );
    for row in &found.rows {
        assert_eq!(row.support.group_unmatched, 5);
        assert_eq!(row.support.baseline_unmatched, 7);
        assert_eq!((row.support.strata, row.support.compared), (4, 2));
        assert!(near(row.support.kept, 60.0 / 65.0));
        assert!(row.difference.interval.is_ok(), "{:?}", row.method);
    }
}

#[test]
fn no_overlap_at_all_is_a_reason_and_not_a_number() {
    let cells: &[Alike] = &[("BCRB", 1, 1, 2023, 20, 5), ("WBRI", 0, 1, 2023, 20, 9)];
    for row in adjusted(&tallies(cells, &["fsm"]), &["fsm"], &Method::ALL).rows {
        assert_eq!(
            row.difference.value,
            Err(NotCalculable::NoCounterpart),
            "{:?}",
            row.method
        );
        assert!(row.raw.difference.value.is_ok());
        assert!(
            row.reasons()
                .contains("no_counterpart (adjusted_difference)")
        );
    }
    let parts = decomposed(&tallies(cells, &["fsm"]), &["fsm"], Split::Kitagawa);
    assert_eq!(parts.rows[1].value, Err(NotCalculable::NoCounterpart));
    let alone: &[Alike] = &[("BCRB", 1, 1, 2023, 20, 5)];
    for row in adjusted(&tallies(alone, &["fsm"]), &["fsm"], &Method::ALL).rows {
        assert_eq!(
            row.difference.value,
            Err(NotCalculable::NoBaseline),
            "{:?}",
            row.method
        );
    }
}

#[test]
fn everybody_or_nobody_reaching_it_has_a_difference_and_typed_ratios() {
    let none: Vec<Alike> = TWO.iter().map(|c| (c.0, c.1, c.2, c.3, c.4, 0)).collect();
    for row in adjusted(&tallies(&none, &["fsm"]), &["fsm"], &Method::ALL).rows {
        match row.method {
            Method::Logistic | Method::Poisson => {
                assert_eq!(row.difference.value, Err(NotCalculable::NoVariation))
            }
            _ => {
                assert_eq!(row.difference.value, Ok(0.0), "{:?}", row.method);
                assert!(row.ratio.value.is_err());
            }
        }
    }
}

#[test]
fn a_finding_counts_only_pupils_who_are_compared() {
    let cells: &[Alike] = &[
        ("BCRB", 1, 1, 2023, 9, 1),
        ("WBRI", 1, 1, 2023, 200, 190),
        ("BCRB", 0, 1, 2023, 90, 40),
    ];
    for row in adjusted(&tallies(cells, &["fsm"]), &["fsm"], &Method::ALL).rows {
        let few = matches!(row.method, Method::MantelHaenszel | Method::Standardised);
        assert_eq!(
            row.verdict == Verdict::TooFewToTell,
            few,
            "{:?}",
            row.method
        );
        assert_eq!(row.raw.verdict, Verdict::Worse);
    }
}

#[test]
fn few_schools_are_refused_where_schools_are_clusters() {
    let options = AdjustOptions {
        gaps: black_caribbean(),
        strata: vec!["fsm".into()],
        methods: Method::ALL.to_vec(),
        cluster: Some("urn".into()),
    };
    for row in tallies(TWO, &["fsm", "urn"])
        .adjusted(&options)
        .unwrap()
        .rows
    {
        assert!(row.difference.value.is_ok(), "{:?}", row.method);
        let reason = Err(NotCalculable::TooFewClusters);
        assert_eq!(row.difference.interval, reason, "{:?}", row.method);
        assert_eq!(row.raw_difference.interval, reason);
        assert_eq!(row.schools, Some(1));
    }
}

#[test]
fn parts_and_what_remains_keep_their_values_and_lose_their_ends_where_schools_are_few() {
    let reason = Err(NotCalculable::TooFewClusters);
    for split in [
        Split::Kitagawa,
        Split::ThreeFold,
        Split::OaxacaBlinder(Weighting::Baseline),
    ] {
        let plain = decomposed(&tallies(TWO, &["fsm"]), &["fsm"], split);
        let options = DecomposeOptions {
            gaps: black_caribbean(),
            over: vec!["fsm".into()],
            split,
            cluster: Some("urn".into()),
        };
        let found = tallies(TWO, &["fsm", "urn"]).decompose(&options).unwrap();
        assert!(found.note().contains("pupils of one school"));
        for (row, other) in found.rows.iter().zip(&plain.rows) {
            assert!(near(row.value.unwrap(), other.value.unwrap()));
            assert_eq!(row.interval, reason, "{}", row.part);
            assert!(other.interval.is_ok(), "{}", row.part);
        }
    }
    for row in adjusted(&tallies(TWO, &["fsm"]), &["fsm"], &Method::ALL).rows {
        let ends = row.remains_interval.unwrap();
        assert!(ends.contains(row.remains.unwrap()), "{:?}", row.method);
        // What is left of the gap is clearly something where the adjusted gap is.
        let clear = !row.difference.interval.unwrap().contains(0.0);
        assert_eq!(!ends.contains(0.0), clear, "{:?}", row.method);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let tallies = tallies(TWO, &["fsm", "urn"]);
    let with = |gaps: GapOptions, strata: &[&str]| {
        let options = AdjustOptions {
            gaps,
            strata: strata.iter().map(ToString::to_string).collect(),
            ..AdjustOptions::default()
        };
        tallies
            .adjusted(&options)
            .map(|a| a.rows.len())
            .map_err(|e| e.code())
    };
    assert_eq!(with(black_caribbean(), &[]), Err("option.bad"));
    assert_eq!(with(black_caribbean(), &["fsm", "fsm"]), Err("option.bad"));
    assert_eq!(
        with(black_caribbean(), &["house"]),
        Err("dimension.unknown")
    );
    let by = GapOptions {
        by: Some(vec!["fsm".into()]),
        ..black_caribbean()
    };
    assert_eq!(with(by, &["fsm"]), Err("option.bad"));
    let overall = GapOptions {
        baseline: Baseline::Overall,
        ..black_caribbean()
    };
    assert_eq!(with(overall, &["fsm"]), Err("option.bad"));
    let bounds = GapOptions {
        unclassified: Unclassified::Bounds,
        ..black_caribbean()
    };
    assert_eq!(with(bounds, &["fsm"]), Err("option.bad"));
    let named = GapOptions {
        baseline: Baseline::Group("WBRI".into()),
        ..black_caribbean()
    };
    assert_eq!(with(named, &["fsm"]), Ok(1));
    let itself = GapOptions {
        baseline: Baseline::Group("BCRB".into()),
        ..black_caribbean()
    };
    assert_eq!(with(itself, &["fsm"]), Ok(1));
}

#[test]
fn refused_pupils_stand_where_the_policy_puts_them() {
    let mut cells = TWO.to_vec();
    cells.push(("REFU", 1, 1, 2023, 30, 0));
    let at = |unclassified| {
        let options = AdjustOptions {
            gaps: GapOptions {
                unclassified,
                ..black_caribbean()
            },
            strata: vec!["fsm".into()],
            ..AdjustOptions::default()
        };
        let found = tallies(&cells, &["fsm"]).adjusted(&options).unwrap();
        (
            found.rows[0].raw.baseline.n,
            found.rows[0].difference.value.unwrap(),
        )
    };
    let (out, without) = at(Unclassified::Exclude);
    let (among, with) = at(Unclassified::Include);
    assert_eq!((out, among), (Some(290), Some(320)));
    assert!(with > without);
}

#[test]
fn every_split_sums_to_the_gap_also_outside_the_overlap() {
    let mut cells = TWO.to_vec();
    cells.push(("BCRB", 1, 2, 2023, 5, 1));
    cells.push(("WBRI", 0, 3, 2023, 7, 1));
    let tallies = tallies(&cells, &["fsm", "urn"]);
    for split in [
        Split::Kitagawa,
        Split::ThreeFold,
        Split::OaxacaBlinder(Weighting::Baseline),
        Split::OaxacaBlinder(Weighting::Pooled),
    ] {
        let found = decomposed(&tallies, &["fsm", "urn"], split);
        let gap = found.rows[0].value.unwrap();
        let own = |of: &str| -> f64 {
            let parts = found.rows.iter().filter(|row| row.within == Some(of));
            parts.map(|row| row.value.unwrap()).sum()
        };
        assert!((own("gap") - gap).abs() < 1e-14, "{split:?}");
        let names: Vec<&str> = found.rows.iter().map(|row| row.part.as_str()).collect();
        assert!(names.contains(&"outside_group") && names.contains(&"outside_baseline"));
        if let Some(whole) = found.rows.iter().find(|row| row.part == "explained") {
            assert!(
                (own("explained") - whole.value.unwrap()).abs() < 1e-14,
                "{split:?}"
            );
        }
    }
    let found = decomposed(
        &tallies.roll_up(&["urn"]).unwrap(),
        &["urn"],
        Split::WithinBetween,
    );
    let sum = found.rows[1].value.unwrap() + found.rows[2].value.unwrap();
    assert!((sum - found.rows[0].value.unwrap()).abs() < 1e-15);
    assert_eq!(found.rows[1].interval, Err(NotCalculable::TooFewClusters));
}

#[test]
fn a_share_is_given_only_where_the_gap_is_clear() {
    let found = decomposed(&tallies(TWO, &["fsm"]), &["fsm"], Split::Kitagawa);
    let shares: f64 = found.rows[1..].iter().map(|row| row.share.unwrap()).sum();
    assert!(near(shares, 1.0));
    let same: Vec<Alike> = TWO
        .iter()
        .map(|c| (c.0, c.1, c.2, c.3, c.4, c.4 / 2))
        .collect();
    let found = decomposed(&tallies(&same, &["fsm"]), &["fsm"], Split::Kitagawa);
    assert_eq!(found.rows[1].share, Err(NotCalculable::Unbounded));
}

/// Schools 1 to 8 take the programme; from 2023 on their group's value rises by `effect` in 40.
fn planted(effect: u32) -> Vec<Alike> {
    let mut cells = Vec::new();
    for school in 1..=20_u16 {
        for year in 2020..=2024 {
            let own = u32::from(school) % 4;
            let rise = if school <= 8 && year >= 2023 {
                effect
            } else {
                0
            };
            let wobble = u32::from(school) * u32::from(year) % 3;
            cells.push(("BCRB", 0, school, year, 40, 15 + own + wobble + rise));
            cells.push((
                "WBRI",
                0,
                school,
                year,
                100,
                60 + 2 * own + u32::from(school * 7 + year) % 3,
            ));
        }
    }
    cells
}

fn evaluated(cells: &[Alike], schools: &[&str], before: &[&str], after: &[&str]) -> Evaluation {
    let programme = Programme::Schools(schools.iter().map(ToString::to_string).collect());
    let options = EvaluateOptions {
        gaps: black_caribbean(),
        school: "urn".into(),
        ..EvaluateOptions::new(programme, before, after)
    };
    tallies(cells, &["year", "urn"]).evaluate(&options).unwrap()
}

const EIGHT: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8"];

#[test]
fn an_evaluation_finds_the_effect_that_was_planted() {
    let (before, after) = (["2021/22", "2022/23"], ["2023/24", "2024/25"]);
    let with = evaluated(&planted(6), EIGHT, &before, &after);
    let without = evaluated(&planted(0), EIGHT, &before, &after);
    let effect = |e: &Evaluation| e.rows[0].clone();
    let moved = effect(&with).value.unwrap() - effect(&without).value.unwrap();
    assert!(near(moved, 6.0 / 40.0), "{moved}");
    assert_eq!(
        effect(&with).finding.as_deref(),
        Some("in the group's favour")
    );
    assert_eq!(effect(&without).finding.as_deref(), Some("no clear effect"));
    assert_eq!(effect(&with).schools, (8, 12));
    let row = |statistic, arm| {
        let mut rows = with.rows.iter();
        rows.find(|r| r.statistic == statistic && r.arm == arm)
            .unwrap()
    };
    let change = |arm| row(Statistic::Change, arm).value.unwrap();
    let apart = change(Arm::Programme) - change(Arm::Elsewhere);
    assert!(near(apart, effect(&with).value.unwrap()));
    let group = row(Statistic::EffectOnGroup, Arm::Difference)
        .value
        .unwrap();
    let others = row(Statistic::EffectOnBaseline, Arm::Difference)
        .value
        .unwrap();
    assert!(near(group - others, effect(&with).value.unwrap()));
    let trend = row(Statistic::PreTrend, Arm::Difference);
    assert_eq!(trend.period, "2020/21 to 2022/23");
    assert!(trend.p.unwrap() > 0.05 && trend.interval.unwrap().contains(0.0));
    let years = with
        .rows
        .iter()
        .filter(|r| r.statistic == Statistic::Gap)
        .count();
    assert_eq!(years, 10);
    // 8 schools of 40 pupils of the group in four years.
    assert_eq!(row(Statistic::Change, Arm::Programme).n, (1280, 3200));
    assert_eq!(row(Statistic::Change, Arm::Programme).smallest, 320);
}

#[test]
fn trends_that_differed_before_are_said() {
    let mut cells = planted(0);
    for cell in &mut cells {
        if cell.0 == "BCRB" && cell.2 <= 8 {
            cell.5 += 3 * u32::from(cell.3 - 2020);
        }
    }
    let found = evaluated(&cells, EIGHT, &["2021/22", "2022/23"], &["2023/24"]);
    let said = found.rows[0].finding.clone().unwrap();
    assert_eq!(said, "in the group's favour, but trends differed before");
}

#[test]
fn an_evaluation_without_enough_schools_or_years_gives_reasons() {
    let found = evaluated(&planted(3), &["1", "2"], &["2022/23"], &["2023/24"]);
    assert_eq!(found.rows[0].value, Err(NotCalculable::TooFewClusters));
    assert_eq!(found.rows[0].finding.as_deref(), Some("not calculable"));
    assert_eq!(found.rows[0].schools, (2, 18));
    let first = evaluated(&planted(3), EIGHT, &["2020/21"], &["2023/24"]);
    let trend = first
        .rows
        .iter()
        .find(|r| r.statistic == Statistic::PreTrend)
        .unwrap();
    assert_eq!(trend.value, Err(NotCalculable::NoCounterpart));
    let some = evaluated(
        &planted(3),
        &["1", "2", "3", "4", "5", "no such"],
        &["2020/21"],
        &["2023/24"],
    );
    assert_eq!(some.absent, 1);
    assert!(
        some.note()
            .contains("One school of the programme is not in the data")
    );
}

#[test]
fn an_evaluation_refuses_years_and_schools_that_are_not_there() {
    let tallies = tallies(&planted(3), &["year", "urn"]);
    let code = |schools: &[&str], before: &[&str], after: &[&str]| {
        let programme = Programme::Schools(schools.iter().map(ToString::to_string).collect());
        let options = EvaluateOptions {
            gaps: black_caribbean(),
            school: "urn".into(),
            ..EvaluateOptions::new(programme, before, after)
        };
        tallies.evaluate(&options).map(|_| ()).map_err(|e| e.code())
    };
    assert_eq!(code(&["x"], &["2020/21"], &["2023/24"]), Err("option.bad"));
    assert_eq!(code(EIGHT, &["2019/20"], &["2023/24"]), Err("option.bad"));
    assert_eq!(code(EIGHT, &[], &["2023/24"]), Err("option.bad"));
    assert_eq!(code(EIGHT, &["2023/24"], &["2022/23"]), Err("option.bad"));
    assert_eq!(code(EIGHT, &["2022/23"], &["2022/23"]), Err("option.bad"));
    assert_eq!(code(EIGHT, &["2020/21"], &["2023/24"]), Ok(()));
}

#[test]
fn a_flag_of_pupils_marks_their_school() {
    let cells = planted(6);
    let marked: Vec<Alike> = cells
        .iter()
        .map(|c| (c.0, u8::from(c.2 <= 8), c.2, c.3, c.4, c.5))
        .collect();
    let options = EvaluateOptions {
        gaps: black_caribbean(),
        school: "urn".into(),
        ..EvaluateOptions::new(
            Programme::Flag {
                dimension: "fsm".into(),
                values: vec!["1".into()],
            },
            &["2022/23"],
            &["2023/24"],
        )
    };
    let known = tallies(&marked, &["fsm", "year", "urn"]);
    let values = &known.dimensions()[0].values;
    let yes = values.last().cloned().flatten().unwrap();
    let options = EvaluateOptions {
        programme: Programme::Flag {
            dimension: "fsm".into(),
            values: vec![yes],
        },
        ..options
    };
    let flagged = known.evaluate(&options).unwrap();
    let named = evaluated(&cells, EIGHT, &["2022/23"], &["2023/24"]);
    assert_eq!(flagged.rows[0].value, named.rows[0].value);
    assert_eq!(flagged.rows[0].interval, named.rows[0].interval);
}

#[test]
fn segregation_counts_pupils_of_both_sides_by_school() {
    let cells: &[Alike] = &[
        ("BCRB", 0, 1, 2023, 30, 1),
        ("WBRI", 0, 1, 2023, 10, 1),
        ("WBRI", 0, 2, 2023, 30, 1),
        ("BCRB", 0, 3, 2023, 10, 1),
        ("REFU", 0, 4, 2023, 9, 1),
    ];
    let found = tallies(cells, &["urn"])
        .segregation("urn", &black_caribbean())
        .unwrap();
    let row = &found.rows[0];
    assert_eq!((row.n, row.schools), ((40, 40), (3, 2)));
    // ½ (|3/4 − 1/4| + |0 − 3/4| + |1/4 − 0|).
    assert!(near(row.dissimilarity.unwrap(), 0.75));
    assert!(near(row.isolation.unwrap(), 0.75 * 0.75 + 0.25));
    assert!(near(row.exposure.unwrap(), 0.25 * 0.75));
    assert!(row.by_chance.unwrap() < 0.3 && row.beyond_chance.unwrap() > 0.6);
    let alone: &[Alike] = &[("BCRB", 0, 1, 2023, 30, 1)];
    let found = tallies(alone, &["urn"])
        .segregation("urn", &black_caribbean())
        .unwrap();
    assert_eq!(found.rows[0].theil, Err(NotCalculable::NoBaseline));
}

#[test]
fn tables_hold_what_rows_hold_and_say_what_they_are() {
    let strata = tallies(TWO, &["fsm"]);
    let sheet = adjusted(&strata, &["fsm"], &Method::ALL).sheet().unwrap();
    assert_eq!((sheet.kind.as_str(), sheet.frame.height()), ("adjusted", 5));
    let gap = sheet
        .frame
        .column("raw_difference")
        .unwrap()
        .f64()
        .unwrap()
        .get(0)
        .unwrap();
    assert!(near(gap, 100.0 * (26.0 / 60.0 - 185.0 / 290.0)));
    assert!(sheet.notes_text().contains("free school meals"));
    let parts = decomposed(&strata, &["fsm"], Split::Kitagawa)
        .sheet()
        .unwrap();
    assert_eq!(parts.kind, "decomposition");
    let found = evaluated(&planted(3), EIGHT, &["2020/21"], &["2023/24"])
        .sheet()
        .unwrap();
    assert_eq!(found.kind, "evaluation");
    let text = found.to_text(None).unwrap();
    assert!(text.contains("pre_trend") && text.contains("Not for publication"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Two strata of the same rates and mix, merged, change nothing in the estimate; parts always sum.
    #[test]
    fn merging_identical_strata_changes_nothing(
        a in 1_u32..20, b in 0_u32..20, c in 1_u32..20, d in 0_u32..20,
        e in 1_u32..20, f in 1_u32..20,
    ) {
        let stratum = |fsm, school| -> Vec<Alike> {
            vec![("BCRB", fsm, school, 2023, a + b, a), ("WBRI", fsm, school, 2023, c + d, c)]
        };
        let other: [Alike; 2] = [("BCRB", 1, 1, 2023, e + f, e), ("WBRI", 1, 1, 2023, e + f, f)];
        let mut apart = [stratum(0, 1), stratum(0, 2)].concat();
        apart.extend(other);
        let apart = tallies(&apart, &["fsm", "urn"]);
        for method in [Method::MantelHaenszel, Method::Standardised] {
            let fine = adjusted(&apart, &["fsm", "urn"], &[method]);
            let merged = adjusted(&apart, &["fsm"], &[method]);
            let value = |a: &Adjusted| a.rows[0].difference.value.unwrap();
            prop_assert!(near(value(&fine), value(&merged)));
            if method == Method::MantelHaenszel {
                let odds = |a: &Adjusted| a.rows[0].odds_ratio.value;
                prop_assert_eq!(odds(&fine).is_ok(), odds(&merged).is_ok());
            }
        }
        for split in [Split::Kitagawa, Split::ThreeFold, Split::OaxacaBlinder(Weighting::Half)] {
            let found = decomposed(&apart, &["fsm", "urn"], split);
            let parts = found.rows.iter().filter(|row| row.within == Some("gap"));
            let sum: f64 = parts.map(|row| row.value.unwrap()).sum();
            prop_assert!((sum - found.rows[0].value.unwrap()).abs() < 1e-12);
        }
    }
}
