//! Permutation of whole schools: pupils of one school keep together.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::{Effort, Permutation, Splits, Tails};
use crate::estimate::{Calculated, NotCalculable};
use crate::fraction::Fraction;
use crate::stratum::{Stratum, total};

/// What is rounding beside a sum of schools' parts, as a share of their sizes.
const ROUNDING: f64 = 1e-10;

/// Returns the randomisation test of a gap over schools: how often would schools whose parts point
/// either way by chance give one as large?
///
/// Works on tallies, for every family, and allows for pupils of one school being alike. With few
/// schools it cannot find much: of m schools the smallest p there is is 2/2ᵐ.
///
/// # Formula
/// The gap is Σ sⱼ over schools, sⱼ = (x₁ⱼ − r̄ d₁ⱼ)/D₁ − (x₀ⱼ − r̄ d₀ⱼ)/D₀, r̄ the value of both sides
/// together, so that sⱼ has mean 0 where there is no gap. Signs of the sⱼ are changed in every way
/// where there are up to [`Effort::all_up_to`], else in ways drawn from the seed, the one observed
/// counting among them.
///
/// # Units and shapes
/// One stratum a school, in a fixed order: for the same seed the order matters.
///
/// # Errors
/// `no_group`, `no_baseline`; `too_few_clusters` where either side sits in fewer than `minimum`
/// schools; `no_variation` where no school departs from the common value; `overflow`.
///
/// # Source
/// Kline and Santos, *J. Econometric Methods* 1 (2012), 23, with Rademacher weights; Canay, Romano and
/// Shaikh, *Econometrica* 85 (2017), 1013, for the changes of sign.
///
/// # Example: six schools that all point one way
/// ```
/// use disprop_stats::{Proportion, permutation::{self, Effort}, stratum::Stratum};
/// let school = Stratum::new(Proportion::new(5, 10), Proportion::new(20, 100));
/// let test = permutation::schools(&[school; 6], 5, Effort::new(1))?;
/// assert!((test.two_sided - 2.0 / 64.0).abs() < 1e-12);
/// assert!(permutation::schools(&[school; 4], 5, Effort::new(1)).is_err());
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn schools<T: Fraction>(
    strata: &[Stratum<T>],
    minimum: usize,
    effort: Effort,
) -> Calculated<Permutation> {
    let everyone = total(strata).map_err(|_| NotCalculable::Overflow)?;
    let difference = crate::standardise::crude_gap(&everyone)?;
    let held = |side: fn(&Stratum<T>) -> &T| strata.iter().filter(|s| !side(s).is_empty()).count();
    if held(|s| &s.group).min(held(|s| &s.baseline)) < minimum.max(2) {
        return Err(NotCalculable::TooFewClusters);
    }
    let (d1, d0) = (
        everyone.group.denominator(),
        everyone.baseline.denominator(),
    );
    let common = (everyone.group.numerator() + everyone.baseline.numerator()) / (d1 + d0);
    let part = |s: &Stratum<T>| {
        let away = |tally: &T, d: f64| (tally.numerator() - common * tally.denominator()) / d;
        away(&s.group, d1) - away(&s.baseline, d0)
    };
    let occupied = strata
        .iter()
        .filter(|s| !s.group.is_empty() || !s.baseline.is_empty());
    let parts: Vec<f64> = occupied.map(part).collect();
    let size: f64 = parts.iter().map(|p| p.abs()).sum();
    if size <= 0.0 {
        return Err(NotCalculable::NoVariation);
    }
    let observed: f64 = parts.iter().sum();
    let slack = ROUNDING * size;
    let mut tails = Tails::default();
    let mut count = |sum: f64| {
        let is = |there: bool| f64::from(u8::from(there));
        tails.all += 1.0;
        tails.less += is(sum <= observed + slack);
        tails.greater += is(sum >= observed - slack);
        tails.far += is(sum.abs() >= observed.abs() - slack);
    };
    let all = u32::try_from(parts.len())
        .ok()
        .and_then(|m| 1_u64.checked_shl(m));
    let splits = match all.filter(|all| *all <= effort.all_up_to) {
        Some(all) => {
            (0..all).for_each(|signs| count(signed(&parts, |school| signs >> school & 1 == 1)));
            Splits::All
        }
        None => {
            count(observed);
            let mut random = ChaCha8Rng::seed_from_u64(effort.seed);
            for _ in 0..effort.draws {
                let mut word = 0;
                let drawn = signed(&parts, |school| {
                    if school % 64 == 0 {
                        word = random.next_u64();
                    }
                    word >> (school % 64) & 1 == 1
                });
                count(drawn);
            }
            Splits::Drawn(effort.draws)
        }
    };
    Ok(tails.over(difference, splits))
}

/// The sum of the parts with the signs of some changed.
fn signed(parts: &[f64], mut changed: impl FnMut(usize) -> bool) -> f64 {
    let parts = parts.iter().enumerate();
    parts
        .map(|(place, part)| if changed(place) { -part } else { *part })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Mean, Proportion};

    fn proportions(count: i64) -> Vec<Stratum<Proportion>> {
        (0..count)
            .map(|i| {
                Stratum::new(
                    Proportion::new(2 + i % 4, 12),
                    Proportion::new(9 + i % 7, 60),
                )
            })
            .collect()
    }

    #[test]
    fn drawn_changes_come_near_all_of_them_and_repeat_by_seed() {
        let all = schools(&proportions(15), 5, Effort::new(1)).unwrap();
        let drawing = Effort {
            all_up_to: 0,
            ..Effort::new(7)
        };
        let drawn = schools(&proportions(15), 5, drawing).unwrap();
        assert_eq!(
            (all.splits, drawn.splits),
            (Splits::All, Splits::Drawn(100_000))
        );
        assert!(
            (all.two_sided - drawn.two_sided).abs() < 0.01,
            "{all:?} {drawn:?}"
        );
        assert_eq!(drawn, schools(&proportions(15), 5, drawing).unwrap());
        let many = schools(&proportions(200), 5, Effort::new(1)).unwrap();
        assert_eq!(many.splits, Splits::Drawn(100_000));
    }

    #[test]
    fn every_family_and_every_reason() {
        let scores = |i: f64| {
            Stratum::new(
                Mean::of(&[40.0 + i, 43.0]).unwrap(),
                Mean::of(&[44.0, 47.0 - i]).unwrap(),
            )
        };
        let means: Vec<_> = (0..6).map(|i| scores(f64::from(i))).collect();
        assert!(schools(&means, 5, Effort::new(1)).unwrap().difference < 0.0);
        let alike = [Stratum::new(Proportion::new(1, 4), Proportion::new(2, 8)); 6];
        assert_eq!(
            schools(&alike, 5, Effort::new(1)),
            Err(NotCalculable::NoVariation)
        );
        let few = schools(&proportions(4), 5, Effort::new(1));
        assert_eq!(few, Err(NotCalculable::TooFewClusters));
        assert_eq!(
            schools::<Proportion>(&[], 5, Effort::new(1)),
            Err(NotCalculable::NoGroup)
        );
    }
}
