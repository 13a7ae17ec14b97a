//! What the gap would be if both sides had the same mix of characteristics.
//!
//! [`to_group_mix`] reweights the baseline to the group's own mix: "how far do these pupils stand
//! from pupils of all other groups with the same FSM and SEN status?" Unlike a Mantel–Haenszel gap
//! it does not assume the same gap in every cell. Neither explains why a gap is there, and adjusting
//! for what is itself part of the disparity hides it; show raw and adjusted side by side.

use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::fraction::Fraction;
use crate::stratum::{Stratum, total};
use crate::tail;
use crate::wald::Estimate;

/// A directly standardised value: strata averaged with fixed weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Direct {
    /// The standardised value with its standard error.
    pub value: Estimate,
    /// Numerator behind it: events, points.
    pub numerator: f64,
}

impl Direct {
    /// Returns Dobson's interval: Byar's limits of the count, scaled to the standardised rate.
    ///
    /// For rates and proportions of rare events, where ± z·se would reach below zero.
    ///
    /// # Formula
    /// value + √(var/O)·(Byar limit of O − O), O the number of events.
    ///
    /// # Errors
    /// `zero_group` where there are no events.
    ///
    /// # Source
    /// Dobson, Kuulasmaa, Eberle and Scherer, *Statist. Med.* 10 (1991), eq. 7; Byar: Breslow and
    /// Day II (1987), eq. 2.13.
    pub fn dobson(&self, level: Level) -> Calculated<Interval> {
        if self.numerator <= 0.0 {
            return Err(NotCalculable::ZeroGroup);
        }
        let byar = tail::byar_limits(self.numerator, level);
        let scale = self.value.standard_error / self.numerator.sqrt();
        let end = |limit: f64| self.value.estimate + scale * (limit - self.numerator);
        Ok(Interval::new(end(byar.lower), end(byar.upper)))
    }
}

/// Returns the value the strata would have together if their sizes were `weights`.
///
/// # Formula
/// Σ wₖrₖ / Σ wₖ, variance Σ wₖ²var(rₖ) / (Σ wₖ)², the weights taken as known.
///
/// # Units and shapes
/// One weight for each stratum, of any total; a stratum of weight 0 is left out. A `Proportion`
/// has binomial variance; pass a `Rate` for the Poisson variance usual with standardised rates.
///
/// # Errors
/// `no_group` where no weight is positive or the lengths differ; `no_counterpart` where a stratum
/// with weight has nobody in it; the stratum's own reason where it has no variance.
///
/// # Source
/// Breslow and Day II (1987), eq. 2.2 and 2.8.
///
/// # Example: two ages, half each
/// ```
/// use disprop_stats::{Proportion, standardise};
/// let ages = [Proportion::new(1, 10), Proportion::new(30, 100)];
/// let value = standardise::direct(&ages, &[1.0, 1.0])?;
/// assert!((value.value.estimate - 0.2).abs() < 1e-15);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn direct<T: Fraction>(strata: &[T], weights: &[f64]) -> Calculated<Direct> {
    let all: f64 = weights.iter().sum();
    let usable = weights.iter().all(|w| w.is_finite() && *w >= 0.0);
    if all <= 0.0 || !usable || strata.len() != weights.len() {
        return Err(NotCalculable::NoGroup);
    }
    let (mut value, mut variance, mut numerator) = (0.0, 0.0, 0.0);
    for (stratum, weight) in strata.iter().zip(weights).filter(|(_, w)| **w > 0.0) {
        let share = weight / all;
        let rate = stratum.value().map_err(|reason| match reason {
            NotCalculable::NoGroup => NotCalculable::NoCounterpart,
            other => other,
        })?;
        value += share * rate;
        variance += share * share * stratum.value_variance()?;
        numerator += stratum.numerator();
    }
    Ok(Direct {
        value: Estimate::linear(value, variance),
        numerator,
    })
}

/// A crude gap beside the gap that remains at the group's mix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Standardised {
    /// Group minus baseline over all strata, before any adjustment.
    pub crude: f64,
    /// The group's value in the strata that have a baseline.
    pub group: f64,
    /// The baseline's value at the group's mix.
    pub baseline: f64,
    /// `group` minus `baseline`.
    pub gap: Estimate,
    /// `group` over `baseline`, where that is positive.
    pub ratio: Option<Estimate>,
    /// Share of the group's denominator in strata with a baseline, 0–1; 1 is everybody.
    pub kept: f64,
}

/// Returns the gap between the group and a baseline reweighted to the group's own mix.
///
/// Strata in which the group has pupils but the baseline has none cannot be matched; they are left
/// out on both sides and `kept` says how much of the group remains. Below about 0.9 the number is
/// about a different group from the crude one.
///
/// # Formula
/// gap = Σ sₖ r₁ₖ − Σ sₖ r₀ₖ, sₖ = d₁ₖ/Σd₁ over kept strata; variance Σ sₖ²(var r₁ₖ + var r₀ₖ),
/// the mix taken as known.
///
/// # Errors
/// `no_group`, `no_baseline`; `no_counterpart` where no stratum holds both;
/// `too_few_for_variance` where a stratum of means or ratios has a single pupil.
///
/// # Source
/// Breslow and Day II (1987), section 2.3, standard population = the group; DOMAIN 11.4.
///
/// # Example: the gap is all mix
/// ```
/// use disprop_stats::{Proportion, standardise, stratum::Stratum};
/// let fsm = Stratum::new(Proportion::new(6, 20), Proportion::new(30, 100));
/// let not_fsm = Stratum::new(Proportion::new(1, 10), Proportion::new(40, 400));
/// let adjusted = standardise::to_group_mix(&[fsm, not_fsm])?;
/// assert!(adjusted.crude > 0.09 && adjusted.gap.estimate.abs() < 1e-15);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn to_group_mix<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<Standardised> {
    let everyone = total(strata).map_err(|_| NotCalculable::Overflow)?;
    let crude = crude_gap(&everyone)?;
    let kept: Vec<&Stratum<T>> = strata
        .iter()
        .filter(|s| s.compares() && s.group.denominator() > 0.0)
        .collect();
    if kept.is_empty() {
        return Err(NotCalculable::NoCounterpart);
    }
    let group: Vec<T> = kept.iter().map(|s| s.group).collect();
    let baseline: Vec<T> = kept.iter().map(|s| s.baseline).collect();
    let weights: Vec<f64> = group.iter().map(Fraction::denominator).collect();
    let (group, baseline) = (
        direct(&group, &weights)?.value,
        direct(&baseline, &weights)?.value,
    );
    let gap = Estimate::linear(
        group.estimate - baseline.estimate,
        group.variance() + baseline.variance(),
    );
    let relative = |e: &Estimate| e.variance() / (e.estimate * e.estimate);
    let ratio = (group.estimate > 0.0 && baseline.estimate > 0.0).then(|| {
        Estimate::log(
            group.estimate / baseline.estimate,
            relative(&group) + relative(&baseline),
        )
    });
    Ok(Standardised {
        crude,
        group: group.estimate,
        baseline: baseline.estimate,
        gap,
        ratio,
        kept: weights.iter().sum::<f64>() / everyone.group.denominator(),
    })
}

/// Returns group minus baseline of the sums, with `no_baseline` for an empty baseline.
pub(crate) fn crude_gap<T: Fraction>(everyone: &Stratum<T>) -> Calculated<f64> {
    let baseline = everyone.baseline.value().map_err(|reason| match reason {
        NotCalculable::NoGroup => NotCalculable::NoBaseline,
        other => other,
    });
    Ok(everyone.group.value()? - baseline?)
}

/// Events observed in the group beside those expected at the baseline's rates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Indirect {
    /// Events in the group.
    pub observed: f64,
    /// Events it would have at the baseline's rate in each stratum.
    pub expected: f64,
    /// observed / expected.
    pub ratio: f64,
}

impl Indirect {
    /// Returns Byar's interval of observed / expected, the expected taken as known.
    ///
    /// # Source
    /// Breslow and Day II (1987), eq. 2.13.
    pub fn byar(&self, level: Level) -> Interval {
        tail::byar_limits(self.observed, level).scale(1.0 / self.expected)
    }

    /// Returns the exact interval of observed / expected, the expected taken as known.
    ///
    /// Public-health practice prints it below ten events and [`byar`](Indirect::byar) from ten on.
    ///
    /// # Errors
    /// `no_convergence` where a quantile does not settle.
    ///
    /// # Source
    /// Garwood, *Biometrika* 28 (1936), 437.
    pub fn garwood(&self, level: Level) -> Calculated<Interval> {
        Ok(tail::poisson_limits(self.observed, level)?.scale(1.0 / self.expected))
    }

    /// Returns observed − expected: events beyond what the baseline's rates would give.
    pub fn excess(&self) -> f64 {
        self.observed - self.expected
    }
}

/// Returns the group's events beside those expected at the baseline's rates in each stratum.
///
/// Safer than [`to_group_mix`] where the group is small, as it uses only the baseline's rates; but
/// two groups' ratios have different mixes behind them and must not be compared with each other.
///
/// # Formula
/// expected = Σ d₁ₖ r₀ₖ over strata with a baseline; observed from the same strata.
///
/// # Errors
/// `no_group`, `no_baseline`, `no_counterpart` as [`to_group_mix`]; `zero_baseline` where nothing
/// is expected.
///
/// # Source
/// Breslow and Day II (1987), eq. 2.10.
///
/// # Example: twice as many as expected
/// ```
/// use disprop_stats::{Level, Proportion, standardise, stratum::Stratum};
/// let years = [Stratum::new(Proportion::new(8, 40), Proportion::new(100, 1000))];
/// let suspended = standardise::indirect(&years)?;
/// assert!((suspended.ratio - 2.0).abs() < 1e-12 && suspended.byar(Level::P95).contains(2.0));
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn indirect<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<Indirect> {
    crude_gap(&total(strata).map_err(|_| NotCalculable::Overflow)?)?;
    let (mut observed, mut expected, mut compared) = (0.0, 0.0, false);
    for s in strata.iter().filter(|s| s.compares()) {
        compared = true;
        observed += s.group.numerator();
        expected += s.group.denominator() * s.baseline.value()?;
    }
    match (compared, expected > 0.0) {
        (false, _) => Err(NotCalculable::NoCounterpart),
        (true, false) => Err(NotCalculable::ZeroBaseline),
        (true, true) => Ok(Indirect {
            observed,
            expected,
            ratio: observed / expected,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Proportion;

    #[test]
    fn a_stratum_without_a_baseline_is_left_out_and_said() {
        let strata = [
            Stratum::new(Proportion::new(2, 10), Proportion::new(10, 100)),
            Stratum::new(Proportion::new(5, 30), Proportion::new(0, 0)),
        ];
        let adjusted = to_group_mix(&strata).unwrap();
        assert!((adjusted.kept - 0.25).abs() < 1e-15);
        assert!((adjusted.gap.estimate - 0.1).abs() < 1e-15);
        assert_eq!(
            to_group_mix(&strata[1..]).unwrap_err(),
            NotCalculable::NoBaseline
        );
    }

    #[test]
    fn weights_must_fit_the_strata() {
        let one = [Proportion::new(1, 2)];
        assert_eq!(direct(&one, &[]).unwrap_err(), NotCalculable::NoGroup);
        assert_eq!(direct(&one, &[-1.0]).unwrap_err(), NotCalculable::NoGroup);
        let empty = [Proportion::new(0, 0)];
        assert_eq!(
            direct(&empty, &[1.0]).unwrap_err(),
            NotCalculable::NoCounterpart
        );
    }
}
