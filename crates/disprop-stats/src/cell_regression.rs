//! Regression on covariate cells: adjusted gaps without pupil rows.
//!
//! Pupils who share their covariates are exchangeable to a regression, so a tally for each cell of
//! covariates × school gives the same fit as the rows, robust and clustered errors included. The
//! coefficient of the group is an *adjusted* gap; [`Fit::standardised_gap`] turns it back into
//! points. Neither is an effect of ethnicity, and covariates that belong to the disparity take part
//! of it away.

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::matrix::{Symmetric, dot};
use crate::wald::Estimate;

/// The model of a cell's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Least squares: value = zβ. For means; for proportions the linear probability model.
    Linear,
    /// Logistic: value = 1/(1 + exp(−zβ)). For proportions.
    Logistic,
    /// Poisson with log link: value = exp(zβ), the denominator as exposure. For counts and ratios.
    Poisson,
}

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

/// Pupils of one school who share their covariates.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    z: Vec<f64>,
    x: f64,
    d: f64,
    n: f64,
    cluster: usize,
    /// Σ(x − rd)², Σ(x − rd)d and Σd² over pupils, where the tally knows them.
    moments: Calculated<(f64, f64, f64)>,
}

impl Cell {
    /// Returns the cell of a tally with its covariates (without a constant) and its school's number.
    pub fn new<T: Fraction>(covariates: Vec<f64>, tally: &T, cluster: usize) -> Self {
        let moments = tally.residual_squares().and_then(|squares| {
            Ok((squares, tally.residual_products()?, tally.denominator_squares()?))
        });
        Cell {
            z: with_constant(&covariates),
            x: tally.numerator(),
            d: tally.denominator(),
            n: tally.n() as f64,
            cluster,
            moments,
        }
    }

    /// A cell of sums alone, for point estimates.
    pub(crate) fn sums(covariates: Vec<f64>, x: f64, d: f64) -> Self {
        let moments = Err(NotCalculable::NoSecondMoment);
        Cell { z: with_constant(&covariates), x, d, n: d, cluster: 0, moments }
    }

    /// Σ(x − μd)² over the cell's pupils.
    fn squares(&self, mean: f64) -> Calculated<f64> {
        let (squares, products, d2) = self.moments?;
        let away = self.x / self.d - mean;
        Ok(squares + 2.0 * away * products + away * away * d2)
    }
}

fn with_constant(covariates: &[f64]) -> Vec<f64> {
    std::iter::once(1.0).chain(covariates.iter().copied()).collect()
}

impl Family {
    /// The value and its derivative by the linear predictor, which is also the variance function.
    fn mean(self, eta: f64) -> (f64, f64) {
        match self {
            Family::Linear => (eta, 1.0),
            Family::Logistic => {
                let p = 1.0 / (1.0 + (-eta).exp());
                (p, p * (1.0 - p))
            }
            Family::Poisson => (eta.exp(), eta.exp()),
        }
    }
}

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The constant, then one coefficient for each covariate.
    pub coefficients: Vec<f64>,
    /// Pupils in the fit.
    pub n: f64,
    /// Schools in the fit.
    pub clusters: usize,
    family: Family,
    bread: Symmetric,
    cells: Vec<Cell>,
}

/// Returns the maximum likelihood (or least squares) fit on the cells.
///
/// # Formula
/// Σ z(x − μ(zβ)d) = 0, solved by Newton's method from the common value.
///
/// # Units and shapes
/// One cell for each combination of covariates and school, in a fixed order; sums run in it.
/// Covariates of a size near 1 (centre prior attainment) keep the equations well conditioned.
///
/// # Errors
/// `no_group` for no pupils; `no_counterpart` where cells differ in their number of covariates;
/// `no_variation` for collinear covariates or an outcome that nobody or everybody has;
/// `no_convergence` where a covariate separates the outcome completely.
///
/// # Source
/// McCullagh and Nelder, *Generalized Linear Models* (1989), section 2.5.
///
/// # Example: the group's coefficient with nothing else is the log odds ratio
/// ```
/// use disprop_stats::{Proportion, cell_regression::{Cell, Family, Robustness, fit}};
/// let cells = [
///     Cell::new(vec![1.0], &Proportion::new(3, 12), 0),
///     Cell::new(vec![0.0], &Proportion::new(210, 1210), 1),
/// ];
/// let model = fit(&cells, Family::Logistic)?;
/// let group = model.coefficient(1, Robustness::Model)?;
/// assert!((group.estimate - (3.0 * 1000.0 / (9.0 * 210.0_f64)).ln()).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn fit(cells: &[Cell], family: Family) -> Calculated<Fit> {
    let cells: Vec<Cell> = cells.iter().filter(|c| c.d > 0.0).cloned().collect();
    let width = cells.first().ok_or(NotCalculable::NoGroup)?.z.len();
    if cells.iter().any(|c| c.z.len() != width || c.z.iter().any(|v| !v.is_finite())) {
        return Err(NotCalculable::NoCounterpart);
    }
    let (x, d) = cells.iter().fold((0.0, 0.0), |s, c| (s.0 + c.x, s.1 + c.d));
    let common = x / d;
    let start = match family {
        Family::Linear => common,
        Family::Poisson if common > 0.0 => common.ln(),
        Family::Logistic if common > 0.0 && common < 1.0 => (common / (1.0 - common)).ln(),
        Family::Poisson | Family::Logistic => return Err(NotCalculable::NoVariation),
    };
    let mut beta = vec![0.0; width];
    if let Some(constant) = beta.first_mut() {
        *constant = start;
    }
    let mut settled = false;
    for _ in 0..100 {
        let (bread, score) = equations(&cells, family, &beta)?;
        let step = bread.times(&score);
        for (b, s) in beta.iter_mut().zip(&step) {
            *b += s;
        }
        if beta.iter().any(|b| !b.is_finite() || b.abs() > 1e6 * (1.0 + start.abs())) {
            return Err(NotCalculable::NoConvergence);
        }
        // One more step after the change is below rounding of half the digits doubles them.
        let small = step.iter().zip(&beta).all(|(s, b)| s.abs() <= 1e-11 * (1.0 + b.abs()));
        if small {
            settled = true;
            break;
        }
    }
    if !settled {
        return Err(NotCalculable::NoConvergence);
    }
    let (bread, _) = equations(&cells, family, &beta)?;
    let mut clusters: Vec<usize> = cells.iter().map(|c| c.cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let n = cells.iter().map(|c| c.n).sum();
    Ok(Fit { coefficients: beta, n, clusters: clusters.len(), family, bread, cells })
}

/// The inverse information and the score.
fn equations(cells: &[Cell], family: Family, beta: &[f64]) -> Calculated<(Symmetric, Vec<f64>)> {
    let mut information = Symmetric::zero(beta.len());
    let mut score = vec![0.0; beta.len()];
    for cell in cells {
        let (mean, slope) = family.mean(dot(&cell.z, beta));
        information.add_outer(&cell.z, cell.d * slope);
        for (sum, z) in score.iter_mut().zip(&cell.z) {
            *sum += z * (cell.x - mean * cell.d);
        }
    }
    // A separated outcome drives the weights to nothing.
    let bread = information.inverse().map_err(|reason| match family {
        Family::Linear => reason,
        Family::Logistic | Family::Poisson => NotCalculable::NoConvergence,
    });
    // Told apart from collinear covariates, which no coefficients can mend.
    let plain = || {
        let mut normal = Symmetric::zero(beta.len());
        for cell in cells {
            normal.add_outer(&cell.z, cell.d);
        }
        normal.inverse()
    };
    match bread {
        Ok(bread) => Ok((bread, score)),
        Err(reason) => Err(plain().err().unwrap_or(reason)),
    }
}

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

impl Fit {
    /// Returns the fitted value at these covariates.
    ///
    /// # Errors
    /// `no_counterpart` where their number is not that of the fit.
    pub fn value(&self, covariates: &[f64]) -> Calculated<f64> {
        let z = with_constant(covariates);
        if z.len() != self.coefficients.len() {
            return Err(NotCalculable::NoCounterpart);
        }
        Ok(self.family.mean(dot(&z, &self.coefficients)).0)
    }

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
        let estimate = *self.coefficients.get(index).ok_or(NotCalculable::NoCounterpart)?;
        let mut pick = vec![0.0; self.coefficients.len()];
        if let Some(slot) = pick.get_mut(index) {
            *slot = 1.0;
        }
        let estimate = Estimate::linear(estimate, self.variance_of(&pick, robustness)?);
        Ok(self.clustered(estimate, robustness))
    }

    fn clustered(&self, estimate: Estimate, robustness: Robustness) -> Estimate {
        match robustness {
            Robustness::Cr0 | Robustness::Cr1 => estimate.with_degrees(self.clusters as f64 - 1.0),
            _ => estimate,
        }
    }

    /// Variance of cᵀβ.
    fn variance_of(&self, c: &[f64], robustness: Robustness) -> Calculated<f64> {
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
            Robustness::Cr1 => {
                self.school_meat(&lever)? * m / (m - 1.0) * (n - 1.0) / (n - k)
            }
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
        if group + 1 >= width {
            return Err(NotCalculable::NoCounterpart);
        }
        let mut weight = 0.0;
        let mut means = [0.0; 2];
        let mut slopes = [vec![0.0; width], vec![0.0; width]];
        for cell in &self.cells {
            let member = cell.z.get(group + 1).copied().unwrap_or(0.0);
            let share = if over == Over::Group { cell.d * member } else { cell.d };
            weight += share;
            for ((value, mean), slope) in [0.0, 1.0].iter().zip(&mut means).zip(&mut slopes) {
                let mut z = cell.z.clone();
                if let Some(indicator) = z.get_mut(group + 1) {
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
            on.iter().zip(&off).map(|(x, y)| (a * x - b * y) / weight).collect()
        };
        let gap = self.variance_of(&combine(1.0, 1.0), robustness)?;
        let ratio = if group > 0.0 && baseline > 0.0 {
            let variance =
                self.variance_of(&combine(1.0 / group, 1.0 / baseline), robustness)?;
            Some(self.clustered(Estimate::log(group / baseline, variance), robustness))
        } else {
            None
        };
        let gap = self.clustered(Estimate::linear(group - baseline, gap), robustness);
        Ok(StandardisedGap { group, baseline, gap, ratio })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    #[test]
    fn separated_and_collinear_cells_have_no_fit() {
        let cell = |g: f64, x, n| Cell::new(vec![g], &Proportion::new(x, n), 0);
        let separated = [cell(1.0, 5, 5), cell(0.0, 0, 9)];
        assert_eq!(fit(&separated, Family::Logistic).unwrap_err(), NotCalculable::NoConvergence);
        let collinear = [cell(1.0, 2, 5), cell(1.0, 3, 9)];
        assert_eq!(fit(&collinear, Family::Logistic).unwrap_err(), NotCalculable::NoVariation);
        assert_eq!(fit(&[cell(1.0, 0, 5)], Family::Poisson).unwrap_err(), NotCalculable::NoVariation);
        assert_eq!(fit(&[], Family::Linear).unwrap_err(), NotCalculable::NoGroup);
    }
}
