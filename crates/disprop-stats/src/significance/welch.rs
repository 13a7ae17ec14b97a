//! Welch's t test of two means.

use crate::contrast::welch::contrast_moments;
use crate::distribution::student_t_two_sided;
use crate::estimate::{Calculated, NotCalculable};
use crate::significance::{Test, TestMethod};
use crate::tally::Mean;

/// Entry in the list of tests.
pub const METHOD: TestMethod<Mean> = TestMethod {
    id: "welch",
    label: "Welch t",
    formula: "d / sqrt(s1^2/n1 + s2^2/n2) on Satterthwaite's degrees of freedom",
    source: "Welch (1947), Biometrika 34, 28-35",
    when_to_use: "by default: no equal spread is assumed",
    when_not: "with a single pupil on a side, whose spread is not known",
    function: test,
};

/// Returns Welch's two-sided test.
///
/// # Formula
/// t = d / √(s₁²/n₁ + s₂²/n₂) on Satterthwaite's degrees of freedom.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `too_few_for_variance` for one pupil on a
/// side; `no_variation` where neither side varies.
///
/// # Source
/// Welch (1947), Biometrika 34, 28-35.
///
/// # Example: equal groups
/// ```
/// use disprop_stats::{Mean, significance::welch};
/// let group = Mean::of(&[0.0, 1.0, 2.0])?;
/// assert_eq!(welch::test(&group, &group).unwrap().p_value, 1.0);
/// # Ok::<(), disprop_stats::Error>(())
/// ```
pub fn test(group: &Mean, baseline: &Mean) -> Calculated<Test> {
    let difference = contrast_moments(group, baseline)?;
    if difference.variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let t = difference.value / difference.variance.sqrt();
    let p_value = student_t_two_sided(t, difference.freedom).ok_or(NotCalculable::NoConvergence)?;
    Ok(Test {
        statistic: Some(t),
        p_value,
    })
}
