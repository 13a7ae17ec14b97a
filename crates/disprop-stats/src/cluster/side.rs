//! Schools as plain sums, and what one side of a comparison looks like over them.

use super::Correction;
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::stratum::Stratum;

/// Numerator and denominator of both sides in one school.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct School {
    pub(crate) x1: f64,
    pub(crate) d1: f64,
    pub(crate) x0: f64,
    pub(crate) d0: f64,
    /// Pupils of both sides.
    pub(crate) n: f64,
}

/// Returns the schools as plain sums, those with nobody in them left out.
pub(crate) fn schools<T: Fraction>(strata: &[Stratum<T>]) -> Vec<School> {
    let occupied = strata
        .iter()
        .filter(|s| !s.group.is_empty() || !s.baseline.is_empty());
    occupied.map(School::new).collect()
}

impl School {
    pub(crate) fn new<T: Fraction>(stratum: &Stratum<T>) -> Self {
        School {
            x1: stratum.group.numerator(),
            d1: stratum.group.denominator(),
            x0: stratum.baseline.numerator(),
            d0: stratum.baseline.denominator(),
            n: stratum.group.n() as f64 + stratum.baseline.n() as f64,
        }
    }
}

/// One side over the schools: its value, each school's residual (x − R d)/D and share d/D.
pub(super) struct Side {
    pub(super) value: f64,
    pub(super) total: f64,
    pub(super) residuals: Vec<f64>,
    pub(super) shares: Vec<f64>,
}

impl Side {
    pub(super) fn new(
        pairs: &[(f64, f64)],
        empty: NotCalculable,
        minimum: usize,
    ) -> Calculated<Self> {
        let (x, d) = pairs
            .iter()
            .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
        if d <= 0.0 {
            return Err(empty);
        }
        if pairs.iter().filter(|p| p.1 > 0.0).count() < minimum.max(2) {
            return Err(NotCalculable::TooFewClusters);
        }
        let value = x / d;
        let residuals = pairs.iter().map(|p| (p.0 - value * p.1) / d).collect();
        let shares = pairs.iter().map(|p| p.1 / d).collect();
        Ok(Side {
            value,
            total: d,
            residuals,
            shares,
        })
    }

    /// The residuals inflated as the correction asks, and the leverage-weighted shares.
    pub(super) fn inflated(&self, correction: Correction) -> (Vec<f64>, Vec<f64>) {
        let inflation = |share: f64| match correction {
            Correction::Cr2 => (1.0 - share).sqrt().recip(),
            Correction::Cr3 | Correction::Jackknife => (1.0 - share).recip(),
            Correction::Cr0 | Correction::Cr1 | Correction::Cr1Stata => 1.0,
        };
        let pairs = self.residuals.iter().zip(&self.shares);
        pairs
            .map(|(u, h)| (u * inflation(*h), h * inflation(*h)))
            .unzip()
    }
}

pub(super) fn sides(schools: &[School], minimum: usize) -> Calculated<(Side, Side)> {
    let group: Vec<_> = schools.iter().map(|s| (s.x1, s.d1)).collect();
    let baseline: Vec<_> = schools.iter().map(|s| (s.x0, s.d0)).collect();
    Ok((
        Side::new(&group, NotCalculable::NoGroup, minimum)?,
        Side::new(&baseline, NotCalculable::NoBaseline, minimum)?,
    ))
}

/// (tr G)² / tr G², with Gᵢⱼ = δᵢⱼ Σ c²a²hᵢ/D − Σ c²(a hᵢ)(a hⱼ)/D over the sides: the covariance,
/// under equal variances, of the schools' terms in the estimated variance.
pub(super) fn satterthwaite(sides: &[(&Side, &Vec<f64>, f64)]) -> Calculated<f64> {
    let schools = sides.first().map_or(0, |s| s.1.len());
    let mut diagonal = vec![0.0; schools];
    for (side, weighted, c) in sides {
        for ((slot, v), h) in diagonal.iter_mut().zip(weighted.iter()).zip(&side.shares) {
            // a²h from (a h)²/h; a school without pupils of this side adds nothing.
            *slot += if *h > 0.0 {
                c * c * v * v / h / side.total
            } else {
                0.0
            };
        }
    }
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let (mut trace, mut squares) = (diagonal.iter().sum::<f64>(), dot(&diagonal, &diagonal));
    for (side, v, c) in sides {
        let k = c * c / side.total;
        trace -= k * dot(v, v);
        squares -= 2.0
            * k
            * diagonal
                .iter()
                .zip(v.iter())
                .map(|(d, v)| d * v * v)
                .sum::<f64>();
        for (other, w, e) in sides {
            squares += k * e * e / other.total * dot(v, w).powi(2);
        }
    }
    if squares > 0.0 && trace > 0.0 {
        Ok(trace * trace / squares)
    } else {
        Err(NotCalculable::TooFewClusters)
    }
}

/// The sums without each school in turn.
pub(crate) fn leave_one_out(schools: &[School]) -> impl Iterator<Item = School> + '_ {
    let total = total(schools);
    schools.iter().map(move |s| School {
        x1: total.x1 - s.x1,
        d1: total.d1 - s.d1,
        x0: total.x0 - s.x0,
        d0: total.d0 - s.d0,
        n: total.n - s.n,
    })
}

/// The sums over all schools.
pub(crate) fn total(schools: &[School]) -> School {
    let none = School {
        x1: 0.0,
        d1: 0.0,
        x0: 0.0,
        d0: 0.0,
        n: 0.0,
    };
    schools.iter().fold(none, |t, s| School {
        x1: t.x1 + s.x1,
        d1: t.d1 + s.d1,
        x0: t.x0 + s.x0,
        d0: t.d0 + s.d0,
        n: t.n + s.n,
    })
}
