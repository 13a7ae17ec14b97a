//! Welch's interval for a difference of means.

use crate::contrast::{self, ContrastMethod, Scale, of_baseline};
use crate::estimate::{Calculated, Interval, Level};
use crate::moments::{self, Moments};
use crate::tally::Mean;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Mean> = ContrastMethod {
    id: "welch",
    label: "Welch t",
    scale: Scale::Difference,
    formula: "d -/+ t(df) sqrt(s1^2/n1 + s2^2/n2), df by Satterthwaite",
    source: "Welch (1947), Biometrika 34, 28-35; Satterthwaite (1946), Biometrics Bulletin 2, 110-114",
    when_to_use: "by default: no equal spread is assumed",
    when_not: "where a side is one pupil, or all of a side have the same value: its spread is then not known",
    function: interval,
};

/// Returns Welch's interval for group − baseline.
///
/// # Formula
/// d ∓ t √(s₁²/n₁ + s₂²/n₂), with t on Satterthwaite's degrees of freedom.
///
/// # Units and shapes
/// The unit of the values.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on a
/// side;
/// `no_variation` where neither side varies.
///
/// # Source
/// Welch (1947), *Biometrika* 34, 28–35; Satterthwaite (1946), *Biometrics Bulletin* 2, 110–114.
///
/// # Example: equal groups of five
/// ```
/// use disprop_stats::{Level, Mean, contrast::welch};
/// let group = Mean::of(&[0.0, 1.0, 2.0, 3.0, 4.0])?;
/// let ends = welch::interval(&group, &group, Level::P95).unwrap();
/// assert_eq!(format!("{:.6}", ends.upper), "2.306004");
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Mean, baseline: &Mean, level: Level) -> Calculated<Interval> {
    contrast_moments(group, baseline)?.interval(level)
}

/// Returns the difference with its variance and degrees of freedom.
pub(crate) fn contrast_moments(group: &Mean, baseline: &Mean) -> Calculated<Moments> {
    let difference = contrast::difference(group, baseline)?;
    let (group, rest) = (
        Moments::of_mean(group)?,
        of_baseline(Moments::of_mean(baseline))?,
    );
    Ok(moments::difference(group, rest, difference))
}
