//! Fisher's exact test of two proportions.

use crate::contrast::hypergeometric::Hypergeometric;
use crate::contrast::pair;
use crate::estimate::Calculated;
use crate::significance::{Test, TestMethod};
use crate::tally::Proportion;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Proportion> = TestMethod {
    id: "fisher",
    label: "Fisher exact",
    formula: "sum of the chances of all tables no likelier than the observed one",
    source: "Fisher (1935), Journal of the Royal Statistical Society 98, 39-54; two-sided rule of Freeman and Halton (1951)",
    when_to_use: "where at most the stated error must be certain",
    when_not: "for many comparisons of small groups: mid-p is closer",
    function: test,
};

/// Returns Fisher's two-sided exact test, given all margins.
///
/// # Formula
/// Σ of the hypergeometric chances of all tables no likelier than the observed one, equal chances
/// within a relative 10⁻⁷ included.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`. With nobody or
/// everybody on both sides only one table is possible, and p is 1.
///
/// # Source
/// Fisher (1935), Journal of the Royal Statistical Society 98, 39-54; two-sided rule of Freeman
/// and Halton (1951).
///
/// # Example: 3 of 4 against 1 of 4
/// ```
/// use disprop_stats::{Proportion, significance::fisher};
/// let found = fisher::test(&Proportion::new(3, 4), &Proportion::new(1, 4)).unwrap();
/// assert!((found.p_value - 34.0 / 70.0).abs() < 1e-15);
/// ```
pub fn test(group: &Proportion, baseline: &Proportion) -> Calculated<Test> {
    let (group, baseline) = pair(group, baseline)?;
    let p_value = Hypergeometric::new(group, baseline)?.no_likelier();
    Ok(Test {
        statistic: None,
        p_value,
    })
}
