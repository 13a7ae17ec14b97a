//! The methods themselves, on the strata of one group in one place.

mod mix;

use disprop_stats::cell_regression::{self, Cell, Over, Robustness};
use disprop_stats::cluster::Clustering;
use disprop_stats::fraction::Fraction;
use disprop_stats::mantel_haenszel as mh;
use disprop_stats::standardise;
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::{ChiSquared, Estimate, Scale};
use disprop_stats::{Calculated, Mean, NotCalculable, Proportion, Rate, Ratio};

use super::{AdjustOptions, Method};
use crate::strata::{Support, design, merged, minus};

/// A family whose gaps can be adjusted.
pub(crate) trait Adjustable: Fraction {
    /// The common gap over strata.
    fn mantel_haenszel(_strata: &[Stratum<Self>]) -> Found {
        Found::none(NotCalculable::NotAProportion)
    }
    /// Whether a logistic regression applies.
    const BINARY: bool = false;
    /// Whether squares over pupils are known.
    const SQUARES: bool = true;
}

impl Adjustable for Proportion {
    const BINARY: bool = true;
    fn mantel_haenszel(strata: &[Stratum<Self>]) -> Found {
        Found {
            difference: Measured::of(mh::difference(strata, mh::DifferenceVariance::Sato)),
            ratio: Measured::of(mh::ratio(strata)),
            odds_ratio: Measured::of(mh::odds_ratio(strata)),
            homogeneity: mh::homogeneity(strata, true),
        }
    }
}
impl Adjustable for Mean {}
impl Adjustable for Ratio {}
impl Adjustable for Rate {
    const SQUARES: bool = false;
}

/// A number, and its error where there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(super) value: Calculated<f64>,
    pub(super) estimate: Calculated<Estimate>,
}

impl Measured {
    fn of(estimate: Calculated<Estimate>) -> Self {
        Measured {
            value: estimate.map(|e| e.estimate),
            estimate,
        }
    }
    pub(super) fn none(reason: NotCalculable) -> Self {
        Measured::of(Err(reason))
    }
    /// A number whose error has a reason not to be there.
    fn point(value: Calculated<f64>, reason: NotCalculable) -> Self {
        Measured {
            value,
            estimate: Err(reason),
        }
    }
}

/// What a method finds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(super) difference: Measured,
    pub(super) ratio: Measured,
    pub(super) odds_ratio: Measured,
    pub(super) homogeneity: Calculated<ChiSquared>,
}

impl Found {
    pub(super) fn none(reason: NotCalculable) -> Self {
        let none = Measured::none(reason);
        Found {
            difference: none,
            ratio: none,
            odds_ratio: none,
            homogeneity: Err(NotCalculable::NoMethod),
        }
    }
}

/// Strata of one group in one place, finest and without schools.
pub(crate) struct Data<T> {
    /// Number of the strata's dimensions; behind them stands the school, where there is one.
    dimensions: usize,
    keys: Vec<Vec<u32>>,
    cells: Vec<Stratum<T>>,
    /// The school of every cell, numbered from 0; none where schools are no clusters.
    school: Option<Vec<usize>>,
    /// Strata with all schools together.
    strata: Vec<Stratum<T>>,
    /// The stratum of every cell.
    stratum: Vec<usize>,
    strata_keys: Vec<Vec<u32>>,
    pub(super) support: Support,
}

impl<T: Adjustable> Data<T> {
    pub(super) fn new(
        keys: &[Vec<u32>],
        cells: Vec<Stratum<T>>,
        options: &AdjustOptions,
    ) -> Calculated<Self> {
        let dimensions = options.strata.len();
        let (strata_keys, strata) = merged(keys, &cells, 0..dimensions)?;
        let of = |key: &Vec<u32>| {
            let own = key.get(..dimensions).unwrap_or_default();
            strata_keys.partition_point(|known| known.as_slice() < own)
        };
        let stratum = keys.iter().map(of).collect();
        let school = options.cluster.as_ref().map(|_| {
            let last = |key: &Vec<u32>| key.get(dimensions).copied().unwrap_or(0);
            let mut known: Vec<u32> = keys.iter().map(last).collect();
            known.sort_unstable();
            known.dedup();
            let of = |key| known.partition_point(|k| *k < last(key));
            keys.iter().map(of).collect()
        });
        Ok(Data {
            dimensions,
            support: Support::of(&strata),
            keys: keys.to_vec(),
            cells,
            school,
            strata,
            stratum,
            strata_keys,
        })
    }

    /// Every school's two sides.
    pub(super) fn schools(&self) -> Calculated<Vec<Stratum<T>>> {
        school_strata(&self.keys, &self.cells, self.dimensions)
    }

    /// Refuses where either side sits in too few schools.
    fn enough_schools(&self) -> Calculated<usize> {
        let schools = self.schools()?;
        let held =
            |side: fn(&Stratum<T>) -> &T| schools.iter().filter(|s| !side(s).is_empty()).count();
        let least = held(|s| &s.group).min(held(|s| &s.baseline));
        if least < Clustering::MINIMUM {
            return Err(NotCalculable::TooFewClusters);
        }
        Ok(schools.len())
    }
}

/// Adds strata up to schools, the number behind the strata's own.
fn school_strata<T: Fraction>(
    keys: &[Vec<u32>],
    cells: &[Stratum<T>],
    dimensions: usize,
) -> Calculated<Vec<Stratum<T>>> {
    Ok(merged(keys, cells, dimensions..dimensions + 1)?.1)
}

/// Returns what a method finds.
pub(super) fn adjusted<T: Adjustable>(method: Method, data: &Data<T>) -> Found {
    if matches!(method, Method::MantelHaenszel | Method::Logistic) && !T::BINARY {
        return Found::none(NotCalculable::NotAProportion);
    }
    match method {
        Method::MantelHaenszel | Method::Standardised if data.school.is_some() => {
            by_school(method, data)
        }
        Method::MantelHaenszel | Method::Standardised => pooled(method, &data.strata),
        Method::LeastSquares | Method::Logistic | Method::Poisson => {
            regression(method, data).unwrap_or_else(Found::none)
        }
    }
}

fn pooled<T: Adjustable>(method: Method, strata: &[Stratum<T>]) -> Found {
    if method == Method::MantelHaenszel {
        return T::mantel_haenszel(strata);
    }
    let found = match standardise::to_group_mix(strata) {
        // A stratum of one pupil has a value, but no spread of its own.
        Err(NotCalculable::TooFewForVariance) => return mix::borrowed(strata),
        other => other,
    };
    let ratio = found.and_then(|f| match f.ratio {
        Some(ratio) => Ok(ratio),
        None if f.baseline == 0.0 => Err(NotCalculable::ZeroBaseline),
        None if f.group == 0.0 => Err(NotCalculable::ZeroGroup),
        None => Err(NotCalculable::NotARatioScale),
    });
    Found {
        difference: Measured::of(found.map(|f| f.gap)),
        ratio: Measured::of(ratio),
        ..Found::none(NotCalculable::NoMethod)
    }
}

/// The same with errors from leaving out one school at a time.
fn by_school<T: Adjustable>(method: Method, data: &Data<T>) -> Found {
    let whole = pooled(method, &data.strata);
    let replicates = match leave_one_out(method, data) {
        Ok(replicates) => replicates,
        Err(reason) => {
            let point = |m: Measured| match m.value {
                Ok(_) => Measured::point(m.value, reason),
                Err(_) => m,
            };
            return Found {
                difference: point(whole.difference),
                ratio: point(whole.ratio),
                odds_ratio: point(whole.odds_ratio),
                ..whole
            };
        }
    };
    let with = |of: fn(&Found) -> Measured, scale: Scale| {
        let whole = of(&whole);
        let replicates = replicates.iter().map(|r| of(r).value);
        Measured {
            value: whole.value,
            estimate: whole.value.and_then(|value| {
                jackknife(value, replicates.collect::<Result<Vec<_>, _>>()?, scale)
            }),
        }
    };
    Found {
        difference: with(|f| f.difference, Scale::Linear),
        ratio: with(|f| f.ratio, Scale::Log),
        odds_ratio: with(|f| f.odds_ratio, Scale::Log),
        homogeneity: whole.homogeneity,
    }
}

fn leave_one_out<T: Adjustable>(method: Method, data: &Data<T>) -> Calculated<Vec<Found>> {
    data.enough_schools()?;
    let schools = data.school.as_deref().unwrap_or_default();
    let mut of_school: Vec<Vec<usize>> = Vec::new();
    for (cell, school) in schools.iter().enumerate() {
        if of_school.len() <= *school {
            of_school.resize(school + 1, Vec::new());
        }
        if let Some(cells) = of_school.get_mut(*school) {
            cells.push(cell);
        }
    }
    let without = |cells: &Vec<usize>| {
        let mut strata = data.strata.clone();
        for cell in cells {
            let own = data.cells.get(*cell).zip(data.stratum.get(*cell));
            let slot = own.and_then(|(own, stratum)| Some((own, strata.get_mut(*stratum)?)));
            if let Some((own, slot)) = slot {
                *slot = minus(slot, own)?;
            }
        }
        Ok(pooled(method, &strata))
    };
    let occupied = of_school.iter().filter(|cells| {
        let cells = cells.iter().filter_map(|cell| data.cells.get(*cell));
        cells
            .into_iter()
            .any(|s| !s.group.is_empty() || !s.baseline.is_empty())
    });
    occupied.map(without).collect()
}

/// (m − 1)/m Σ(θ₍ᵢ₎ − θ)², on the logarithm for ratios, with m − 1 degrees of freedom.
fn jackknife(whole: f64, replicates: Vec<f64>, scale: Scale) -> Calculated<Estimate> {
    let m = replicates.len() as f64;
    let at = |value: f64| match scale {
        Scale::Linear => Ok(value),
        Scale::Log if value > 0.0 => Ok(value.ln()),
        Scale::Log => Err(NotCalculable::ZeroGroup),
    };
    let centre = at(whole)?;
    let mut squares = 0.0;
    for replicate in replicates {
        squares += (at(replicate)? - centre).powi(2);
    }
    let estimate = Estimate {
        scale,
        ..Estimate::linear(whole, (m - 1.0) / m * squares)
    };
    Ok(estimate.with_degrees(m - 1.0))
}

fn regression<T: Adjustable>(method: Method, data: &Data<T>) -> Calculated<Found> {
    let weight = |s: &Stratum<T>| s.group.denominator() + s.baseline.denominator();
    let weights: Vec<f64> = data.strata.iter().map(weight).collect();
    if data.support.strata == 0 || data.strata.iter().all(|s| s.group.is_empty()) {
        return Err(NotCalculable::NoGroup);
    }
    if data.strata.iter().all(|s| s.baseline.is_empty()) {
        return Err(NotCalculable::NoBaseline);
    }
    if data.support.compared == 0 {
        return Err(NotCalculable::NoCounterpart);
    }
    let (rows, _) =
        design(&data.strata_keys, &weights, data.dimensions).ok_or(NotCalculable::NoConvergence)?;
    let mut cells = Vec::with_capacity(2 * data.cells.len());
    for (number, cell) in data.cells.iter().enumerate() {
        let row = data
            .stratum
            .get(number)
            .and_then(|stratum| rows.get(*stratum));
        let school = data.school.as_ref().and_then(|s| s.get(number).copied());
        for (side, member) in [(&cell.group, 1.0), (&cell.baseline, 0.0)] {
            if !side.is_empty() {
                let covariates = std::iter::once(member).chain(row.into_iter().flatten().copied());
                cells.push(Cell::new(covariates.collect(), side, school.unwrap_or(0)));
            }
        }
    }
    let family = match method {
        Method::Logistic => cell_regression::Family::Logistic,
        Method::Poisson => cell_regression::Family::Poisson,
        _ => cell_regression::Family::Linear,
    };
    let fit = cell_regression::fit(&cells, family)?;
    let robust = match (&data.school, T::SQUARES) {
        (Some(_), _) => Robustness::Cr2,
        (None, true) => Robustness::Hc1,
        (None, false) => Robustness::Model,
    };
    // The coefficients are there whether or not an error is.
    let values = |robust| fit.standardised_gap(0, Over::Group, robust);
    let gap = values(robust);
    let plain = values(Robustness::Hc0)
        .or_else(|_| values(Robustness::Model))
        .or(gap);
    let with = |error: Calculated<Estimate>, value: Calculated<f64>| Measured {
        value,
        estimate: error,
    };
    let relative = |gap: Calculated<cell_regression::StandardisedGap>| {
        gap.and_then(|g| g.ratio.ok_or(NotCalculable::NotARatioScale))
    };
    let odds_robust = match data.school {
        Some(_) => Robustness::Cr2,
        None => Robustness::Model,
    };
    let odds_ratio = match method {
        Method::Logistic => {
            let value = fit.coefficients.get(1).map(|b| b.exp());
            let error = fit.coefficient(1, odds_robust).map(|e| Estimate {
                estimate: e.estimate.exp(),
                scale: Scale::Log,
                ..e
            });
            with(error, value.ok_or(NotCalculable::NoCounterpart))
        }
        _ => Measured::none(NotCalculable::NoMethod),
    };
    Ok(Found {
        difference: with(gap.map(|g| g.gap), plain.map(|g| g.gap.estimate)),
        ratio: with(relative(gap), relative(plain).map(|r| r.estimate)),
        odds_ratio,
        homogeneity: Err(NotCalculable::NoMethod),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_out_schools_of_one_stratum_each_is_the_jackknife_of_a_mean() {
        let estimate = jackknife(2.0, vec![1.5, 2.5, 2.0, 2.0], Scale::Linear).unwrap();
        assert!((estimate.variance() - 0.75 * 0.5).abs() < 1e-15);
        assert_eq!(estimate.degrees, Some(3.0));
        assert!(jackknife(2.0, vec![0.0, 2.5], Scale::Log).is_err());
    }
}
