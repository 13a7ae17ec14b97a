//! Student's interval for a difference of means with one spread for both sides.

use crate::contrast::{self, ContrastMethod, Scale};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::moments::Moments;
use crate::tally::Mean;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Mean> = ContrastMethod {
    id: "pooled",
    label: "Student t, pooled spread",
    scale: Scale::Difference,
    formula: "d -/+ t(n1+n2-2) s sqrt(1/n1 + 1/n2), s pooled",
    source: "Student (1908), Biometrika 6, 1-25",
    when_to_use: "to reproduce figures published with it",
    when_not: "where group and baseline differ in size and spread: Welch",
    function: interval,
};

/// Returns the interval for group − baseline that takes both sides to be equally spread.
///
/// # Formula
/// d ∓ t s √(1/n₁ + 1/n₂), with s² = ((n₁ − 1)s₁² + (n₂ − 1)s₂²) / (n₁ + n₂ − 2) and t on n₁ + n₂
/// − 2 degrees of freedom. One pupil on a side is enough where the other has two.
///
/// # Units and shapes
/// The unit of the values.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on both
/// sides; `no_variation` where neither side varies.
///
/// # Source
/// Student (1908), Biometrika 6, 1-25.
///
/// # Example: one pupil against three
/// ```
/// use disprop_stats::{Level, Mean, contrast::pooled};
/// let (group, rest) = (Mean::of(&[40.0])?, Mean::of(&[48.0, 50.0, 52.0])?);
/// assert!(pooled::interval(&group, &rest, Level::P95).unwrap().contains(-10.0));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Mean, baseline: &Mean, level: Level) -> Calculated<Interval> {
    let difference = contrast::difference(group, baseline)?;
    let (n, m) = (group.n as f64, baseline.n as f64);
    let variance = variance(group, baseline)? * (1.0 / n + 1.0 / m);
    Moments {
        value: difference,
        variance,
        freedom: n + m - 2.0,
    }
    .interval(level)
}

/// Returns the pooled variance of the values.
///
/// # Errors
/// `too_few_for_variance` for one pupil on both sides.
pub(crate) fn variance(group: &Mean, baseline: &Mean) -> Calculated<f64> {
    let freedom = group.n as f64 + baseline.n as f64 - 2.0;
    if freedom <= 0.0 {
        return Err(NotCalculable::TooFewForVariance);
    }
    let squares = |tally: &Mean| match tally.n {
        1 => Ok(0.0),
        n => Ok((n - 1) as f64 * tally.variance()?),
    };
    Ok((squares(group)? + squares(baseline)?) / freedom)
}
