//! The log interval for a ratio of means.

use crate::contrast::{self, ContrastMethod, Scale, of_baseline};
use crate::estimate::{Calculated, Interval, Level};
use crate::moments::{self, Moments};
use crate::tally::Mean;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Mean> = ContrastMethod {
    id: "log_means",
    label: "log ratio of means",
    scale: Scale::Ratio,
    formula: "r exp(-/+ t(df) sqrt(s1^2/(n1 m1^2) + s2^2/(n2 m2^2))), df by Satterthwaite",
    source: "Hedges, Gurevitch and Curtis (1999), Ecology 80, 1150-1156, eq. 1",
    when_to_use: "by default for events counted per pupil and for points with a true zero",
    when_not: "for scores that can be negative (Progress 8), where a ratio has no meaning",
    function: interval,
};

/// Returns the interval for group ÷ baseline by the delta method on the log scale.
///
/// # Formula
/// r exp(∓ t √(s₁²/(n₁ m₁²) + s₂²/(n₂ m₂²))), with t on Satterthwaite's degrees of freedom.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on a
/// side;
/// `zero_group`, `zero_baseline`; `not_a_ratio_scale` for a negative mean; `no_variation`;
/// `unbounded` where the spread is so large that the factor is no number.
///
/// # Source
/// Hedges, Gurevitch and Curtis (1999), *Ecology* 80, 1150–1156, eq. 1.
///
/// # Example: a negative mean has no ratio
/// ```
/// use disprop_stats::{Level, Mean, NotCalculable, contrast::log_means};
/// let (group, rest) = (Mean::of(&[40.0, 44.0])?, Mean::of(&[45.0, 55.0, 50.0])?);
/// assert!(log_means::interval(&group, &rest, Level::P95).unwrap().contains(0.84));
/// let negative = Mean::of(&[-1.0, 0.5])?;
/// let refused = log_means::interval(&negative, &rest, Level::P95);
/// assert_eq!(refused, Err(NotCalculable::NotARatioScale));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Mean, baseline: &Mean, level: Level) -> Calculated<Interval> {
    let ratio = contrast::ratio(group, baseline)?;
    let (group, rest) = (
        Moments::of_mean(group)?,
        of_baseline(Moments::of_mean(baseline))?,
    );
    moments::log_ratio(group, rest, ratio, level)
}
