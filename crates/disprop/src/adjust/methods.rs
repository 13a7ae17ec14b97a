//! The methods themselves, on the strata of one group in one place.

mod mix;

use disprop_stats::cell_regression::{self, Cell, Over, Robustness};
use disprop_stats::fraction::Fraction;
use disprop_stats::mantel_haenszel as mh;
use disprop_stats::remaining::{self, Remaining};
use disprop_stats::standardise;
use disprop_stats::stratum::{Stratum, total};
use disprop_stats::wald::{ChiSquared, Estimate, Scale};
use disprop_stats::{Calculated, Mean, NotCalculable, Proportion, Rate, Ratio};

use super::{AdjustOptions, Method};
use crate::strata::{Layered, Support, design, jackknife};

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

/// Strata of one group in one place, and what they rest on.
pub(crate) struct Data<T> {
    /// Number of the strata's dimensions.
    dimensions: usize,
    pub(super) layered: Layered<T>,
    pub(super) support: Support,
}

impl<T: Adjustable> Data<T> {
    pub(super) fn new(
        keys: &[Vec<u32>],
        cells: Vec<Stratum<T>>,
        options: &AdjustOptions,
    ) -> Calculated<Self> {
        let dimensions = options.strata.len();
        let layered = Layered::new(keys, cells, dimensions, options.cluster.is_some())?;
        Ok(Data {
            dimensions,
            support: Support::of(&layered.strata),
            layered,
        })
    }
}

/// Returns what a method finds.
pub(super) fn adjusted<T: Adjustable>(method: Method, data: &Data<T>) -> Found {
    if matches!(method, Method::MantelHaenszel | Method::Logistic) && !T::BINARY {
        return Found::none(NotCalculable::NotAProportion);
    }
    match method {
        Method::MantelHaenszel | Method::Standardised if data.layered.school.is_some() => {
            by_school(method, data)
        }
        Method::MantelHaenszel | Method::Standardised => pooled(method, &data.layered.strata),
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
    let whole = pooled(method, &data.layered.strata);
    let left_out = data.layered.leave_one_out(|strata| pooled(method, strata));
    let replicates = match left_out {
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
                jackknife(value, &replicates.collect::<Result<Vec<_>, _>>()?, scale)
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

fn regression<T: Adjustable>(method: Method, data: &Data<T>) -> Calculated<Found> {
    let strata = &data.layered.strata;
    if data.support.strata == 0 || strata.iter().all(|s| s.group.is_empty()) {
        return Err(NotCalculable::NoGroup);
    }
    if strata.iter().all(|s| s.baseline.is_empty()) {
        return Err(NotCalculable::NoBaseline);
    }
    if data.support.compared == 0 {
        return Err(NotCalculable::NoCounterpart);
    }
    let rows = characteristics(data, strata)?;
    let layered = &data.layered;
    let mut cells = Vec::with_capacity(2 * layered.cells.len());
    for (number, cell) in layered.cells.iter().enumerate() {
        let row = layered
            .stratum
            .get(number)
            .and_then(|stratum| rows.get(*stratum));
        let school = layered.school.as_ref().and_then(|s| s.get(number).copied());
        for (side, member) in [(&cell.group, 1.0), (&cell.baseline, 0.0)] {
            if !side.is_empty() {
                let covariates = std::iter::once(member).chain(row.into_iter().flatten().copied());
                cells.push(Cell::new(covariates.collect(), side, school.unwrap_or(0)));
            }
        }
    }
    let fit = cell_regression::fit(&cells, family(method))?;
    let robust = match (&layered.school, T::SQUARES) {
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
    let odds_robust = match layered.school {
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

/// The characteristics of each stratum as a fit takes them.
fn characteristics<T: Adjustable>(
    data: &Data<T>,
    strata: &[Stratum<T>],
) -> Calculated<Vec<Vec<f64>>> {
    let weight = |s: &Stratum<T>| s.group.denominator() + s.baseline.denominator();
    let weights: Vec<f64> = strata.iter().map(weight).collect();
    let found = design(&data.layered.keys, &weights, data.dimensions);
    Ok(found.ok_or(NotCalculable::NoConvergence)?.0)
}

fn family(method: Method) -> cell_regression::Family {
    match method {
        Method::Logistic => cell_regression::Family::Logistic,
        Method::Poisson => cell_regression::Family::Poisson,
        _ => cell_regression::Family::Linear,
    }
}

/// Returns the adjusted and the raw difference with the spread they have together: from what pupils
/// move them, or from leaving out one school at a time.
pub(super) fn remaining<T: Adjustable>(method: Method, data: &Data<T>) -> Calculated<Remaining> {
    let strata = &data.layered.strata;
    if data.layered.school.is_none() {
        return match method {
            Method::MantelHaenszel => remaining::mantel_haenszel(strata),
            Method::Standardised => remaining::standardised(strata),
            _ => remaining::regression(strata, &characteristics(data, strata)?, family(method)),
        };
    }
    let both = |strata: &[Stratum<T>]| {
        let everyone = total(strata).map_err(|_| NotCalculable::Overflow)?;
        let raw = everyone.group.value()? - everyone.baseline.value()?;
        let adjusted = match method {
            Method::MantelHaenszel | Method::Standardised => {
                pooled(method, strata).difference.value?
            }
            _ => {
                let rows = characteristics(data, strata)?;
                remaining::regression_difference(strata, &rows, family(method))?
            }
        };
        Ok((adjusted, raw))
    };
    let without: Calculated<Vec<(f64, f64)>> =
        data.layered.leave_one_out(both)?.into_iter().collect();
    remaining::left_out(both(strata)?, &without?)
}
