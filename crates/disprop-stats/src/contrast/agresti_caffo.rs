//! The adjusted Wald interval for a difference of proportions.

use crate::contrast::{self, ContrastMethod, Scale, pair};
use crate::estimate::{Calculated, Interval, Level};
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Proportion> = ContrastMethod {
    id: "agresti_caffo",
    label: "Agresti-Caffo",
    scale: Scale::Difference,
    formula: "d' -/+ z sqrt(p1' q1' / (n+2) + p2' q2' / (m+2)), p' = (x+1)/(n+2); cut at -1 and 1",
    source: "Agresti and Caffo (2000), The American Statistician 54, 280-288",
    when_to_use: "where a formula for a spreadsheet is wanted that is safe at small sizes",
    when_not: "where a tiny group meets a large one: its centre is pulled towards no difference",
    function: interval,
};

/// Returns Wald's interval after adding one event and one non-event to each side.
///
/// # Formula
/// d′ ∓ z √(p₁′q₁′/(n + 2) + p₂′q₂′/(m + 2)), with p′ = (x + 1)/(n + 2), cut at −1 and 1.
///
/// # Units and shapes
/// −1 to 1, not percentage points.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Agresti and Caffo (2000), The American Statistician 54, 280-288.
///
/// # Example: nobody out of one on both sides
/// ```
/// use disprop_stats::{Level, Proportion, contrast::agresti_caffo};
/// let none = Proportion::new(0, 1);
/// let ends = agresti_caffo::interval(&none, &none, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "-0.7544 0.7544");
/// ```
pub fn interval(group: &Proportion, baseline: &Proportion, level: Level) -> Calculated<Interval> {
    let ((a, n), (c, m)) = pair(group, baseline)?;
    let (p1, p2) = ((a + 1.0) / (n + 2.0), (c + 1.0) / (m + 2.0));
    let variance = p1 * (1.0 - p1) / (n + 2.0) + p2 * (1.0 - p2) / (m + 2.0);
    let reach = level.z() * variance.sqrt();
    let (lower, upper) = ((p1 - p2 - reach).max(-1.0), (p1 - p2 + reach).min(1.0));
    Interval::holding(contrast::difference(group, baseline)?, lower, upper)
}
