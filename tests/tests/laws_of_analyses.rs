//! What holds for the analyses over every cohort, whatever is in it.

use disprop::gaps::GroupChoice;
use disprop::schools::ShrinkOptions;
use disprop::{GapOptions, Gaps, measure};
use disprop_tests::{CODES, Row, cohort, frame, tally};
use proptest::prelude::*;

fn row() -> impl Strategy<Value = Row> {
    let place = (0..=CODES.len(), 0..3_usize, 0..4_usize, any::<bool>());
    let values = (1_u16..400, 0_u16..400, 0_u8..4, 0_i32..9_000, any::<bool>());
    (place, values).prop_map(|((code, year, school, sex), (p, a, s, k, he))| Row {
        code,
        year,
        school,
        sex: Some(sex),
        possible: Some(p),
        absent: Some(a),
        suspensions: Some(s),
        attainment: Some(k),
        progress: Some(k % 800 - 400),
        he: Some(he),
    })
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    proptest::collection::vec(row(), 1..80)
}

fn near(a: f64, b: f64, size: f64) -> bool {
    (a - b).abs() <= 1e-12 + 1e-9 * size
}

/// Place of a main code among [`CODES`].
fn place_of(code: &str) -> usize {
    CODES
        .iter()
        .position(|c| *c == code)
        .expect("a code of the tests")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_schools_contribute_sums_to_the_gap(rows in rows()) {
        let tallies = tally(frame(&rows), &["school"]);
        let options = GapOptions::default();
        let parts = tallies.contributions("school", &options).expect("schools are a dimension");
        let gaps = tallies.roll_up(&[]).and_then(|t| t.gaps(&options)).expect("gaps");
        for gap in &gaps.rows {
            let mine = parts.rows.iter().filter(|r| r.key.measure == gap.measure && r.key.of == gap.of);
            let totals: Result<Vec<f64>, _> = mine.map(|r| r.total()).collect();
            if let (Ok(totals), Ok(difference)) = (totals, gap.difference.value) {
                prop_assert!(!totals.is_empty());
                let size: f64 = totals.iter().map(|t| t.abs()).sum();
                let sum: f64 = totals.iter().sum();
                prop_assert!(near(sum, difference, size.max(1.0)), "{sum} for {difference}");
            }
        }
    }

    #[test]
    fn pooled_years_are_their_rows_together(rows in rows()) {
        let two: Vec<Row> = rows.iter().map(|r| Row { year: 1 + r.year % 2, ..*r }).collect();
        prop_assume!((1..=2).all(|year| two.iter().any(|r| r.year == year)));
        let measures = [measure("absence").unwrap()];
        let cohort = cohort(frame(&two));
        let pooled = cohort.tally(&measures, &["year"]).unwrap().pooled("year", None).unwrap();
        let plain = cohort.tally(&measures, &[]).unwrap();
        let of = |gaps: Gaps| -> Vec<_> {
            gaps.rows.into_iter().map(|g| (g.group, g.baseline, g.difference, g.ratio, g.excess)).collect()
        };
        let options = GapOptions::default();
        prop_assert_eq!(of(pooled.gaps(&options).unwrap()), of(plain.gaps(&options).unwrap()));
    }

    #[test]
    fn one_seed_gives_one_ranking(rows in rows(), seed in any::<u64>()) {
        let tallies = tally(frame(&rows), &["school"]);
        let options = GapOptions {
            groups: vec![GroupChoice::Code("BCRB".into()), GroupChoice::Code("WBRI".into())],
            ..GapOptions::default()
        };
        // Both groups must be somewhere in the cohort to be asked for.
        prop_assume!(tallies.gaps(&options).is_ok());
        let shrinking = ShrinkOptions { seed, draws: 200, ..ShrinkOptions::default() };
        let once = tallies.school_gaps("school", shrinking, &options).unwrap();
        let twice = tallies.school_gaps("school", shrinking, &options).unwrap();
        prop_assert_eq!(once.rows, twice.rows);
    }

    #[test]
    fn indices_are_nothing_where_all_groups_are_alike(rows in rows()) {
        // Everyone three times over, once in each of three groups.
        let groups = ["WBRI", "BCRB", "AIND"].map(place_of);
        let alike: Vec<Row> = groups
            .iter()
            .flat_map(|code| rows.iter().map(|r| Row { code: *code, ..*r }))
            .collect();
        let gaps = tally(frame(&alike), &[]).gaps(&GapOptions::default()).unwrap();
        let mut seen = 0;
        for row in gaps.summary_indices(false).unwrap().rows {
            let Ok(value) = row.value else { continue };
            let nothing = if row.kind.id == "largest_ratio" { 1.0 } else { 0.0 };
            prop_assert!((value - nothing).abs() < 1e-9, "{} is {value}", row.kind.id);
            seen += 1;
        }
        prop_assert!(seen > 0);
    }

    #[test]
    fn excess_over_everyones_value_adds_up_to_nothing(rows in rows()) {
        let gaps = tally(frame(&rows), &["sex"]).gaps(&GapOptions::default()).unwrap();
        let excess = gaps.number_of_pupils().unwrap();
        for sum in &excess.sums {
            let mine = excess.rows.iter().filter(|r| r.key.measure == sum.key.measure && r.key.place == sum.key.place);
            let size: f64 = mine.filter_map(|r| r.common.ok()).map(f64::abs).sum();
            if let Ok(common) = sum.common {
                prop_assert!(near(common, 0.0, size.max(1.0)), "{common} of {size}");
            }
        }
    }

    #[test]
    fn every_test_is_a_probability_or_a_reason(rows in rows()) {
        let gaps = tally(frame(&rows), &["year"]).gaps(&GapOptions::default()).unwrap();
        let names = ["score", "pearson", "yates", "fisher", "mid_p", "permutation", "welch"];
        for name in names.map(Some).into_iter().chain([None]) {
            let tests = gaps.tests(name).unwrap();
            prop_assert_eq!(tests.rows.len(), gaps.rows.len());
            for row in &tests.rows {
                if let Ok((_, test)) = row.test {
                    prop_assert!((0.0..=1.0).contains(&test.p_value), "{name:?}: {}", test.p_value);
                }
            }
        }
        for row in gaps.effect_sizes().unwrap().rows {
            if let (Ok(value), Ok(ends)) = (row.value, row.interval) {
                prop_assert!(ends.contains(value));
                let difference = row.difference.unwrap();
                prop_assert!(value * difference >= 0.0, "{value} for {difference}");
            }
        }
    }
}
