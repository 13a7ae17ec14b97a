//! Ratios of proportions from the Jeffreys interval of each.

use crate::contrast::mover_jeffreys::side;
use crate::contrast::{self, ContrastMethod, Scale, mover, pair};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "mover_jeffreys_ratio",
    label: "ratio from Jeffreys' limits (MOVER)",
    scale: Scale::Ratio,
    formula: "Fieller's form with each proportion's distance to its own Jeffreys end",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9",
    when_to_use: "for rare outcomes, where Wilson ends lie far out",
    when_not: "where interval and test must agree: Koopman",
    function: interval,
};

/// Returns the interval for group ÷ baseline built from both Jeffreys intervals.
///
/// # Formula
/// With a = l₁(2p₁ − l₁), b = u₂(2p₂ − u₂) the lower end is (p₁p₂ − √((p₁p₂)² − a b)) / b, and
/// with a = u₁(2p₁ − u₁), b = l₂(2p₂ − l₂) the upper one (p₁p₂ + √((p₁p₂)² − a b)) / b; p are the
/// posterior medians.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// no events there.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9.
///
/// # Example: nobody in the group
/// ```
/// use disprop_stats::{Level, Proportion, contrast::mover_jeffreys_ratio};
/// let (none, rest) = (Proportion::new(0, 10), Proportion::new(30, 90));
/// let ends = mover_jeffreys_ratio::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.lower == 0.0 && ends.upper < 1.0);
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    mover::ratio(ratio, group, baseline, |tally| side(tally, level))
}
