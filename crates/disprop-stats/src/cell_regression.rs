//! Regression on covariate cells: adjusted gaps without pupil rows.
//!
//! Pupils who share their covariates are exchangeable to a regression, so a tally for each cell of
//! covariates × school gives the same fit as the rows, robust and clustered errors included. The
//! coefficient of the group is an *adjusted* gap; [`Fit::standardised_gap`] turns it back into
//! points. Neither is an effect of ethnicity, and covariates that belong to the disparity take part
//! of it away.

mod error;
mod standardised;

use serde::{Deserialize, Serialize};

pub use error::Robustness;
pub use standardised::{Over, StandardisedGap};

use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::matrix::{Symmetric, dot};

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
            Ok((
                squares,
                tally.residual_products()?,
                tally.denominator_squares()?,
            ))
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
        Cell {
            z: with_constant(&covariates),
            x,
            d,
            n: d,
            cluster: 0,
            moments,
        }
    }

    /// Refuses a cell whose pupils differ in their denominators where each pupil's square would need
    /// a weight of its own.
    fn equal_denominators(&self) -> Calculated<()> {
        let (_, _, squares) = self.moments?;
        let equal = (squares * self.n - self.d * self.d).abs() <= 1e-9 * self.d * self.d;
        if equal {
            Ok(())
        } else {
            Err(NotCalculable::NoSecondMoment)
        }
    }

    /// Σ(x − μd)² over the cell's pupils.
    fn squares(&self, mean: f64) -> Calculated<f64> {
        let (squares, products, d2) = self.moments?;
        let away = self.x / self.d - mean;
        Ok(squares + 2.0 * away * products + away * away * d2)
    }
}

fn with_constant(covariates: &[f64]) -> Vec<f64> {
    std::iter::once(1.0)
        .chain(covariates.iter().copied())
        .collect()
}

impl Family {
    /// b(η) of the log-likelihood xη − d b(η), whose derivative is the value.
    fn cumulant(self, eta: f64) -> f64 {
        match self {
            Family::Linear => eta * eta / 2.0,
            Family::Logistic => eta.max(0.0) + (-eta.abs()).exp().ln_1p(),
            Family::Poisson => eta.exp(),
        }
    }

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
/// Σ z(x − μ(zβ)d) = 0, solved by Newton's method from the common value, steps halved while the
/// likelihood falls.
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
    if cells
        .iter()
        .any(|c| c.z.len() != width || c.z.iter().any(|v| !v.is_finite()))
    {
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
    for round in 0..100 {
        let (bread, score) = equations(&cells, family, &beta)?;
        let step = bread.times(&score);
        beta = improved(&cells, family, &beta, &step)?;
        // Least squares are solved by the first step; the second takes the rounding out of it.
        let small = step
            .iter()
            .zip(&beta)
            .all(|(s, b)| s.abs() <= 1e-11 * (1.0 + b.abs()));
        if small || (family == Family::Linear && round == 1) {
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
    Ok(Fit {
        coefficients: beta,
        n,
        clusters: clusters.len(),
        family,
        bread,
        cells,
    })
}

/// Most that one step may move a cell on the log or logit scale, where a curve of second order says
/// nothing of what lies farther off.
const FARTHEST: f64 = 4.0;

/// The coefficients after a step, shortened until the likelihood does not fall: a full step towards a
/// small group far from the common value would overshoot to where nothing is left to go by.
fn improved(cells: &[Cell], family: Family, beta: &[f64], step: &[f64]) -> Calculated<Vec<f64>> {
    let likelihood = |beta: &[f64]| -> f64 {
        let term = |c: &Cell| {
            let eta = dot(&c.z, beta);
            c.x * eta - c.d * family.cumulant(eta)
        };
        cells.iter().map(term).sum()
    };
    let before = likelihood(beta);
    let farthest = cells
        .iter()
        .map(|c| dot(&c.z, step).abs())
        .fold(0.0, f64::max);
    let mut factor = match family {
        Family::Linear => 1.0,
        Family::Logistic | Family::Poisson => (FARTHEST / farthest).min(1.0),
    };
    for _ in 0..60 {
        let next: Vec<f64> = beta.iter().zip(step).map(|(b, s)| b + factor * s).collect();
        // Near the top the likelihood is flat to the last digits.
        if likelihood(&next) >= before - 1e-9 * before.abs() {
            return Ok(next);
        }
        factor *= 0.5;
    }
    Err(NotCalculable::NoConvergence)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    #[test]
    fn separated_and_collinear_cells_have_no_fit() {
        let cell = |g: f64, x, n| Cell::new(vec![g], &Proportion::new(x, n), 0);
        let separated = [cell(1.0, 5, 5), cell(0.0, 0, 9)];
        assert_eq!(
            fit(&separated, Family::Logistic).unwrap_err(),
            NotCalculable::NoConvergence
        );
        let collinear = [cell(1.0, 2, 5), cell(1.0, 3, 9)];
        assert_eq!(
            fit(&collinear, Family::Logistic).unwrap_err(),
            NotCalculable::NoVariation
        );
        assert_eq!(
            fit(&[cell(1.0, 0, 5)], Family::Poisson).unwrap_err(),
            NotCalculable::NoVariation
        );
        assert_eq!(
            fit(&[], Family::Linear).unwrap_err(),
            NotCalculable::NoGroup
        );
    }

    #[test]
    fn a_few_pupils_far_from_the_common_value_are_fitted() {
        let cell = |g: f64, x, n| Cell::new(vec![g], &Proportion::new(x, n), 0);
        let cells = [cell(1.0, 9, 10), cell(0.0, 50, 1_000_000)];
        for family in [Family::Linear, Family::Logistic, Family::Poisson] {
            let model = fit(&cells, family).unwrap();
            assert!(
                (model.value(&[1.0]).unwrap() - 0.9).abs() < 1e-9,
                "{family:?}"
            );
            assert!(
                (model.value(&[0.0]).unwrap() - 5e-5).abs() < 1e-12,
                "{family:?}"
            );
        }
    }
}
