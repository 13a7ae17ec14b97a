//! What every family has in common: a sum over pupils divided by another sum.
//!
//! A proportion is events over trials, a mean is points over pupils, a ratio is sessions over
//! sessions. Standardisation, decomposition and clustering need only that shape, so they are
//! written once, on [`Fraction`].

use crate::estimate::{Calculated, NotCalculable};
use crate::tally::{MICRO, Mean, Proportion, Rate, Ratio, Tally};

const UNIT: f64 = MICRO as f64;
const UNIT2: f64 = 1e12;

/// A tally whose value is a numerator over a denominator, both sums over pupils.
pub trait Fraction: Tally {
    /// Returns the sum above the line, in units: events, points, sessions missed.
    fn numerator(&self) -> f64;

    /// Returns the sum below the line, in units: pupils, possible sessions.
    fn denominator(&self) -> f64;

    /// Returns Σ(x − r d)² over pupils, r being this tally's own value.
    ///
    /// # Errors
    /// `no_group` for nobody, `no_second_moment` where the tally holds sums only.
    fn residual_squares(&self) -> Calculated<f64>;

    /// Returns Σ(x − r d)d over pupils: 0 wherever every pupil has the same denominator.
    ///
    /// # Errors
    /// As [`residual_squares`](Fraction::residual_squares).
    fn residual_products(&self) -> Calculated<f64>;

    /// Returns Σd² over pupils.
    ///
    /// # Errors
    /// `no_second_moment` where the tally holds sums only.
    fn denominator_squares(&self) -> Calculated<f64>;

    /// Returns the variance of the value over independent pupils.
    ///
    /// # Formula
    /// `Proportion`: p(1 − p)/n. `Mean`: s²/n. `Ratio`: linearised, Cochran (1977) eq. 6.13.
    /// `Rate`: events / exposure², a Poisson count over a fixed exposure.
    ///
    /// # Errors
    /// `no_group` for nobody; `too_few_for_variance` for one pupil of a `Mean` or `Ratio`.
    fn value_variance(&self) -> Calculated<f64>;
}

impl Fraction for Proportion {
    fn numerator(&self) -> f64 {
        self.events as f64
    }

    fn denominator(&self) -> f64 {
        self.trials as f64
    }

    fn residual_squares(&self) -> Calculated<f64> {
        let (x, n) = self.checked()?;
        Ok(x * (n - x) / n)
    }

    fn residual_products(&self) -> Calculated<f64> {
        self.checked().map(|_| 0.0)
    }

    fn denominator_squares(&self) -> Calculated<f64> {
        Ok(self.trials as f64)
    }

    fn value_variance(&self) -> Calculated<f64> {
        let (x, n) = self.checked()?;
        Ok(x * (n - x) / (n * n * n))
    }
}

impl Fraction for Mean {
    fn numerator(&self) -> f64 {
        self.sum as f64 / UNIT
    }

    fn denominator(&self) -> f64 {
        self.n as f64
    }

    fn residual_squares(&self) -> Calculated<f64> {
        match self.variance() {
            Err(NotCalculable::TooFewForVariance) => Ok(0.0),
            other => other.map(|v| v * (self.n - 1) as f64),
        }
    }

    fn residual_products(&self) -> Calculated<f64> {
        self.value().map(|_| 0.0)
    }

    fn denominator_squares(&self) -> Calculated<f64> {
        Ok(self.n as f64)
    }

    fn value_variance(&self) -> Calculated<f64> {
        Ok(self.variance()? / self.n as f64)
    }
}

impl Fraction for Ratio {
    fn numerator(&self) -> f64 {
        self.x as f64 / UNIT
    }

    fn denominator(&self) -> f64 {
        self.d as f64 / UNIT
    }

    fn residual_squares(&self) -> Calculated<f64> {
        let d = self.denominator();
        match self.variance() {
            Err(NotCalculable::TooFewForVariance) => Ok(0.0),
            other => other.map(|v| v * d * d * (self.n - 1) as f64 / self.n as f64),
        }
    }

    fn residual_products(&self) -> Calculated<f64> {
        Ok(self.xd as f64 / UNIT2 - self.value()? * (self.dd as f64 / UNIT2))
    }

    fn denominator_squares(&self) -> Calculated<f64> {
        Ok(self.dd as f64 / UNIT2)
    }

    fn value_variance(&self) -> Calculated<f64> {
        self.variance()
    }
}

impl Fraction for Rate {
    fn numerator(&self) -> f64 {
        self.events as f64 / UNIT
    }

    fn denominator(&self) -> f64 {
        self.exposure as f64 / UNIT
    }

    fn residual_squares(&self) -> Calculated<f64> {
        Err(NotCalculable::NoSecondMoment)
    }

    fn residual_products(&self) -> Calculated<f64> {
        Err(NotCalculable::NoSecondMoment)
    }

    fn denominator_squares(&self) -> Calculated<f64> {
        Err(NotCalculable::NoSecondMoment)
    }

    fn value_variance(&self) -> Calculated<f64> {
        let (events, exposure) = self.checked()?;
        Ok(events / (exposure * exposure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proportion_is_a_mean_of_noughts_and_ones() {
        let share = Proportion::new(2, 5);
        let mean = Mean::of(&[1.0, 1.0, 0.0, 0.0, 0.0]).unwrap();
        assert!(
            (share.residual_squares().unwrap() - mean.residual_squares().unwrap()).abs() < 1e-12
        );
    }

    #[test]
    fn published_sums_have_no_second_moment() {
        assert_eq!(
            Rate::new(5, 100).residual_squares(),
            Err(NotCalculable::NoSecondMoment)
        );
        assert_eq!(Rate::new(5, 100).value_variance(), Ok(0.0005));
    }
}
