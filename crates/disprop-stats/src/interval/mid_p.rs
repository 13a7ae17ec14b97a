//! The mid-p interval of a proportion.

use crate::distribution::{beta_quantile, beta_tails};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::interval::IntervalMethod;
use crate::root::bracketed;
use crate::tally::Proportion;

/// Entry in the list of methods.
pub const METHOD: IntervalMethod<Proportion> = IntervalMethod {
    id: "mid_p",
    label: "exact mid-p",
    formula: "ends where P(more extreme) + P(same) / 2 = alpha/2",
    source: "Lancaster (1961), JASA 56, 223-234; Berry and Armitage (1995), The Statistician 44, 417-423",
    when_to_use: "where an exact method is wanted without the width of Clopper-Pearson",
    when_not: "where at least the stated coverage must be certain: it holds on average only",
    function: interval,
};

/// Returns the exact interval that counts half of the chance of the observed number.
///
/// # Formula
/// Lower end p with P(X > x) + ½ P(X = x) = alpha / 2, upper end with P(X < x) + ½ P(X = x) =
/// alpha / 2; 0 for none and 1 for all.
///
/// # Units and shapes
/// 0–1.
///
/// # Errors
/// `no_group`, `group_exceeds_total`, `events_exceed_trials`.
///
/// # Source
/// Lancaster (1961), JASA 56, 223-234; Berry and Armitage (1995), The Statistician 44, 417-423.
///
/// # Example: nobody out of one
/// ```
/// use disprop_stats::{Level, Proportion, interval::mid_p};
/// let ends = mid_p::interval(&Proportion::new(0, 1), Level::P95).unwrap();
/// assert_eq!(format!("{} {:.4}", ends.lower, ends.upper), "0 0.9500");
/// ```
pub fn interval(tally: &Proportion, level: Level) -> Calculated<Interval> {
    let (x, n) = tally.checked()?;
    let tail = 0.5 * level.alpha();
    let lower = if x == 0.0 {
        0.0
    } else {
        end(tail, x, n, false)?
    };
    let upper = if x == n { 1.0 } else { end(tail, x, n, true)? };
    Interval::holding(x / n, lower, upper)
}

/// Returns the proportion at which the tail beyond `x`, with half of `x` itself, is `tail`.
///
/// The tail with all of `x` and the one with none of it bracket the end: their roots are beta
/// quantiles.
fn end(tail: f64, x: f64, n: f64, upper: bool) -> Calculated<f64> {
    // Chances of at least k events: a beta(k, n − k + 1) value at most p.
    let side = |p: f64, k: f64| {
        if k <= 0.0 {
            return if upper { 0.0 } else { 1.0 };
        }
        if k > n {
            return if upper { 1.0 } else { 0.0 };
        }
        let (at_least, fewer) = beta_tails(p, 1.0 - p, k, n - k + 1.0);
        if upper { fewer } else { at_least }
    };
    let quantile = |k: f64| match k {
        k if k <= 0.0 => Some(0.0),
        k if k > n => Some(1.0),
        k => beta_quantile(if upper { 1.0 - tail } else { tail }, k, n - k + 1.0),
    };
    let half = |p: f64| 0.5 * (side(p, x) + side(p, x + 1.0)) - tail;
    let (a, b) = quantile(x)
        .zip(quantile(x + 1.0))
        .ok_or(NotCalculable::NoConvergence)?;
    bracketed(half, a, b, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_meets_its_equation() {
        // P(2) + P(1) / 2 = p² + p (1 − p) = p: the lower end is 0.025 itself.
        let ends = interval(&Proportion::new(1, 2), Level::P95).unwrap();
        assert!((ends.lower - 0.025).abs() < 1e-15 && (ends.upper - 0.975).abs() < 1e-15);
    }
}
