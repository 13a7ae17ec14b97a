//! Tests of no difference between a group and its baseline.
//!
//! A p-value answers less than an interval and is read as more; the interval is the thing to print.
//! Each method is one file; the lists here name them all, the default first.

mod binomial;
pub mod fisher;
pub mod mid_p;
pub mod pearson;
pub mod permutation;
pub mod rate_exact;
pub mod rate_mid_p;
pub mod rate_score;
pub mod score;
pub mod welch;
pub mod yates;

use crate::contrast::pair;
use crate::distribution::normal_two_sided;
use crate::error::Error;
use crate::estimate::{Calculated, NotCalculable};
use crate::tally::{Mean, Proportion, Rate};

/// What a test of no difference says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The statistic, where the method has one: chi-square on one degree of freedom, or t.
    pub statistic: Option<f64>,
    /// Two-sided p-value, 0–1.
    pub p_value: f64,
}

/// One test of no difference, with what a reader needs to judge it.
#[derive(Debug, Clone, Copy)]
pub struct TestMethod<T: 'static> {
    /// Stable name, as it stands in result columns.
    pub id: &'static str,
    /// Name in prose.
    pub label: &'static str,
    /// The formula in plain text.
    pub formula: &'static str,
    /// Author, year and equation.
    pub source: &'static str,
    /// Where it is a good choice.
    pub when_to_use: &'static str,
    /// Where it is not.
    pub when_not: &'static str,
    /// The calculation itself: group, baseline.
    pub function: fn(&T, &T) -> Calculated<Test>,
}

/// Tests for two proportions, the default first.
pub const PROPORTION: &[TestMethod<Proportion>] = &[
    score::METHOD,
    pearson::METHOD,
    yates::METHOD,
    fisher::METHOD,
    mid_p::METHOD,
    permutation::METHOD,
];

/// Tests for two means, the default first.
pub const MEAN: &[TestMethod<Mean>] = &[welch::METHOD];

/// Tests for two rates of events, the default first.
pub const RATE: &[TestMethod<Rate>] = &[rate_score::METHOD, rate_exact::METHOD, rate_mid_p::METHOD];

/// Returns the test called `id` in one of the lists above.
///
/// # Errors
/// `stats.unknown_method`, naming the tests there are.
///
/// # Example: a name no list holds
/// ```
/// use disprop_stats::significance;
/// assert_eq!(significance::find(significance::PROPORTION, "fisher")?.label, "Fisher exact");
/// assert!(significance::find(significance::MEAN, "fisher").is_err());
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn find<T>(
    methods: &'static [TestMethod<T>],
    id: &str,
) -> Result<&'static TestMethod<T>, Error> {
    methods
        .iter()
        .find(|method| method.id == id)
        .ok_or_else(|| Error::UnknownMethod {
            found: id.into(),
            known: methods
                .iter()
                .map(|method| method.id)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Returns (|a d − b c| − `less`)² `size` over the product of the four margins, never below zero
/// inside the square, where a, b, c, d are the cells and N = `size` for Pearson's test.
///
/// # Errors
/// `no_variation` where everybody or nobody on both sides has the outcome.
fn chi_square(
    group: &Proportion,
    baseline: &Proportion,
    size: impl Fn(f64) -> f64,
    less: impl Fn(f64) -> f64,
) -> Calculated<Test> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let (events, others) = (a + c, (n - a) + (m - c));
    if events == 0.0 || others == 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    // a m − c n equals a d − b c and is exact in integers.
    let cross = i128::from(group.events) * i128::from(baseline.trials)
        - i128::from(baseline.events) * i128::from(group.trials);
    let total = n + m;
    let distance = (cross.unsigned_abs() as f64 - less(total)).max(0.0);
    let statistic = distance / n / m * (distance / events / others) * size(total);
    Ok(Test {
        statistic: Some(statistic),
        p_value: normal_two_sided(statistic.sqrt()),
    })
}
