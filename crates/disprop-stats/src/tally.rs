//! Exact, mergeable sums: what remains of pupil rows once nobody can be seen in them.
//!
//! Four families cover every measure. Values enter as *micro-units*: fixed point, 10⁻⁶ of a unit,
//! rounded half to even where a value is finer. Sums are integers, hence adding is associative and
//! commutative to the last bit, and "all others" is total minus group, exactly.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::estimate::{Calculated, NotCalculable};
use crate::wide::{Wide, float};

/// Micro-units in one unit: the fixed-point scale of every value that enters a sum.
pub const MICRO: i64 = 1_000_000;
/// 10¹², the scale of sums of products.
const MICRO2: f64 = 1e12;

/// Sums that add and subtract: an Abelian group, as long as no integer overflows.
pub trait Tally: Copy + PartialEq + Default {
    /// Name of the family, as it stands in result columns and on the wire.
    const FAMILY: &'static str;

    /// Returns the sums of both sides together.
    ///
    /// # Errors
    /// `stats.overflow` where a sum leaves its integer; it never wraps.
    fn merge(&self, other: &Self) -> Result<Self, Error>;

    /// Returns what is left of `self` without `part`; merging `part` again gives `self` back.
    ///
    /// # Errors
    /// `stats.overflow` where a sum leaves its integer.
    fn subtract(&self, part: &Self) -> Result<Self, Error>;

    /// Returns the number of pupils (enrolments, staff, schools) in the sums.
    fn n(&self) -> i64;

    /// Returns the value of the measure: a proportion, a mean or a ratio of sums.
    fn value(&self) -> Calculated<f64>;

    /// Returns whether nothing was counted.
    fn is_empty(&self) -> bool {
        self.n() == 0
    }
}

fn add64(a: i64, b: i64, quantity: &'static str) -> Result<i64, Error> {
    a.checked_add(b)
        .ok_or(Error::Overflow { quantity, bits: 64 })
}

fn sub64(a: i64, b: i64, quantity: &'static str) -> Result<i64, Error> {
    a.checked_sub(b)
        .ok_or(Error::Overflow { quantity, bits: 64 })
}

fn add128(a: i128, b: i128, quantity: &'static str) -> Result<i128, Error> {
    a.checked_add(b).ok_or(Error::Overflow {
        quantity,
        bits: 128,
    })
}

fn sub128(a: i128, b: i128, quantity: &'static str) -> Result<i128, Error> {
    a.checked_sub(b).ok_or(Error::Overflow {
        quantity,
        bits: 128,
    })
}

/// Events among trials: pupils who are persistently absent among enrolments, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Proportion {
    /// Pupils with the outcome.
    pub events: i64,
    /// Pupils it was asked of.
    pub trials: i64,
}

impl Proportion {
    /// Returns the tally of `events` among `trials`.
    pub fn new(events: i64, trials: i64) -> Self {
        Proportion { events, trials }
    }

    /// Returns events and trials where they can be a proportion, 0 ≤ events ≤ trials, trials > 0.
    ///
    /// # Errors
    /// `no_group` for no trials, `group_exceeds_total` for a negative count, `events_exceed_trials`
    /// where the two were counted at different moments (suspensions; DOMAIN 0.5).
    pub fn checked(&self) -> Calculated<(f64, f64)> {
        if self.trials == 0 && self.events == 0 {
            return Err(NotCalculable::NoGroup);
        }
        if self.trials < 0 || self.events < 0 {
            return Err(NotCalculable::GroupExceedsTotal);
        }
        if self.events > self.trials {
            return Err(NotCalculable::EventsExceedTrials);
        }
        Ok((self.events as f64, self.trials as f64))
    }

    /// The value's numerator and denominator, with the errors of [`Tally::value`].
    pub(crate) fn parts(&self) -> Calculated<(i128, i128)> {
        match self.trials {
            0 => Err(NotCalculable::NoGroup),
            n if n < 0 || self.events < 0 => Err(NotCalculable::GroupExceedsTotal),
            n => Ok((self.events.into(), n.into())),
        }
    }
}

impl Tally for Proportion {
    const FAMILY: &'static str = "proportion";

    fn merge(&self, other: &Self) -> Result<Self, Error> {
        Ok(Proportion {
            events: add64(self.events, other.events, "events")?,
            trials: add64(self.trials, other.trials, "trials")?,
        })
    }

    fn subtract(&self, part: &Self) -> Result<Self, Error> {
        Ok(Proportion {
            events: sub64(self.events, part.events, "events")?,
            trials: sub64(self.trials, part.trials, "trials")?,
        })
    }

    fn n(&self) -> i64 {
        self.trials
    }

    fn value(&self) -> Calculated<f64> {
        self.parts()?;
        Ok(self.events as f64 / self.trials as f64)
    }
}

/// Number of values with their sum and sum of squares: Attainment 8 points, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mean {
    /// Pupils with a value.
    pub n: i64,
    /// Σx in micro-units.
    pub sum: i128,
    /// Σx² in micro-units squared (10⁻¹²).
    pub squares: i128,
}

impl Mean {
    /// Returns the tally of these values, each rounded to micro-units, half to even.
    ///
    /// # Errors
    /// `stats.overflow` for values that are not finite or leave the fixed-point range.
    ///
    /// # Example: two scores
    /// ```
    /// use disprop_stats::{Mean, Tally};
    /// assert_eq!(Mean::of(&[46.5, 39.6])?.value(), Ok(43.05));
    /// # Ok::<(), disprop_stats::Error>(())
    /// ```
    pub fn of(values: &[f64]) -> Result<Self, Error> {
        let mut tally = Mean::default();
        for &value in values {
            let x = micro(value).ok_or(Error::Overflow {
                quantity: "x",
                bits: 64,
            })? as i128;
            tally = tally.merge(&Mean {
                n: 1,
                sum: x,
                squares: x * x,
            })?;
        }
        Ok(tally)
    }

    /// Returns the sample variance, Σ(x − x̄)² / (n − 1).
    ///
    /// # Errors
    /// `no_group` for nobody, `too_few_for_variance` for one.
    pub fn variance(&self) -> Calculated<f64> {
        match self.n {
            0 => return Err(NotCalculable::NoGroup),
            1 => return Err(NotCalculable::TooFewForVariance),
            n if n < 0 => return Err(NotCalculable::GroupExceedsTotal),
            _ => {}
        }
        let n = self.n as f64;
        // n Σx² − (Σx)² in integers: no cancellation, however far the values lie from zero.
        let centred = Wide::product(i128::from(self.n), self.squares)
            .zip(Wide::product(self.sum, self.sum))
            .and_then(|(squares, square)| squares.minus(square))
            .ok_or(NotCalculable::Overflow)?;
        Ok(centred.float() / MICRO2 / n / (n - 1.0))
    }

    /// The value's numerator and denominator, with the errors of [`Tally::value`].
    pub(crate) fn parts(&self) -> Calculated<(i128, i128)> {
        match self.n {
            0 => Err(NotCalculable::NoGroup),
            n if n < 0 => Err(NotCalculable::GroupExceedsTotal),
            // Below 2⁸³, so the product cannot overflow.
            n => Ok((self.sum, i128::from(n) * i128::from(MICRO))),
        }
    }
}

impl Tally for Mean {
    const FAMILY: &'static str = "mean";

    fn merge(&self, other: &Self) -> Result<Self, Error> {
        Ok(Mean {
            n: add64(self.n, other.n, "n")?,
            sum: add128(self.sum, other.sum, "x")?,
            squares: add128(self.squares, other.squares, "x squared")?,
        })
    }

    fn subtract(&self, part: &Self) -> Result<Self, Error> {
        Ok(Mean {
            n: sub64(self.n, part.n, "n")?,
            sum: sub128(self.sum, part.sum, "x")?,
            squares: sub128(self.squares, part.squares, "x squared")?,
        })
    }

    fn n(&self) -> i64 {
        self.n
    }

    fn value(&self) -> Calculated<f64> {
        self.parts().map(|(x, n)| quotient(x, n))
    }
}

/// Two sums over pupils and their second moments: sessions absent over sessions possible, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ratio {
    /// Pupils with both values.
    pub n: i64,
    /// Σx, the numerators, in micro-units.
    pub x: i128,
    /// Σd, the denominators, in micro-units.
    pub d: i128,
    /// Σx² in micro-units squared.
    pub xx: i128,
    /// Σxd in micro-units squared.
    pub xd: i128,
    /// Σd² in micro-units squared.
    pub dd: i128,
}

thread_local! {
    /// The last two ratios whose residuals were worked out: of one gap the same two are asked for
    /// them by the values, the difference and the ratio.
    static RECENT: Cell<[Option<(Ratio, f64)>; 2]> = const { Cell::new([None; 2]) };
}

impl Ratio {
    /// Returns the tally of these (numerator, denominator) pairs, one a pupil.
    ///
    /// # Errors
    /// `stats.overflow` for values that are not finite or leave the fixed-point range.
    ///
    /// # Example: a ratio of sums is not the mean of ratios
    /// ```
    /// use disprop_stats::{Ratio, Tally};
    /// // 10 of 400 possible sessions missed; the mean of 0 % and 50 % would say 25 %.
    /// assert_eq!(Ratio::of(&[(0.0, 380.0), (10.0, 20.0)])?.value(), Ok(0.025));
    /// # Ok::<(), disprop_stats::Error>(())
    /// ```
    pub fn of(pairs: &[(f64, f64)]) -> Result<Self, Error> {
        let mut tally = Ratio::default();
        for &(x, d) in pairs {
            let x = micro(x).ok_or(Error::Overflow {
                quantity: "x",
                bits: 64,
            })? as i128;
            let d = micro(d).ok_or(Error::Overflow {
                quantity: "d",
                bits: 64,
            })? as i128;
            tally = tally.merge(&Ratio {
                n: 1,
                x,
                d,
                xx: x * x,
                xd: x * d,
                dd: d * d,
            })?;
        }
        Ok(tally)
    }

    /// Returns the linearised variance of Σx / Σd over independent pupils.
    ///
    /// # Formula
    /// n / (n − 1) · \[Σx² − 2 R Σxd + R² Σd²\] / (Σd)², with R = Σx / Σd. The bracket is computed
    /// as one integer over (Σd)², so attendance has to the last bit the variance of absence.
    ///
    /// # Errors
    /// `no_group` for nobody, `too_few_for_variance` for one, `no_baseline` never.
    ///
    /// # Source
    /// Cochran, *Sampling Techniques* (1977), eq. 6.13; DOMAIN 0.2.
    pub fn variance(&self) -> Calculated<f64> {
        match self.n {
            0 => return Err(NotCalculable::NoGroup),
            1 => return Err(NotCalculable::TooFewForVariance),
            n if n < 0 => return Err(NotCalculable::GroupExceedsTotal),
            _ => {}
        }
        if self.d <= 0 {
            return Err(NotCalculable::NoGroup);
        }
        let n = self.n as f64;
        let d = float(self.d) / MICRO as f64;
        Ok(n / (n - 1.0) * self.residual_squares() / (d * d))
    }

    /// The value's numerator and denominator, with the errors of [`Tally::value`].
    pub(crate) fn parts(&self) -> Calculated<(i128, i128)> {
        match self.d {
            0 => Err(NotCalculable::NoGroup),
            d if d < 0 || self.n < 0 => Err(NotCalculable::GroupExceedsTotal),
            d => Ok((self.x, d)),
        }
    }

    /// The sums in units of `unit` micro-units, where all are whole.
    fn in_units(&self, unit: i64) -> Option<[i128; 5]> {
        // Beyond this a quotient guessed in floating point may be one off.
        const GUESSED: f64 = (1_u64 << 50) as f64;
        let whole = |sum: i128, unit: i128| {
            // Guessed and then proved, since dividing 128 bits is slow.
            let guess = float(sum) / float(unit);
            let quotient = if guess.abs() < GUESSED {
                i128::from((guess + 0.5_f64.copysign(guess)) as i64)
            } else {
                sum / unit
            };
            (quotient * unit == sum).then_some(quotient)
        };
        let one = i128::from(unit);
        Some([
            whole(self.x, one)?,
            whole(self.d, one)?,
            whole(self.xx, one * one)?,
            whole(self.xd, one * one)?,
            whole(self.dd, one * one)?,
        ])
    }

    /// Σ(x − R d)² in units squared.
    fn residual_squares(&self) -> f64 {
        RECENT.with(|recent| {
            let [last, before] = recent.get();
            let known = [last, before].into_iter().flatten();
            if let Some((_, sum)) = known.into_iter().find(|(ratio, _)| ratio == self) {
                return sum;
            }
            let sum = self.residual_squares_anew();
            recent.set([Some((*self, sum)), last]);
            sum
        })
    }

    fn residual_squares_anew(&self) -> f64 {
        // D²Σx² − 2XDΣxd + X²Σd², all divided by D². Common factors of ten are taken out first:
        // whole sessions carry a factor of 10⁶ (10¹² in products) that would eat the 256 bits.
        let (unit, [x, d, xx, xd, dd]) = [1_000_000, 100_000, 10_000, 1_000, 100, 10]
            .into_iter()
            .find_map(|unit| Some((unit, self.in_units(unit)?)))
            .unwrap_or((1, [self.x, self.d, self.xx, self.xd, self.dd]));
        let exact = || {
            let d2 = Wide::product(d, d)?;
            let a = d2.times(xx)?;
            let b = Wide::product(x, d)?.times(xd)?.times(2)?;
            let c = Wide::product(x, x)?.times(dd)?;
            Some(a.minus(b)?.plus(c)?.float() / d2.float())
        };
        let scale = (unit * unit) as f64 / MICRO2;
        if let Some(sum) = exact() {
            return sum * scale;
        }
        // Beyond 256 bits (more than about 10¹⁰ pupils' sessions): floating point, still deterministic.
        let r = x as f64 / d as f64;
        ((xx as f64 - 2.0 * r * xd as f64) + r * r * dd as f64).max(0.0) * scale
    }
}

impl Tally for Ratio {
    const FAMILY: &'static str = "ratio";

    fn merge(&self, other: &Self) -> Result<Self, Error> {
        Ok(Ratio {
            n: add64(self.n, other.n, "n")?,
            x: add128(self.x, other.x, "x")?,
            d: add128(self.d, other.d, "d")?,
            xx: add128(self.xx, other.xx, "x squared")?,
            xd: add128(self.xd, other.xd, "x times d")?,
            dd: add128(self.dd, other.dd, "d squared")?,
        })
    }

    fn subtract(&self, part: &Self) -> Result<Self, Error> {
        Ok(Ratio {
            n: sub64(self.n, part.n, "n")?,
            x: sub128(self.x, part.x, "x")?,
            d: sub128(self.d, part.d, "d")?,
            xx: sub128(self.xx, part.xx, "x squared")?,
            xd: sub128(self.xd, part.xd, "x times d")?,
            dd: sub128(self.dd, part.dd, "d squared")?,
        })
    }

    fn n(&self) -> i64 {
        self.n
    }

    fn value(&self) -> Calculated<f64> {
        self.parts().map(|(x, d)| quotient(x, d))
    }
}

/// Published sums without squares: suspensions over headcount, points over pupils.
///
/// Suspensions have a Poisson interval; points do not, and say `no_second_moment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rate {
    /// Pupils behind the sums; 0 where the publication does not say.
    pub n: i64,
    /// Events or points, in micro-units.
    pub events: i128,
    /// What they are divided by, in micro-units.
    pub exposure: i128,
}

impl Rate {
    /// Returns the tally of `events` over an `exposure` of whole pupils, as in published counts.
    pub fn new(events: i64, exposure: i64) -> Self {
        Rate {
            n: exposure,
            events: i128::from(events) * i128::from(MICRO),
            exposure: i128::from(exposure) * i128::from(MICRO),
        }
    }

    /// Returns events and exposure in units, where they can be a rate.
    ///
    /// # Errors
    /// `no_group` for no exposure (events may stand beside it), `group_exceeds_total` for a
    /// negative number.
    pub fn checked(&self) -> Calculated<(f64, f64)> {
        if self.exposure == 0 {
            return Err(NotCalculable::NoGroup);
        }
        if self.exposure < 0 || self.events < 0 {
            return Err(NotCalculable::GroupExceedsTotal);
        }
        let micro = MICRO as f64;
        Ok((self.events as f64 / micro, self.exposure as f64 / micro))
    }

    /// The value's numerator and denominator, with the errors of [`Tally::value`].
    pub(crate) fn parts(&self) -> Calculated<(i128, i128)> {
        match self.exposure {
            0 => Err(NotCalculable::NoGroup),
            e if e < 0 => Err(NotCalculable::GroupExceedsTotal),
            e => Ok((self.events, e)),
        }
    }
}

impl Tally for Rate {
    const FAMILY: &'static str = "rate";

    fn merge(&self, other: &Self) -> Result<Self, Error> {
        Ok(Rate {
            n: add64(self.n, other.n, "n")?,
            events: add128(self.events, other.events, "events")?,
            exposure: add128(self.exposure, other.exposure, "exposure")?,
        })
    }

    fn subtract(&self, part: &Self) -> Result<Self, Error> {
        Ok(Rate {
            n: sub64(self.n, part.n, "n")?,
            events: sub128(self.events, part.events, "events")?,
            exposure: sub128(self.exposure, part.exposure, "exposure")?,
        })
    }

    fn n(&self) -> i64 {
        self.n
    }

    fn value(&self) -> Calculated<f64> {
        self.parts().map(|(x, d)| quotient(x, d))
    }

    fn is_empty(&self) -> bool {
        self.exposure == 0 && self.events == 0
    }
}

/// Returns `value` in micro-units, half to even, where it is finite and within ±9.2 × 10¹² units.
pub fn micro(value: f64) -> Option<i64> {
    let scaled = (value * MICRO as f64).round_ties_even();
    // 2⁶³ is exact in f64; the comparison is false for NaN.
    (scaled.abs() < 9_223_372_036_854_775_808.0).then_some(scaled as i64)
}

/// Returns a / b, reduced first so that equal fractions give equal bits.
pub(crate) fn quotient(a: i128, b: i128) -> f64 {
    // Both exact as they stand: their quotient is rounded once, reduced or not.
    const EXACT: u128 = 1 << f64::MANTISSA_DIGITS;
    if a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT {
        return float(a) / float(b);
    }
    let g = gcd(a.unsigned_abs(), b.unsigned_abs()).max(1);
    // A divisor of |b| ≤ 2¹²⁷; it leaves i128 only for i128::MIN / i128::MIN, which is 1.
    i128::try_from(g).map_or(1.0, |g| (a / g) as f64 / (b / g) as f64)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_far_from_zero_keep_their_variance() {
        let near = Mean::of(&[1.0, 2.0, 3.0]).unwrap();
        let far = Mean::of(&[1_000_000_001.0, 1_000_000_002.0, 1_000_000_003.0]).unwrap();
        assert_eq!(near.variance(), Ok(1.0));
        assert_eq!(far.variance(), Ok(1.0));
    }

    #[test]
    fn attendance_has_the_variance_of_absence_to_the_last_bit() {
        let absent = Ratio::of(&[(3.0, 380.0), (40.0, 371.0), (7.0, 120.0)]).unwrap();
        let attended = Ratio::of(&[(377.0, 380.0), (331.0, 371.0), (113.0, 120.0)]).unwrap();
        assert_eq!(absent.variance(), attended.variance());
    }

    #[test]
    fn an_overflow_is_an_error() {
        let full = Proportion::new(0, i64::MAX);
        assert_eq!(
            full.merge(&Proportion::new(0, 1)).unwrap_err().code(),
            "stats.overflow"
        );
        let full = Mean {
            n: 1,
            sum: 0,
            squares: i128::MAX,
        };
        assert!(
            full.merge(&Mean {
                n: 1,
                sum: 0,
                squares: 1
            })
            .is_err()
        );
    }

    #[test]
    fn finer_than_a_micro_unit_rounds_half_to_even() {
        assert_eq!(micro(0.000_000_5), Some(0));
        assert_eq!(micro(0.000_001_5), Some(2));
        assert_eq!(micro(f64::NAN), None);
        assert_eq!(micro(f64::INFINITY), None);
    }
}
