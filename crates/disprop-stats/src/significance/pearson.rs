//! Pearson's chi-square test of two proportions.

use crate::estimate::Calculated;
use crate::significance::{Test, TestMethod, chi_square};
use crate::tally::Proportion;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Proportion> = TestMethod {
    id: "pearson",
    label: "Pearson chi-square",
    formula: "N (ad - bc)^2 / (product of the margins)",
    source: "K. Pearson (1900), Philosophical Magazine 50, 157-175",
    when_to_use: "to reproduce figures published with it; agrees with Koopman's and Mee's intervals",
    when_not: "with fewer than five expected somewhere: score or mid-p",
    function: test,
};

/// Returns Pearson's test without correction.
///
/// # Formula
/// χ² = N (ad − bc)² / (product of the four margins), on one degree of freedom.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `no_variation` where
/// everybody or nobody on both sides has the outcome.
///
/// # Source
/// K. Pearson (1900), Philosophical Magazine 50, 157-175.
///
/// # Example: one of one against none of one
/// ```
/// use disprop_stats::{Proportion, significance::pearson};
/// let found = pearson::test(&Proportion::new(1, 1), &Proportion::new(0, 1)).unwrap();
/// assert_eq!(found.statistic, Some(2.0));
/// ```
pub fn test(group: &Proportion, baseline: &Proportion) -> Calculated<Test> {
    chi_square(group, baseline, |total| total, |_| 0.0)
}
