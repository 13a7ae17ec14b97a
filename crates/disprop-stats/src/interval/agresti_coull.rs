//! The adjusted Wald interval of a proportion by Agresti and Coull.

use crate::estimate::{Calculated, Interval, Level};
use crate::interval::IntervalMethod;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Proportion> = IntervalMethod {
    id: "agresti_coull",
    label: "Agresti-Coull",
    formula: "p' -/+ z sqrt(p' (1 - p') / n'), n' = n + z^2, p' = (x + z^2/2) / n'; cut at 0 and 1",
    source: "Agresti and Coull (1998), The American Statistician 52, 119-126",
    when_to_use: "where a formula for a spreadsheet is wanted that is safe at small sizes",
    when_not: "by default: Wilson has the same centre and is never wider",
    function: interval,
};

/// Returns Wald's interval around Wilson's centre.
///
/// # Formula
/// p′ ∓ z √(p′ (1 − p′) / n′), with n′ = n + z² and p′ = (x + z² / 2) / n′, cut at 0 and 1.
///
/// # Units and shapes
/// 0–1.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Agresti and Coull (1998), The American Statistician 52, 119-126.
///
/// # Example: five of five, cut at 1
/// ```
/// use disprop_stats::{Level, Proportion, interval::agresti_coull};
/// let ends = agresti_coull::interval(&Proportion::new(5, 5), Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {}", ends.lower, ends.upper), "0.5109 1");
/// ```
pub fn interval(tally: &Proportion, level: Level) -> Calculated<Interval> {
    let (x, n) = tally.checked()?;
    let z = level.z();
    let size = n + z * z;
    let centre = (x + 0.5 * z * z) / size;
    let reach = z * (centre * (1.0 - centre) / size).sqrt();
    Interval::holding(x / n, (centre - reach).max(0.0), (centre + reach).min(1.0))
}
