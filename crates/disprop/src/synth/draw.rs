//! Seeded draws, and the little normal-distribution arithmetic that turns a published rate into a threshold.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood 2014, *Fast splittable pseudorandom number generators*), started
//! from a hash of the seed and the thing drawn for, so that every pupil and year has a stream of its own and the order
//! of work cannot matter. It is written out here, rather than taken from a crate, because a new version of a crate may
//! change its numbers, and "same seed, same bytes" is a promise. For the same reason nothing here calls the
//! platform's mathematics library: only arithmetic that IEEE 754 fixes to the last bit.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What a stream is for; part of its key, so that no two purposes share numbers.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Authority = 1,
    School,
    Pupil,
    Move,
    Year,
    Staff,
}

/// A stream of random numbers.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64, purpose: Purpose, keys: [u64; 2]) -> Self {
        let mut state = mix(seed.wrapping_add(GOLDEN));
        for key in [purpose as u64, keys[0], keys[1]] {
            state = mix(state.wrapping_add(GOLDEN) ^ mix(key.wrapping_mul(GOLDEN)));
        }
        Draw(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in [0, 1), on a grid of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform in `0..n`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u32
    }

    /// Standard normal, near enough: the number of ones in 128 fair bits, smoothed over the unit between two counts.
    /// Its fourth moment is 0.5 % short of the normal's, which lowers a rate of 1 in 100 by about 1 % of itself.
    pub(crate) fn normal(&mut self) -> f64 {
        /// 1 / √(128/4 + 1/12).
        const SCALE: f64 = 0.176_546_965_900_949_9;
        let ones = self.next().count_ones() + self.next().count_ones();
        (f64::from(ones) - 64.5 + self.uniform()) * SCALE
    }

    /// Rounds up or down at random so that the mean is kept.
    pub(crate) fn round(&mut self, value: f64) -> u32 {
        (value + self.uniform()) as u32
    }

    /// Index of the cumulative share that a uniform draw falls under; the last where shares end below 1.
    pub(crate) fn pick(&mut self, cumulative: &[f64]) -> usize {
        let u = self.uniform();
        cumulative
            .iter()
            .position(|&edge| u < edge)
            .unwrap_or(cumulative.len().saturating_sub(1))
    }
}

/// eˣ by splitting off a power of two and eleven terms of the series; relative error below 10⁻¹³ for |x| ≤ 60.
pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(-60.0, 60.0);
    let k = (x * std::f64::consts::LOG2_E).round();
    let r = x - k * std::f64::consts::LN_2;
    let mut sum = 1.0;
    for n in (1..=12).rev() {
        sum = 1.0 + sum * r / f64::from(n);
    }
    sum * f64::from_bits(((1023 + k as i64) as u64) << 52)
}

/// Density of the standard normal.
pub(crate) fn density(x: f64) -> f64 {
    /// 1 / √(2π).
    const HEIGHT: f64 = 0.398_942_280_401_432_7;
    HEIGHT * exp(-0.5 * x * x)
}

/// Φ(x), the standard normal distribution function.
/// Source: Abramowitz and Stegun 1964, 26.2.17; absolute error below 7.5·10⁻⁸.
pub(crate) fn below_normal(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let tail = density(x)
        * t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The root of a falling function between −12 and 12, by bisection.
pub(crate) fn falling_root(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (-12.0_f64, 12.0_f64);
    for _ in 0..48 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Φ⁻¹(p) for a proportion.
pub(crate) fn probit(p: f64) -> f64 {
    falling_root(|x| p - below_normal(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_and_the_normal_agree_with_tables() {
        for x in [-30.0, -2.3, -0.1, 0.0, 0.5, 7.0] {
            assert!((exp(x) / f64::exp(x) - 1.0).abs() < 1e-13, "{x}");
        }
        assert!((below_normal(1.959_963_985) - 0.975).abs() < 1e-7);
        assert!((probit(0.1) + 1.281_551_6).abs() < 1e-5);
    }

    #[test]
    fn normal_draws_have_the_right_moments_and_tail() {
        let mut draw = Draw::new(1, Purpose::Year, [0, 0]);
        let n = 400_000;
        let (mut sum, mut squares, mut tail) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            let x = draw.normal();
            sum += x;
            squares += x * x;
            tail += f64::from(u8::from(x > 2.326_348));
        }
        let n = f64::from(n);
        assert!((sum / n).abs() < 0.006);
        assert!((squares / n - 1.0).abs() < 0.01);
        assert!((tail / n - 0.01).abs() < 0.0006);
    }

    #[test]
    fn streams_differ_by_seed_purpose_and_key() {
        let first = |seed, purpose, keys| Draw::new(seed, purpose, keys).next();
        let one = first(1, Purpose::Pupil, [5, 6]);
        assert_eq!(one, first(1, Purpose::Pupil, [5, 6]));
        assert_ne!(one, first(2, Purpose::Pupil, [5, 6]));
        assert_ne!(one, first(1, Purpose::Year, [5, 6]));
        assert_ne!(one, first(1, Purpose::Pupil, [6, 5]));
        assert_eq!(Draw::new(1, Purpose::Pupil, [0, 0]).below(0), 0);
    }
}
