//! What holds for every cohort, whatever is in it.

use std::sync::Arc;

use disprop::codes::{CodeSet, LeafKind};
use disprop::cohort::CohortOptions;
use disprop::gaps::{GroupChoice, Unclassified};
use disprop::synth::{self, Plan};
use disprop::tallies::{Column, Counts, Whole};
use disprop::{Baseline, Cohort, Columns, Gap, GapOptions, Gaps, Tallies, measure};
use disprop_stats::{NotCalculable, Tally};
use disprop_tests::{CODES, Row, cohort, column, frame, measures, tally};
use polars::prelude::DataFrame;
use proptest::prelude::*;

fn row() -> impl Strategy<Value = Row> {
    let place = (
        0..=CODES.len(),
        0..3_usize,
        0..5_usize,
        any::<Option<bool>>(),
    );
    let sessions = (
        proptest::option::weighted(0.9, 0_u16..400),
        proptest::option::weighted(0.9, 0_u16..400),
        proptest::option::weighted(0.9, 0_u8..4),
    );
    let scores = (
        proptest::option::weighted(0.8, 0_i32..9_000),
        proptest::option::weighted(0.8, -400_i32..400),
        any::<Option<bool>>(),
    );
    (place, sessions, scores).prop_map(|((code, year, school, sex), (p, a, s), (k, g, he))| Row {
        code,
        year,
        school,
        sex,
        possible: p,
        absent: a,
        suspensions: s,
        attainment: k,
        progress: g,
        he,
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(row(), 1..80)
}

fn gaps(tallies: &Tallies, options: &GapOptions) -> Gaps {
    tallies.gaps(options).expect("gaps of a tally in order")
}

fn of(choices: &[GroupChoice]) -> GapOptions {
    GapOptions {
        groups: choices.to_vec(),
        ..GapOptions::default()
    }
}

fn code(code: &str) -> GroupChoice {
    GroupChoice::Code(code.into())
}

fn negated(value: Result<f64, NotCalculable>) -> Result<f64, NotCalculable> {
    value.map(|v| -v)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 + 1e-9 * b.abs()
}

/// A group against no baseline and a baseline without group are each other's mirror.
fn swapped(reason: NotCalculable) -> NotCalculable {
    match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        NotCalculable::NoBaseline => NotCalculable::NoGroup,
        other => other,
    }
}

/// Everything but the names of things.
fn same_numbers(a: &Gap, b: &Gap) -> bool {
    a.group == b.group
        && a.baseline == b.baseline
        && a.difference == b.difference
        && a.ratio == b.ratio
        && a.odds_ratio == b.odds_ratio
        && a.share_ratio == b.share_ratio
        && a.excess == b.excess
        && a.verdict == b.verdict
        && a.coverage == b.coverage
}

/// The sums of all cells whose leaf passes, by measure.
fn sums(tallies: &Tallies, keep: impl Fn(&str, LeafKind) -> bool) -> Vec<Vec<i128>> {
    let whole = tallies.roll_up(&[]).expect("no dimension is always there");
    let leaves = whole.leaves();
    fn total<T: Tally>(cells: impl Iterator<Item = T>, keep: &[bool]) -> T {
        cells
            .zip(keep)
            .filter(|(_, k)| **k)
            .fold(T::default(), |sum, (cell, _)| {
                sum.merge(&cell).expect("small sums")
            })
    }
    let keep: Vec<bool> = leaves.iter().map(|l| keep(&l.code, l.kind)).collect();
    whole
        .measures()
        .iter()
        .map(|m| match &m.column {
            Column::Proportion(c) => {
                let t = total(c.iter(), &keep);
                vec![t.events.into(), t.trials.into()]
            }
            Column::Mean(c) => {
                let t = total(c.iter(), &keep);
                vec![t.n.into(), t.sum, t.squares]
            }
            Column::Ratio(c) => {
                let t = total(c.iter(), &keep);
                vec![t.n.into(), t.x, t.d, t.xx, t.xd, t.dd]
            }
            Column::Rate(c) => {
                let t = total(c.iter(), &keep);
                vec![t.n.into(), t.events, t.exposure]
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_constant_added_to_a_score_moves_no_difference(rows in rows(), constant in 0_i32..50_000) {
        let moved: Vec<Row> = rows
            .iter()
            .map(|r| Row { attainment: r.attainment.map(|v| v + constant), ..*r })
            .collect();
        let measures = [measure("ks4_attainment8").unwrap()];
        let of_rows = |rows: &[Row]| {
            let tallies = cohort(frame(rows)).tally(&measures, &["year"]).unwrap();
            gaps(&tallies, &GapOptions::default())
        };
        let (before, after) = (of_rows(&rows), of_rows(&moved));
        prop_assert_eq!(before.rows.len(), after.rows.len());
        for (a, b) in before.rows.iter().zip(&after.rows) {
            prop_assert_eq!(a.difference.value, b.difference.value);
            prop_assert_eq!(a.excess.value, b.excess.value);
            match (a.difference.interval, b.difference.interval) {
                (Ok(x), Ok(y)) => prop_assert!(near(x.lower, y.lower) && near(x.upper, y.upper)),
                (x, y) => prop_assert_eq!(x.err(), y.err()),
            }
        }
    }

    #[test]
    fn swapping_group_and_baseline_negates_differences_and_inverts_ratios(rows in rows()) {
        let tallies = tally(frame(&rows), &["sex"]);
        let between = |group: &str, baseline: &str| gaps(&tallies, &GapOptions {
            baseline: Baseline::Group(baseline.into()),
            ..of(&[code(group)])
        });
        let (there, back) = (between("BCRB", "WBRI"), between("WBRI", "BCRB"));
        for (a, b) in there.rows.iter().zip(&back.rows) {
            match a.difference.value {
                Ok(v) => prop_assert_eq!(Ok(-v), b.difference.value),
                Err(reason) if a.group.value.is_err() && a.baseline.value.is_err() => {
                    prop_assert_eq!(b.difference.value, Err(reason));
                }
                Err(reason) => prop_assert_eq!(b.difference.value, Err(swapped(reason))),
            }
            if let (Ok(x), Ok(y)) = (a.difference.interval, b.difference.interval) {
                prop_assert!(near(x.lower, -y.upper) && near(x.upper, -y.lower), "{x:?} {y:?}");
            }
            if let (Ok(x), Ok(y)) = (a.ratio.value, b.ratio.value) {
                prop_assert!(near(x, 1.0 / y), "{x} {y}");
            }
            if let (Ok(x), Ok(y)) = (a.odds_ratio.value, b.odds_ratio.value) {
                prop_assert!(near(x, 1.0 / y), "{x} {y}");
            }
        }
    }

    #[test]
    fn attendance_mirrors_absence_exactly(rows in rows()) {
        let measures = [measure("attendance").unwrap(), measure("absence").unwrap()];
        let tallies = cohort(frame(&rows)).tally(&measures, &["year"]).unwrap();
        let all = gaps(&tallies, &GapOptions::default());
        let (attendance, absence): (Vec<&Gap>, Vec<&Gap>) =
            all.rows.iter().partition(|gap| gap.measure == 0);
        prop_assert_eq!(attendance.len(), absence.len());
        for (present, absent) in attendance.iter().zip(&absence) {
            prop_assert_eq!(present.difference.value, negated(absent.difference.value));
            prop_assert_eq!(present.excess.value, negated(absent.excess.value));
            let mirrored = absent.difference.interval.map(|i| (-i.upper, -i.lower));
            let found = present.difference.interval.map(|i| (i.lower, i.upper));
            match (found, mirrored) {
                (Ok(x), Ok(y)) => prop_assert!(near(x.0, y.0) && near(x.1, y.1), "{x:?} {y:?}"),
                (x, y) => prop_assert_eq!(x.err(), y.err()),
            }
            match (present.group.interval, absent.group.interval) {
                (Ok(x), Ok(y)) => {
                    prop_assert!(near(x.upper - x.lower, y.upper - y.lower), "{x:?} {y:?}");
                }
                (x, y) => prop_assert_eq!(x.err(), y.err()),
            }
        }
    }

    #[test]
    fn a_group_split_into_codes_and_reunited_is_unchanged(rows in rows()) {
        let split = tally(frame(&rows), &["sex"]);
        // The same pupils with every extended code written as its main code.
        let main = |code: usize| match CODES.get(code).copied() {
            Some("BSOM" | "BNGN") => 3,
            Some("WENG") => 0,
            Some("AKPA") => CODES.len() + 1,
            _ => code,
        };
        let coarse: Vec<Row> = rows
            .iter()
            .filter(|r| CODES.get(r.code) != Some(&"AKPA"))
            .map(|r| Row { code: main(r.code), ..*r })
            .collect();
        let fine: Vec<Row> =
            rows.iter().filter(|r| CODES.get(r.code) != Some(&"AKPA")).copied().collect();
        prop_assume!(!fine.is_empty());
        let (fine, coarse) = (tally(frame(&fine), &["sex"]), tally(frame(&coarse), &["sex"]));
        let (a, b) = (gaps(&fine, &GapOptions::default()), gaps(&coarse, &GapOptions::default()));
        prop_assert_eq!(a.groups.iter().map(|g| &g.name).collect::<Vec<_>>(),
            b.groups.iter().map(|g| &g.name).collect::<Vec<_>>());
        prop_assert_eq!(a.rows.len(), b.rows.len());
        for (a, b) in a.rows.iter().zip(&b.rows) {
            prop_assert!(same_numbers(a, b), "{a:?}\n{b:?}");
        }
        // A set of the codes is the group, whichever way it is asked for.
        let united = gaps(&split, &of(&[
            code("BAFR"),
            GroupChoice::named("spelt out", &["Black African", "BSOM", "BNGN", "BSOM"]),
        ]));
        for gap in united.rows.iter().filter(|g| g.of == 0) {
            let twin = united.rows.iter()
                .find(|g| g.of == 1 && g.measure == gap.measure && g.place == gap.place)
                .unwrap();
            prop_assert!(same_numbers(gap, twin));
        }
    }

    #[test]
    fn a_group_and_all_others_make_the_classified_total(rows in rows()) {
        let tallies = tally(frame(&rows), &[]);
        let classified = sums(&tallies, |_, kind| kind == LeafKind::Classified);
        let found = gaps(&tallies, &of(&[GroupChoice::Main, GroupChoice::named("two", &["BCRB", "WBRI"])]));
        for gap in &found.rows {
            let n = match &tallies.measures()[gap.measure].column {
                Column::Proportion(_) => classified[gap.measure][1],
                _ => classified[gap.measure][0],
            };
            prop_assert_eq!(i128::from(gap.group.n.unwrap() + gap.baseline.n.unwrap()), n);
            // (group − others) · n_group · n_others and the total's value fix the two sides.
            if let (Ok(a), Ok(b)) = (gap.group.value, gap.baseline.value) {
                let (x, d) = match &tallies.measures()[gap.measure].column {
                    Column::Proportion(_) => {
                        (classified[gap.measure][0] as f64, classified[gap.measure][1] as f64)
                    }
                    Column::Mean(_) => (classified[gap.measure][1] as f64 / 1e6, n as f64),
                    _ => continue,
                };
                let (g, o) = (gap.group.n.unwrap() as f64, gap.baseline.n.unwrap() as f64);
                prop_assert!(near((a * g + b * o) / d, x / d), "{gap:?}");
            }
        }
    }

    #[test]
    fn groups_that_nest_or_overlap_hold_what_their_parts_hold(rows in rows()) {
        let tallies = tally(frame(&rows), &["year"]);
        let choices = [
            code("BSOM"),
            code("BAFR"),
            GroupChoice::named("heritage", &["BCRB", "MWBC"]),
            code("BCRB"),
            code("MWBC"),
            GroupChoice::named("both", &["BAFR", "heritage is no code"]),
        ];
        // A code that is no code is an error, not an empty group.
        prop_assert_eq!(tallies.gaps(&of(&choices)).unwrap_err().code(), "group.unknown");
        let found = gaps(&tallies, &of(&choices[..5]));
        for gaps in found.rows.chunks(5) {
            let [somali, african, heritage, caribbean, mixed] = gaps else {
                panic!("five groups a place and measure");
            };
            let n = |gap: &Gap| gap.group.n.unwrap();
            let everyone = n(somali) + somali.baseline.n.unwrap();
            prop_assert!(n(somali) <= n(african));
            prop_assert_eq!(n(heritage), n(caribbean) + n(mixed));
            for gap in gaps {
                prop_assert_eq!(n(gap) + gap.baseline.n.unwrap(), everyone);
            }
        }
        let overlapping = gaps(&tallies, &GapOptions {
            baseline: Baseline::Group("heritage".into()),
            ..of(&choices[2..4])
        });
        for pair in overlapping.rows.chunks(2) {
            prop_assert_eq!(pair[0].difference.value, Err(NotCalculable::IsBaseline));
            let has = |code: &str| tallies.leaves().iter().any(|l| l.code == code);
            // Where one of the two codes has nobody at all, the set is the other code.
            let expected = match (has("BCRB"), has("MWBC")) {
                (true, true) => Err(NotCalculable::OverlapsBaseline),
                (_, false) => Err(NotCalculable::IsBaseline),
                (false, true) => pair[1].difference.value,
            };
            prop_assert_eq!(pair[1].difference.value, expected);
        }
    }

    #[test]
    fn rolling_up_and_tallying_commute(rows in rows()) {
        let cohort = cohort(frame(&rows));
        let whole = cohort.tally(&measures(), &["year", "school", "sex"]).unwrap();
        for keep in [
            &[][..],
            &["year"],
            &["sex"],
            &["sex", "year"],
            &["school", "sex"],
            &["school", "sex", "year"],
        ] {
            prop_assert_eq!(&whole.roll_up(keep).unwrap(), &cohort.tally(&measures(), keep).unwrap());
        }
        let twice = whole.roll_up(&["sex", "school"]).unwrap().roll_up(&["school"]).unwrap();
        prop_assert_eq!(twice, whole.roll_up(&["school"]).unwrap());
    }

    #[test]
    fn partitions_merge_into_the_whole(rows in rows(), parts in 1_usize..8) {
        let dimensions = ["school", "year"];
        let whole = tally(frame(&rows), &dimensions);
        let mut merged: Option<Tallies> = None;
        let mut backwards: Option<Tallies> = None;
        let chunks: Vec<Tallies> = rows
            .chunks(rows.len().div_ceil(parts))
            .map(|part| tally(frame(part), &dimensions))
            .collect();
        for part in &chunks {
            merged = Some(merged.map_or(part.clone(), |sum| sum.merge(part).unwrap()));
        }
        for part in chunks.iter().rev() {
            backwards = Some(backwards.map_or(part.clone(), |sum| sum.merge(part).unwrap()));
        }
        prop_assert_eq!(merged.as_ref(), Some(&whole));
        prop_assert_eq!(backwards.as_ref(), Some(&whole));
        let (a, b) = (gaps(&merged.unwrap(), &GapOptions::default()), gaps(&whole, &GapOptions::default()));
        prop_assert_eq!(a.rows, b.rows);
    }

    #[test]
    fn one_value_of_a_dimension_is_the_tally_of_its_rows(rows in rows()) {
        let cohort = cohort(frame(&rows));
        let whole = cohort.tally(&measures(), &["year", "school"]).unwrap();
        let years: Vec<String> =
            whole.dimensions()[0].values.iter().flatten().cloned().collect();
        for (number, year) in years.iter().enumerate() {
            let mine: Vec<Row> = rows
                .iter()
                .filter(|r| ["2021/22", "2022/23", "2023/24"][r.year] == year)
                .copied()
                .collect();
            let only = whole.only("year", year).unwrap();
            prop_assert_eq!(&only, &tally(frame(&mine), &["school"]), "year {}", number);
            prop_assert_eq!(only.roll_up(&[]).unwrap(), tally(frame(&mine), &[]));
        }
    }

    #[test]
    fn where_everyone_is_classified_the_policies_agree(rows in rows()) {
        let known: Vec<Row> = rows.iter().filter(|r| r.code < 12).copied().collect();
        prop_assume!(!known.is_empty());
        let tallies = tally(frame(&known), &["sex"]);
        let with = |unclassified| gaps(&tallies, &GapOptions { unclassified, ..GapOptions::default() });
        let exclude = with(Unclassified::Exclude);
        prop_assert_eq!(&exclude.rows, &with(Unclassified::Include).rows);
        for (a, b) in exclude.rows.iter().zip(&with(Unclassified::Bounds).rows) {
            prop_assert_eq!(a.difference.value, b.difference.value);
            prop_assert_eq!(a.verdict, b.verdict);
            if let (Ok(v), Some(range)) = (b.difference.value, b.difference.range) {
                prop_assert_eq!((range.lower, range.upper), (v, v));
            }
            prop_assert!(a.coverage.is_err() || a.coverage == Ok(1.0), "{:?}", a.coverage);
        }
    }

    #[test]
    fn the_unclassified_stand_where_the_policy_says(rows in rows()) {
        let tallies = tally(frame(&rows), &[]);
        let with = |unclassified| gaps(&tallies, &GapOptions { unclassified, ..of(&[code("WBRI")]) });
        let everyone = sums(&tallies, |_, _| true);
        let classified = sums(&tallies, |_, kind| kind == LeafKind::Classified);
        for (total, found) in [
            (classified.clone(), with(Unclassified::Exclude)),
            (everyone, with(Unclassified::Include)),
            (classified, with(Unclassified::Bounds)),
        ] {
            for gap in &found.rows {
                let place = usize::from(matches!(
                    tallies.measures()[gap.measure].column,
                    Column::Proportion(_)
                ));
                let n = gap.group.n.unwrap() + gap.baseline.n.unwrap();
                prop_assert_eq!(i128::from(n), total[gap.measure][place]);
            }
        }
    }

    #[test]
    fn excess_over_everyone_sums_to_zero(rows in rows()) {
        let tallies = tally(frame(&rows), &["sex"]);
        for unclassified in [Unclassified::Exclude, Unclassified::Bounds] {
            let found = gaps(&tallies, &GapOptions {
                baseline: Baseline::Overall,
                unclassified,
                ..GapOptions::default()
            });
            let groups = found.groups.len();
            for gaps in found.rows.chunks(groups.max(1)) {
                let excesses: Vec<f64> = gaps.iter().filter_map(|g| g.excess.value.ok()).collect();
                let size: f64 = excesses.iter().map(|e| e.abs()).sum();
                let sum: f64 = excesses.iter().sum();
                prop_assert!(sum.abs() <= 1e-9 * size.max(1.0), "{sum} of {size}");
            }
        }
    }

    #[test]
    fn counts_published_from_a_cohort_give_its_own_values(rows in rows()) {
        let by = ["sex"];
        for id in ["persistent_absence", "he", "suspensions", "absence", "ks4_attainment8"] {
            let tallies = cohort(frame(&rows)).tally(&[measure(id).unwrap()], &by).unwrap();
            let table = published(&tallies);
            if table.height() == 0 {
                continue;
            }
            let counts = Counts::new(measure(id).unwrap(), "code", "x", "d")
                .by("sex", "sex")
                .whole(Whole::Exhaustive);
            let read = Tallies::from_counts(&table, &counts).unwrap();
            let (own, from_counts) =
                (gaps(&tallies, &GapOptions::default()), gaps(&read, &GapOptions::default()));
            prop_assert_eq!(own.rows.len(), from_counts.rows.len(), "{}", id);
            for (a, b) in own.rows.iter().zip(&from_counts.rows) {
                prop_assert_eq!(a.group.value, b.group.value, "{}", id);
                prop_assert_eq!(a.baseline.value, b.baseline.value, "{}", id);
                prop_assert_eq!(a.difference.value, b.difference.value, "{}", id);
                prop_assert_eq!(a.ratio.value, b.ratio.value, "{}", id);
                prop_assert_eq!(a.excess.value, b.excess.value, "{}", id);
                prop_assert_eq!(a.coverage, b.coverage, "{}", id);
            }
        }
    }

    #[test]
    fn a_fixed_value_and_the_same_place_elsewhere_are_plain_subtraction(rows in rows()) {
        let tallies = tally(frame(&rows), &["sex"]);
        let elsewhere = gaps(&tallies, &GapOptions {
            baseline: Baseline::Elsewhere { tallies: Arc::new(tallies.clone()), label: "itself".into() },
            ..GapOptions::default()
        });
        for gap in &elsewhere.rows {
            prop_assert_eq!(gap.difference.value.unwrap_or(0.0), 0.0);
            prop_assert_eq!(gap.group.value.ok(), gap.baseline.value.ok());
        }
        let fixed = gaps(&tallies, &GapOptions { baseline: Baseline::Fixed(0.0), ..GapOptions::default() });
        for gap in &fixed.rows {
            prop_assert_eq!(gap.difference.value, gap.group.value);
            prop_assert!(gap.ratio.value.is_err());
        }
    }
}

/// One row a cell: what a publisher would print, in units.
fn published(tallies: &Tallies) -> DataFrame {
    let wire = tallies.to_frame().expect("a frame");
    let float = |name: &str| {
        let cast = wire
            .column(name)
            .unwrap()
            .cast(&polars::prelude::DataType::Float64)
            .unwrap();
        column(
            name,
            cast.f64().unwrap().iter().collect::<Vec<Option<f64>>>(),
        )
    };
    let codes = wire
        .column("ethnicity")
        .unwrap()
        .clone()
        .with_name("code".into());
    let sex = wire.column("sex").unwrap().clone();
    DataFrame::new(wire.height(), vec![sex, codes, float("x"), float("d")]).expect("one length")
}

#[test]
fn refused_and_not_obtained_may_stand_in_rows_of_their_own() {
    let table = DataFrame::new(
        4,
        vec![
            column("code", vec!["BCRB", "WBRI", "REFU", "NOBT"]),
            column("x", vec![1_i64, 2, 3, 4]),
            column("d", vec![10_i64, 20, 30, 40]),
        ],
    )
    .unwrap();
    let counts = Counts::new(measure("he").unwrap(), "code", "x", "d").whole(Whole::Exhaustive);
    let found = gaps(
        &Tallies::from_counts(&table, &counts).unwrap(),
        &GapOptions::default(),
    );
    assert_eq!(found.rows[0].coverage, Ok(0.3));
}

#[test]
fn with_groups_of_ones_own_a_blank_is_unclassified() {
    let table = DataFrame::new(
        4,
        vec![
            column(
                "ethnicity",
                vec![Some("red"), Some("blue"), None, Some(" ")],
            ),
            column("he", vec![1_i64, 0, 1, 1]),
        ],
    )
    .unwrap();
    let options = CohortOptions {
        codes: CodeSet::Own,
        ..CohortOptions::default()
    };
    let cohort = Cohort::with(table, Columns::npd(), options).unwrap();
    let tallies = cohort.tally(&[measure("he").unwrap()], &[]).unwrap();
    let kinds: Vec<(&str, LeafKind)> = tallies
        .leaves()
        .iter()
        .map(|l| (l.code.as_str(), l.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("blue", LeafKind::Classified),
            ("red", LeafKind::Classified),
            ("UNCL", LeafKind::Unclassified),
        ]
    );
    let found = gaps(&tallies, &GapOptions::default());
    assert_eq!(found.rows.len(), 2);
    assert_eq!(found.rows[0].coverage, Ok(0.5));
}

#[test]
fn one_seed_gives_one_tally() {
    let plan = |seed| Plan {
        pupils: 1_500,
        years: 2,
        seed,
        ..Plan::default()
    };
    let of_seed = |seed| {
        let cohort = cohort(synth::cohort(&plan(seed)).unwrap());
        let known: Vec<_> = cohort.measures().into_iter().cloned().collect();
        cohort.tally(&known, &["year", "sex", "fsm"]).unwrap()
    };
    assert_eq!(of_seed(7), of_seed(7));
    assert_ne!(of_seed(7), of_seed(8));
}
