//! Tallies that methods trip on, and what any interval of them must be.
//!
//! Nobody, one, none, all, a handful against a country, more events than pupils, no spread, values
//! far from zero: a method of any list is walked over all of them.
// Each test file is a crate of its own and uses its own part of this module.
#![allow(dead_code)]

use disprop_stats::{Calculated, Interval, Level, Mean, NotCalculable, Proportion, Rate, Ratio};

pub fn levels() -> Vec<Level> {
    [0.01, 0.5, 0.8, 0.95, 0.998, 0.999_999]
        .map(|level| Level::new(level).unwrap())
        .to_vec()
}

pub fn proportions() -> Vec<Proportion> {
    [
        (0, 0),
        (0, 1),
        (1, 1),
        (0, 2),
        (1, 2),
        (2, 2),
        (0, 5),
        (3, 5),
        (5, 5),
        (10, 10),
        (20, 20),
        (7, 34),
        (504, 583),
        (0, 1_000_000),
        (1, 1_000_000),
        (123_456, 1_000_000),
        (999_999, 1_000_000),
        (1_000_000, 1_000_000),
        (400_000_000, 1_000_000_000),
        (1_000_000_000, 1_000_000_000),
        (6, 5),
        (-1, 5),
        (0, -3),
        (5, 0),
    ]
    .map(|(events, trials)| Proportion::new(events, trials))
    .to_vec()
}

pub fn rates() -> Vec<Rate> {
    let mut all: Vec<Rate> = [
        (0, 0),
        (0, 1),
        (1, 1),
        (2, 1),
        (0, 44),
        (6, 44),
        (65, 44),
        (0, 1_000_000),
        (1, 1_000_000),
        (250_000, 1_000_000),
        (400_000_000, 1_000_000_000),
        (-1, 5),
        (3, -5),
        (5, 0),
    ]
    .map(|(events, exposure)| Rate::new(events, exposure))
    .to_vec();
    // Points, not events.
    all.push(Rate {
        n: 3,
        events: 46_500_001,
        exposure: 3_000_000,
    });
    all
}

pub fn means() -> Vec<Mean> {
    [
        vec![],
        vec![52.3],
        vec![45.0; 3],
        vec![0.0; 4],
        vec![40.0, 60.0],
        vec![-1.0, 1.0],
        vec![-0.4, 0.7, -1.3],
        vec![0.0, 0.0, 0.0, 55.0, 61.5],
        vec![1e9, 1e9 + 1.0, 1e9 - 1.0],
        vec![1e-6, 2e-6, 0.0],
        vec![0.0; 1000].into_iter().chain([1.0]).collect(),
    ]
    .map(|values| Mean::of(&values).unwrap())
    .to_vec()
}

pub fn ratios() -> Vec<Ratio> {
    [
        vec![],
        vec![(3.0, 380.0)],
        vec![(0.0, 380.0), (0.0, 371.0)],
        vec![(380.0, 380.0), (10.0, 10.0)],
        vec![(3.0, 380.0), (40.0, 371.0)],
        vec![(0.0, 0.0), (1.0, 2.0)],
        vec![(-3.0, 2.0), (1.0, 2.0)],
        vec![(17.0, 304.0), (9.0, 304.0), (0.0, 12.0), (304.0, 304.0)],
        vec![(1e6, 1e9), (2e6, 1e9)],
        vec![(0.0, 0.0), (0.0, 0.0)],
    ]
    .map(|pairs| Ratio::of(&pairs).unwrap())
    .to_vec()
}

/// Ends that are finite, in order, apart, and hold the estimate; or a typed reason.
pub fn sound(name: &str, got: Calculated<Interval>, estimate: Calculated<f64>) {
    match got {
        Ok(ends) => {
            let estimate =
                estimate.unwrap_or_else(|reason| panic!("{name}: no estimate: {reason}"));
            assert!(
                ends.lower.is_finite() && ends.upper.is_finite(),
                "{name}: {ends:?}"
            );
            assert!(
                ends.lower <= ends.upper && ends.contains(estimate),
                "{name}: {ends:?}, {estimate}"
            );
            assert!(ends.lower < ends.upper, "{name} has no width: {ends:?}");
        }
        Err(NotCalculable::NoConvergence) => panic!("{name} did not settle"),
        Err(_) => {}
    }
}

/// Wider at each higher level, or refused from some level on.
pub fn widens(name: &str, all: &[Calculated<Interval>]) {
    let found: Vec<Interval> = all.iter().filter_map(|got| got.ok()).collect();
    for pair in found.windows(2) {
        let slack = 1e-9 * (pair[0].upper - pair[0].lower);
        let wider =
            pair[1].lower <= pair[0].lower + slack && pair[1].upper >= pair[0].upper - slack;
        assert!(wider, "{name} narrows: {pair:?}");
    }
}
