//! Every analysis on every awkward pair of tallies: a finite number or a typed reason, no panic.

use disprop_stats::bootstrap::{Column, Drawing, replicates};
use disprop_stats::cell_regression::{Cell, Family, Over, Robustness, fit};
use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::decompose::{self, Covariates, Weighting};
use disprop_stats::fraction::Fraction;
use disprop_stats::inequality::{Best, Groups, Weights};
use disprop_stats::mantel_haenszel::{self as mh, DifferenceVariance};
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, Level, Mean, Proportion, Rate, Ratio};
use disprop_stats::{
    did, formal_rules, funnel, permutation, remaining, shrink, standardise, trend,
};

fn proportions() -> Vec<Proportion> {
    [
        (0, 0),
        (0, 1),
        (1, 1),
        (0, 2),
        (1, 2),
        (2, 2),
        (0, 5),
        (5, 5),
        (3, 10),
        (10, 1_000_000),
        (999_990, 1_000_000),
        (500_000_000, 1_000_000_000),
        (0, 26_318),
        (7, 3),
        (-1, 4),
        (0, -2),
        (1, 0),
        (i64::MAX, i64::MAX),
    ]
    .map(|(x, n)| Proportion::new(x, n))
    .to_vec()
}

fn means() -> Vec<Mean> {
    let mut all: Vec<Mean> = [
        vec![],
        vec![0.0],
        vec![46.5],
        vec![3.0, 3.0],
        vec![1e9, 1e9 + 1.0],
        vec![-1.0, 1.0],
        vec![1e-6, 2e-6, 0.0],
        (0..40).map(f64::from).collect(),
    ]
    .iter()
    .map(|v| Mean::of(v).unwrap())
    .collect();
    all.push(Mean {
        n: -1,
        sum: 5,
        squares: 1,
    });
    all
}

fn ratios() -> Vec<Ratio> {
    [
        vec![],
        vec![(0.0, 380.0)],
        vec![(380.0, 380.0)],
        vec![(0.0, 0.0)],
        vec![(3.0, 380.0), (9.0, 7.0)],
        vec![(0.0, 10.0), (0.0, 20.0)],
        vec![(1e9, 1e9), (1e-6, 1e-6)],
    ]
    .iter()
    .map(|v| Ratio::of(v).unwrap())
    .collect()
}

fn rates() -> Vec<Rate> {
    [
        (0, 0),
        (0, 9),
        (5, 9),
        (40, 9),
        (3, 0),
        (1_000_000, 9_000_000),
        (-2, 9),
    ]
    .map(|(x, n)| Rate::new(x, n))
    .to_vec()
}

/// Three strata of every pair beside every fourth other pair, and each pair alone.
fn families<T: Fraction>(zoo: &[T]) -> Vec<Vec<Stratum<T>>> {
    let pairs: Vec<Stratum<T>> = zoo
        .iter()
        .flat_map(|g| zoo.iter().map(|b| Stratum::new(*g, *b)))
        .collect();
    let mut all: Vec<_> = pairs.iter().map(|p| vec![*p]).collect();
    for (i, pair) in pairs.iter().enumerate() {
        let next = |k: usize| pairs[(i * 7 + k) % pairs.len()];
        all.push(vec![*pair, next(4), next(9)]);
        all.push((0..8).map(|k| next(k * 11)).chain([*pair]).collect());
    }
    all
}

#[track_caller]
fn number(got: Calculated<f64>) {
    if let Ok(value) = got {
        assert!(value.is_finite());
    }
}

#[track_caller]
fn sound(got: Calculated<Estimate>) {
    let Ok(got) = got else { return };
    assert!(
        got.estimate.is_finite() && got.standard_error.is_finite(),
        "{got:?}"
    );
    if let Ok(ends) = got.interval(Level::P95) {
        assert!(
            ends.lower <= got.estimate && got.estimate <= ends.upper,
            "{got:?} {ends:?}"
        );
    }
    if let Ok(p) = got.p_value() {
        assert!((0.0..=1.0).contains(&p), "{got:?} {p}");
    }
}

fn walk<T: Fraction>(zoo: &[T]) {
    for strata in families(zoo) {
        if let Ok(got) = standardise::to_group_mix(&strata) {
            sound(Ok(got.gap));
            if let Some(ratio) = got.ratio {
                sound(Ok(ratio));
            }
            number(Ok(got.crude + got.group + got.baseline + got.kept));
        }
        if let Ok(got) = standardise::indirect(&strata) {
            let ends = got.byar(Level::P95);
            number(Ok(got.ratio + got.excess() + ends.lower + ends.upper));
        }
        if let Ok(got) = decompose::kitagawa(&strata) {
            sound(got.composition.estimate);
            sound(got.rate.estimate);
        }
        number(
            decompose::three_fold(&strata)
                .map(|t| t.endowments.value + t.coefficients.value + t.interaction.value),
        );
        if let Ok(got) = decompose::within_between(&strata, Clustering::default()) {
            number(Ok(got.within + got.between));
            sound(got.within_estimate);
            sound(got.between_estimate);
        }
        for correction in [
            Correction::Cr0,
            Correction::Cr1Stata,
            Correction::Cr2,
            Correction::Cr3,
            Correction::Jackknife,
        ] {
            let lax = Clustering {
                correction,
                minimum_clusters: 2,
            };
            sound(cluster::difference(&strata, lax));
            sound(cluster::ratio(&strata, lax));
            let group: Vec<T> = strata.iter().map(|s| s.group).collect();
            sound(cluster::value(&group, lax));
        }
        let effort = permutation::Effort {
            all_up_to: 600,
            draws: 50,
            seed: 1,
        };
        if let Ok(test) = permutation::schools(&strata, 2, effort) {
            assert!(test.difference.is_finite());
            for p in [test.two_sided, test.less, test.greater] {
                assert!(p > 0.0 && p <= 1.0, "{test:?}");
            }
        }
        for got in [
            remaining::standardised(&strata),
            remaining::mantel_haenszel(&strata),
        ]
        .into_iter()
        .flatten()
        {
            number(got.share());
            number(got.interval(Level::P95).map(|e| e.upper - e.lower));
        }
        if let Ok(got) = decompose::outside(&strata) {
            sound(got.group.estimate);
            sound(got.baseline.estimate);
        }
        regressions(&strata);
        let drawing = Drawing {
            replicates: 100,
            minimum_clusters: 2,
            ..Drawing::new(1)
        };
        for got in replicates(&[Column::new(&strata)], drawing)
            .into_iter()
            .flatten()
        {
            number(Ok(got.estimate + got.standard_error));
            number(got.bca(Level::new(0.8).unwrap()).map(|e| e.upper - e.lower));
        }
        let schools: Vec<_> = strata
            .iter()
            .zip(strata.iter().rev())
            .enumerate()
            .map(|(i, (a, b))| did::School {
                programme: i % 2 == 0,
                before: *a,
                after: *b,
            })
            .collect();
        let lax = Clustering {
            minimum_clusters: 2,
            ..Clustering::default()
        };
        sound(did::schools(&schools, lax).map(|d| d.effect));
        spread(&strata);
    }
}

fn regressions<T: Fraction>(strata: &[Stratum<T>]) {
    let cells: Vec<Covariates<T>> = strata
        .iter()
        .enumerate()
        .map(|(i, s)| Covariates {
            values: vec![(i % 3) as f64],
            pupils: *s,
        })
        .collect();
    for weighting in [
        Weighting::Group,
        Weighting::Cotton,
        Weighting::Pooled,
        Weighting::PooledWithGroup,
    ] {
        if let Ok(got) = decompose::oaxaca_blinder(&cells, weighting) {
            for part in [
                got.explained,
                got.unexplained,
                got.endowments,
                got.interaction,
            ] {
                number(Ok(part.value));
                sound(part.estimate);
            }
            for part in got.by_covariate {
                sound(part.estimate);
            }
        }
    }
    let cells: Vec<Cell> = strata
        .iter()
        .enumerate()
        .flat_map(|(i, s)| {
            [
                Cell::new(vec![1.0], &s.group, i),
                Cell::new(vec![0.0], &s.baseline, i),
            ]
        })
        .collect();
    for family in [Family::Linear, Family::Logistic, Family::Poisson] {
        let Ok(model) = fit(&cells, family) else {
            continue;
        };
        for robustness in [
            Robustness::Model,
            Robustness::Quasi,
            Robustness::Hc1,
            Robustness::Cr1,
            Robustness::Cr2,
            Robustness::Cr3,
        ] {
            sound(model.coefficient(1, robustness));
            sound(
                model
                    .standardised_gap(0, Over::Group, robustness)
                    .map(|g| g.gap),
            );
        }
    }
}

fn spread<T: Fraction>(strata: &[Stratum<T>]) {
    let tallies: Vec<T> = strata.iter().map(|s| s.group).collect();
    let Ok(groups) = Groups::new(&tallies) else {
        return;
    };
    sound(Ok(groups.difference()));
    sound(groups.ratio());
    sound(groups.difference_from(0, Best::Lowest));
    sound(groups.theil());
    sound(groups.mean_log_deviation());
    sound(groups.attributable_fraction(Best::Lowest));
    sound(Ok(groups.between_group_variance()));
    number(groups.index_of_disparity(Weights::Equal));
    number(groups.slope_index());
    number(groups.relative_index());
    number(groups.relative_concentration());
}

#[test]
fn proportions_hold() {
    walk(&proportions());
    for strata in families(&proportions()) {
        for variance in [
            DifferenceVariance::Sato,
            DifferenceVariance::GreenlandRobins,
        ] {
            sound(mh::difference(&strata, variance));
        }
        sound(mh::ratio(&strata));
        sound(mh::odds_ratio(&strata));
        for on in [false, true] {
            number(mh::test(&strata, on).map(|t| t.statistic + t.p));
            number(mh::homogeneity(&strata, on).map(|t| t.statistic + t.p));
        }
        number(mh::difference_interval(&strata, Level::P95).map(|e| e.upper - e.lower));
        number(mh::ratio_interval(&strata, Level::P95).map(|e| e.upper - e.lower));
    }
    for group in proportions() {
        for baseline in proportions() {
            // Exact sums over a billion pupils are right but slow.
            if group.trials.saturating_add(baseline.trials) < 3_000_000 {
                number(permutation::proportions(&group, &baseline).map(|p| p.two_sided + p.less));
            }
            number(formal_rules::relative_rate(&group, &baseline));
            let minimums = formal_rules::Minimums { cell: 0, n: 0 };
            let rule = formal_rules::risk_ratio(&group, &baseline, Some(&group), minimums);
            number(rule.map(|r| r.ratio));
        }
    }
    for trim in [
        funnel::Trim::Winsorise(0.1),
        funnel::Trim::Truncate(0.1),
        funnel::Trim::Truncate(0.0),
    ] {
        for chunk in proportions().chunks(5) {
            number(funnel::arcsine(chunk, trim).map(|d| d.phi + d.tau2));
        }
        number(
            funnel::log_ratio(&[(0.0, 3.0), (2.0, 1.0), (9.0, 9.0)], trim).map(|d| d.phi + d.tau2),
        );
    }
}

#[test]
fn means_hold() {
    walk(&means());
}

#[test]
fn ratios_hold() {
    walk(&ratios());
}

#[test]
fn rates_hold() {
    walk(&rates());
}

#[test]
fn estimates_that_are_none_hold() {
    let odd = [0.0, 1.0, -1.0, 1e300, f64::NAN, f64::INFINITY];
    let all: Vec<Estimate> = odd
        .iter()
        .flat_map(|e| odd.iter().map(|v| Estimate::linear(*e, *v)))
        .collect();
    for gaps in all.chunks(5) {
        if let Ok(got) = shrink::schools(gaps, shrink::Between::PauleMandel) {
            got.schools.iter().for_each(|s| sound(Ok(s.gap)));
        }
        let times: Vec<f64> = (0..gaps.len()).map(|t| t as f64).collect();
        if let Ok(line) = trend::slope(&times, gaps, trend::SlopeError::Residual) {
            sound(Ok(line.slope));
            let ahead = trend::progress(&line, 3.0, 0.0, 5.0, Level::P95);
            number(ahead.map(|p| p.distance + p.probability));
        }
    }
}
