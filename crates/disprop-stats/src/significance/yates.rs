//! Pearson's test with Yates' continuity correction.

use crate::estimate::Calculated;
use crate::significance::{Test, TestMethod, chi_square};
use crate::tally::Proportion;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Proportion> = TestMethod {
    id: "yates",
    label: "chi-square with Yates' correction",
    formula: "N (|ad - bc| - N/2)^2 / (product of the margins), 0 where |ad - bc| < N/2",
    source: "Yates (1934), Supplement to the Journal of the Royal Statistical Society 1, 217-235",
    when_to_use: "only to reproduce figures published with it",
    when_not: "otherwise: it finds no difference too often",
    function: test,
};

/// Returns the corrected test, which comes close to Fisher's and is as cautious.
///
/// # Formula
/// χ² = N (max(0, |ad − bc| − N/2))² / (product of the four margins), on one degree of freedom.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `no_variation` where
/// everybody or nobody on both sides has the outcome.
///
/// # Source
/// Yates (1934), Supplement to the Journal of the Royal Statistical Society 1, 217-235.
///
/// # Example: nothing is left of a small difference
/// ```
/// use disprop_stats::{Proportion, significance::yates};
/// let found = yates::test(&Proportion::new(1, 1), &Proportion::new(0, 1)).unwrap();
/// assert_eq!((found.statistic, found.p_value), (Some(0.0), 1.0));
/// ```
pub fn test(group: &Proportion, baseline: &Proportion) -> Calculated<Test> {
    chi_square(group, baseline, |total| total, |total| 0.5 * total)
}
