//! The gamma distribution: Poisson tails, and the ends of exact intervals of a rate.

use std::f64::consts::PI;

use super::beta::rough_normal;
use super::stirling::{deviance, remainder};

/// Terms of a series or fraction before giving up; 10⁹ events need about 3 × 10⁵.
const MOST_TERMS: u32 = 4_000_000;

/// Returns xᵃ e⁻ˣ / Γ(a), which is x times the density.
fn kernel(x: f64, a: f64) -> f64 {
    (a / (2.0 * PI)).sqrt() * (-deviance(a, x) - remainder(a)).exp()
}

/// Returns the lower and the upper tail at `x`; the smaller keeps its full precision.
pub(crate) fn gamma_tails(x: f64, a: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x < a + 1.0 {
        let lower = kernel(x, a) * series(x, a);
        (lower, 1.0 - lower)
    } else {
        let upper = kernel(x, a) * fraction(x, a);
        (1.0 - upper, upper)
    }
}

/// Σ xᵏ / \[a (a + 1) … (a + k)\] (DLMF 8.11.4); NaN where it does not settle.
fn series(x: f64, a: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for k in 1..MOST_TERMS {
        term *= x / (a + f64::from(k));
        sum += term;
        if term <= sum * f64::EPSILON * 0.25 {
            return sum;
        }
    }
    f64::NAN
}

/// The continued fraction of the upper tail (DLMF 8.9.2) by Lentz's method; NaN where it does not
/// settle.
fn fraction(x: f64, a: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut product = d;
    for i in 1..MOST_TERMS {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        let factor = c * d;
        product *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            return product;
        }
    }
    f64::NAN
}

/// Returns the chance that a gamma value of shape `a` and scale 1 is at most `x`, or `None` where
/// `a` is not positive and finite.
///
/// # Example: at least one event where two are expected
/// ```
/// use disprop_stats::distribution::gamma_cdf;
/// assert!((gamma_cdf(2.0, 1.0).unwrap() - (1.0 - (-2.0_f64).exp())).abs() < 1e-15);
/// ```
pub fn gamma_cdf(x: f64, a: f64) -> Option<f64> {
    let tail = (a > 0.0 && a.is_finite() && !x.is_nan()).then(|| gamma_tails(x, a).0)?;
    (!tail.is_nan()).then_some(tail)
}

/// Returns the quantile at `p` for shape `a` and scale 1, or `None` outside 0 < p < 1, a > 0.
///
/// A chi-square quantile on k degrees of freedom is twice the one of shape k / 2.
///
/// # Formula
/// Newton's method on ln of the smaller tail against ln x, where the tail is concave.
///
/// # Example: the upper end of an exact interval for no events
/// ```
/// use disprop_stats::distribution::gamma_quantile;
/// assert!((gamma_quantile(0.975, 1.0).unwrap() + 0.025_f64.ln()).abs() < 1e-14);
/// ```
pub fn gamma_quantile(p: f64, a: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0 && a > 0.0 && a.is_finite()) {
        return None;
    }
    let lower = p < 0.5;
    let mut away = 0.0;
    let target = if lower { p } else { 1.0 - p };
    let start = (rough_normal(p, 1.0 - p) / a.sqrt()).clamp(-3.0, 3.0).exp();
    let mut x = a * start;
    for _ in 0..200 {
        let (below, above) = gamma_tails(x, a);
        let tail = if lower { below } else { above };
        let slope = kernel(x, a) / tail;
        let miss = (target / tail).ln();
        let mut step = miss / slope;
        if !lower {
            step = -step;
        }
        if tail == 0.0 {
            // Too far out: the tail has left the range of f64. Half the way back to where it had not.
            step = -0.5 * away;
            away += step;
        } else {
            away = step;
        }
        x *= step.clamp(-200.0, 200.0).exp();
        if x.is_nan() {
            return None;
        }
        // Newton's error is then of the order of the miss squared.
        if miss.abs() < 1e-8 {
            return Some(x);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_have_their_tail_at_every_size() {
        for a in [0.5, 1.0, 7.0, 1e3, 1e6, 1e9] {
            for p in [1e-6, 0.001, 0.025, 0.5, 0.975, 0.999, 0.999_999_5] {
                let x = gamma_quantile(p, a).unwrap();
                let (below, above) = gamma_tails(x, a);
                let gap = if p < 0.5 {
                    below / p
                } else {
                    above / (1.0 - p)
                } - 1.0;
                assert!(gap.abs() < 1e-9, "gamma({a}) at {p}: {x}, off by {gap:e}");
            }
        }
    }
}
