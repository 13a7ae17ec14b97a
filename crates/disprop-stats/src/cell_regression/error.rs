//! Standard errors of a regression's coefficients.

use serde::{Deserialize, Serialize};

use super::{Family, Fit};
use crate::estimate::{Calculated, NotCalculable};
use crate::matrix::dot;
use crate::wald::Estimate;

/// Variance of the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Robustness {
    /// The model's own; of sessions or repeated events far too small.
    Model,
    /// The model's own times Pearson's X²/(n − k) over pupils (for `Linear` the same as `Model`).
    Quasi,
    /// Robust over independent pupils, without correction. White (1980).
    Hc0,
    /// The same times n/(n − k).
    Hc1,
    /// Schools as clusters, without correction. Liang and Zeger (1986).
    Cr0,
    /// The same times m/(m − 1) · (n − 1)/(n − k).
    Cr1,
}

impl Fit {
    /// Returns a coefficient with its standard error: 0 the constant, 1 the first covariate.
    ///
    /// # Formula
    /// B, B Σs sᵀ B over pupils or schools with B the inverse information and s the score, times the
    /// correction of [`Robustness`]; t with m − 1 degrees of freedom where schools are clusters.
    ///
    /// # Errors
    /// `no_counterpart` for a coefficient that is not there; `too_few_clusters` for fewer than two
    /// schools; `no_second_moment` where pupils' own spread is needed and only sums are known;
    /// `too_few_for_variance` for no more pupils than coefficients.
    ///
    /// # Source
    /// White, *Econometrica* 48 (1980), 817; Liang and Zeger, *Biometrika* 73 (1986), 13; Cameron
    /// and Miller, *J. Human Resources* 50 (2015), eq. 11.
    pub fn coefficient(&self, index: usize, robustness: Robustness) -> Calculated<Estimate> {
        let estimate = *self
            .coefficients
            .get(index)
            .ok_or(NotCalculable::NoCounterpart)?;
        let mut pick = vec![0.0; self.coefficients.len()];
        if let Some(slot) = pick.get_mut(index) {
            *slot = 1.0;
        }
        let estimate = Estimate::linear(estimate, self.variance_of(&pick, robustness)?);
        Ok(self.clustered(estimate, robustness))
    }

    pub(super) fn clustered(&self, estimate: Estimate, robustness: Robustness) -> Estimate {
        match robustness {
            Robustness::Cr0 | Robustness::Cr1 => estimate.with_degrees(self.clusters as f64 - 1.0),
            _ => estimate,
        }
    }

    /// Variance of cᵀβ.
    pub(super) fn variance_of(&self, c: &[f64], robustness: Robustness) -> Calculated<f64> {
        let k = self.coefficients.len() as f64;
        let (n, m) = (self.n, self.clusters as f64);
        if n <= k {
            return Err(NotCalculable::TooFewForVariance);
        }
        let lever = self.bread.times(c);
        Ok(match robustness {
            Robustness::Model => self.bread.quadratic(c) * self.scale(false)?,
            Robustness::Quasi => self.bread.quadratic(c) * self.scale(true)?,
            Robustness::Hc0 => self.pupil_meat(&lever)?,
            Robustness::Hc1 => self.pupil_meat(&lever)? * n / (n - k),
            Robustness::Cr0 => self.school_meat(&lever)?,
            Robustness::Cr1 => self.school_meat(&lever)? * m / (m - 1.0) * (n - 1.0) / (n - k),
        })
    }

    /// Dispersion: σ² of a linear model, Pearson's X²/(n − k) where asked, else 1.
    fn scale(&self, quasi: bool) -> Calculated<f64> {
        if self.family != Family::Linear && !quasi {
            return Ok(1.0);
        }
        let mut sum = 0.0;
        for cell in &self.cells {
            let (mean, slope) = self.family.mean(dot(&cell.z, &self.coefficients));
            // Pupils of one cell have one mean; with unequal exposure X² needs each pupil's own.
            sum += cell.squares(mean)? / slope * cell.n / cell.d;
        }
        Ok(sum / (self.n - self.coefficients.len() as f64))
    }

    fn pupil_meat(&self, lever: &[f64]) -> Calculated<f64> {
        let mut sum = 0.0;
        for cell in &self.cells {
            let (mean, _) = self.family.mean(dot(&cell.z, &self.coefficients));
            sum += dot(&cell.z, lever).powi(2) * cell.squares(mean)?;
        }
        Ok(sum)
    }

    fn school_meat(&self, lever: &[f64]) -> Calculated<f64> {
        if self.clusters < 2 {
            return Err(NotCalculable::TooFewClusters);
        }
        let mut schools = std::collections::BTreeMap::new();
        for cell in &self.cells {
            let (mean, _) = self.family.mean(dot(&cell.z, &self.coefficients));
            let score = dot(&cell.z, lever) * (cell.x - mean * cell.d);
            *schools.entry(cell.cluster).or_insert(0.0) += score;
        }
        Ok(schools.values().map(|s: &f64| s * s).sum())
    }
}
