//! Ratios of rates from the Jeffreys interval of each.

use crate::contrast::conditional_exact::pair;
use crate::contrast::rate_mover_jeffreys::side;
use crate::contrast::{self, ContrastMethod, Scale, mover};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "mover_jeffreys_ratio",
    label: "ratio from Jeffreys limits (MOVER)",
    scale: Scale::Ratio,
    formula: "Fieller's form with each rate's distance to its own Jeffreys end",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9; Laud (2017), Pharmaceutical Statistics 16, 334-348",
    when_to_use: "for rare events, where score ends lie far out",
    when_not: "where one pupil can have many events: pupils' rows or a dispersion are then needed",
    function: interval,
};

/// Returns the interval of group ÷ baseline built from both Jeffreys intervals.
///
/// # Formula
/// With a = l₁(2v₁ − l₁), b = u₂(2v₂ − u₂) the lower end is (v₁v₂ − √((v₁v₂)² − a b)) / b, and
/// with a = u₁(2v₁ − u₁), b = l₂(2v₂ − l₂) the upper one (v₁v₂ + √((v₁v₂)² − a b)) / b; v are the
/// posterior medians.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events; `zero_baseline` for no events there.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9; Laud (2017),
/// Pharmaceutical Statistics 16, 334-348.
///
/// # Example: no events in the group
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_mover_jeffreys_ratio};
/// let (none, rest) = (Rate::new(0, 44), Rate::new(90, 900));
/// let ends = rate_mover_jeffreys_ratio::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 1.0);
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    mover::ratio(ratio, group, baseline, |tally| side(tally, level))
}
