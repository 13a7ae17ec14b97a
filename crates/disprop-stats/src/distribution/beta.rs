//! The beta distribution: binomial tails, and the ends of exact intervals of a proportion.

use std::f64::consts::PI;

use super::stirling::{deviance, remainder};

/// Terms of the continued fraction before giving up; 10⁹ pupils need about 10⁵.
const MOST_TERMS: u32 = 4_000_000;
/// Stands in for a zero denominator in Lentz's method.
const TINY: f64 = 1e-300;

/// xᵃ yᵇ / B(a, b) for y = 1 − x, which is x y times the density, with what does not depend on x
/// taken out.
#[derive(Debug, Clone, Copy)]
struct Kernel {
    a: f64,
    b: f64,
    exponent: f64,
    factor: f64,
}

impl Kernel {
    fn new(a: f64, b: f64) -> Self {
        let n = a + b;
        Kernel {
            a,
            b,
            exponent: remainder(n) - remainder(a) - remainder(b),
            factor: (a * (b / n) / (2.0 * PI)).sqrt(),
        }
    }

    /// `y` is passed beside `x` so that neither loses digits where the other is close to 1.
    fn at(&self, x: f64, y: f64) -> f64 {
        let n = self.a + self.b;
        let deviance = deviance(self.a, n * x) + deviance(self.b, n * y);
        self.factor * (self.exponent - deviance).exp()
    }

    /// Lower and upper tail, given the kernel's own value there.
    fn tails(&self, x: f64, y: f64, value: f64) -> (f64, f64) {
        let (a, b) = (self.a, self.b);
        if x <= 0.0 {
            (0.0, 1.0)
        } else if y <= 0.0 {
            (1.0, 0.0)
        } else if x < (a + 1.0) / (a + b + 2.0) {
            let lower = value / fraction(x, y, a, b);
            (lower, 1.0 - lower)
        } else {
            let upper = value / fraction(y, x, b, a);
            (1.0 - upper, upper)
        }
    }
}

/// Returns the lower and the upper tail at `x`; the smaller keeps its full precision.
pub(crate) fn beta_tails(x: f64, y: f64, a: f64, b: f64) -> (f64, f64) {
    let kernel = Kernel::new(a, b);
    kernel.tails(x, y, kernel.at(x, y))
}

/// Returns a function of x and y that gives the lower tail there, and x y times the density.
///
/// Where `coarse` the lower tail is what a series in y leaves of 1: several times as fast, and exact
/// to a few units of 10⁻¹⁶ rather than of the tail.
pub(super) fn tail_and_kernel(a: f64, b: f64, coarse: bool) -> impl Fn(f64, f64) -> (f64, f64) {
    let kernel = Kernel::new(a, b);
    move |x, y| {
        let value = kernel.at(x, y);
        if coarse && y < 0.5 {
            return (1.0 - value / b * series(y, a, b), value);
        }
        (kernel.tails(x, y, value).0, value)
    }
}

/// Returns 1 + (a + b) / (b + 1) y + (a + b)(a + b + 1) / ((b + 1)(b + 2)) y² + …, whose terms are all
/// positive.
///
/// # Source
/// Abramowitz and Stegun (1964), eq. 26.5.4.
fn series(y: f64, a: f64, b: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 0.0);
    // Terms shrink by more than half a time once they are past their largest.
    while term > sum * 1e-17 {
        term *= (a + b + n) / (b + 1.0 + n) * y;
        sum += term;
        n += 1.0;
    }
    sum
}

/// The denominator's continued fraction, for x below about the mean, by Lentz's method; NaN where
/// it does not settle.
///
/// # Source
/// DiDonato and Morris (1992), *ACM TOMS* 18, 360–373. Its leading term is written with
/// a y − b x, so that nothing cancels where x is within 10⁻⁹ of an end.
fn fraction(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let distance = a * y - b * x;
    let mut product = a * (distance + 1.0) / (a + 1.0);
    let (mut c, mut d) = (product, 0.0);
    // Divisions take most of the time: 1 / (a + 2m − 1) serves this term, and served the one before.
    let mut middle = 1.0 / (a + 1.0);
    for m in 1..MOST_TERMS {
        let m = f64::from(m);
        let next = 1.0 / (a + 2.0 * m + 1.0);
        let above = m * (b - m) * x * middle;
        let numerator = (a + m - 1.0) * middle * ((a + b + m - 1.0) * x) * above;
        let denominator = m + above + (a + m) * (distance + 1.0 + m * (1.0 + y)) * next;
        middle = next;
        d = 1.0 / away_from_zero(denominator + numerator * d);
        c = away_from_zero(denominator + numerator / c);
        let factor = d * c;
        product *= factor;
        if (factor - 1.0).abs() <= f64::EPSILON {
            return product;
        }
    }
    f64::NAN
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// Returns the chance that a beta(a, b) value is at most `x`, or `None` where a or b is not
/// positive and finite.
///
/// # Example: at least one event in two, each with chance 0.1
/// ```
/// use disprop_stats::distribution::beta_cdf;
/// assert!((beta_cdf(0.1, 1.0, 2.0).unwrap() - 0.19).abs() < 1e-14);
/// ```
pub fn beta_cdf(x: f64, a: f64, b: f64) -> Option<f64> {
    let valid = a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite() && !x.is_nan();
    let tail = valid.then(|| beta_tails(x, 1.0 - x, a, b).0)?;
    (!tail.is_nan()).then_some(tail)
}

/// Returns the quantile of beta(a, b) at `p`, or `None` outside 0 < p < 1, a > 0, b > 0.
///
/// # Formula
/// Newton's method on ln of the smaller tail against ln(x / (1 − x)). There the tail is
/// concave, so the steps cannot run away, and a tail near zero is close to a straight line.
///
/// # Example: the upper end of an exact interval, none of ten
/// ```
/// use disprop_stats::distribution::beta_quantile;
/// let upper = beta_quantile(0.975, 1.0, 10.0).unwrap();
/// assert!((upper - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-15);
/// ```
pub fn beta_quantile(p: f64, a: f64, b: f64) -> Option<f64> {
    quantile_pair(p, 1.0 - p, a, b).map(|(x, _)| x)
}

/// Returns x / (1 − x) for the quantile x of beta(a, b) at `p`, with full precision at both edges.
pub(crate) fn beta_odds_quantile(p: f64, a: f64, b: f64) -> Option<f64> {
    let (x, y) = quantile_pair(p, 1.0 - p, a, b)?;
    let odds = x / y;
    odds.is_finite().then_some(odds)
}

/// Returns the quantile x whose lower tail is `p` and upper tail `q` = 1 − p, with 1 − x.
pub(super) fn quantile_pair(p: f64, q: f64, a: f64, b: f64) -> Option<(f64, f64)> {
    let spread = (1.0 / a + 1.0 / b).sqrt();
    quantile_from(
        a / b * (rough_normal(p, q) * spread).clamp(-3.0, 3.0).exp(),
        p,
        q,
        a,
        b,
    )
}

/// Returns the normal quantile to two digits or so: a place to start from.
///
/// # Source
/// Abramowitz and Stegun (1964), eq. 26.2.22.
pub(super) fn rough_normal(p: f64, q: f64) -> f64 {
    let t = (-2.0 * p.min(q).ln()).sqrt();
    let z = t - (2.307_53 + 0.270_61 * t) / (1.0 + (0.992_29 + 0.044_81 * t) * t);
    if p < q { -z } else { z }
}

/// As [`quantile_pair`], from a first guess of x / (1 − x).
pub(super) fn quantile_from(start: f64, p: f64, q: f64, a: f64, b: f64) -> Option<(f64, f64)> {
    if !(p > 0.0 && q > 0.0 && a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()) {
        return None;
    }
    let lower = p < q;
    let mut away = 0.0;
    let target = if lower { p } else { q };
    let kernel = Kernel::new(a, b);
    let mut odds = start;
    for _ in 0..200 {
        let (x, y) = pair(odds);
        let value = kernel.at(x, y);
        let (below, above) = kernel.tails(x, y, value);
        let tail = if lower { below } else { above };
        let slope = value / tail;
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
        // From far out in the tail a step may leave the range of exp(); it still points the way.
        odds *= step.clamp(-200.0, 200.0).exp();
        if odds.is_nan() {
            return None;
        }
        // Newton's error is then of the order of the miss squared.
        if miss.abs() < 1e-8 {
            return Some(pair(odds));
        }
    }
    None
}

fn pair(odds: f64) -> (f64, f64) {
    if odds.is_infinite() {
        (1.0, 0.0)
    } else {
        (odds / (1.0 + odds), 1.0 / (1.0 + odds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_have_their_tail_at_every_size() {
        for (a, b) in [
            (0.5, 0.5),
            (1.0, 1e9),
            (3.0, 7.0),
            (5e8, 5e8),
            (1e6, 3.5),
            (0.5, 1e6),
        ] {
            for p in [1e-6, 0.001, 0.025, 0.5, 0.975, 0.999, 0.999_999_5] {
                let (x, y) = quantile_pair(p, 1.0 - p, a, b).unwrap();
                let (below, above) = beta_tails(x, y, a, b);
                let gap = if p < 0.5 {
                    below / p
                } else {
                    above / (1.0 - p)
                } - 1.0;
                assert!(
                    gap.abs() < 1e-9,
                    "beta({a}, {b}) at {p}: {x}, off by {gap:e}"
                );
            }
        }
    }

    #[test]
    fn a_closed_form_is_met_at_a_thousand_million() {
        // Of beta(1, n) the quantile is 1 − (1 − p)^(1/n).
        let want = -f64::exp_m1(f64::ln_1p(-0.975) / 1e9);
        let got = beta_quantile(0.975, 1.0, 1e9).unwrap();
        assert!((got / want - 1.0).abs() < 1e-12, "{got} {want}");
    }

    #[test]
    fn nonsense_has_no_quantile() {
        assert_eq!(beta_quantile(0.0, 1.0, 1.0), None);
        assert_eq!(beta_quantile(0.5, 0.0, 1.0), None);
        assert_eq!(beta_cdf(f64::NAN, 1.0, 1.0), None);
    }
}
