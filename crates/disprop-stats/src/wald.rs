//! An estimate with its standard error, from which an interval and a p-value follow.
//!
//! Adjusted gaps, changes, slopes and clustered contrasts are sums over many pupils or schools, for
//! which the normal or t approximation is the established one. A crude gap of proportions has
//! better intervals: see `contrast`.

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::{distribution, tail};

/// The scale on which an estimate's error is taken to be symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The estimate itself; no difference is 0.
    Linear,
    /// Its natural logarithm, for ratios and odds ratios; no difference is 1.
    Log,
}

/// A number with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate, on its own scale (a ratio is a ratio, not its logarithm).
    pub estimate: f64,
    /// Standard error on `scale`: of the logarithm where `scale` is `Log`.
    pub standard_error: f64,
    /// Where the error is symmetric.
    pub scale: Scale,
    /// Degrees of freedom of the t distribution; `None` means the normal.
    pub degrees: Option<f64>,
}

impl Estimate {
    /// Returns an estimate on the linear scale with a normal error.
    pub fn linear(estimate: f64, variance: f64) -> Self {
        // Rounding may leave a variance of nothing a hair below zero.
        let standard_error = variance.max(0.0).sqrt();
        Estimate {
            estimate,
            standard_error,
            scale: Scale::Linear,
            degrees: None,
        }
    }

    /// Returns an estimate whose logarithm has this variance and a normal error.
    pub fn log(estimate: f64, variance: f64) -> Self {
        Estimate {
            scale: Scale::Log,
            ..Estimate::linear(estimate, variance)
        }
    }

    /// Returns the same estimate with a t instead of a normal error.
    pub fn with_degrees(self, degrees: f64) -> Self {
        Estimate {
            degrees: Some(degrees),
            ..self
        }
    }

    /// Returns the variance on the estimate's scale.
    pub fn variance(&self) -> f64 {
        self.standard_error * self.standard_error
    }

    /// Returns the interval at `level`.
    ///
    /// # Formula
    /// estimate ± c·se, or estimate · exp(± c·se) on the log scale, c being the normal or t quantile.
    ///
    /// # Errors
    /// `no_convergence` where a number in it is not finite.
    ///
    /// # Example: a ratio's ends multiply
    /// ```
    /// use disprop_stats::{Level, wald::Estimate};
    /// let ratio = Estimate::log(2.0, 0.04);
    /// let ends = ratio.interval(Level::P95)?;
    /// assert!((ends.lower * ends.upper - 4.0).abs() < 1e-12);
    /// assert!(Estimate::linear(f64::NAN, 1.0).interval(Level::P95).is_err());
    /// # Ok::<(), disprop_stats::NotCalculable>(())
    /// ```
    pub fn interval(&self, level: Level) -> Calculated<Interval> {
        let c = match self.degrees {
            None => level.z(),
            Some(degrees) => tail::student_quantile(level, degrees)?,
        };
        let reach = c * self.standard_error;
        let ends = match self.scale {
            Scale::Linear => Interval::new(self.estimate - reach, self.estimate + reach),
            Scale::Log => {
                Interval::new(self.estimate * (-reach).exp(), self.estimate * reach.exp())
            }
        };
        if ends.lower.is_finite() && ends.upper.is_finite() {
            Ok(ends)
        } else {
            Err(NotCalculable::NoConvergence)
        }
    }

    /// Returns the two-sided p-value against no difference: 0, or 1 on the log scale.
    ///
    /// # Errors
    /// `no_variation` where the standard error is zero.
    pub fn p_value(&self) -> Calculated<f64> {
        let distance = match self.scale {
            Scale::Linear => self.estimate,
            Scale::Log => self.estimate.ln(),
        };
        if self.standard_error <= 0.0 {
            return Err(NotCalculable::NoVariation);
        }
        let z = distance / self.standard_error;
        match self.degrees {
            None => Ok(distribution::normal_two_sided(z)),
            Some(degrees) => tail::student_two_sided(z, degrees),
        }
    }
}

/// A test statistic that is χ² distributed when there is nothing to find.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChiSquared {
    /// The statistic.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub degrees: f64,
    /// Probability of at least this statistic.
    pub p: f64,
}

impl ChiSquared {
    /// Returns the statistic with its upper tail area.
    ///
    /// # Errors
    /// `no_convergence` where the tail area cannot be computed.
    pub fn new(statistic: f64, degrees: f64) -> Calculated<Self> {
        Ok(ChiSquared {
            statistic,
            degrees,
            p: tail::chi_squared_above(statistic, degrees)?,
        })
    }
}
