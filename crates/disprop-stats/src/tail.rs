//! Tail areas and quantiles that the analyses share.

use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

use crate::estimate::{Calculated, Interval, Level, NotCalculable};

/// Returns the standard normal distribution function.
pub(crate) fn normal_below(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// Returns the z with P(Z ≤ z) = p, 0 < p < 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// Returns P(|Z| ≥ |z|).
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Returns P(χ² ≥ x) on `degrees` of freedom.
pub(crate) fn chi_squared_above(x: f64, degrees: f64) -> Calculated<f64> {
    if x <= 0.0 {
        return Ok(1.0);
    }
    checked_gamma_ur(degrees / 2.0, x / 2.0).map_err(|_| NotCalculable::NoConvergence)
}

/// Returns P(|T| ≥ |t|) on `degrees` of freedom, which need not be whole.
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> Calculated<f64> {
    checked_beta_reg(degrees / 2.0, 0.5, degrees / (degrees + t * t))
        .map_err(|_| NotCalculable::NoConvergence)
}

/// Returns the t with P(|T| ≥ t) = alpha on `degrees` of freedom.
pub(crate) fn student_quantile(level: Level, degrees: f64) -> Calculated<f64> {
    let alpha = level.alpha();
    let above = |t: f64| student_two_sided(t, degrees).map(|p| p > alpha);
    bisect(level.z() / 2.0, above)
}

/// Returns the exact limits of a Poisson mean given its count (Garwood 1936).
pub(crate) fn poisson_limits(count: f64, level: Level) -> Calculated<Interval> {
    let half = level.alpha() / 2.0;
    let below = |shape: f64, x: f64| {
        checked_gamma_lr(shape, x).map_err(|_| NotCalculable::NoConvergence)
    };
    let lower =
        if count == 0.0 { 0.0 } else { bisect(count, |x| Ok(below(count, x)? < half))? };
    let upper = bisect(count + 1.0, |x| Ok(below(count + 1.0, x)? < 1.0 - half))?;
    Ok(Interval::new(lower, upper))
}

/// Returns Byar's approximation to [`poisson_limits`], never below 0.
///
/// Breslow and Day, *Statistical Methods in Cancer Research* II (1987), eq. 2.13.
pub(crate) fn byar_limits(count: f64, level: Level) -> Interval {
    let z = level.z();
    let cube = |m: f64, sign: f64| {
        m * (1.0 - 1.0 / (9.0 * m) + sign * z / (3.0 * m.sqrt())).max(0.0).powi(3)
    };
    let lower = if count > 0.0 { cube(count, -1.0) } else { 0.0 };
    Interval::new(lower, cube(count + 1.0, 1.0))
}

/// Returns the positive point where `rising` turns false, to the last bit.
pub(crate) fn bisect(
    start: f64,
    rising: impl Fn(f64) -> Calculated<bool>,
) -> Calculated<f64> {
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
        assert!((none.upper - 3.688_879_454_113_936).abs() < 1e-12, "{}", none.upper);
        let ten = poisson_limits(10.0, Level::P95).unwrap();
        assert!((ten.lower - 4.795_388_696_132_7).abs() < 1e-9, "{}", ten.lower);
        assert!((ten.upper - 18.390_356_042).abs() < 1e-8, "{}", ten.upper);
    }
}
