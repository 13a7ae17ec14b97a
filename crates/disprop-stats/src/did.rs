//! Difference in differences of a gap: did it change more in programme schools than elsewhere?
//!
//! The answer is about the programme only if, without it, both sorts of school would have moved
//! alike. That cannot be tested; [`schools`] on two periods before the programme (the pre-trend)
//! shows whether they did move alike until then, and belongs beside every result.

mod periods;

use serde::{Deserialize, Serialize};

pub use periods::{Contrasted, Panel, Whose, periods};

use crate::cluster::Clustering;
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::stratum::Stratum;
use crate::wald::{Estimate, Scale};

/// Returns the difference in differences of four independent gaps.
///
/// # Formula
/// (programme after − before) − (elsewhere after − before), variance the sum of the four. Gaps of
/// the same schools in two years are not independent; [`schools`] allows for it.
///
/// # Errors
/// `not_a_ratio_scale` for estimates on the log scale.
///
/// # Source
/// Angrist and Pischke, *Mostly Harmless Econometrics* (2009), eq. 5.2.2.
///
/// # Example: two points more
/// ```
/// use disprop_stats::{did, wald::Estimate};
/// let gap = |g| Estimate::linear(g, 1e-4);
/// let got = did::estimates([gap(-0.20), gap(-0.15)], [gap(-0.18), gap(-0.15)])?;
/// assert!((got.estimate - 0.02).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn estimates(programme: [Estimate; 2], elsewhere: [Estimate; 2]) -> Calculated<Estimate> {
    let [p0, p1] = programme;
    let [e0, e1] = elsewhere;
    let all = [p0, p1, e0, e1];
    if all.iter().any(|e| e.scale == Scale::Log) {
        return Err(NotCalculable::NotARatioScale);
    }
    let difference = (p1.estimate - p0.estimate) - (e1.estimate - e0.estimate);
    Ok(Estimate::linear(
        difference,
        all.iter().map(Estimate::variance).sum(),
    ))
}

/// One school before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct School<T> {
    /// Whether it took the programme.
    pub programme: bool,
    /// Group and all other groups before it.
    pub before: Stratum<T>,
    /// The same after it.
    pub after: Stratum<T>,
}

/// A difference in differences with the four gaps it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DifferenceInDifferences {
    /// Gaps in programme schools, before and after.
    pub programme: [f64; 2],
    /// Gaps elsewhere, before and after.
    pub elsewhere: [f64; 2],
    /// Change in programme schools less change elsewhere.
    pub effect: Estimate,
}

/// Returns the difference in differences of a gap over schools, with schools as clusters.
///
/// For the pre-trend pass two periods that both lie before the programme.
///
/// # Formula
/// Each arm's change in gap is a sum of four ratios; its variance is m/(m − 1) Σ t², t a school's
/// linearised residual summed over the four. The arms are independent; t with
/// (V₁ + V₀)²/(V₁²/(m₁ − 1) + V₀²/(m₀ − 1)) degrees of freedom.
///
/// # Units and shapes
/// One entry a school with both periods; a school that exists in one period has an empty stratum
/// in the other. The effect is positive where the signed gap rose more in programme schools.
///
/// # Errors
/// `no_group`, `no_baseline` where one of the four tallies of an arm has nobody;
/// `too_few_clusters` where the group sits in fewer schools of an arm than the minimum;
/// `no_variation` where no school departs from its arm.
///
/// # Source
/// Bertrand, Duflo and Mullainathan, *QJE* 119 (2004), 249; Cochran (1977), eq. 11.27;
/// Satterthwaite (1946) for the degrees of freedom.
///
/// # Example: too few programme schools
/// ```
/// use disprop_stats::{NotCalculable, Proportion, did, stratum::Stratum};
/// let year = Stratum::new(Proportion::new(2, 9), Proportion::new(9, 80));
/// let school = |programme| did::School { programme, before: year, after: year };
/// let got = did::schools(&[school(true), school(false)], Default::default());
/// assert_eq!(got, Err(NotCalculable::TooFewClusters));
/// ```
pub fn schools<T: Fraction>(
    schools: &[School<T>],
    clustering: Clustering,
) -> Calculated<DifferenceInDifferences> {
    let arm = |programme: bool| -> Vec<&School<T>> {
        let occupied = |s: &&School<T>| {
            [s.before, s.after]
                .iter()
                .any(|y| !y.group.is_empty() || !y.baseline.is_empty())
        };
        schools
            .iter()
            .filter(|s| s.programme == programme)
            .filter(occupied)
            .collect()
    };
    let (programme, v1, m1) = change(&arm(true), clustering)?;
    let (elsewhere, v0, m0) = change(&arm(false), clustering)?;
    let variance = v1 + v0;
    if variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let degrees = variance * variance / (v1 * v1 / (m1 - 1.0) + v0 * v0 / (m0 - 1.0));
    let moved = |gaps: [f64; 2]| gaps[1] - gaps[0];
    let effect = Estimate::linear(moved(programme) - moved(elsewhere), variance);
    Ok(DifferenceInDifferences {
        programme,
        elsewhere,
        effect: effect.with_degrees(degrees),
    })
}

/// Returns how a gap changed over all schools together, with schools as clusters.
///
/// Schools, and pupils who stay in theirs, are in both periods; a school's terms of both periods
/// enter as one, so that what they have in common cancels.
///
/// # Formula
/// (r₁ − r₀) after − (r₁ − r₀) before; m/(m − 1) Σ t², t a school's linearised residual summed over the
/// four, and t with m − 1 degrees of freedom. Which arm a school is in does not matter.
///
/// # Errors
/// As [`schools`].
///
/// # Source
/// Cochran (1977), eq. 11.27.
///
/// # Example: every school the same in both years
/// ```
/// use disprop_stats::{Proportion, did, stratum::Stratum};
/// let schools: Vec<_> = (0..6)
///     .map(|i| Stratum::new(Proportion::new(2 + i % 3, 10), Proportion::new(9 + i, 90)))
///     .map(|year| did::School { programme: false, before: year, after: year })
///     .collect();
/// let change = did::gap_change(&schools, Default::default())?;
/// assert!(change.estimate == 0.0 && change.standard_error < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn gap_change<T: Fraction>(
    schools: &[School<T>],
    clustering: Clustering,
) -> Calculated<Estimate> {
    let all: Vec<&School<T>> = schools.iter().collect();
    let ([before, after], variance, m) = change(&all, clustering)?;
    Ok(Estimate::linear(after - before, variance).with_degrees(m - 1.0))
}

/// A tally of a school, with its sign in the change of the gap.
type Side<T> = (f64, fn(&School<T>) -> T);

/// One arm's gaps before and after, the variance of their difference, and its schools.
fn change<T: Fraction>(
    arm: &[&School<T>],
    clustering: Clustering,
) -> Calculated<([f64; 2], f64, f64)> {
    let sides: [Side<T>; 4] = [
        (-1.0, |s| s.before.group),
        (1.0, |s| s.before.baseline),
        (1.0, |s| s.after.group),
        (-1.0, |s| s.after.baseline),
    ];
    let mut values = [0.0; 4];
    let mut terms = vec![0.0; arm.len()];
    for (i, ((sign, side), value)) in sides.iter().zip(&mut values).enumerate() {
        let tallies: Vec<T> = arm.iter().map(|s| side(s)).collect();
        let x: f64 = tallies.iter().map(Fraction::numerator).sum();
        let d: f64 = tallies.iter().map(Fraction::denominator).sum();
        if d <= 0.0 {
            let group = i % 2 == 0;
            return Err(if group {
                NotCalculable::NoGroup
            } else {
                NotCalculable::NoBaseline
            });
        }
        let occupied = tallies.iter().filter(|t| t.denominator() > 0.0).count();
        if occupied < clustering.minimum_clusters.max(2) {
            return Err(NotCalculable::TooFewClusters);
        }
        *value = x / d;
        for (term, tally) in terms.iter_mut().zip(&tallies) {
            *term += sign * (tally.numerator() - *value * tally.denominator()) / d;
        }
    }
    let m = arm.len() as f64;
    let variance = m / (m - 1.0) * terms.iter().map(|t| t * t).sum::<f64>();
    Ok(([values[0] - values[1], values[2] - values[3]], variance, m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    fn year(g: i64, b: i64) -> Stratum<Proportion> {
        Stratum::new(Proportion::new(g, 10), Proportion::new(b, 50))
    }

    #[test]
    fn equal_schools_sum_like_a_panel_of_school_gaps() {
        // With equal sizes the pooled gap is the mean of school gaps, and the clustered variance is
        // that of the mean of school changes: s²/m in each arm.
        let before = [(2, 10), (4, 12), (3, 15), (5, 20), (1, 9)];
        let after = [(4, 11), (5, 14), (3, 12), (8, 21), (4, 10)];
        let schools_of = |programme: bool, shift: i64| {
            before.iter().zip(&after).map(move |(b, a)| School {
                programme,
                before: year(b.0, b.1),
                after: year(a.0 - shift, a.1),
            })
        };
        let all: Vec<_> = schools_of(true, 0).chain(schools_of(false, 1)).collect();
        let got = schools(&all, Clustering::default()).unwrap();
        assert!((got.effect.estimate - 0.1).abs() < 1e-12);
        let changes: Vec<f64> = before
            .iter()
            .zip(&after)
            .map(|(b, a)| (a.0 - b.0) as f64 / 10.0 - (a.1 - b.1) as f64 / 50.0)
            .collect();
        let mean = changes.iter().sum::<f64>() / 5.0;
        let s2 = changes.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 4.0;
        assert!((got.effect.variance() - 2.0 * s2 / 5.0).abs() < 1e-12);
        assert!((got.effect.degrees.unwrap() - 8.0).abs() < 1e-12);
    }
}
