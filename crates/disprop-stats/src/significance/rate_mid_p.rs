//! The mid-p test of two rates of events.

use crate::estimate::Calculated;
use crate::significance::binomial::Binomial;
use crate::significance::{Test, TestMethod};
use crate::tally::Rate;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Rate> = TestMethod {
    id: "mid_p",
    label: "mid-p, given all events",
    formula: "2 min(P(fewer), P(more)) + P(same), given all events",
    source: "Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14",
    when_to_use: "with few events, without the caution of the exact test; goes with the mid-p interval",
    when_not: "where at most the stated error must be certain: the exact test; where one pupil can have many events",
    function: test,
};

/// Returns the mid-p test of equal rates, given the number of all events.
///
/// # Formula
/// 2 min(P(fewer) + ½ P(same), P(more) + ½ P(same)), binomial: x₁ of x₁ + x₀ events, each the group's with
/// chance e₁/(e₁ + e₀).
///
/// # Errors
/// `no_group`, `no_baseline`; `no_variation` for no events; `no_method` for sums that are no whole
/// numbers of events.
///
/// # Source
/// Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14.
///
/// # Example: all five events in one of two like groups
/// ```
/// use disprop_stats::{Rate, significance::rate_mid_p};
/// let found = rate_mid_p::test(&Rate::new(5, 10), &Rate::new(0, 10)).unwrap();
/// assert!((found.p_value - 0.03125).abs() < 1e-15);
/// ```
pub fn test(group: &Rate, baseline: &Rate) -> Calculated<Test> {
    Ok(Test {
        statistic: None,
        p_value: Binomial::new(group, baseline)?.mid_p()?,
    })
}
