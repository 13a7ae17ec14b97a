//! Laws that hold for any strata, schools and seeds.

use disprop_stats::bootstrap::{Column, Drawing, replicates};
use disprop_stats::cluster::{self, Clustering, Correction};
use disprop_stats::decompose::{self, Covariates, Weighting};
use disprop_stats::mantel_haenszel::{self, DifferenceVariance};
use disprop_stats::multiplicity::{Adjustment, adjust};
use disprop_stats::stratum::{Stratum, total};
use disprop_stats::{Calculated, Level, NotCalculable, Proportion, Ratio, Tally, contrast};
use disprop_stats::{permutation, shrink, standardise, trend, wald::Estimate};
use proptest::prelude::*;

/// 0 to 40 of pupils, nobody and everybody with the outcome included.
fn proportion() -> impl Strategy<Value = Proportion> {
    (0_i64..=40)
        .prop_flat_map(|n| (0..=n, Just(n)))
        .prop_map(|(x, n)| Proportion::new(x, n))
}

fn strata() -> impl Strategy<Value = Vec<Stratum<Proportion>>> {
    prop::collection::vec((proportion(), proportion()), 1..12)
        .prop_map(|s| s.into_iter().map(|(g, b)| Stratum::new(g, b)).collect())
}

fn ratio() -> impl Strategy<Value = Ratio> {
    prop::collection::vec((0_u32..40, 40_u32..380), 1..6).prop_map(|pupils| {
        let pairs: Vec<_> = pupils
            .iter()
            .map(|(x, d)| (f64::from(*x), f64::from(*d)))
            .collect();
        Ratio::of(&pairs).unwrap()
    })
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 + 1e-9 * b.abs()
}

/// Numbers agree, or both sides give the same reason.
fn alike(a: Calculated<Estimate>, b: Calculated<Estimate>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => near(a.estimate, b.estimate) && near(a.standard_error, b.standard_error),
        (a, b) => a.err() == b.err(),
    }
}

proptest! {
    #[test]
    fn kitagawa_parts_sum_to_the_crude_gap(strata in strata()) {
        if let Ok(parts) = decompose::kitagawa(&strata) {
            let crude = total(&strata).unwrap();
            let gap = crude.group.value().unwrap() - crude.baseline.value().unwrap();
            prop_assert!(near(parts.composition.value + parts.rate.value, gap));
            // The rate part was taken as the remainder; by its own formula it is the same.
            let (d1, d0) = (crude.group.trials as f64, crude.baseline.trials as f64);
            let rate: f64 = strata.iter().filter(|s| s.compares()).map(|s| {
                let shares = s.group.trials as f64 / d1 + s.baseline.trials as f64 / d0;
                (s.group.value().unwrap() - s.baseline.value().unwrap()) * shares / 2.0
            }).sum();
            prop_assert!(near(parts.rate.value, rate));
            let three = decompose::three_fold(&strata).unwrap();
            prop_assert!(near(three.endowments.value + three.coefficients.value + three.interaction.value, gap));
        }
    }

    #[test]
    fn within_and_between_sum_to_the_crude_gap_school_by_school(
        sides in prop::collection::vec((ratio(), ratio(), any::<bool>()), 2..9),
    ) {
        let schools: Vec<_> = sides.iter().map(|(g, b, both)| {
            Stratum::new(if *both { *g } else { Ratio::default() }, *b)
        }).collect();
        match decompose::within_between(&schools, Clustering::default()) {
            Ok(parts) => {
                let sum: f64 = parts.schools.iter().map(|s| s.contribution()).sum();
                prop_assert!(near(sum, parts.gap));
                prop_assert!(near(parts.within + parts.between, parts.gap));
                let within: f64 = parts.schools.iter().map(|s| s.within).sum();
                prop_assert!(near(within, parts.within));
                if let (Ok(w), Ok(b)) = (parts.within_estimate, parts.between_estimate) {
                    prop_assert!(near(w.estimate, parts.within));
                    prop_assert!(near(b.estimate, parts.between));
                }
            }
            Err(reason) => prop_assert_eq!(reason, NotCalculable::NoGroup),
        }
    }

    #[test]
    fn one_stratum_is_the_crude_answer(group in proportion(), baseline in proportion()) {
        let one = [Stratum::new(group, baseline)];
        if let (Ok(a), Ok(b)) = (group.value(), baseline.value()) {
            let gap = mantel_haenszel::difference(&one, DifferenceVariance::Sato).unwrap();
            prop_assert!(near(gap.estimate, a - b));
            if let Ok(ratio) = mantel_haenszel::ratio(&one) {
                prop_assert!(near(ratio.estimate, a / b));
                // Greenland and Robins with one stratum is Katz.
                let katz = (1.0 - a) / group.events as f64 + (1.0 - b) / baseline.events as f64;
                prop_assert!(near(ratio.variance(), katz));
            }
            if let Ok(odds) = mantel_haenszel::odds_ratio(&one) {
                prop_assert!(near(odds.estimate, contrast::odds_ratio(&group, &baseline).unwrap()));
                // Robins, Breslow and Greenland with one stratum is Woolf.
                let counts = [group, baseline].map(|p| [p.events, p.trials - p.events]);
                let woolf: f64 = counts.as_flattened().iter().map(|n| 1.0 / *n as f64).sum();
                prop_assert!(near(odds.variance(), woolf));
            }
            let kept = standardise::to_group_mix(&one).unwrap();
            prop_assert!(near(kept.gap.estimate, a - b) && kept.kept == 1.0);
        }
    }

    #[test]
    fn merging_two_identical_strata_changes_nothing(strata in strata()) {
        let Some(first) = strata.first() else { return Ok(()) };
        let mut apart = strata.clone();
        apart.push(*first);
        let mut merged = strata.clone();
        merged[0] = Stratum::new(
            first.group.merge(&first.group).unwrap(),
            first.baseline.merge(&first.baseline).unwrap(),
        );
        for variance in [DifferenceVariance::Sato, DifferenceVariance::GreenlandRobins] {
            prop_assert!(alike(
                mantel_haenszel::difference(&apart, variance),
                mantel_haenszel::difference(&merged, variance),
            ));
        }
        prop_assert!(alike(mantel_haenszel::ratio(&apart), mantel_haenszel::ratio(&merged)));
        prop_assert!(alike(
            mantel_haenszel::odds_ratio(&apart), mantel_haenszel::odds_ratio(&merged),
        ));
        prop_assert!(alike(
            standardise::to_group_mix(&apart).map(|s| s.gap),
            standardise::to_group_mix(&merged).map(|s| s.gap),
        ));
        prop_assert!(alike(
            decompose::kitagawa(&apart).and_then(|k| k.composition.estimate),
            decompose::kitagawa(&merged).and_then(|k| k.composition.estimate),
        ));
    }

    #[test]
    fn score_intervals_hold_their_estimate_and_agree_with_the_test(strata in strata()) {
        use mantel_haenszel::{difference, difference_interval, ratio, ratio_interval, test};
        if let Ok(gap) = difference(&strata, DifferenceVariance::Sato) {
            let narrow = difference_interval(&strata, Level::new(0.8).unwrap()).unwrap();
            let wide = difference_interval(&strata, Level::P95).unwrap();
            prop_assert!(narrow.contains(gap.estimate));
            prop_assert!(wide.lower <= narrow.lower && narrow.upper <= wide.upper);
            prop_assert!(wide.lower >= -1.0 && wide.upper <= 1.0);
            if let Ok(test) = test(&strata, false) {
                prop_assert!(test.p < 0.05 + 1e-6 || wide.contains(0.0));
            }
        }
        if let Ok(value) = ratio(&strata) {
            let ends = ratio_interval(&strata, Level::P95);
            prop_assert!(ends.is_ok_and(|e| e.contains(value.estimate) && e.lower > 0.0));
        }
    }

    #[test]
    fn swapping_sides_turns_the_sign(strata in strata()) {
        let swapped: Vec<_> = strata.iter().map(|s| Stratum::new(s.baseline, s.group)).collect();
        let sato = |s: &[_]| mantel_haenszel::difference(s, DifferenceVariance::Sato);
        if let (Ok(a), Ok(b)) = (sato(&strata), sato(&swapped)) {
            prop_assert!(near(a.estimate, -b.estimate));
            prop_assert!(near(a.standard_error, b.standard_error));
        }
        let lax = Clustering { correction: Correction::Cr2, minimum_clusters: 2 };
        if let (Ok(a), Ok(b)) = (cluster::difference(&strata, lax), cluster::difference(&swapped, lax)) {
            prop_assert!(near(a.estimate, -b.estimate) && near(a.standard_error, b.standard_error));
        }
    }

    #[test]
    fn intervals_hold_their_estimate_and_widen_with_the_level(strata in strata()) {
        let lax = Clustering { correction: Correction::Cr2, minimum_clusters: 2 };
        let estimates = [
            mantel_haenszel::difference(&strata, DifferenceVariance::Sato),
            mantel_haenszel::ratio(&strata),
            mantel_haenszel::odds_ratio(&strata),
            cluster::difference(&strata, lax),
            cluster::ratio(&strata, lax),
        ];
        for estimate in estimates.into_iter().flatten() {
            let narrow = estimate.interval(Level::new(0.8).unwrap()).unwrap();
            let wide = estimate.interval(Level::P95).unwrap();
            prop_assert!(narrow.contains(estimate.estimate));
            prop_assert!(wide.lower <= narrow.lower && narrow.upper <= wide.upper);
        }
    }

    #[test]
    fn more_correction_is_never_a_smaller_variance(strata in strata()) {
        let of = |correction| {
            let lax = Clustering { correction, minimum_clusters: 2 };
            cluster::value(&strata.iter().map(|s| s.baseline).collect::<Vec<_>>(), lax)
        };
        if let (Ok(a), Ok(b), Ok(c)) = (of(Correction::Cr0), of(Correction::Cr2), of(Correction::Cr3)) {
            prop_assert!(a.standard_error <= b.standard_error + 1e-15);
            prop_assert!(b.standard_error <= c.standard_error + 1e-15);
        }
    }

    #[test]
    fn the_bootstrap_is_the_same_on_any_number_of_threads(
        strata in prop::collection::vec((proportion(), proportion()), 12),
        seed in any::<u64>(),
        threads in 2_usize..9,
    ) {
        let schools: Vec<_> = strata.iter().map(|(g, b)| Stratum::new(*g, *b)).collect();
        let columns = [Column::new(&schools), Column::new(&schools)];
        let one = Drawing { replicates: 300, ..Drawing::new(seed) };
        let got = replicates(&columns, one);
        prop_assert_eq!(&got, &replicates(&columns, Drawing { threads, ..one }));
        prop_assert_eq!(&got[0], &got[1]);
    }

    #[test]
    fn adjusted_p_values_keep_their_order_and_never_fall(
        p in prop::collection::vec(prop::option::of(0.0_f64..=1.0), 0..20),
    ) {
        for method in Adjustment::ALL {
            let adjusted = adjust(&p, method);
            prop_assert_eq!(adjusted.len(), p.len());
            for (a, b) in adjusted.iter().zip(&p) {
                prop_assert_eq!(a.is_some(), b.is_some());
                if let (Some(a), Some(b)) = (a, b) {
                    prop_assert!(*a >= *b - 1e-15 && *a <= 1.0);
                }
            }
            let pairs: Vec<_> = p.iter().flatten().zip(adjusted.iter().flatten()).collect();
            for (p, a) in &pairs {
                prop_assert!(pairs.iter().all(|(q, b)| q < p || **b >= **a - 1e-15));
            }
        }
    }

    #[test]
    fn oaxaca_parts_sum_to_the_gap(
        sides in prop::collection::vec((proportion(), proportion()), 3..6),
    ) {
        let cells: Vec<_> = sides.iter().enumerate().map(|(i, (g, b))| Covariates {
            values: vec![i as f64, f64::from(u8::from(i == 1))],
            pupils: Stratum::new(*g, *b),
        }).collect();
        for weighting in [Weighting::Group, Weighting::Baseline, Weighting::Pooled, Weighting::Cotton] {
            if let Ok(parts) = decompose::oaxaca_blinder(&cells, weighting) {
                prop_assert!(near(parts.explained.value + parts.unexplained.value, parts.gap));
                let by: f64 = parts.by_covariate.iter().map(|part| part.value).sum();
                prop_assert!((by - parts.explained.value).abs() < 1e-9);
                let three = parts.endowments.value + parts.coefficients.value + parts.interaction.value;
                prop_assert!((three - parts.gap).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn permutation_tails_cover_everything(a in proportion(), b in proportion()) {
        if let Ok(test) = permutation::proportions(&a, &b) {
            for p in [test.two_sided, test.less, test.greater] {
                prop_assert!(p > 0.0 && p <= 1.0);
            }
            prop_assert!(test.less + test.greater >= 1.0 - 1e-12);
            let swapped = permutation::proportions(&b, &a).unwrap();
            prop_assert!(near(test.two_sided, swapped.two_sided));
            prop_assert!(near(test.less, swapped.greater));
        }
    }

    #[test]
    fn shrunken_gaps_lie_between_their_own_and_the_mean(
        gaps in prop::collection::vec((-1.0_f64..1.0, 0.001_f64..0.1), 3..12),
    ) {
        let gaps: Vec<_> = gaps.into_iter().map(|(g, v)| Estimate::linear(g, v)).collect();
        for between in [shrink::Between::DerSimonianLaird, shrink::Between::PauleMandel] {
            let got = shrink::schools(&gaps, between).unwrap();
            let mean = got.mean.estimate;
            for (own, school) in gaps.iter().zip(&got.schools) {
                let (low, high) = (own.estimate.min(mean), own.estimate.max(mean));
                prop_assert!(low - 1e-12 <= school.gap.estimate && school.gap.estimate <= high + 1e-12);
            }
            let ranks: f64 = got.schools.iter().map(|s| s.expected_rank).sum();
            let n = gaps.len() as f64;
            prop_assert!(near(ranks, n * (n + 1.0) / 2.0));
        }
    }

    #[test]
    fn a_slope_of_two_periods_is_their_change(
        a in -1.0_f64..1.0, b in -1.0_f64..1.0, v in 0.001_f64..1.0, w in 0.001_f64..1.0,
    ) {
        let gaps = [Estimate::linear(a, v), Estimate::linear(b, w)];
        let line = trend::slope(&[2023.0, 2025.0], &gaps, trend::SlopeError::Given).unwrap();
        prop_assert!((line.slope.estimate - (b - a) / 2.0).abs() < 1e-9);
        prop_assert!(near(line.slope.variance(), (v + w) / 4.0));
        prop_assert!((line.at(2023.0).estimate - a).abs() < 1e-9);
        prop_assert!((line.at(2023.0).variance() - v).abs() < 1e-9);
    }
}
