//! Stirling's series: log-gamma and what is left of it, without cancellation at large arguments.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Where the series below is good to the last bit.
const LARGE: f64 = 16.0;

/// Returns ln Γ(a) − \[(a − ½) ln a − a + ½ ln 2π\] for a > 0.
///
/// # Source
/// Abramowitz and Stegun (1964), eq. 6.1.41.
pub(super) fn remainder(a: f64) -> f64 {
    // Half of Student's distributions, whose other half is their degrees of freedom.
    static HALF: LazyLock<f64> = LazyLock::new(|| small(0.5));
    if a == 0.5 {
        return *HALF;
    }
    if a >= LARGE {
        let square = 1.0 / (a * a);
        let tail = 1.0 / 1260.0
            - square * (1.0 / 1680.0 - square * (1.0 / 1188.0 - square * 691.0 / 360_360.0));
        return (1.0 / 12.0 - square * (1.0 / 360.0 - square * tail)) / a;
    }
    small(a)
}

/// Γ(a) = Γ(a + k) / [a (a + 1) … (a + k − 1)] moves a small argument to a large one.
fn small(a: f64) -> f64 {
    let (mut shifted, mut product) = (a, 1.0);
    while shifted < LARGE {
        product *= shifted;
        shifted += 1.0;
    }
    main_part(shifted) + remainder(shifted) - product.ln() - main_part(a)
}

fn main_part(a: f64) -> f64 {
    (a - 0.5) * a.ln() - a + 0.5 * (2.0 * PI).ln()
}

/// Returns ln Γ(a) for a > 0.
pub(crate) fn ln_gamma(a: f64) -> f64 {
    main_part(a) + remainder(a)
}

/// Returns x ln(x / m) + m − x, the deviance of `x` around `m`, exact where the two are close.
///
/// # Source
/// Loader (2000), section 3: a series in (x − m) / (x + m).
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..200 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_gamma_of_small_and_half_arguments() {
        assert!(ln_gamma(1.0).abs() < 1e-14);
        assert!((ln_gamma(0.5) - PI.sqrt().ln()).abs() < 1e-14);
        assert!((ln_gamma(11.0) - 3_628_800_f64.ln()).abs() < 1e-13);
    }

    #[test]
    fn the_deviance_joins_its_series_smoothly() {
        // 1.2222 … is where the series takes over from the logarithm.
        for x in [1.2222, 1.2223] {
            let plain = x * f64::ln(x) + 1.0 - x;
            assert!((deviance(x, 1.0) - plain).abs() < 1e-15);
        }
        assert_eq!(deviance(5.0, 5.0), 0.0);
    }
}
