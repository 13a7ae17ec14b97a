//! Where a gap comes from, arithmetically: mix against rates, within against between schools.
//!
//! The parts sum to the crude gap. They describe; they do not say that changing the mix would
//! change the gap, and a "composition" part is not the harmless part.

mod blinder;
mod outside;
mod schools;

use serde::{Deserialize, Serialize};

pub use blinder::{Covariates, OaxacaBlinder, Weighting, oaxaca_blinder, oaxaca_blinder_over};
pub use outside::{Outside, outside};
pub use schools::{SchoolPart, Schools, within_between};

use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::{Fraction, Pull};
use crate::standardise::crude_gap;
use crate::stratum::{Stratum, total};
use crate::wald::Estimate;

/// One part of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its size, in the unit of the gap.
    pub value: f64,
    /// The same with its error over independent pupils, or why there is none.
    pub estimate: Calculated<Estimate>,
}

impl Part {
    fn new(value: f64, variance: Calculated<f64>) -> Self {
        Part {
            value,
            estimate: variance.map(|variance| Estimate::linear(value, variance)),
        }
    }
}

/// Kitagawa's two parts of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kitagawa {
    /// The crude gap, group minus baseline.
    pub gap: f64,
    /// Part that goes with a different mix over the strata.
    pub composition: Part,
    /// Part that goes with different values within the strata.
    pub rate: Part,
}

/// The three-fold split, seen from the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ThreeFold {
    /// The crude gap, group minus baseline.
    pub gap: f64,
    /// Different mix at the baseline's values.
    pub endowments: Part,
    /// Different values at the baseline's mix.
    pub coefficients: Part,
    /// Both at once.
    pub interaction: Part,
}

/// One stratum's shares and values on both sides.
struct Cell {
    s1: f64,
    s0: f64,
    r1: f64,
    r0: f64,
}

/// A stratum's shares and values beside its tallies.
type Cells<T> = Vec<(Cell, Stratum<T>)>;

/// Shares and values, and the crude gap; every stratum must hold both sides or nobody.
fn cells<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<(f64, Cells<T>)> {
    let everyone = total(strata).map_err(|_| NotCalculable::Overflow)?;
    let gap = crude_gap(&everyone)?;
    let (d1, d0) = (
        everyone.group.denominator(),
        everyone.baseline.denominator(),
    );
    let mut cells = Vec::with_capacity(strata.len());
    for s in strata
        .iter()
        .filter(|s| !s.group.is_empty() || !s.baseline.is_empty())
    {
        if !s.compares() {
            return Err(NotCalculable::NoCounterpart);
        }
        let cell = Cell {
            s1: s.group.denominator() / d1,
            s0: s.baseline.denominator() / d0,
            r1: s.group.value()?,
            r0: s.baseline.value()?,
        };
        cells.push((cell, *s));
    }
    Ok((gap, cells))
}

/// Returns the gap as a part of composition and a part of rates, symmetric between the two sides.
///
/// # Formula
/// composition = Σ (s₁ₖ − s₀ₖ)(r₁ₖ + r₀ₖ)/2, rate = Σ (r₁ₖ − r₀ₖ)(s₁ₖ + s₀ₖ)/2, with s the share
/// of a side's denominator in stratum k and r its value there. The intervals are linearised over
/// independent pupils: shares and values are both estimated.
///
/// # Errors
/// `no_group`, `no_baseline`; `no_counterpart` where a stratum holds one side only, for whose other
/// side no value exists: merge strata. The parts' errors carry `no_second_moment` for published sums.
///
/// # Source
/// Kitagawa, *JASA* 50 (1955), 1168–74.
///
/// # Example: the same rates, another mix
/// ```
/// use disprop_stats::{Proportion, decompose, stratum::Stratum};
/// let strata = [
///     Stratum::new(Proportion::new(5, 50), Proportion::new(10, 100)),
///     Stratum::new(Proportion::new(3, 10), Proportion::new(120, 400)),
/// ];
/// let parts = decompose::kitagawa(&strata)?;
/// assert!(parts.rate.value.abs() < 1e-15);
/// assert!((parts.composition.value - parts.gap).abs() < 1e-15);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn kitagawa<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<Kitagawa> {
    let (gap, cells) = cells(strata)?;
    let composition: f64 = cells
        .iter()
        .map(|(c, _)| (c.s1 - c.s0) * (c.r1 + c.r0) / 2.0)
        .sum();
    // Each part's derivatives by a side's share and by its value.
    let of_composition = both(
        &cells,
        |c| ((c.r1 + c.r0) / 2.0, (c.s1 - c.s0) / 2.0),
        |c| (-(c.r1 + c.r0) / 2.0, (c.s1 - c.s0) / 2.0),
    );
    let of_rate = both(
        &cells,
        |c| ((c.r1 - c.r0) / 2.0, (c.s1 + c.s0) / 2.0),
        |c| ((c.r1 - c.r0) / 2.0, -(c.s1 + c.s0) / 2.0),
    );
    Ok(Kitagawa {
        gap,
        composition: Part::new(composition, of_composition),
        // The remainder, so that the parts sum to the gap as computed.
        rate: Part::new(gap - composition, of_rate),
    })
}

/// Variance of a part over both sides, whose derivatives by a side's share and value in each stratum
/// are given.
fn both<T: Fraction>(
    cells: &[(Cell, Stratum<T>)],
    group: impl Fn(&Cell) -> (f64, f64),
    baseline: impl Fn(&Cell) -> (f64, f64),
) -> Calculated<f64> {
    let of_group = linearised(cells, |s| s.group, |c| (c.s1, group(c)))?;
    Ok(of_group + linearised(cells, |s| s.baseline, |c| (c.s0, baseline(c)))?)
}

/// Variance that one side adds to a part, from that side's share in each stratum and the part's
/// derivatives by the share and by the value: Σ over pupils of (hₖ − h̄)d + (bₖ/sₖ)(x − rₖd), squared,
/// over D².
fn linearised<T: Fraction>(
    cells: &[(Cell, Stratum<T>)],
    side: impl Fn(&Stratum<T>) -> T,
    derivatives: impl Fn(&Cell) -> (f64, (f64, f64)),
) -> Calculated<f64> {
    let total: f64 = cells.iter().map(|(_, s)| side(s).denominator()).sum();
    let centre: f64 = cells
        .iter()
        .map(|(c, _)| {
            let (share, (by_share, _)) = derivatives(c);
            share * by_share
        })
        .sum();
    let mut squares = 0.0;
    for (cell, stratum) in cells {
        let (share, (by_share, by_value)) = derivatives(cell);
        let tally = side(stratum);
        let (h, b) = (by_share - centre, by_value / share);
        squares += Pull::new(h - b * tally.value()?, b).squares(&tally)?;
    }
    Ok(squares / (total * total))
}

/// Returns the gap as endowments, coefficients and their interaction, seen from the baseline.
///
/// # Formula
/// endowments = Σ (s₁ₖ − s₀ₖ) r₀ₖ, coefficients = Σ s₀ₖ (r₁ₖ − r₀ₖ),
/// interaction = Σ (s₁ₖ − s₀ₖ)(r₁ₖ − r₀ₖ). Errors as those of [`kitagawa`].
///
/// # Errors
/// As [`kitagawa`].
///
/// # Source
/// Winsborough and Dickinson (1971); Jann, *Stata J.* 8 (2008), eq. 3 with stratum indicators.
///
/// # Example: three parts, one gap
/// ```
/// use disprop_stats::{Proportion, decompose, stratum::Stratum};
/// let strata = [
///     Stratum::new(Proportion::new(1, 10), Proportion::new(5, 100)),
///     Stratum::new(Proportion::new(9, 20), Proportion::new(60, 300)),
/// ];
/// let parts = decompose::three_fold(&strata)?;
/// let sum = parts.endowments.value + parts.coefficients.value + parts.interaction.value;
/// assert!((sum - parts.gap).abs() < 1e-15);
/// assert!(parts.interaction.estimate?.standard_error > 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn three_fold<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<ThreeFold> {
    let (gap, cells) = cells(strata)?;
    let sum = |term: fn(&Cell) -> f64| -> f64 { cells.iter().map(|(c, _)| term(c)).sum() };
    let endowments = both(&cells, |c| (c.r0, 0.0), |c| (-c.r0, c.s1 - c.s0));
    let coefficients = both(&cells, |c| (0.0, c.s0), |c| (c.r1 - c.r0, -c.s0));
    let interaction = both(
        &cells,
        |c| (c.r1 - c.r0, c.s1 - c.s0),
        |c| (c.r0 - c.r1, c.s0 - c.s1),
    );
    Ok(ThreeFold {
        gap,
        endowments: Part::new(sum(|c| (c.s1 - c.s0) * c.r0), endowments),
        coefficients: Part::new(sum(|c| c.s0 * (c.r1 - c.r0)), coefficients),
        interaction: Part::new(sum(|c| (c.s1 - c.s0) * (c.r1 - c.r0)), interaction),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Proportion, Rate};

    fn strata() -> [Stratum<Proportion>; 2] {
        [
            Stratum::new(Proportion::new(1, 10), Proportion::new(5, 100)),
            Stratum::new(Proportion::new(9, 20), Proportion::new(60, 300)),
        ]
    }

    #[test]
    fn one_stratum_is_all_rate_with_the_crude_variance() {
        let one = [Stratum::new(
            Proportion::new(3, 12),
            Proportion::new(20, 100),
        )];
        let parts = kitagawa(&one).unwrap();
        let composition = parts.composition.estimate.unwrap();
        assert_eq!(
            (composition.estimate, composition.standard_error),
            (0.0, 0.0)
        );
        let crude = 0.25 * 0.75 / 12.0 + 0.2 * 0.8 / 100.0;
        assert!((parts.rate.estimate.unwrap().variance() - crude).abs() < 1e-16);
    }

    #[test]
    fn a_one_sided_stratum_is_refused_and_published_sums_have_parts_without_errors() {
        let mut strata = strata().to_vec();
        strata.push(Stratum::new(Proportion::new(0, 0), Proportion::new(0, 7)));
        assert_eq!(kitagawa(&strata).unwrap_err(), NotCalculable::NoCounterpart);
        let rates = [Stratum::new(Rate::new(1, 10), Rate::new(5, 100))];
        let none = Err(NotCalculable::NoSecondMoment);
        assert_eq!(kitagawa(&rates).unwrap().rate.estimate, none);
        assert_eq!(three_fold(&rates).unwrap().endowments.estimate, none);
    }
}
