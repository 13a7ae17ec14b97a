//! Student's t: means of few pupils.

use super::beta::{beta_tails, quantile_from, quantile_pair, tail_and_kernel};
use super::normal_quantile;

/// Returns the t value exceeded in size with chance `alpha` on `df` degrees of freedom, or `None`
/// outside 0 < alpha < 1, df > 0.
///
/// # Formula
/// t = √(df · y / x), where x = 1 − y is the alpha quantile of beta(df / 2, 1 / 2). On many degrees
/// of freedom the expansion in powers of 1 / df, whose error is then below one part in 10¹³.
///
/// # Source
/// Abramowitz and Stegun (1964), eqs. 26.5.27 and 26.7.5.
///
/// # Example: the 95 % factor for six pupils
/// ```
/// use disprop_stats::distribution::student_t_quantile;
/// assert!((student_t_quantile(0.05, 5.0).unwrap() - 2.570_581_835_636_314).abs() < 1e-14);
/// ```
pub fn student_t_quantile(alpha: f64, df: f64) -> Option<f64> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    student_t_from(-normal_quantile(alpha / 2.0)?, alpha, df)
}

/// As [`student_t_quantile`], with the normal quantile `z` that is exceeded in size with chance
/// `alpha` already at hand.
pub(crate) fn student_t_from(z: f64, alpha: f64, df: f64) -> Option<f64> {
    if df.is_nan() || df <= 0.0 {
        return None;
    }
    // The first term left out is of order z¹¹ / (10⁴ df⁵).
    if df > 100.0 && (z * z + 1.0) / df < 0.01 {
        return Some(expansion(z, df));
    }
    // Fewer degrees of freedom than this would leave the range of f64 for t itself.
    let (a, b) = (0.5 * df, 0.5);
    let (x, y) = if df > 3.0 {
        let guess = expansion(z, df);
        if let Some(t) = improved(guess, alpha, df) {
            return Some(t);
        }
        quantile_from(df / (guess * guess), alpha, 1.0 - alpha, a, b)?
    } else {
        quantile_pair(alpha, 1.0 - alpha, a, b)?
    };
    let t = (df * (y / x)).sqrt();
    t.is_finite().then_some(t)
}

/// Returns t from a guess, by steps of fourth order: a tail is what costs, and one is nearly always
/// enough. `None` where the guess is too far off for such a step.
///
/// # Formula
/// With u = (tail − alpha) / 2f, where f is the density at t, and s = −f′ / f = (df + 1) t / (df + t²):
/// t + u + s u² / 2 + (s′ + 2s²) u³ / 6 + (s″ + 7ss′ + 6s³) u⁴ / 24, the inverse of the tail as a
/// Taylor series. The first term left out is of order (su)⁵ / s.
fn improved(guess: f64, alpha: f64, df: f64) -> Option<f64> {
    // A tail of a thousandth found as what is left of 1 still has twelve digits.
    let at = tail_and_kernel(0.5 * df, 0.5, alpha >= 1e-3);
    let mut t = guess;
    for _ in 0..10 {
        let square = t * t;
        let n = df + square;
        let (tail, kernel) = at(df / n, square / n);
        // f is the kernel over t, since dx / dt = −2xy / t.
        let u = (tail - alpha) * t / (2.0 * kernel);
        let s = (df + 1.0) * t / n;
        let size = u.abs() * s.max(1.0 / t);
        if size.is_nan() || size > 0.1 {
            return None;
        }
        let s1 = (df + 1.0) * (df - square) / (n * n);
        let s2 = 2.0 * (df + 1.0) * t * (square - 3.0 * df) / (n * n * n);
        let fourth = (s2 + 7.0 * s * s1 + 6.0 * s * s * s) / 24.0;
        t += u * (1.0 + u * (0.5 * s + u * ((s1 + 2.0 * s * s) / 6.0 + u * fourth)));
        if size < 3e-4 {
            return Some(t);
        }
    }
    None
}

fn expansion(z: f64, df: f64) -> f64 {
    let s = z * z;
    let g1 = (s + 1.0) / 4.0;
    let g2 = ((5.0 * s + 16.0) * s + 3.0) / 96.0;
    let g3 = (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0;
    let g4 = ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) / 92_160.0;
    z * (1.0 + (g1 + (g2 + (g3 + g4 / df) / df) / df) / df)
}

/// Returns the chance of a t value at least as far from zero as `t` on `df` degrees of freedom,
/// or `None` where `df` is not positive.
///
/// # Example: one degree of freedom is the Cauchy distribution
/// ```
/// use disprop_stats::distribution::student_t_two_sided;
/// assert!((student_t_two_sided(1.0, 1.0).unwrap() - 0.5).abs() < 1e-14);
/// ```
pub fn student_t_two_sided(t: f64, df: f64) -> Option<f64> {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return None;
    }
    let square = t * t;
    let (x, y) = (df / (df + square), square / (df + square));
    let tail = beta_tails(x, y, 0.5 * df, 0.5).0;
    (!tail.is_nan()).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_branches_invert_the_tail() {
        for df in [0.7, 1.0, 2.0, 3.85, 11.3, 99.0, 101.0, 530.0, 1e4, 1e6, 1e9] {
            for alpha in [0.5, 0.05, 0.01, 0.002, 1e-6] {
                let t = student_t_quantile(alpha, df).unwrap();
                let back = student_t_two_sided(t, df).unwrap();
                assert!(
                    (back / alpha - 1.0).abs() < 1e-9,
                    "{df} {alpha}: {t} gives {back}"
                );
            }
        }
    }

    #[test]
    fn many_degrees_of_freedom_are_normal() {
        let t = student_t_quantile(0.05, 1e12).unwrap();
        assert!((t - 1.959_963_984_540_054).abs() < 1e-11);
    }
}
