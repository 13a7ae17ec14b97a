//! Differences of rates from the Jeffreys interval of each.

use crate::contrast::conditional_exact::pair;
use crate::contrast::{self, ContrastMethod, Scale, mover, mover::Side};
use crate::distribution::gamma_quantile;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::{events, rate_jeffreys};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "mover_jeffreys",
    label: "difference from Jeffreys limits (MOVER)",
    scale: Scale::Difference,
    formula: "d - sqrt((v1-l1)^2 + (u2-v2)^2) to d + sqrt((u1-v1)^2 + (v2-l2)^2), l and u the Jeffreys ends, v the posterior medians",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359; Laud (2017), Pharmaceutical Statistics 16, 334-348",
    when_to_use: "for rare events, where score ends lie far out",
    when_not: "where one pupil can have many events: pupils' rows or a dispersion are then needed",
    function: interval,
};

/// Returns the interval of group − baseline built from both Jeffreys intervals.
///
/// # Formula
/// d − √((v₁ − l₁)² + (u₂ − v₂)²) to d + √((u₁ − v₁)² + (v₂ − l₂)²), with l and u the ends of each
/// and v the posterior medians.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events.
///
/// # Source
/// Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359; Laud (2017),
/// Pharmaceutical Statistics 16, 334-348.
///
/// # Example: no events in the group
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_mover_jeffreys};
/// let (none, rest) = (Rate::new(0, 44), Rate::new(90, 900));
/// let ends = rate_mover_jeffreys::interval(&none, &rest, Level::P95).unwrap();
/// assert!(ends.contains(-0.1));
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    mover::difference(difference, group, baseline, |tally| side(tally, level))
}

/// Returns the median of Jeffreys' posterior with its interval, both at the edge for no events.
pub(crate) fn side(tally: &Rate, level: Level) -> Calculated<Side> {
    let ends = rate_jeffreys::interval(tally, level)?;
    let (x, exposure) = events(tally)?;
    let median = if x == 0.0 {
        Some(0.0)
    } else {
        gamma_quantile(0.5, x + 0.5)
    };
    Ok(Side {
        value: median.ok_or(NotCalculable::NoConvergence)? / exposure,
        ends,
    })
}
