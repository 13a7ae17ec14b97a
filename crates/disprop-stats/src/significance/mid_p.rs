//! The mid-p exact test of two proportions.

use crate::contrast::hypergeometric::Hypergeometric;
use crate::contrast::pair;
use crate::estimate::Calculated;
use crate::significance::{Test, TestMethod};
use crate::tally::Proportion;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Proportion> = TestMethod {
    id: "mid_p",
    label: "exact mid-p",
    formula: "2 min(P(fewer), P(more)) + P(same), given all margins",
    source: "Lancaster (1961), JASA 56, 223-234; Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 14",
    when_to_use: "with few events, without the caution of Fisher's test",
    when_not: "where at most the stated error must be certain: Fisher",
    function: test,
};

/// Returns twice the smaller tail, with half of the observed table's chance in it.
///
/// # Formula
/// 2 min(P(fewer) + ½ P(same), P(more) + ½ P(same)), given all margins.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`. With nobody or
/// everybody on both sides only one table is possible, and p is 1.
///
/// # Source
/// Lancaster (1961), JASA 56, 223-234; Rothman, Greenland and Lash (2008), Modern Epidemiology,
/// chapter 14.
///
/// # Example: 3 of 4 against 1 of 4
/// ```
/// use disprop_stats::{Proportion, significance::mid_p};
/// let found = mid_p::test(&Proportion::new(3, 4), &Proportion::new(1, 4)).unwrap();
/// assert!((found.p_value - 18.0 / 70.0).abs() < 1e-15);
/// ```
pub fn test(group: &Proportion, baseline: &Proportion) -> Calculated<Test> {
    let (group, baseline) = pair(group, baseline)?;
    let tails = Hypergeometric::new(group, baseline)?.null_tails();
    let p_value = (2.0 * tails.fewer.min(tails.more) + tails.same).min(1.0);
    Ok(Test {
        statistic: None,
        p_value,
    })
}
