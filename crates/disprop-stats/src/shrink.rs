//! Schools' gaps pulled towards their common mean by as much as their own data are unsure.
//!
//! A gap from twelve pupils says little about the school; ranking such gaps ranks luck. Empirical
//! Bayes shrinks each by its own uncertainty, and ranks come with how unsure they are.

mod ranks;

use serde::{Deserialize, Serialize};

pub use ranks::{Draws, Rank, ranks};

use crate::estimate::{Calculated, NotCalculable};
use crate::tail;
use crate::wald::{ChiSquared, Estimate, Scale};

/// How the variance between schools is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// Moments in one step. DerSimonian and Laird (1986).
    DerSimonianLaird,
    /// The τ² at which the weighted scatter equals its expectation. The default.
    #[default]
    PauleMandel,
}

/// The common mean and spread of schools' gaps, and each school's shrunken gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shrunken {
    /// Mean gap of schools (not of pupils).
    pub mean: Estimate,
    /// Variance of true gaps between schools.
    pub tau2: f64,
    /// Cochran's Q against equal gaps everywhere.
    pub heterogeneity: ChiSquared,
    /// Each school's gap after shrinking, in the order given.
    pub schools: Vec<SchoolGap>,
}

/// One school's gap after shrinking.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SchoolGap {
    /// Posterior mean and standard deviation, uncertainty of the common mean included.
    pub gap: Estimate,
    /// Weight of the school's own data, 0 (all mean) to 1 (all its own).
    pub reliability: f64,
    /// Posterior probability that the school's gap lies above the common mean, 0–1.
    pub above_mean: f64,
    /// Expected rank from the lowest gap, 1 to the number of schools.
    pub expected_rank: f64,
}

/// Returns each school's gap shrunk towards the common mean.
///
/// The between-school variance counts as known once estimated, so the intervals are somewhat narrow
/// with few schools; below ten, read them as a sketch.
///
/// # Formula
/// μ = Σ wy/Σ w, w = 1/(v + τ²); B = τ²/(τ² + v); posterior mean B y + (1 − B)μ, variance
/// B v + (1 − B)²/Σw. Expected rank 1 + Σⱼ Φ((mᵢ − mⱼ)/√(Vᵢ + Vⱼ)).
///
/// # Units and shapes
/// One estimate a school, linear scale, in any order; use logarithms of ratios as linear estimates.
///
/// # Errors
/// `too_few_clusters` for fewer than three schools; `no_variation` where a school's gap has no
/// variance; `not_a_ratio_scale` for log-scale estimates.
///
/// # Source
/// Morris, *JASA* 78 (1983), eq. 1.14; DerSimonian and Laird, *Control. Clin. Trials* 7 (1986),
/// 177; Paule and Mandel, *J. Res. NBS* 87 (1982), 377; Laird and Louis, *J. Educ. Stat.* 14 (1989).
///
/// # Example: the least sure school moves most
/// ```
/// use disprop_stats::{shrink, wald::Estimate};
/// let gaps = [(-0.30, 0.04), (-0.10, 0.001), (0.05, 0.001), (-0.02, 0.002)]
///     .map(|(gap, variance)| Estimate::linear(gap, variance));
/// let shrunken = shrink::schools(&gaps, Default::default())?;
/// assert!(shrunken.schools[0].reliability < shrunken.schools[1].reliability);
/// assert!(shrink::schools(&gaps[..2], Default::default()).is_err());
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn schools(gaps: &[Estimate], between: Between) -> Calculated<Shrunken> {
    if gaps.len() < 3 {
        return Err(NotCalculable::TooFewClusters);
    }
    if gaps.iter().any(|g| g.scale == Scale::Log) {
        return Err(NotCalculable::NotARatioScale);
    }
    let pairs: Vec<(f64, f64)> = gaps.iter().map(|g| (g.estimate, g.variance())).collect();
    if pairs
        .iter()
        .any(|(y, v)| !y.is_finite() || !v.is_finite() || *v <= 0.0)
    {
        return Err(NotCalculable::NoVariation);
    }
    let degrees = pairs.len() as f64 - 1.0;
    let (_, _, q) = scatter(&pairs, 0.0);
    let tau2 = match between {
        Between::DerSimonianLaird => {
            let weight: f64 = pairs.iter().map(|(_, v)| 1.0 / v).sum();
            let squares: f64 = pairs.iter().map(|(_, v)| 1.0 / (v * v)).sum();
            ((q - degrees) / (weight - squares / weight)).max(0.0)
        }
        // The scatter falls as τ² grows, from q at 0.
        Between::PauleMandel if q <= degrees => 0.0,
        Between::PauleMandel => {
            let start = pairs.iter().map(|(_, v)| *v).fold(0.0, f64::max);
            tail::bisect(start, |tau2| Ok(scatter(&pairs, tau2).2 > degrees))?
        }
    };
    let (mean, weight, _) = scatter(&pairs, tau2);
    let mut schools: Vec<SchoolGap> = pairs
        .iter()
        .map(|(y, v)| {
            let own = tau2 / (tau2 + v);
            let rest = 1.0 - own;
            let gap = Estimate::linear(own * y + rest * mean, own * v + rest * rest / weight);
            // The common mean moves with every school; here it is where it was estimated.
            let above = standardised(own * (y - mean), (own * v).sqrt());
            SchoolGap {
                gap,
                reliability: own,
                above_mean: above,
                expected_rank: 1.0,
            }
        })
        .collect();
    let posterior: Vec<Estimate> = schools.iter().map(|s| s.gap).collect();
    for (i, school) in schools.iter_mut().enumerate() {
        let others = posterior.iter().enumerate().filter(|(j, _)| *j != i);
        school.expected_rank += others
            .map(|(_, other)| {
                let spread = (school.gap.variance() + other.variance()).sqrt();
                standardised(school.gap.estimate - other.estimate, spread)
            })
            .sum::<f64>();
    }
    Ok(Shrunken {
        mean: Estimate::linear(mean, 1.0 / weight),
        tau2,
        heterogeneity: ChiSquared::new(q, degrees)?,
        schools,
    })
}

/// Weighted mean, sum of weights, and weighted scatter at a between-school variance.
fn scatter(pairs: &[(f64, f64)], tau2: f64) -> (f64, f64, f64) {
    let weight: f64 = pairs.iter().map(|(_, v)| 1.0 / (v + tau2)).sum();
    let mean = pairs.iter().map(|(y, v)| y / (v + tau2)).sum::<f64>() / weight;
    let q = pairs
        .iter()
        .map(|(y, v)| (y - mean).powi(2) / (v + tau2))
        .sum();
    (mean, weight, q)
}

/// Φ(distance / spread), one half where nothing is known.
fn standardised(distance: f64, spread: f64) -> f64 {
    if spread > 0.0 {
        tail::normal_below(distance / spread)
    } else {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_gaps_shrink_to_their_mean_and_share_the_middle_rank() {
        let gaps = [Estimate::linear(0.1, 0.01); 5];
        for between in [Between::DerSimonianLaird, Between::PauleMandel] {
            let got = schools(&gaps, between).unwrap();
            assert_eq!(got.tau2, 0.0);
            for school in got.schools {
                assert!((school.gap.estimate - 0.1).abs() < 1e-15);
                assert!((school.expected_rank - 3.0).abs() < 1e-12);
                assert_eq!(school.above_mean, 0.5);
            }
        }
    }

    #[test]
    fn equal_variances_make_both_estimators_the_sample_variance_less_noise() {
        let gaps = [0.0, 0.2, 0.4, 0.6].map(|g| Estimate::linear(g, 0.01));
        let want = 0.2 / 3.0 - 0.01;
        for between in [Between::DerSimonianLaird, Between::PauleMandel] {
            let got = schools(&gaps, between).unwrap();
            assert!((got.tau2 - want).abs() < 1e-14, "{between:?} {}", got.tau2);
            let ranks: f64 = got.schools.iter().map(|s| s.expected_rank).sum();
            assert!((ranks - 10.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_vaccine_trials_that_every_text_pools() {
        // Colditz et al., JAMA 271 (1994): cases and others, vaccinated then not. The figures are
        // those that the literature prints for them.
        let trials: [[f64; 4]; 13] = [
            [4.0, 119.0, 11.0, 128.0],
            [6.0, 300.0, 29.0, 274.0],
            [3.0, 228.0, 11.0, 209.0],
            [62.0, 13_536.0, 248.0, 12_619.0],
            [33.0, 5_036.0, 47.0, 5_761.0],
            [180.0, 1_361.0, 372.0, 1_079.0],
            [8.0, 2_537.0, 10.0, 619.0],
            [505.0, 87_886.0, 499.0, 87_892.0],
            [29.0, 7_470.0, 45.0, 7_232.0],
            [17.0, 1_699.0, 65.0, 1_600.0],
            [186.0, 50_448.0, 141.0, 27_197.0],
            [5.0, 2_493.0, 3.0, 2_338.0],
            [27.0, 16_886.0, 29.0, 17_825.0],
        ];
        let gaps = trials.map(|[a, b, c, d]| {
            let variance = 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d);
            Estimate::linear(((a / (a + b)) / (c / (c + d))).ln(), variance)
        });
        let got = schools(&gaps, Between::DerSimonianLaird).unwrap();
        let near = |got: f64, want: f64| assert!((got - want).abs() < 6e-5, "{got} {want}");
        near(got.heterogeneity.statistic, 152.2330);
        near(got.tau2, 0.3088);
        near(got.mean.estimate, -0.7141);
        near(got.mean.standard_error, 0.1787);
        near(schools(&gaps, Between::PauleMandel).unwrap().tau2, 0.3181);
    }
}
