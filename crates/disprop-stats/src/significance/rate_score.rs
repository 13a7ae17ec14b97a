//! The score test of two rates of events.

use crate::contrast::of_baseline;
use crate::distribution::normal_two_sided;
use crate::estimate::{Calculated, NotCalculable};
use crate::significance::{Test, TestMethod};
use crate::tally::Rate;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Rate> = TestMethod {
    id: "score",
    label: "Poisson score",
    formula: "(r1 - r2)^2 / (r (1/e + 1/f)), r the rate of both together",
    source: "Sahai and Khurshid (1996), Statistics in Epidemiology, eq. 3.5",
    when_to_use: "by default for published events; agrees with the score intervals",
    when_not: "with fewer than about ten events in all: the exact test; where one pupil can have many events: a dispersion is then needed",
    function: test,
};

/// Returns the score test of equal rates.
///
/// # Formula
/// χ² = (r₁ − r₀)²/(r̄(1/e₁ + 1/e₀)) on one degree of freedom, r̄ = (x₁ + x₀)/(e₁ + e₀).
///
/// # Errors
/// `no_group`, `no_baseline`; `no_variation` for no events on either side.
///
/// # Source
/// Sahai and Khurshid (1996), *Statistics in Epidemiology*, eq. 3.5.
///
/// # Example: five events against none
/// ```
/// use disprop_stats::{Rate, significance::rate_score};
/// let found = rate_score::test(&Rate::new(5, 10), &Rate::new(0, 10)).unwrap();
/// assert!((found.statistic.unwrap() - 5.0).abs() < 1e-12);
/// ```
pub fn test(group: &Rate, baseline: &Rate) -> Calculated<Test> {
    let ((a, e), (c, f)) = (group.checked()?, of_baseline(baseline.checked())?);
    let pooled = (a + c) / (e + f);
    if pooled <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let difference = crate::contrast::difference(group, baseline)?;
    let statistic = difference * difference / (pooled * (1.0 / e + 1.0 / f));
    Ok(Test {
        statistic: Some(statistic),
        p_value: normal_two_sided(statistic.sqrt()),
    })
}
