//! The linearised log interval for a ratio of ratios of sums.

use crate::contrast::{self, ContrastMethod, Scale, of_baseline};
use crate::estimate::{Calculated, Interval, Level};
use crate::moments::{self, Moments};
use crate::tally::Ratio;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Ratio> = ContrastMethod {
    id: "linearised_log",
    label: "linearised log ratio",
    scale: Scale::Ratio,
    formula: "r exp(-/+ t(df) sqrt(v1/R1^2 + v2/R2^2)), v linearised over pupils, df by Satterthwaite",
    source: "Cochran (1977), Sampling Techniques, eq. 6.13, with the delta method; Satterthwaite (1946)",
    when_to_use: "by default for absence against absence",
    when_not: "where a side has no absence at all, or pupils of one school move together",
    function: interval,
};

/// Returns the interval for group ÷ baseline with pupils as what varies.
///
/// # Formula
/// r exp(∓ t √(v₁/R₁² + v₂/R₂²)), with v from [`Ratio::variance`] and t on Satterthwaite's
/// degrees of freedom.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on a
/// side;
/// `zero_group`, `zero_baseline`; `not_a_ratio_scale` for a negative value; `no_variation`;
/// `unbounded` where the spread is so large that the factor is no number.
///
/// # Source
/// Cochran (1977), *Sampling Techniques*, eq. 6.13, with the delta method.
///
/// # Example: nobody absent, no logarithm
/// ```
/// use disprop_stats::{Level, NotCalculable, Ratio, contrast::linearised_log};
/// let rest = Ratio::of(&[(5.0, 380.0), (8.0, 190.0)])?;
/// let none = Ratio::of(&[(0.0, 380.0), (0.0, 371.0)])?;
/// let refused = linearised_log::interval(&none, &rest, Level::P95);
/// assert_eq!(refused, Err(NotCalculable::ZeroGroup));
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(group: &Ratio, baseline: &Ratio, level: Level) -> Calculated<Interval> {
    let ratio = contrast::ratio(group, baseline)?;
    let (group, rest) = (
        Moments::of_ratio(group)?,
        of_baseline(Moments::of_ratio(baseline))?,
    );
    moments::log_ratio(group, rest, ratio, level)
}
