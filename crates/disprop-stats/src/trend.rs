//! Whether a gap is closing: change between two periods, slope over several, distance to a target.
//!
//! A gap that narrowed because all other groups fell is another story than one that narrowed
//! because the group rose; [`change`] tells them apart. Periods on the two sides of a break in the
//! series must not be passed; the domain layer refuses them.

mod target;

use serde::{Deserialize, Serialize};

pub use target::{Progress, Standing, progress};

use crate::estimate::{Calculated, Level, NotCalculable};
use crate::wald::{ChiSquared, Estimate, Scale};

/// Both sides' values in one period, on the measure's own scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Period {
    /// The group's value with its standard error.
    pub group: Estimate,
    /// The value of all other groups with its standard error.
    pub baseline: Estimate,
}

impl Period {
    /// Returns the gap, group minus baseline, the two taken as independent.
    pub fn gap(&self) -> Estimate {
        difference(self.group, self.baseline, 0.0)
    }
}

/// What became of the size of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The gap is nearer to zero than it was.
    Narrowing,
    /// The gap is farther from zero than it was.
    Widening,
    /// The interval of the change holds zero: the data do not say.
    NoClearChange,
}

/// Whose value moved, as far as the data say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// The value rose; the interval of its change lies above zero.
    Rose,
    /// The value fell; the interval of its change lies below zero.
    Fell,
    /// No clear change.
    Held,
}

/// A change in a gap, with who moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Later gap minus earlier gap, signed.
    pub change: Estimate,
    /// The group's later value minus its earlier one; `change` is `group` minus `baseline`.
    pub group: Estimate,
    /// The baseline's later value minus its earlier one.
    pub baseline: Estimate,
    /// Whether the gap is nearer to zero.
    pub verdict: Verdict,
    /// What the group did.
    pub group_moved: Movement,
    /// What all other groups did.
    pub baseline_moved: Movement,
    /// Whether the gap changed its sign in between.
    pub crossed_zero: bool,
}

/// Covariance of the two periods' values where the same pupils are in both.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Overlap {
    /// Covariance of the group's earlier and later value; 0 for different pupils.
    pub group: f64,
    /// The same of the baseline.
    pub baseline: f64,
}

/// Returns how a gap changed between two periods, and whose value moved.
///
/// # Formula
/// change = (g₂ − b₂) − (g₁ − b₁), variance the four variances less 2 cov of each side. The verdict
/// is `Narrowing` where |gap| fell and the interval of the change at `level` excludes zero.
///
/// # Units and shapes
/// Both periods on one scale. Set `overlap` where pupils are in both periods (absence of the same
/// pupils in two years); leaving it 0 then makes the interval too wide, not too narrow.
///
/// # Errors
/// `not_a_ratio_scale` for estimates on the log scale; `no_convergence` for numbers not finite.
///
/// # Source
/// Variance of a linear combination; Cochran (1977), section 12.10 for overlapping samples.
///
/// # Example: it narrowed because the others fell
/// ```
/// use disprop_stats::trend::{Movement, Period, Verdict, change};
/// use disprop_stats::{Level, wald::Estimate};
/// let period = |g, b| Period {
///     group: Estimate::linear(g, 1e-4),
///     baseline: Estimate::linear(b, 1e-6),
/// };
/// let got = change(&period(0.40, 0.60), &period(0.40, 0.55), Default::default(), Level::P95)?;
/// assert_eq!((got.verdict, got.group_moved), (Verdict::Narrowing, Movement::Held));
/// assert_eq!(got.baseline_moved, Movement::Fell);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn change(
    earlier: &Period,
    later: &Period,
    overlap: Overlap,
    level: Level,
) -> Calculated<Change> {
    let all = [earlier.group, earlier.baseline, later.group, later.baseline];
    if all.iter().any(|e| e.scale == Scale::Log) {
        return Err(NotCalculable::NotARatioScale);
    }
    let group = difference(later.group, earlier.group, overlap.group);
    let baseline = difference(later.baseline, earlier.baseline, overlap.baseline);
    let change = difference(group, baseline, 0.0);
    let (before, after) = (earlier.gap().estimate, later.gap().estimate);
    let verdict = match moved(&change, level)? {
        Movement::Held => Verdict::NoClearChange,
        _ if after.abs() < before.abs() => Verdict::Narrowing,
        _ => Verdict::Widening,
    };
    Ok(Change {
        change,
        group,
        baseline,
        verdict,
        group_moved: moved(&group, level)?,
        baseline_moved: moved(&baseline, level)?,
        crossed_zero: before * after < 0.0,
    })
}

/// a − b on the linear scale with Welch's degrees of freedom left to the normal.
fn difference(a: Estimate, b: Estimate, covariance: f64) -> Estimate {
    Estimate::linear(
        a.estimate - b.estimate,
        a.variance() + b.variance() - 2.0 * covariance,
    )
}

fn moved(change: &Estimate, level: Level) -> Calculated<Movement> {
    let ends = change.interval(level)?;
    Ok(match (ends.lower > 0.0, ends.upper < 0.0) {
        (true, _) => Movement::Rose,
        (_, true) => Movement::Fell,
        _ => Movement::Held,
    })
}

/// Where the error of a slope comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlopeError {
    /// The periods' own variances: scatter around the line beyond them is not allowed for. The default.
    #[default]
    Given,
    /// Scatter around the line, t with n − 2 degrees of freedom: for many periods only.
    Residual,
}

/// A straight line through a gap over time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Slope {
    /// Change of the gap in one unit of time.
    pub slope: Estimate,
    /// The line's gap at `centre`.
    pub level: Estimate,
    /// Weighted mean of the times; slope and level are independent there.
    pub centre: f64,
    /// Scatter around the line beyond the periods' own error; absent for two periods.
    pub scatter: Option<ChiSquared>,
}

impl Slope {
    /// Returns the line's gap at a time, with its error; extrapolation trusts the straight line.
    pub fn at(&self, time: f64) -> Estimate {
        let away = time - self.centre;
        let variance = self.level.variance() + away * away * self.slope.variance();
        let estimate = self.level.estimate + away * self.slope.estimate;
        Estimate {
            degrees: self.slope.degrees,
            ..Estimate::linear(estimate, variance)
        }
    }
}

/// Returns the inverse-variance weighted straight line through the gaps.
///
/// # Formula
/// w = 1/var; slope = Σ w(t − t̄)(g − ḡ)/S, S = Σ w(t − t̄)²; variance 1/S (`Given`), or that times
/// Q/(n − 2) (`Residual`); Q = Σ w(g − line)² is χ² on n − 2 when the line holds.
///
/// # Units and shapes
/// Times in years, in any order, gaps on the linear scale, one for each time.
///
/// # Errors
/// `too_few_for_variance` for fewer than two periods (three with `Residual`); `no_variation` where
/// all times are equal or a gap has no variance; `not_a_ratio_scale` for log-scale estimates;
/// `no_counterpart` where the lengths differ.
///
/// # Source
/// Weighted least squares; Draper and Smith, *Applied Regression Analysis* (1998), section 9.2.
///
/// # Example: half a point a year
/// ```
/// use disprop_stats::{trend, wald::Estimate};
/// let gaps = [0.10, 0.105, 0.11].map(|g| Estimate::linear(g, 1e-4));
/// let line = trend::slope(&[2022.0, 2023.0, 2024.0], &gaps, Default::default())?;
/// assert!((line.slope.estimate - 0.005).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn slope(times: &[f64], gaps: &[Estimate], error: SlopeError) -> Calculated<Slope> {
    let fewest = if error == SlopeError::Given { 2 } else { 3 };
    if times.len() != gaps.len() {
        return Err(NotCalculable::NoCounterpart);
    }
    if gaps.len() < fewest {
        return Err(NotCalculable::TooFewForVariance);
    }
    if gaps.iter().any(|g| g.scale == Scale::Log) {
        return Err(NotCalculable::NotARatioScale);
    }
    if gaps
        .iter()
        .any(|g| g.variance().is_nan() || g.variance() <= 0.0)
    {
        return Err(NotCalculable::NoVariation);
    }
    let points = || {
        times
            .iter()
            .zip(gaps)
            .map(|(t, g)| (1.0 / g.variance(), *t, g.estimate))
    };
    let weight: f64 = points().map(|(w, ..)| w).sum();
    let centre = points().map(|(w, t, _)| w * t).sum::<f64>() / weight;
    let mean = points().map(|(w, _, g)| w * g).sum::<f64>() / weight;
    let spread: f64 = points().map(|(w, t, _)| w * (t - centre).powi(2)).sum();
    if spread.is_nan() || spread <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let slope = points()
        .map(|(w, t, g)| w * (t - centre) * (g - mean))
        .sum::<f64>()
        / spread;
    let q: f64 = points()
        .map(|(w, t, g)| w * (g - mean - slope * (t - centre)).powi(2))
        .sum();
    let rest = gaps.len() as f64 - 2.0;
    let scatter = if rest > 0.0 {
        Some(ChiSquared::new(q, rest)?)
    } else {
        None
    };
    let (factor, degrees) = match error {
        SlopeError::Given => (1.0, None),
        SlopeError::Residual => (q / rest, Some(rest)),
    };
    let estimate = |value, variance| Estimate {
        degrees,
        ..Estimate::linear(value, variance * factor)
    };
    Ok(Slope {
        slope: estimate(slope, 1.0 / spread),
        level: estimate(mean, 1.0 / weight),
        centre,
        scatter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(g: f64, b: f64, variance: f64) -> Period {
        Period {
            group: Estimate::linear(g, variance),
            baseline: Estimate::linear(b, variance),
        }
    }

    #[test]
    fn a_gap_that_crosses_zero_can_narrow_or_widen() {
        let sure = 1e-8;
        let verdict = |before: f64, after: f64| {
            let got = change(
                &period(before, 0.0, sure),
                &period(after, 0.0, sure),
                Overlap::default(),
                Level::P95,
            );
            got.map(|c| (c.verdict, c.crossed_zero)).unwrap()
        };
        assert_eq!(verdict(-0.2, 0.1), (Verdict::Narrowing, true));
        assert_eq!(verdict(-0.1, 0.2), (Verdict::Widening, true));
        assert_eq!(verdict(0.2, 0.1), (Verdict::Narrowing, false));
        assert_eq!(verdict(0.2, 0.2), (Verdict::NoClearChange, false));
    }

    #[test]
    fn pupils_in_both_years_narrow_the_interval() {
        let (one, two) = (period(0.4, 0.6, 1e-3), period(0.45, 0.6, 1e-3));
        let se = |overlap| {
            change(&one, &two, overlap, Level::P95)
                .unwrap()
                .change
                .standard_error
        };
        let shared = Overlap {
            group: 5e-4,
            baseline: 5e-4,
        };
        assert!((se(Overlap::default()).powi(2) - 4e-3).abs() < 1e-15);
        assert!((se(shared).powi(2) - 2e-3).abs() < 1e-15);
    }

    #[test]
    fn one_period_has_no_slope() {
        let gap = Estimate::linear(0.1, 0.01);
        let reason = slope(&[2024.0], &[gap], SlopeError::Given).unwrap_err();
        assert_eq!(reason, NotCalculable::TooFewForVariance);
        let same = slope(&[1.0, 1.0], &[gap, gap], SlopeError::Given).unwrap_err();
        assert_eq!(same, NotCalculable::NoVariation);
        assert!(slope(&[1.0, 2.0], &[gap, gap], SlopeError::Residual).is_err());
    }
}
