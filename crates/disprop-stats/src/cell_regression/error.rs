//! Standard errors of a regression's coefficients.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Family, Fit};
use crate::cluster::Clustering;
use crate::estimate::{Calculated, NotCalculable};
use crate::matrix::{Symmetric, dot};
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
    /// Each pupil's square over 1 − h, h the pupil's leverage: unbiased under equal variances.
    Hc2,
    /// Each pupil's square over (1 − h)²: conservative. MacKinnon and White (1985).
    Hc3,
    /// Schools as clusters, without correction. Liang and Zeger (1986).
    Cr0,
    /// The same times m/(m − 1) · (n − 1)/(n − k).
    Cr1,
    /// Schools as clusters, scores corrected for the school's own pull on the fit by (I − H)^−½,
    /// with Satterthwaite's degrees of freedom. The one to use with few schools.
    Cr2,
    /// The same with (I − H)⁻¹: close to the jackknife, conservative.
    Cr3,
}

impl Robustness {
    fn by_school(self) -> bool {
        use Robustness::{Cr0, Cr1, Cr2, Cr3};
        matches!(self, Cr0 | Cr1 | Cr2 | Cr3)
    }
}

/// One school's information Σ d v z zᵀ and score Σ z(x − μd).
struct School {
    information: Symmetric,
    score: Vec<f64>,
}

impl Fit {
    /// Returns a coefficient with its standard error: 0 the constant, 1 the first covariate.
    ///
    /// # Formula
    /// B, B Σs sᵀ B over pupils or schools with B the inverse information and s the score, times the
    /// correction of [`Robustness`]; t where schools are clusters, with m − 1 degrees of freedom
    /// (CR0, CR1) or Satterthwaite's (CR2, CR3).
    ///
    /// # Errors
    /// `no_counterpart` for a coefficient that is not there; `too_few_clusters` where its covariate
    /// is other than 0 in fewer than [`Clustering::MINIMUM`] schools and schools are clusters;
    /// `no_second_moment` where pupils' own spread is needed and only sums are known, or (`Model` of a
    /// linear fit, `Quasi`) where pupils of a cell differ in their denominators;
    /// `too_few_for_variance` for no more pupils than coefficients.
    ///
    /// # Source
    /// White, *Econometrica* 48 (1980), 817; Liang and Zeger, *Biometrika* 73 (1986), 13; Cameron
    /// and Miller, *J. Human Resources* 50 (2015), eq. 11; Pustejovsky and Tipton, *JBES* 36 (2018),
    /// eq. 6, 8 and 11, with the fit's own weights as working model.
    pub fn coefficient(&self, index: usize, robustness: Robustness) -> Calculated<Estimate> {
        let estimate = *self
            .coefficients
            .get(index)
            .ok_or(NotCalculable::NoCounterpart)?;
        let mut pick = vec![0.0; self.coefficients.len()];
        if let Some(slot) = pick.get_mut(index) {
            *slot = 1.0;
        }
        self.check_spread(index, robustness)?;
        self.with_error(Estimate::linear(estimate, 0.0), &pick, robustness)
    }

    /// The variance of cᵀβ put to an estimate, with the degrees of freedom that go with it.
    pub(super) fn with_error(
        &self,
        estimate: Estimate,
        c: &[f64],
        robustness: Robustness,
    ) -> Calculated<Estimate> {
        let k = self.coefficients.len() as f64;
        let (n, m) = (self.n, self.clusters as f64);
        if n <= k {
            return Err(NotCalculable::TooFewForVariance);
        }
        let lever = self.bread.times(c);
        let (variance, degrees) = match robustness {
            Robustness::Model => (self.bread.quadratic(c) * self.scale(false)?, None),
            Robustness::Quasi => (self.bread.quadratic(c) * self.scale(true)?, None),
            Robustness::Hc0 => (self.pupil_meat(&lever, 0)?, None),
            Robustness::Hc1 => (self.pupil_meat(&lever, 0)? * n / (n - k), None),
            Robustness::Hc2 => (self.pupil_meat(&lever, 1)?, None),
            Robustness::Hc3 => (self.pupil_meat(&lever, 2)?, None),
            Robustness::Cr0 => (self.school_meat(&lever), Some(m - 1.0)),
            Robustness::Cr1 => {
                let factor = m / (m - 1.0) * (n - 1.0) / (n - k);
                (self.school_meat(&lever) * factor, Some(m - 1.0))
            }
            Robustness::Cr2 | Robustness::Cr3 => {
                let (variance, degrees) = self.corrected(c, robustness)?;
                (variance, Some(degrees))
            }
        };
        let standard_error = variance.max(0.0).sqrt();
        Ok(Estimate {
            standard_error,
            degrees,
            ..estimate
        })
    }

    /// Refuses a clustered error where a covariate is other than 0 in too few schools: its variance
    /// would come out near zero.
    pub(super) fn check_spread(&self, index: usize, robustness: Robustness) -> Calculated<()> {
        if !robustness.by_school() {
            return Ok(());
        }
        let held = self
            .cells
            .iter()
            .filter(|c| c.z.get(index).is_some_and(|v| *v != 0.0));
        let mut schools: Vec<usize> = held.map(|c| c.cluster).collect();
        schools.sort_unstable();
        schools.dedup();
        if schools.len() < Clustering::MINIMUM {
            return Err(NotCalculable::TooFewClusters);
        }
        Ok(())
    }

    /// CR2 and CR3 with Satterthwaite's degrees of freedom.
    ///
    /// With M = L Lᵀ the inverse information and S = Lᵀ Aᵢ L, Aᵢ a school's information, the school's
    /// corrected pull on cᵀβ is cᵀ L (I − S)^−p Lᵀ sᵢ: the matrix that the definition takes over the
    /// school's pupils acts on their covariates alone.
    fn corrected(&self, c: &[f64], robustness: Robustness) -> Calculated<(f64, f64)> {
        let lower = self.bread.root()?;
        let k = c.len();
        // Lᵀ v: rows of L are short, the rest of them is zero.
        let down = |v: &[f64]| -> Vec<f64> {
            (0..k)
                .map(|j| {
                    lower
                        .iter()
                        .zip(v)
                        .map(|(row, x)| row.get(j).unwrap_or(&0.0) * x)
                        .sum()
                })
                .collect()
        };
        let up = |v: &[f64]| -> Vec<f64> { lower.iter().map(|row| dot(row, v)).collect() };
        let inflate = |eigenvalue: f64| match (1.0 - eigenvalue, robustness) {
            // A school that alone decides a direction of the fit has no residual along it.
            (rest, _) if rest < 1e-10 => 0.0,
            (rest, Robustness::Cr3) => 1.0 / rest,
            (rest, _) => 1.0 / rest.sqrt(),
        };
        let columns: Vec<Vec<f64>> = (0..k)
            .map(|j| {
                lower
                    .iter()
                    .map(|row| row.get(j).copied().unwrap_or(0.0))
                    .collect()
            })
            .collect();
        let (mut variance, mut trace, mut squares) = (0.0, 0.0, 0.0);
        let mut outer = Symmetric::zero(k);
        for school in self.schools().values() {
            let s = Symmetric::congruent(&school.information, &columns);
            let lever = up(&s.function(inflate, &down(c)));
            variance += dot(&lever, &school.score).powi(2);
            let pulled = school.information.times(&lever);
            let own = dot(&lever, &pulled);
            let u = down(&pulled);
            trace += own - dot(&u, &u);
            squares += own * own - 2.0 * own * dot(&u, &u);
            outer.add_outer(&u, 1.0);
        }
        squares += outer.squares();
        if squares > 0.0 && trace > 0.0 {
            Ok((variance, trace * trace / squares))
        } else {
            Err(NotCalculable::TooFewClusters)
        }
    }

    fn schools(&self) -> BTreeMap<usize, School> {
        let k = self.coefficients.len();
        let mut schools = BTreeMap::new();
        for cell in &self.cells {
            let (mean, slope) = self.family.mean(dot(&cell.z, &self.coefficients));
            let school = schools.entry(cell.cluster).or_insert_with(|| School {
                information: Symmetric::zero(k),
                score: vec![0.0; k],
            });
            school.information.add_outer(&cell.z, cell.d * slope);
            for (sum, z) in school.score.iter_mut().zip(&cell.z) {
                *sum += z * (cell.x - mean * cell.d);
            }
        }
        schools
    }

    /// Dispersion: σ² of a linear model, Pearson's X²/(n − k) where asked, else 1.
    fn scale(&self, quasi: bool) -> Calculated<f64> {
        if self.family != Family::Linear && !quasi {
            return Ok(1.0);
        }
        let mut sum = 0.0;
        for cell in &self.cells {
            let (mean, slope) = self.family.mean(dot(&cell.z, &self.coefficients));
            cell.equal_denominators()?;
            sum += cell.squares(mean)? / slope * cell.n / cell.d;
        }
        Ok(sum / (self.n - self.coefficients.len() as f64))
    }

    /// Σ over pupils of the squared pull on cᵀβ, over (1 − leverage) to a power.
    fn pupil_meat(&self, lever: &[f64], power: i32) -> Calculated<f64> {
        let mut sum = 0.0;
        for cell in &self.cells {
            let (mean, slope) = self.family.mean(dot(&cell.z, &self.coefficients));
            let rest = if power == 0 {
                1.0
            } else {
                cell.equal_denominators()?;
                1.0 - self.bread.quadratic(&cell.z) * slope * cell.d / cell.n
            };
            // A pupil who alone decides a direction of the fit has no residual along it.
            if rest > 1e-10 {
                sum += dot(&cell.z, lever).powi(2) * cell.squares(mean)? / rest.powi(power);
            }
        }
        Ok(sum)
    }

    fn school_meat(&self, lever: &[f64]) -> f64 {
        let schools = self.schools();
        schools.values().map(|s| dot(lever, &s.score).powi(2)).sum()
    }
}
