//! Chances of counts, and seeded draws.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Counts less likely than this, next to the likeliest one, are left out of sums of chances.
const NEGLIGIBLE: f64 = 1e-10;

/// Counts with their chances, which add up to one.
pub type Chances = Vec<(i64, f64)>;

/// Returns the counts that n trials with chance p can have.
pub fn binomial(n: i64, p: f64) -> Chances {
    let odds = p / (1.0 - p);
    let mode = (((n + 1) as f64) * p).floor().min(n as f64) as i64;
    around(mode, n, |k| ((n - k + 1) as f64) / (k as f64) * odds)
}

/// Returns the counts of events that are expected `mean` times.
pub fn poisson(mean: f64) -> Chances {
    around(mean.floor() as i64, i64::MAX, |k| mean / k as f64)
}

/// Chances from `up(k)` = chance of k ÷ chance of k − 1, outwards from the likeliest count.
fn around(mode: i64, most: i64, up: impl Fn(i64) -> f64) -> Chances {
    let mut below = Vec::new();
    let (mut k, mut weight) = (mode, 1.0);
    while k > 0 {
        weight /= up(k);
        k -= 1;
        if weight < NEGLIGIBLE {
            break;
        }
        below.push((k, weight));
    }
    below.reverse();
    let mut all = below;
    all.push((mode, 1.0));
    let (mut k, mut weight) = (mode, 1.0);
    while k < most {
        k += 1;
        weight *= up(k);
        if weight < NEGLIGIBLE {
            break;
        }
        all.push((k, weight));
    }
    let sum: f64 = all.iter().map(|(_, weight)| weight).sum();
    all.iter_mut().for_each(|(_, weight)| *weight /= sum);
    all
}

/// Returns `chances` as they are where there are few counts, else the middles of `strata` layers of
/// equal chance: a baseline of thousands varies so little that its layers say all there is.
pub fn layers(chances: Chances, strata: usize) -> Chances {
    if chances.len() <= 2 * strata {
        return chances;
    }
    let weight = 1.0 / strata as f64;
    let mut layers: Chances = Vec::with_capacity(strata);
    let (mut sum, mut next) = (0.0, 0.5 * weight);
    for (count, chance) in chances {
        sum += chance;
        let mut share = 0.0;
        while sum >= next && next < 1.0 {
            share += weight;
            next += weight;
        }
        if share > 0.0 {
            layers.push((count, share));
        }
    }
    layers
}

/// A stream of random numbers that belongs to one cell of the grid.
pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        Draw(random)
    }

    /// Returns a number in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Returns a whole number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a number of events in n trials with chance p; n is that of one school or one pupil.
    pub fn binomial(&mut self, n: i64, p: f64) -> i64 {
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        if p <= 0.0 || n == 0 {
            return 0;
        }
        let odds = p / (1.0 - p);
        let mut chance = (1.0 - p).powi(n as i32);
        let mut left = self.uniform();
        let mut k = 0;
        while left > chance && k < n {
            left -= chance;
            k += 1;
            chance *= ((n - k + 1) as f64) / (k as f64) * odds;
        }
        k
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_have_the_moments_of_their_law() {
        let moments = |chances: &Chances| {
            let mean: f64 = chances.iter().map(|&(k, p)| k as f64 * p).sum();
            let variance: f64 = chances
                .iter()
                .map(|&(k, p)| (k as f64 - mean).powi(2) * p)
                .sum();
            (mean, variance)
        };
        for (n, p) in [(5, 0.005), (30, 0.5), (50_000, 0.95)] {
            let (mean, variance) = moments(&binomial(n, p));
            let (m, v) = (n as f64 * p, n as f64 * p * (1.0 - p));
            assert!((mean / m - 1.0).abs() < 1e-6 && (variance / v - 1.0).abs() < 1e-6);
            let (mean, variance) = moments(&layers(binomial(n, p), 25));
            assert!((mean / m - 1.0).abs() < 0.01 && (variance / v - 1.0).abs() < 0.05);
        }
        let (mean, variance) = moments(&poisson(3.7));
        assert!((mean - 3.7).abs() < 1e-6 && (variance - 3.7).abs() < 1e-5);
    }

    #[test]
    fn draws_repeat_by_stream_and_follow_the_binomial() {
        let mut draw = Draw::new(1, 2);
        let all: Vec<i64> = (0..20_000).map(|_| draw.binomial(30, 0.7)).collect();
        let mean = all.iter().sum::<i64>() as f64 / all.len() as f64;
        assert!((mean - 21.0).abs() < 0.08, "{mean}");
        let mut again = Draw::new(1, 2);
        assert_eq!(again.binomial(30, 0.7), all[0]);
    }
}
