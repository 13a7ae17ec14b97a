//! Estimates with their variances and degrees of freedom, and what two of them give together.

use std::cell::Cell;

use crate::distribution::student_t_from;
use crate::estimate::{Calculated, Interval, Level, NotCalculable};
use crate::tally::{Mean, Ratio, Tally};

/// An estimate, the variance of the estimate and the degrees of freedom of that variance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    pub(crate) value: f64,
    pub(crate) variance: f64,
    pub(crate) freedom: f64,
}

impl Moments {
    /// Returns the mean with its squared standard error.
    pub(crate) fn of_mean(tally: &Mean) -> Calculated<Self> {
        let n = tally.n as f64;
        let value = tally.value()?;
        Ok(Moments {
            value,
            variance: tally.variance()? / n,
            freedom: n - 1.0,
        })
    }

    /// Returns the ratio of sums with its linearised variance.
    pub(crate) fn of_ratio(tally: &Ratio) -> Calculated<Self> {
        let value = tally.value()?;
        Ok(Moments {
            value,
            variance: tally.variance()?,
            freedom: tally.n as f64 - 1.0,
        })
    }

    /// Returns these moments for ln of the value.
    fn log(self) -> Self {
        Moments {
            value: self.value.ln(),
            variance: self.variance / self.value / self.value,
            freedom: self.freedom,
        }
    }

    /// Returns value ∓ t √variance.
    pub(crate) fn interval(self, level: Level) -> Calculated<Interval> {
        let reach = self.reach(level)?;
        Interval::holding(self.value, self.value - reach, self.value + reach)
    }

    /// Returns t √variance.
    ///
    /// # Errors
    /// `no_variation` where the variance is zero.
    pub(crate) fn reach(self, level: Level) -> Calculated<f64> {
        if self.variance <= 0.0 {
            return Err(NotCalculable::NoVariation);
        }
        Ok(student_t(level, self.freedom)? * self.variance.sqrt())
    }
}

/// Whole degrees of freedom up to which quantiles are kept: beyond about so many, at 95 %, a series
/// takes no longer than looking.
const KEPT: usize = 512;

thread_local! {
    /// The quantile last worked out on each whole number of degrees of freedom, with its level: of
    /// many groups, measures and places, many are of as many pupils.
    static QUANTILES: [Cell<(f64, f64)>; KEPT] = const { [const { Cell::new((0.0, 0.0)) }; KEPT] };
}

/// Returns the two-sided t quantile of a level.
pub(crate) fn student_t(level: Level, freedom: f64) -> Calculated<f64> {
    let anew =
        || student_t_from(level.z(), level.alpha(), freedom).ok_or(NotCalculable::NoConvergence);
    let place = freedom as usize;
    if place as f64 != freedom {
        return anew();
    }
    QUANTILES.with(|kept| {
        let Some(kept) = kept.get(place) else {
            return anew();
        };
        let (of, t) = kept.get();
        if of == level.value() {
            return Ok(t);
        }
        let t = anew()?;
        kept.set((level.value(), t));
        Ok(t)
    })
}

/// Returns `difference` with both variances, on Satterthwaite's degrees of freedom.
///
/// # Source
/// Satterthwaite (1946), *Biometrics Bulletin* 2, 110–114, eq. 17.
pub(crate) fn difference(group: Moments, baseline: Moments, difference: f64) -> Moments {
    let variance = group.variance + baseline.variance;
    // Shares of the variance rather than its square, which could underflow.
    let share = group.variance / variance;
    let freedom =
        1.0 / (share * share / group.freedom + (1.0 - share) * (1.0 - share) / baseline.freedom);
    Moments {
        value: difference,
        variance,
        freedom,
    }
}

/// Returns the interval of the ratio whose value is `ratio`, symmetric on the log scale.
///
/// # Errors
/// `zero_group`, `zero_baseline`, `not_a_ratio_scale` for a negative value, `no_variation`.
pub(crate) fn log_ratio(
    group: Moments,
    baseline: Moments,
    ratio: f64,
    level: Level,
) -> Calculated<Interval> {
    if group.value < 0.0 || baseline.value < 0.0 {
        return Err(NotCalculable::NotARatioScale);
    }
    if baseline.value == 0.0 {
        return Err(NotCalculable::ZeroBaseline);
    }
    if group.value == 0.0 {
        return Err(NotCalculable::ZeroGroup);
    }
    let factor = difference(group.log(), baseline.log(), ratio.ln())
        .reach(level)?
        .exp();
    if factor.is_infinite() {
        return Err(NotCalculable::Unbounded);
    }
    Interval::holding(ratio, ratio / factor, ratio * factor)
}

/// Returns Fieller's interval of the ratio whose value is `ratio`.
///
/// # Errors
/// `no_variation` where neither side varies, `unbounded` where the baseline could be zero.
pub(crate) fn fieller(
    group: Moments,
    baseline: Moments,
    ratio: f64,
    level: Level,
) -> Calculated<Interval> {
    // In units of the baseline, so that squares stay in range.
    let unit = baseline.value;
    let of_group = Moments {
        variance: group.variance / unit / unit,
        ..group
    };
    let of_rest = Moments {
        variance: baseline.variance / unit / unit,
        ..baseline
    };
    let scaled = Moments {
        variance: ratio * ratio * of_rest.variance,
        ..of_rest
    };
    let both = difference(of_group, scaled, 0.0);
    if both.variance <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let t = student_t(level, both.freedom)?;
    let (w1, w2) = (t * t * of_group.variance, t * t * of_rest.variance);
    let bottom = 1.0 - w2;
    if bottom <= 0.0 {
        return Err(NotCalculable::Unbounded);
    }
    let root = (w1 * bottom + w2 * ratio * ratio).sqrt();
    Interval::holding(ratio, (ratio - root) / bottom, (ratio + root) / bottom)
}
