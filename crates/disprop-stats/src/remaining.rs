//! What remains of a gap when it is adjusted: adjusted ÷ raw difference, with an interval.
//!
//! Both differences are made from the same pupils and move together, so the interval of their
//! quotient needs their covariance. It comes from what each pupil moves the two of them to first
//! order, or from leaving out one school at a time. A share of a gap that may be nothing can be any
//! number: there the interval has no ends.

use serde::{Deserialize, Serialize};

use crate::cell_regression::{Cell, Family, Fit, fit};
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::fraction::{Fraction, Pull};
use crate::standardise::crude_gap;
use crate::stratum::{Stratum, total};
use crate::tail;

/// An adjusted and a raw difference with the spread they have together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Remaining {
    /// The adjusted difference, group − baseline.
    pub adjusted: f64,
    /// The raw difference.
    pub raw: f64,
    /// Variance of the adjusted difference.
    pub adjusted_variance: f64,
    /// Variance of the raw difference.
    pub raw_variance: f64,
    /// Covariance of the two.
    pub covariance: f64,
    /// Degrees of freedom of the t distribution; `None` means the normal.
    pub degrees: Option<f64>,
}

/// A stratum's pulls on the adjusted difference: of pupils of the group, of the baseline.
type Pulls = Vec<(Pull, Pull)>;

impl Remaining {
    /// Returns adjusted ÷ raw difference.
    ///
    /// # Errors
    /// `zero_baseline` where the raw difference is nothing.
    pub fn share(&self) -> Calculated<f64> {
        if self.raw == 0.0 {
            return Err(NotCalculable::ZeroBaseline);
        }
        Ok(self.adjusted / self.raw)
    }

    /// Returns all shares ρ for which adjusted − ρ · raw could be nothing: Fieller's interval.
    ///
    /// # Formula
    /// The ρ with (A − ρR)² ≤ c²(V_A − 2ρ C + ρ² V_R), c the normal or t quantile.
    ///
    /// # Errors
    /// `unbounded` where the raw difference itself could be nothing, R² ≤ c² V_R; `no_variation` where
    /// adjusted − ρ · raw does not vary at the observed share; `no_convergence` where a number is not
    /// finite.
    ///
    /// # Source
    /// Fieller, *JRSS B* 16 (1954), 175–185, with a covariance.
    ///
    /// # Example: half of a clear gap, nothing of an unclear one
    /// ```
    /// use disprop_stats::{Level, NotCalculable, remaining::Remaining};
    /// let clear = Remaining {
    ///     adjusted: 4.0, raw: 8.0, adjusted_variance: 1.0, raw_variance: 1.2, covariance: 0.9,
    ///     degrees: None,
    /// };
    /// let ends = clear.interval(Level::P95)?;
    /// assert!(ends.lower > 0.25 && ends.contains(0.5) && ends.upper < 0.75);
    /// let unclear = Remaining { raw: 2.0, ..clear };
    /// assert_eq!(unclear.interval(Level::P95), Err(NotCalculable::Unbounded));
    /// # Ok::<(), NotCalculable>(())
    /// ```
    pub fn interval(&self, level: Level) -> Calculated<Interval> {
        let c = match self.degrees {
            None => level.z(),
            Some(degrees) => tail::student_quantile(level, degrees)?,
        };
        let share = self.share()?;
        let spread = |rho: f64| {
            self.adjusted_variance - 2.0 * rho * self.covariance + rho * rho * self.raw_variance
        };
        let largest = self.adjusted_variance + share * share * self.raw_variance;
        // What is left of a difference of equal numbers is rounding.
        if spread(share) <= 1e-12 * largest {
            return Err(NotCalculable::NoVariation);
        }
        let cc = c * c;
        // a ρ² − 2 b ρ + e ≤ 0
        let a = self.raw * self.raw - cc * self.raw_variance;
        if a <= 0.0 {
            return Err(NotCalculable::Unbounded);
        }
        let b = self.adjusted * self.raw - cc * self.covariance;
        // b² − a e, written so that it does not lose its digits: c² R² spread(share) − c⁴(V_A V_R − C²).
        let joint = self.adjusted_variance * self.raw_variance - self.covariance * self.covariance;
        let under = cc * self.raw * self.raw * spread(share) - cc * cc * joint.max(0.0);
        let reach = under.max(0.0).sqrt();
        let (lower, upper) = ((b - reach) / a, (b + reach) / a);
        if !(lower.is_finite() && upper.is_finite()) {
            return Err(NotCalculable::NoConvergence);
        }
        Interval::holding(share, lower, upper)
    }
}

/// Returns what remains of the gap as the Mantel–Haenszel difference has it.
///
/// # Formula
/// A = Σ (x₁ₖ d₀ₖ − x₀ₖ d₁ₖ)/dₖ / Σ d₁ₖ d₀ₖ/dₖ, R = r₁ − r₀ over all strata. Variances and covariance
/// over independent pupils, the mix of strata estimated as well: Σ over a side's pupils of the products
/// of what each pupil moves A and R, about their mean.
///
/// # Errors
/// `no_group`, `no_baseline`; `no_counterpart` where no stratum compares; `no_second_moment` for
/// published sums.
///
/// # Source
/// Mantel and Haenszel (1959); the infinitesimal jackknife, Efron, *The Jackknife, the Bootstrap and
/// Other Resampling Plans* (1982), chapter 6.
///
/// # Example: one stratum keeps the whole gap
/// ```
/// use disprop_stats::{Proportion, remaining, stratum::Stratum};
/// let one = [Stratum::new(Proportion::new(9, 20), Proportion::new(20, 100))];
/// let all = remaining::mantel_haenszel(&one)?;
/// assert!((all.share()? - 1.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn mantel_haenszel<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<Remaining> {
    let compared = |s: &&Stratum<T>| s.compares() && s.group.denominator() > 0.0;
    let parts = |s: &Stratum<T>| {
        let (x1, d1) = (s.group.numerator(), s.group.denominator());
        let (x0, d0) = (s.baseline.numerator(), s.baseline.denominator());
        ((x1, d1), (x0, d0), d1 + d0)
    };
    let (mut gap, mut weight) = (0.0, 0.0);
    for ((x1, d1), (x0, d0), d) in strata.iter().filter(compared).map(parts) {
        gap += (x1 * d0 - x0 * d1) / d;
        weight += d1 * d0 / d;
    }
    if weight <= 0.0 {
        return Err(NotCalculable::NoCounterpart);
    }
    let adjusted = gap / weight;
    let pulls = strata.iter().map(|s| {
        if !compared(&s) {
            return (Pull::default(), Pull::default());
        }
        let ((x1, d1), (x0, d0), d) = parts(s);
        let own = (x1 * d0 - x0 * d1) / (d * d);
        let of = |by_d: f64, weighed: f64, by_x: f64| {
            Pull::new((by_d - adjusted * weighed) / weight, by_x / weight)
        };
        (
            of(-x0 / d - own, (d0 / d).powi(2), d0 / d),
            of(x1 / d - own, (d1 / d).powi(2), -d1 / d),
        )
    });
    joint(strata, adjusted, &pulls.collect())
}

/// Returns what remains of the gap at the group's own mix.
///
/// # Formula
/// A = Σ sₖ(r₁ₖ − r₀ₖ), sₖ the group's shares over strata that compare; R and the errors as
/// [`mantel_haenszel`].
///
/// # Errors
/// As [`mantel_haenszel`].
///
/// # Source
/// As [`to_group_mix`](crate::standardise::to_group_mix) and [`mantel_haenszel`].
///
/// # Example: nothing is left of a gap that is all mix
/// ```
/// use disprop_stats::{Proportion, remaining, stratum::Stratum};
/// let fsm = Stratum::new(Proportion::new(6, 20), Proportion::new(30, 100));
/// let not_fsm = Stratum::new(Proportion::new(1, 10), Proportion::new(40, 400));
/// assert!(remaining::standardised(&[fsm, not_fsm])?.share()?.abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn standardised<T: Fraction>(strata: &[Stratum<T>]) -> Calculated<Remaining> {
    let compared = |s: &&Stratum<T>| s.compares() && s.group.denominator() > 0.0;
    let size: f64 = strata
        .iter()
        .filter(compared)
        .map(|s| s.group.denominator())
        .sum();
    if size <= 0.0 {
        return Err(NotCalculable::NoCounterpart);
    }
    let mut adjusted = 0.0;
    for s in strata.iter().filter(compared) {
        adjusted += s.group.denominator() / size * (s.group.value()? - s.baseline.value()?);
    }
    let mut pulls = Pulls::with_capacity(strata.len());
    for s in strata {
        pulls.push(match compared(&s) {
            true => {
                let r0 = s.baseline.value()?;
                let b = s.group.denominator() / size / s.baseline.denominator();
                (
                    Pull::new(-(r0 + adjusted) / size, 1.0 / size),
                    Pull::new(b * r0, -b),
                )
            }
            false => (Pull::default(), Pull::default()),
        });
    }
    joint(strata, adjusted, &pulls)
}

/// Returns what remains of the gap in a regression on the strata's characteristics, averaged over the
/// group's own mix.
///
/// # Formula
/// A = Σ d₁ₖ(μ(zₖβ + b) − μ(zₖβ)) / Σ d₁ₖ, b the group's coefficient; R and the errors as
/// [`mantel_haenszel`], a pupil moving both the fit and the mix.
///
/// # Units and shapes
/// One row of characteristics a stratum, without a constant and without the group.
///
/// # Errors
/// As [`fit`] and [`mantel_haenszel`]; `no_counterpart` where rows and strata differ in number.
///
/// # Source
/// Lane and Nelder (1982); Efron (1982), chapter 6.
///
/// # Example: two strata, least squares
/// ```
/// use disprop_stats::{Proportion, cell_regression::Family, remaining, stratum::Stratum};
/// let strata = [
///     Stratum::new(Proportion::new(6, 20), Proportion::new(20, 100)),
///     Stratum::new(Proportion::new(4, 10), Proportion::new(60, 400)),
/// ];
/// let found = remaining::regression(&strata, &[vec![1.0], vec![0.0]], Family::Linear)?;
/// assert!(found.share()? < 1.0 && found.raw_variance > 0.0);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn regression<T: Fraction>(
    strata: &[Stratum<T>],
    characteristics: &[Vec<f64>],
    family: Family,
) -> Calculated<Remaining> {
    let model = model(strata, characteristics, family)?;
    let gap = model.pulls_on_gap(0)?;
    let pulls = strata.iter().zip(characteristics).map(|(s, row)| {
        let of = |side: &T, member: f64| match side.is_empty() {
            true => Pull::default(),
            false => gap.of(&with_member(row, member)),
        };
        (of(&s.group, 1.0), of(&s.baseline, 0.0))
    });
    joint(strata, gap.gap, &pulls.collect())
}

/// Returns the adjusted difference alone, as [`regression`] has it; published sums will do.
///
/// # Errors
/// As [`fit`]; `no_counterpart` where rows and strata differ in number.
///
/// # Example: the same difference in both strata
/// ```
/// use disprop_stats::{Rate, cell_regression::Family, remaining, stratum::Stratum};
/// let strata = [
///     Stratum::new(Rate::new(6, 20), Rate::new(20, 100)),
///     Stratum::new(Rate::new(2, 10), Rate::new(40, 400)),
/// ];
/// let rows = [vec![1.0], vec![0.0]];
/// let gap = remaining::regression_difference(&strata, &rows, Family::Linear)?;
/// assert!((gap - 0.1).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn regression_difference<T: Fraction>(
    strata: &[Stratum<T>],
    characteristics: &[Vec<f64>],
    family: Family,
) -> Calculated<f64> {
    let model = model(strata, characteristics, family)?;
    Ok(model.pulls_on_gap(0)?.gap)
}

fn with_member(row: &[f64], member: f64) -> Vec<f64> {
    std::iter::once(member).chain(row.iter().copied()).collect()
}

fn model<T: Fraction>(
    strata: &[Stratum<T>],
    characteristics: &[Vec<f64>],
    family: Family,
) -> Calculated<Fit> {
    if strata.len() != characteristics.len() {
        return Err(NotCalculable::NoCounterpart);
    }
    let mut cells = Vec::with_capacity(2 * strata.len());
    for (s, row) in strata.iter().zip(characteristics) {
        for (side, member) in [(&s.group, 1.0), (&s.baseline, 0.0)] {
            if !side.is_empty() {
                cells.push(Cell::new(with_member(row, member), side, 0));
            }
        }
    }
    fit(&cells, family)
}

/// Returns the same from both differences with each school left out in turn.
///
/// # Formula
/// (m − 1)/m Σ (θ₍ᵢ₎ − θ)² and the like product, θ the pair of differences; m − 1 degrees of freedom.
///
/// # Units and shapes
/// `(adjusted, raw)` of all schools, then without each.
///
/// # Errors
/// `too_few_clusters` for fewer than two schools.
///
/// # Source
/// Efron (1982), chapter 3; Davison and Hinkley (1997), section 2.7.
///
/// # Example: schools that move both alike
/// ```
/// use disprop_stats::remaining::left_out;
/// let found = left_out((2.0, 4.0), &[(1.5, 3.0), (2.5, 5.0), (2.0, 4.0)])?;
/// assert_eq!(found.share()?, 0.5);
/// assert!((found.covariance - 2.0 / 3.0 * 1.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn left_out((adjusted, raw): (f64, f64), without: &[(f64, f64)]) -> Calculated<Remaining> {
    if without.len() < 2 {
        return Err(NotCalculable::TooFewClusters);
    }
    let m = without.len() as f64;
    let scale = (m - 1.0) / m;
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let away = without.iter().map(|(a, r)| of(a - adjusted, r - raw));
        scale * away.sum::<f64>()
    };
    Ok(Remaining {
        adjusted,
        raw,
        adjusted_variance: sum(&|a, _| a * a),
        raw_variance: sum(&|_, r| r * r),
        covariance: sum(&|a, r| a * r),
        degrees: Some(m - 1.0),
    })
}

/// The spread of an adjusted difference with these pulls, and of the raw one, together.
fn joint<T: Fraction>(
    strata: &[Stratum<T>],
    adjusted: f64,
    pulls: &Pulls,
) -> Calculated<Remaining> {
    let everyone = total(strata).map_err(|_| NotCalculable::Overflow)?;
    let raw = crude_gap(&everyone)?;
    let mut found = Remaining {
        adjusted,
        raw,
        adjusted_variance: 0.0,
        raw_variance: 0.0,
        covariance: 0.0,
        degrees: None,
    };
    for sign in [1.0, -1.0] {
        let side = |s: &Stratum<T>| if sign > 0.0 { s.group } else { s.baseline };
        let all = side(&everyone);
        let crude = Pull::of_value(sign, all.value()?, all.denominator());
        let mut sum = 0.0;
        for (stratum, pulls) in strata.iter().zip(pulls) {
            let tally = side(stratum);
            let pull = if sign > 0.0 { pulls.0 } else { pulls.1 };
            if tally.is_empty() {
                continue;
            }
            sum += pull.sum(&tally);
            found.adjusted_variance += pull.squares(&tally)?;
            found.raw_variance += crude.squares(&tally)?;
            found.covariance += pull.products(crude, &tally)?;
        }
        // The side has as many pupils whoever they are; pulls on the raw gap sum to nothing.
        found.adjusted_variance -= sum * sum / all.n() as f64;
    }
    Ok(found)
}
