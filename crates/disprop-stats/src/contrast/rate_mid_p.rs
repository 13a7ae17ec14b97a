//! The mid-p interval for a ratio of rates, given all events.

use crate::contrast::conditional_exact::through_share;
use crate::contrast::{ContrastMethod, Scale};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::mid_p;
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "mid_p",
    label: "mid-p, given all events",
    scale: Scale::Ratio,
    formula: "(f/e) times the odds of the mid-p ends for a of a + c",
    source: "Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14",
    when_to_use: "where an exact method is wanted without the width of the exact interval",
    when_not: "where at least the stated coverage must be certain: it holds on average only",
    function: interval,
};

/// Returns the interval of group ÷ baseline from the mid-p interval of the group's share of events.
///
/// # Formula
/// (f / e) · π / (1 − π) at both mid-p ends π for a of a + c, with a events over e in the group
/// and c over f in the baseline.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events; `zero_baseline` for no events there.
///
/// # Source
/// Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14.
///
/// # Example: no events in the group
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_mid_p};
/// let (none, rest) = (Rate::new(0, 44), Rate::new(90, 900));
/// let ends = rate_mid_p::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 1.0);
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    through_share(group, baseline, |share| mid_p::interval(share, level))
}
