//! Katz's log interval for a ratio of proportions.

use crate::contrast::{self, ContrastMethod, Scale, pair};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "katz",
    label: "Katz log",
    scale: Scale::Ratio,
    formula: "r exp(-/+ z sqrt(1/a - 1/n + 1/c - 1/m))",
    source: "Katz, Baptista, Azen and Pike (1978), Biometrics 34, 469-474, method C",
    when_to_use: "to reproduce figures published with it: it is what most tools print",
    when_not: "with few events, none, or nearly everybody: it then covers far too little, or does not exist",
    function: interval,
};

/// Returns Katz's interval for group ÷ baseline.
///
/// # Formula
/// r exp(∓ z √(1/a − 1/n + 1/c − 1/m)) for a of n against c of m.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`; `zero_baseline` for
/// c = 0, `zero_group` for a = 0, `no_variation` where everybody on both sides has the outcome,
/// `unbounded` where the level is so high that the factor is no number.
///
/// # Source
/// Katz and others (1978), *Biometrics* 34, 469–474, method C.
///
/// # Example: without events there is no logarithm
/// ```
/// use disprop_stats::{Level, NotCalculable, Proportion, contrast::katz};
/// let rest = Proportion::new(10, 100);
/// let ends = katz::interval(&Proportion::new(20, 100), &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "0.9866 4.0545");
/// let none = katz::interval(&Proportion::new(0, 100), &rest, Level::P95);
/// assert_eq!(none, Err(NotCalculable::ZeroGroup));
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let ratio = contrast::ratio(group, baseline)?;
    if a == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    // 1/a − 1/n without the difference.
    let variance = (n - a) / n / a + (m - c) / m / c;
    around_log(ratio, variance, level)
}

/// Returns ratio · exp(∓ z √variance).
pub(crate) fn around_log(ratio: f64, variance: f64, level: Level) -> Calculated<Interval> {
    if variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let factor = (level.z() * variance.sqrt()).exp();
    if !(ratio * factor).is_finite() {
        return Err(NotCalculable::Unbounded);
    }
    Interval::holding(ratio, ratio / factor, ratio * factor)
}
