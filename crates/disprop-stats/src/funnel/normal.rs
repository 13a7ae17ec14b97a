//! Funnels of values whose error is taken as normal: means, ratios of sums, gaps.

use super::{Curve, Dispersion, Trim, dispersion};
use crate::estimate::{Calculated, NotCalculable};

/// Returns the spread of values between schools around a target, beyond their own variance.
///
/// For means, ratios of sums and gaps. The variances should be those that chance would give at the
/// *common* spread: a school's own variance from five pupils may be next to nothing, and its score
/// then next to infinite.
///
/// # Formula
/// score (y − θ)/√v; φ = mean score², τ² = max(0, (kφ − k + 1)/(Σw − Σw²/Σw)), w = 1/v.
///
/// # Units and shapes
/// (value, variance) for each school; [`Dispersion::limits`] then takes 1 / v as the size.
///
/// # Errors
/// `no_variation` where a variance is not positive or a number not finite; `too_few_for_variance`
/// for fewer than two schools left.
///
/// # Source
/// Spiegelhalter, *Statist. Med.* 24 (2005), section 4; DerSimonian and Laird (1986).
///
/// # Example: gaps of four schools
/// ```
/// use disprop_stats::{Level, funnel::{self, Trim}};
/// let schools = [(-0.30, 0.01), (-0.05, 0.004), (-0.11, 0.002), (0.20, 0.01)];
/// let spread = funnel::normal(&schools, -0.1, Trim::Winsorise(0.1))?;
/// let limits = spread.limits(1.0 / 0.01, Level::P95)?;
/// assert!(limits.lower < -0.3 && 0.1 < limits.upper);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn normal(schools: &[(f64, f64)], target: f64, trim: Trim) -> Calculated<Dispersion> {
    let usable = |(y, v): &(f64, f64)| y.is_finite() && v.is_finite() && *v > 0.0;
    if !target.is_finite() || !schools.iter().all(usable) {
        return Err(NotCalculable::NoVariation);
    }
    let scores = schools
        .iter()
        .map(|(y, v)| ((y - target) / v.sqrt(), 1.0 / v))
        .collect();
    dispersion(scores, target, trim, Curve::Linear)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::Level;

    #[test]
    fn chance_alone_leaves_the_plain_limits() {
        let schools = [(0.1, 0.01), (-0.05, 0.01), (0.05, 0.01)];
        let spread = normal(&schools, 0.0, Trim::Winsorise(0.0)).unwrap();
        assert!((spread.phi - 0.5).abs() < 1e-12);
        assert_eq!(spread.tau2, 0.0);
        let limits = spread.limits(100.0, Level::P95).unwrap();
        assert!((limits.upper - 0.1 * Level::P95.z()).abs() < 1e-12);
    }

    #[test]
    fn a_school_without_variance_is_refused() {
        let schools = [(0.1, 0.0), (-0.1, 0.01)];
        let reason = normal(&schools, 0.0, Trim::Winsorise(0.1)).unwrap_err();
        assert_eq!(reason, NotCalculable::NoVariation);
    }
}
