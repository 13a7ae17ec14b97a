//! The mid-p interval of a rate.

use crate::distribution::{gamma_quantile, gamma_tails};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::{IntervalMethod, events};
use crate::root::bracketed;
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Rate> = IntervalMethod {
    id: "mid_p",
    label: "exact mid-p",
    formula: "ends where P(more extreme) + P(same) / 2 = alpha/2",
    source: "Lancaster (1961), JASA 56, 223-234; Cohen and Yang (1994), Statistics in Medicine 13, 2189-2203",
    when_to_use: "where an exact method is wanted without the width of Garwood",
    when_not: "where at least the stated coverage must be certain: it holds on average only",
    function: interval,
};

/// Returns the exact interval that counts half of the chance of the observed number.
///
/// # Formula
/// Lower end m / e with P(X > x) + ½ P(X = x) = alpha / 2 for a Poisson count of mean m, upper end
/// with P(X < x) + ½ P(X = x) = alpha / 2; the lower end is 0 for no events.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `group_exceeds_total`; `no_second_moment` for sums that are no whole events.
///
/// # Source
/// Lancaster (1961), JASA 56, 223-234; Cohen and Yang (1994), Statistics in Medicine 13, 2189-2203.
///
/// # Example: no events: half of exp(−m) is 0.025
/// ```
/// use disprop_stats::{Level, Rate, interval::rate_mid_p};
/// let ends = rate_mid_p::interval(&Rate::new(0, 100), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.6}", ends.lower, ends.upper), "0 0.029957");
/// ```
pub fn interval(tally: &Rate, level: Level) -> Calculated<Interval> {
    let (x, exposure) = events(tally)?;
    let tail = 0.5 * level.alpha();
    let lower = if x == 0.0 { 0.0 } else { end(tail, x, false)? };
    Interval::holding(
        x / exposure,
        lower / exposure,
        end(tail, x, true)? / exposure,
    )
}

/// Returns the mean at which the tail beyond `x`, with half of `x` itself, is `tail`.
///
/// The tail with all of `x` and the one with none of it bracket the end: their roots are gamma
/// quantiles.
fn end(tail: f64, x: f64, upper: bool) -> Calculated<f64> {
    // Chances of at least k events: a gamma value of shape k at most the mean.
    let side = |mean: f64, k: f64| {
        if k <= 0.0 {
            return if upper { 0.0 } else { 1.0 };
        }
        let (at_least, fewer) = gamma_tails(mean, k);
        if upper { fewer } else { at_least }
    };
    let quantile = |k: f64| match k {
        k if k <= 0.0 => Some(0.0),
        k => gamma_quantile(if upper { 1.0 - tail } else { tail }, k),
    };
    let half = |mean: f64| 0.5 * (side(mean, x) + side(mean, x + 1.0)) - tail;
    let (a, b) = quantile(x)
        .zip(quantile(x + 1.0))
        .ok_or(NotCalculable::NoConvergence)?;
    bracketed(half, a, b, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_meets_its_equations() {
        // P(X > 1) + P(X = 1) / 2 = 1 − e⁻ᵐ (1 + m / 2), and P(0) + P(1) / 2 = e⁻ᵐ (1 + m / 2).
        let ends = interval(&Rate::new(1, 1), Level::P95).unwrap();
        let rest = |m: f64| (-m).exp() * (1.0 + 0.5 * m);
        assert!((1.0 - rest(ends.lower) - 0.025).abs() < 1e-15);
        assert!((rest(ends.upper) - 0.025).abs() < 1e-15);
    }
}
