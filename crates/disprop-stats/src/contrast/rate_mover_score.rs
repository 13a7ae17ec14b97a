//! Differences of rates from the score interval of each.

use crate::contrast::conditional_exact::pair;
use crate::contrast::{self, ContrastMethod, Scale, mover, mover::Side};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::rate_score;
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "mover_score",
    label: "difference from score limits (MOVER)",
    scale: Scale::Difference,
    formula: "d - sqrt((v1-l1)^2 + (u2-v2)^2) to d + sqrt((u1-v1)^2 + (v2-l2)^2), l and u the score ends",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359",
    when_to_use: "as Newcombe's counterpart for rates: a closed form, with no events too",
    when_not: "where one pupil can have many events: pupils' rows or a dispersion are then needed",
    function: interval,
};

/// Returns the interval of group − baseline built from both score intervals.
///
/// # Formula
/// d − √((v₁ − l₁)² + (u₂ − v₂)²) to d + √((u₁ − v₁)² + (v₂ − l₂)²), with l and u the ends of each.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359.
///
/// # Example: no events in the group
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_mover_score};
/// let (none, rest) = (Rate::new(0, 44), Rate::new(90, 900));
/// let ends = rate_mover_score::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.contains(-0.1));
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    mover::difference(difference, group, baseline, |tally| {
        Side::of(tally, rate_score::interval(tally, level))
    })
}
