//! The exact test of two rates of events.

use crate::estimate::Calculated;
use crate::significance::binomial::Binomial;
use crate::significance::{Test, TestMethod};
use crate::tally::Rate;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Rate> = TestMethod {
    id: "conditional_exact",
    label: "exact, given all events",
    formula: "sum of the chances of all divisions of the events no likelier than the observed one",
    source: "Przyborowski and Wilenski (1940), Biometrika 31, 313-323; two-sided as binom.test in R",
    when_to_use: "where at most the stated error must be certain",
    when_not: "for many comparisons of small groups: mid-p is closer; where one pupil can have many events",
    function: test,
};

/// Returns the exact test of equal rates, given the number of all events.
///
/// # Formula
/// Σ of the binomial chances of all numbers no likelier than the group's x₁ of x₁ + x₀ events, each the
/// group's with chance e₁/(e₁ + e₀); equal chances within a relative 10⁻⁷ included.
///
/// # Errors
/// `no_group`, `no_baseline`; `no_variation` for no events; `no_method` for sums that are no whole
/// numbers of events.
///
/// # Source
/// Przyborowski and Wilenski (1940), Biometrika 31, 313-323; two-sided as binom.test in R.
///
/// # Example: all five events in one of two like groups
/// ```
/// use disprop_stats::{Rate, significance::rate_exact};
/// let found = rate_exact::test(&Rate::new(5, 10), &Rate::new(0, 10)).unwrap();
/// assert!((found.p_value - 0.0625).abs() < 1e-15);
/// ```
pub fn test(group: &Rate, baseline: &Rate) -> Calculated<Test> {
    Ok(Test {
        statistic: None,
        p_value: Binomial::new(group, baseline)?.no_likelier()?,
    })
}
