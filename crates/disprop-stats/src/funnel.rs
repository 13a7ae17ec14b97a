//! Which schools stand out from what chance would give: funnel limits.
//!
//! A funnel replaces league tables: limits at 95 and 99.8 % around the common value, wide for small
//! schools. Of schools that differ by chance alone one in twenty lies beyond the inner limits. With
//! real differences in intake the spread exceeds chance everywhere; over-dispersed limits then ask
//! which schools stand out from the *ordinary* differences between schools.

mod normal;

use serde::{Deserialize, Serialize};

pub use normal::normal;

use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tail;
use crate::tally::Proportion;

/// Where a school lies against limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Below the lower limit.
    Low,
    /// Within the limits or on them.
    Inside,
    /// Above the upper limit.
    High,
}

/// Returns where `value` lies against `limits`.
pub fn position(value: f64, limits: Interval) -> Position {
    match (value < limits.lower, value > limits.upper) {
        (true, _) => Position::Low,
        (_, true) => Position::High,
        _ => Position::Inside,
    }
}

/// Returns the normal funnel limits of a proportion in a school of `n` pupils.
///
/// # Formula
/// p ± z √(p(1 − p)/n), cut at 0 and 1.
///
/// # Errors
/// `no_group` for no pupils; `events_exceed_trials` for a target outside 0–1.
///
/// # Source
/// Spiegelhalter, *Statist. Med.* 24 (2005), eq. 2.
///
/// # Example: thirty pupils
/// ```
/// use disprop_stats::{Level, funnel};
/// let limits = funnel::proportion_limits(0.2, 30.0, Level::P95)?;
/// assert!(limits.lower > 0.05 && limits.upper < 0.35);
/// assert!(funnel::proportion_limits(0.2, 0.0, Level::P95).is_err());
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn proportion_limits(target: f64, n: f64, level: Level) -> Calculated<Interval> {
    if n.is_nan() || n <= 0.0 {
        return Err(NotCalculable::NoGroup);
    }
    if !(0.0..=1.0).contains(&target) {
        return Err(NotCalculable::EventsExceedTrials);
    }
    let reach = level.z() * (target * (1.0 - target) / n).sqrt();
    Ok(Interval::new(
        (target - reach).max(0.0),
        (target + reach).min(1.0),
    ))
}

/// Returns the rates between which a school with so many events is unremarkable.
///
/// The limits belong to a number of events, not to a size of school: they are those rates at which
/// the exact Poisson interval of the school's own rate just reaches the target.
///
/// # Formula
/// (target · O / upper(O), target · O / lower(O)), Garwood's exact limits of O.
///
/// # Errors
/// `zero_group` for no events, where the upper limit does not exist; use [`count_position`].
///
/// # Source
/// Dover and Schopflocher, *Popul. Health Metr.* 9 (2011), eq. 3; Garwood (1936).
///
/// # Example: twelve events
/// ```
/// use disprop_stats::{Level, funnel};
/// let limits = funnel::rate_limits(0.04, 12.0, Level::P95)?;
/// assert!(limits.lower < 0.04 && 0.04 < limits.upper);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn rate_limits(target: f64, events: f64, level: Level) -> Calculated<Interval> {
    if events.is_nan() || events <= 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    let exact = tail::poisson_limits(events, level)?;
    Ok(Interval::new(
        target * events / exact.upper,
        target * events / exact.lower,
    ))
}

/// Returns where a count lies against what was expected of it, exactly; no events included.
///
/// # Formula
/// `Low` where Garwood's upper limit of the count is below `expected`, `High` where its lower limit
/// is above.
///
/// # Errors
/// `group_exceeds_total` for a negative number.
///
/// # Source
/// Garwood, *Biometrika* 28 (1936), 437.
///
/// # Example: none where four are expected
/// ```
/// use disprop_stats::{Level, funnel::{self, Position}};
/// assert_eq!(funnel::count_position(0.0, 4.0, Level::P95)?, Position::Low);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn count_position(events: f64, expected: f64, level: Level) -> Calculated<Position> {
    if !(events >= 0.0 && expected >= 0.0) {
        return Err(NotCalculable::GroupExceedsTotal);
    }
    Ok(position(expected, tail::poisson_limits(events, level)?)).map(|p| match p {
        Position::Low => Position::High,
        Position::Inside => Position::Inside,
        Position::High => Position::Low,
    })
}

/// Returns the exact limits of observed / expected in a school with so many events expected.
///
/// # Formula
/// (Γ⁻¹(α/2; E)/E, Γ⁻¹(1 − α/2; E + 1)/E).
///
/// # Errors
/// `zero_baseline` where nothing is expected.
///
/// # Source
/// Spiegelhalter (2005), appendix A.1.2, by the Poisson–gamma relation.
///
/// # Example: ten expected
/// ```
/// use disprop_stats::{Level, funnel};
/// let limits = funnel::expected_limits(10.0, Level::P95)?;
/// assert!(limits.lower < 0.5 && limits.upper > 1.8);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn expected_limits(expected: f64, level: Level) -> Calculated<Interval> {
    if expected.is_nan() || expected <= 0.0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    Ok(tail::poisson_limits(expected, level)?.scale(1.0 / expected))
}

/// How extreme schools are kept from setting the spread that they are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trim {
    /// Scores beyond this share at either end are moved in to its quantile. The usual share is 0.1.
    Winsorise(f64),
    /// Scores beyond this share at either end are left out.
    Truncate(f64),
}

/// Spread of schools around the target, beyond chance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dispersion {
    /// Common value on the transformed scale.
    pub target: f64,
    /// Mean squared score; 1 where chance alone is at work.
    pub phi: f64,
    /// Variance between schools on the transformed scale, 0 where phi shows none.
    pub tau2: f64,
    curve: Curve,
}

/// The scale on which limits are symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Curve {
    Arcsine,
    Log,
    Linear,
}

impl Dispersion {
    /// Returns the limits for a school of this size: pupils, events expected, or 1 / variance.
    ///
    /// # Formula
    /// Arcsine: sin²(θ ± z √(1/(4n) + τ²)), a lower angle below 0 giving 0, an upper one beyond π/2
    /// giving 1. Log: exp(± z √(1/E + τ²)). Linear: θ ± z √(v + τ²).
    ///
    /// # Errors
    /// `no_group` for no size.
    ///
    /// # Source
    /// Spiegelhalter, *Statist. Med.* 24 (2005), section 5; Spiegelhalter et al., *JRSS A* 175
    /// (2012), section 4.
    pub fn limits(&self, size: f64, level: Level) -> Calculated<Interval> {
        if size.is_nan() || size <= 0.0 {
            return Err(NotCalculable::NoGroup);
        }
        let (chance, right) = match self.curve {
            Curve::Arcsine => (0.25 / size, std::f64::consts::FRAC_PI_2),
            Curve::Log | Curve::Linear => (1.0 / size, f64::INFINITY),
        };
        let reach = level.z() * (chance + self.tau2).sqrt();
        Ok(match self.curve {
            Curve::Arcsine => {
                let back = |angle: f64| angle.clamp(0.0, right).sin().powi(2);
                Interval::new(back(self.target - reach), back(self.target + reach))
            }
            Curve::Log => Interval::new((self.target - reach).exp(), (self.target + reach).exp()),
            Curve::Linear => Interval::new(self.target - reach, self.target + reach),
        })
    }

    /// Returns the same funnel without the variance between schools.
    pub fn chance_alone(self) -> Self {
        Dispersion { tau2: 0.0, ..self }
    }
}

/// Returns the spread of proportions between schools on the arcsine scale.
///
/// The arcsine is rough below about thirty pupils: nobody of fourteen lies outside limits around
/// 0.14 though chance gives it one time in eight. Judge small schools by an exact test.
///
/// # Formula
/// y = asin √(x/n), s = 1/(2√n), θ = asin √(Σx/Σn), score (y − θ)/s;
/// φ = mean score², τ² = max(0, (kφ − k + 1)/(Σw − Σw²/Σw)), w = 1/s².
///
/// # Errors
/// `no_group` for no pupils; `too_few_for_variance` for fewer than two schools left;
/// `events_exceed_trials`.
///
/// # Source
/// Spiegelhalter, *Qual. Saf. Health Care* 14 (2005), 347, eq. 4–7; DerSimonian and Laird (1986).
///
/// # Example: schools more unlike than chance
/// ```
/// use disprop_stats::{Level, Proportion, funnel::{self, Trim}};
/// let schools = [(10, 100), (40, 100), (12, 100), (35, 100)].map(|(x, n)| Proportion::new(x, n));
/// let spread = funnel::arcsine(&schools, Trim::Winsorise(0.1))?;
/// assert!(spread.phi > 1.0 && spread.tau2 > 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn arcsine(schools: &[Proportion], trim: Trim) -> Calculated<Dispersion> {
    let (mut events, mut pupils) = (0.0, 0.0);
    let mut checked = Vec::with_capacity(schools.len());
    for school in schools {
        match school.checked() {
            Err(NotCalculable::NoGroup) => {}
            other => {
                let (x, n) = other?;
                events += x;
                pupils += n;
                checked.push((x, n));
            }
        }
    }
    if pupils <= 0.0 {
        return Err(NotCalculable::NoGroup);
    }
    let target = (events / pupils).sqrt().asin();
    let scores = checked
        .iter()
        .map(|(x, n)| (2.0 * n.sqrt() * ((x / n).sqrt().asin() - target), 4.0 * n))
        .collect();
    dispersion(scores, target, trim, Curve::Arcsine)
}

/// Returns the spread of observed / expected between schools on the log scale.
///
/// A school without events has a score beyond any other; `Truncate` leaves it out.
///
/// # Formula
/// y = ln(O/E), s = 1/√E, θ = 0; φ and τ² as [`arcsine`].
///
/// # Units and shapes
/// (observed, expected) for each school.
///
/// # Errors
/// `zero_baseline` where nothing is expected of a school; `zero_group` where one without events
/// remains after trimming; `too_few_for_variance` for fewer than two schools left.
///
/// # Source
/// Spiegelhalter et al., *JRSS A* 175 (2012), section 4; NHS Digital, SHMI methodology.
///
/// # Example: as expected everywhere
/// ```
/// use disprop_stats::funnel::{self, Trim};
/// let schools = [(9.0, 9.0), (11.0, 11.0), (30.0, 30.0)];
/// assert_eq!(funnel::log_ratio(&schools, Trim::Winsorise(0.1))?.tau2, 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn log_ratio(schools: &[(f64, f64)], trim: Trim) -> Calculated<Dispersion> {
    if schools.iter().any(|(o, e)| !(*o >= 0.0 && *e > 0.0)) {
        return Err(NotCalculable::ZeroBaseline);
    }
    let scores = schools
        .iter()
        .map(|(o, e)| (e.sqrt() * (o / e).ln(), *e))
        .collect();
    dispersion(scores, 0.0, trim, Curve::Log)
}

/// φ and τ² of (score, weight) pairs.
fn dispersion(
    mut scores: Vec<(f64, f64)>,
    target: f64,
    trim: Trim,
    curve: Curve,
) -> Calculated<Dispersion> {
    scores.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    match trim {
        Trim::Winsorise(share) => {
            let sorted: Vec<f64> = scores.iter().map(|s| s.0).collect();
            let ends = quantile(&sorted, share).zip(quantile(&sorted, 1.0 - share));
            let (low, high) = ends.ok_or(NotCalculable::TooFewForVariance)?;
            for score in &mut scores {
                score.0 = score.0.max(low).min(high);
            }
        }
        Trim::Truncate(share) => {
            // Ranks of n + 1 equal gaps; the outermost `share` of them at either end goes.
            let gaps = scores.len() as f64 + 1.0;
            let mut rank = 0.0;
            scores.retain(|_| {
                rank += 1.0;
                let part = (rank / share / gaps).floor();
                part > 0.0 && part < (1.0 / share) - 1.0
            });
        }
    }
    if scores.len() < 2 {
        return Err(NotCalculable::TooFewForVariance);
    }
    if scores.iter().any(|s| !s.0.is_finite()) {
        return Err(NotCalculable::ZeroGroup);
    }
    let k = scores.len() as f64;
    let phi = scores.iter().map(|s| s.0 * s.0).sum::<f64>() / k;
    let weight: f64 = scores.iter().map(|s| s.1).sum();
    let squares: f64 = scores.iter().map(|s| s.1 * s.1).sum();
    let tau2 = ((k * phi - (k - 1.0)) / (weight - squares / weight)).max(0.0);
    Ok(Dispersion {
        target,
        phi,
        tau2,
        curve,
    })
}

/// Linear interpolation between order statistics at (n − 1)p, as R's default.
fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let position = (sorted.len() as f64 - 1.0) * p;
    let lower = *sorted.get(position.floor() as usize)?;
    let upper = *sorted.get(position.ceil() as usize)?;
    let between = position - position.floor();
    Some(if between == 0.0 {
        lower
    } else {
        lower + between * (upper - lower)
    })
}
