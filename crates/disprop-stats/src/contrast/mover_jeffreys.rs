//! Differences of proportions from Jeffreys' interval of each.

use crate::contrast::{self, ContrastMethod, Scale, mover, mover::Side, pair};
use crate::distribution::beta_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::jeffreys;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "mover_jeffreys",
    label: "Jeffreys' limits combined (MOVER)",
    scale: Scale::Difference,
    formula: "d - sqrt((p1-l1)^2 + (u2-p2)^2) to d + sqrt((u1-p1)^2 + (p2-l2)^2), l and u Jeffreys' ends, p the posterior medians",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359; Laud (2017), Pharmaceutical Statistics 16, 334-348",
    when_to_use: "for rare outcomes, where Wilson ends lie far out",
    when_not: "where a closed form is wanted: Newcombe",
    function: interval,
};

/// Returns the interval for group − baseline built from both Jeffreys intervals.
///
/// # Formula
/// d − √((p₁ − l₁)² + (u₂ − p₂)²) to d + √((u₁ − p₁)² + (p₂ − l₂)²), with l and u Jeffreys' ends
/// and p the posterior medians.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359; Laud (2017),
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
    mover::difference(difference, group, baseline, |tally| side(tally, level))
}

/// Returns the median of Jeffreys' posterior with its interval, both at the edge for none and all.
pub(crate) fn side(tally: &Proportion, level: Level) -> Calculated<Side> {
    let ends = jeffreys::interval(tally, level)?;
    let (x, n) = tally.checked()?;
    let median = match x {
        0.0 => Some(0.0),
        x if x == n => Some(1.0),
        x => beta_quantile(0.5, x + 0.5, n - x + 0.5),
    };
    Ok(Side {
        value: median.ok_or(NotCalculable::NoConvergence)?,
        ends,
    })
}
