//! Oaxaca–Blinder on covariate cells.

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::matrix::{Symmetric, dot};
use crate::stratum::Stratum;
use crate::wald::Estimate;

/// One cell of pupils who share their covariates, on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covariates<T> {
    /// Covariates without the constant: FSM 0/1, sex 0/1, prior score.
    pub values: Vec<f64>,
    /// The pupils who have them; either side may be empty.
    pub pupils: Stratum<T>,
}

/// Whose coefficients count as the yardstick of the two-fold split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Weighting {
    /// The group's own coefficients.
    Group,
    /// The baseline's: "explained" is what the group's mix would do to others. The usual choice.
    Baseline,
    /// Half of each. Reimers (1983).
    Half,
    /// Each by its size. Cotton (1988).
    Cotton,
    /// A regression on both sides together. Neumark (1988); it takes some of the gap for explained.
    Pooled,
    /// The same with an indicator of the group among the regressors. Jann (2008).
    PooledWithGroup,
}

/// The two-fold split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OaxacaBlinder {
    /// The crude gap, group minus baseline.
    pub gap: f64,
    /// Part that goes with different means of the covariates.
    pub explained: Estimate,
    /// The rest.
    pub unexplained: Estimate,
    /// `explained` by covariate, in the order of `values`.
    pub by_covariate: Vec<f64>,
    /// Three-fold: different means, at the baseline's coefficients.
    pub endowments: f64,
    /// Three-fold: different coefficients, at the baseline's means.
    pub coefficients: f64,
    /// Three-fold: both at once.
    pub interaction: f64,
}

/// A least-squares fit on cells: coefficients and (Σ d z zᵀ)⁻¹.
struct Fit {
    beta: Vec<f64>,
    bread: Symmetric,
}

/// One side of one cell, with the constant in front of its covariates.
struct Row<T> {
    z: Vec<f64>,
    tally: T,
    group: bool,
}

fn rows<T: Fraction>(cells: &[Covariates<T>]) -> Calculated<Vec<Row<T>>> {
    let width = cells.first().map_or(0, |c| c.values.len());
    let mut rows = Vec::with_capacity(2 * cells.len());
    for cell in cells {
        if cell.values.len() != width || cell.values.iter().any(|v| !v.is_finite()) {
            return Err(NotCalculable::NoCounterpart);
        }
        let z: Vec<f64> = std::iter::once(1.0)
            .chain(cell.values.iter().copied())
            .collect();
        for (tally, group) in [(cell.pupils.group, true), (cell.pupils.baseline, false)] {
            if tally.denominator() > 0.0 {
                rows.push(Row {
                    z: z.clone(),
                    tally,
                    group,
                });
            }
        }
    }
    Ok(rows)
}

fn fit<'a, T: Fraction + 'a>(rows: impl Iterator<Item = &'a Row<T>>) -> Calculated<Fit> {
    let mut normal: Option<(Symmetric, Vec<f64>)> = None;
    for row in rows {
        let (m, v) =
            normal.get_or_insert_with(|| (Symmetric::zero(row.z.len()), vec![0.0; row.z.len()]));
        m.add_outer(&row.z, row.tally.denominator());
        for (slot, z) in v.iter_mut().zip(&row.z) {
            *slot += z * row.tally.numerator();
        }
    }
    let (m, v) = normal.ok_or(NotCalculable::NoGroup)?;
    let bread = m.inverse()?;
    Ok(Fit {
        beta: bread.times(&v),
        bread,
    })
}

/// Total denominator, mean outcome and mean covariates of one side.
fn means<T: Fraction>(rows: &[Row<T>], group: bool) -> Option<(f64, f64, Vec<f64>)> {
    let side = || rows.iter().filter(|r| r.group == group);
    let d: f64 = side().map(|r| r.tally.denominator()).sum();
    let x: f64 = side().map(|r| r.tally.numerator()).sum();
    let mut z = vec![0.0; rows.first()?.z.len()];
    for row in side() {
        for (slot, v) in z.iter_mut().zip(&row.z) {
            *slot += v * row.tally.denominator() / d;
        }
    }
    (d > 0.0).then_some((d, x / d, z))
}

/// Returns the gap as a part explained by linear covariates and the rest.
///
/// "Explained" is arithmetic: covariates that are themselves shaped by disparity explain it away.
/// With indicators of every cell as covariates the weightings reduce to direct standardisation.
///
/// # Formula
/// explained = (z̄₁ − z̄₀)ᵀβ*, unexplained = gap − explained; β* by [`Weighting`]. Three-fold:
/// (z̄₁ − z̄₀)ᵀβ₀ + z̄₀ᵀ(β₁ − β₀) + (z̄₁ − z̄₀)ᵀ(β₁ − β₀). Errors: linearised over independent pupils,
/// means and coefficients both estimated, heteroscedasticity-robust; Cotton's weights as known.
///
/// # Units and shapes
/// One row a cell, all with the same number of covariates, without a constant.
///
/// # Errors
/// `no_group`, `no_baseline`; `no_variation` where covariates are collinear on a side whose own fit
/// is needed (three-fold needs both); `no_counterpart` where rows differ in length;
/// `no_second_moment` for published sums.
///
/// # Source
/// Oaxaca, *Int. Econ. Rev.* 14 (1973); Blinder, *J. Human Resources* 8 (1973); Jann, *Stata J.* 8
/// (2008), eq. 3, 5, 7.
///
/// # Example: a gap of mix alone
/// ```
/// use disprop_stats::{Proportion, stratum::Stratum};
/// use disprop_stats::decompose::{Covariates, Weighting, oaxaca_blinder};
/// let cell = |fsm, g: (i64, i64), o: (i64, i64)| Covariates {
///     values: vec![fsm],
///     pupils: Stratum::new(Proportion::new(g.0, g.1), Proportion::new(o.0, o.1)),
/// };
/// let cells = [cell(0.0, (5, 50), (10, 100)), cell(1.0, (30, 100), (15, 50))];
/// let parts = oaxaca_blinder(&cells, Weighting::Baseline)?;
/// assert!(parts.unexplained.estimate.abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn oaxaca_blinder<T: Fraction>(
    cells: &[Covariates<T>],
    weighting: Weighting,
) -> Calculated<OaxacaBlinder> {
    let rows = rows(cells)?;
    let (d1, r1, z1) = means(&rows, true).ok_or(NotCalculable::NoGroup)?;
    let (d0, r0, z0) = means(&rows, false).ok_or(NotCalculable::NoBaseline)?;
    let group = fit(rows.iter().filter(|r| r.group))?;
    let baseline = fit(rows.iter().filter(|r| !r.group))?;
    let away: Vec<f64> = z1.iter().zip(&z0).map(|(a, b)| a - b).collect();
    let w1 = match weighting {
        Weighting::Group => 1.0,
        Weighting::Half => 0.5,
        Weighting::Cotton => d1 / (d1 + d0),
        Weighting::Baseline | Weighting::Pooled | Weighting::PooledWithGroup => 0.0,
    };
    let pooled = pooled(&rows, weighting)?;
    let beta: Vec<f64> = match &pooled {
        Some(p) => p.beta.iter().copied().take(z1.len()).collect(),
        None => mix(&group.beta, &baseline.beta, w1),
    };
    let gap = r1 - r0;
    let explained = dot(&away, &beta);
    let mut variances = (0.0, 0.0);
    for row in &rows {
        let (sign, d, r, z) = if row.group {
            (1.0, d1, r1, &z1)
        } else {
            (-1.0, d0, r0, &z0)
        };
        let (slope, fitted) = match (&pooled, row.group) {
            (Some(fit), _) => pull(fit, row, &away),
            (None, true) => pull_weighted(&group, row, &away, w1),
            (None, false) => pull_weighted(&baseline, row, &away, 1.0 - w1),
        };
        let mean_part = sign * (dot(&beta, &row.z) - dot(&beta, z)) / d;
        // A pupil adds a·d + b·x to the explained part; likewise to the whole gap.
        let explained_part = (mean_part - slope * fitted, slope);
        let gap_part = (-sign * r / d, sign / d);
        let rest = (gap_part.0 - explained_part.0, gap_part.1 - explained_part.1);
        variances.0 += pupil_squares(&row.tally, explained_part)?;
        variances.1 += pupil_squares(&row.tally, rest)?;
    }
    let difference: Vec<f64> = group
        .beta
        .iter()
        .zip(&baseline.beta)
        .map(|(a, b)| a - b)
        .collect();
    Ok(OaxacaBlinder {
        gap,
        explained: Estimate::linear(explained, variances.0),
        unexplained: Estimate::linear(gap - explained, variances.1),
        by_covariate: away.iter().zip(&beta).skip(1).map(|(a, b)| a * b).collect(),
        endowments: dot(&away, &baseline.beta),
        coefficients: dot(&z0, &difference),
        interaction: dot(&away, &difference),
    })
}

/// How a pupil's residual moves the explained part through the fit, and the fitted value that the
/// residual is taken from.
fn pull<T: Fraction>(fit: &Fit, row: &Row<T>, away: &[f64]) -> (f64, f64) {
    let z = with_group(&row.z, row.group, fit.beta.len());
    let away = with_group(away, false, fit.beta.len());
    (dot(&away, &fit.bread.times(&z)), dot(&z, &fit.beta))
}

/// The same for a side's own fit that counts with a weight.
fn pull_weighted<T: Fraction>(fit: &Fit, row: &Row<T>, away: &[f64], weight: f64) -> (f64, f64) {
    let (slope, fitted) = pull(fit, row, away);
    (weight * slope, fitted)
}

fn mix(a: &[f64], b: &[f64], weight: f64) -> Vec<f64> {
    a.iter()
        .zip(b)
        .map(|(a, b)| weight * a + (1.0 - weight) * b)
        .collect()
}

/// The fit on both sides together, where the weighting asks for one.
fn pooled<T: Fraction>(rows: &[Row<T>], weighting: Weighting) -> Calculated<Option<Fit>> {
    match weighting {
        Weighting::Pooled => fit(rows.iter()).map(Some),
        Weighting::PooledWithGroup => {
            let extended: Vec<Row<T>> = rows
                .iter()
                .map(|r| Row {
                    z: with_group(&r.z, r.group, r.z.len() + 1),
                    ..*r
                })
                .collect();
            fit(extended.iter()).map(Some)
        }
        _ => Ok(None),
    }
}

/// z, with the group's indicator behind it where there is room for it.
fn with_group(z: &[f64], group: bool, width: usize) -> Vec<f64> {
    z.iter()
        .copied()
        .chain([f64::from(u8::from(group))])
        .take(width)
        .collect()
}

/// Σ over the tally's pupils of (a d + b x)².
fn pupil_squares<T: Fraction>(tally: &T, (a, b): (f64, f64)) -> Calculated<f64> {
    let level = a + b * tally.value()?;
    Ok(level * level * tally.denominator_squares()?
        + 2.0 * level * b * tally.residual_products()?
        + b * b * tally.residual_squares()?)
}
