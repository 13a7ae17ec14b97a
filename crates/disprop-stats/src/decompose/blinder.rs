//! Oaxaca–Blinder on covariate cells.

use serde::{Deserialize, Serialize};

use super::Part;
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::{Fraction, Pull};
use crate::matrix::{Symmetric, dot};
use crate::stratum::Stratum;

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

/// The two-fold split, with the three-fold one beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OaxacaBlinder {
    /// The crude gap, group minus baseline.
    pub gap: f64,
    /// Part that goes with different means of the covariates.
    pub explained: Part,
    /// The rest.
    pub unexplained: Part,
    /// `explained` by covariate, in the order of `values`, or by dimension.
    pub by_covariate: Vec<Part>,
    /// Three-fold: different means, at the baseline's coefficients.
    pub endowments: Part,
    /// Three-fold: different coefficients, at the baseline's means.
    pub coefficients: Part,
    /// Three-fold: both at once.
    pub interaction: Part,
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
/// is needed (three-fold needs both); `no_counterpart` where rows differ in length. The parts' errors
/// carry `no_second_moment` for published sums.
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
/// assert!(parts.unexplained.value.abs() < 1e-12);
/// assert!(parts.by_covariate[0].estimate?.standard_error > 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn oaxaca_blinder<T: Fraction>(
    cells: &[Covariates<T>],
    weighting: Weighting,
) -> Calculated<OaxacaBlinder> {
    let width = cells.first().map_or(0, |c| c.values.len());
    oaxaca_blinder_over(cells, weighting, &(0..width).collect::<Vec<_>>())
}

/// Returns the same with `explained` by dimension, where several covariates are the levels of one.
///
/// # Formula
/// As [`oaxaca_blinder`], each part of `explained` the sum over a dimension's covariates, whichever
/// of its levels was left out.
///
/// # Units and shapes
/// `dimensions` has one number a covariate, from 0; `by_covariate` has one part a number.
///
/// # Errors
/// As [`oaxaca_blinder`]; `no_counterpart` too where `dimensions` differ in length from the covariates.
///
/// # Source
/// As [`oaxaca_blinder`]; Jann (2008), section 3.4, for the levels of one dimension together.
///
/// # Example: two levels of one dimension
/// ```
/// use disprop_stats::{Proportion, stratum::Stratum};
/// use disprop_stats::decompose::{Covariates, Weighting, oaxaca_blinder_over};
/// let cell = |values: [f64; 2], x, y| Covariates {
///     values: values.to_vec(),
///     pupils: Stratum::new(Proportion::new(x, 20), Proportion::new(y, 90)),
/// };
/// let cells = [cell([0.0, 0.0], 2, 3), cell([1.0, 0.0], 5, 9), cell([0.0, 1.0], 8, 40)];
/// let parts = oaxaca_blinder_over(&cells, Weighting::Baseline, &[0, 0])?;
/// assert_eq!(parts.by_covariate.len(), 1);
/// assert!((parts.by_covariate[0].value - parts.explained.value).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn oaxaca_blinder_over<T: Fraction>(
    cells: &[Covariates<T>],
    weighting: Weighting,
    dimensions: &[usize],
) -> Calculated<OaxacaBlinder> {
    let rows = rows(cells)?;
    let (d1, r1, z1) = means(&rows, true).ok_or(NotCalculable::NoGroup)?;
    let (d0, r0, z0) = means(&rows, false).ok_or(NotCalculable::NoBaseline)?;
    if dimensions.len() + 1 != z1.len() {
        return Err(NotCalculable::NoCounterpart);
    }
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
    let apart = group.beta.iter().zip(&baseline.beta);
    let difference: Vec<f64> = apart.map(|(a, b)| a - b).collect();
    // A pupil moves the means of its own side …
    let moves_mean = |row: &Row<T>, by: &[f64]| {
        let (d, z) = if row.group { (d1, &z1) } else { (d0, &z0) };
        Pull::new((dot(by, &row.z) - dot(by, z)) / d, 0.0)
    };
    let sign = |row: &Row<T>| if row.group { 1.0 } else { -1.0 };
    // … and the fit that it is part of.
    let moves_own = |row: &Row<T>, of: &[f64], for_group: f64, for_baseline: f64| match row.group {
        true => pull(&group, row, of, for_group),
        false => pull(&baseline, row, of, for_baseline),
    };
    let explains = |away: &[f64], beta: &[f64], row: &Row<T>| {
        let fit = match &pooled {
            Some(fit) => pull(fit, row, away, 1.0),
            None => moves_own(row, away, w1, 1.0 - w1),
        };
        times(moves_mean(row, beta), sign(row)).plus(fit)
    };
    let of_gap = |row: &Row<T>| match row.group {
        true => Pull::of_value(1.0, r1, d1),
        false => Pull::of_value(-1.0, r0, d0),
    };
    let gap = r1 - r0;
    let explained = dot(&away, &beta);
    let by_covariate = (0..dimensions.iter().max().map_or(0, |last| last + 1)).map(|dimension| {
        let (away, beta) = (
            only(&away, dimensions, dimension),
            only(&beta, dimensions, dimension),
        );
        part(&rows, dot(&away, &beta), |row| explains(&away, &beta, row))
    });
    Ok(OaxacaBlinder {
        gap,
        explained: part(&rows, explained, |row| explains(&away, &beta, row)),
        unexplained: part(&rows, gap - explained, |row| {
            of_gap(row).minus(explains(&away, &beta, row))
        }),
        by_covariate: by_covariate.collect(),
        endowments: part(&rows, dot(&away, &baseline.beta), |row| {
            times(moves_mean(row, &baseline.beta), sign(row)).plus(moves_own(row, &away, 0.0, 1.0))
        }),
        coefficients: part(&rows, dot(&z0, &difference), |row| {
            let mean = if row.group {
                Pull::default()
            } else {
                moves_mean(row, &difference)
            };
            mean.plus(moves_own(row, &z0, 1.0, -1.0))
        }),
        interaction: part(&rows, dot(&away, &difference), |row| {
            times(moves_mean(row, &difference), sign(row)).plus(moves_own(row, &away, 1.0, -1.0))
        }),
    })
}

/// A part and the variance that pupils' pulls on it come to.
fn part<T: Fraction>(rows: &[Row<T>], value: f64, pull: impl Fn(&Row<T>) -> Pull) -> Part {
    let squares = rows.iter().map(|row| pull(row).squares(&row.tally));
    Part::new(value, squares.sum())
}

fn times(pull: Pull, by: f64) -> Pull {
    Pull::new(pull.a * by, pull.b * by)
}

/// The entries of one dimension's covariates behind the constant, and 0 elsewhere.
fn only(values: &[f64], dimensions: &[usize], dimension: usize) -> Vec<f64> {
    let of = values.iter().skip(1).zip(dimensions);
    let kept = of.map(|(value, own)| if *own == dimension { *value } else { 0.0 });
    std::iter::once(0.0).chain(kept).collect()
}

/// How a pupil's residual moves `of`ᵀβ through a fit that counts with a weight.
fn pull<T: Fraction>(fit: &Fit, row: &Row<T>, of: &[f64], weight: f64) -> Pull {
    let z = with_group(&row.z, row.group, fit.beta.len());
    let of = with_group(of, false, fit.beta.len());
    let slope = weight * dot(&of, &fit.bread.times(&z));
    Pull::new(-slope * dot(&z, &fit.beta), slope)
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
