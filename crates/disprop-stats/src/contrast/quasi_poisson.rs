//! Intervals for rates whose events come in clusters, with a dispersion given from elsewhere.
//!
//! Published counts hold no second moment, so how far repeat suspensions of one pupil widen an
//! interval has to come from other data, such as an authority's own rows. Not in the lists of
//! methods, since the dispersion has no default.

use crate::contrast::katz::around_log;
use crate::contrast::{self, of_baseline};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::facts::Facts;
use crate::tally::{Mean, Rate, Tally};

/// What a reader needs to judge it.
pub const FACTS: Facts = Facts {
    id: "quasi_poisson",
    label: "quasi-Poisson, difference and ratio",
    formula: "d -/+ z sqrt(phi (a/e^2 + c/f^2)); r exp(-/+ z sqrt(phi (1/a + 1/c))); phi given, or Pearson's chi-square over its degrees of freedom from rows",
    source: "McCullagh and Nelder (1989), Generalized Linear Models, section 6.2.3",
    when_to_use: "for published events of which one pupil can have many, with a dispersion from like rows; from rows, where a group is too small for a spread of its own",
    when_not: "where groups differ in how events repeat: rows, each side with its own spread",
};

/// Returns the interval of group − baseline with `dispersion` times the Poisson variance.
///
/// # Formula
/// d ∓ z √(φ (a/e² + c/f²)) for a events over e against c over f; φ is the variance of a count over
/// its mean.
///
/// # Units and shapes
/// Events per unit of exposure, not per 100.
///
/// # Errors
/// `no_group`, `no_baseline`, `group_exceeds_total`; `no_variation` for no events on either side
/// or a dispersion that is not positive and finite.
///
/// # Source
/// McCullagh and Nelder (1989), *Generalized Linear Models*, section 6.2.3.
///
/// # Example: twice the variance, √2 times the width
/// ```
/// use disprop_stats::{Level, Rate, contrast::quasi_poisson};
/// let (group, rest) = (Rate::new(20, 100), Rate::new(100, 1_000));
/// let narrow = quasi_poisson::interval(&group, &rest, 1.0, Level::P95).unwrap();
/// let wide = quasi_poisson::interval(&group, &rest, 2.0, Level::P95).unwrap();
/// let widths = (wide.upper - wide.lower) / (narrow.upper - narrow.lower);
/// assert!((widths * widths - 2.0).abs() < 1e-12);
/// ```
pub fn interval(
    group: &Rate,
    baseline: &Rate,
    dispersion: f64,
    level: Level,
) -> Calculated<Interval> {
    let ((a, e), (c, f)) = checked(group, baseline, dispersion)?;
    if a + c == 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let difference = contrast::difference(group, baseline)?;
    let reach = level.z() * (dispersion * (a / e / e + c / f / f)).sqrt();
    Interval::holding(difference, difference - reach, difference + reach)
}

/// Returns the interval of group ÷ baseline with `dispersion` times the Poisson variance.
///
/// # Formula
/// r exp(∓ z √(φ (1/a + 1/c))) for a events against c.
///
/// # Errors
/// As [`interval`]; `zero_group` and `zero_baseline` for no events.
///
/// # Source
/// McCullagh and Nelder (1989), *Generalized Linear Models*, section 6.2.3.
///
/// # Example: a dispersion of zero is none
/// ```
/// use disprop_stats::{Level, NotCalculable, Rate, contrast::quasi_poisson};
/// let (group, rest) = (Rate::new(20, 100), Rate::new(100, 1_000));
/// assert!(quasi_poisson::ratio_interval(&group, &rest, 3.0, Level::P95).unwrap().contains(2.0));
/// let refused = quasi_poisson::ratio_interval(&group, &rest, 0.0, Level::P95);
/// assert_eq!(refused, Err(NotCalculable::NoVariation));
/// ```
pub fn ratio_interval(
    group: &Rate,
    baseline: &Rate,
    dispersion: f64,
    level: Level,
) -> Calculated<Interval> {
    let ((a, _), (c, _)) = checked(group, baseline, dispersion)?;
    let ratio = contrast::ratio(group, baseline)?;
    if a == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    around_log(ratio, dispersion * (1.0 / a + 1.0 / c), level)
}

/// Returns the dispersion of events per pupil: how many times the Poisson variance they vary.
///
/// From an authority's own rows, for intervals of its published totals or of those of a like one;
/// 1 where every event is a pupil of its own. With rows at hand, Welch's interval and the log ratio
/// of means need no common dispersion and are to be preferred.
///
/// # Formula
/// φ = Σ (n − 1) s² / m̄ ÷ Σ (n − 1) over the two sides, s² the variance and m̄ the mean of events
/// per pupil: Pearson's chi-square of the model with one mean a side, over its degrees of freedom.
///
/// # Units and shapes
/// A pure number above 0.
///
/// # Errors
/// `no_group`, `no_baseline`; `too_few_for_variance` where no side has two pupils; `no_variation`
/// for no events on either side; `not_a_ratio_scale` for a negative mean. A side without events says
/// nothing of their spread and is left out.
///
/// # Source
/// McCullagh and Nelder (1989), *Generalized Linear Models*, section 6.2.3.
///
/// # Example: one pupil with all four suspensions
/// ```
/// use disprop_stats::{Mean, contrast::quasi_poisson};
/// let often = Mean::of(&[0.0, 0.0, 0.0, 4.0])?;
/// let once = Mean::of(&[1.0, 1.0, 0.0, 2.0])?;
/// assert!((quasi_poisson::dispersion(&often, &often)? - 4.0).abs() < 1e-12);
/// assert!(quasi_poisson::dispersion(&once, &once)? < 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn dispersion(group: &Mean, baseline: &Mean) -> Calculated<f64> {
    let sides = [
        (group, group.value()?),
        (baseline, of_baseline(baseline.value())?),
    ];
    let (mut chi_square, mut freedom) = (0.0, 0.0);
    for (side, mean) in sides {
        if mean < 0.0 {
            return Err(NotCalculable::NotARatioScale);
        }
        if mean > 0.0 && side.n > 1 {
            let degrees = (side.n - 1) as f64;
            chi_square += degrees * side.variance()? / mean;
            freedom += degrees;
        }
    }
    if sides.iter().all(|(_, mean)| *mean == 0.0) {
        return Err(NotCalculable::NoVariation);
    }
    if freedom == 0.0 {
        return Err(NotCalculable::TooFewForVariance);
    }
    if chi_square > 0.0 {
        Ok(chi_square / freedom)
    } else {
        Err(NotCalculable::NoVariation)
    }
}

type Counts = ((f64, f64), (f64, f64));

fn checked(group: &Rate, baseline: &Rate, dispersion: f64) -> Calculated<Counts> {
    let counts = (group.checked()?, of_baseline(baseline.checked())?);
    if dispersion > 0.0 && dispersion.is_finite() {
        Ok(counts)
    } else {
        Err(NotCalculable::NoVariation)
    }
}
