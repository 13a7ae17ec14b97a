//! Differences and ratios of rates from Byar's interval of each.

use crate::contrast::conditional_exact::pair;
use crate::contrast::{self, ContrastMethod, Scale, mover, mover::Side};
use crate::estimate::{Calculated, Interval, Level};
use crate::interval::byar;
use crate::tally::Rate;

/// Entry in the list of methods: the difference.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "mover_byar",
    label: "Byar's limits combined (MOVER)",
    scale: Scale::Difference,
    formula: "d - sqrt((v1-l1)^2 + (u2-v2)^2) to d + sqrt((u1-v1)^2 + (v2-l2)^2), l and u Byar's ends",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359",
    when_to_use: "by default for published events: a closed form, with no events too",
    when_not: "where one pupil can have many events: pupils' rows or a dispersion are then needed",
    function: interval,
};

/// Entry in the list of methods: the ratio.
pub const RATIO_METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "mover_byar_ratio",
    label: "ratio from Byar's limits (MOVER)",
    scale: Scale::Ratio,
    formula: "Fieller's form with each value's distance to its own Byar end",
    source: "Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359, eq. 9",
    when_to_use: "where the ratio should follow from the same one-group intervals as the difference",
    when_not: "with one event in the baseline at a high level, where Byar's interval reaches zero",
    function: ratio_interval,
};

/// Returns the interval of group − baseline.
///
/// # Formula
/// d − √((v₁ − l₁)² + (u₂ − v₂)²) to d + √((u₁ − v₁)² + (v₂ − l₂)²), with l and u Byar's ends.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events.
///
/// # Source
/// Donner and Zou (2012), *Statistical Methods in Medical Research* 21, 347–359.
///
/// # Example: no events on either side
/// ```
/// use disprop_stats::{Level, Rate, contrast::mover_byar};
/// let ends = mover_byar::interval(&Rate::new(0, 100), &Rate::new(0, 100), Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "-0.0367 0.0367");
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    mover::difference(difference, group, baseline, |tally| {
        Side::of(tally, byar::interval(tally, level))
    })
}

/// Returns the interval of group ÷ baseline.
///
/// # Errors
/// As [`interval`]; `zero_baseline` for no events there, `unbounded` where its interval reaches
/// zero.
///
/// # Source
/// Donner and Zou (2012), *Statistical Methods in Medical Research* 21, 347–359, eq. 9.
///
/// # Example: twice the rate
/// ```
/// use disprop_stats::{Level, Rate, contrast::mover_byar};
/// let (group, rest) = (Rate::new(20, 100), Rate::new(100, 1_000));
/// let ends = mover_byar::ratio_interval(&group, &rest, Level::P95).unwrap();
/// assert!(ends.contains(2.0) && ends.lower > 1.0);
/// ```
pub fn ratio_interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    mover::ratio(ratio, group, baseline, |tally| {
        Side::of(tally, byar::interval(tally, level))
    })
}
