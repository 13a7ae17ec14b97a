//! Student's t interval of a mean.

use crate::estimate::{Calculated, Interval, Level};
use crate::interval::IntervalMethod;
use crate::moments::Moments;
use crate::tally::Mean;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Mean> = IntervalMethod {
    id: "student_t",
    label: "Student t",
    formula: "m -/+ t(n-1) s / sqrt(n)",
    source: "Student (1908), Biometrika 6, 1-25",
    when_to_use: "by default for scores and for events counted per pupil",
    when_not: "for two or three pupils, where it says little",
    function: interval,
};

/// Returns the t interval of a mean.
///
/// # Formula
/// m ∓ t s / √n, with t the two-sided quantile on n − 1 degrees of freedom and s² the sample
/// variance.
///
/// # Units and shapes
/// The unit of the values.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `too_few_for_variance` for one value, `no_variation` where
/// all
/// values are the same.
///
/// # Source
/// Student (1908), *Biometrika* 6, 1–25.
///
/// # Example: two values
/// ```
/// use disprop_stats::{Level, Mean, interval};
/// let ends = interval::student_t::interval(&Mean::of(&[40.0, 60.0])?, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "-77.0620 177.0620");
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn interval(tally: &Mean, level: Level) -> Calculated<Interval> {
    Moments::of_mean(tally)?.interval(level)
}
