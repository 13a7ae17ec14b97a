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

/// How a pupil with numerator x and denominator d moves an estimate, to first order: a d + b x.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Pull {
    /// For each unit of the denominator.
    pub(crate) a: f64,
    /// For each unit of the numerator.
    pub(crate) b: f64,
}

impl Pull {
    pub(crate) fn new(a: f64, b: f64) -> Self {
        Pull { a, b }
    }

    /// Returns the pull of `sign` · (x − r d)/D: of the value r of a side whose denominators sum to D.
    pub(crate) fn of_value(sign: f64, r: f64, d: f64) -> Self {
        Pull::new(-sign * r / d, sign / d)
    }

    pub(crate) fn plus(self, other: Pull) -> Self {
        Pull::new(self.a + other.a, self.b + other.b)
    }

    pub(crate) fn minus(self, other: Pull) -> Self {
        Pull::new(self.a - other.a, self.b - other.b)
    }

    /// Returns Σ over the tally's pupils of (a d + b x).
    pub(crate) fn sum<T: Fraction>(self, tally: &T) -> f64 {
        self.a * tally.denominator() + self.b * tally.numerator()
    }

    /// Returns Σ over the tally's pupils of this pull times another.
    ///
    /// # Errors
    /// As [`Fraction::residual_squares`].
    pub(crate) fn products<T: Fraction>(self, other: Pull, tally: &T) -> Calculated<f64> {
        let r = tally.value()?;
        let (u, v) = (self.a + self.b * r, other.a + other.b * r);
        Ok(u * v * tally.denominator_squares()?
            + (u * other.b + v * self.b) * tally.residual_products()?
            + self.b * other.b * tally.residual_squares()?)
    }

    /// Returns Σ over the tally's pupils of the pull's square.
    ///
    /// # Errors
    /// As [`Fraction::residual_squares`].
    pub(crate) fn squares<T: Fraction>(self, tally: &T) -> Calculated<f64> {
        self.products(self, tally)
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
