//! Spread over groups against healthequal and rineq.

mod oracle;

use disprop_stats::cell_regression::{Cell, Family, fit};
use disprop_stats::inequality::{Best, Groups, Weights};
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable, Proportion, Rate};
use oracle::{close, csv, finite, numbers, record};

/// Our answer in the units of the peer, with its standard error where both have one.
type Answer = Calculated<(f64, Option<f64>)>;

fn scaled(estimate: Estimate, by: f64, error_by: f64) -> (f64, Option<f64>) {
    (
        estimate.estimate * by,
        Some(estimate.standard_error * error_by),
    )
}

fn answer(groups: &Groups, reference: usize, measure: &str, arguments: &str) -> Answer {
    use Weights::{Equal, Population};
    // "favourable" asks whether the indicator is one that should be high.
    let best = if arguments == "favourable=1" {
        Best::Highest
    } else {
        Best::Lowest
    };
    let plain = |value: f64, by: f64| Ok((value * by, None));
    match measure {
        "D (max-min)" => Ok(scaled(groups.difference(), 100.0, 100.0)),
        "R (max/min)" => groups.ratio().map(|r| scaled(r, 1.0, 1.0)),
        "D vs reference" => groups
            .difference_from(reference, best)
            .map(|d| scaled(d, 100.0, 100.0)),
        "MDBU" | "MDBU without se" => plain(groups.mean_difference_from_best(best, Equal), 100.0),
        "MDBW" => plain(groups.mean_difference_from_best(best, Population), 100.0),
        "MDMU" => plain(groups.mean_difference_from_mean(Equal), 100.0),
        "MDMW" => plain(groups.mean_difference_from_mean(Population), 100.0),
        "MDRU" => plain(groups.mean_difference_from(reference, Equal)?, 100.0),
        "MDRW" => plain(groups.mean_difference_from(reference, Population)?, 100.0),
        "IDISU" => plain(groups.index_of_disparity(Equal)?, 100.0),
        "IDISW" => plain(groups.index_of_disparity(Population)?, 100.0),
        "BGV" => Ok(scaled(groups.between_group_variance(), 1e4, 1e4)),
        "BGSD" => plain(groups.between_group_deviation(), 100.0),
        "COV" => plain(groups.coefficient_of_variation()?, 100.0),
        // The peer multiplies these three estimates but not their standard errors, so that its
        // intervals are 100 and 1,000 times too narrow (known_wrong.csv names the first).
        "PAF" => groups
            .attributable_fraction(best)
            .map(|f| scaled(f, 100.0, 1.0)),
        "TI (Theil)" => groups.theil().map(|t| scaled(t, 1e3, 1.0)),
        "MLD" => groups.mean_log_deviation().map(|t| scaled(t, 1e3, 1.0)),
        "PAR" => groups
            .attributable_risk(best)
            .map(|r| scaled(r, 100.0, 100.0)),
        "SII" => plain(groups.slope_index()?, 100.0),
        "RII" => plain(groups.relative_index()?, 1.0),
        "ACI" => plain(groups.absolute_concentration(), 100.0),
        "RCI" => plain(groups.relative_concentration()?, 1.0),
        other => panic!("no measure {other}"),
    }
}

#[test]
fn spread_over_groups_is_that_of_healthequal() {
    let Some(rows) = csv("r/who_summary.csv") else {
        return;
    };
    let (mut compared, mut errors, mut peer_refused, mut refused) = (0, 0, 0, 0);
    let mut twice = 0;
    for row in &rows {
        let (pop, events) = (numbers(&row["pop"]), numbers(&row["events"]));
        let what = format!("{} {} {}", row["case"], row["measure"], row["arguments"]);
        let tallies: Vec<Proportion> = events
            .iter()
            .zip(&pop)
            .map(|(x, n)| Proportion::new(*x, *n))
            .collect();
        let Ok(groups) = Groups::new(&tallies) else {
            // One group has nothing to differ from; the peer prints 0 for two of its measures.
            assert_eq!(row["case"], "single");
            refused += 1;
            continue;
        };
        let largest = (0..pop.len()).max_by_key(|i| pop[*i]).unwrap();
        let got = answer(&groups, largest, &row["measure"], &row["arguments"]);
        let Some(want) = finite(&row["estimate"]) else {
            // The peer wants more than two groups, or fails, or prints NaN or Inf. Ours answers
            // with a finite number or a reason.
            assert!(got.is_err() || got.is_ok_and(|g| g.0.is_finite()), "{what}");
            peer_refused += 1;
            continue;
        };
        match (row["case"].as_str(), row["measure"].as_str(), got) {
            // ln 0: the peer puts a small number in its place, which decides the result.
            ("zero_group", "MLD", got) => {
                assert_eq!(got, Err(NotCalculable::ZeroGroup), "{what}");
                refused += 1;
            }
            // The same small number adds 9e-8 where 0 ln 0 is 0.
            ("zero_group", "TI (Theil)", got) => {
                oracle::within(got.unwrap().0, want, 2e-6, &what);
                compared += 1;
            }
            // Relative to a mean of 0, where the peer prints 0 (with a NaN error for PAR).
            ("no_events", "TI (Theil)" | "MLD" | "PAR", got) => {
                assert_eq!(got, Err(NotCalculable::ZeroBaseline), "{what}");
                refused += 1;
            }
            // The peer counts each group's population twice, once as trials and once as weight.
            // The definition weights once, as ours; counted twice, ours is the peer's.
            (_, measure @ ("SII" | "RII"), got) => {
                assert!((got.unwrap().0 / want - 1.0).abs() > 0.1, "stale: {what}");
                let (bottom, top) = counted_twice(&pop, &events);
                let value = if measure == "SII" {
                    100.0 * (top - bottom)
                } else {
                    top / bottom
                };
                oracle::within(value, want, 1e-9, &what);
                twice += 1;
            }
            (_, _, got) => {
                let (value, error) = got.unwrap_or_else(|reason| panic!("{what}: {reason}"));
                close(value, want, &what);
                compared += 1;
                if let (Some(error), Some(want)) = (error, finite(&row["se"])) {
                    close(error, want, &what);
                    errors += 1;
                }
            }
        }
    }
    assert_eq!(
        (compared, errors, peer_refused, refused, twice),
        (98, 46, 48, 36, 4)
    );
    record(
        "r/who_summary.csv",
        "spread over groups",
        compared + errors + twice + refused,
        refused,
        "48 rows where the peer has no number: there ours is finite or a typed reason",
    );
}

/// Fitted ends of the order with weight n² instead of n.
fn counted_twice(pop: &[i64], events: &[i64]) -> (f64, f64) {
    let total: i64 = pop.iter().sum();
    let mut before = 0;
    let cells: Vec<Cell> = pop
        .iter()
        .zip(events)
        .map(|(n, x)| {
            let rank = (before as f64 + *n as f64 / 2.0) / total as f64;
            before += n;
            Cell::new(vec![rank], &Proportion::new(x * n, n * n), 0)
        })
        .collect();
    let model = fit(&cells, Family::Logistic).unwrap();
    (model.value(&[0.0]).unwrap(), model.value(&[1.0]).unwrap())
}

#[test]
fn concentration_of_single_pupils_is_that_of_rineq() {
    let Some(rows) = csv("r/concentration_index.csv") else {
        return;
    };
    let (mut compared, mut wrong) = (0, 0);
    for row in &rows {
        let (outcome, rank) = (numbers(&row["outcome"]), numbers(&row["rank_variable"]));
        let mut pupils: Vec<(i64, i64)> = rank.into_iter().zip(outcome).collect();
        pupils.sort_unstable();
        // A pupil is a group of one.
        let tallies: Vec<Rate> = pupils.iter().map(|(_, y)| Rate::new(*y, 1)).collect();
        let groups = Groups::new(&tallies).unwrap();
        let want = finite(&row["index"]).unwrap();
        let values = pupils.iter().map(|p| p.1 as f64);
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let got = match row["type"].as_str() {
            "CI" => groups.relative_concentration(),
            "CIg" => Ok(groups.absolute_concentration()),
            "CIc" => groups.erreygers(low, high),
            "CIw" if high > 1.0 => {
                // Wagstaff's index is for proportions; for scores the peer divides by 1 − mean.
                assert_eq!(groups.wagstaff(), Err(NotCalculable::NoComplement));
                wrong += 1;
                continue;
            }
            "CIw" => groups.wagstaff(),
            other => panic!("no type {other}"),
        };
        close(got.unwrap(), want, &row["type"]);
        compared += 1;
    }
    // The peer's variances are left out: they treat pupils' ranks as sampled, which tallies of
    // groups cannot.
    assert_eq!((compared, wrong), (7, 1));
    record(
        "r/concentration_index.csv",
        "concentration",
        compared,
        0,
        "1 Wagstaff index of everybody or nobody: a typed reason here",
    );
}
