//! Pupils with an outcome, independent of one another: chances are added up, nothing is drawn.

use disprop_stats::{Proportion, contrast, interval};

use super::{Extent, Job, OUTCOMES};
use crate::chance::{binomial, layers};
use crate::score::{Case, of_one, of_proportions, of_two};

/// Layers of a large baseline.
const LAYERS: usize = 25;

/// Group n; an authority's smallest ethnic groups have five pupils in a year group.
pub const GROUPS: [i64; 9] = [5, 10, 20, 30, 50, 100, 200, 500, 2_000];
/// Baseline n: another small group, one school, an authority's year group, all its pupils.
pub const BASELINES: [i64; 5] = [30, 200, 2_000, 10_000, 50_000];
/// Odds of the group over those of the baseline: from half to twice, and no gap.
pub const ODDS: [f64; 5] = [0.5, 0.7, 1.0, 1.4, 2.0];

fn case(n: i64, m: i64, value: f64, baseline: f64, how: &str) -> Case {
    Case {
        study: "binomial",
        n,
        m,
        value,
        baseline,
        icc: 0.0,
        schools: 0,
        how: how.into(),
    }
}

/// Returns one job for each pair of sizes.
pub fn jobs(extent: Extent) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for n in extent.thin(&GROUPS, 3) {
        let rates = extent.thin(&OUTCOMES, 3);
        let one = rates.clone();
        jobs.push(Box::new(move || {
            let cell = |p: f64| {
                let tallies = binomial(n, p)
                    .into_iter()
                    .map(|(x, chance)| (chance, Proportion::new(x, n)));
                of_one(
                    &case(n, 0, p, 0.0, "exact"),
                    "proportion",
                    interval::PROPORTION,
                    tallies,
                )
            };
            one.iter().flat_map(|&p| cell(p)).collect()
        }));
        for m in extent.thin(&BASELINES, 2) {
            for &p in &rates {
                jobs.push(Box::new(move || {
                    ODDS.iter().flat_map(|&odds| pair(n, m, p, odds)).collect()
                }));
            }
        }
    }
    jobs
}

fn pair(n: i64, m: i64, p: f64, odds: f64) -> Vec<crate::Row> {
    let value = odds * p / (1.0 - p + odds * p);
    let all = binomial(m, p);
    let how = if all.len() <= 2 * LAYERS {
        "exact"
    } else {
        "layers"
    };
    let rest = layers(all, LAYERS);
    let group = binomial(n, value);
    let pairs = group.iter().flat_map(|&(x, a)| {
        rest.iter()
            .map(move |&(y, b)| (a * b, Proportion::new(x, n), Proportion::new(y, m)))
    });
    of_two(
        &case(n, m, value, p, how),
        "proportion",
        contrast::PROPORTION,
        of_proportions,
        pairs,
    )
}
