//! The score interval for a difference of rates.

use crate::contrast::conditional_exact::pair;
use crate::contrast::{self, ContrastMethod, Scale, score};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::Rate;

/// Entry in the list of methods.
pub const METHOD: ContrastMethod<Rate> = ContrastMethod {
    id: "score",
    label: "Poisson score difference",
    scale: Scale::Difference,
    formula: "(d - delta)^2 <= z^2 (r1/e + r2/f), r1 and r2 at their likeliest under delta",
    source: "Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226",
    when_to_use: "where interval and test must agree",
    when_not: "where a closed form is wanted: MOVER",
    function: interval,
};

/// Returns all differences of rates that the score test would not reject.
///
/// # Formula
/// The δ with (d − δ)² ≤ z² (r₁/e + r₂/f) at the likeliest r₁ = r₂ + δ, for a events over e
/// against c over f. Solved to machine precision.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`, `no_second_moment` for sums that are no whole
/// events.
///
/// # Source
/// Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226.
///
/// # Example: six of 44 against none of 900
/// ```
/// use disprop_stats::{Level, Rate, contrast::rate_score};
/// let (group, rest) = (Rate::new(6, 44), Rate::new(0, 900));
/// let ends = rate_score::interval(&group, &rest, Level::P95).unwrap();
/// assert_eq!(format!("{:.4} {:.4}", ends.lower, ends.upper), "0.0625 0.2975");
/// ```
pub fn interval(group: &Rate, baseline: &Rate, level: Level) -> Calculated<Interval> {
    let ((a, e), (c, f)) = pair(group, baseline)?;
    let difference = contrast::difference(group, baseline)?;
    let statistic = |delta: f64| {
        let (r1, r2) = restricted(a, e, c, f, delta);
        (difference - delta).abs() / (r1 / e + r2 / f).sqrt()
    };
    // A step that is never nothing: what a single event would add to the standard error.
    let step = ((a + 1.0) / e / e + (c + 1.0) / f / f).sqrt();
    let end = |sign: f64| {
        let mut reach = sign * step;
        while statistic(difference + reach) <= level.z() {
            reach *= 2.0;
            if !reach.is_finite() {
                return Err(NotCalculable::NoConvergence);
            }
        }
        score::end(statistic, level.z(), difference, difference + reach)
    };
    Interval::holding(difference, end(-1.0)?, end(1.0)?)
}

/// Returns the likeliest rates with r₁ − r₂ = `delta`: a root of a quadratic.
fn restricted(a: f64, e: f64, c: f64, f: f64, delta: f64) -> (f64, f64) {
    if delta < 0.0 {
        let (r2, r1) = restricted(c, f, a, e, -delta);
        return (r1, r2);
    }
    let exposure = e + f;
    let b = exposure * delta - a - c;
    let root = b.hypot(2.0 * (exposure * c * delta).sqrt());
    let r2 = if b > 0.0 {
        2.0 * c * delta / (b + root)
    } else {
        (root - b) / (2.0 * exposure)
    };
    (r2 + delta, r2)
}
