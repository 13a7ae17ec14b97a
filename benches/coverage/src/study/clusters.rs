//! Pupils in schools: what it costs to take pupils of one school as independent.

use disprop_stats::bootstrap::{self, Column, Drawing};
use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::contrast::{mover_wilson_ratio, newcombe};
use disprop_stats::distribution::beta_quantile;
use disprop_stats::stratum::{self, Stratum};
use disprop_stats::{Calculated, Interval, Level, Proportion};

use super::{Extent, Job};
use crate::chance::Draw;
use crate::score::{Case, Row, Score};

/// Correlation of two pupils of one school.
pub const CORRELATIONS: [f64; 5] = [0.0, 0.02, 0.05, 0.1, 0.2];
const SCHOOLS: [usize; 3] = [10, 30, 80];
const VALUES: [f64; 2] = [0.1, 0.5];
const SEED: u64 = 11;
/// Steps of the distribution of schools.
const STEPS: usize = 1_024;
/// Pupils of all other groups in a school.
const OTHERS: i64 = 100;

/// How the group sits in its schools: pupils a school on average, and whether the first schools have
/// most of them.
#[derive(Clone, Copy)]
struct Seats {
    name: &'static str,
    each: i64,
    concentrated: bool,
}

const SEATS: [Seats; 3] = [
    Seats {
        name: "few and even",
        each: 3,
        concentrated: false,
    },
    Seats {
        name: "even",
        each: 10,
        concentrated: false,
    },
    Seats {
        name: "concentrated",
        each: 10,
        concentrated: true,
    },
];

impl Seats {
    fn sizes(self, schools: usize) -> Vec<i64> {
        if !self.concentrated {
            return vec![self.each; schools];
        }
        // The k-th school has a share of 1 / k.
        let all: f64 = (1..=schools).map(|k| 1.0 / k as f64).sum();
        let total = (self.each * schools as i64) as f64;
        (1..=schools)
            .map(|k| (total / (k as f64 * all)).round() as i64)
            .collect()
    }
}

type Method = (
    &'static str,
    &'static str,
    fn(&[Stratum<Proportion>], u64) -> Calculated<Interval>,
);

const METHODS: [Method; 11] = [
    ("difference", "newcombe", |schools, _| {
        let all = both(schools)?;
        newcombe::interval(&all.group, &all.baseline, Level::P95)
    }),
    ("difference", "cr0", |schools, _| {
        clustered(schools, Correction::Cr0)
    }),
    ("difference", "cr1", |schools, _| {
        clustered(schools, Correction::Cr1)
    }),
    ("difference", "cr2", |schools, _| {
        clustered(schools, Correction::Cr2)
    }),
    ("difference", "cr3", |schools, _| {
        clustered(schools, Correction::Cr3)
    }),
    ("difference", "jackknife", |schools, _| {
        clustered(schools, Correction::Jackknife)
    }),
    ("difference", "bootstrap_percentile", |schools, seed| {
        drawn(schools, seed)?.percentile(Level::P95)
    }),
    ("difference", "bootstrap_bca", |schools, seed| {
        drawn(schools, seed)?.bca(Level::P95)
    }),
    ("ratio", "mover_wilson_ratio", |schools, _| {
        let all = both(schools)?;
        mover_wilson_ratio::interval(&all.group, &all.baseline, Level::P95)
    }),
    ("ratio", "cr1", |schools, _| {
        cluster::ratio(schools, Clustering::new(Correction::Cr1))?.interval(Level::P95)
    }),
    ("ratio", "cr2", |schools, _| {
        cluster::ratio(schools, Clustering::new(Correction::Cr2))?.interval(Level::P95)
    }),
];

fn both(schools: &[Stratum<Proportion>]) -> Calculated<Stratum<Proportion>> {
    stratum::total(schools).map_err(|_| disprop_stats::NotCalculable::Overflow)
}

fn clustered(schools: &[Stratum<Proportion>], correction: Correction) -> Calculated<Interval> {
    cluster::difference(schools, Clustering::new(correction))?.interval(Level::P95)
}

fn drawn(schools: &[Stratum<Proportion>], seed: u64) -> Calculated<bootstrap::Replicates> {
    let drawing = Drawing {
        replicates: 399,
        ..Drawing::new(seed)
    };
    let mut all = bootstrap::replicates(&[Column::new(schools)], drawing);
    all.pop()
        .unwrap_or(Err(disprop_stats::NotCalculable::TooFewForVariance))
}

/// Values of schools at equally likely steps of a beta distribution.
fn steps(mean: f64, correlation: f64) -> Vec<f64> {
    if correlation == 0.0 {
        return vec![mean; STEPS];
    }
    let size = (1.0 - correlation) / correlation;
    let at = |i: usize| (i as f64 + 0.5) / STEPS as f64;
    (0..STEPS)
        .map(|i| beta_quantile(at(i), mean * size, (1.0 - mean) * size).unwrap_or(mean))
        .collect()
}

/// Returns one job for each circumstance.
pub fn jobs(extent: Extent) -> Vec<Job> {
    let draws = if extent == Extent::Quick { 150 } else { 1_000 };
    let mut jobs: Vec<Job> = Vec::new();
    for correlation in extent.thin(&CORRELATIONS, 4) {
        for schools in extent.thin(&SCHOOLS, 3) {
            for seats in extent.thin(&SEATS, 3) {
                for baseline in extent.thin(&VALUES, 2) {
                    // A school moves both sides alike, or each side on its own.
                    for alike in [true, false] {
                        let stream = jobs.len() as u64;
                        let case = (correlation, schools, seats, baseline, alike);
                        jobs.push(Box::new(move || cell(case, stream, draws)));
                    }
                }
            }
        }
    }
    jobs
}

fn cell(
    (correlation, schools, seats, baseline, alike): (f64, usize, Seats, f64, bool),
    stream: u64,
    draws: usize,
) -> Vec<Row> {
    let odds = 0.6;
    let value = odds * baseline / (1.0 - baseline + odds * baseline);
    let (group, rest) = (steps(value, correlation), steps(baseline, correlation));
    let mean = |of: &[f64]| of.iter().sum::<f64>() / STEPS as f64;
    let sizes = seats.sizes(schools);
    let case = Case {
        study: "clusters",
        n: sizes.iter().sum(),
        m: OTHERS * schools as i64,
        value: mean(&group),
        baseline: mean(&rest),
        icc: correlation,
        schools,
        how: format!(
            "drawn; {}; {}",
            seats.name,
            if alike { "alike" } else { "apart" }
        ),
    };
    let mut scores = vec![Score::default(); METHODS.len()];
    let mut draw = Draw::new(SEED, stream);
    for _ in 0..draws {
        let all: Vec<Stratum<Proportion>> = sizes
            .iter()
            .map(|&n| {
                let at = draw.below(STEPS);
                let other = if alike { at } else { draw.below(STEPS) };
                let x = draw.binomial(n, group[at]);
                let y = draw.binomial(OTHERS, rest[other]);
                Stratum::new(Proportion::new(x, n), Proportion::new(y, OTHERS))
            })
            .collect();
        let seed = draw.seed();
        for ((scale, _, method), score) in METHODS.iter().zip(&mut scores) {
            let truth = if *scale == "ratio" {
                case.value / case.baseline
            } else {
                case.value - case.baseline
            };
            score.add(1.0, method(&all, seed), truth);
        }
    }
    METHODS
        .iter()
        .zip(scores)
        .map(|((scale, id, _), score)| Row::new(&case, ("proportion", scale, id), score))
        .collect()
}
