//! Events of the group among all events: binomial where rates are equal.

use crate::contrast::of_baseline;
use crate::distribution::{beta_tails, ln_gamma};
use crate::estimate::{Calculated, NotCalculable};
use crate::tally::Rate;

/// x of n events, each the group's with chance p; q is 1 − p.
pub(super) struct Binomial {
    x: f64,
    n: f64,
    p: f64,
    q: f64,
}

impl Binomial {
    /// # Errors
    /// `no_group`, `no_baseline`; `no_variation` for no events; `no_method` for sums that are no whole
    /// numbers of events.
    pub(super) fn new(group: &Rate, baseline: &Rate) -> Calculated<Self> {
        let ((a, e), (c, f)) = (group.checked()?, of_baseline(baseline.checked())?);
        if a.fract() != 0.0 || c.fract() != 0.0 {
            return Err(NotCalculable::NoMethod);
        }
        if a + c == 0.0 {
            return Err(NotCalculable::NoVariation);
        }
        Ok(Binomial {
            x: a,
            n: a + c,
            p: e / (e + f),
            q: f / (e + f),
        })
    }

    /// P(X ≤ k).
    fn at_most(&self, k: f64) -> f64 {
        match k {
            k if k < 0.0 => 0.0,
            k if k >= self.n => 1.0,
            k => beta_tails(self.q, self.p, self.n - k, k + 1.0).0,
        }
    }

    /// P(X ≥ k).
    fn at_least(&self, k: f64) -> f64 {
        match k {
            k if k <= 0.0 => 1.0,
            k if k > self.n => 0.0,
            k => beta_tails(self.p, self.q, k, self.n - k + 1.0).0,
        }
    }

    /// ln P(X = k), up to a number that does not depend on k.
    fn ln_chance(&self, k: f64) -> f64 {
        let part = |count: f64, chance: f64| match count {
            0.0 => 0.0,
            count => count * chance.ln(),
        };
        part(k, self.p) + part(self.n - k, self.q) - ln_gamma(k + 1.0) - ln_gamma(self.n - k + 1.0)
    }

    /// The chance of a number of events no likelier than the observed one.
    ///
    /// # Errors
    /// `no_convergence` where a tail cannot be computed.
    pub(super) fn no_likelier(&self) -> Calculated<f64> {
        // Numbers as likely as the observed one are counted however their chance was rounded.
        let limit = self.ln_chance(self.x) + 1e-7;
        let mode = ((self.n + 1.0) * self.p).floor().min(self.n);
        let p = if self.x <= mode {
            let first = self.first_below(limit, mode, self.n, 1.0);
            self.at_most(self.x) + first.map_or(0.0, |k| self.at_least(k))
        } else {
            let first = self.first_below(limit, mode, 0.0, -1.0);
            self.at_least(self.x) + first.map_or(0.0, |k| self.at_most(k))
        };
        whole(p)
    }

    /// The number nearest to `mode`, from there to `end`, whose chance is within the limit: chances
    /// fall all the way.
    fn first_below(&self, limit: f64, mode: f64, end: f64, step: f64) -> Option<f64> {
        let (mut near, mut far) = (0.0, (end - mode) * step);
        let at = |away: f64| self.ln_chance(mode + step * away) <= limit;
        if !at(far) {
            return None;
        }
        if at(near) {
            // The observed number is as likely as the likeliest: everything counts.
            return Some(mode + step * f64::from(u8::from(self.x == mode)));
        }
        while far - near > 1.0 {
            let middle = ((near + far) / 2.0).floor();
            if at(middle) {
                far = middle;
            } else {
                near = middle;
            }
        }
        Some(mode + step * far)
    }

    /// Twice the smaller tail with half of the observed number's chance in it.
    ///
    /// # Errors
    /// `no_convergence` where a tail cannot be computed.
    pub(super) fn mid_p(&self) -> Calculated<f64> {
        let below = self.at_most(self.x) + self.at_most(self.x - 1.0);
        let above = self.at_least(self.x) + self.at_least(self.x + 1.0);
        whole(below.min(above))
    }
}

fn whole(p: f64) -> Calculated<f64> {
    match p.is_nan() {
        true => Err(NotCalculable::NoConvergence),
        false => Ok(p.clamp(0.0, 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, added up.
    fn by_hand(x: i64, n: i64, p: f64) -> (f64, f64) {
        let mut chances = vec![(1.0 - p).powi(n as i32)];
        for k in 0..n {
            let last = chances[k as usize];
            chances.push(last * (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p));
        }
        let own = chances[x as usize];
        let exact = chances.iter().filter(|c| **c <= own * (1.0 + 1e-7)).sum();
        let below: f64 = chances[..x as usize].iter().sum();
        let above: f64 = chances[x as usize + 1..].iter().sum();
        (exact, (2.0 * below.min(above) + own).min(1.0))
    }

    #[test]
    fn every_number_of_events_agrees_with_sums() {
        for (e, f) in [(10, 10), (1, 9), (300, 7), (3, 11)] {
            for n in [1, 2, 7, 20, 61] {
                for x in 0..=n {
                    let both = Binomial::new(&Rate::new(x, e), &Rate::new(n - x, f)).unwrap();
                    let (exact, mid) = by_hand(x, n, e as f64 / (e + f) as f64);
                    let name = format!("{x} of {n}, {e} to {f}");
                    assert!(
                        (both.no_likelier().unwrap() - exact).abs() < 1e-12,
                        "{name}"
                    );
                    assert!((both.mid_p().unwrap() - mid).abs() < 1e-12, "{name}");
                }
            }
        }
    }
}
