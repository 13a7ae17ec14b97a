//! Score intervals of the Mantel–Haenszel difference and ratio: defined at zero cells, and honest in
//! small strata where Sato's and Greenland–Robins' normal intervals are too narrow.

use super::{Table, sum, tables};
use crate::contrast::score;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::stratum::Stratum;
use crate::tally::Proportion;

/// Mantel–Haenszel weight of a stratum.
fn weight(t: &Table) -> f64 {
    t.n1 * t.n0 / t.n
}

/// The square of a stratum's weight times N/(N − 1) times the variance of its term.
fn weighted(t: &Table, restricted: score::Restricted, phi: f64) -> f64 {
    let r = restricted;
    let variance = r.p1 * r.q1 / t.n1 + phi * phi * r.p2 * r.q2 / t.n0;
    weight(t).powi(2) * variance * t.n / (t.n - 1.0)
}

/// Returns the stratified Miettinen–Nurminen interval of the risk difference.
///
/// Its test of no difference is Cochran–Mantel–Haenszel without correction, so a difference of 0 lies
/// inside wherever [`test`](super::test) does not reject it.
///
/// # Formula
/// All δ with |Σ wₖ(aₖ/n₁ₖ − cₖ/n₀ₖ − δ)| ≤ z √(Σ wₖ²Vₖ(δ)), w = n₁n₀/n, V the variance of a
/// stratum's difference at its likeliest proportions that differ by δ, times n/(n − 1).
///
/// # Errors
/// As [`difference`](super::difference); `no_convergence`.
///
/// # Source
/// Miettinen and Nurminen, *Statist. Med.* 4 (1985), eq. 8 and 16, with Mantel–Haenszel weights.
///
/// # Example: nobody in the first stratum has the outcome
/// ```
/// use disprop_stats::{Level, Proportion, mantel_haenszel, stratum::Stratum};
/// let strata = [
///     Stratum::new(Proportion::new(0, 8), Proportion::new(0, 90)),
///     Stratum::new(Proportion::new(3, 20), Proportion::new(40, 400)),
/// ];
/// let ends = mantel_haenszel::difference_interval(&strata, Level::P95)?;
/// assert!(ends.lower < 0.0 && ends.upper > 0.1);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn difference_interval(strata: &[Stratum<Proportion>], level: Level) -> Calculated<Interval> {
    let tables = tables(strata)?;
    let total = sum(&tables, weight);
    let delta = sum(&tables, |t| (t.a * t.n0 - t.c * t.n1) / t.n) / total;
    let statistic = |tested: f64| {
        let variance = sum(&tables, |t| {
            weighted(
                t,
                score::restricted_difference(t.a, t.n1, t.c, t.n0, tested),
                1.0,
            )
        });
        total * (delta - tested).abs() / variance.sqrt()
    };
    let lower = outermost(statistic, level.z(), delta, -1.0)?;
    let upper = outermost(statistic, level.z(), delta, 1.0)?;
    Interval::holding(delta, lower, upper)
}

/// Steps of the search from the far end inwards.
const STEPS: u32 = 64;

/// Returns the farthest point from `inner` that the test does not reject.
///
/// Over strata of a pupil or two the accepted values may leave a gap between them; the interval
/// then spans it.
fn outermost(
    statistic: impl Fn(f64) -> f64,
    critical: f64,
    inner: f64,
    outer: f64,
) -> Calculated<f64> {
    let mut beyond = outer;
    for step in 1..STEPS {
        let within = outer + (inner - outer) * f64::from(step) / f64::from(STEPS);
        if statistic(within) <= critical {
            return score::end(statistic, critical, within, beyond);
        }
        beyond = within;
    }
    score::end(statistic, critical, inner, beyond)
}

/// Returns the stratified Miettinen–Nurminen interval of the risk ratio.
///
/// # Formula
/// All φ with |Σ wₖ(aₖ/n₁ₖ − φ cₖ/n₀ₖ)| ≤ z √(Σ wₖ²Vₖ(φ)), as [`difference_interval`] with the
/// likeliest proportions of ratio φ. Without events in the group the lower end is 0.
///
/// # Errors
/// As [`ratio`](super::ratio) except that a group without events has an interval; `unbounded` where
/// no φ is too large.
///
/// # Source
/// Miettinen and Nurminen (1985), eq. 10 and 16, with Mantel–Haenszel weights.
///
/// # Example: no events in the group
/// ```
/// use disprop_stats::{Level, Proportion, mantel_haenszel, stratum::Stratum};
/// let strata = [Stratum::new(Proportion::new(0, 20), Proportion::new(40, 400))];
/// let ends = mantel_haenszel::ratio_interval(&strata, Level::P95)?;
/// assert!(ends.lower == 0.0 && ends.upper > 1.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn ratio_interval(strata: &[Stratum<Proportion>], level: Level) -> Calculated<Interval> {
    let tables = tables(strata)?;
    let r = sum(&tables, |t| t.a * t.n0 / t.n);
    let s = sum(&tables, |t| t.c * t.n1 / t.n);
    if s == 0.0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    let ratio = r / s;
    let statistic = |phi: f64| {
        if phi == ratio {
            return 0.0;
        }
        let variance = sum(&tables, |t| {
            weighted(t, score::restricted_ratio(t.a, t.n1, t.c, t.n0, phi), phi)
        });
        (r - phi * s).abs() / variance.sqrt()
    };
    let lower = if r == 0.0 {
        0.0
    } else {
        score::ratio_end(statistic, level.z(), ratio, 0.25)?
    };
    // Without an event in the group the search starts from a hundredth of one.
    let start = if r == 0.0 { 0.01 / s } else { ratio };
    let upper = score::ratio_end(statistic, level.z(), start, 4.0)?;
    Interval::holding(ratio, lower, upper)
}
