//! The score interval for a ratio of rates, given all events.

use crate::contrast::conditional_exact::through_share;
use crate::contrast::{ContrastMethod, Scale};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::wilson;
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "score_ratio",
    label: "Poisson score ratio",
    scale: Scale::Ratio,
    formula: "(f/e) times the odds of the Wilson ends for a of a + c",
    source: "Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226; Graham, Mengersen and Morton (2003), Statistics in Medicine 22, 2071-2083",
    when_to_use: "where interval and test must agree: a closed form",
    when_not: "where at least the stated coverage must be certain: the exact interval",
    function: interval,
};

/// Returns the interval of group ÷ baseline from the Wilson interval of the group's share of
/// events.
///
/// # Formula
/// (f / e) · π / (1 − π) at both Wilson ends π for a of a + c, with a events over e in the group
/// and c over f in the baseline.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events; `zero_baseline` for no events there.
///
/// # Source
/// Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226; Graham, Mengersen
/// and Morton (2003), Statistics in Medicine 22, 2071-2083.
///
/// # Example: no events in the group
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_score_ratio};
/// let (none, rest) = (Rate::new(0, 44), Rate::new(90, 900));
/// let ends = rate_score_ratio::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 1.0);
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    through_share(group, baseline, |share| wilson::interval(share, level))
}
