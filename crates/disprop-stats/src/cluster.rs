//! Gaps whose error allows for pupils of one school being alike.
//!
//! Pupils share their school's teachers, intake and way of recording, so the independent-pupil
//! interval is too narrow when a measure varies between schools. Schools are treated as drawn with
//! replacement; a school's tallies enter as one observation. Each school is one
//! [`Stratum`]: the group's and all other groups' tallies there.

mod side;

use serde::{Deserialize, Serialize};

pub(crate) use side::{School, leave_one_out, schools, total};
use side::{Side, satterthwaite, sides};

use crate::estimate::{Calculated, NotCalculable};
use crate::facts::Facts;
use crate::fraction::Fraction;
use crate::stratum::Stratum;
use crate::wald::{Estimate, Scale};

/// What a reader needs to judge each correction, the default first.
pub const METHODS: &[Facts] = &[
    Facts {
        id: "cr2",
        label: "bias-reduced linearisation",
        formula: "residuals over sqrt(1 - h), t on Satterthwaite's degrees of freedom",
        source: "Bell and McCaffrey (2002), Survey Methodology 28, 169-181; Pustejovsky and Tipton (2018), JBES 36, eq. 8 and 11",
        when_to_use: "by default: unbiased under its working model, and honest about few schools",
        when_not: "where either side sits in fewer than five schools: withheld",
    },
    Facts {
        id: "cr0",
        label: "linearised, without correction",
        formula: "CR0: sum over schools of squared residual sums",
        source: "Liang and Zeger (1986), Biometrika 73, 13-22",
        when_to_use: "to match survey packages that correct nothing",
        when_not: "with fewer than about fifty schools: too narrow",
    },
    Facts {
        id: "cr1",
        label: "linearised survey variance",
        formula: "CR0 m / (m - 1), t on Satterthwaite's degrees of freedom",
        source: "Cochran (1977), Sampling Techniques, eq. 11.27",
        when_to_use: "to match survey packages",
        when_not: "where the group sits in few schools: too narrow",
    },
    Facts {
        id: "cr1_stata",
        label: "as Stata prints it",
        formula: "CR0 m / (m - 1) (n - 1) / (n - 2)",
        source: "Cameron and Miller (2015), J. Human Resources 50, eq. 11",
        when_to_use: "to match Stata",
        when_not: "where the group sits in few schools: too narrow",
    },
    Facts {
        id: "cr3",
        label: "approximate jackknife",
        formula: "residuals over 1 - h",
        source: "Pustejovsky and Tipton (2018), JBES 36",
        when_to_use: "where erring on the wide side is wanted",
        when_not: "for many comparisons: wider than need be",
    },
    Facts {
        id: "jackknife",
        label: "leaving out one school at a time",
        formula: "(m - 1) / m sum (theta(-i) - theta)^2",
        source: "Davison and Hinkley (1997), Bootstrap Methods, section 2.7",
        when_to_use: "where erring on the wide side is wanted",
        when_not: "for many comparisons: wider than need be",
    },
];

/// Small-sample correction of the clustered variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Correction {
    /// None: too small with few schools. Liang and Zeger (1986).
    Cr0,
    /// CR0 · m/(m − 1), m schools: the linearised survey variance.
    Cr1,
    /// CR0 · m/(m − 1) · (n − 1)/(n − 2), n pupils: what Stata prints.
    Cr1Stata,
    /// Residuals inflated by (1 − h)^−½: unbiased under a working model of equal variances. The default.
    Cr2,
    /// Residuals inflated by 1/(1 − h): close to the jackknife, conservative.
    Cr3,
    /// Leaving out one school at a time, (m − 1)/m Σ(θ₍ᵢ₎ − θ)².
    Jackknife,
}

/// How clustering is allowed for, and when it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clustering {
    /// The correction; `Cr2` unless told.
    pub correction: Correction,
    /// Fewest schools that each side must sit in; 5 unless told, never less than 2.
    pub minimum_clusters: usize,
}

impl Clustering {
    /// Fewest schools by default. With fewer, Satterthwaite's degrees of freedom fall below the 4
    /// under which the t approximation fails (Bell and McCaffrey 2002; Tipton 2015).
    pub const MINIMUM: usize = 5;

    /// Returns this correction with the default minimum.
    pub fn new(correction: Correction) -> Self {
        Clustering {
            correction,
            minimum_clusters: Self::MINIMUM,
        }
    }
}

impl Default for Clustering {
    fn default() -> Self {
        Self::new(Correction::Cr2)
    }
}

/// Returns the difference, group minus baseline, with schools as clusters.
///
/// # Formula
/// V = f Σᵢ (a₁ᵢu₁ᵢ − a₀ᵢu₀ᵢ)², uᵢ = (xᵢ − R dᵢ)/D the school's linearised residual; with h = dᵢ/D:
/// a = 1 (CR0, CR1), (1 − h)^−½ (CR2), 1/(1 − h) (CR3); f = m/(m − 1) for CR1, else 1. t with
/// Satterthwaite degrees of freedom (tr G)²/tr G², G the working-model covariance of the terms.
///
/// # Units and shapes
/// One stratum a school; schools with one side only count for that side. For a `Ratio` the
/// leverages are shares of the denominator.
///
/// # Errors
/// `no_group`, `no_baseline`; `too_few_clusters` where either side sits in fewer schools than
/// `minimum_clusters`: the formula would give a variance near zero, not a large one.
///
/// # Source
/// Bell and McCaffrey, *Survey Methodology* 28 (2002), 169; Pustejovsky and Tipton, *JBES* 36
/// (2018), eq. 8 and 11; Cochran (1977), eq. 11.27 for CR1.
///
/// # Example: refused where the group sits in one school
/// ```
/// use disprop_stats::{NotCalculable, Proportion, cluster, stratum::Stratum};
/// let schools = [
///     Stratum::new(Proportion::new(2, 4), Proportion::new(1, 9)),
///     Stratum::new(Proportion::new(0, 0), Proportion::new(4, 9)),
/// ];
/// let gap = cluster::difference(&schools, Default::default());
/// assert_eq!(gap, Err(NotCalculable::TooFewClusters));
/// ```
pub fn difference<T: Fraction>(
    strata: &[Stratum<T>],
    clustering: Clustering,
) -> Calculated<Estimate> {
    contrast(&schools(strata), clustering, Scale::Linear)
}

/// Returns the ratio, group over baseline, with schools as clusters and error on the log scale.
///
/// # Formula
/// As [`difference`] with u₁/R₁ and u₀/R₀ in place of u₁ and u₀ (delta method).
///
/// # Errors
/// As [`difference`]; `zero_group`, `zero_baseline` where a value is not positive.
///
/// # Source
/// As [`difference`].
///
/// # Example: six schools
/// ```
/// use disprop_stats::{Level, Proportion, cluster, stratum::Stratum};
/// let schools: Vec<_> = (0..6)
///     .map(|i| Stratum::new(Proportion::new(2 + i % 3, 10), Proportion::new(9 + i, 90)))
///     .collect();
/// let ratio = cluster::ratio(&schools, Default::default())?;
/// assert!(ratio.interval(Level::P95)?.contains(ratio.estimate));
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn ratio<T: Fraction>(strata: &[Stratum<T>], clustering: Clustering) -> Calculated<Estimate> {
    contrast(&schools(strata), clustering, Scale::Log)
}

/// Returns one side's value with schools as clusters.
///
/// # Formula
/// As [`difference`] with one side only; m counts every school given, also those with nobody on
/// this side, as a survey's domain estimate does.
///
/// # Errors
/// `no_group`, `too_few_clusters`.
///
/// # Source
/// As [`difference`].
///
/// # Example: the value is the pooled one
/// ```
/// use disprop_stats::{Proportion, cluster};
/// let schools: Vec<_> = (0..6).map(|i| Proportion::new(i, 10)).collect();
/// assert_eq!(cluster::value(&schools, Default::default())?.estimate, 0.25);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn value<T: Fraction>(schools: &[T], clustering: Clustering) -> Calculated<Estimate> {
    let pairs: Vec<_> = schools
        .iter()
        .map(|t| (t.numerator(), t.denominator()))
        .collect();
    let side = Side::new(&pairs, NotCalculable::NoGroup, clustering.minimum_clusters)?;
    let pupils: f64 = schools.iter().map(|t| t.n() as f64).sum();
    let (terms, shares) = side.inflated(clustering.correction);
    let variance = factor(clustering.correction, schools.len() as f64, pupils, 1.0)
        * terms.iter().map(|t| t * t).sum::<f64>();
    let degrees = satterthwaite(&[(&side, &shares, 1.0)])?;
    Ok(Estimate::linear(side.value, variance).with_degrees(degrees))
}

/// The covariance of the two sides' values over schools, CR1.
///
/// It is what the independent variance of a gap leaves out: where schools are alike for both
/// sides it is positive and narrows the gap's interval.
///
/// # Errors
/// As [`difference`].
///
/// # Source
/// Cochran (1977), eq. 11.27, for two domains.
///
/// # Example: both sides rise together
/// ```
/// use disprop_stats::{Proportion, cluster, stratum::Stratum};
/// let schools: Vec<_> =
///     (1..7).map(|i| Stratum::new(Proportion::new(i, 10), Proportion::new(5 * i, 50))).collect();
/// assert!(cluster::covariance(&schools, Default::default())? > 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn covariance<T: Fraction>(strata: &[Stratum<T>], clustering: Clustering) -> Calculated<f64> {
    let schools = schools(strata);
    let (group, baseline) = sides(&schools, clustering.minimum_clusters)?;
    let m = schools.len() as f64;
    let products = group
        .residuals
        .iter()
        .zip(&baseline.residuals)
        .map(|(a, b)| a * b);
    Ok(m / (m - 1.0) * products.sum::<f64>())
}

/// Returns the contrast of two sides over schools on either scale.
pub(crate) fn contrast(
    schools: &[School],
    clustering: Clustering,
    scale: Scale,
) -> Calculated<Estimate> {
    let (group, baseline) = sides(schools, clustering.minimum_clusters)?;
    let (estimate, c1, c0) = match scale {
        Scale::Linear => (group.value - baseline.value, 1.0, 1.0),
        Scale::Log if baseline.value <= 0.0 => return Err(NotCalculable::ZeroBaseline),
        Scale::Log if group.value <= 0.0 => return Err(NotCalculable::ZeroGroup),
        Scale::Log => (
            group.value / baseline.value,
            1.0 / group.value,
            1.0 / baseline.value,
        ),
    };
    let (u1, v1) = group.inflated(clustering.correction);
    let (u0, v0) = baseline.inflated(clustering.correction);
    let variance = if clustering.correction == Correction::Jackknife {
        jackknife(schools, estimate, scale)?
    } else {
        let squares: f64 = u1
            .iter()
            .zip(&u0)
            .map(|(a, b)| (c1 * a - c0 * b).powi(2))
            .sum();
        let pupils: f64 = schools.iter().map(|s| s.n).sum();
        factor(clustering.correction, schools.len() as f64, pupils, 2.0) * squares
    };
    let degrees = satterthwaite(&[(&group, &v1, c1), (&baseline, &v0, c0)])?;
    Ok(Estimate {
        scale,
        ..Estimate::linear(estimate, variance)
    }
    .with_degrees(degrees))
}

fn factor(correction: Correction, schools: f64, pupils: f64, parameters: f64) -> f64 {
    match correction {
        Correction::Cr1 => schools / (schools - 1.0),
        Correction::Cr1Stata => schools / (schools - 1.0) * (pupils - 1.0) / (pupils - parameters),
        Correction::Cr0 | Correction::Cr2 | Correction::Cr3 | Correction::Jackknife => 1.0,
    }
}

fn jackknife(schools: &[School], estimate: f64, scale: Scale) -> Calculated<f64> {
    let centre = if scale == Scale::Log {
        estimate.ln()
    } else {
        estimate
    };
    let mut squares = 0.0;
    for left_out in leave_one_out(schools) {
        let (r1, r0) = (left_out.x1 / left_out.d1, left_out.x0 / left_out.d0);
        let replicate = if scale == Scale::Log {
            (r1 / r0).ln()
        } else {
            r1 - r0
        };
        if !replicate.is_finite() {
            return Err(NotCalculable::TooFewClusters);
        }
        squares += (replicate - centre).powi(2);
    }
    let m = schools.len() as f64;
    Ok((m - 1.0) / m * squares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    /// Every pupil a school of one: clustering must then give the independent variance.
    #[test]
    fn schools_of_one_pupil_are_independent_pupils() {
        let pupil = |event, group: bool| {
            let one = Proportion::new(event, 1);
            let none = Proportion::default();
            if group {
                Stratum::new(one, none)
            } else {
                Stratum::new(none, one)
            }
        };
        let mut pupils = vec![
            pupil(1, true),
            pupil(0, true),
            pupil(0, true),
            pupil(1, true),
        ];
        pupils.extend([1, 0, 0, 0, 1].map(|e| pupil(e, false)));
        let clustering = Clustering {
            correction: Correction::Cr0,
            minimum_clusters: 2,
        };
        let gap = difference(&pupils, clustering).unwrap();
        assert!((gap.estimate - 0.1).abs() < 1e-15);
        assert!((gap.variance() - (0.25 / 4.0 + 0.24 / 5.0)).abs() < 1e-15);
    }

    #[test]
    fn too_few_schools_refuse_whatever_the_minimum_asked() {
        let one = [
            Stratum::new(Proportion::new(1, 4), Proportion::new(3, 9)),
            Stratum::new(Proportion::default(), Proportion::new(2, 8)),
        ];
        let lax = Clustering {
            correction: Correction::Cr0,
            minimum_clusters: 0,
        };
        assert_eq!(
            difference(&one, lax).unwrap_err(),
            NotCalculable::TooFewClusters
        );
        assert_eq!(
            difference(&one[1..], lax).unwrap_err(),
            NotCalculable::NoGroup
        );
        assert_eq!(
            value::<Proportion>(&[], lax).unwrap_err(),
            NotCalculable::NoGroup
        );
    }
}
