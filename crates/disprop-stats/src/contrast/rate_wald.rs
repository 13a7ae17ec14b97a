//! Wald's interval for a difference of rates, to reproduce what others print.

use crate::contrast::conditional_exact::pair;
use crate::contrast::{self, ContrastMethod, Scale};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "wald",
    label: "Wald",
    scale: Scale::Difference,
    formula: "d -/+ z sqrt(a/e^2 + c/f^2)",
    source: "Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226, with unrestricted rates",
    when_to_use: "only to reproduce figures published with it",
    when_not: "with fewer than hundreds of events: it covers far too little",
    function: interval,
};

/// Returns the textbook interval, which covers too little for few events.
///
/// # Formula
/// d ∓ z √(a/e² + c/f²) for a events over e against c over f.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events; `no_variation` for no events on either side, where it would have no width.
///
/// # Source
/// Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226, with unrestricted
/// rates.
///
/// # Example: no events are refused
/// ```
/// use disprop_stats::{Level, NotCalculable, Rate, contrast::rate_wald};
/// let refused = rate_wald::interval(&Rate::new(0, 44), &Rate::new(0, 900), Level::P95);
/// assert_eq!(refused, Err(NotCalculable::NoVariation));
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    let ((a, e), (c, f)) = pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    if a + c == 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let reach = level.z() * (a / e / e + c / f / f).sqrt();
    Interval::holding(difference, difference - reach, difference + reach)
}
