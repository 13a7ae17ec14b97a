//! The N − 1 chi-square test of two proportions.

use crate::estimate::Calculated;
use crate::significance::{Test, TestMethod, chi_square};
use crate::tally::Proportion;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Proportion> = TestMethod {
    id: "score",
    label: "score (N - 1) chi-square",
    formula: "(N-1) (ad - bc)^2 / (product of the margins)",
    source: "Campbell (2007), Statistics in Medicine 26, 3661-3675; K. Pearson (1947)",
    when_to_use: "by default, at every size; agrees with Miettinen-Nurminen's interval",
    when_not: "with fewer than one event expected somewhere: mid-p",
    function: test,
};

/// Returns the score test with N − 1 in place of N.
///
/// # Formula
/// χ² = (N − 1)(ad − bc)² / (product of the four margins), on one degree of freedom.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `no_variation` where
/// everybody or nobody on both sides has the outcome.
///
/// # Source
/// Campbell (2007), Statistics in Medicine 26, 3661-3675; K. Pearson (1947).
///
/// # Example: one of one against none of one
/// ```
/// use disprop_stats::{Proportion, significance::score};
/// let found = score::test(&Proportion::new(1, 1), &Proportion::new(0, 1)).unwrap();
/// assert_eq!(found.statistic, Some(1.0));
/// ```
pub fn test(group: &Proportion, baseline: &Proportion) -> Calculated<Test> {
    chi_square(group, baseline, |total| total - 1.0, |_| 0.0)
}
