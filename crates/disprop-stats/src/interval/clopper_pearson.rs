//! The exact interval of a proportion by Clopper and Pearson.

use crate::distribution::beta_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::IntervalMethod;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Proportion> = IntervalMethod {
    id: "clopper_pearson",
    label: "Clopper-Pearson exact",
    formula: "beta quantiles: B(alpha/2; x, n - x + 1) to B(1 - alpha/2; x + 1, n - x)",
    source: "Clopper and Pearson (1934), Biometrika 26, 404-413",
    when_to_use: "where at least the stated coverage must be certain",
    when_not: "for many comparisons of small groups: it is wider than need be; mid-p is closer",
    function: interval,
};

/// Returns the exact interval: both binomial tails at its ends hold alpha / 2.
///
/// # Formula
/// B(alpha / 2; x, n − x + 1) to B(1 − alpha / 2; x + 1, n − x), with B the beta quantile; 0 for
/// none and 1 for all.
///
/// # Units and shapes
/// 0–1.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Clopper and Pearson (1934), Biometrika 26, 404-413.
///
/// # Example: none of ten
/// ```
/// use disprop_stats::{Level, Proportion, interval::clopper_pearson};
/// let ends = clopper_pearson::interval(&Proportion::new(0, 10), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.4}", ends.lower, ends.upper), "0 0.3085");
/// ```
pub fn interval(tally: &Proportion, level: Level) -> Calculated<Interval> {
    let (x, n) = tally.checked()?;
    let tail = 0.5 * level.alpha();
    let quantile = |p, a, b| beta_quantile(p, a, b).ok_or(NotCalculable::NoConvergence);
    let lower = if x == 0.0 {
        0.0
    } else {
        quantile(tail, x, n - x + 1.0)?
    };
    let upper = if x == n {
        1.0
    } else {
        quantile(1.0 - tail, x + 1.0, n - x)?
    };
    Interval::holding(x / n, lower, upper)
}
