//! Wald's interval of a rate, to reproduce what others print.

use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::{IntervalMethod, events};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Rate> = IntervalMethod {
    id: "wald",
    label: "Wald",
    formula: "(x -/+ z sqrt(x)) / e, cut at 0",
    source: "Brown, Cai and DasGupta (2003), Statistica Sinica 13, 19-49",
    when_to_use: "only to reproduce figures published with it",
    when_not: "with fewer than hundreds of events: it covers far too little",
    function: interval,
};

/// Returns the textbook interval, which covers too little for few events.
///
/// # Formula
/// (x ∓ z √x) / e, cut at 0.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `group_exceeds_total`; `no_second_moment` for sums that are no whole events;
/// `no_variation` for no events, where it would have no width.
///
/// # Source
/// Brown, Cai and DasGupta (2003), Statistica Sinica 13, 19-49.
///
/// # Example: no events are refused
/// ```
/// use disprop_stats::{Level, NotCalculable, Rate, interval::rate_wald};
/// let refused = rate_wald::interval(&Rate::new(0, 100), Level::P95);
/// assert_eq!(refused, Err(NotCalculable::NoVariation));
/// ```
pub fn interval(tally: &Rate, level: Level) -> Calculated<Interval> {
    let (x, exposure) = events(tally)?;
    if x == 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let reach = level.z() * x.sqrt();
    Interval::holding(
        x / exposure,
        (x - reach).max(0.0) / exposure,
        (x + reach) / exposure,
    )
}
