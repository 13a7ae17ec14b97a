//! The linearised interval for a difference of ratios of sums.

use crate::contrast::{self, ContrastMethod, Scale, of_baseline};
use crate::estimate::{Calculated, Interval, Level};
use crate::moments::{self, Moments};
use crate::tally::Ratio;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Ratio> = ContrastMethod {
    id: "linearised",
    label: "linearised difference",
    scale: Scale::Difference,
    formula: "d -/+ t(df) sqrt(v1 + v2), v linearised over pupils, df by Satterthwaite",
    source: "Cochran (1977), Sampling Techniques, eq. 6.13; Satterthwaite (1946)",
    when_to_use: "by default: sessions of one pupil go together, and are treated so",
    when_not: "with fewer than about 50 pupils (a few of whom make the spread), or where pupils of one school move together",
    function: interval,
};

/// Returns the interval for group − baseline with pupils as what varies.
///
/// # Formula
/// d ∓ t √(v₁ + v₂), with v from [`Ratio::variance`] and t on Satterthwaite's degrees of freedom.
/// With every denominator 1 it is Welch's interval.
///
/// # Units and shapes
/// Numerator units per denominator unit.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on a
/// side;
/// `no_variation` where neither side varies.
///
/// # Source
/// Cochran (1977), *Sampling Techniques*, eq. 6.13.
///
/// # Example: absence of two pupils against two
/// ```
/// use disprop_stats::{Level, Ratio, contrast::linearised};
/// let group = Ratio::of(&[(10.0, 380.0), (30.0, 380.0)])?;
/// let rest = Ratio::of(&[(5.0, 380.0), (8.0, 190.0)])?;
/// assert!(linearised::interval(&group, &rest, Level::P95).unwrap().contains(0.0));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Ratio, baseline: &Ratio, level: Level) -> Calculated<Interval> {
    let difference = contrast::difference(group, baseline)?;
    let (group, rest) = (
        Moments::of_ratio(group)?,
        of_baseline(Moments::of_ratio(baseline))?,
    );
    moments::difference(group, rest, difference).interval(level)
}
