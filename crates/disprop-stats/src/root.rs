//! Roots of a continuous function between two ends of opposite sign, to machine precision.

use crate::estimate::{Calculated, NotCalculable};

/// Evaluations before giving up. Pure bisection of any bracket met here needs fewer.
const MOST: usize = 400;

/// Returns where `f` is zero between `a` and `b`, to about one unit in the last place of the root
/// or `absolute`, whichever is larger.
///
/// # Formula
/// Inverse quadratic interpolation where the last three points allow it, else bisection, after
/// Chandrupatla (1997), *Advances in Engineering Software* 28, 145–149.
///
/// # Errors
/// `no_convergence` where the ends do not bracket a root or a value is NaN: a solver that stops
/// early must not hand its last guess on.
pub(crate) fn bracketed(f: impl Fn(f64) -> f64, a: f64, b: f64, absolute: f64) -> Calculated<f64> {
    let (mut x1, mut f1) = (a, f(a));
    let (mut x2, mut f2) = (b, f(b));
    if f1 == 0.0 {
        return Ok(x1);
    }
    if f2 == 0.0 {
        return Ok(x2);
    }
    if f1.is_nan() || f2.is_nan() || (f1 > 0.0) == (f2 > 0.0) {
        return Err(NotCalculable::NoConvergence);
    }
    let mut t = 0.5;
    for _ in 0..MOST {
        let x = x1 + t * (x2 - x1);
        let fx = f(x);
        if fx.is_nan() {
            return Err(NotCalculable::NoConvergence);
        }
        let (x3, f3);
        if (fx > 0.0) == (f1 > 0.0) {
            (x3, f3) = (x1, f1);
        } else {
            (x3, f3) = (x2, f2);
            (x2, f2) = (x1, f1);
        }
        (x1, f1) = (x, fx);
        let (best, f_best) = if f1.abs() < f2.abs() {
            (x1, f1)
        } else {
            (x2, f2)
        };
        let nearest = (2.0 * f64::EPSILON * best.abs() + absolute) / (x2 - x1).abs();
        if f_best == 0.0 || nearest > 0.5 {
            return Ok(best);
        }
        t = next_fraction([x1, x2, x3], [f1, f2, f3]).clamp(nearest, 1.0 - nearest);
    }
    Err(NotCalculable::NoConvergence)
}

/// Where to look next, as a fraction of the way from the first point to the second.
fn next_fraction([x1, x2, x3]: [f64; 3], [f1, f2, f3]: [f64; 3]) -> f64 {
    let xi = (x1 - x2) / (x3 - x2);
    let phi = (f1 - f2) / (f3 - f2);
    // False where a value is infinite, which leaves bisection.
    if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
        let near = f1 / (f2 - f1) * f3 / (f2 - f3);
        near + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
    } else {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_two_is_met_to_the_last_bit_or_so() {
        let root = bracketed(|x| x * x - 2.0, 0.0, 2.0, 0.0).unwrap();
        assert!((root - std::f64::consts::SQRT_2).abs() <= 2.0 * f64::EPSILON);
    }

    #[test]
    fn no_bracket_no_number() {
        assert_eq!(
            bracketed(|x| x * x + 1.0, -1.0, 1.0, 0.0),
            Err(NotCalculable::NoConvergence)
        );
        assert_eq!(
            bracketed(|_| f64::NAN, -1.0, 1.0, 0.0),
            Err(NotCalculable::NoConvergence)
        );
    }

    #[test]
    fn a_step_is_found_as_well_as_a_curve() {
        let step = |x: f64| if x < 0.3 { -1.0 } else { f64::INFINITY };
        assert!((bracketed(step, 0.0, 1.0, 0.0).unwrap() - 0.3).abs() < 1e-15);
    }
}
