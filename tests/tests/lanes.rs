//! The kernel's sums against plain addition in 128 bits, over values of every magnitude.
//!
//! How the kernel keeps its sums depends on the largest value of each column: packed side by side in
//! words, in words of their own, or in 128 bits. Whichever it is, the sums are these.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use disprop::tallies::Column;
use disprop::{Cohort, CohortOptions, Columns, Measure, Tallies, TallyOptions, measure};
use disprop_stats::{Mean, Proportion, Ratio};
use polars::prelude::*;

const CODES: [&str; 5] = ["WBRI", "BCRB", "MWBC", "AIND", "REFU"];
/// More than one turn of the lanes and more than one share of a thread.
const ROWS: usize = 150_000;
const MICRO: i128 = 1_000_000;

/// A fixed sequence that looks random: multiplier and increment of Knuth's MMIX.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % limit.max(1)
    }
}

struct Row {
    code: usize,
    possible: Option<i64>,
    absent: Option<i64>,
    suspensions: Option<i64>,
    score: Option<i64>,
    entries: Option<i64>,
    points: Option<i64>,
}

fn rows(sessions: i64, score: i64, points: i64) -> Vec<Row> {
    let mut numbers = Numbers(sessions as u64 ^ (score as u64) << 20);
    (0..ROWS)
        .map(|_| {
            let n = &mut numbers;
            let possible = n.below(sessions + 1);
            let some = |n: &mut Numbers, value| (n.below(50) > 0).then_some(value);
            let absent = n.below(possible + 1);
            let few = if n.below(20) == 0 { n.below(9) } else { 0 };
            let signed = n.below(2 * score + 1) - score;
            let (entries, scored) = (n.below(6), n.below(points + 1));
            Row {
                code: n.below(64).min(CODES.len() as i64 - 1) as usize,
                possible: some(n, possible),
                absent: some(n, absent),
                suspensions: some(n, few),
                score: (n.below(10) == 0).then_some(signed),
                entries: some(n, entries),
                points: some(n, scored),
            }
        })
        .collect()
}

fn tallied(rows: &[Row], threads: usize) -> Tallies {
    let column = |name: &str, of: fn(&Row) -> Option<i64>| {
        Series::new(name.into(), rows.iter().map(of).collect::<Vec<_>>()).into_column()
    };
    let codes: Vec<&str> = rows.iter().map(|r| CODES[r.code]).collect();
    let frame = DataFrame::new(
        rows.len(),
        vec![
            Series::new("ethnicity".into(), codes).into_column(),
            column("sessions_possible", |r| r.possible),
            column("sessions_absent", |r| r.absent),
            column("suspensions", |r| r.suspensions),
            column("ks4_progress8", |r| r.score),
            column("ks5_entries_alevel", |r| r.entries),
            column("ks5_points_alevel", |r| r.points),
        ],
    )
    .unwrap();
    let measures: Vec<Measure> = [
        "severe_absence",
        "attendance",
        "absence",
        "persistent_absence",
        "suspensions",
        "suspended_twice",
        "ks4_progress8",
        "ks5_aps_alevel",
    ]
    .iter()
    .map(|id| measure(id).unwrap())
    .collect();
    let options = CohortOptions {
        measures: measures.clone(),
        ..CohortOptions::default()
    };
    let cohort = Cohort::with(frame, Columns::npd(), options).unwrap();
    let how = TallyOptions {
        threads: NonZeroUsize::new(threads),
        ..TallyOptions::default()
    };
    cohort.tally_with(&measures, &[], &how).unwrap()
}

/// Sums of one group by plain addition.
#[derive(Default, Clone, Copy)]
struct Sums {
    absence: Ratio,
    points: Ratio,
    persistent: Proportion,
    severe: Proportion,
    twice: Proportion,
    suspensions: Mean,
    score: Mean,
}

fn share(sums: &mut Ratio, x: Option<i64>, d: Option<i64>) {
    if let (Some(x), Some(d)) = (x, d)
        && d > 0
    {
        let (x, d) = (i128::from(x) * MICRO, i128::from(d) * MICRO);
        sums.n += 1;
        sums.x += x;
        sums.d += d;
        sums.xx += x * x;
        sums.xd += x * d;
        sums.dd += d * d;
    }
}

fn value(sums: &mut Mean, x: Option<i64>) {
    if let Some(x) = x {
        let x = i128::from(x) * MICRO;
        sums.n += 1;
        sums.sum += x;
        sums.squares += x * x;
    }
}

fn plain(rows: &[Row]) -> BTreeMap<&'static str, Sums> {
    let mut groups: BTreeMap<&str, Sums> = BTreeMap::new();
    for row in rows {
        let sums = groups.entry(CODES[row.code]).or_default();
        share(&mut sums.absence, row.absent, row.possible);
        share(&mut sums.points, row.points, row.entries);
        value(&mut sums.suspensions, row.suspensions);
        value(&mut sums.score, row.score);
        if let (Some(x), Some(d)) = (row.absent, row.possible)
            && d > 0
        {
            sums.persistent.trials += 1;
            sums.severe.trials += 1;
            sums.persistent.events += i64::from(10 * i128::from(x) >= i128::from(d));
            sums.severe.events += i64::from(2 * i128::from(x) >= i128::from(d));
        }
        if let Some(x) = row.suspensions {
            sums.twice.trials += 1;
            sums.twice.events += i64::from(x >= 2);
        }
    }
    groups
}

fn agree(sessions: i64, score: i64, points: i64) {
    let rows = rows(sessions, score, points);
    let wanted = plain(&rows);
    for threads in [1, 3] {
        let tallies = tallied(&rows, threads);
        assert_eq!(tallies.cells(), wanted.len());
        for (cell, leaf) in tallies.leaves().iter().enumerate() {
            let sums = wanted[leaf.code.as_str()];
            for measure in tallies.measures() {
                let id = measure.measure.id.as_str();
                let place = format!("{id} of {} up to {sessions}, {score}, {points}", leaf.code);
                match (&measure.column, id) {
                    (Column::Ratio(c), "absence") => {
                        assert_eq!(c.get(cell).unwrap(), sums.absence, "{place}")
                    }
                    (Column::Ratio(c), "attendance") => {
                        let a = sums.absence;
                        let mirrored = Ratio {
                            x: a.d - a.x,
                            xx: a.dd - 2 * a.xd + a.xx,
                            xd: a.dd - a.xd,
                            ..a
                        };
                        assert_eq!(c.get(cell).unwrap(), mirrored, "{place}");
                    }
                    (Column::Ratio(c), _) => {
                        assert_eq!(c.get(cell).unwrap(), sums.points, "{place}")
                    }
                    (Column::Proportion(c), "persistent_absence") => {
                        assert_eq!(c.get(cell).unwrap(), sums.persistent, "{place}");
                    }
                    (Column::Proportion(c), "severe_absence") => {
                        assert_eq!(c.get(cell).unwrap(), sums.severe, "{place}");
                    }
                    (Column::Proportion(c), _) => {
                        assert_eq!(c.get(cell).unwrap(), sums.twice, "{place}")
                    }
                    (Column::Mean(c), "suspensions") => {
                        assert_eq!(c.get(cell).unwrap(), sums.suspensions, "{place}");
                    }
                    (Column::Mean(c), _) => assert_eq!(c.get(cell).unwrap(), sums.score, "{place}"),
                    (Column::Rate(_), _) => panic!("no rows make a rate"),
                }
            }
        }
    }
}

#[test]
fn sums_packed_side_by_side_are_plain_sums() {
    agree(390, 900, 300);
    agree(511, 127, 60);
}

#[test]
fn sums_of_larger_values_are_plain_sums() {
    agree(420, 32_767, 60_000);
    agree(4_000, 1_000_000, 3_000);
    agree(32_767, 46_340, 5);
}

#[test]
fn sums_of_the_largest_values_are_plain_sums() {
    agree(1_000_000_000, 1_000_000_000, 1_000_000_000);
    agree(390, 1_000_000_000, 100_000_000);
}
