//! Differences of proportions from Jeffreys' interval of each.

use crate::contrast::{self, ContrastMethod, Scale, mover, pair};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::jeffreys;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "mover_jeffreys",
    label: "Jeffreys' limits combined (MOVER)",
    scale: Scale::Difference,
    formula: "d - sqrt((p1-l1)^2 + (u2-p2)^2) to d + sqrt((u1-p1)^2 + (p2-l2)^2), l and u Jeffreys' ends",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 4; Laud (2017), Pharmaceutical Statistics 16, 334-348",
    when_to_use: "for rare outcomes, where Wilson ends lie far out",
    when_not: "where a closed form is wanted: Newcombe",
    function: interval,
};

/// Returns the interval for group − baseline built from both Jeffreys intervals.
///
/// # Formula
/// d − √((p₁ − l₁)² + (u₂ − p₂)²) to d + √((u₁ − p₁)² + (p₂ − l₂)²), with l and u Jeffreys' ends.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 4; Laud (2017),
/// Pharmaceutical Statistics 16, 334-348.
///
/// # Example: nobody on either side
/// ```
/// use disprop_stats::{Level, Proportion, contrast::mover_jeffreys};
/// let none = Proportion::new(0, 10);
/// let ends = mover_jeffreys::interval(&none, &none, Level::P95).unwrap();
/// assert_eq!(ends.lower, -ends.upper);
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    mover::difference(difference, group, baseline, |tally| {
        jeffreys::interval(tally, level)
    })
}
