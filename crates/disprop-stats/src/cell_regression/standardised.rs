//! The gap in the measure's unit that a regression gives.

use serde::{Deserialize, Serialize};

use super::{Fit, Robustness};
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Pull;
use crate::matrix::dot;
use crate::wald::Estimate;

/// Whose mix of covariates a standardised gap is averaged over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Everyone's.
    Everyone,
    /// The group's own, as direct standardisation does.
    Group,
}

/// A gap in the measure's unit from a regression.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StandardisedGap {
    /// Mean fitted value were all in the group.
    pub group: f64,
    /// Mean fitted value were none in it.
    pub baseline: f64,
    /// `group` minus `baseline`.
    pub gap: Estimate,
    /// `group` over `baseline`, where both are positive.
    pub ratio: Option<Estimate>,
}

/// A standardised gap over the group's own mix, and how a pupil moves it.
pub(crate) struct Moved<'a> {
    pub(crate) gap: f64,
    fit: &'a Fit,
    place: usize,
    weight: f64,
    lever: Vec<f64>,
}

impl Moved<'_> {
    /// Returns the pull of a pupil with these covariates, through the fit and, for one of the group,
    /// through the mix.
    pub(crate) fn of(&self, covariates: &[f64]) -> Pull {
        let z = super::with_constant(covariates);
        let at = |z: &[f64]| self.fit.family.mean(dot(z, &self.fit.coefficients)).0;
        let slope = dot(&z, &self.lever);
        let by_fit = Pull::new(-slope * at(&z), slope);
        let (on, off) = (switched(&z, self.place, 1.0), switched(&z, self.place, 0.0));
        let member = z.get(self.place).copied().unwrap_or(0.0);
        let by_mix = member * (at(&on) - at(&off) - self.gap) / self.weight;
        by_fit.plus(Pull::new(by_mix, 0.0))
    }
}

fn switched(z: &[f64], place: usize, to: f64) -> Vec<f64> {
    let mut z = z.to_vec();
    if let Some(slot) = z.get_mut(place) {
        *slot = to;
    }
    z
}

impl Fit {
    /// Returns the gap over the group's own mix with what a pupil moves it.
    pub(crate) fn pulls_on_gap(&self, group: usize) -> Calculated<Moved<'_>> {
        let place = group + 1;
        let mut slope = vec![0.0; self.coefficients.len()];
        let (mut sum, mut weight) = (0.0, 0.0);
        for cell in &self.cells {
            let share = cell.d * cell.z.get(place).copied().unwrap_or(0.0);
            weight += share;
            for (to, sign) in [(1.0, 1.0), (0.0, -1.0)] {
                let z = switched(&cell.z, place, to);
                let (fitted, derivative) = self.family.mean(dot(&z, &self.coefficients));
                sum += sign * share * fitted;
                for (slot, z) in slope.iter_mut().zip(&z) {
                    *slot += sign * share * derivative * z;
                }
            }
        }
        if weight <= 0.0 {
            return Err(NotCalculable::NoGroup);
        }
        for slot in &mut slope {
            *slot /= weight;
        }
        Ok(Moved {
            gap: sum / weight,
            fit: self,
            place,
            weight,
            lever: self.bread.times(&slope),
        })
    }

    /// Returns the gap that the fit gives when everyone's membership is switched on and off.
    ///
    /// # Formula
    /// Σ w μ(z with group 1) / Σw − Σ w μ(z with group 0) / Σw, w the denominators; variance by the
    /// delta method in β, the mix of covariates taken as known.
    ///
    /// # Units and shapes
    /// `group` is the place of the 0/1 indicator among the covariates, counted from 0; covariates
    /// made of it (interactions) are not switched along.
    ///
    /// # Errors
    /// `no_counterpart` where there is no such covariate, `no_group` where nobody is in the group
    /// (`Over::Group`); else as [`coefficient`](Fit::coefficient).
    ///
    /// # Source
    /// Lane and Nelder, *Biometrics* 38 (1982), 613; Robins, *Math. Model.* 7 (1986), eq. 4.1.
    ///
    /// # Example: without covariates it is the crude gap
    /// ```
    /// use disprop_stats::{Proportion, cell_regression::{Cell, Family, Over, Robustness, fit}};
    /// let cells = [
    ///     Cell::new(vec![1.0], &Proportion::new(3, 12), 0),
    ///     Cell::new(vec![0.0], &Proportion::new(200, 1000), 1),
    /// ];
    /// let model = fit(&cells, Family::Logistic)?;
    /// let gap = model.standardised_gap(0, Over::Everyone, Robustness::Hc0)?;
    /// assert!((gap.gap.estimate - 0.05).abs() < 1e-12);
    /// # Ok::<(), disprop_stats::NotCalculable>(())
    /// ```
    pub fn standardised_gap(
        &self,
        group: usize,
        over: Over,
        robustness: Robustness,
    ) -> Calculated<StandardisedGap> {
        let width = self.coefficients.len();
        // Behind the constant.
        let place = group + 1;
        if place >= width {
            return Err(NotCalculable::NoCounterpart);
        }
        let mut weight = 0.0;
        let mut means = [0.0; 2];
        let mut slopes = [vec![0.0; width], vec![0.0; width]];
        for cell in &self.cells {
            let member = cell.z.get(place).copied().unwrap_or(0.0);
            let share = if over == Over::Group {
                cell.d * member
            } else {
                cell.d
            };
            weight += share;
            for ((value, mean), slope) in [0.0, 1.0].iter().zip(&mut means).zip(&mut slopes) {
                let mut z = cell.z.clone();
                if let Some(indicator) = z.get_mut(place) {
                    *indicator = *value;
                }
                let (fitted, derivative) = self.family.mean(dot(&z, &self.coefficients));
                *mean += share * fitted;
                for (sum, z) in slope.iter_mut().zip(&z) {
                    *sum += share * derivative * z;
                }
            }
        }
        if weight <= 0.0 {
            return Err(NotCalculable::NoGroup);
        }
        let [baseline, group] = means.map(|m| m / weight);
        let [off, on] = slopes;
        let combine = |a: f64, b: f64| -> Vec<f64> {
            on.iter()
                .zip(&off)
                .map(|(x, y)| (a * x - b * y) / weight)
                .collect()
        };
        self.check_spread(place, robustness)?;
        let difference = Estimate::linear(group - baseline, 0.0);
        let gap = self.with_error(difference, &combine(1.0, 1.0), robustness)?;
        let ratio = if group > 0.0 && baseline > 0.0 {
            let relative = combine(1.0 / group, 1.0 / baseline);
            Some(self.with_error(Estimate::log(group / baseline, 0.0), &relative, robustness)?)
        } else {
            None
        };
        Ok(StandardisedGap {
            group,
            baseline,
            gap,
            ratio,
        })
    }
}
