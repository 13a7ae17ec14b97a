//! Standardisation to the group's mix where strata are too small for a spread of their own.

use disprop_stats::fraction::Fraction;
use disprop_stats::stratum::Stratum;
use disprop_stats::wald::Estimate;
use disprop_stats::{Calculated, NotCalculable};

use super::{Found, Measured};

/// Standardisation where some stratum holds a single pupil: its spread is that of pupils of its side
/// within the other strata, as in an analysis of variance.
pub(super) fn borrowed<T: Fraction>(strata: &[Stratum<T>]) -> Found {
    let kept: Vec<&Stratum<T>> = strata.iter().filter(|s| s.compares()).collect();
    let size: f64 = kept.iter().map(|s| s.group.denominator()).sum();
    if kept.is_empty() || size <= 0.0 {
        return Found::none(NotCalculable::NoCounterpart);
    }
    let spread = |side: fn(&Stratum<T>) -> T| -> Calculated<f64> {
        let (mut squares, mut degrees) = (0.0, 0.0);
        for tally in strata.iter().map(side).filter(|t| t.n() > 1) {
            squares += tally.residual_squares()?;
            degrees += (tally.n() - 1) as f64;
        }
        match degrees > 0.0 {
            true => Ok(squares / degrees),
            false => Err(NotCalculable::TooFewForVariance),
        }
    };
    let at_mix = |side: fn(&Stratum<T>) -> T| -> Calculated<(f64, Calculated<f64>)> {
        let common = spread(side);
        let (mut value, mut variance) = (0.0, Ok(0.0));
        for stratum in &kept {
            let (tally, share) = (side(stratum), stratum.group.denominator() / size);
            value += share * tally.value()?;
            let own = match tally.n() {
                1 => common.map(|squares| squares / tally.denominator().powi(2)),
                _ => tally.value_variance(),
            };
            variance = variance.and_then(|sum: f64| Ok(sum + share * share * own?));
        }
        Ok((value, variance))
    };
    let sides = at_mix(|s| s.group).and_then(|group| Ok((group, at_mix(|s| s.baseline)?)));
    let ((r1, v1), (r0, v0)) = match sides {
        Ok(sides) => sides,
        Err(reason) => return Found::none(reason),
    };
    let both = v1.and_then(|v1| Ok((v1, v0?)));
    let with = |value: f64, estimate: &dyn Fn(f64, f64) -> Estimate| Measured {
        value: Ok(value),
        estimate: both.map(|(v1, v0)| estimate(v1, v0)),
    };
    let ratio = match (r1 > 0.0, r0 > 0.0) {
        (_, false) if r0 == 0.0 => Measured::none(NotCalculable::ZeroBaseline),
        (false, _) if r1 == 0.0 => Measured::none(NotCalculable::ZeroGroup),
        (true, true) => with(r1 / r0, &|v1, v0| {
            Estimate::log(r1 / r0, v1 / (r1 * r1) + v0 / (r0 * r0))
        }),
        _ => Measured::none(NotCalculable::NotARatioScale),
    };
    Found {
        difference: with(r1 - r0, &|v1, v0| Estimate::linear(r1 - r0, v1 + v0)),
        ratio,
        ..Found::none(NotCalculable::NoMethod)
    }
}

#[cfg(test)]
mod tests {
    use disprop_stats::Mean;

    use super::super::pooled;
    use super::*;
    use crate::adjust::Method;

    fn scores(group: &[f64], baseline: &[f64]) -> Stratum<Mean> {
        Stratum::new(Mean::of(group).unwrap(), Mean::of(baseline).unwrap())
    }

    #[test]
    fn a_stratum_of_one_pupil_borrows_the_spread_of_the_others() {
        let strata = [
            scores(&[5.0], &[4.0, 6.0]),
            scores(&[1.0, 2.0, 3.0], &[2.0, 4.0]),
        ];
        let found = pooled(Method::Standardised, &strata).difference;
        // At the group's mix of 1 to 3: 2.75 against 3.5.
        assert_eq!(found.value, Ok(-0.75));
        // The group's spread within strata is 1, the baseline's 2 in either stratum.
        let want = 1.0 / 16.0 + 9.0 / 16.0 / 3.0 + 1.0 / 16.0 + 9.0 / 16.0;
        assert!((found.estimate.unwrap().variance() - want).abs() < 1e-15);
        // Nobody to borrow from: the point stays, the error has its reason.
        let lonely = [scores(&[5.0], &[4.0, 6.0])];
        let found = pooled(Method::Standardised, &lonely).difference;
        assert_eq!(found.value, Ok(0.0));
        assert_eq!(found.estimate, Err(NotCalculable::TooFewForVariance));
    }
}
