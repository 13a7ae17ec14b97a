//! The permutation test of two proportions, as a test of the list.

use crate::estimate::Calculated;
use crate::permutation;
use crate::significance::{Test, TestMethod};
use crate::tally::Proportion;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Proportion> = TestMethod {
    id: "permutation",
    label: "permutation of pupils, every split counted",
    formula: "chance of all splits of the pupils whose difference is at least as far from zero",
    source: "Fisher, The Design of Experiments (1935), section 21; Pesarin (2001), section 1.9",
    when_to_use: "where a test is to rest on the difference itself and nothing is to be assumed: exact at every size, nothing is drawn",
    when_not: "for many comparisons of small groups: mid-p is closer",
    function: test,
};

/// Returns the two-sided permutation test, exact.
///
/// # Formula
/// As [`permutation::proportions`], `two_sided`.
///
/// # Errors
/// As [`permutation::proportions`].
///
/// # Source
/// Fisher, *The Design of Experiments* (1935), section 21; Pesarin (2001), section 1.9.
///
/// # Example: 3 of 4 against 1 of 4
/// ```
/// use disprop_stats::{Proportion, significance::permutation};
/// let found = permutation::test(&Proportion::new(3, 4), &Proportion::new(1, 4)).unwrap();
/// assert!((found.p_value - 34.0 / 70.0).abs() < 1e-15);
/// ```
pub fn test(group: &Proportion, baseline: &Proportion) -> Calculated<Test> {
    Ok(Test {
        statistic: None,
        p_value: permutation::proportions(group, baseline)?.two_sided,
    })
}
