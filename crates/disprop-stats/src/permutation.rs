//! Permutation test of a gap: how often would group labels dealt at random give one as large?
//!
//! It assumes nothing about the values, only that pupils are exchangeable when the label means
//! nothing; pupils of one school are not quite. Two two-sided p-values are in use and both are
//! given: splits at least as far from no difference (`two_sided`, the one to report), and twice the
//! smaller tail (`doubled`, as SciPy prints).

mod schools;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::estimate::{Calculated, NotCalculable};
use crate::tally::{MICRO, Proportion, micro};

pub use schools::schools;

/// How many splits of the pupils stand behind a p-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Splits {
    /// Every split there is: the p-values are exact.
    All,
    /// So many drawn at random; the one observed counts among them.
    Drawn(u64),
}

/// A permutation test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Permutation {
    /// Group minus baseline.
    pub difference: f64,
    /// Share of splits whose difference is at least as far from zero.
    pub two_sided: f64,
    /// Share of splits whose difference is at most the observed one.
    pub less: f64,
    /// Share of splits whose difference is at least the observed one.
    pub greater: f64,
    /// Whether those are all splits.
    pub splits: Splits,
}

impl Permutation {
    /// Returns twice the smaller tail, at most 1.
    pub fn doubled(&self) -> f64 {
        (2.0 * self.less.min(self.greater)).min(1.0)
    }
}

/// Returns the exact permutation test of a difference of proportions.
///
/// # Formula
/// Hypergeometric probabilities of the group's events given both margins, summed over those tables
/// whose difference is at least as far from zero (compared in integers); `less` and `greater` are
/// Fisher's one-sided tests. The two-sided p is not Fisher's, which orders tables by probability.
///
/// # Errors
/// `no_group`, `no_baseline`; `events_exceed_trials`, `group_exceeds_total`; `overflow`;
/// `no_convergence` for more than 10¹² pupils, whose splits are too many to walk through.
///
/// # Source
/// Fisher, *The Design of Experiments* (1935), section 21; Pesarin (2001), section 1.9.
///
/// # Example: one of three against two of six
/// ```
/// use disprop_stats::{Proportion, permutation};
/// let test = permutation::proportions(&Proportion::new(2, 3), &Proportion::new(2, 6))?;
/// assert!((test.two_sided - 44.0 / 84.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn proportions(group: &Proportion, baseline: &Proportion) -> Calculated<Permutation> {
    let (a, n1) = group.checked()?;
    let (c, n0) = baseline.checked().map_err(no_baseline)?;
    let all = group.trials;
    // The two sides together with room for the ones added below.
    let together = |a: i64, b: i64| a.checked_add(b).filter(|sum| *sum < i64::MAX - 2);
    let pupils = together(all, baseline.trials).ok_or(NotCalculable::Overflow)?;
    if pupils > MOST {
        return Err(NotCalculable::NoConvergence);
    }
    let events = together(group.events, baseline.events).ok_or(NotCalculable::Overflow)?;
    let first = (events - baseline.trials).max(0);
    let last = events.min(all);
    // Unnormalised weights by the ratio of neighbours, outwards from the mode where they are 1.
    let mode = (i128::from(events + 1) * i128::from(all + 1) / i128::from(pupils + 2)) as i64;
    let mode = mode.clamp(first, last);
    let up = |k: i64| {
        (events - k) as f64 * (all - k) as f64
            / ((k + 1) as f64 * (baseline.trials - events + k + 1) as f64)
    };
    let far =
        |k: i64| (i128::from(k) * i128::from(pupils) - i128::from(events) * i128::from(all)).abs();
    let observed = far(group.events);
    let mut sums = Tails::default();
    let mut add = |k: i64, weight: f64| {
        sums.all += weight;
        sums.less += if k <= group.events { weight } else { 0.0 };
        sums.greater += if k >= group.events { weight } else { 0.0 };
        sums.far += if far(k) >= observed { weight } else { 0.0 };
    };
    let mut weight = 1.0;
    for k in mode..=last {
        add(k, weight);
        weight *= up(k);
        // What follows falls faster than a geometric series of no weight at all.
        if weight == 0.0 {
            break;
        }
    }
    weight = 1.0;
    for k in (first..mode).rev() {
        weight /= up(k);
        if weight == 0.0 {
            break;
        }
        add(k, weight);
    }
    Ok(sums.over(a / n1 - c / n0, Splits::All))
}

/// Pupils beyond which a walk over the likely tables takes more than about 0.1 s.
const MOST: i64 = 1_000_000_000_000;

fn no_baseline(reason: NotCalculable) -> NotCalculable {
    if reason == NotCalculable::NoGroup {
        NotCalculable::NoBaseline
    } else {
        reason
    }
}

/// Weights of the splits in each tail.
#[derive(Default)]
struct Tails {
    all: f64,
    less: f64,
    greater: f64,
    far: f64,
}

impl Tails {
    fn over(self, difference: f64, splits: Splits) -> Permutation {
        let share = |part: f64| (part / self.all).min(1.0);
        Permutation {
            difference,
            two_sided: share(self.far),
            less: share(self.less),
            greater: share(self.greater),
            splits,
        }
    }
}

/// When to stop counting all splits, and how to draw instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effort {
    /// Most splits that are counted one by one.
    pub all_up_to: u64,
    /// Splits to draw where there are more.
    pub draws: u64,
    /// Seed of the draws.
    pub seed: u64,
}

impl Effort {
    /// Returns up to 200,000 splits counted, else 100,000 drawn from this seed.
    pub fn new(seed: u64) -> Self {
        Effort {
            all_up_to: 200_000,
            draws: 100_000,
            seed,
        }
    }
}

/// Returns the permutation test of a difference of means.
///
/// # Formula
/// Over all C(n, n₁) splits, or (1 + hits)/(1 + draws) over random ones. Sums are compared as
/// integers of micro-units, so that ties are ties.
///
/// # Units and shapes
/// One value a pupil, in any order; for the same seed the order of a draw's input matters, so pass
/// values sorted.
///
/// # Errors
/// `no_group`, `no_baseline`; `overflow` for values that are not finite or leave the fixed-point
/// range.
///
/// # Source
/// Pitman, *Suppl. JRSS* 4 (1937), 119; Phipson and Smyth, *SAGMB* 9 (2010), art. 39 for the ones.
///
/// # Example: the larger of six
/// ```
/// use disprop_stats::permutation::{Effort, means};
/// let test = means(&[9.0], &[1.0, 2.0, 3.0, 4.0, 8.0], Effort::new(1))?;
/// assert!((test.two_sided - 1.0 / 6.0).abs() < 1e-12);
/// # Ok::<(), disprop_stats::NotCalculable>(())
/// ```
pub fn means(group: &[f64], baseline: &[f64], effort: Effort) -> Calculated<Permutation> {
    if group.is_empty() {
        return Err(NotCalculable::NoGroup);
    }
    if baseline.is_empty() {
        return Err(NotCalculable::NoBaseline);
    }
    let values: Option<Vec<i64>> = group.iter().chain(baseline).map(|v| micro(*v)).collect();
    let mut values = values.ok_or(NotCalculable::Overflow)?;
    let n1 = group.len();
    let sum: i128 = values.iter().take(n1).map(|v| i128::from(*v)).sum();
    let total: i128 = values.iter().map(|v| i128::from(*v)).sum();
    let n = values.len();
    // Distance of a split from no difference, times n n₁ n₀.
    let far = |sum: i128| (sum * n as i128 - total * n1 as i128).abs();
    let observed = far(sum);
    let mut tails = Tails::default();
    let mut count = |split: i128| {
        tails.all += 1.0;
        tails.less += f64::from(u8::from(split <= sum));
        tails.greater += f64::from(u8::from(split >= sum));
        tails.far += f64::from(u8::from(far(split) >= observed));
    };
    let splits = match combinations(n, n1).filter(|c| *c <= effort.all_up_to) {
        Some(_) => {
            // Choosing the smaller side keeps the choice shallow; the other side is what is left.
            if 2 * n1 <= n {
                every_split(&values, n1, &mut count);
            } else {
                every_split(&values, n - n1, &mut |rest| count(total - rest));
            }
            Splits::All
        }
        None => {
            count(sum);
            let mut random = ChaCha8Rng::seed_from_u64(effort.seed);
            for _ in 0..effort.draws {
                count(drawn_sum(&mut values, n1, &mut random));
            }
            Splits::Drawn(effort.draws)
        }
    };
    let units = MICRO as f64;
    let difference =
        sum as f64 / units / n1 as f64 - (total - sum) as f64 / units / (n - n1) as f64;
    Ok(tails.over(difference, splits))
}

/// n choose k, where it fits.
fn combinations(n: usize, k: usize) -> Option<u64> {
    let k = k.min(n - k) as u64;
    (1..=k).try_fold(1_u64, |product, i| {
        product.checked_mul(n as u64 - k + i).map(|p| p / i)
    })
}

/// Calls `count` with the sum of every choice of `size` values.
fn every_split(values: &[i64], size: usize, count: &mut impl FnMut(i128)) {
    fn choose(values: &[i64], size: usize, sum: i128, count: &mut impl FnMut(i128)) {
        if size == 0 {
            return count(sum);
        }
        for (i, value) in values.iter().enumerate().take(values.len() + 1 - size) {
            let rest = values.get(i + 1..).unwrap_or(&[]);
            choose(rest, size - 1, sum + i128::from(*value), count);
        }
    }
    choose(values, size, 0, count);
}

/// Moves a random choice of `size` values to the front and returns its sum.
fn drawn_sum(values: &mut [i64], size: usize, random: &mut ChaCha8Rng) -> i128 {
    let n = values.len();
    let mut sum = 0;
    for i in 0..size {
        let offset = (u128::from(random.next_u64()) * (n - i) as u128) >> 64;
        values.swap(i, i + offset as usize);
        sum += values.get(i).map_or(0, |v| i128::from(*v));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_splits_come_near_all_splits_and_repeat_by_seed() {
        let (a, b) = ([3.0, 5.0, 9.0, 6.0], [1.0, 2.0, 4.0, 4.0, 5.0]);
        let all = means(&a, &b, Effort::new(1)).unwrap();
        let drawing = Effort {
            all_up_to: 0,
            draws: 20_000,
            seed: 5,
        };
        let drawn = means(&a, &b, drawing).unwrap();
        assert!((all.two_sided - drawn.two_sided).abs() < 0.01);
        assert_eq!(drawn, means(&a, &b, drawing).unwrap());
    }

    #[test]
    fn proportions_agree_with_means_of_noughts_and_ones() {
        let (a, b) = ([1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        let values = means(&a, &b, Effort::new(1)).unwrap();
        let counts = proportions(&Proportion::new(3, 4), &Proportion::new(1, 6)).unwrap();
        for (x, y) in [
            (values.two_sided, counts.two_sided),
            (values.less, counts.less),
            (values.greater, counts.greater),
        ] {
            assert!((x - y).abs() < 1e-12);
        }
    }

    #[test]
    fn a_large_group_beside_a_small_baseline_is_the_mirror_image() {
        let few = [1.0, 7.0];
        let many: Vec<f64> = (0..300).map(f64::from).collect();
        let one = means(&few, &many, Effort::new(1)).unwrap();
        let other = means(&many, &few, Effort::new(1)).unwrap();
        assert_eq!((one.splits, other.splits), (Splits::All, Splits::All));
        assert_eq!((one.two_sided, one.less), (other.two_sided, other.greater));
    }

    #[test]
    fn none_all_and_nobody() {
        let p = Proportion::new;
        assert_eq!(proportions(&p(0, 5), &p(0, 9)).unwrap().two_sided, 1.0);
        assert_eq!(proportions(&p(5, 5), &p(9, 9)).unwrap().two_sided, 1.0);
        assert_eq!(
            proportions(&p(0, 0), &p(1, 9)).unwrap_err(),
            NotCalculable::NoGroup
        );
        assert_eq!(
            proportions(&p(1, 9), &p(0, 0)).unwrap_err(),
            NotCalculable::NoBaseline
        );
        let large = proportions(&p(1, 1), &p(500_000, 1_000_000)).unwrap();
        assert!((large.greater - 0.5).abs() < 1e-5, "{}", large.greater);
    }
}
