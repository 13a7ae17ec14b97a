//! A weighted sum of periods' gaps, in programme schools against elsewhere: pre-trends, and effects
//! on one side alone.

use serde::{Deserialize, Serialize};

use crate::cluster::Clustering;
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::stratum::Stratum;
use crate::wald::Estimate;

/// One school over several periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Panel<T> {
    /// Whether it took the programme.
    pub programme: bool,
    /// Group and all other groups in each period; empty where the school does not exist.
    pub periods: Vec<Stratum<T>>,
}

/// Whose values are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The gap, group minus baseline.
    Gap,
    /// The group alone.
    Group,
    /// The baseline alone.
    Baseline,
}

/// A weighted sum over periods in both arms, and the difference of the two.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Contrasted {
    /// In programme schools.
    pub programme: Estimate,
    /// Elsewhere.
    pub elsewhere: Estimate,
    /// Programme schools less elsewhere.
    pub effect: Estimate,
}

/// Returns Σ wₜ gapₜ in programme schools, elsewhere, and the difference, with schools as clusters.
///
/// Weights −1 and 1 give the difference in differences; (t − t̄)/Σ(t − t̄)² the slope, whose
/// difference between the arms before the programme is the pre-trend.
///
/// # Formula
/// As [`schools`](super::schools): an arm's variance is m/(m − 1) Σ u², u a school's linearised
/// residual Σₜ wₜ(u₁ₜ − u₀ₜ), uᵢₜ = (x − R d)/D; arms are independent, degrees of freedom Satterthwaite's.
///
/// # Units and shapes
/// Every school has as many periods as there are weights; a period of weight 0 is not looked at.
///
/// # Errors
/// `no_counterpart` where lengths differ or no weight is other than 0; else as
/// [`schools`](super::schools).
///
/// # Source
/// As [`schools`](super::schools); Roth, *AER: Insights* 4 (2022), 305 on what a pre-trend can show.
///
/// # Example: lengths must agree
/// ```
/// use disprop_stats::{NotCalculable, Proportion, did::{Panel, Whose, periods}};
/// let school: Panel<Proportion> = Panel { programme: true, periods: vec![] };
/// let got = periods(&[school], &[-1.0, 1.0], Whose::Gap, Default::default());
/// assert_eq!(got, Err(NotCalculable::NoCounterpart));
/// ```
pub fn periods<T: Fraction>(
    schools: &[Panel<T>],
    weights: &[f64],
    whose: Whose,
    clustering: Clustering,
) -> Calculated<Contrasted> {
    let fits = schools.iter().all(|s| s.periods.len() == weights.len());
    if !fits || weights.iter().all(|w| *w == 0.0) {
        return Err(NotCalculable::NoCounterpart);
    }
    let programme = arm(schools, true, weights, whose, clustering)?;
    let elsewhere = arm(schools, false, weights, whose, clustering)?;
    let (v1, v0) = (programme.variance(), elsewhere.variance());
    if v1 + v0 <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let of = |e: &Estimate| e.variance().powi(2) / e.degrees.unwrap_or(f64::INFINITY);
    let degrees = (v1 + v0) * (v1 + v0) / (of(&programme) + of(&elsewhere));
    let effect = Estimate::linear(programme.estimate - elsewhere.estimate, v1 + v0);
    Ok(Contrasted {
        programme,
        elsewhere,
        effect: effect.with_degrees(degrees),
    })
}

fn arm<T: Fraction>(
    schools: &[Panel<T>],
    programme: bool,
    weights: &[f64],
    whose: Whose,
    clustering: Clustering,
) -> Calculated<Estimate> {
    let occupied = |s: &&Panel<T>| {
        let used = s.periods.iter().zip(weights).filter(|(_, w)| **w != 0.0);
        used.into_iter()
            .any(|(y, _)| !y.group.is_empty() || !y.baseline.is_empty())
    };
    let arm: Vec<&Panel<T>> = schools
        .iter()
        .filter(|s| s.programme == programme)
        .filter(occupied)
        .collect();
    let group = (1.0, NotCalculable::NoGroup);
    let baseline = (-1.0, NotCalculable::NoBaseline);
    let sides: &[(f64, NotCalculable)] = match whose {
        Whose::Gap => &[group, baseline],
        Whose::Group => &[group],
        Whose::Baseline => &[(1.0, NotCalculable::NoBaseline)],
    };
    let mut value = 0.0;
    let mut terms = vec![0.0; arm.len()];
    for (period, weight) in weights.iter().enumerate().filter(|(_, w)| **w != 0.0) {
        for (sign, empty) in sides {
            let side = |s: &&Panel<T>| -> (f64, f64) {
                let tally = s.periods.get(period).map(|y| match empty {
                    NotCalculable::NoGroup => y.group,
                    _ => y.baseline,
                });
                tally.map_or((0.0, 0.0), |t| (t.numerator(), t.denominator()))
            };
            let pairs: Vec<(f64, f64)> = arm.iter().map(side).collect();
            let (x, d) = pairs.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
            if d <= 0.0 {
                return Err(*empty);
            }
            let held = pairs.iter().filter(|p| p.1 > 0.0).count();
            if held < clustering.minimum_clusters.max(2) {
                return Err(NotCalculable::TooFewClusters);
            }
            let r = x / d;
            value += weight * sign * r;
            for (term, (x, own)) in terms.iter_mut().zip(&pairs) {
                *term += weight * sign * (x - r * own) / d;
            }
        }
    }
    let m = arm.len() as f64;
    let variance = m / (m - 1.0) * terms.iter().map(|t| t * t).sum::<f64>();
    Ok(Estimate::linear(value, variance).with_degrees(m - 1.0))
}

#[cfg(test)]
mod tests {
    use super::super::{School, schools};
    use super::*;
    use crate::tally::Proportion;

    fn panel(programme: bool, i: i64) -> Panel<Proportion> {
        let year =
            |g: i64, o: i64| Stratum::new(Proportion::new(g, 10 + i), Proportion::new(o, 60));
        let shift = if programme { 2 } else { 0 };
        Panel {
            programme,
            periods: vec![
                year(2 + i % 3, 20 + i),
                year(3 + i % 2, 21 + i % 4),
                year(4 + i % 4 + shift, 22 + i % 5),
            ],
        }
    }

    #[test]
    fn two_periods_are_the_difference_in_differences() {
        let all: Vec<_> = (0..14).map(|i| panel(i % 2 == 0, i)).collect();
        let pairs: Vec<_> = all
            .iter()
            .map(|p| School {
                programme: p.programme,
                before: p.periods[0],
                after: p.periods[2],
            })
            .collect();
        let want = schools(&pairs, Clustering::default()).unwrap();
        let got = periods(&all, &[-1.0, 0.0, 1.0], Whose::Gap, Clustering::default()).unwrap();
        assert!((got.effect.estimate - want.effect.estimate).abs() < 1e-15);
        assert!((got.effect.standard_error - want.effect.standard_error).abs() < 1e-15);
        assert!((got.effect.degrees.unwrap() - want.effect.degrees.unwrap()).abs() < 1e-9);
    }

    #[test]
    fn the_gap_is_the_group_less_the_baseline() {
        let all: Vec<_> = (0..14).map(|i| panel(i % 2 == 0, i)).collect();
        let got = |whose| {
            let weights = [-0.5, 0.0, 0.5];
            periods(&all, &weights, whose, Clustering::default())
                .unwrap()
                .effect
                .estimate
        };
        let apart = got(Whose::Group) - got(Whose::Baseline);
        assert!((got(Whose::Gap) - apart).abs() < 1e-15);
    }

    #[test]
    fn few_schools_and_missing_sides_are_reasons() {
        let few: Vec<_> = (0..6).map(|i| panel(i % 2 == 0, i)).collect();
        let got = |all: &[Panel<Proportion>]| {
            periods(all, &[-1.0, 0.0, 1.0], Whose::Gap, Clustering::default())
        };
        assert_eq!(got(&few).unwrap_err(), NotCalculable::TooFewClusters);
        let none: Vec<_> = (0..14)
            .map(|i| Panel {
                programme: true,
                ..panel(true, i)
            })
            .collect();
        assert_eq!(got(&none).unwrap_err(), NotCalculable::NoGroup);
    }
}
