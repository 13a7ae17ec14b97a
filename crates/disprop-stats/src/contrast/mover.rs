//! Intervals of a contrast recovered from one interval a side (MOVER).
//!
//! The method of variance estimates recovery takes the distance from each value to its own end as
//! what its variance is worth on that side. Any one-group interval can be used; the methods that do
//! so name theirs.

use crate::contrast::of_baseline;
use crate::estimate::{Calculated, Interval, NotCalculable};
use crate::tally::Tally;

/// One side's value and the interval around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    pub(crate) value: f64,
    pub(crate) ends: Interval,
}

impl Side {
    /// Returns the tally's own value with an interval.
    pub(crate) fn of<T: Tally>(tally: &T, ends: Calculated<Interval>) -> Calculated<Self> {
        Ok(Side {
            ends: ends?,
            value: tally.value()?,
        })
    }
}

/// Returns the interval of the difference `d` from a one-group interval of each side.
///
/// # Formula
/// d − √((v₁ − l₁)² + (u₂ − v₂)²) to d + √((u₁ − v₁)² + (v₂ − l₂)²).
///
/// # Source
/// Donner and Zou (2012), *Statistical Methods in Medical Research* 21, 347–359.
pub(crate) fn difference<T: Tally>(
    d: f64,
    group: &T,
    baseline: &T,
    one: impl Fn(&T) -> Calculated<Side>,
) -> Calculated<Interval> {
    let Side {
        value: v1,
        ends: ends1,
    } = one(group)?;
    let Side {
        value: v2,
        ends: ends2,
    } = of_baseline(one(baseline))?;
    let below = (v1 - ends1.lower).hypot(ends2.upper - v2);
    let above = (ends1.upper - v1).hypot(v2 - ends2.lower);
    let middle = v1 - v2;
    Interval::holding(d, middle - below, middle + above)
}

/// Returns the interval of the ratio `r` from a one-group interval of each side.
///
/// # Formula
/// With a = l₁(2v₁ − l₁), b = u₂(2v₂ − u₂) the lower end is a / (v₁v₂ + √((v₁v₂)² − a b)), and
/// with a = u₁(2v₁ − u₁), b = l₂(2v₂ − l₂) the upper one (v₁v₂ + √((v₁v₂)² − a b)) / b. The
/// first is the printed form with its difference of near equals multiplied out.
///
/// # Errors
/// `zero_baseline` where the baseline's value is zero, `unbounded` where its interval reaches zero.
///
/// # Source
/// Donner and Zou (2012), *Statistical Methods in Medical Research* 21, 347–359, eq. 9.
pub(crate) fn ratio<T: Tally>(
    r: f64,
    group: &T,
    baseline: &T,
    one: impl Fn(&T) -> Calculated<Side>,
) -> Calculated<Interval> {
    let Side {
        value: v1,
        ends: ends1,
    } = one(group)?;
    let Side {
        value: v2,
        ends: ends2,
    } = of_baseline(one(baseline))?;
    if v2 <= 0.0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    if ends2.lower <= 0.0 {
        return Err(NotCalculable::Unbounded);
    }
    // In units of the group's upper end and the baseline's value, so that rare events do not run out
    // of exponent when multiplied.
    let unit = ends1.upper;
    let (w1, l1, u1) = (v1 / unit, ends1.lower / unit, 1.0);
    let (l2, u2) = (ends2.lower / v2, ends2.upper / v2);
    // The printed radicand w² − (w² − x²)(1 − y²) with the distances x and y multiplied out.
    let root = |x: f64, y: f64| (w1 * w1 * y * y + x * x * (1.0 - y * y)).max(0.0).sqrt();
    let a = l1 * (2.0 * w1 - l1);
    let lower = if a > 0.0 {
        a / (w1 + root(w1 - l1, u2 - 1.0))
    } else {
        0.0
    };
    let upper = (w1 + root(u1 - w1, 1.0 - l2)) / (l2 * (2.0 - l2));
    Interval::holding(r, lower * unit / v2, upper * unit / v2)
}
