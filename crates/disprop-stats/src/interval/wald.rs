//! Wald's interval of a proportion, to reproduce what others print.

use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::IntervalMethod;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Proportion> = IntervalMethod {
    id: "wald",
    label: "Wald",
    formula: "p -/+ z sqrt(p q / n), cut at 0 and 1",
    source: "Laplace (1812), Théorie analytique des probabilités; Brown, Cai and DasGupta (2001), Statistical Science 16, 101-133",
    when_to_use: "only to reproduce figures published with it",
    when_not: "with fewer than hundreds of pupils or near 0 % and 100 %: it covers far too little",
    function: interval,
};

/// Returns the textbook interval, which covers too little for small groups and rare outcomes.
///
/// # Formula
/// p ∓ z √(p q / n), cut at 0 and 1.
///
/// # Units and shapes
/// 0–1.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `events_exceed_trials`; `no_variation` for none and for all,
/// where it would have no width.
///
/// # Source
/// Laplace (1812), Théorie analytique des probabilités; Brown, Cai and DasGupta (2001),
/// Statistical Science 16, 101-133.
///
/// # Example: none and all are refused
/// ```
/// use disprop_stats::{Level, NotCalculable, Proportion, interval::wald};
/// let refused = wald::interval(&Proportion::new(0, 10), Level::P95);
/// assert_eq!(refused, Err(NotCalculable::NoVariation));
/// ```
pub fn interval(tally: &Proportion, level: Level) -> Calculated<Interval> {
    let (x, n) = tally.checked()?;
    if x == 0.0 || x == n {
        return Err(NotCalculable::NoVariation);
    }
    let p = x / n;
    let reach = level.z() * (p * ((n - x) / n) / n).sqrt();
    Interval::holding(p, (p - reach).max(0.0), (p + reach).min(1.0))
}
