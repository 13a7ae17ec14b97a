//! What pupils without a counterpart do to a gap.

use serde::{Deserialize, Serialize};

use super::Part;
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::{Fraction, Pull};
use crate::stratum::{Stratum, total};

/// How far each side's value moves by its pupils in strata where the other side has nobody.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outside {
    /// The group's value less its value in strata that compare.
    pub group: Part,
    /// The baseline's value in strata that compare less its value.
    pub baseline: Part,
}

/// Returns the two parts of a gap that lie outside the strata which compare.
///
/// With the gap inside those strata they sum to the crude gap.
///
/// # Formula
/// group: r₁ − r₁*, baseline: r₀* − r₀, r* the values over strata with both sides. Linearised over
/// independent pupils: (x − r d)/D, less (x − r* d)/D* for a pupil inside.
///
/// # Errors
/// `no_group`, `no_baseline`; `no_counterpart` where no stratum compares. The errors carry
/// `no_second_moment` for published sums.
///
/// # Source
/// Ñopo, *REStat* 90 (2008), eq. 5.
///
/// # Example: four pupils whom nobody of the baseline is like
/// ```
/// use disprop_stats::{Proportion, decompose, stratum::Stratum};
/// let strata = [
///     Stratum::new(Proportion::new(2, 10), Proportion::new(10, 100)),
///     Stratum::new(Proportion::new(4, 4), Proportion::new(0, 0)),
/// ];
/// let parts = decompose::outside(&strata)?;
/// assert!((parts.group.value - (6.0 / 14.0 - 0.2)).abs() < 1e-15);
/// assert_eq!(parts.baseline.value, 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn outside<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<Outside> {
    let compared: Vec<Stratum<T>> = strata.iter().copied().filter(Stratum::compares).collect();
    if compared.is_empty() {
        return Err(NotCalculable::NoCounterpart);
    }
    let overflow = |_| NotCalculable::Overflow;
    let (all, inside) = (
        total(strata).map_err(overflow)?,
        total(&compared).map_err(overflow)?,
    );
    crate::standardise::crude_gap(&all)?;
    let part = |side: fn(&Stratum<T>) -> &T, sign: f64| -> Calculated<Part> {
        let (all, inside) = (side(&all), side(&inside));
        let (r, d, kept, within) = (
            all.value()?,
            all.denominator(),
            inside.value()?,
            inside.denominator(),
        );
        let variance = || {
            let everywhere = Pull::of_value(sign, r, d);
            let mut squares = 0.0;
            for stratum in strata.iter().filter(|s| !side(s).is_empty()) {
                let pull = match stratum.compares() {
                    true => everywhere.minus(Pull::of_value(sign, kept, within)),
                    false => everywhere,
                };
                squares += pull.squares(side(stratum))?;
            }
            Ok(squares)
        };
        Ok(Part::new(sign * (r - kept), variance()))
    };
    Ok(Outside {
        group: part(|s| &s.group, 1.0)?,
        baseline: part(|s| &s.baseline, -1.0)?,
    })
}
