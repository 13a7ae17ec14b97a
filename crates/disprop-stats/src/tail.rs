//! Tail areas and quantiles that the analyses share.

use crate::distribution;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};

/// Returns the standard normal distribution function.
pub(crate) fn normal_below(z: f64) -> f64 {
    let half = 0.5 * distribution::normal_two_sided(z);
    if z < 0.0 { half } else { 1.0 - half }
}

/// Returns the z with P(Z ≤ z) = p.
pub(crate) fn normal_quantile(p: f64) -> Calculated<f64> {
    distribution::normal_quantile(p).ok_or(NotCalculable::NoConvergence)
}

/// Returns P(χ² ≥ x) on `degrees` of freedom.
pub(crate) fn chi_squared_above(x: f64, degrees: f64) -> Calculated<f64> {
    let above = distribution::gamma_tails(x / 2.0, degrees / 2.0).1;
    if above.is_nan() {
        Err(NotCalculable::NoConvergence)
    } else {
        Ok(above)
    }
}

/// Returns P(|T| ≥ |t|) on `degrees` of freedom, which need not be whole.
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> Calculated<f64> {
    // Rounding may carry the tail of next to no degrees of freedom beyond 1.
    distribution::student_t_two_sided(t, degrees)
        .map(|p| p.min(1.0))
        .ok_or(NotCalculable::NoConvergence)
}

/// Returns the t with P(|T| ≥ t) = alpha on `degrees` of freedom.
pub(crate) fn student_quantile(level: Level, degrees: f64) -> Calculated<f64> {
    distribution::student_t_from(level.z(), level.alpha(), degrees)
        .ok_or(NotCalculable::NoConvergence)
}

/// Returns the exact limits of a Poisson mean given its count (Garwood 1936).
pub(crate) fn poisson_limits(count: f64, level: Level) -> Calculated<Interval> {
    let half = level.alpha() / 2.0;
    let at = |p, shape| distribution::gamma_quantile(p, shape).ok_or(NotCalculable::NoConvergence);
    let lower = if count == 0.0 { 0.0 } else { at(half, count)? };
    Ok(Interval::new(lower, at(1.0 - half, count + 1.0)?))
}

/// Returns Byar's approximation to [`poisson_limits`], never below 0.
///
/// Breslow and Day, *Statistical Methods in Cancer Research* II (1987), eq. 2.13.
pub(crate) fn byar_limits(count: f64, level: Level) -> Interval {
    let z = level.z();
    let cube = |m: f64, sign: f64| {
        m * (1.0 - 1.0 / (9.0 * m) + sign * z / (3.0 * m.sqrt()))
            .max(0.0)
            .powi(3)
    };
    let lower = if count > 0.0 { cube(count, -1.0) } else { 0.0 };
    Interval::new(lower, cube(count + 1.0, 1.0))
}

/// Returns the positive point where `rising` turns false, to the last bit.
pub(crate) fn bisect(start: f64, rising: impl Fn(f64) -> Calculated<bool>) -> Calculated<f64> {
    let (mut low, mut high) = (0.0, start.max(f64::MIN_POSITIVE));
    while rising(high)? {
        low = high;
        high *= 2.0;
        if !high.is_finite() {
            return Err(NotCalculable::NoConvergence);
        }
    }
    // 1,100 halvings take the widest f64 bracket to neighbouring numbers.
    for _ in 0..1_100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return Ok(middle);
        }
        if rising(middle)? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Err(NotCalculable::NoConvergence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_printed_tables() {
        let t = student_quantile(Level::P95, 4.0).unwrap();
        assert!((t - 2.776_445_105_197_79).abs() < 1e-11, "{t}");
        let wide = student_quantile(Level::P95, 1e7).unwrap();
        assert!((wide - Level::P95.z()).abs() < 1e-6);
        let none = poisson_limits(0.0, Level::P95).unwrap();
        assert!(
            (none.upper - 3.688_879_454_113_936).abs() < 1e-12,
            "{}",
            none.upper
        );
        let ten = poisson_limits(10.0, Level::P95).unwrap();
        assert!(
            (ten.lower - 4.795_388_696_132_7).abs() < 1e-9,
            "{}",
            ten.lower
        );
        assert!((ten.upper - 18.390_356_042).abs() < 1e-8, "{}", ten.upper);
    }
}
