//! The score interval of a rate.

use crate::estimate::{Calculated, Interval, Level};
use crate::interval::{IntervalMethod, events};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Rate> = IntervalMethod {
    id: "score",
    label: "Poisson score",
    formula: "(x + z^2/2 -/+ z sqrt(x + z^2/4)) / e",
    source: "Begaud and others (2005), Journal of Clinical Epidemiology 58, 1038-1041",
    when_to_use: "as Wilson's counterpart for a rate: a closed form, with no events too",
    when_not: "where at least the stated coverage must be certain: Garwood",
    function: interval,
};

/// Returns all rates that a score test would not reject.
///
/// # Formula
/// (x + z² / 2 ∓ z √(x + z² / 4)) / e for x events over an exposure e.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `group_exceeds_total`; `no_second_moment` for sums that are no whole events.
///
/// # Source
/// Begaud and others (2005), Journal of Clinical Epidemiology 58, 1038-1041.
///
/// # Example: no events: z² over the exposure
/// ```
/// use disprop_stats::{Level, Rate, interval::rate_score};
/// let ends = rate_score::interval(&Rate::new(0, 100), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.6}", ends.lower, ends.upper), "0 0.038415");
/// ```
pub fn interval(tally: &Rate, level: Level) -> Calculated<Interval> {
    let (x, exposure) = events(tally)?;
    let z = level.z();
    let reach = x + 0.5 * z * z + z * (x + 0.25 * z * z).sqrt();
    // The product of both ends is x²: no difference of nearly equal numbers.
    Interval::holding(x / exposure, x / reach * x / exposure, reach / exposure)
}
