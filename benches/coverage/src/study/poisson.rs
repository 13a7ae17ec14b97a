//! Events that come one by one: the case that intervals of published rates assume.

use disprop_stats::{Rate, contrast, interval};

use super::{Extent, Job};
use crate::chance::{layers, poisson};
use crate::score::{Case, estimate, of_one, of_two};

/// Events expected in the group.
pub const EVENTS: [f64; 9] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 200.0, 1_000.0];
/// How many times the group's exposure the baseline has.
pub const TIMES: [i64; 3] = [1, 10, 100];
/// True ratios.
pub const RATIOS: [f64; 3] = [0.5, 1.0, 2.0];

const LAYERS: usize = 25;

/// Returns one job for each number of events expected.
pub fn jobs(extent: Extent) -> Vec<Job> {
    let job = |mean: f64| -> Job {
        // Five suspensions in a hundred pupils.
        let n = (mean * 20.0).round() as i64;
        let value = mean / n as f64;
        let case = move |m: i64, baseline: f64, how: &str| Case {
            study: "poisson",
            n,
            m,
            value,
            baseline,
            icc: 0.0,
            schools: 0,
            how: how.into(),
        };
        Box::new(move || {
            let one = poisson(mean)
                .into_iter()
                .map(|(x, chance)| (chance, Rate::new(x, n)));
            let mut rows = of_one(&case(0, 0.0, "exact"), "rate", interval::RATE, one);
            for times in TIMES {
                for ratio in RATIOS {
                    let m = n * times;
                    let all = poisson(mean / ratio * times as f64);
                    let how = if all.len() <= 2 * LAYERS {
                        "exact"
                    } else {
                        "layers"
                    };
                    let rest = layers(all, LAYERS);
                    let group = poisson(mean);
                    let pairs = group.iter().flat_map(|&(x, a)| {
                        rest.iter()
                            .map(move |&(y, b)| (a * b, Rate::new(x, n), Rate::new(y, m)))
                    });
                    rows.extend(of_two(
                        &case(m, value / ratio, how),
                        "rate",
                        contrast::RATE,
                        estimate,
                        pairs,
                    ));
                }
            }
            rows
        })
    };
    extent.thin(&EVENTS, 3).into_iter().map(job).collect()
}
