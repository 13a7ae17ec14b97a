//! Populations of pupils whose true values are known because they can be counted.
//!
//! Pupils are drawn from them with replacement. Shapes are those of published figures; where none
//! says how pupils are spread, the assumption is named.

use disprop_stats::distribution::normal_quantile;
use disprop_stats::tally::MICRO;
use disprop_stats::{Mean, Ratio};

use crate::chance::Draw;

const SEED: u64 = 20_240;
const PUPILS: usize = 100_000;

/// A pupil's pair of whole numbers: absent and possible sessions; tenths of a point or events, and 1.
pub type Pupil = (u32, u32);

/// Pupils with their true ratio of sums.
pub struct Population {
    pupils: Vec<Pupil>,
    /// Steps of a numerator that make one unit.
    steps: i64,
}

/// Whole-number sums of a draw of pupils.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums {
    n: i64,
    x: i64,
    d: i64,
    xx: i64,
    xd: i64,
    dd: i64,
    micro: i64,
}

impl Sums {
    /// Events (or absent sessions) and what they are out of.
    pub fn counts(&self) -> (i64, i64) {
        (self.x, self.d)
    }

    pub fn ratio(&self) -> Ratio {
        let one = i128::from(MICRO);
        let of = |sum: i64, unit: i128| i128::from(sum) * unit;
        Ratio {
            n: self.n,
            x: of(self.x, one),
            d: of(self.d, one),
            xx: of(self.xx, one * one),
            xd: of(self.xd, one * one),
            dd: of(self.dd, one * one),
        }
    }

    pub fn mean(&self) -> Mean {
        let micro = i128::from(self.micro);
        Mean {
            n: self.n,
            sum: i128::from(self.x) * micro,
            squares: i128::from(self.xx) * micro * micro,
        }
    }
}

impl Population {
    /// Absence of a year. A pupil's rate is log-normal with the published share of persistent
    /// absentees (DfE 2022/23: 21.2 %) and, at `times` = 1, a mean near the published 7.4 %; the
    /// published share of severe absentees is higher than this tail, so true intervals are wider
    /// still. One pupil in eight joined or left (assumed) and has part of the 380 sessions.
    pub fn sessions(times: f64) -> Self {
        let pupil = |draw: &mut Draw| {
            let z = normal(draw);
            let rate = (0.1 * times * (0.99 * (z - 0.8)).exp()).min(0.98);
            let possible = if draw.uniform() < 0.125 {
                20 + draw.below(361)
            } else {
                380
            };
            let absent = draw.binomial(possible as i64, rate);
            (absent as u32, possible as u32)
        };
        Self::of(1, 1, pupil)
    }

    /// Suspensions of a year: 4.04 % of pupils with any and 11.3 for every 100 pupils (DfE 2023/24)
    /// at `times` = 1. Four in five suspended pupils have few more and one in five many (assumed).
    pub fn suspensions(times: f64) -> Self {
        let pupil = move |draw: &mut Draw| {
            if draw.uniform() > 0.0404 * times {
                return (0, 1);
            }
            let mean = 1.8 * if draw.uniform() < 0.8 { 0.35 } else { 3.6 };
            let mut events = 1;
            while events < 40 && draw.uniform() < mean / (1.0 + mean) {
                events += 1;
            }
            (events, 1)
        };
        Self::of(2, 1, pupil)
    }

    /// Attainment 8: one pupil in 25 without points, the others normal about `centre` with spread
    /// 18, within 0 to 90 (assumed).
    pub fn points(centre: f64) -> Self {
        let pupil = move |draw: &mut Draw| {
            let points = (centre + 18.0 * normal(draw)).clamp(0.0, 90.0);
            let points = if draw.uniform() < 0.04 { 0.0 } else { points };
            ((points * 10.0).round() as u32, 1)
        };
        Self::of(3, 10, pupil)
    }

    fn of(stream: u64, steps: i64, pupil: impl Fn(&mut Draw) -> Pupil) -> Self {
        let mut draw = Draw::new(SEED, stream);
        Population {
            pupils: (0..PUPILS).map(|_| pupil(&mut draw)).collect(),
            steps,
        }
    }

    /// Returns the true ratio of sums, in units.
    pub fn truth(&self) -> f64 {
        let sum = |of: fn(&Pupil) -> u32| self.pupils.iter().map(|p| f64::from(of(p))).sum::<f64>();
        sum(|p| p.0) / sum(|p| p.1) / self.steps as f64
    }

    /// Returns the sums of `n` pupils drawn with replacement.
    pub fn draw(&self, n: i64, draw: &mut Draw) -> Sums {
        let mut sums = Sums {
            n,
            micro: MICRO / self.steps,
            ..Sums::default()
        };
        for _ in 0..n {
            let (x, d) = self.pupils[draw.below(self.pupils.len())];
            let (x, d) = (i64::from(x), i64::from(d));
            sums.x += x;
            sums.d += d;
            sums.xx += x * x;
            sums.xd += x * d;
            sums.dd += d * d;
        }
        sums
    }
}

fn normal(draw: &mut Draw) -> f64 {
    normal_quantile(draw.uniform()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_have_the_published_figures() {
        let absence = Population::sessions(1.0);
        assert!(
            (absence.truth() - 0.074).abs() < 0.002,
            "{}",
            absence.truth()
        );
        let persistent = absence.pupils.iter().filter(|(x, d)| 10 * x >= *d).count();
        let share = persistent as f64 / PUPILS as f64;
        assert!((share - 0.212).abs() < 0.02, "{share}");
        let suspensions = Population::suspensions(1.0);
        let any = suspensions.pupils.iter().filter(|(x, _)| *x > 0).count();
        assert!((any as f64 / PUPILS as f64 - 0.0404).abs() < 0.002);
        assert!(
            (suspensions.truth() - 0.113).abs() < 0.008,
            "{}",
            suspensions.truth()
        );
        assert!((Population::points(46.0).truth() - 44.2).abs() < 0.5);
    }
}
