//! Many comparisons at once: p-values adjusted over the family that the caller names.
//!
//! Eighteen groups by nine measures are 162 gaps; at 95 % about eight of their intervals miss
//! though nothing is wrong. [`expected_misses`] says so, [`adjust`] allows for it.

use serde::{Deserialize, Serialize};

use crate::estimate::Level;

/// How p-values of one family are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Adjustment {
    /// p × m; family-wise, never better than Holm.
    Bonferroni,
    /// Step-down Bonferroni; family-wise under any dependence. Holm (1979).
    Holm,
    /// Step-up; family-wise where the tests are independent or positively dependent. Hochberg (1988).
    Hochberg,
    /// Closed Simes test; family-wise as Hochberg and never weaker. Hommel (1988).
    Hommel,
    /// False discovery rate under independence or positive dependence. Benjamini and Hochberg (1995).
    BenjaminiHochberg,
    /// False discovery rate under any dependence. Benjamini and Yekutieli (2001).
    BenjaminiYekutieli,
}

impl Adjustment {
    /// Every adjustment, in the order of the documentation.
    pub const ALL: [Adjustment; 6] = [
        Adjustment::Bonferroni,
        Adjustment::Holm,
        Adjustment::Hochberg,
        Adjustment::Hommel,
        Adjustment::BenjaminiHochberg,
        Adjustment::BenjaminiYekutieli,
    ];
}

/// Returns the adjusted p-values in the order of `p`.
///
/// Gaps against all other groups are dependent (each group is in every other group's baseline), so
/// `Holm` and `BenjaminiYekutieli` are the two that need no further assumption.
///
/// # Formula
/// With p₍₁₎ ≤ … ≤ p₍ₘ₎ and m the p-values that exist: Holm maxⱼ≤ᵢ (m − j + 1)p₍ⱼ₎; Hochberg
/// minⱼ≥ᵢ (m − j + 1)p₍ⱼ₎; Benjamini–Hochberg minⱼ≥ᵢ m p₍ⱼ₎ / j; Benjamini–Yekutieli the same times
/// Σ 1/k; all capped at 1.
///
/// # Units and shapes
/// Probabilities 0–1; one result for each input. A test that could not be made is `None`, stays
/// `None` and does not count in m, as in R's `p.adjust`; so does anything outside 0–1.
///
/// # Source
/// Holm, *Scand. J. Statist.* 6 (1979); Hochberg, *Biometrika* 75 (1988), 800; Hommel,
/// *Biometrika* 75 (1988), 383; Benjamini and Hochberg, *JRSS B* 57 (1995), eq. 1; Benjamini and
/// Yekutieli, *Ann. Statist.* 29 (2001), theorem 1.3.
///
/// # Example: three gaps, one of which has no test
/// ```
/// use disprop_stats::multiplicity::{Adjustment, adjust};
/// let p = [Some(0.01), None, Some(0.04)];
/// assert_eq!(adjust(&p, Adjustment::Holm), [Some(0.02), None, Some(0.04)]);
/// ```
pub fn adjust(p: &[Option<f64>], adjustment: Adjustment) -> Vec<Option<f64>> {
    let mut order: Vec<(usize, f64)> = p
        .iter()
        .enumerate()
        .filter_map(|(i, p)| p.filter(|p| (0.0..=1.0).contains(p)).map(|p| (i, p)))
        .collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let sorted: Vec<f64> = order.iter().map(|&(_, p)| p).collect();
    let m = sorted.len() as f64;
    let harmonic: f64 = (1..=sorted.len()).map(|k| 1.0 / k as f64).sum();
    let adjusted = match adjustment {
        Adjustment::Bonferroni => sorted.iter().map(|p| p * m).collect(),
        Adjustment::Holm => step_down(&sorted, |rank, p| (m - rank + 1.0) * p),
        Adjustment::Hochberg => step_up(&sorted, |rank, p| (m - rank + 1.0) * p),
        Adjustment::Hommel => hommel(&sorted),
        Adjustment::BenjaminiHochberg => step_up(&sorted, |rank, p| m / rank * p),
        Adjustment::BenjaminiYekutieli => step_up(&sorted, |rank, p| harmonic * m / rank * p),
    };
    let mut result = vec![None; p.len()];
    for ((index, _), value) in order.into_iter().zip(adjusted) {
        if let Some(slot) = result.get_mut(index) {
            *slot = Some(value.min(1.0));
        }
    }
    result
}

/// Returns how many of so many intervals at `level` are expected to miss what they estimate.
///
/// It counts intervals, not findings: dependence moves the spread of the number, not its mean.
///
/// # Example: eighteen groups by nine measures
/// ```
/// use disprop_stats::{Level, multiplicity::expected_misses};
/// assert!((expected_misses(162, Level::P95) - 8.1).abs() < 1e-12);
/// ```
pub fn expected_misses(intervals: usize, level: Level) -> f64 {
    intervals as f64 * level.alpha()
}

fn step_down(sorted: &[f64], weigh: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut worst = 0.0_f64;
    sorted
        .iter()
        .enumerate()
        .map(|(i, &p)| {
            worst = worst.max(weigh((i + 1) as f64, p));
            worst
        })
        .collect()
}

fn step_up(sorted: &[f64], weigh: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut best = f64::INFINITY;
    let mut result: Vec<f64> = sorted
        .iter()
        .enumerate()
        .rev()
        .map(|(i, &p)| {
            best = best.min(weigh((i + 1) as f64, p));
            best
        })
        .collect();
    result.reverse();
    result
}

/// The closed Simes test: pᵢ is rejected when every set that holds it is. For each set size the
/// hardest set is pᵢ with the largest others, so sizes 1 to m are all that need trying.
fn hommel(sorted: &[f64]) -> Vec<f64> {
    let m = sorted.len();
    let mut adjusted = sorted.to_vec();
    for size in 2..=m {
        let (low, high) = sorted.split_at(m - size + 1);
        let size_f = size as f64;
        // Simes p of the largest size − 1 values at ranks 2 … size.
        let simes = high
            .iter()
            .enumerate()
            .map(|(j, p)| size_f * p / (j + 2) as f64)
            .fold(f64::INFINITY, f64::min);
        let split = low.len();
        let largest = simes_of_largest(sorted, size);
        for (i, (value, &p)) in adjusted.iter_mut().zip(sorted).enumerate() {
            let in_set = if i < split {
                simes.min(size_f * p)
            } else {
                largest
            };
            *value = value.max(in_set);
        }
    }
    adjusted
}

fn simes_of_largest(sorted: &[f64], size: usize) -> f64 {
    sorted
        .iter()
        .rev()
        .take(size)
        .enumerate()
        .map(|(from_top, p)| size as f64 * p / (size - from_top) as f64)
        .fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hand_worked_family() {
        let p = [Some(0.01), Some(0.02), Some(0.03)];
        let close = |method, want: [f64; 3]| {
            for (got, want) in adjust(&p, method).into_iter().zip(want) {
                assert!((got.unwrap() - want).abs() < 1e-15, "{method:?}");
            }
        };
        close(Adjustment::Bonferroni, [0.03, 0.06, 0.09]);
        close(Adjustment::Holm, [0.03, 0.04, 0.04]);
        close(Adjustment::Hochberg, [0.03, 0.03, 0.03]);
        close(Adjustment::BenjaminiHochberg, [0.03, 0.03, 0.03]);
    }

    #[test]
    fn nothing_and_nonsense_stay_none() {
        for method in Adjustment::ALL {
            assert!(adjust(&[], method).is_empty());
            let odd = [Some(f64::NAN), Some(-0.1), None, Some(1.5)];
            assert_eq!(adjust(&odd, method), [None; 4]);
        }
    }
}
